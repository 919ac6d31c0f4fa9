"""Templates of rules, and what they call."""

import math

import pytest

import engine
from engine.program.interpreted.texts import FloatScope, logsumexp, template


def test_templates_name_operands_functions_and_constants():
    """Brackets only where they are needed; powers are calls."""
    assert template("z", ("x", "z")) == "{z}"
    assert template("1.0", ("x",)) == "1.0"
    assert template("x ** y + PI", ("x", "y")) == "(_pow({x}, {y}) + _PI)"
    assert template("sign(x)", ("x",)).startswith("(1.0 if {x} > 0 else")


def test_the_scope_finds_functions_rows_and_constants():
    """And nothing else."""
    scope = FloatScope()
    assert (scope["_exp"], scope["_PI"], scope["_abs"]) == (math.exp, math.pi, math.fabs)
    assert scope["_sigmoid"](0.0) == 0.5
    assert "_sigmoid" in scope
    with pytest.raises(KeyError, match="_nothing"):
        scope["_nothing"]


def test_logsumexp_is_eager_to_the_bit_with_its_limits():
    """For finite numbers, an infinity, a nan."""
    numbers = (0.1, -3.0, 700.0, 699.5)
    assert logsumexp(*numbers) == engine.logsumexp(numbers)
    assert logsumexp(1.0, math.inf) == math.inf
    assert logsumexp(-math.inf) == -math.inf
    assert math.isnan(logsumexp(math.nan, math.inf))
    assert math.isnan(logsumexp(1.0, math.nan))
