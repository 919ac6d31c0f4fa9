"""Templates of rules, and what they call."""

import math

import pytest

from engine.program.interpreted.texts import FloatScope, template


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
