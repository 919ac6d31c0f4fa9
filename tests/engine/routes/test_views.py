"""A view knows what lies between x and the root, how many paths, and what they add up to."""

import pytest
from path_examples import ladder, lecture

from engine import UnknownNameError, Value, WeightedGraph, condense, constant
from engine.routes.views import View, view


def test_the_two_ways_of_looking():
    """Milestones merge the paths that nodes keep apart."""
    net = lecture(written_out=True)
    assert view(net["L"], net["w_131"]).count == 4
    assert view(net["L"], "w_131", by="nodes").count == 6
    assert view(net["L"], "w_212").count == 2


def test_x_is_made_a_milestone():
    """A node without a label can be looked from as well."""
    x = Value(2.0, "x")
    h = x * 3
    seen = view(h.exp() + h, h)
    assert seen.graph.nodes[seen.start] is h
    assert seen.count == 1


def test_a_weighted_graph_is_taken_as_it_is():
    """``by`` changes nothing then."""
    net = lecture()
    graph = condense(net["L"])
    assert view(graph, "w_131", by="nodes").graph is graph
    assert view(graph, "w_131").gradient() == view(net["L"], "w_131").gradient()


def test_what_was_condensed_away_is_not_taken_for_independent():
    """A gradient of 0 would be wrong, so it is an error; a stranger or a constant is none."""
    x = Value(2.0, "x")
    h = x * 3
    graph = condense(h.exp())
    with pytest.raises(UnknownNameError, match=r"is not one of the 2 nodes of this condensed"):
        view(graph, h)
    assert view(graph, Value(1.0)).count == 0
    assert view(condense(x * constant(1.0, "k")), constant(2.0)).count == 0


def test_no_path_from_strangers_and_constants():
    """Count, total and gradient are 0."""
    k = constant(2.0, "k")
    y = Value(3.0) * k
    for x in (Value(1.0), k):
        seen = view(y, x, by="nodes")
        assert seen.start is None
        assert (seen.count, seen.total(), seen.total_magnitude(), seen.gradient()) == (0, 0, 0, 0)
        assert not any(seen.between)


def test_the_root_itself_is_one_path():
    """Of no edges, with contribution 1."""
    y = Value(3.0, "x").exp()
    seen = view(y, y)
    assert (seen.count, seen.total(), seen.gradient()) == (1, 1.0, 1.0)


def test_totals_without_listing():
    """The sum, and the sum of absolute values, of 2 ** 50 contributions."""
    x, y = ladder(50, 1.0, -0.5)
    seen = view(y, x, by="nodes")
    assert seen.count == 2**50
    assert seen.total() == 0.5**50 == seen.gradient()
    assert seen.total_magnitude() == 1.5**50


def test_between_marks_what_depends_on_x():
    """Other operands are not on the way."""
    x, w = Value(1.0), Value(2.0)
    graph = WeightedGraph.of(w.exp() * x + w)
    assert list(View(graph, x).between) == [0, 0, 1, 1, 1]


def test_by_must_be_known():
    """The message lists what is known."""
    with pytest.raises(UnknownNameError, match=r"by='edges'.*'milestones', 'nodes'"):
        view(Value(1.0), Value(1.0), by="edges")
