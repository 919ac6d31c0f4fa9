"""Formulas: simplification, reading the table, evaluation."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain import on_floats
from engine.formula import (
    ONE,
    PI,
    ZERO,
    Call,
    Choice,
    Name,
    Number,
    Power,
    Product,
    Sum,
    Test,
    add,
    call,
    evaluate,
    factored,
    holds,
    negative,
    output,
    partial,
    pieces,
    power,
    quotient,
    read,
    size,
    times,
)
from engine.ops import TABLE

X, Y, Z = Name("x"), Name("y"), Name("z")
TWO = Number(2.0)
FIXED = [op for op in TABLE.values() if not op.variadic]


def at(**values):
    """Look nodes up by name."""
    return values.__getitem__


def test_like_terms_and_factors_are_collected_in_any_order():
    """X + y + x is 2x + y, and x * y equals y * x."""
    assert add(X, Y, X) == add(Y, times(TWO, X))
    assert times(X, Y) == times(Y, X)
    assert hash(times(X, Y)) == hash(times(Y, X))
    assert hash(add(X, Y)) == hash(add(Y, X))
    assert add(X, negative(X)) == ZERO
    assert times(X, power(X, Number(-1.0))) == ONE
    assert add(X, Y) != times(X, Y)
    assert times(X, Y) != add(X, Y)
    assert times(Number(0.0), X) == ZERO


def test_powers_are_simplified_where_that_is_safe():
    """(2x)**2 is 4x**2, but (x**2)**0.5 is not x."""
    assert power(times(TWO, X), TWO) == Product(4.0, ((X, 2.0),))
    assert power(X, ZERO) == ONE
    assert power(X, ONE) is X
    root = power(power(X, TWO), Number(0.5))
    assert evaluate(root, at(x=-3.0)) == 3.0
    assert power(X, Y) == Power(X, Y)
    assert power(Number(1e200), TWO) == Number(math.inf)


def test_the_exponent_is_put_in_as_a_textbook_does():
    """The derivative of x**2 is 2x."""
    assert partial(TABLE["pow"], 0, [X, TWO], Z) == times(TWO, X)
    assert partial(TABLE["sigmoid"], 0, [X], Z) == times(Z, add(ONE, negative(Z)))


def test_exp_of_a_logarithm_becomes_a_quotient():
    """exp(x - log(y)) is exp(x) / y; other exponents stay."""
    assert call("exp", add(X, negative(call("log", Y)))) == quotient(Call("exp", (X,)), Y)
    assert call("exp", negative(call("log", Y))) == Call("exp", (negative(call("log", Y)),))


def test_a_term_that_divides_a_sum_is_taken_out():
    """Z - z**2 is z(1 - z); 2xy + y exp(x) is left alone, and so is what is no sum."""
    assert factored(add(Z, negative(power(Z, TWO)))) == times(Z, add(ONE, negative(Z)))
    mixed = add(times(TWO, X, Y), times(Y, call("exp", X)))
    assert factored(mixed) == mixed
    assert factored(X) is X
    apart = add(quotient(ONE, X), X)
    assert factored(apart) == apart


@pytest.mark.parametrize("op", FIXED, ids=lambda op: op.name)
def test_formulas_of_every_row_have_the_value_of_the_row(op):
    """At its samples each row's formulas evaluate to what the row's texts do."""
    names = [Name(o) for o in op.operands]
    for sample in op.samples:
        z = on_floats(op.forward, op.operands)(*sample)
        values = dict(zip(op.operands, sample, strict=True)) | {"z": z}
        assert evaluate(output(op, names), at(**values)) == pytest.approx(z, rel=1e-14)
        for slot, text in enumerate(op.partials):
            wanted = on_floats(text, (*op.operands, "z"))(*sample, z)
            found = evaluate(partial(op, slot, names, Z, exact=True), at(**values))
            assert found == pytest.approx(wanted, rel=1e-13, abs=1e-300)
            if op.name != "clamp":  # what is shown leaves out low > high, one of its samples
                found = evaluate(partial(op, slot, names, Z), at(**values))
                assert found == pytest.approx(wanted, rel=1e-13, abs=1e-300)


@pytest.mark.parametrize(
    ("name", "value", "partials"),
    [
        ("sum", 10.0, [1, 1, 1, 1, 1]),
        ("mean", 2.0, [0.2] * 5),
        ("logsumexp", math.log(sum(map(math.exp, (1, 2, 3, 0, 4)))), None),
        ("dot", 1 * 3 + 2 * 0 + 4, [3, 0, 1, 2, 1]),
    ],
)
def test_operations_of_many_operands_are_written_out(name, value, partials):
    """Sum, mean, logsumexp and dot have formulas too."""
    data = dict(zip("abcde", (1.0, 2.0, 3.0, 0.0, 4.0), strict=True))
    names = [Name(o) for o in data]
    assert evaluate(output(TABLE[name], names), at(**data)) == pytest.approx(value, rel=1e-14)
    values = data | {"z": value}
    found = [evaluate(partial(TABLE[name], k, names, Z), at(**values)) for k in range(5)]
    wanted = partials or [math.exp(x - value) for x in data.values()]
    assert found == pytest.approx(wanted, rel=1e-14)


def test_conditions_are_read_and_decided():
    """Comparisons combine, and a bare number is a condition too, and a condition a number."""
    text = "1 if 0 < x and x < 2 or (y >= 3 and y != 4) else 2"
    formula = read(text, {"x": X, "y": Y})
    for x, y in [(1, 0), (2, 3), (2, 4), (0, 0)]:
        wanted = 1 if 0 < x < 2 or (y >= 3 and y != 4) else 2
        assert evaluate(formula, at(x=x, y=y)) == wanted
    bare = read("1 if x else 2", {"x": X})
    assert [evaluate(bare, at(x=x)) for x in (0.0, 5.0)] == [2.0, 1.0]
    flag = read("2 * (x <= 1)", {"x": X})
    assert [evaluate(flag, at(x=x)) for x in (0.0, 5.0)] == [2.0, 0.0]
    assert not holds(Test("<", (X, X)), at(x=1.0))


def test_the_named_constants_of_the_language_are_written_out():
    """PI is a symbol, and the others are formulas with their value."""
    assert read("PI", {}) is PI
    assert evaluate(read("SQRT1_2 * LN2", {}), at()) == pytest.approx(math.log(2) / math.sqrt(2))


def test_pieces_and_size_see_all_parts():
    """Every name, number and function counts, wherever it is."""
    formula = Choice(Test(">", (X, ZERO)), Power(X, Y), call("exp", add(X, Y)))
    names = [p for p in pieces(formula) if isinstance(p, Name)]
    assert sorted(n.node for n in names) == ["x", "x", "x", "y", "y"]
    assert size(formula) == 9
    assert size(times(X, power(Y, TWO))) == 2


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(-3, 3)), max_size=6))
def test_sums_and_products_keep_their_value(parts):
    """Collecting like terms and factors changes no value."""
    values = {"x": 1.5, "y": -0.75, "z": 2.0}
    terms = [times(Number(float(c)), Name(n)) for n, c in parts]
    powers = [power(Name(n), Number(float(c))) for n, c in parts]
    wanted = math.fsum(c * values[n] for n, c in parts)
    assert evaluate(add(*terms), at(**values)) == pytest.approx(wanted, abs=1e-12)
    product = math.prod(values[n] ** c for n, c in parts)
    assert evaluate(times(*powers), at(**values)) == pytest.approx(product, rel=1e-12)
    assert isinstance(add(X, Y), Sum)
