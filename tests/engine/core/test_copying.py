"""Copies and pickles: the same graph, however deep."""

import copy
import pickle

import pytest
from hypothesis import given
from strategies import graphs

from engine import Value, constant, gradients, topological_order
from engine.core.comparisons import compared_above
from engine.core.value import Constant


def same(a, b):
    """Compare two graphs node by node, with their sharing."""
    first, second = topological_order(a), topological_order(b)
    place = {n: k for k, n in enumerate(first)}
    twin = {n: k for k, n in enumerate(second)}

    def row(n, at):
        operands = [("node", at[o]) if isinstance(o, Value) else o for o in n.operands]
        return type(n), n.data, n.grad, n.label, n.op, operands, n.partials, len(n.branches)

    return [row(n, place) for n in first] == [row(n, twin) for n in second]


@given(graphs())
def test_copies_are_the_same_graph(graph):
    """Pickle and deepcopy keep numbers, gradients, labels, layouts and sharing."""
    graph.root.backward()
    for twin in (pickle.loads(pickle.dumps(graph.root)), copy.deepcopy(graph.root)):
        assert same(graph.root, twin)
        assert not set(topological_order(twin)) & set(topological_order(graph.root))
        assert [*gradients(twin).values()] == [*gradients(graph.root).values()]


def test_shared_leaves_keep_their_identity():
    """Two losses of the same model come back with one model."""
    w = Value(2.0, "w")
    k = constant(1.0)
    pair = [w * w + k, w + 1, w, k]
    for twins in (pickle.loads(pickle.dumps(pair)), copy.deepcopy(pair)):
        a, b, leaf, constant_twin = twins
        assert leaf in topological_order(a)
        assert b.parents == (leaf,)
        assert type(constant_twin) is Constant
        assert constant_twin in topological_order(a)
    first, second = copy.deepcopy([pair[0], pair[0]])
    assert first is second


def test_a_deep_copy_within_a_copy_uses_what_is_there():
    """Deepcopy's memo: interior nodes that were copied before are not copied again."""
    x = Value(2.0)
    y = x * x
    z = y + x
    y2, z2 = copy.deepcopy([y, z])
    assert z2.parents[0] is y2


def test_copies_keep_the_comparisons():
    """A copied graph is as guarded as the original; what lies outside is a number."""
    x, far = Value(1.0), Value(5.0)
    y = x * 2 + x
    _ = (y > x, x < 3, y < far)
    for twin in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y)):
        leaf = topological_order(twin)[0]
        assert [b.other for b in twin.branches] == [leaf, 5.0]
        assert [b.other for b in leaf.branches] == [3.0]


def test_a_shallow_copy_shares_the_operands():
    """copy.copy makes one node."""
    x = Value(2.0, "x")
    y = x * x
    twin = copy.copy(y)
    assert twin is not y
    assert twin.parents == (x, x)
    assert (copy.copy(x).label, copy.copy(x).data) == ("x", 2.0)
    assert type(copy.copy(constant(1.0))) is Constant


@pytest.mark.slow
def test_copies_work_a_hundred_thousand_nodes_deep():
    """Neither recurses."""
    x = y = Value(1.0, "x")
    for _ in range(50_000):
        y = y * 0.5 + x
    for twin in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y)):
        assert twin.data == y.data
        assert len(topological_order(twin)) == 100_001
        twin.backward()
        leaf = topological_order(twin)[0]
        assert (leaf.label, leaf.grad) == ("x", gradients(y)[x])


def test_an_operation_that_is_missing_when_a_graph_is_loaded(monkeypatch):
    """The error names it and says what to do."""
    from engine import UnknownNameError, define_op
    from engine.table import ops

    half = define_op("half_of", "x / 2", ["0.5"], samples=[(1.0,)])
    kept = pickle.dumps(half(Value(1.0)))
    assert pickle.loads(kept).op is ops.TABLE["half_of"]
    monkeypatch.delitem(ops.rows, "half_of")
    with pytest.raises(UnknownNameError, match="no operation 'half_of'"):
        pickle.loads(kept)


def test_copies_of_a_leaf_hold_nothing():
    """What was compared depends on the original."""
    x = Value(1.0)
    _ = x * 2 > 0
    for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert compared_above([twin]) == []
        assert twin.partials == ()
    assert len(compared_above([x])) == 1


class Weight(Value):
    """A leaf with an attribute."""

    def __init__(self, data, rates):
        super().__init__(data, "w")
        self.rates = rates


class Slotted(Weight):
    """A leaf with an attribute and slots, one of them unset and one private."""

    __slots__ = ("__own", "unset")

    def __init__(self, data, rates):
        super().__init__(data, rates)
        self.__own = rates

    @property
    def own(self):
        """What the private slot holds."""
        return self.__own


class Bare(Value):
    """A leaf with a slot and nothing else."""

    __slots__ = ("rates",)

    def __init__(self, data, rates):
        super().__init__(data, "w")
        self.rates = rates


def test_copies_keep_private_slots():
    """As they keep what is in no slot; what is not set stays so."""
    w = Slotted(2.0, [0.1])
    for copied in (copy.copy(w), copy.deepcopy(w), pickle.loads(pickle.dumps(w))):
        assert copied.own is copied.rates
        assert copied.own == [0.1]
        assert not hasattr(copied, "unset")


@pytest.mark.parametrize("kind", [Weight, Slotted, Bare])
def test_copies_keep_what_a_subclass_adds(kind):
    """A shallow copy shares it, a deep one and a pickle do not."""
    w = kind(2.0, [0.1])
    assert copy.copy(w).rates is w.rates
    y = w * 3
    for copied in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):
        made = copied.parents[0]
        assert type(made) is kind
        assert made.rates == [0.1]
        assert made.rates is not w.rates
