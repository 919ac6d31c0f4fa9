"""Formulas: simplification and evaluation."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formulas.tree import (
    ONE,
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
    negative,
    pieces,
    power,
    quotient,
    size,
    times,
)
from engine.table.ops import TABLE

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


@pytest.mark.parametrize(("word", "expected"), [("and", 2.0), ("or", 1.0)])
def test_conditions_are_joined(word, expected):
    """All must hold, or any."""
    x = Name("x")
    parts = (Test("<", (x, ONE)), Test(">", (x, ONE)))
    choice = Choice(Test(word, parts), ONE, Number(2.0))
    assert evaluate(choice, {"x": 0.0}.__getitem__) == expected
