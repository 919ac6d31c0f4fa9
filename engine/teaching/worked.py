"""A gradient worked out: its routes, the local derivatives on them, and their numbers.

`worked` collects what a derivation shows; `engine.teaching.written` writes it down. With
``digits`` every computed milestone is rounded first and the derivatives are evaluated from the
rounded numbers, as a person does who goes on with the figures on paper; the recorded graph is not
touched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.arguments import whole
from engine.core.domain import named
from engine.core.graph import WeightedGraph
from engine.core.node import Node
from engine.errors import DomainError, ShapeError, StaleGraphError, ValueTypeError
from engine.formulas.arrows import LocalFormulas, Values, recorded
from engine.formulas.tree import Formula, evaluate
from engine.routes.listing import Path
from engine.routes.ranking import all_or_largest
from engine.routes.reading import Reading, View, view

MOST_DECIMALS = 15

STALE = 1e-6
"""A derivative that comes out further than this from the recorded one is of other numbers."""


@dataclass(frozen=True)
class Factor:
    """One arrow of a route; what is costly about it is worked out when it is asked for.

    Attributes:
        work: The gradient that it belongs to.
        place: The position in the view of the node that it leads to.
        edge: Which of the arrows into that node it is.
    """

    work: Worked
    place: int
    edge: int

    @property
    def node(self) -> Any:
        """Where it leads to."""
        return self.work.view.graph.nodes[self.place]

    @property
    def source(self) -> Any:
        """Where it comes from."""
        graph = self.work.view.graph
        return graph.nodes[graph.sources[self.place][self.edge]]

    @property
    def value(self) -> float:
        """The derivative of `node` with respect to `source`."""
        return self.work.view.graph.weights[self.place][self.edge]

    @property
    def slot(self) -> int | None:
        """Which operand is meant, if the source is several, each with its own arrow; else None."""
        sources = self.work.view.graph.sources[self.place]
        return self.edge if sources.count(sources[self.edge]) > 1 else None

    @property
    def formula(self) -> Formula | None:
        """The derivative as a formula.

        None if it is too long to write, or a special case that the derivative table decides.
        """
        return self.work.formula(self.place, self.edge)

    @property
    def inner(self) -> int:
        """How many paths through unnamed nodes it stands for."""
        if self.work.is_raw:
            return 1
        return self.work.formulas.count_inner_paths(self.node, self.source)


@dataclass(frozen=True)
class Route:
    """One route from ``x`` to ``y``.

    Attributes:
        nodes: The nodes, from ``x`` to ``y``.
        factors: The arrows, from ``y`` down to ``x``, as the chain rule is written.
        contribution: The product of their numbers.
    """

    nodes: tuple[Any, ...]
    factors: tuple[Factor, ...]
    contribution: float


class Worked:
    """A gradient worked out: the ``exact`` view as recorded, and the ``view`` with its numbers."""

    def __init__(self, exact: View, formulas: LocalFormulas, digits: int | None) -> None:
        self.y = exact.graph.root
        self.x = exact.x
        self.exact = exact
        self.digits = digits
        self.is_raw = exact.reading is exact.reading.recorded
        self.formulas = formulas
        self.value = recorded if digits is None else _rounding(exact.graph, digits)
        self.view = exact if digits is None else self._rounded_view()

    def rounded(self, digits: int) -> Worked:
        """Work the same gradient out from rounded numbers; the formulas stay what they are."""
        return Worked(self.exact, self.formulas, digits)

    @property
    def total(self) -> float:
        """The sum over all routes, by one backward sweep."""
        return self.view.total

    @property
    def gradient(self) -> float:
        """The gradient as recorded, without any rounding."""
        return self.exact.total

    def routes(self, limit: int) -> list[Route]:
        """List the routes: all of them in the order of the graph, or the largest ``limit``."""
        return [self._route(path) for path in all_or_largest(self.view, limit)]

    def _route(self, path: Path) -> Route:
        factors = [
            Factor(self, place, slot)
            for place, slot in zip(path.places[1:], path.slots, strict=True)
        ]
        return Route(path.nodes, tuple(reversed(factors)), path.contribution)

    def formula(self, place: int, slot: int) -> Formula | None:
        """Write the derivative along the arrow that enters a node by its edge number ``slot``."""
        return self.formulas.derivative(*self._arrow(place, slot))

    def _arrow(self, place: int, slot: int) -> tuple[Any, Any, int | None]:
        """Give the ends of an arrow, and which operand it is if each is an arrow of its own."""
        graph = self.exact.graph
        source = graph.nodes[graph.sources[place][slot]]
        return graph.nodes[place], source, slot if self.is_raw else None

    def _rounded_view(self) -> View:
        """Put the derivatives at the rounded numbers in the place of the recorded ones."""
        graph, between = self.exact.graph, self.exact.between
        weights = [
            self._rounded_row(place) if between[place] else row
            for place, row in enumerate(graph.weights)
        ]
        rounded = WeightedGraph(graph.nodes, graph.sources, weights)
        return View(Reading(rounded, self.exact.reading.recorded), self.x)

    def _rounded_row(self, place: int) -> tuple[float, ...]:
        """Evaluate the arrows into a node: by their formulas, else through the unnamed nodes."""
        graph, between = self.exact.graph, self.exact.between
        row = list(graph.weights[place])
        for slot, source in enumerate(graph.sources[place]):
            if between[source]:
                row[slot] = self._at_rounded(place, slot)
                if not math.isfinite(row[slot]):
                    node = graph.nodes[place]
                    raise DomainError(
                        f"with values rounded to {self.digits} digits, the derivative of "
                        f"{named(node)} with respect to {named(graph.nodes[source])} is "
                        f"{row[slot]}: a value was rounded to 0. Work with more digits"
                    )
        return tuple(row)

    def _at_rounded(self, place: int, slot: int) -> float:
        formula = self.formula(place, slot)
        if formula is not None:
            return evaluate(formula, self.value)
        node, source, at = self._arrow(place, slot)
        was = self.exact.graph.weights[place][slot]
        now = self.formulas.number(node, source, recorded, at)
        rounding = STALE * self.formulas.magnitude(node, source)
        if abs(now - was) > STALE * abs(was) + rounding:  # not so for a nan
            raise StaleGraphError(
                f"numbers below {named(node)} were changed after it was computed: its derivative "
                f"with respect to {named(source)} was {was!r} and would be {now!r} now. Compute "
                "the result again, or leave out digits"
            )
        return self.formulas.number(node, source, self.value, at)


def _rounding(graph: WeightedGraph, digits: int) -> Values:
    """Round what is computed; leaves are given numbers, and stay as given."""
    rounded = {
        node: round(recorded(node), digits)
        for node, sources in zip(graph.nodes, graph.sources, strict=True)
        if sources
    }
    return lambda node: rounded[node] if node in rounded else recorded(node)


def worked(y: Any, x: Any, digits: int | None = None, by: str = "milestones") -> Worked:
    """Work a gradient out, as `engine.explain` shows it."""
    if not isinstance(y, Node):
        raise ValueTypeError(
            f"a derivation differentiates a Value, not {y!r} ({type(y).__name__})"
        )
    if digits is not None and whole(digits, "digits") > MOST_DECIMALS:
        raise ShapeError(f"digits must be at most {MOST_DECIMALS}, not {digits}")
    exact = view(y, x, by)
    formulas = LocalFormulas(exact.reading.recorded.graph, exact.graph.nodes)
    return Worked(exact, formulas, digits)


def distinct(routes: Sequence[Route]) -> list[Factor]:
    """List the factors of several routes, each once, from ``y`` down."""
    found = {(f.place, f.edge): f for route in routes for f in route.factors}
    return list(found.values())
