"""What is constant is computed once, when compiling."""

from program_examples import left, tape_of

import engine
from engine import Value, constant


def test_fold_evaluates_constant_parts():
    """A chain of constants becomes one number, outside the domain an IEEE one; lists stay."""
    x, k = Value(2.0), constant(3.0)
    y = (k * k).sin() + x * (k - 9.0)
    tape = tape_of([y, k * k], [x], passes=["fold"])
    assert left(tape) == ["mul", "add"]
    folded = engine.sin(9.0)
    assert folded in tape.constants
    assert tape.outputs[1] < 0
    assert tape.constants[~tape.outputs[1] - tape.live] == 9.0
    with engine.ieee():
        root = engine.log(constant(0.0)) * x + engine.sum([k * 0.0, x])
    assert {-float("inf"), 0.0} <= set(tape_of([root], [x], passes=["fold"]).constants)


def test_fold_leaves_lists_of_constants():
    """They are one node, and rarely met."""
    x = Value(2.0)
    y = engine.sum([constant(1.0), constant(2.0)]) + x
    assert left(tape_of([y], [x], passes=["fold"])) == ["sum", "add"]


def test_fold_leaves_graphs_without_constants_alone():
    """Nothing to do, nothing done."""
    x = Value(2.0)
    assert left(tape_of([x * x], [x], passes=["fold"])) == ["mul"]
