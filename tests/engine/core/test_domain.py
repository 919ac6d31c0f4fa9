"""What counts as a number, and what happens outside an operation's domain."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import engine
from engine import DomainError, Value, ValueTypeError, ieee, no_grad
from engine.arguments import real
from engine.core.domain import general, plain
from engine.table.floats import on_floats
from engine.table.ops import TABLE

INF, NAN = math.inf, math.nan


@pytest.mark.parametrize(
    "x",
    [
        1,
        1.0,
        True,
        Fraction(1),
        np.float64(1),
        np.float32(1),
        np.float16(1),
        np.int8(1),
        np.uint64(1),
        np.bool_(True),
    ],
)
def test_real_numbers_of_every_kind_are_taken(x):
    """They become floats, as data and as operands on either side."""
    assert type(Value(x).data) is float
    for y in (Value(2.0) * x, x * Value(2.0)):
        assert type(y) is Value
        assert (y.data, y.partials) == (2.0, (1.0,))
    assert engine.sum([Value(2.0), x]).data == 3.0


@pytest.mark.parametrize(
    ("x", "hint"),
    [
        ("2", "convert it with float"),
        (None, "give an int"),
        (2j, "complex numbers are not"),
        (np.complex128(2j), "complex numbers are not taken"),
        ([1.0], "one Value for each"),
        ((1.0,), "one Value for each"),
        (np.array([1.0, 2.0]), "one Value for each"),
        (np.array(1.0), "one Value for each"),
        (Decimal(1), "give an int"),
        (Value(1.0), "write .data"),
        (object(), "give an int"),
        ("x" * 500, r"\.\.\. \(str\)"),
    ],
)
def test_anything_else_is_refused_with_a_way_out(x, hint):
    """The message names what was given and its type."""
    with pytest.raises(ValueTypeError, match=hint) as caught:
        Value(x)
    assert f"({type(x).__name__})" in str(caught.value)
    assert str(caught.value).startswith("the data of a Value must be a real number, not ")
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize("x", ["2", None, 2j, [1.0], Decimal(1)])
def test_a_bad_operand_is_named_with_its_operation(x):
    """On either side, in a function of three, and in a list."""
    w = Value(2.0, "w_1")
    for attempt in (lambda: w * x, lambda: x * w, lambda: w.maximum(x), lambda: w < x):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(ValueTypeError, match=r"operand of 'div' \(beside w_1 = 2.0\)"):
        w / x
    with pytest.raises(ValueTypeError, match="operand low of 'clamp'"):
        w.clamp(x, 3.0)
    with pytest.raises(ValueTypeError, match="operand 1 of 'sum'"):
        engine.sum([w, x])
    with pytest.raises(ValueTypeError, match="operand x of 'exp'"):
        engine.exp(x)


def test_arrays_apply_an_operator_to_each_element():
    """As NumPy does with any object; the result is an array of Values."""
    v = Value(3.0)
    for y in (np.array([1.0, 2.0]) * v, v * np.array([1.0, 2.0])):
        assert [e.data for e in y] == [3.0, 6.0]
        assert all(type(e) is Value for e in y)
    assert [e.data for e in v ** np.array([2.0, 0.0])] == [9.0, 1.0]
    assert [e.data for e in np.array([6.0, 3.0]) - v] == [3.0, 0.0]
    with pytest.raises(ValueTypeError, match="one Value for each"):
        v.maximum(np.array([1.0]))


def test_an_array_of_no_dimensions_is_taken_on_either_side():
    """NumPy gives its one element as it is, no array."""
    v, two = Value(3.0), np.array(2.0)
    for y in (v + two, two + v, v**two, two**v, v - two, two - v):
        assert type(y) is Value
    assert ((v**two).data, (two**v).data) == (9.0, 8.0)


class _OfAnother:
    """An array as other libraries have them."""

    shape = (1,)

    def __array__(self):
        return np.array([1.0])


def test_what_numpy_does_not_take_apart_gets_our_message():
    """Its scalars that are no real numbers, and the arrays of others, which hold no Values."""
    v = Value(3.0)
    with pytest.raises(ValueTypeError, match=r"\(beside 3.0\).*convert it with float"):
        v + np.str_("2")
    with pytest.raises(ValueTypeError, match="complex numbers are not taken"):
        v + np.complex128(2j)
    with pytest.raises(ValueTypeError, match="one Value for each"):
        v + _OfAnother()


def test_a_huge_number_is_said_to_be_too_large():
    """An int may have more digits than a float has range."""
    with pytest.raises(DomainError, match="too large for a float: it has 401 digits"):
        Value(10**400)
    with pytest.raises(DomainError, match="too large"):
        real(Fraction(10**400, 3), "data")


# what it is, and what its message says
OUTSIDE = [
    (lambda x: x.log(), 0.0, r"log\(x\) at x: w = 0.0 is outside the domain: it needs x > 0"),
    (lambda x: x.log(), -1.0, "needs x > 0"),
    (lambda x: x.log2(), 0.0, "needs x > 0"),
    (lambda x: x.log1p(), -1.0, "needs x > -1"),
    (lambda x: 1 / x, 0.0, r"div\(x, y\) at x: 1.0, y: w = 0.0 .*a divisor that is not 0"),
    (lambda x: x / 0, 1.0, "a divisor that is not 0"),
    (lambda x: x / x, 0.0, "a divisor that is not 0"),
    (lambda x: x.sqrt(), -1.0, "is outside the domain: it needs x > 0"),
    (lambda x: x.sqrt(), 0.0, "no finite derivative with respect to x; it needs x > 0"),
    (lambda x: x.cbrt(), 0.0, "no finite derivative"),
    (lambda x: x ** (1 / 3), -8.0, r"pow\(x, y\) at x: w = -8.0, y: 0.333"),
    (lambda x: x**-1, 0.0, "is outside the domain"),
    (lambda x: x**0.5, 0.0, "no finite derivative with respect to x"),
    (lambda x: x ** Value(3.0), -2.0, "no finite derivative with respect to y"),
    (lambda x: (-2.0) ** x, 0.5, "is outside the domain"),
    (lambda x: x.exp(), 1000.0, r"exp\(x\) at x: w = 1000.0 overflows: .* 1.8e308"),
    (lambda x: x.expm1(), 1000.0, "overflows"),
    (lambda x: x.sinh(), -1000.0, "overflows"),
    (lambda x: x.cosh(), 1000.0, "overflows"),
    (lambda x: x * 1e200, 1e200, r"mul\(x, y\) at x: w = 1e\+200, y: 1e\+200 overflows"),
    (lambda x: x + x, 1.7e308, "add.*overflows"),
    (lambda x: x - -1.7e308, 1.7e308, "sub.*overflows"),
    (lambda x: 1.7e308 + x, 1.7e308, "add.*overflows"),
    (lambda x: 2.0**x, 5000.0, "overflows"),
    (lambda x: x**-1.5, 1e-200, "no finite derivative with respect to x: that overflows"),
    (lambda x: x**-1.0, 1e-300, "no finite derivative with respect to x: that overflows"),
    (lambda x: x**1023.9, 2.0, "no finite derivative with respect to x: that overflows"),
    (lambda x: Value(1.0) / x, 1e-200, "no finite derivative with respect to y: that overflows"),
    (lambda x: x.asin(), 1.0, "no finite derivative"),
    (lambda x: x.acos(), 2.0, "needs -1 < x < 1"),
    (lambda x: x.atanh(), -1.0, "needs -1 < x < 1"),
    (lambda x: x.acosh(), 0.5, "needs x > 1"),
    (lambda x: x.acosh(), 1.0, "no finite derivative"),
    (lambda x: x.atan2(0.0), 0.0, "no finite derivative with respect to x; it needs not both 0"),
    (lambda x: x.hypot(1.7e308), 1.7e308, "overflows"),
    (lambda x: engine.sum([x, x]), 1.7e308, "sum of 2 operands overflowed.*w = 1.7e"),
    (lambda x: engine.dot([x], [x]), 1e200, "dot of 2 operands overflowed"),
    (lambda x: engine.mean([x, 1.7e308]), 1.7e308, "mean of 2 operands overflowed"),
]


@pytest.mark.parametrize(("f", "x", "message"), OUTSIDE)
def test_outside_its_domain_an_operation_raises_at_once(f, x, message):
    """Never later in the sweep, never a complex number; the message names a way out."""
    with pytest.raises(DomainError, match=message) as caught:
        f(Value(x, "w"))
    assert "ieee" in str(caught.value)
    with ieee():
        y = f(Value(x, "w"))
    assert not all(map(math.isfinite, (y.data, *y.partials)))
    assert all(type(number) is float for number in (y.data, *y.partials))


@pytest.mark.parametrize(
    ("name", "operands", "expected"),
    [
        ("div", (1.0, 0.0), INF),
        ("div", (1.0, -0.0), -INF),
        ("div", (-1.0, 0.0), -INF),
        ("div", (0.0, 0.0), NAN),
        ("div", (NAN, 0.0), NAN),
        ("log", (0.0,), -INF),
        ("log", (-1.0,), NAN),
        ("log2", (0.0,), -INF),
        ("log1p", (-1.0,), -INF),
        ("atanh", (1.0,), INF),
        ("atanh", (-1.0,), -INF),
        ("atanh", (2.0,), NAN),
        ("sqrt", (-1.0,), NAN),
        ("exp", (1e4,), INF),
        ("expm1", (1e4,), INF),
        ("sinh", (-1e4,), -INF),
        ("cosh", (-1e4,), INF),
        ("acos", (2.0,), NAN),
        ("sin", (INF,), NAN),
        ("pow", (0.0, -1.0), INF),
        ("pow", (-0.0, -1.0), -INF),
        ("pow", (-0.0, -2.0), INF),
        ("pow", (-8.0, 1 / 3), NAN),
        ("pow", (-10.0, 309.0), -INF),
        ("pow", (-10.0, 310.0), INF),
        ("pow", (10.0, 310.0), INF),
        ("pow", (0.0, -0.5), INF),
        ("add", (INF, -INF), NAN),
        ("silu", (1.0,), None),
    ],
)
def test_ieee_gives_what_numpy_gives(name, operands, expected):
    """Signs of infinities and the difference between inf and nan are those of IEEE 754."""
    row = TABLE[name]
    with ieee():
        found = plain(row, *operands)
        assert general(row, *map(Value, operands)).data == pytest.approx(found, nan_ok=True)
    if expected is None:
        expected = on_floats(row.forward, row.operands)(*operands)
    assert (found == expected) or (math.isnan(found) and math.isnan(expected))
    assert math.copysign(1, found) == math.copysign(1, expected) or math.isnan(expected)


def test_infinite_operands_need_no_permission():
    """Only finite operands must give finite results: inf and nan that are there go on."""
    assert Value(INF).exp().data == INF
    assert (Value(INF) * 0).data != (Value(INF) * 0).data
    assert engine.exp(-INF) == 0.0
    assert math.isnan(engine.log(NAN))
    assert Value(-INF).relu().data == 0.0


def test_ieee_ends_with_its_block_also_after_an_error():
    """The switch nests and is restored."""
    with pytest.raises(KeyError), ieee():
        raise KeyError
    with ieee():
        with ieee():
            pass
        assert Value(0.0).log().data == -INF
    with pytest.raises(DomainError):
        Value(0.0).log()


def test_ieee_logsumexp_takes_the_limits():
    """One +inf wins; two share nothing that could be said; all -inf is -inf."""
    with ieee():
        one = engine.logsumexp([Value(INF), Value(1.0)])
        assert (one.data, one.partials) == (INF, (1.0, 0.0))
        two = engine.logsumexp([Value(INF), Value(INF)])
        none = engine.logsumexp([Value(-INF), Value(-INF)])
        assert (two.data, none.data) == (INF, -INF)
        assert all(map(math.isnan, (*two.partials, *none.partials)))
        lost = engine.logsumexp([Value(NAN), Value(INF)])
        assert all(map(math.isnan, (lost.data, *lost.partials)))


def test_without_recording_only_the_result_must_be_finite():
    """sqrt(0) has a value; nobody asks for its derivative inside no_grad."""
    with no_grad():
        assert Value(0.0).sqrt().data == 0.0
        assert Value(0.0).clamp(0.0, 1.0).data == 0.0
        with pytest.raises(DomainError, match="needs x > 0"):
            Value(0.0, "w").log()
        with ieee():
            assert Value(0.0).log().data == -INF
    assert engine.sqrt(0.0) == 0.0


def test_a_partial_that_belongs_to_a_plain_number_does_not_matter():
    """The base of a power may be negative under a fixed whole exponent."""
    assert (Value(-2.0) ** 3).partials == (12.0,)
    assert general(TABLE["pow"], Value(-2.0), 3).partials == (12.0,)
    assert (0.0 ** Value(2.0)).partials == (0.0,)


def test_general_takes_numbers_too():
    """With no node among the operands it is the plain function."""
    assert general(TABLE["hypot"], 3, 4) == 5.0
    with pytest.raises(DomainError, match=r"log\(x\) at x: 0.0 is outside"):
        plain(TABLE["log"], 0)
