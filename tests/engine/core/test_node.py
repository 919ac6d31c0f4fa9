"""Nodes: the four layouts, read back through operands, parents and partials; memory."""

import gc
import sys
import tracemalloc
import weakref

import pytest

import engine
from engine import Value, ValueTypeError
from engine.core import node
from engine.core.node import Node, link
from engine.table.ops import TABLE

X, Y, Z = Value(2.0, "x"), Value(3.0, "y"), Value(5.0, "z")


@pytest.mark.parametrize(
    ("y", "operands", "parents", "partials"),
    [
        (X, (), (), ()),
        (X.exp(), (X,), (X,), (X.exp().data,)),
        (X * Y, (X, Y), (X, Y), (3.0, 2.0)),
        (X * X, (X, X), (X, X), (2.0, 2.0)),
        (X * 3, (X, 3.0), (X,), (3.0,)),
        (6 / X, (6.0, X), (X,), (-1.5,)),
        (engine.sum([X, Y, Z]), (X, Y, Z), (X, Y, Z), (1.0, 1.0, 1.0)),
        (engine.sum([X, 7, Z]), (X, 7.0, Z), (X, Z), (1.0, 1.0)),
        (engine.sum([X]), (X,), (X,), (1.0,)),
        (engine.sum([X, Y]), (X, Y), (X, Y), (1.0, 1.0)),
        (engine.sum([1, Y]), (1.0, Y), (Y,), (1.0,)),
        (engine.sum([X, 1]), (X, 1.0), (X,), (1.0,)),
        (X.clamp(0.0, Y), (X, 0.0, Y), (X, Y), (1.0, 0.0)),
    ],
)
def test_every_layout_reads_back(y, operands, parents, partials):
    """Operands in order with the numbers among them; parents and partials edge by edge."""
    assert y.operands == operands
    assert y.parents == parents
    assert y.partials == partials
    assert y.is_leaf == (not parents)


def test_link_records_any_mixture():
    """The general way in gives the same layouts as the specialised ones."""
    y = link(6.0, (X, Y), (3.0, 2.0), TABLE["mul"])
    assert (y.a, y.b, y.da, y.db) == (X, Y, 3.0, 2.0)


@pytest.mark.parametrize(
    "make", [lambda: Value(1.0), lambda: X * Y, lambda: engine.sum([X, Y, Z])]
)
def test_labels_are_texts(make):
    """A label may be given late; anything but a text is refused, and the label stays."""
    v = make()
    operands = v.operands
    assert v.label == ""
    v.label = ""
    v.label = "w_131"
    for wrong in (None, 3, ["w"], b"w"):
        with pytest.raises(ValueTypeError, match=r"a label is a text, not .*str"):
            v.label = wrong
    assert v.label == "w_131"
    assert v.operands == operands
    v.label = ""
    assert v.label == ""
    with pytest.raises(ValueTypeError, match="a label is a text"):
        Value(1.0, 131)
    with pytest.raises(ValueTypeError, match="a label is a text"):
        Value(1.0, None)


def test_the_label_of_a_result_goes_with_it():
    """Labels of results are kept beside the nodes; a new node in the same place has none."""
    gc.collect()
    before = len(node._labels)
    for _ in range(3):
        y = X * Y
        assert y.label == ""
        y.label = "y"
        assert len(node._labels) == before + 1
        del y
    assert len(node._labels) == before


def test_nodes_have_no_room_for_typos():
    """A misspelt attribute is an error, not a new attribute."""
    with pytest.raises(AttributeError):
        Value(1.0).lable = "x"


# From 3.12 on, Python keeps a class's weak references in front of the object: 8 bytes more.
MOST_BYTES = 122 if sys.version_info < (3, 12) else 130


@pytest.mark.parametrize("step", [lambda v: v + X, lambda v: v * X, lambda v: v - X])
def test_a_binary_node_is_small(step):
    """One object with fixed slots and its number; no tuple, no closure, no dictionary."""
    v, count = Value(1.0), 10_000
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(count):
            v = step(v)
            v = v if abs(v.data) < 1e100 else v - v.data + 1.0
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert used / count <= MOST_BYTES


def test_a_graph_is_freed_without_the_collector():
    """A recorded graph has no cycles, also after a sweep and after comparisons of leaves."""
    gc.disable()
    try:
        x = Value(2.0)
        y = x * x + x
        _ = (x > 1, x < x)  # noqa: PLR0124 - a cycle, if it were kept
        y.backward()
        seen = [weakref.ref(x), weakref.ref(y)]
        del x, y
        assert [r() for r in seen] == [None, None]
    finally:
        gc.enable()


def test_a_bare_node_is_what_value_is_made_of():
    """Slots only: a Value adds no attribute to a Node."""
    assert Value.__slots__ == ()
    assert issubclass(Value, Node)
    assert not hasattr(X, "__dict__")
