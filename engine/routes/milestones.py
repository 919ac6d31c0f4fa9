"""Condense a graph onto its milestones: the textbook's view.

A lecture does not draw the exponentials inside a softmax; it draws a₂₁ → ŷ₁. A *milestone* (this
project's word) is a node that is kept. The arrow from milestone m to milestone n gets the sum,
over all paths from m to n that meet no other milestone, of the products of their local
derivatives. What is left is a small weighted graph with the same derivatives, in which a route is
what a person means by one: the six raw paths of a weight through a softmax written as exp, sum and
division become four.

Keeping some nodes and condensing the others is vertex elimination on the linearised computational
graph (Griewank and Walther, "Evaluating Derivatives", 2nd ed., 2008, chapters 9 and 10).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.graph import WeightedGraph
from engine.core.recording import recording

if TYPE_CHECKING:
    from collections.abc import Iterable


def default_milestones(graph: WeightedGraph) -> list[Any]:
    """List what is kept unless more is asked for: named nodes and leaves, no constants."""
    return [
        node
        for node, sources in zip(graph.nodes, graph.sources, strict=True)
        if (node.label or not sources) and not node.is_constant
    ]


def condensed(graph: WeightedGraph, milestones: Iterable[Any]) -> WeightedGraph:
    """Condense a graph onto its root and some other nodes; constants are left out."""
    chosen = set(milestones)
    keep = [node in chosen and not node.is_constant for node in graph.nodes]
    keep[-1] = True
    places = [k for k, kept in enumerate(keep) if kept]
    position = {k: i for i, k in enumerate(places)}
    adjoint = [0.0] * len(graph)
    with recording():  # no collector while the many small tuples are made
        rows = [_visible(graph, k, keep, adjoint) for k in places]
        return WeightedGraph(
            [graph.nodes[k] for k in places],
            [tuple(position[k] for k in row) for row in rows],
            [tuple(row.values()) for row in rows],
        )


def _visible(
    graph: WeightedGraph, milestone: int, keep: list[bool], adjoint: list[float]
) -> dict[int, float]:
    """Sweep back from a milestone to the next ones: their places and the weights to them.

    ``adjoint`` is all zeros before and after; the milestones share it, so that each pays only for
    what it sees.
    """
    seen: set[int] = set()
    stack = [milestone]
    while stack:
        for source in graph.sources[stack.pop()]:
            if source not in seen:
                seen.add(source)
                if not keep[source]:
                    stack.append(source)
    interior = sorted((k for k in seen if not keep[k]), reverse=True)  # users before operands
    adjoint[milestone] = 1.0
    for k in (milestone, *interior):
        upstream, adjoint[k] = adjoint[k], 0.0
        for source, weight in zip(graph.sources[k], graph.weights[k], strict=True):
            adjoint[source] += weight * upstream
    row = {k: adjoint[k] for k in sorted(seen) if keep[k]}
    for k in row:
        adjoint[k] = 0.0
    return row
