"""Powers with fixed exponents: products and roots give what a general power gives."""

import math

import pytest
from program_examples import args_of, close, left, tape_of

import engine
from engine import Value
from engine.program.passes.powers import _RULES, power_row

EXPONENTS = (*_RULES, 2.0, 0.5, 0.7, 7.0)


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("tier", ["python", "auto"])
def test_a_fixed_power_equals_the_general_one(exponent, tier):
    """Values and derivatives, on both sides of 0 and at 0 where the power is defined there."""
    x = Value(1.5)
    program = engine.compile(x**exponent, [x], [x], tier=tier)
    points = [0.3, 1.0, 2.5, 1e-20, 1e20]
    if exponent == int(exponent):
        points += [-p for p in points]
    if exponent >= 1.0:
        points.append(0.0)
    for point in points:
        value, gradient = program.value_and_grad([point])
        assert value == pytest.approx(math.pow(point, exponent), rel=1e-15, abs=0.0)
        slope = exponent * math.pow(point, exponent - 1.0)
        assert gradient[0] == pytest.approx(slope, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("exponent", _RULES)
def test_accuracy_of_fixed_powers(exponent):
    """Within 3 units in the last place, up to overflow and down to the least numbers."""
    mpmath = pytest.importorskip("mpmath")
    x = Value(1.5)
    program = engine.compile(x**exponent, [x], [x])
    reach = min(307, int(307 / abs(exponent)))
    points = [m * 10.0**k for k in range(-reach, reach, 7) for m in (1.0, 1.2345678901234567)]
    for point, found in zip(points, program.value([[p] for p in points]), strict=True):
        with mpmath.workdps(50):
            true = mpmath.mpf(point) ** mpmath.mpf(exponent)
            assert abs(mpmath.mpf(float(found)) - true) <= 3 * math.ulp(float(true)), point


def test_poles_are_infinite_as_in_a_general_power():
    """At 0 a negative power and its derivative are infinite, of the right sign."""
    x = Value(1.5)
    for exponent in (-1.0, -2.0, -3.0):
        program = engine.compile(x**exponent, [x], [x])
        value, gradient = program.value_and_grad([0.0])
        assert value == math.inf
        assert gradient[0] == -math.inf


def test_a_row_is_made_once():
    """Equal powers of equal operands can be merged."""
    assert power_row(3.0) is power_row(3)
    assert power_row(None) is None
    x = Value(1.5)
    program = engine.compile(x**3 + (x**3).tanh(), [x], [x])
    assert program.source().count("x0 * x0 * x0") == 1
    assert close([program.value([2.0])], [8.0 + math.tanh(8.0)])


def test_powers_become_products_and_roots():
    """Small constant exponents only."""
    x, n = Value(2.0), Value(2.0)
    tape = tape_of([x**2, x**0.5, x**3, x**n], [x], [n], ["powers"])
    assert left(tape) == ["mul", "sqrt", "power 3", "pow"]
    assert args_of(tape)[0] == (0, 0)
