"""Comparisons: outcomes, places, what is remembered and for how long."""

import gc
import inspect
import math
import weakref

import numpy as np
import pytest

import engine
from engine import BranchChangedError, Value, ValueTypeError, constant
from engine.core.comparisons import (
    MOST_BRANCHES,
    NEAR,
    Branch,
    compared_above,
    compared_values,
    watched,
)


def test_comparisons_compare_the_data():
    """With Values and with numbers, on either side."""
    x, y = Value(1.0), Value(2.0)
    assert (x < y, x <= y, x > y, x >= y) == (True, True, False, False)
    assert (x < 1, x <= 1, x < 1, x <= 1) == (False, True, False, True)
    assert not Value(math.nan) < 1
    assert max([y, x]) is y


def test_arrays_are_compared_element_by_element_on_either_side():
    """NumPy takes them apart; each comparison is remembered."""
    x = Value(2.0)
    for found in (x < np.array([1.0, 3.0]), np.array([1.0, 3.0]) > x):
        assert list(found) == [False, True]
    assert [b.number for b in x.branches] == [1.0, 3.0]
    assert x >= np.array(2.0)


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
    assert compared_above([w]) == []


def test_leaves_hold_what_was_compared_just_above_them():
    """Both sides, the latest last; constants do not, and a leaf needs nobody to hold it."""
    a, b, k = Value(1.0), Value(2.0), constant(3.0)
    _ = (a - b) * k > 0
    _ = a > engine.sum([b, b * 2, a])
    _ = a < b
    assert [v.data for v in compared_above([a])] == [-3.0, 1.0]
    assert [v.data for v in compared_above([b])] == [-3.0, 1.0]
    assert next(b.other.data for b in a.branches if b.number == 7.0) == 7.0
    assert compared_above([k]) == []
    first = compared_above([a])[0]
    _ = first > 1
    assert [v.data for v in compared_above([a])] == [1.0, -3.0]


@pytest.fixture
def no_collector():
    """Free what nothing refers to, and nothing else."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_comparing_keeps_nothing_alive():
    """A leaf knows how a compared Value was made, and does not hold it; so there is no cycle."""
    x, t = Value(1.0), Value(3.0)
    y, z = x * 2, x * t
    _ = (y > 0, y < z, x + y > t)
    gone = [weakref.ref(v) for v in (y, z, t)]
    del y, z, t
    assert [r() for r in gone] == [None] * 3
    again = compared_above([x])
    assert [v.data for v in again] == [2.0, 3.0]
    assert [len(v.branches) for v in again] == [2, 1]
    gone = [weakref.ref(v) for v in (x, *again)]
    del x, again
    assert [r() for r in gone] == [None] * 3


def test_what_is_gone_is_made_again_of_what_is_left():
    """The same leaves, the same living results; a leaf that is gone leaves its number and name."""
    x, t = Value(5.0, "x"), Value(3.0, "t")
    h = x * 2
    d = h - t
    d.label = "d"
    _ = d > 0
    del d, t
    (again,) = compared_above([x])
    assert (again.op.name, again.data, again.label, again.partials) == (
        "sub",
        7.0,
        "d",
        (1.0, -1.0),
    )
    assert again.parents[0] is h
    last = again.parents[1]
    assert (type(last), last.data, last.label, last.is_leaf) == (Value, 3.0, "t", True)
    assert compared_above([x]) == [again]
    assert [b.outcome for b in again.branches] == [True]
    del again, h
    (again,) = compared_above([x])
    assert again.parents[0].parents[0] is x
    again.backward()
    assert x.grad == 2.0


def test_the_right_of_a_comparison_is_made_again_too():
    """Not where it depends on many Values: then its number is left."""
    x = Value(5.0)
    here = line() + 1
    _ = x < x * 3
    (branch,) = x.branches
    assert (branch.living, branch.number, branch.line) == (None, 15.0, here)
    other = branch.other
    assert (other.data, other.parents) == (15.0, (x,))
    assert branch.other is other
    _ = x < large(x)
    far = x.branches[-1]
    assert (far.living, far.other, far.recipe) == (None, far.number, None)


def test_a_replay_compares_again_what_nothing_held():
    """With the number that the leaf has now."""
    x, w = Value(5.0), Value(2.0)
    y = 2 * w if x - w * 2 > 0 else w
    f = engine.compile(y, [x], [w])
    assert f.value([4.5]) == 4.0
    with pytest.raises(BranchChangedError, match=r"compared -0\.5 > 0\.0"):
        f.value([3.5])
    w.data = 1.0
    assert f.value([3.5]) == 2.0


def test_the_living_among_the_compared_are_known():
    """Those on the left of a comparison, while they exist."""
    before = set(compared_values())
    x, y = Value(1.0), Value(2.0)
    z = x * y
    _ = (x < y, z > y, x + y > 0)
    assert set(compared_values()) - before == {x, z}
    del z
    assert set(compared_values()) - before == {x}


def test_up_to_so_many_values_are_near():
    """On both sides together, each counted once."""
    x, t = Value(1.0), Value(0.5)
    y = x * t
    for _ in range((NEAR - 3) // 2):
        y = y * t + x
    assert len(engine.topological_order(y)) == NEAR - 1
    _ = y > engine.sum([x, t])
    assert compared_above([t]) == [y]
    _ = (z := y.sin()) > x
    assert compared_above([t]) == [y, z]
    _ = (z := y.cos()) > engine.sum([x, t])
    assert compared_above([t])[-1] is not z
    w = Value(2.0)
    _ = engine.sum([w, w, *[w] * NEAR, *[y] * 3]) > 0
    assert compared_above([w]) == []
    _ = engine.sum([*[w] * (2 * NEAR), t]) > 0
    assert [v.data for v in compared_above([w])] == [4.0 * NEAR + 0.5]


def test_memory_for_comparisons_is_bounded():
    """A Value that is compared with ever new numbers forgets the oldest."""
    x = Value(0.0)
    for k in range(MOST_BRANCHES + 10):
        _ = x > k
    assert len(x.branches) == MOST_BRANCHES
    assert x.branches[-1].number == MOST_BRANCHES + 9
    for k in range(MOST_BRANCHES + 10):
        _ = x + k > 0
    assert [v.data for v in compared_above([x])] == list(range(10, MOST_BRANCHES + 10))


def test_an_observer_hears_of_every_comparison():
    """Also of those on nodes that no result depends on."""
    heard = []

    def hear(compared, branch):
        heard.append((compared, branch.relation))

    x = Value(1.0)
    with watched.block(hear):
        _ = x * 2 > 1
        with watched.block(None):
            _ = x > 0
    _ = x < 0
    assert [(v.data, relation) for v, relation in heard] == [(2.0, ">")]


def test_what_cannot_be_compared_is_refused():
    """And is not remembered."""
    x = Value(1.0)
    with pytest.raises(ValueTypeError, match="the right of '<' must be a real number, not '2'"):
        _ = x < "2"
    assert x.branches == ()


@pytest.mark.parametrize("number", [1, True, np.float32(1.0)])
def test_numbers_of_other_kinds_are_compared(number):
    """The data of a leaf may be assigned, also a whole number."""
    x = Value(0.0)
    x.data = number
    assert [x < 2, x <= 1, x > 1, x >= Value(2.0)] == [True, True, False, False]
    assert all(type(branch.outcome) is bool for branch in x.branches)
