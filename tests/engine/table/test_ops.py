"""The derivative table: every row by itself, by differences, at its kinks, and where nan goes."""

import math
import operator
import pickle

import pytest
from row_checks import by_differences, function, own, wrong

import engine
from engine import Value, ieee
from engine.errors import UnknownNameError
from engine.table.floats import on_floats
from engine.table.ops import REDUCTIONS, TABLE, Op, add_row, find

ROWS = [row for row in TABLE.values() if own(row)]
FIXED = [row for row in ROWS if not row.variadic]


def test_every_row_is_exported_or_an_operator():
    """A row's function is the package's; only what Python writes without a name is not."""
    for row in ROWS:
        if row.name in engine.__all__:
            assert getattr(engine, row.name)(*_given(row)).op is row
    unnamed = {row.name for row in ROWS} - set(engine.__all__)
    assert unnamed == {"add", "sub", "mul", "div", "neg"}


def _given(row):
    """Give Values for a row's function; lists of them for a reduction."""
    xs = [Value(x) for x in row.samples[0]]
    if row.variadic is None:
        return xs
    half = len(xs) // 2
    return [xs] if row.variadic == "each" else [xs[:half], xs[half : 2 * half], *xs[2 * half :]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_partials_agree_with_central_differences(row):
    """The texts of the partials are the slopes of the forward rule at the row's samples."""
    by_differences(row)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_differences_notice_a_wrong_row(row):
    """A partial that is wrong by one in a thousand does not pass, whichever one it is."""
    for slot, text in enumerate(row.partials):
        if text == "0.0":  # nothing to be wrong about
            continue
        with pytest.raises(AssertionError, match=row.name):
            by_differences(wrong(row, slot))


@pytest.mark.parametrize("row", FIXED, ids=lambda row: row.name)
def test_written_function_records_what_the_row_says(row):
    """The generated function has the row's value and partials, whichever operands are numbers."""
    # A binary operator is called as Python does, which picks the method for the operands.
    python = {"div": operator.truediv}.get(row.name) or getattr(operator, row.name, None)
    f = python if row.infix else getattr(engine.core.arithmetic, row.name)
    for sample in (*row.samples, *row.kinks):
        z = on_floats(row.forward, row.operands)(*sample)
        expected = [on_floats(p, (*row.operands, "z"))(*sample, z) for p in row.partials]
        for mask in range(2 ** len(sample)):
            are_nodes = [bool(mask >> k & 1) for k in range(len(sample))]
            given = [Value(x) if n else x for x, n in zip(sample, are_nodes, strict=True)]
            y = f(*given)
            if not mask:
                assert type(y) is float
                assert y == z
                continue
            assert (y.data, y.op) == (z, row)
            assert y.operands == tuple(given)
            assert y.partials == tuple(d for d, n in zip(expected, are_nodes, strict=True) if n)


@pytest.mark.parametrize("row", [row for row in ROWS if row.kinks], ids=lambda row: row.name)
def test_partials_at_kinks_are_the_decided_ones(row):
    """A kink has the subgradient that its row names."""
    for point, decided in row.kinks.items():
        assert function(row)(*map(Value, point)).partials == decided


def test_the_kinks_of_the_contract():
    """relu'(0) = 0, abs'(0) = 0, and maximum shares a tie half and half."""
    assert Value(0.0).relu().partials == (0.0,)
    assert abs(Value(0.0)).partials == (0.0,)
    assert Value(3.0).maximum(Value(3.0)).partials == (0.5, 0.5)


NAN = math.nan


@pytest.mark.parametrize("row", FIXED, ids=lambda row: row.name)
def test_nan_is_never_swallowed(row):
    """A nan operand gives nan, and so does its partial, without a DomainError."""
    for slot in range(len(row.operands)):
        sample = list(row.samples[0])
        sample[slot] = NAN
        if row.name == "where":  # a choice passes on what it chooses, and nan is not 0
            continue
        if row.name in {"leaky_relu", "elu"} and slot == 1:
            sample[0] = -1.0  # elsewhere the slope does not enter
        y = function(row)(*map(Value, sample))
        assert math.isnan(y.data), (row.name, sample)
        if slot == 0 and row.name not in {"add", "sub", "neg", "mul", "div", "sign"}:
            assert math.isnan(y.partials[0]), (row.name, sample)


def test_where_passes_on_the_nan_that_it_chooses():
    """The branch that is not chosen does not enter, as in NumPy."""
    assert math.isnan(engine.where(1.0, Value(NAN), 2.0).data)
    assert engine.where(0.0, Value(NAN), Value(2.0)).data == 2.0


@pytest.mark.parametrize(
    ("name", "x"),
    [
        ("asinh", 1e200),
        ("acosh", 1e200),
        ("asin", 1 - 2**-40),
        ("acos", 1 - 2**-40),
        ("atanh", 1 - 2**-40),
        ("acosh", 1 + 2**-40),
        ("atan", 1e155),
    ],
)
def test_derivatives_stay_accurate_at_the_edge(name, x):
    """Squaring would overflow, or cancel, where the derivative itself is an ordinary number."""
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(60):
        expected = float(mpmath.diff(getattr(mpmath, name), mpmath.mpf(x), h=abs(x) * 1e-25))
    assert math.isclose(getattr(Value(x), name)().partials[0], expected, rel_tol=1e-12)


def test_atan2_is_accurate_for_huge_and_tiny_points():
    """Its partials do not square the coordinates."""
    assert Value(1e200).atan2(Value(1e200)).partials == pytest.approx((5e-201, -5e-201), rel=1e-12)
    assert Value(1e-200).atan2(Value(1e-200)).partials == pytest.approx((5e199, -5e199), rel=1e-12)


@pytest.mark.parametrize("x", [1000.0, -1000.0])
def test_stable_functions_are_stable(x):
    """sigmoid, softplus, softmax and logsumexp neither overflow nor lose the answer."""
    assert Value(x).sigmoid().data == (1.0 if x > 0 else 0.0)
    assert Value(x).softplus().data == (x if x > 0 else 0.0)
    assert engine.logsumexp([Value(x), Value(x)]).data == x + math.log(2.0)
    shares = [share.data for share in engine.softmax([Value(x), Value(x)])]
    assert shares == pytest.approx([0.5, 0.5], rel=1e-12)
    logs = [share.data for share in engine.log_softmax([Value(x), Value(0.0)])]
    assert logs == ([0.0, -1000.0] if x > 0 else [-1000.0, 0.0])


def test_clamp_with_bounds_in_the_wrong_order_takes_the_high_one():
    """As NumPy does; and a nan bound is not swallowed."""
    assert engine.clamp(0.5, 2.0, -1.0) == -1.0
    assert Value(0.5).clamp(2.0, Value(-1.0)).partials == (0.0, 1.0)
    with ieee():
        assert math.isnan(Value(5.0).clamp(NAN, 2.0).data)


def test_a_row_is_pickled_by_name():
    """A row that comes back is the table's own."""
    assert pickle.loads(pickle.dumps(TABLE["mul"])) is TABLE["mul"]
    assert repr(TABLE["mul"]) == "<Op mul>"


def test_rows_know_their_arity_and_formulas():
    """A variadic row has no arity; a shown formula stands in for one with special cases."""
    assert (TABLE["mul"].arity, TABLE["sum"].arity) == (2, None)
    assert TABLE["pow"].formulas() == ("y * x ** (y - 1)", "x ** y * log(x)")
    assert TABLE["mul"].formulas() == ("y", "x")
    assert all(len(row.formulas()) == len(row.partials) for row in ROWS)


def test_the_operands_of_a_reduction_have_partners():
    """In pairs the first half and the second; a last one alone is paired with 1."""
    assert REDUCTIONS["dot"].partners((2.0, 3.0, 5.0, 7.0)) == [5.0, 7.0, 2.0, 3.0]
    assert REDUCTIONS["dot"].partners("abcde", "one") == ["c", "d", "a", "b", "one"]
    assert REDUCTIONS["sum"].partners((2.0, 3.0)) == [1.0, 1.0]
    assert [name for name, row in REDUCTIONS.items() if row.is_shifted] == ["logsumexp"]


def test_an_unknown_row_is_an_error_that_says_what_to_do():
    """As when a graph is loaded that uses an operation of its author's."""
    with pytest.raises(UnknownNameError, match=r"no operation 'frobnicate'.*define it before"):
        find("frobnicate")


def test_own_rows_cannot_be_replaced():
    """A user's row cannot take the name of a built-in one."""
    with pytest.raises(UnknownNameError, match="'mul' is everypath's own"):
        add_row(Op("mul", "×", "x + y", ("1.0", "1.0"), "", "", ((1.0, 2.0),), ("x", "y")))
    with pytest.raises(TypeError):
        TABLE["mine"] = TABLE["mul"]
