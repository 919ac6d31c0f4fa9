"""Choose the routes that a diagram draws in colour, as edges of the graph that it draws."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.core.graph import WeightedGraph
from engine.core.node import Node
from engine.errors import ValueTypeError
from engine.labels import number
from engine.routes.listing import Path, distinguished
from engine.routes.ranking import all_or_largest
from engine.routes.reading import Reading
from viz.graph.diagram import Step

MOST_ROUTES = 6
"""More colours cannot be told apart."""

Highlight = Node | str | Path | Iterable[Path] | None


def routes_of(reading: Reading, highlight: Highlight) -> list[Path]:
    """Find the routes that are meant: paths as they are, of a node or label the largest ones.

    Example:
        >>> from engine import Value
        >>> from engine.routes.reading import read
        >>> x = Value(3.0, "x")
        >>> [path.contribution for path in routes_of(read(x * x), "x")]
        [3.0, 3.0]
    """
    if highlight is None:
        return []
    if isinstance(highlight, (Node, str)):
        return all_or_largest(reading.view(reading.find(highlight)), MOST_ROUTES)
    return listed(highlight)


def listed(highlight: Any) -> list[Path]:
    """List the paths that were given."""
    given = list(highlight) if isinstance(highlight, Iterable) else [highlight]
    wrong = [each for each in given if not isinstance(each, Path)]
    if wrong:
        raise ValueTypeError(
            f"highlight must be a Value, a label, or paths as engine.paths gives them, "
            f"not {wrong[0]!r} ({type(wrong[0]).__name__})"
        )
    return given


def steps_of(graph: WeightedGraph, path: Path) -> frozenset[Step]:
    """Find the edges that a route takes in the graph that is drawn."""
    steps = []
    for node, slot, parent, _ in path.edges:
        k = graph.index.get(node, -1)
        known = k >= 0 and slot < len(graph.sources[k])
        if not known or graph.nodes[graph.sources[k][slot]] is not parent:
            raise ValueTypeError(
                f"the route {path} is not one of the graph that is drawn; take it from the same "
                "result and view: paths(y, x) for view='milestones', paths(y, x, by='nodes') for "
                "view='nodes'"
            )
        steps.append((k, slot))
    return frozenset(steps)


def legends(routes: Sequence[Path]) -> tuple[str, ...]:
    """Say for each route what distinguishes it, and what it contributes.

    Example:
        >>> from engine import Value
        >>> from engine.routes.listing import paths
        >>> x = Value(3.0, "x")
        >>> u, v = x.exp(), -x
        >>> u.label, v.label = "u", "v"
        >>> legends(list(paths(u + 2 * v, x)))
        ('u: +20.09', 'v: −2')
    """
    named = [" → ".join(names) for names in distinguished([list(path.names) for path in routes])]
    return tuple(
        # Routes of the same nodes differ by the operand: a path's own text says which.
        f"{name if named.count(name) == 1 else path}: {signed(path.contribution)}"
        for name, path in zip(named, routes, strict=True)
    )


def signed(x: float) -> str:
    """Write a contribution: four digits, and its sign also where it is positive.

    Example:
        >>> signed(0.00473903), signed(-0.5)
        ('+0.004739', '−0.5')
    """
    return f"+{number(x)}" if x > 0 else number(x)
