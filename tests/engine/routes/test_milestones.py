"""Condensing keeps the named nodes, the derivatives, and one edge where many paths ran."""

import pytest
from path_examples import ladder, lecture

import engine
from engine import (
    UnknownNameError,
    Value,
    ValueTypeError,
    WeightedGraph,
    condense,
    constant,
    gradients,
    recording,
    softmax,
)


def weights(graph):
    """Write a graph as {(from, to): weight}, by labels."""
    return {(e.parent.label, e.node.label): e.partial for e in graph.edges()}


def test_paths_between_two_milestones_become_one_edge():
    """The weight is the sum over the paths of the products of their partials."""
    x = Value(3.0, "x")
    y = x * x + 2 * x
    y.label = "y"
    assert weights(condense(y)) == {("x", "y"): 8.0}


def test_paths_through_another_milestone_do_not_count():
    """An edge stands only for paths that meet no milestone between."""
    x = Value(3.0, "x")
    h = x * x
    h.label = "h"
    y = h * 2 + x
    y.label = "y"
    assert weights(condense(y)) == {("x", "h"): 6.0, ("h", "y"): 2.0, ("x", "y"): 1.0}


@pytest.mark.parametrize("written_out", [False, True])
def test_the_softmax_of_the_lecture_notes_condenses_to_its_jacobian(written_out):
    """Each logit has an edge to each share, with the values of S0's network (b = 0)."""
    found = weights(condense(lecture(written_out)["L"]))
    for a, yhat, expected in [
        ("a_21", "yhat_1", 0.176918453),
        ("a_22", "yhat_1", -0.176918453),
        ("a_21", "yhat_2", -0.176918453),
        ("a_22", "yhat_2", 0.176918453),
    ]:
        assert found[a, yhat] == pytest.approx(expected, rel=1e-9)
    assert found["yhat_1", "L"] == pytest.approx(-0.4593280218, rel=1e-9)


def test_an_edge_that_cancels_stays_with_weight_zero():
    """The route exists; it contributes nothing."""
    x = Value(3.0, "x")
    y = x - x
    y.label = "y"
    assert weights(condense(y)) == {("x", "y"): 0.0}


def test_leaves_without_a_label_are_kept_and_constants_are_not():
    """A constant has neither a node nor an edge, whatever its label."""
    x = Value(3.0)
    graph = condense(x * constant(2.0, "k") + constant(1.0))
    assert len(graph) == 2
    assert graph.nodes[0] is x
    assert graph.weights[1] == (2.0,)


def test_a_named_node_of_constants_only_is_kept_without_edges():
    """It is not a constant itself, so it has a gradient."""
    h = constant(2.0) * constant(3.0)
    h.label = "h"
    x = Value(1.0, "x")
    graph = condense(x * h)
    assert [node.label for node in graph.nodes] == ["x", "h", ""]
    assert graph.sources == ((), (), (0, 1))


def test_chosen_milestones_and_the_root_are_kept():
    """Values and labels choose; the root is always there; a stranger is left out."""
    x = Value(3.0, "x")
    h = x.exp()
    k = h * 2
    k.label = "k"
    y = k.sin()
    graph = condense(y, [h, "k", Value(1.0)])
    assert graph.nodes == (h, k, y)
    assert graph.weights == ((), (2.0,), (k.cos().data,))


def test_a_condensed_graph_can_be_condensed_further():
    """Any weighted graph will do."""
    net = lecture()
    once = condense(net["L"])
    twice = condense(once, ["h_13", "a_21", "a_22"])
    assert [node.label for node in twice.nodes] == ["h_13", "a_21", "a_22", "L"]
    assert twice.adjoints()[0] == pytest.approx(gradients(net["L"])[net["h_13"]], rel=1e-12)


def test_a_lone_leaf_is_its_own_graph():
    """The root is kept even if it is all there is, or a constant."""
    for y in (Value(1.0), constant(1.0)):
        assert condense(y).nodes == (y,)


def test_duplicate_labels_are_two_milestones():
    """Identity is the object, not the label."""
    a, b = Value(2.0, "h"), Value(3.0, "h")
    graph = condense(a * b)
    assert graph.nodes[:2] == (a, b)
    assert graph.weights[2] == (3.0, 2.0)


def test_unknown_milestones_are_refused():
    """A misspelt label, or something that is no node."""
    y = Value(2.0, "x").exp()
    with pytest.raises(UnknownNameError, match="no node below y is labelled 'h'"):
        condense(y, ["h"])
    for wrong in ([3], 3):
        with pytest.raises(ValueTypeError, match="not as 3"):
            condense(y, wrong)


class Counted(tuple):
    """A row of operands that counts how often it is read."""

    __slots__ = ()
    reads = 0

    def __iter__(self):
        Counted.reads += len(self)
        return super().__iter__()


def test_each_milestone_pays_for_the_interior_it_sees_once():
    """A softmax of n named outputs on n named logits reads a small multiple of n squared edges."""
    n = 40
    xs = [Value(0.1 * k, f"x_{k}") for k in range(n)]
    shares = softmax(xs)
    for k, share in enumerate(shares):
        share.label = f"s_{k}"
    graph = WeightedGraph.of(engine.sum(shares))
    graph.sources = tuple(map(Counted, graph.sources))
    Counted.reads = 0
    condensed = condense(graph)
    assert sum(map(len, condensed.sources)) == n * n + n
    assert Counted.reads <= 2 * (n * (n + 3) + n)


def test_ladders_and_long_chains_condense_in_one_sweep():
    """2 ** 1000 paths are one edge; a chain of 100,000 nodes needs no recursion."""
    _, y = ladder(1000, 0.5, 0.25)
    assert condense(y).weights[-1][0] == pytest.approx(0.75**1000, rel=1e-12)
    x = Value(1.0, "x")
    with recording():
        y = x
        for _ in range(100_000):
            y = y + 1.0
    assert condense(y).weights == ((), (1.0,))
