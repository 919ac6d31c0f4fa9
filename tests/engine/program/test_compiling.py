"""`engine.compile`: one entrance for graphs and functions."""

import pytest

import engine
from engine import Program, Value
from engine.errors import UnknownNameError, ValueTypeError
from engine.program import Traced


def test_a_graph_gives_a_program():
    """With every option passed on."""
    x = Value(2.0)
    program = engine.compile(x * x, [x], tier="numpy", passes=["fuse"], check_finite=True)
    assert isinstance(program, Program)
    assert program.tier == "numpy"
    assert engine.compile(x * x, [x], exact=True).tier == "python"


def test_a_function_gives_a_traced_function():
    """With brackets or without."""

    @engine.compile
    def square(x):
        """Square a number."""
        return x * x

    @engine.compile(tier="python")
    def double(x):
        return x + x

    assert isinstance(square, Traced)
    assert (square.__name__, square.__doc__) == ("square", "Square a number.")
    assert (square(3.0), double(3.0)) == (9.0, 6.0)
    assert double.programs[0].tier == "python"


def test_what_is_missing_is_said():
    """Inputs, tiers, passes."""
    x = Value(2.0)
    with pytest.raises(ValueTypeError, match="compile needs the leaves that are inputs"):
        engine.compile(x * x)
    with pytest.raises(UnknownNameError, match="there is no tier 'gpu'"):
        engine.compile(x * x, [x], tier="gpu")
    with pytest.raises(UnknownNameError, match="there is no pass 'magic'"):
        engine.compile(x * x, [x], passes=["magic"])
