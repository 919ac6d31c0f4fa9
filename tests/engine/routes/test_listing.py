"""Paths are counted exactly, listed lazily, and say what they are."""

import math
import time
from itertools import islice

import pytest
from path_examples import every_path, ladder, lecture

from engine import (
    Edge,
    ShapeError,
    UnknownNameError,
    Value,
    ValueTypeError,
    WeightedGraph,
    count_paths,
    path_table,
    paths,
    recording,
)
from engine.routes.listing import approximately, arrows, distinguished, exact_sum


def test_counts_of_the_lecture_notes():
    """Four routes of w_131 through milestones, six raw paths; two for w_212."""
    net = lecture(written_out=True)
    assert count_paths(net["L"], net["w_131"]) == 4
    assert count_paths(net["L"], "w_131", by="nodes") == 6
    assert count_paths(lecture()["L"], "w_131", by="nodes") == 6
    assert count_paths(net["L"], "w_212") == 2


def test_a_ladder_of_a_thousand_diamonds():
    """2 ** 1000 paths, exactly, in under a second."""
    x, y = ladder(1000)
    start = time.process_time()
    assert count_paths(y, x, by="nodes") == 2**1000
    assert time.process_time() - start < 1


def test_repeated_operands_are_two_paths():
    """X * x has two edges to x."""
    x = Value(3.0, "x")
    first, second = paths(x * x, x, by="nodes")
    assert (first.slots, second.slots) == ((0,), (1,))
    assert str(second) == "x → y (operand 2)"


def test_paths_are_those_of_the_plain_recursion_in_its_order():
    """Same routes, same order, same contributions."""
    net = lecture(written_out=True)
    graph = WeightedGraph.of(net["L"])
    for x in net.values():
        found = [(p.places, p.contribution) for p in paths(graph, x)]
        expected = every_path(graph, x)
        assert [p[0] for p in found] == [p[0] for p in expected]
        assert [p[1] for p in found] == pytest.approx([p[1] for p in expected], rel=1e-14)


def test_what_a_path_knows():
    """Nodes, slots, partials, edges and names run from x to the root."""
    x = Value(3.0, "x_1")
    h = x * x
    h.label = "h"
    y = 2 * h
    y.label = "L"
    _, path = paths(y, x, by="nodes")
    assert path.nodes == (x, h, y)
    assert path.partials == (3.0, 2.0)
    assert path.edges == (Edge(h, 1, x, 3.0), Edge(y, 0, h, 2.0))
    assert path.contribution == 6.0
    assert path.names == ("x₁", "h", "L")
    assert len(path) == 3
    assert str(path) == "x₁ → h (operand 2) → L"
    assert repr(path) == "<Path x₁ → h (operand 2) → L: 6.0>"
    assert path.route(1) == "h (operand 2) → L"


def test_a_listing_can_be_run_through_again():
    """Paths is no one-shot iterator."""
    x = Value(3.0, "x")
    found = paths(x * x + x, x, by="nodes")
    assert list(found) == list(found)
    assert [path.contribution for path in found] == [3.0, 3.0, 1.0]


def test_listing_is_lazy_and_knows_how_many_remain():
    """The first paths of 2 ** 1000 come at once; the count comes before them."""
    x, y = ladder(1000)
    found = paths(y, x, by="nodes", limit=3)
    assert found.count == 2**1000
    assert found.remaining == 2**1000 - 3
    assert len(list(found)) == 3
    assert repr(found) == "<Paths: about 1.07×10³⁰¹ paths, the first 3 are listed>"
    endless = paths(y, x, by="nodes", limit=None)
    assert endless.remaining == 0
    assert len(list(islice(endless, 5))) == 5
    assert repr(endless) == "<Paths: about 1.07×10³⁰¹ paths>"


def test_the_limit_is_a_thousand_by_default():
    """More are listed only when asked for."""
    x, y = ladder(11)
    found = paths(y, x, by="nodes")
    assert (found.count, len(list(found)), found.remaining) == (2048, 1000, 1048)


def test_the_walk_enters_only_what_leads_to_x():
    """A wide part of the graph that does not depend on x costs nothing."""
    x = Value(1.0, "x")
    _, other = ladder(500)
    (path,) = paths(x * other, x, by="nodes", limit=None)
    assert len(path) == 2


def test_no_path_is_no_error():
    """What y does not depend on has no path; only a misspelt name is refused."""
    y = Value(1.0, "x").exp()
    assert list(paths(y, Value(2.0))) == []
    assert count_paths(y, Value(2.0)) == 0
    with pytest.raises(UnknownNameError, match="labelled 'z'"):
        paths(y, "z")


def test_the_root_itself_is_a_path_of_no_edges():
    """Its contribution is 1."""
    y = Value(1.0, "y")
    (path,) = paths(y, y)
    assert (path.places, path.slots, path.contribution, path.edges) == ((0,), (), 1.0, ())


@pytest.mark.parametrize(
    ("limit", "error"), [(2.5, ValueTypeError), ("9", ValueTypeError), (-1, ShapeError)]
)
def test_a_limit_is_a_whole_number(limit, error):
    """The message names the argument and what was given."""
    with pytest.raises(error, match="limit must "):
        paths(Value(1.0), Value(1.0), limit=limit)


def test_a_long_chain_needs_no_recursion_and_prints_short():
    """100,000 nodes: one path, whose middle is not written."""
    x = y = Value(1.0, "x")
    with recording():
        for _ in range(100_000):
            y = y + 1.0
    (path,) = paths(y, x, by="nodes")
    assert len(path) == 100_001
    assert str(path).startswith("x → +₁ → ")
    assert "(99,977 more)" in str(path)
    assert str(path).endswith(" → y")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 paths"),
        (1, "1 path"),
        (12345, "12,345 paths"),
        (10**15, "about 1×10¹⁵ paths"),
        (10**300, "about 1×10³⁰⁰ paths"),
        (10**301 - 1, "about 1×10³⁰¹ paths"),
    ],
)
def test_counts_in_words(count, text):
    """Short ones exactly, long ones as a power of ten."""
    assert approximately(count) == text


def test_counts_beyond_what_python_prints():
    """A count of more than 4,300 digits can still be said."""
    assert approximately(2**100_000) == "about 9.99×10³⁰¹⁰² paths"


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ([0.1] * 10, 1.0),
        ([1e308, 1e308, -1.5e308], 5e307),
        ([1e308, 1e308], math.inf),
        ([-1e308, -1e308, -1e308], -math.inf),
        ([math.inf, 1.0], math.inf),
        ([math.inf, -math.inf], math.nan),
        ([], 0.0),
    ],
)
def test_sums_of_any_size(terms, expected):
    """No sum of contributions fails: what is too large is infinite."""
    assert exact_sum(terms) == pytest.approx(expected, rel=1e-15, nan_ok=True)


def test_tables_of_contributions_that_overflow():
    """A path table of a sum beyond the largest float is a table."""
    x = Value(0.0, "x")
    y = x * 1e308 + x * 1e308
    assert path_table(y, x, by="nodes").total == math.inf


def test_a_limit_beyond_all_paths_leaves_nothing_out():
    """Nothing remains, and each path is one thing: it can be kept in a set, not changed."""
    x = Value(3.0, "x")
    found = paths(x * x + x, x, by="nodes", limit=5)
    assert (found.count, found.remaining) == (3, 0)
    assert len({*found, *found}) == 3
    assert list(paths(x * x + x, x, by="nodes", limit=0)) == []
    with pytest.raises(AttributeError):
        next(iter(found)).contribution = 1.0


def test_what_tells_routes_apart_is_what_not_all_have():
    """All names where nothing would remain."""
    assert distinguished([["x", "u", "L"], ["x", "v", "L"]]) == [["u"], ["v"]]
    assert distinguished([["x", "L"], ["x", "L"]]) == [["x", "L"], ["x", "L"]]
    assert distinguished([]) == []


def test_the_middle_of_a_long_route_is_counted():
    """Half of what is shown stands on each side of it."""
    assert arrows("abcdefg".__getitem__, 7, most=4) == "a → b → (3 more) → f → g"
    assert arrows("abcd".__getitem__, 4, most=4) == "a → b → c → d"
