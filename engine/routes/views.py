"""Look at a graph from one of its nodes: everything that the paths of `x` to the root run through.

Counting, listing, ranking and tabulating paths all start from a `View`, so that they agree on what
a path is, whether it runs through milestones or through every recorded node.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from engine.core.graph import WeightedGraph, topological_order
from engine.errors import UnknownNameError, known
from engine.routes.lookup import Names, graph_of, node_named
from engine.routes.milestones import condense, default_milestones

By = Literal["milestones", "nodes"]
"""What the paths run through."""


class View:
    """What lies between ``x`` and the root of a weighted graph.

    Args:
        graph: The graph, condensed or not.
        x: The node that the paths start from.
        recorded: The recorded graph, if it is known; else it is read from the root when needed.

    Attributes:
        graph: The graph.
        x: The node.
        start: The position of ``x`` in ``graph``; None if no path starts there, because the root
            does not depend on ``x`` or ``x`` is a constant.
    """

    def __init__(
        self, graph: WeightedGraph, x: Any, recorded: WeightedGraph | None = None
    ) -> None:
        self.graph = graph
        self._recorded = recorded
        self.x = x
        self.start: int | None = None if x.is_constant else graph.index.get(x)

    @cached_property
    def names(self) -> Names:
        """What to call the nodes."""
        return Names(self.graph)

    @cached_property
    def between(self) -> bytearray:
        """For each node, 1 if it is ``x`` or depends on it, else 0: only there do paths lead."""
        marks = bytearray(len(self.graph))
        if self.start is None:
            return marks
        marks[self.start] = 1
        for k in range(self.start + 1, len(marks)):
            for source in self.graph.sources[k]:
                if marks[source]:
                    marks[k] = 1
                    break
        return marks

    @cached_property
    def count(self) -> int:
        """How many paths there are, exactly: one addition for each edge."""
        if self.start is None:
            return 0
        between = self.between
        ways = [0] * len(self.graph)
        ways[-1] = 1
        for k in range(len(ways) - 1, self.start, -1):
            if between[k]:
                here, ways[k] = ways[k], 0  # a count may have thousands of digits: keep few
                for source in self.graph.sources[k]:
                    if between[source]:
                        ways[source] += here
        return ways[self.start]

    def gradient(self) -> float:
        """Differentiate the root with respect to ``x`` by a sweep over the recorded graph."""
        graph = self._recorded or WeightedGraph.of(self.graph.root)
        if self.x.is_constant or self.x not in graph.index:
            return 0.0
        return graph.adjoints()[graph.index[self.x]]

    def total(self) -> float:
        """Add up the contributions of all paths, without listing them."""
        return 0.0 if self.start is None else self.graph.adjoints()[self.start]

    def total_magnitude(self) -> float:
        """Add up the absolute contributions of all paths, without listing them."""
        return 0.0 if self.start is None else _magnitudes(self.graph)[self.start]

    def recorded_magnitude(self) -> float:
        """Add up the absolute contributions of all paths of the recorded graph.

        What cancels between two milestones counts here: the rounding of `gradient` is relative to
        this number. There must be such a path.
        """
        graph = self._recorded or WeightedGraph.of(self.graph.root)
        return _magnitudes(graph)[graph.index[self.x]]


def _magnitudes(graph: WeightedGraph) -> list[float]:
    weights = [tuple(map(abs, row)) for row in graph.weights]
    return WeightedGraph(graph.nodes, graph.sources, weights).adjoints()


def view(y: Any, x: Any, by: str = "milestones") -> View:
    """Look at ``y`` from ``x``.

    Args:
        y: The root; or a `WeightedGraph`, which is taken as it is, whatever ``by`` says.
        x: A Value, or the label of one.
        by: "milestones" to run through milestones (``x`` is made one), "nodes" to run through
            every recorded node.

    Returns:
        The view.

    Raises:
        UnknownNameError: If ``by`` or a label is not known, or ``x`` was condensed away.
        ValueTypeError: If ``y`` is not a Value, or ``x`` neither a Value nor a text.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0, "x")
        >>> view(x * x, x, by="nodes").count, view(x * x, "x").count
        (2, 1)
    """
    if by not in {"milestones", "nodes"}:
        raise UnknownNameError(
            f"by={by!r} is not known; known are {known(('milestones', 'nodes'))}"
        )
    graph = graph_of(y)
    node = node_named(graph, x)
    if graph is y:
        _refuse_condensed_away(graph, node)
        return View(graph, node)
    kept = graph if by == "nodes" else condense(graph, [*default_milestones(graph), node])
    return View(kept, node, graph)


def _refuse_condensed_away(graph: WeightedGraph, x: Any) -> None:
    """Complain if the root depends on ``x``, but the graph that was given does not show it."""
    if x not in graph.index and x in set(topological_order(graph.root)) and not x.is_constant:
        raise UnknownNameError(
            f"{x!r} is not one of the {len(graph)} nodes of this condensed graph, though its root "
            "depends on it; condense with it among the milestones"
        )
