"""Value: operators, comparisons, copies, constants, no_grad and recording."""

import copy
import gc
import inspect
import math
import pickle
import threading
import weakref

import pytest
from hypothesis import given
from strategies import graphs

import engine
from engine import (
    Value,
    ValueTypeError,
    constant,
    detach,
    gradients,
    no_grad,
    recording,
    topological_order,
    value,
)
from engine.value import MOST_BRANCHES, NEAR, Branch, Constant, compared_above

# ---------------------------------------------------------------- operators


def test_every_operator_is_one_node():
    """Native subtraction and division, on either side; a plain number makes no node."""
    x, y = Value(6.0), Value(3.0)
    made = {
        "add": [x + y, x + 3, 3 + x], "sub": [x - y, x - 3, 3 - x],
        "mul": [x * y, x * 3, 3 * x], "div": [x / y, x / 3, 3 / x],
        "pow": [x**y, x**3, 3**x], "neg": [-x], "abs": [abs(x)],
    }  # fmt: skip
    results = {"add": [9, 9, 9], "sub": [3, 3, -3], "mul": [18, 18, 18], "div": [2, 2, 0.5],
               "pow": [216, 216, 729], "neg": [-6], "abs": [6]}  # fmt: skip
    for name, nodes in made.items():
        assert [n.data for n in nodes] == results[name]
        assert {n.op.name for n in nodes} == {name}
        assert all(p.is_leaf for n in nodes for p in n.parents)


def test_both_sides_of_a_power_differentiate():
    """2 ** x and x ** y, with their logarithms."""
    x, y = Value(2.0), Value(3.0)
    assert (x**y).partials == (12.0, 8.0 * math.log(2.0))
    assert (2**y).partials == (8.0 * math.log(2.0),)


def test_methods_are_the_functions():
    """Every function of one to three operands is also a method, but where."""
    rows = [row for row in engine.TABLE.values() if hasattr(engine.arithmetic, row.name)]
    for row in rows:
        if row.name not in {"add", "sub", "mul", "div", "neg", "where"}:
            assert getattr(Value, row.name) is getattr(engine.arithmetic, row.name)


def test_values_are_told_apart_by_identity():
    """Equal numbers are different Values, so a Value is a key of a dictionary."""
    a, b = Value(1.0), Value(1.0)
    assert a != b
    assert len({a, b, a}) == 2


def test_a_value_shows_its_numbers():
    """The repr says data and grad, and the label if there is one; float() gives the number."""
    assert repr(Value(2, "w_1")) == "Value(data=2.0, grad=0.0, label='w_1')"
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"
    assert float(Value(2)) == 2.0


def test_notebooks_show_a_picture_if_there_is_one(monkeypatch):
    """The text is always there; viz adds the picture."""
    x = Value(2.0)
    monkeypatch.setattr(value, "picture", None)
    assert x._repr_mimebundle_(include=None) == {"text/plain": repr(x)}
    monkeypatch.setattr(value, "picture", lambda v: {"image/svg+xml": f"<{v.data}>"})
    assert x._repr_mimebundle_()["image/svg+xml"] == "<2.0>"


# ---------------------------------------------------------------- comparisons


def test_comparisons_compare_the_data():
    """With Values and with numbers, on either side."""
    x, y = Value(1.0), Value(2.0)
    assert (x < y, x <= y, x > y, x >= y) == (True, True, False, False)
    assert (x < 1, x <= 1, x < 1, x <= 1) == (False, True, False, True)
    assert not Value(math.nan) < 1
    assert max([y, x]) is y


def line():
    """Give the number of the line that called."""
    return inspect.currentframe().f_back.f_lineno


def test_comparisons_are_remembered_with_their_place():
    """What was compared, how it came out, in which file and line."""
    x, y = Value(1.0), Value(2.0)
    here = line() + 1
    _ = x < y
    _ = x >= 0
    assert x.branches == (
        Branch("<", 2.0, True, __file__, here, weakref.ref(y)),
        Branch(">=", 0.0, True, __file__, here + 1),
    )
    assert [b.other for b in x.branches] == [y, 0.0]
    assert y.branches == ()


def test_the_latest_outcome_of_the_same_comparison_counts():
    """A parameter outlives many graphs: what it gave in an earlier one is no matter."""
    x = Value(1.0)
    for x.data in (1.0, -1.0, 2.0, -2.0):
        _ = x > 0
    assert [b.outcome for b in x.branches] == [False]


def large(w, k=0.0):
    """Record something that depends on more Values than a leaf holds."""
    return sum((w * (1.0 + n) for n in range(NEAR)), start=k)


def test_comparing_keeps_no_large_graph_alive():
    """A training loop that remembers the best loss does not keep every graph."""
    w = Value(1.0)
    best = large(w, 1.0)
    losses = []
    for k in range(20):
        loss = large(w, 1.0 - k / 100)
        losses.append(weakref.ref(loss))
        best = min(best, loss)
        _ = w < loss
        _ = best > loss
    del loss
    assert sum(r() is not None for r in losses) == 1
    assert any(b.other == b.number for b in w.branches)  # gone: its number stands for it
    assert compared_above(w) == []


def test_leaves_hold_what_was_compared_just_above_them():
    """Both sides, the latest last; constants do not, and a leaf needs nobody to hold it."""
    a, b, k = Value(1.0), Value(2.0), constant(3.0)
    _ = (a - b) * k > 0
    _ = a > engine.sum([b, b * 2, a])
    _ = a < b
    assert [v.data for v in compared_above(a)] == [-3.0, 1.0]
    assert [v.data for v in compared_above(b)] == [-3.0, 1.0]
    assert next(v.reference().data for v in a.branches if v.number == 7.0) == 7.0
    assert compared_above(k) == []
    first = compared_above(a)[0]
    _ = first > 1
    assert [v.data for v in compared_above(a)] == [1.0, -3.0]


def test_a_leaf_and_what_it_holds_are_freed_together():
    """They refer to one another; the collector sees that nobody else does."""
    x = Value(1.0)
    _ = x * 2 > 0
    gone = weakref.ref(x), weakref.ref(compared_above(x)[0])
    del x
    gc.collect()
    assert [r() for r in gone] == [None, None]


def test_copies_of_a_leaf_hold_nothing():
    """What was compared depends on the original."""
    x = Value(1.0)
    _ = x * 2 > 0
    for twin in (copy.copy(x), copy.deepcopy(x), pickle.loads(pickle.dumps(x))):  # noqa: S301
        assert compared_above(twin) == []
        assert twin.partials == ()
    assert len(compared_above(x)) == 1


def test_memory_for_comparisons_is_bounded():
    """A Value that is compared with ever new numbers forgets the oldest."""
    x = Value(0.0)
    for k in range(MOST_BRANCHES + 10):
        _ = x > k
    assert len(x.branches) == MOST_BRANCHES
    assert x.branches[-1].number == MOST_BRANCHES + 9
    for k in range(MOST_BRANCHES + 10):
        _ = x + k > 0
    assert [v.data for v in compared_above(x)] == list(range(10, MOST_BRANCHES + 10))


def test_an_observer_hears_of_every_comparison(monkeypatch):
    """Also of those on nodes that no result depends on."""
    heard = []
    monkeypatch.setattr(value, "observer", lambda v, branch: heard.append((v, branch.relation)))
    x = Value(1.0)
    _ = x * 2 > 1
    assert [(v.data, relation) for v, relation in heard] == [(2.0, ">")]


def test_what_cannot_be_compared_is_refused():
    """And is not remembered."""
    x = Value(1.0)
    with pytest.raises(ValueTypeError, match="the right of '<' must be a real number, not '2'"):
        _ = x < "2"
    assert x.branches == ()


# ---------------------------------------------------------------- copies


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
    for twin in (pickle.loads(pickle.dumps(graph.root)), copy.deepcopy(graph.root)):  # noqa: S301
        assert same(graph.root, twin)
        assert not set(topological_order(twin)) & set(topological_order(graph.root))
        assert [*gradients(twin).values()] == [*gradients(graph.root).values()]


def test_shared_leaves_keep_their_identity():
    """Two losses of the same model come back with one model."""
    w = Value(2.0, "w")
    k = constant(1.0)
    pair = [w * w + k, w + 1, w, k]
    for twins in (pickle.loads(pickle.dumps(pair)), copy.deepcopy(pair)):  # noqa: S301
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
    for twin in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y)):  # noqa: S301 - our own
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
    for twin in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y)):  # noqa: S301 - our own
        assert twin.data == y.data
        assert len(topological_order(twin)) == 100_001
        twin.backward()
        leaf = topological_order(twin)[0]
        assert (leaf.label, leaf.grad) == ("x", gradients(y)[x])


def test_an_operation_that_is_missing_when_a_graph_is_loaded(monkeypatch):
    """The error names it and says what to do."""
    from engine import UnknownNameError, define_op, ops

    half = define_op("half_of", "x / 2", ["0.5"], samples=[(1.0,)])
    kept = pickle.dumps(half(Value(1.0)))
    assert pickle.loads(kept).op is ops.TABLE["half_of"]  # noqa: S301 - our own
    monkeypatch.delitem(ops._table, "half_of")
    with pytest.raises(UnknownNameError, match="no operation 'half_of'"):
        pickle.loads(kept)  # noqa: S301 - our own


# ---------------------------------------------------------------- constants, no_grad, recording


def test_constants_and_detached_values():
    """No gradient enters them; detach keeps number and label and cuts the graph off."""
    x = Value(2.0, "x")
    cut = detach(x * 3)
    named = detach(x)
    y = x * cut + named
    y.backward()
    assert (x.grad, cut.grad, named.grad) == (6.0, 0.0, 0.0)
    assert (cut.parents, named.label, named.is_constant) == ((), "x", True)
    assert detach(3).data == 3.0
    with pytest.raises(ValueTypeError):
        constant("3")


def test_no_grad_nests_and_is_exception_safe():
    """Inside, results are constants; afterwards recording is as it was before."""
    x = Value(2.0)
    with no_grad():
        with no_grad():
            inner = x * x
        again = engine.sum([x, x])
        with pytest.raises(ZeroDivisionError), no_grad():
            raise ZeroDivisionError
        still = x.clamp(0.0, 1.0)
    for y in (inner, again, still):
        assert (y.parents, y.is_constant, y.op) == ((), True, None)
    assert (x * x).parents == (x, x)
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert (x * x).parents == (x, x)


@pytest.mark.parametrize("enabled", [True, False])
def test_recording_restores_the_collector(enabled):
    """Nested, after an error, and if it was off already."""
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with recording():
            assert not gc.isenabled()
            with recording():
                pass
            assert not gc.isenabled()
        assert gc.isenabled() == enabled
        with pytest.raises(ZeroDivisionError), recording():
            raise ZeroDivisionError
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if before else gc.disable)()


def test_ieee_belongs_to_one_thread():
    """The switch is a context variable, so other threads keep raising."""
    seen = []

    def attempt():
        try:
            Value(0.0).log()
        except engine.DomainError:
            seen.append("raised")

    with engine.ieee():
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    assert seen == ["raised"]


# ---------------------------------------------------------------- following along


def lecture(kind):
    """Compute the expression of the micrograd README."""
    a, b = kind(-4.0), kind(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return g.data, a.grad, b.grad


def test_the_lecture_can_be_followed():
    """The numbers that the micrograd README prints."""
    g, a, b = lecture(Value)
    assert (f"{g:.4f}", f"{a:.4f}", f"{b:.4f}") == ("24.7041", "138.8338", "645.5773")


def test_the_numbers_are_those_of_micrograd():
    """The package itself, on the same expression."""
    micrograd = pytest.importorskip("micrograd.engine")
    assert lecture(Value) == pytest.approx(lecture(micrograd.Value), rel=1e-14)
