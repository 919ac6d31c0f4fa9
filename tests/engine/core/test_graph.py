"""Walking a graph: order, edges, and the weighted graph."""

import pytest
from hypothesis import given
from strategies import graphs

from engine import Value, ValueTypeError, WeightedGraph, edges, gradients, topological_order
from engine import sum as add_up


def test_order_is_depth_first_operands_first():
    """The order of a small graph, written out."""
    a, b = Value(1.0, "a"), Value(2.0, "b")
    c = b * a
    d = c + a
    assert topological_order(d) == [b, a, c, d]
    assert topological_order(a) == [a]


@given(graphs())
def test_operands_come_before_users_once_each(graph):
    """The definition of a topological order, on random graphs."""
    order = topological_order(graph.root)
    place = {node: k for k, node in enumerate(order)}
    assert len(place) == len(order)
    assert order[-1] is graph.root
    assert all(place[p] < place[n] for n in order for p in n.parents)
    assert topological_order(graph.root) == order


def test_repeated_operands_keep_both_edges():
    """X * x is two arrows, x - x too, and so is a list with x in it twice."""
    x = Value(3.0, "x")
    y = x * x
    assert edges(y) == [(y, 0, x, 3.0), (y, 1, x, 3.0)]
    z = x - x
    assert [(e.slot, e.partial) for e in edges(z)] == [(0, 1.0), (1, -1.0)]
    assert len(edges(add_up([x, x, x]))) == 3
    assert gradients(y)[x] == 6.0


@given(graphs())
def test_the_weighted_graph_is_the_recorded_one(graph):
    """Nodes in order, and the partials as weights of the edges."""
    weighted = WeightedGraph.of(graph.root)
    order = topological_order(graph.root)
    assert list(weighted.nodes) == order
    assert weighted.root is graph.root
    assert len(weighted) == len(order)
    assert weighted.index == {node: k for k, node in enumerate(order)}
    assert list(weighted.edges()) == [
        (n, slot, p, d)
        for n in order
        for slot, (p, d) in enumerate(zip(n.parents, n.partials, strict=True))
    ]


def test_a_weighted_graph_says_its_size():
    """Its repr counts nodes and edges."""
    x = Value(3.0)
    assert repr(WeightedGraph.of(x * x)) == "<WeightedGraph of 2 nodes and 2 edges>"


@pytest.mark.parametrize("wrong", [3.0, "x", None, [Value(1.0)]])
def test_what_is_no_node_has_no_graph(wrong):
    """One clear error, from everything that walks."""
    for walk in (topological_order, edges, gradients):
        with pytest.raises(ValueTypeError, match=r"a graph ends in a Value, .* not in"):
            walk(wrong)


@pytest.mark.slow
def test_an_iterative_walk_survives_what_recursion_does_not():
    """Diamonds share their tips, and depth is no matter."""
    x = y = Value(1.0)
    for _ in range(25_000):
        y = y + y
        y = y - x * 0 - y.data / 2  # the value stays small
    assert len(topological_order(y)) == 100_001
