"""Which routes a diagram draws in colour."""

import pytest

from engine import Value, ValueTypeError, WeightedGraph
from engine.routes.listing import paths
from engine.routes.reading import read
from viz.graph.highlight import MOST_ROUTES, distinguished, legends, routes_of, signed, steps_of


def test_routes_of_a_node():
    """A node, or its label, means its routes, in the order of the graph."""
    x = Value(3.0, "x")
    graph = WeightedGraph.of(x * x + 2 * x)
    assert [p.contribution for p in routes_of(read(graph), x)] == [3.0, 3.0, 2.0]
    assert list(map(str, routes_of(read(graph), "x"))) == list(map(str, routes_of(read(graph), x)))
    assert routes_of(read(graph), None) == []


def test_only_the_largest_of_many():
    """More routes than colours: the largest are chosen."""
    x = Value(1.0, "x")
    y = sum(k * x for k in range(1, 11))
    found = routes_of(read(y), x)
    assert [p.contribution for p in found] == [10.0, 9.0, 8.0, 7.0, 6.0, 5.0][:MOST_ROUTES]


def test_given_routes():
    """A path or paths are taken as they are."""
    x = Value(3.0, "x")
    y = x * x
    found = list(paths(y, x, by="nodes"))
    graph = WeightedGraph.of(y)
    assert routes_of(read(graph), found[0]) == found[:1]
    assert routes_of(read(graph), iter(found)) == found
    assert [steps_of(graph, path) for path in found] == [{(1, 0)}, {(1, 1)}]


@pytest.mark.parametrize("wrong", [3.5, [1, 2]])
def test_what_is_no_route(wrong):
    """Anything else is refused, and what is wanted named."""
    with pytest.raises(ValueTypeError, match="highlight must be a Value, a label, or paths"):
        routes_of(read(Value(1.0)), wrong)


def test_a_route_of_another_graph():
    """A path of another view or graph is refused, with the way out."""
    x = Value(3.0, "x")
    y = (x * x).tanh()
    (milestones,) = paths(y, x)
    with pytest.raises(ValueTypeError, match="by='nodes'"):
        steps_of(WeightedGraph.of(y), milestones)
    with pytest.raises(ValueTypeError, match="not one of the graph"):
        steps_of(WeightedGraph.of(x + 1), milestones)


def test_legends():
    """Routes are told apart by what not all of them pass."""
    x = Value(3.0, "x")
    u, v = x.exp(), -x
    u.label, v.label = "u", "v_1"
    assert legends(list(paths(u + 2 * v, x))) == ("u: +20.09", "v₁: −2")
    assert legends(list(paths(2 * v, x))) == ("x → v₁ → y: −2",)
    same = legends(list(paths(x * x, x, by="nodes")))
    assert len(set(same)) == 2
    assert legends([]) == ()
    assert distinguished([["x", "y"], ["x", "y"]]) == [["x", "y"], ["x", "y"]]
    assert signed(0.0) == "0"
