"""Flat rows: every layout of a node is written and restored."""

import pytest

import engine
from engine import Value, constant
from engine.core.flattening import blank, mapped, restored, written
from engine.core.value import Constant

X, Y, Z = Value(2.0, "x"), Value(3.0, "y"), constant(5.0, "z")
SLOTS = ("number", "grad", "a", "b", "da", "db", "op", "label")


@pytest.mark.parametrize(
    "n",
    [
        X,
        Z,
        X.exp(),
        X * Y,
        X * X,
        X * 3,
        3 / X,
        engine.sum([X, Y, Z]),
        engine.sum([X, 7, Z, X]),
        X.clamp(0.0, Y),
    ],
)
def test_a_node_is_restored_from_its_row(n):
    """Numbers stay; places become nodes again, those that are given."""
    n.grad = 0.5
    label, n.label = n.label, "n"
    row = written(n, {X: 0, Y: 1, Z: 2})
    assert not any(isinstance(part, Value) for part in row)
    twin = restored(row, [X, Y, Z])
    assert type(twin) is type(n)
    assert [getattr(twin, slot) for slot in SLOTS] == [getattr(n, slot) for slot in SLOTS]
    other = Value(9.0)
    moved = restored(row, [other, Y, Z])
    assert moved.operands == tuple(other if o is X else o for o in n.operands)
    n.label = label


def test_a_blank_node_is_a_leaf():
    """Of any class, with numbers as they are given."""
    made = blank(Constant, 1.5, 0.25, "k")
    assert (made.data, made.grad, made.label, made.operands) == (1.5, 0.25, "k", ())
    assert made.is_constant
    assert made.op is None


def test_what_a_node_refers_to_is_changed_inside_tuples_too():
    """One by one, each slot in its own shape."""
    assert mapped((1, None, (2, 3)), lambda o: [o]) == ([1], [None], ([2], [3]))
