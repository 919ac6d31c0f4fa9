"""A graph is read once: found, named, condensed, swept, and handed down to whoever shows it.

Counting, listing, ranking, tabulating, explaining and drawing paths all start from one `Reading`,
so that they agree on what a path is and what a node is called. Each thing is worked out when it
is first asked for, and kept. The rule for the view and the rule for names stand here alone.

Labels are for people: two nodes may share one, and most nodes of a large graph have none. So the
identity of a node is the object itself; a label only finds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from difflib import get_close_matches
from functools import cached_property
from typing import Any, Literal

from engine.core.graph import WeightedGraph
from engine.core.node import Node
from engine.core.recording import recording
from engine.errors import UnknownNameError, ValueTypeError, known
from engine.labels import SUBSCRIPTS, typeset
from engine.routes.milestones import condensed, default_milestones

By = Literal["milestones", "nodes"]
"""What the paths run through."""

MOST_LISTED = 20
"""An error message lists at most so many labels."""


class Reading:
    """A graph with all that its readers ask of it; made by `read`.

    Attributes:
        graph: The graph: the recorded one, a condensed one, or the one that was given.
        is_view: True if the graph is one view of a recorded one, and shown as it is.
    """

    def __init__(
        self, graph: WeightedGraph, recorded: Reading | None = None, *, is_view: bool = True
    ) -> None:
        self.graph = graph
        self.is_view = is_view
        self._recorded = recorded

    @property
    def recorded(self) -> Reading:
        """The reading of every recorded node, whose sweep gives the gradient."""
        if self.is_view and self._recorded is None:  # somebody gave the graph itself
            self._recorded = read(self.graph.root)
        return self._recorded or self

    # ---------------------------------------------------------------- the view

    def by(self, by: str, *asked: Any) -> Reading:
        """Take the view that routes run through; it keeps the nodes that are ``asked`` for."""
        if by not in {"milestones", "nodes"}:
            raise UnknownNameError(
                f"by={by!r} is not known; known are {known(('milestones', 'nodes'))}"
            )
        if by == "nodes" or self.is_view:
            return self
        return self.condensed([*default_milestones(self.graph), *asked])

    def condensed(self, milestones: Iterable[Any]) -> Reading:
        """Condense the graph onto some of its nodes."""
        return Reading(condensed(self.graph, milestones), self._recorded if self.is_view else self)

    def view(self, x: Any) -> View:
        """Look at the graph from a node."""
        is_strange = x not in self.graph.index and not x.is_constant
        if is_strange and self.is_view and x in self.recorded.graph.index:
            raise UnknownNameError(
                f"{x!r} is not one of the {len(self.graph)} nodes of this condensed graph, though "
                "its root depends on it; condense with it among the milestones"
            )
        return View(self, x)

    # ---------------------------------------------------------------- names

    @cached_property
    def names(self) -> Names:
        """What to call the nodes."""
        return Names(self.graph)

    def find(self, x: Any) -> Any:
        """Find the node that is meant: a node means itself, a text the node with that label."""
        if isinstance(x, Node):
            return x
        if not isinstance(x, str):
            raise ValueTypeError(
                f"a node is given as a Value or as its label, not as {x!r} ({type(x).__name__})"
            )
        found = self._by_label.get(x, [])
        if len(found) > 1:
            raise UnknownNameError(
                f"{len(found)} nodes are labelled {x!r}; give the Value itself to say which is "
                "meant"
            )
        if not found:
            raise UnknownNameError(
                f"no node below y is labelled {x!r}; {_suggest(x, set(self._by_label))}"
            )
        return found[0]

    @cached_property
    def _by_label(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for node in self.graph.nodes:
            if node.label:
                found.setdefault(node.label, []).append(node)
        return found

    # ---------------------------------------------------------------- derivatives and counts

    @cached_property
    def adjoints(self) -> list[float]:
        """The derivative of the root with respect to every node."""
        return self.graph.adjoints()

    @cached_property
    def magnitudes(self) -> list[float]:
        """For every node, the sum of the absolute contributions of its paths to the root."""
        graph = self.graph
        weights = [tuple(map(abs, row)) for row in graph.weights]
        return WeightedGraph(graph.nodes, graph.sources, weights).adjoints()

    @cached_property
    def counts(self) -> list[int]:
        """How many paths lead from each node to the root."""
        ways = [0] * len(self.graph)
        ways[-1] = 1
        for k in range(len(ways) - 1, -1, -1):
            for source in self.graph.sources[k]:
                ways[source] += ways[k]
        return ways

    def tangents(self, start: int) -> dict[int, float]:
        """The derivative of every node that depends on the one at ``start`` with respect to it."""
        graph = self.graph
        found = {start: 1.0}
        for k in range(start + 1, len(graph)):
            edges = zip(graph.sources[k], graph.weights[k], strict=True)
            terms = [weight * found[source] for source, weight in edges if source in found]
            if terms:
                found[k] = sum(terms)
        return found


class View:
    """What lies between ``x`` and the root of a graph; made by `Reading.view`.

    Attributes:
        reading: The graph as it was read.
        graph: The graph.
        x: The node that the paths start from.
        start: The position of ``x`` in ``graph``; None if no path starts there, because the root
            does not depend on ``x`` or ``x`` is a constant.
    """

    def __init__(self, reading: Reading, x: Any) -> None:
        self.reading = reading
        self.graph = reading.graph
        self.x = x
        self.start: int | None = None if x.is_constant else self.graph.index.get(x)

    @property
    def names(self) -> Names:
        """What to call the nodes."""
        return self.reading.names

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

    @property
    def gradient(self) -> float:
        """The derivative of the root with respect to ``x``, by a sweep over the recorded graph."""
        recorded = self.reading.recorded
        k = None if self.x.is_constant else recorded.graph.index.get(self.x)
        return 0.0 if k is None else recorded.adjoints[k]

    @property
    def total(self) -> float:
        """The sum of the contributions of all paths, none of them listed."""
        return 0.0 if self.start is None else self.reading.adjoints[self.start]

    @property
    def magnitude(self) -> float:
        """The sum of the absolute contributions of all paths, none of them listed."""
        return 0.0 if self.start is None else self.reading.magnitudes[self.start]

    @property
    def recorded_magnitude(self) -> float:
        """The same over the paths of the recorded graph, of which there must be one.

        What cancels between two milestones counts here: the rounding of `gradient` is relative to
        this number.
        """
        recorded = self.reading.recorded
        return recorded.magnitudes[recorded.graph.index[self.x]]


class Names:
    """What to call each node of a graph in a table or a drawing: every node by another name.

    A label is set as a textbook does. Where several nodes would be called the same, each has its
    position behind the name, ``h #5``; a node without label is called by its operation and its
    position, ``exp₅``, a leaf without one ``v₅``, and the root without one ``y``, if that name is
    free. Labels that look the same when set, ``w_1`` and ``w_{1}``, are the same name.

    Attributes:
        taken: The names that labels give, and how many nodes have each.
        shared: The labels by whose name several nodes would go, and how many would.
    """

    def __init__(self, graph: WeightedGraph) -> None:
        self._graph = graph
        labels = Counter(node.label for node in graph.nodes if node.label)
        self._set = {label: typeset(label) for label in labels}  # thousands are asked for again
        self.taken: Counter[str] = Counter()
        for label, count in labels.items():
            self.taken[self._set[label]] += count
        counts = ((label, self.taken[name]) for label, name in self._set.items())
        self.shared = {label: count for label, count in counts if count > 1}

    def __getitem__(self, place: int) -> str:
        node = self._graph.nodes[place]
        if node.label:
            name = self._set[node.label]
            if self.taken[name] == 1:
                return name
        elif place == len(self._graph) - 1 and "y" not in self.taken:
            return "y"
        else:
            name = self._by_operation(place)
        while name in self.taken:  # again where a label is "h #5" itself
            name += f" #{place}"
        return name

    def _by_operation(self, place: int) -> str:
        op = self._graph.nodes[place].op
        symbol = op.symbol if op else "v"
        if symbol[-1] in _DIGITS:  # log₂ at 5 is not log at 25
            return f"{symbol} #{place}"
        return symbol + str(place).translate(SUBSCRIPTS)


class FormulaNames:
    """What to call the nodes of a view in formulas, where labels are set in some notation.

    The root without a label is ``f`` and ``x`` is ``x``, or the next letter that is free; a leaf
    without one goes by its number, and any other node is ``v_5``. Where several nodes would be
    called the same by their labels, each has its position at the name.
    """

    def __init__(
        self, view: View, setting: Callable[[str], str], numbered: Callable[[str, int], str]
    ) -> None:
        self._place = view.graph.index
        self._setting = setting
        self._numbered = numbered
        self.taken = Counter(setting(n.label) for n in view.graph.nodes if n.label)
        self._letters: dict[Any, str] = {}
        for node, choice in ((view.graph.root, "fFyY"), (view.x, "xtuX")):
            if not node.label and node not in self._letters:
                taken = {*self.taken, *self._letters.values()}
                free = [letter for letter in choice if letter not in taken]
                self._letters[node] = free[0] if free else f"v_{self._place.get(node, 0)}"

    def __getitem__(self, node: Any) -> str | None:
        label, place = node.label or self._letters.get(node), self._place.get(node)
        if not label and node.is_leaf:
            return None
        label = label or f"v_{place}"
        name = self._setting(label)
        is_taken = self.taken[name] > bool(node.label)  # by another node
        return name if place is None or not is_taken else self._numbered(label, place)

    @property
    def shared(self) -> dict[str, int]:
        """The names that several nodes have by their labels, and how many have each."""
        return {name: count for name, count in self.taken.items() if count > 1}


_DIGITS = "₀₁₂₃₄₅₆₇₈₉"


def _suggest(x: str, labels: set[str]) -> str:
    close = get_close_matches(x, sorted(labels), n=3)
    if close:
        return f"did you mean {' or '.join(map(repr, close))}?"
    if not labels:
        return "no node has a label; set one with Value(..., label=...) or node.label = ..."
    if len(labels) <= MOST_LISTED:
        return f"the labels are {known(labels)}"
    first = sorted(labels)[:MOST_LISTED]
    return f"the labels are {known(first)} and {len(labels) - MOST_LISTED} more"


def read(y: Any) -> Reading:
    """Read the graph below a Value, or the `WeightedGraph` that was given; once is enough."""
    if isinstance(y, Reading):
        return y
    if isinstance(y, WeightedGraph):
        return Reading(y)
    if not isinstance(y, Node):
        raise ValueTypeError(
            f"y must be a Value, the result that the paths lead to, not {y!r} "
            f"({type(y).__name__}); compute it with Values"
        )
    with recording():  # a large graph in many small tuples: the collector would rescan them
        return Reading(WeightedGraph.of(y), is_view=False)


def view(y: Any, x: Any, by: str = "milestones") -> View:
    """Look at ``y`` from ``x``: read the graph, find the node, take the view."""
    reading = read(y)
    node = reading.find(x)
    return reading.by(by, node).view(node)


def condense(y: Any, milestones: Iterable[Any] | Node | None = None) -> WeightedGraph:
    """Condense the graph below ``y`` onto milestones; the derivatives stay the same.

    Between two milestones there is one edge, however many paths it stands for. An edge whose paths
    cancel stays, with weight 0: it is a route that contributes nothing. Constants are left out.

    Each milestone sweeps back over the interior it sees (the nodes between it and the next
    milestones), once. So the cost is the number of edges in those interiors, summed over the
    milestones; an interior that many milestones see counts for each of them. It is never less
    than the number of condensed edges, of which a softmax of n named outputs has n squared.

    Args:
        y: The root; or a `WeightedGraph`, to condense it further.
        milestones: The nodes to keep besides ``y``, as Values or labels; just one need not stand
            in a list. One that ``y`` does not depend on is left out. Default: every node with a
            label, and the leaves.

    Returns:
        The milestones in topological order, with the weights between them.

    Raises:
        UnknownNameError: If a label names no node, or more than one.
        ValueTypeError: If ``y`` or a milestone is not a Value.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0, "x")
        >>> h = x * x + x
        >>> h.label = "h"
        >>> graph = condense((2 * h).exp() / 4)
        >>> [(edge.parent.label, edge.partial) for edge in graph.edges()][0]
        ('x', 7.0)
    """
    reading = read(y)
    if milestones is None:
        return condensed(reading.graph, default_milestones(reading.graph))
    if isinstance(milestones, str) or not isinstance(milestones, Iterable):
        milestones = [milestones]
    return condensed(reading.graph, map(reading.find, milestones))
