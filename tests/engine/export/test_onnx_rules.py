"""What has no kernel in double precision, as formulas of what has one."""

import math
import struct

import pytest
from row_checks import RANGES

from engine.export.onnx_rules import FORMULAS, OPERATORS, SINGLE
from engine.table.floats import FLOATS
from engine.table.language import calls, lifted, names


def atan32(x):
    """Round the arc tangent to single precision, as the operator does."""
    return struct.unpack("f", struct.pack("f", math.atan(x)))[0]


class Scope(dict):
    """The functions that a formula may call: operators on floats, and other formulas."""

    def __missing__(self, name):
        if name in FORMULAS:
            return formula(name)
        assert name in OPERATORS
        return FLOATS[name]


def formula(name):
    """Make a formula a function of floats."""
    operands = tuple(sorted(names(FORMULAS[name])))
    scope = {"number": float, "maximum": max, "minimum": min, "atan32": atan32}
    found = {called: Scope(scope)[called] for called in calls(FORMULAS[name]) - set(scope)}
    return lifted(FORMULAS[name], operands)(scope | found)


@pytest.mark.parametrize("name", sorted(RANGES.keys() & FLOATS.keys()))
def test_formulas_are_exact_to_twelve_digits(name):
    """Over the range of each function, and near 0."""
    f, exact, (low, high) = formula(name), FLOATS[name], RANGES[name]
    points = [low + (high - low) * k / 400 for k in range(401)]
    points += [s * 10.0**-k for k in range(13) for s in (1, -1)]
    for x in (x for x in points if low <= x <= high):
        assert math.isclose(f(x), exact(x), rel_tol=1e-12, abs_tol=1e-300), (name, x)


@pytest.mark.parametrize("x", [-2.0, 0.0, 3.0])
@pytest.mark.parametrize("y", [-1.0, 1e-3, 1e9])
def test_angle_and_distance_of_a_point(x, y):
    """In all quadrants, and on the axis."""
    assert math.isclose(formula("atan2")(x, y), math.atan2(x, y), rel_tol=1e-12)
    assert math.isclose(formula("hypot")(x, y), math.hypot(x, y), rel_tol=1e-12)


def test_the_series_of_erf_has_twenty_terms():
    """Far from 0, where each of them counts."""
    terms = [(-1) ** n * 3.0 ** (2 * n + 1) / (math.factorial(n) * (2 * n + 1)) for n in range(20)]
    expected = 2.0 / math.sqrt(math.pi) * math.fsum(terms)
    assert math.isclose(formula("erf_series")(3.0), expected, rel_tol=1e-9)


def test_every_elementary_function_can_be_written():
    """As an operator, or as a formula of operators and other formulas."""
    assert set(FLOATS) <= {*OPERATORS, *FORMULAS}
    assert set(SINGLE) <= {*FORMULAS, "softplus"}
    for text in FORMULAS.values():
        assert calls(text) <= {*OPERATORS, *FORMULAS, "atan32"}
        assert names(text) <= {"x", "y"}
