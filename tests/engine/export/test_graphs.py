"""What is exported, and what cannot be."""

import pytest

import engine
from engine import CompileError, Value, ValueTypeError
from engine.export.graphs import exported


def test_leaves_are_kept_in_order():
    """Inputs and parameters are those that were asked for; an input in wrt is an input."""
    w, x, c = Value(3.0, "w"), Value(2.0, "x"), Value(1.0, "c")
    graph = exported(w * x + c, [x], [w, x])
    assert (graph.inputs, graph.params) == ((x,), (w,))


def test_a_recording_that_compared_values_is_refused():
    """The message names the line, and the way out."""
    x = Value(2.0, "x")
    y = x * x if x > 1 else -x
    with pytest.raises(CompileError, match=r"test_graphs\.py:\d+ compared .*where"):
        exported(y, [x])


def test_the_way_out_of_a_comparison():
    """A number may be compared, and `maximum` has both sides."""
    x = Value(2.0, "x")
    assert exported(x * x if x.data > 1 else -x, [x]).inputs == (x,)
    assert exported(engine.maximum(x, -x), [x]).inputs == (x,)


def test_what_is_no_graph_is_refused():
    """As `compile` refuses it."""
    x = Value(2.0, "x")
    with pytest.raises(ValueTypeError, match="y is a list of Values"):
        exported(3.0, [x])
    with pytest.raises(CompileError, match="not in the graph"):
        exported(x * 2, [x, Value(1.0, "other")])
