"""What a step page tells, as plain data: the steps of a graph with every number written out.

The script of the page computes nothing that is shown: each number is the engine's, set by
`engine.labels.number`. Equal texts are stored once (`Texts`), so that a page stays small.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.core.graph import WeightedGraph
from engine.formulas.arrows import LocalFormulas
from engine.formulas.text import TextWriter
from engine.formulas.tree import Formula, size
from engine.labels import number
from engine.routes.listing import Path, approximately, exact_sum, paths
from engine.routes.ranking import top_paths
from engine.teaching.board import LONGEST_DEFINITION, LONGEST_FORMULA
from engine.teaching.steps import Steps
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


class Telling:
    """One view of a graph, told step by step; with later updates of the same graph as frames.

    Args:
        frames: The graph, and the same graph after each update.
        texts: The page's texts.
        operations: Whether each recorded node is shown, with its operation.
    """

    def __init__(self, frames: Sequence[WeightedGraph], texts: Texts, *, operations: bool) -> None:
        self.frames = frames
        self.graph = frames[0]
        self.texts = texts
        self.operations = operations
        self.told = [Steps(graph, 1.0) for graph in frames]
        self.names = self.told[0].names
        self.routes = [self._routes(k) for k in range(len(self.graph))]

    def name(self, k: int) -> str:
        """What a node is called on the page."""
        return isolated(clean(self.names[k], LONGEST_NAME))

    def data(self) -> dict[str, Any]:
        """Everything that the script needs of this view, ready for JSON."""
        graph, places = self.graph, range(len(self.graph))
        ways = self._ways()
        return {
            "names": [self.texts(self.name(k)) for k in places],
            "kinds": [self._kind(k) for k in places],
            "sources": graph.sources,
            "ways": [self.texts(approximately(count)) for count in ways],
            "reached": self._reached(),
            "steps": [[_PHASES.index(step.phase), step.place] for step in self.told[0]],
            "routes": [[list(_edges(path)) for path in found] for found in self.routes],
            "frames": [self._frame(*each) for each in zip(self.frames, self.told, strict=True)],
        }

    def longest(self) -> tuple[list[str], list[str]]:
        """For each node, the longest number and the longest running sum that any step shows."""
        values = [{""} for _ in self.graph.nodes]
        sums = [{"0"} for _ in self.graph.nodes]
        for graph, told in zip(self.frames, self.told, strict=True):
            for k, node in enumerate(graph.nodes):
                values[k].add(number(node.data, DIGITS))
            for step in told:
                if step.incoming is not None:
                    sums[step.place].add(number(step.incoming, DIGITS))
                for each in step.additions:
                    sums[each.place].add(number(each.after, DIGITS))
        return [max(each, key=len) for each in values], [max(each, key=len) for each in sums]

    def final(self) -> list[tuple[str, str]]:
        """The two lines of each box when all is done."""
        gradients = self.graph.adjoints()
        return [
            (
                f"{self.name(k)} = {number(node.data, DIGITS)}",
                f"grad {number(gradients[k], DIGITS)}",
            )
            for k, node in enumerate(self.graph.nodes)
        ]

    # ------------------------------------------------------------ paths
    def _routes(self, k: int) -> list[Path]:
        node = self.graph.nodes[k]
        found = paths(self.graph, node, limit=MOST_ROUTES)
        return top_paths(self.graph, node, MOST_ROUTES) if found.remaining else list(found)

    def _ways(self) -> list[int]:
        """How many paths lead from each node to the root."""
        ways = [0] * len(self.graph)
        ways[-1] = 1
        for k in range(len(ways) - 1, -1, -1):
            for source in self.graph.sources[k]:
                ways[source] += ways[k]
        return ways

    def _reached(self) -> list[list[int]]:
        """For each edge, how many paths its operand's sum holds once it is added."""
        ways, sums = self._ways(), [0] * len(self.graph)
        reached: list[list[int]] = [[] for _ in self.graph.nodes]
        for k in range(len(ways) - 1, -1, -1):
            for source in self.graph.sources[k]:
                sums[source] += ways[k]
                reached[k].append(self.texts(approximately(sums[source]).split(" path")[0]))
        return reached

    def _kind(self, k: int) -> str:
        node = self.graph.nodes[k]
        if node.is_constant:
            return "constant"
        return "computed" if self.graph.sources[k] else "leaf"

    # ------------------------------------------------------------ numbers
    def _frame(self, graph: WeightedGraph, told: Steps) -> dict[str, Any]:
        gradients = graph.adjoints()
        writing = _Writing(graph, told, self.texts, operations=self.operations)
        return {
            "data": [self.texts.number(node.data) for node in graph.nodes],
            "grads": [self.texts.number(gradient) for gradient in gradients],
            "definitions": [writing.definition(k) for k in range(len(graph))],
            "partials": [[self.texts.number(weight) for weight in row] for row in graph.weights],
            "rules": [writing.rules(k) for k in range(len(graph))],
            "additions": self._additions(graph, told),
            "contributions": [
                [self.texts.number(_along(graph, path)) for path in found] for found in self.routes
            ],
            "rests": [
                self._rest(graph, gradients[k], found) for k, found in enumerate(self.routes)
            ],
        }

    def _rest(self, graph: WeightedGraph, gradient: float, found: Sequence[Path]) -> int:
        return self.texts.number(gradient - exact_sum(_along(graph, path) for path in found))

    def _additions(self, graph: WeightedGraph, told: Steps) -> list[Any]:
        """For each node, by slot: contribution, sum before and after; 0 for a constant operand."""
        number_of = self.texts.number
        rows: list[Any] = [[0] * len(row) for row in graph.sources]
        for step in told:
            for each in step.additions:
                rows[step.place][each.slot] = [
                    number_of(each.contribution),
                    number_of(each.before),
                    number_of(each.after),
                ]
        return rows


_PHASES = ("forward", "seed", "backward")


def _edges(path: Path) -> list[int]:
    """Write a path as node, slot, node, slot, ..., from the root down, without its start."""
    pairs = zip(reversed(path.places[1:]), reversed(path.slots), strict=True)
    return [each for pair in pairs for each in pair]


def _along(graph: WeightedGraph, path: Path) -> float:
    product = 1.0
    for k, slot in zip(reversed(path.places[1:]), reversed(path.slots), strict=True):
        product *= graph.weights[k][slot]
    return product


class _Writing:
    """The formulas of one frame, in symbols and in numbers."""

    def __init__(
        self, graph: WeightedGraph, told: Steps, texts: Texts, *, operations: bool
    ) -> None:
        self.graph = graph
        self.texts = texts
        self.operations = operations
        self.formulas = LocalFormulas(graph.root, graph.nodes)
        index = graph.index
        self.symbols = TextWriter(
            lambda node: (
                isolated(clean(told.names[index[node]], LONGEST_NAME))
                if node in index
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
        rules = []
        for slot, source in enumerate(self.graph.sources[k]):
            at = slot if self.operations else None
            formula = self.formulas.derivative(node, self.graph.nodes[source], at)
            rules.append([] if formula is None else self._written(formula, LONGEST_FORMULA))
        return rules

    def _written(self, formula: Formula, longest: int) -> list[int]:
        if size(formula) > longest:
            return []
        return [self.texts(self.symbols(formula)), self.texts(self.figures(formula))]
