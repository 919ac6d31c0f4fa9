"""What a step page shows, as plain data: the steps of a graph with every number written out.

The script of the page computes nothing that is shown: each number is the engine's, set by
`engine.labels.number`. Equal texts are stored once (`Texts`), so that a page stays small.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from math import prod
from typing import Any

from engine.core.graph import WeightedGraph
from engine.formulas.arrows import LocalFormulas
from engine.formulas.text import TextWriter
from engine.formulas.tree import Formula, size
from engine.labels import number
from engine.routes.listing import Path, approximately, exact_sum
from engine.routes.ranking import all_or_largest
from engine.routes.reading import Reading
from engine.teaching.steps import Steps
from engine.teaching.written import LONGEST_DEFINITION, LONGEST_FORMULA
from viz.stepping.picture import LONGEST_NAME
from viz.svg.escape import clean, isolated

DIGITS = 4
"""Significant digits of every number on the page."""

MOST_ROUTES = 6
"""So many paths of a node are worked out, the largest if it has more."""


class Texts:
    """A table of texts, each once; a page refers to them by their numbers."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def __call__(self, text: str) -> int:
        """Store a text, unless it is there; return its number."""
        return self._places.setdefault(text, len(self._places))

    def number(self, x: float) -> int:
        """Store a number as it is shown."""
        return self(number(x, DIGITS))

    def all(self) -> list[str]:
        """The texts, in the order of their numbers."""
        return list(self._places)


class ViewData:
    """One view of a graph as a page needs it; with later updates of the same graph as frames.

    ``operations`` says whether each recorded node is shown, with its operation.
    """

    def __init__(self, frames: Sequence[Reading], texts: Texts, *, operations: bool) -> None:
        self.frames = frames
        self.reading = frames[0]
        self.graph = frames[0].graph
        self.texts = texts
        self.operations = operations
        self.steps = [Steps(reading, 1.0) for reading in frames]
        self.routes = [
            all_or_largest(self.reading.view(node), MOST_ROUTES) for node in self.graph.nodes
        ]

    def name(self, k: int) -> str:
        """What a node is called on the page."""
        return isolated(clean(self.reading.names[k], LONGEST_NAME))

    def data(self) -> dict[str, Any]:
        """Everything that the script needs of this view, ready for JSON."""
        graph, counts = self.graph, self.reading.counts
        return {
            "names": [self.texts(self.name(k)) for k in range(len(graph))],
            "kinds": [self._kind(k) for k in range(len(graph))],
            "sources": graph.sources,
            "ways": [self.texts(approximately(count)) for count in counts],
            "reached": self._reached(),
            "steps": [[_PHASES.index(step.phase), step.place] for step in self.steps[0]],
            # Each as node, slot, node, slot, ...
            "routes": [[list(chain(*_edges(path))) for path in found] for found in self.routes],
            "frames": list(map(self._frame, self.frames, self.steps)),
        }

    def longest(self) -> tuple[list[str], list[str]]:
        """For each node, the longest number and the longest running sum that any step shows."""
        values = [{""} for _ in self.graph.nodes]
        sums = [{"0"} for _ in self.graph.nodes]
        for steps in self.steps:
            for k, node in enumerate(steps.graph.nodes):
                values[k].add(number(node.data, DIGITS))
            for step in steps:
                if step.incoming is not None:
                    sums[step.place].add(number(step.incoming, DIGITS))
                for each in step.additions:
                    sums[each.place].add(number(each.after, DIGITS))
        return [*map(_longest, values)], [*map(_longest, sums)]

    def final(self) -> list[tuple[str, str]]:
        """The two lines of each box when all is done."""
        return [
            (f"{self.name(k)} = {number(node.data, DIGITS)}", f"grad {number(gradient, DIGITS)}")
            for k, (node, gradient) in enumerate(
                zip(self.graph.nodes, self.reading.adjoints, strict=True)
            )
        ]

    def _reached(self) -> list[list[int]]:
        """For each edge, how many paths its operand's sum holds once it is added."""
        counts, sums = self.reading.counts, [0] * len(self.graph)
        reached: list[list[int]] = [[] for _ in self.graph.nodes]
        for k in range(len(counts) - 1, -1, -1):
            for source in self.graph.sources[k]:
                sums[source] += counts[k]
                reached[k].append(self.texts(approximately(sums[source]).split(" path")[0]))
        return reached

    def _kind(self, k: int) -> str:
        if self.graph.nodes[k].is_constant:
            return "constant"
        return "computed" if self.graph.sources[k] else "leaf"

    # ------------------------------------------------------------ numbers

    def _frame(self, reading: Reading, steps: Steps) -> dict[str, Any]:
        graph, number_of = reading.graph, self.texts.number
        formulas = _Formulas(reading, self.texts, operations=self.operations)
        along = [[_along(graph, path) for path in found] for found in self.routes]
        return {
            "data": [number_of(node.data) for node in graph.nodes],
            "grads": [number_of(gradient) for gradient in reading.adjoints],
            "definitions": [formulas.definition(k) for k in range(len(graph))],
            "partials": [[number_of(weight) for weight in each] for each in graph.weights],
            "rules": [formulas.rules(k) for k in range(len(graph))],
            "additions": self._additions(steps),
            "contributions": [[number_of(x) for x in contributions] for contributions in along],
            "rests": [
                number_of(gradient - exact_sum(contributions))
                for gradient, contributions in zip(reading.adjoints, along, strict=True)
            ],
        }

    def _additions(self, steps: Steps) -> list[Any]:
        """For each node, by slot: contribution, sum before and after; 0 for a constant operand."""
        number_of = self.texts.number
        found: list[Any] = [[0] * len(sources) for sources in steps.graph.sources]
        for step in steps:
            for each in step.additions:
                found[step.place][each.slot] = [
                    number_of(each.contribution),
                    number_of(each.before),
                    number_of(each.after),
                ]
        return found


_PHASES = ("forward", "seed", "backward")


def _longest(texts: set[str]) -> str:
    """Choose the longest text; of several the last, so that every run gives the same page."""
    return max(texts, key=lambda text: (len(text), text))


def _edges(path: Path) -> Iterator[tuple[int, int]]:
    """Run through a path's edges, node and slot, from the root down."""
    return zip(reversed(path.places[1:]), reversed(path.slots), strict=True)


def _along(graph: WeightedGraph, path: Path) -> float:
    return prod((graph.weights[k][slot] for k, slot in _edges(path)), start=1.0)


class _Formulas:
    """The formulas of one frame, in symbols and in numbers."""

    def __init__(self, reading: Reading, texts: Texts, *, operations: bool) -> None:
        self.graph = graph = reading.graph
        self.texts = texts
        self.operations = operations
        self.formulas = LocalFormulas(reading.recorded.graph, graph.nodes)
        self.symbols = TextWriter(
            lambda node: (
                isolated(clean(reading.names[graph.index[node]], LONGEST_NAME))
                if node in graph.index
                else number(node.data, DIGITS)
            )
        )
        self.figures = TextWriter(lambda node: number(node.data, DIGITS))

    def definition(self, k: int) -> list[int]:
        """Write how a node is computed: symbols and numbers; nothing where it is too long."""
        if not self.graph.sources[k]:
            return []
        formula = self.formulas.definition(self.graph.nodes[k])
        if not self.formulas.is_in_names(formula):
            return []
        return self._written(formula, LONGEST_DEFINITION)

    def rules(self, k: int) -> list[list[int]]:
        """Write the local derivatives of a node, for each of its edges."""
        node = self.graph.nodes[k]
        found = []
        for slot, source in enumerate(self.graph.sources[k]):
            at = slot if self.operations else None
            formula = self.formulas.derivative(node, self.graph.nodes[source], at)
            found.append([] if formula is None else self._written(formula, LONGEST_FORMULA))
        return found

    def _written(self, formula: Formula, longest: int) -> list[int]:
        if size(formula) > longest:
            return []
        return [self.texts(self.symbols(formula)), self.texts(self.figures(formula))]
