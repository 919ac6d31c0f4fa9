"""Laws: however a graph is cut into paths, they add up to its gradient."""

import math

from hypothesis import assume, given
from hypothesis import strategies as st
from path_examples import every_path
from strategies import graphs

from engine import WeightedGraph, condense, count_paths, gradients, path_table, paths, top_paths
from engine.core.graph import topological_order

FEW = 3000
"""Lists of paths are made of graphs that have no more."""


def agree(a, b, magnitude):
    """Compare relative to the sum of the absolute contributions."""
    return abs(a - b) <= 1e-12 * magnitude


def with_few_paths(graph, by):
    """Choose the leaves whose paths can be listed; a graph without any is no example."""
    found = [x for x in graph.leaves if count_paths(graph.root, x, by) <= FEW]
    assume(found)
    return found


@given(graphs())
def test_the_sum_over_paths_is_the_gradient_in_both_views(graph):
    """Bauer's formula, for every node, by nodes and by milestones."""
    gradient = gradients(graph.root)
    for by in ("nodes", "milestones"):
        for x in with_few_paths(graph, by):
            found = [path.contribution for path in paths(graph.root, x, by, limit=None)]
            magnitude = math.fsum(map(abs, found))
            assert len(found) == count_paths(graph.root, x, by)
            assert agree(math.fsum(found), gradient.get(x, 0.0), magnitude)


@given(graphs(), st.data())
def test_condensing_onto_any_milestones_keeps_the_gradient(graph, data):
    """Adjoints of the condensed graph are those of the recorded one."""
    _, root = graph
    nodes = topological_order(root)
    chosen = data.draw(st.sets(st.sampled_from(nodes)))
    recorded = WeightedGraph.of(root)
    magnitudes = WeightedGraph(
        nodes, recorded.sources, [tuple(map(abs, row)) for row in recorded.weights]
    ).adjoints()
    full = dict(
        zip(recorded.nodes, zip(recorded.adjoints(), magnitudes, strict=True), strict=True)
    )
    condensed = condense(root, chosen)
    assert set(condensed.nodes) == chosen | {root}
    for node, adjoint in zip(condensed.nodes, condensed.adjoints(), strict=True):
        assert agree(adjoint, *full[node])


@given(graphs(), st.data())
def test_the_weight_between_milestones_is_the_sum_of_the_paths_that_meet_no_other(graph, data):
    """Each condensed edge against the list of the recorded paths it stands for."""
    _, root = graph
    recorded = WeightedGraph.of(root)
    chosen = data.draw(st.sets(st.sampled_from(recorded.nodes))) | {root}
    condensed = condense(root, chosen)
    assume(len(condensed.nodes) > 1)
    row = dict(zip(condensed.sources[-1], condensed.weights[-1], strict=True))
    for k, m in enumerate(condensed.nodes[:-1]):
        if count_paths(recorded, m) > FEW:
            continue
        direct = [
            contribution
            for places, contribution in every_path(recorded, m)
            if not any(recorded.nodes[p] in chosen for p in places[1:-1])
        ]
        assert (k in row) == bool(direct)
        assert agree(row.get(k, 0.0), math.fsum(direct), math.fsum(map(abs, direct)))


@given(graphs(), st.integers(0, 40))
def test_the_best_k_are_the_first_k_of_all_sorted(graph, k):
    """To the last bit, since both multiply in the same order."""
    root = graph.root
    for by in ("nodes", "milestones"):
        for x in with_few_paths(graph, by):
            everything = [abs(path.contribution) for path in paths(root, x, by, limit=None)]
            found = top_paths(root, x, k, by)
            best = [abs(path.contribution) for path in found]
            assert best == sorted(everything, reverse=True)[:k]
            assert len({(path.places, path.slots) for path in found}) == len(found)


@given(graphs())
def test_tables_agree_with_the_gradient_at_any_limit(graph):
    """Also where most paths are only added up."""
    leaves, root = graph
    for by in ("nodes", "milestones"):
        for limit in (0, 2, 20):
            table = path_table(root, leaves[0], by, limit)
            assert table.agrees
            assert table.count == len(table.rows) + table.remaining
            assert str(table)
