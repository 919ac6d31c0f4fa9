"""Elementary functions in machine code: within 3 units in the last place of the true value."""

import math

import mpmath
import numpy as np
import pytest

import engine
from engine import Value
from engine.core import arithmetic
from engine.program.llvm.writing.ir import Module, Width
from engine.program.llvm.writing.vector_math import from_library, polynomial

RANGES = {
    "exp": [(-745.2, 709.78), (-1.0, 1.0), (-745.2, -700.0)],
    "expm1": [(-60.0, 709.78), (-1.0, 1.0), (-1e-8, 1e-8)],
    "log": [(5e-324, 1e-300), (0.5, 2.0), (1e-300, 1e308), (0.999, 1.001)],
    "log1p": [(-0.9999, 1.0), (-1e-8, 1e-8), (1.0, 1e300)],
    "tanh": [(-25.0, 25.0), (-1.0, 1.0), (-1e-8, 1e-8)],
    "sigmoid": [(-745.0, 710.0), (-3.0, 3.0)],
    "log2": [(5e-324, 1e-300), (0.5, 2.0), (1e-300, 1e308)],
    "sqrt": [(5e-324, 1e308)],
    "cbrt": [(-1e3, 1e3), (1e-320, 1e300)],
    "sin": [(-10.0, 10.0), (-1e15, 1e15)],
    "cos": [(-10.0, 10.0), (-1e15, 1e15)],
    "tan": [(-10.0, 10.0)],
    "asin": [(-1.0, 1.0)],
    "acos": [(-1.0, 1.0)],
    "atan": [(-10.0, 10.0), (-1e300, 1e300)],
    "sinh": [(-710.0, 710.0), (-1.0, 1.0)],
    "cosh": [(-710.0, 710.0), (-1.0, 1.0)],
    "asinh": [(-10.0, 10.0), (-1e300, 1e300)],
    "acosh": [(1.0, 10.0), (1.0, 1e300)],
    "atanh": [(-1.0, 1.0)],
    "erf": [(-6.0, 6.0)],
    "erfc": [(-6.0, 6.0)],
}

TRUE = {name: getattr(mpmath, name, None) for name in RANGES} | {
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
}

HARD = (0.0, -0.0, math.inf, -math.inf, math.nan, 5e-324, -5e-324, 2.0**-1022, 1.0, -1.0)


def program(name, count=1):
    """Compile one row of the table, alone."""
    leaves = [Value(1.5 if name == "acosh" else 0.5) for _ in range(count)]
    return engine.compile(getattr(arithmetic, name)(*leaves), leaves, leaves, tier="llvm")


def ulps(found, true):
    """Measure a distance in units in the last place of the true value."""
    nearest = float(true)
    if not math.isfinite(nearest) or not math.isfinite(found):
        return 0.0 if found == nearest or abs(true) > 1.797e308 else math.inf
    return abs(float((mpmath.mpf(found) - true) / mpmath.mpf(math.ulp(nearest))))


def spread_points(low, high, count=150):
    """Take points of a range, evenly, and evenly in their logarithm where it spans many."""
    rng = np.random.default_rng(1)
    points = rng.uniform(low, high, count)
    if high > 100 * max(abs(low), 1e-300) or 0 < high < 1e-6:
        small = max(abs(low), 1e-300) if low <= 0 else low
        exponents = rng.uniform(math.log10(small), math.log10(high), count)
        points = np.concatenate([points, 10.0**exponents])
    return np.clip(points, low, high)


@pytest.mark.parametrize("name", RANGES)
def test_accuracy_on_the_whole_range(name):
    """No point of any range is more than 3 units in the last place off."""
    run = program(name)
    with mpmath.workdps(60):
        for low, high in RANGES[name]:
            points = spread_points(low, high)
            for x, y in zip(points.tolist(), run.value(points[:, None]).tolist(), strict=True):
                assert ulps(y, TRUE[name](mpmath.mpf(x))) <= 3.0, (x, y)


REAL = {
    "log": (0.0, math.inf),
    "log2": (0.0, math.inf),
    "sqrt": (0.0, math.inf),
    "log1p": (-1.0, math.inf),
    "acosh": (1.0, math.inf),
    "asin": (-1.0, 1.0),
    "acos": (-1.0, 1.0),
    "atanh": (-1.0, 1.0),
    "erf": (-40.0, 40.0),
    "erfc": (-40.0, 28.0),
    **dict.fromkeys(("exp", "expm1", "sinh", "cosh", "sigmoid", "tanh"), (-760.0, 760.0)),
}
"""Where a function is a real number that is not the same as at some nearer point."""


def points_everywhere():
    """Take numbers of every fifth binary exponent, and those around every place of change."""
    rng = np.random.default_rng(3)
    turns = [
        1.0,
        math.nextafter(1.0, 2.0),
        math.nextafter(2.0, 1.0),
        math.sqrt(2.0),
        math.nextafter(math.sqrt(2.0), 1.0),
        *rng.uniform(1.0, 2.0, 2),
    ]
    found = [np.ldexp(turn, np.arange(-1074, 1024, 5)) for turn in turns]
    places = [k * math.log(2.0) / 2 for k in range(1, 60)]  # where exp takes another power of 2
    places += [
        709.782712893384,
        745.1332191019411,
        708.3964185322641,
        36.04365338911715,
        18.714973875118524,
        20.0,
        22.0,
        0.5,
        1.0,
        2.0,
    ]
    found.append([y for x in places for y in (x, math.nextafter(x, 0.0), math.nextafter(x, 1e9))])
    found += [1.0 - np.ldexp(1.0, -np.arange(1, 54)), 1.0 + np.ldexp(1.0, -np.arange(1, 53))]
    return np.concatenate([*found, *(-np.asarray(some) for some in found)])


@pytest.mark.parametrize("name", RANGES)
def test_accuracy_at_every_magnitude(name):
    """From the least number to the greatest, and next to every break of a method: 3 units."""
    low, high = REAL.get(name, (-math.inf, math.inf))
    points = points_everywhere()
    points = points[np.isfinite(points) & (points > low) & (points < high) & (points != 0.0)]
    with mpmath.workdps(40):
        found = program(name).value(points[:, None])
        for x, y in zip(points.tolist(), found.tolist(), strict=True):
            assert ulps(y, TRUE[name](mpmath.mpf(x))) <= 3.0, (x, y)


@pytest.mark.parametrize("name", ["hypot", "atan2", "pow"])
def test_accuracy_of_two_operands(name):
    """Functions of two operands keep to the same bound, for numbers of any magnitude."""
    run = program(name, 2)
    true = {"hypot": mpmath.hypot, "atan2": mpmath.atan2, "pow": mpmath.power}[name]
    rng = np.random.default_rng(2)
    points = np.ldexp(rng.uniform(1.0, 2.0, (400, 2)), rng.integers(-1022, 1023, (400, 2)))
    if name == "pow":  # exponents that lead to every magnitude
        points[:, 1] = rng.uniform(-1074.0, 1023.0, 400) / np.log2(points[:, 0])
    points = np.concatenate([points, rng.uniform(0.01, 20.0, (200, 2))])
    with mpmath.workdps(60):
        for (x, y), z in zip(points.tolist(), run.value(points).tolist(), strict=True):
            assert ulps(z, true(mpmath.mpf(x), mpmath.mpf(y))) <= 3.0, (x, y, z)


@pytest.mark.parametrize("name", RANGES)
def test_hard_points_have_the_ieee_answer(name):
    """Zeros keep their sign, infinities and nan come out as in the eager code."""
    found = program(name).value(np.array(HARD)[:, None]).tolist()
    with engine.ieee():
        expected = [getattr(arithmetic, name)(Value(x)).data for x in HARD]
    for x, y, e in zip(HARD, found, expected, strict=True):
        assert math.isnan(y) == math.isnan(e), (x, y, e)
        if not math.isnan(e):
            assert math.copysign(1.0, y) == math.copysign(1.0, e), (x, y, e)
            assert y == pytest.approx(e, rel=1e-15, abs=0.0), (x, y, e)


def test_a_polynomial_is_evaluated_by_horner():
    """One multiplication with addition for each coefficient but the last."""
    module = Module(Width(lanes=2))
    f = module.function("f", "<2 x double> %x", "<2 x double>")
    f.do(f"ret <2 x double> {polynomial(f, (1.0, 2.0, 3.0), '%x')}")
    assert module.text().count("call <2 x double> @llvm.fmuladd.v2f64") == 2


def test_one_lane_calls_the_library_directly():
    """Several go lane by lane, through a function that is written once."""
    scalar = Module(Width(lanes=1)).function("f", "double %x", "double")
    scalar.do(f"ret double {from_library(scalar, 'hypot', '%x', '%x')}")
    text = scalar.module.text()
    assert "declare double @c_hypot(double, double)" in text
    assert "call double @c_hypot(double %x, double %x)" in text
    wide = Module(Width(lanes=2)).function("f", "<2 x double> %x", "<2 x double>")
    for _ in range(2):
        from_library(wide, "hypot", "%x", "%x")
    assert wide.module.text().count("define internal <2 x double> @each_hypot(") == 1
    assert wide.module.text().count("call <2 x double> @each_hypot(") == 2
