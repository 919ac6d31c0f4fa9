"""The walk in machine code writes what the plain walk writes, to the last reference."""

import sys

import pytest

pytest.importorskip("numpy")
pytest.importorskip("llvmlite")

from hypothesis import given
from hypothesis import strategies as st
from program_examples import network
from strategies import recipes

import engine
from engine import Value, constant
from engine.core import arithmetic
from engine.errors import CompileError
from engine.program.llvm import NativeWalk
from engine.program.llvm.machine import walk
from engine.program.recording.capture import capture


def same(outputs, inputs, wrt, **options):
    """Capture both ways, compare everything, and return the tape."""
    plain = capture(outputs, inputs, wrt, **options)
    found = capture(outputs, inputs, wrt, walker=NativeWalk, **options)
    one, other = plain.tape, found.tape
    assert (one.ops, one.args) == (other.ops, other.args)
    assert list(map(str, one.constants)) == list(map(str, other.constants))
    assert found.live == plain.live
    assert found.guards == plain.guards
    for name in (
        "inputs",
        "parameters",
        "live",
        "outputs",
        "differentiated",
        "wrt",
        "checks_from",
    ):
        assert getattr(one, name) == getattr(other, name), name
    return other


@given(data=st.data())
def test_random_graphs(data):
    """Inputs, parameters, settings; several outputs, twice the same one."""
    leaves, root = data.draw(recipes(everywhere=True)).build()
    order = engine.topological_order(root)
    k = data.draw(st.integers(0, len(order) - 1))
    same([root, order[k], root], leaves[:1], leaves[1:3])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(walk, "ROOM", 16)
        same([order[k], root], leaves[:1], [leaves[0], *leaves[2:]])


def every_kind():
    """Record every way in which a node keeps its operands."""
    x, y, z, u = (Value(float(k + 1)) for k in range(4))
    parts = [
        x * 2.0,
        3.0 / y,
        -z,
        x * y,
        engine.mean([x, y, 2.0, z]),
        engine.mean([x, x]),
        engine.mean([y]),
        engine.mean([x, 2.0]),
        engine.sum([x]),
        engine.sum([x, y]),
        engine.dot([x, 2.0], [y, z], 1.0),
        engine.dot([x], [y]),
        engine.logsumexp([x, y]),
        engine.logsumexp([1.0, x, y, 2.0]),
        constant(3.0) * x,
        constant(3.0) * constant(-0.0),
        engine.clamp(x, 0.0, 2.0) * u,
        engine.where(x, y, z),
        x * 0.0,
        x * -0.0,
        engine.sum([x] * 50),
    ]
    return [x, y, z, u], parts


def test_every_layout_of_a_node():
    """One operand, two, a list; numbers on either side; means; constants once each."""
    (x, y, z, _), parts = every_kind()
    root = engine.sum(parts)
    same([root], [x], [y, z])
    same([*parts, x, root], [x, y], [z])


def test_memory_grows_as_needed(monkeypatch):
    """Deep graphs, wide ones, long lists, many leaves, many operations: from next to no room."""
    monkeypatch.setattr(walk, "ROOM", 16)
    (x, y, z, _), parts = every_kind()
    same([engine.sum(parts)], [x], [y, z])
    leaves = [Value(float(k)) for k in range(300)]
    wide = engine.sum([engine.dot(leaves, leaves[::-1]), *leaves, *map(engine.sin, leaves)])
    same([wide, *leaves], leaves[:100], leaves[100:200])
    deep = x
    for k in range(3000):
        deep = deep * (k % 7 + 0.5) + y if k % 3 else x - deep.tanh()
    same([deep + engine.mean([1.5] * 40 + [x])], [x], [y])
    names = [name for name, op in engine.TABLE.items() if op.arity == 1 and op.samples]
    many = [
        getattr(arithmetic, name)(x / 3.0)
        for name in names
        if name != "acosh" and hasattr(arithmetic, name)
    ]
    same([engine.sum(many)], [x], [])


def test_networks():
    """With a node for each sum, and with dots."""
    for dots in (False, True):
        inputs, parameters, loss = network(6, dots=dots)
        same([loss], inputs, parameters)


def test_guards_are_found_and_reached():
    """Comparisons of Values of the graph, near it, with numbers and with other Values."""
    x, w, k = Value(1.0, "x"), Value(2.0, "w"), Value(5.0)
    y = x * w
    assert y > 1.0
    assert x - w < 0
    assert w < k * x
    tape = same([y * y], [x], [w])
    assert tape.checks_from == 2
    assert len(tape.outputs) == 2
    same([y * y], [x], [w], watched=[])


def test_a_node_that_is_not_written_is_not_there():
    """The hash table answers like a dictionary."""
    x, y = Value(1.0), Value(2.0)
    native = NativeWalk([x], [])
    native.visit([x * x])
    assert native.place.get(y) is None
    assert y not in native.place
    assert x in native.place
    with pytest.raises(KeyError):
        native.place[y]


def test_a_node_that_was_only_half_made():
    """A class of a user's own that forgets Value.__init__ is named."""

    class Forgetful(Value):
        __slots__ = ()

        def __init__(self, data):
            self.data, self.grad = data, 0.0

    x = Value(2.0)
    y = x * Forgetful(3.0)
    with pytest.raises(CompileError, match="a Forgetful in the graph was made without"):
        engine.compile(y, [x], [x])


def test_it_is_used_where_machine_code_runs_the_program(monkeypatch):
    """Not for the other tiers, and not where it does not work: there the plain walk is."""
    x, walked = Value(2.0), []
    visit = NativeWalk.visit
    monkeypatch.setattr(
        NativeWalk, "visit", lambda self, roots: (walked.append(len(roots)), visit(self, roots))
    )

    def used(**options):
        walked.clear()
        assert engine.compile(x * x, [x], [x], **options).value([3.0]) == 9.0
        return bool(walked)

    assert [used(tier=tier) for tier in ("auto", "llvm", "straight")] == [True] * 3
    assert [used(tier="numpy"), used(tier="python"), used(exact=True)] == [False] * 3
    monkeypatch.setattr(NativeWalk, "works", staticmethod(lambda: False))
    assert not used(tier="llvm")


def test_other_pythons_are_refused(monkeypatch):
    """Without the GIL, or with objects that look different, there is the plain walk."""
    assert NativeWalk.works()
    fresh = walk._functions.__wrapped__
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    with pytest.raises(CompileError, match="without the GIL"):
        fresh()
    with pytest.raises(CompileError, match="not as expected"):
        walk._where((1, 1), tuple.__basicsize__ + 16, id(1))
    monkeypatch.setattr(walk, "_functions", fresh)
    assert not NativeWalk.works()
    places = iter([24, 32, 56, 72, 16, 24, 8, 8, 8, 24])
    monkeypatch.setattr(walk, "_where", lambda *_: next(places))
    with pytest.raises(CompileError, match="not as expected"):
        walk._offsets()
