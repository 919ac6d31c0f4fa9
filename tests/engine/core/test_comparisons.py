"""Comparisons: outcomes, places, what is remembered and for how long."""

import gc
import inspect
import math
import weakref

import numpy as np
import pytest

import engine
from engine import Value, ValueTypeError, constant
from engine.core.comparisons import MOST_BRANCHES, NEAR, Branch, compared_above, watched


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
