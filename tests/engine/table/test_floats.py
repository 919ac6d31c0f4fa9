"""Expressions as functions of floats: the quick kind raises, the total kind never does."""

import itertools
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.table.floats import FLOATS, on_floats, reduction, reduction_partials, total
from engine.table.ops import REDUCTIONS, TABLE

FIXED = [op for op in TABLE.values() if not op.variadic]
EDGES = (0.0, -0.0, 1.0, -1.0, 0.5, -3.0, 1e4, -1e4, 1e308, 5e-324, math.inf, -math.inf, math.nan)


def test_texts_compile_once():
    """Asking twice gives the same function."""
    assert on_floats("x * 2", ("x",)) is on_floats("x * 2", ("x",))
    assert total("x / y", ("x", "y")) is total("x / y", ("x", "y"))


@pytest.mark.parametrize("op", FIXED, ids=lambda op: op.name)
def test_the_kinds_agree_inside_the_domain_and_one_answers_everywhere(op):
    """Whatever does not raise is the same number; whatever raises is infinite or not a number."""
    quick, everywhere = (kind(op.forward, op.operands) for kind in (on_floats, total))
    for x in EDGES:
        for y in EDGES:
            operands = (x, y, 1.0)[: len(op.operands)]
            found = everywhere(*operands)
            try:
                expected = quick(*operands)
            except (ValueError, OverflowError, ZeroDivisionError):
                assert not math.isfinite(found)
            else:
                assert found.hex() == expected.hex()


@given(st.floats(), st.floats())
@example(-8.0, 1 / 3)
@example(-10.0, 309.0)
def test_powers_are_never_complex(x, y):
    """Python's own power would turn a root of a negative number into a complex one."""
    assert isinstance(total("x ** y", ("x", "y"))(x, y), float)


def test_a_quotient_by_zero_has_the_sign_of_both():
    """Of nothing, and of what is no number, it is none."""
    divide = total("x / y", ("x", "y"))
    assert [divide(2.0, 0.0), divide(2.0, -0.0), divide(-2.0, 0.0)] == [
        math.inf,
        -math.inf,
        -math.inf,
    ]
    assert math.isnan(divide(0.0, 0.0))
    assert math.isnan(divide(math.nan, 0.0))


def test_powers_have_the_limits_of_c():
    """Signs by odd exponents, no root of a negative number, and poles at 0."""
    power = total("x ** y", ("x", "y"))
    assert math.isnan(power(-8.0, 1 / 3))
    assert [power(-10.0, 309.0), power(-10.0, 310.0), power(10.0, 309.0)] == [
        -math.inf,
        math.inf,
        math.inf,
    ]
    assert [power(0.0, -1.0), power(-0.0, -1.0), power(-0.0, -2.0), power(-0.0, -0.5)] == [
        math.inf,
        -math.inf,
        math.inf,
        math.inf,
    ]


def test_poles_have_their_limits():
    """Where `math` raises, the answer is infinite on the right side."""
    poles = {"log": 0.0, "log2": 0.0, "log1p": -1.0, "atanh": -1.0}
    assert {total(f"{f}(x)", ("x",))(x) for f, x in poles.items()} == {-math.inf}
    assert total("atanh(x)", ("x",))(1.0) == math.inf
    assert total("sinh(x)", ("x",))(-1e4) == total("expm1(x)", ("x",))(1e4) * -1.0 == -math.inf
    assert total("cosh(x)", ("x",))(-1e4) == math.inf


def test_rows_call_rows():
    """A text may use any row of the table by its name."""
    assert on_floats("sigmoid(x) * 2", ("x",))(0.0) == 1.0
    assert total("log(relu(x))", ("x",))(-1.0) == -math.inf
    with pytest.raises(ValueError, match=r"math domain error|positive"):
        on_floats("log(relu(x))", ("x",))(-1.0)


def test_reductions_are_their_rows():
    """Terms are added up in order, a lone operand first, then comes the end."""
    parts = (0.1, 0.2, 0.3, 1e16, -1e16)
    assert reduction(REDUCTIONS["sum"])(parts) == ((0.1 + 0.2) + 0.3 + 1e16) - 1e16
    assert reduction(REDUCTIONS["mean"])(parts) == reduction(REDUCTIONS["sum"])(parts) / 5
    assert reduction(REDUCTIONS["dot"])((2.0, 3.0, 5.0, 7.0)) == 31.0
    assert reduction(REDUCTIONS["dot"])((1e16, 3.0, 1.0, 7.0, -1e16)) == 21.0
    assert reduction_partials(REDUCTIONS["dot"])((2.0, 3.0, 5.0, 7.0, 9.0), 40.0) == [
        5.0,
        7.0,
        2.0,
        3.0,
        1.0,
    ]


def test_partials_that_read_their_operand_differ_from_one_to_the_next():
    """Those of logsumexp are shares of the whole, those of a mean are all alike."""
    assert reduction_partials(REDUCTIONS["logsumexp"])((0.0, -math.inf), 0.0) == [1.0, 0.0]
    assert reduction_partials(REDUCTIONS["mean"])((0.0, 8.0), 4.0) == [0.5, 0.5]


def test_logsumexp_has_its_limits():
    """Infinity wins, and nan over infinity, wherever it stands."""
    f = reduction(REDUCTIONS["logsumexp"])
    assert f((1.0, math.inf)) == math.inf
    assert f((-math.inf,)) == -math.inf
    assert f((0.0, -math.inf)) == 0.0
    for numbers in itertools.permutations((math.nan, math.inf, 1.0)):
        assert math.isnan(f(numbers))


def test_elementary_functions_are_those_of_math():
    """What every tier must have; what is made of them is no elementary function."""
    assert FLOATS["abs"](-2) == 2.0
    assert (FLOATS["cbrt"], FLOATS["pow"], FLOATS["hypot"]) == (math.cbrt, math.pow, math.hypot)
    assert {"exp", "log1p", "atan2", "erfc"} < set(FLOATS)
    assert not {"sign", "sigmoid", "add", "where", "sum"} & set(FLOATS)
    assert len(FLOATS) == 25
