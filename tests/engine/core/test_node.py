"""Nodes: the four layouts, read back through operands, parents and partials; memory."""

import copy
import gc
import sys
import tracemalloc
import weakref
from fractions import Fraction

import numpy as np
import pytest

import engine
from engine import DomainError, Value, ValueTypeError
from engine.core.node import Node, assign, latest_assignment

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


@pytest.mark.parametrize(
    "number", [3, True, Fraction(3, 2), np.float32(0.5), np.float64(2.0), -0.0]
)
def test_data_is_always_a_float(number):
    """Real numbers of any kind may be assigned, and are what a Value of them would be."""
    for v in (Value(1.0), X * Y):
        v.data = number
        assert type(v.data) is float
        assert repr(v.data) == repr(float(number))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (None, r"None \(NoneType\); give an int"),
        ("0.5", r"'0.5' \(str\); convert it with float"),
        ([1.0], r"\[1.0\] \(list\); make one Value for each number"),
        (np.ones(2), r"array\(\[1., 1.\]\) \(ndarray\); make one Value"),
        (1j, r"1j \(complex\); complex numbers are not taken"),
        (Value(2.0), r"Value\(data=2.0, grad=0.0\) \(Value\); write .data"),
    ],
)
def test_what_is_no_real_number_is_refused_at_the_assignment(given, shown):
    """The error names the leaf and what was given; the old number stays."""
    w = Value(1.0, "w_131")
    with pytest.raises(
        ValueTypeError, match=rf"^the data of w_131 must be a real number, not {shown}"
    ):
        w.data = given
    with pytest.raises(ValueTypeError, match=r"^the data of a Value must be a real number, not "):
        Value(1.0).data = given
    assert w.data == 1.0
    with pytest.raises(DomainError, match=r"^the data of w_131 is too large for a float"):
        w.data = 10**400


def test_assignments_are_numbered():
    """Who compares two looks knows whether any number was assigned between them."""
    w, v = Value(1.0), Value(2.0)
    before = latest_assignment()
    _ = (w * v).backward(), w < v, Value(3.0), copy.deepcopy(w * v)
    w.grad = 1.0
    with pytest.raises(ValueTypeError):
        w.data = "1"
    assert latest_assignment() == before
    seen = {before}
    for one in (w, v, w):
        one.data = 5.0
        seen.add(latest_assignment())
        assert latest_assignment() == latest_assignment()
    assign([w, v], [6.0, 7.0])
    assert (w.data, v.data) == (6.0, 7.0)
    assert latest_assignment() not in seen
    assert len(seen) == 4


def test_nodes_have_no_room_for_typos():
    """A misspelt attribute is an error, not a new attribute."""
    with pytest.raises(AttributeError):
        Value(1.0).lable = "x"


# From 3.12 on, Python keeps a class's weak references in front of the object: 8 bytes more.
MOST_BYTES = 138 if sys.version_info < (3, 12) else 146


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
