"""What `compile` checks before it compiles a graph."""

import pytest

import engine
from engine import Value, constant
from engine.errors import CompileError, ValueTypeError

X, W = Value(2.0, "x"), Value(3.0, "w")
Y = X * W


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((3.0, [X], [W]), ValueTypeError, "y is a list of Values, not 3.0"),
        (([Y, 1.0], [X], [W]), ValueTypeError, "y holds Values, not 1.0"),
        (([], [X], [W]), CompileError, "list of outputs is empty"),
        ((Y, X, [W]), ValueTypeError, "inputs is a list of Values, not Value"),
        ((Y, ["x"], [W]), ValueTypeError, "inputs holds Values, not 'x'"),
        ((Y, [X], W), ValueTypeError, "wrt is a list of Values"),
        ((Y, [X, X], [W]), CompileError, "x = 2.0 is in inputs 2 times"),
        ((Y, [X], [W, W]), CompileError, "w = 3.0 is in wrt 2 times"),
        ((Y + 1.0, [Y], [W]), CompileError, "6.0 in inputs is a result of 'mul', not a leaf"),
        ((Y, [X], [constant(1.0, "k")]), CompileError, "k = 1.0 in wrt is frozen"),
        ((Y, [X, Value(5.0, "z")], [W]), CompileError, "z = 5.0, number 1 of inputs, is not in"),
        ((Y, [X], [Value(5.0, "v")]), CompileError, "v = 5.0, number 0 of wrt, is not in"),
    ],
)
def test_bad_arguments_are_refused(arguments, error, message):
    """Each with what it is, and a way out."""
    with pytest.raises(error, match=message):
        engine.compile(*arguments)


def test_wrt_defaults_to_the_inputs():
    """And an input may be a constant, if nothing is differentiated by it."""
    program = engine.compile(Y, [X, W])
    assert program.value_and_grad([5.0, 7.0])[1].tolist() == [7.0, 5.0]
    k = constant(2.0)
    assert engine.compile(k * W, [k], [W]).value([4.0]) == 12.0


def test_a_setting_is_no_parameter_but_counts_as_part_of_the_graph():
    """Leaves that are left out are read at every call."""
    k = Value(10.0)
    program = engine.compile(X * k * W, [X], [W])
    assert program.value([1.0]) == 30.0
    k.data = 20.0
    assert program.value([1.0]) == 60.0
    assert program.value([1.0], params=[1.0]) == 20.0


def test_leaves_are_looked_for_in_all_of_a_long_graph():
    """Also behind the part where the others were found."""
    y = X
    for _ in range(2500):
        y = y - X
    assert len(engine.compile(y, [X], tier="python").flat.instructions) == 2500
    assert engine.compile(y * W, [X], [W], tier="python").value([0.0]) == 0.0
    with pytest.raises(CompileError, match=r"z = 5\.0, number 1 of inputs, is not in"):
        engine.compile(y * W, [X, Value(5.0, "z")], [W])
