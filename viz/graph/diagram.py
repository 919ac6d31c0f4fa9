"""Describe a weighted graph as boxes, operations and arrows: what every format of a diagram draws.

:func:`describe` is a pure function from an `engine.WeightedGraph` to a :class:`Diagram`, plain
data without colours or coordinates; `viz.graph.dot` and `viz.graph.mermaid` write it down in their
languages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, ClassVar, Literal

from engine.core.graph import WeightedGraph
from engine.errors import UnknownNameError
from engine.labels import number, typeset
from engine.routes.reading import Reading, read
from nn.names import Name, parse_name

Step = tuple[int, int]
"""An edge of a graph: the position of the node, and the slot of the operand."""

Clusters = Literal["layer", "neuron"] | None

_CLUSTERS: tuple[Clusters, ...] = (None, "layer", "neuron")


@dataclass(frozen=True, slots=True)
class Box:
    """A node of the graph.

    Attributes:
        key: Its name in the file: ``n`` and its position, the same in every run.
        title: Its label, set; ``""`` if it has none.
        rows: The lines below the title: data and gradient.
        kind: ``"input"``, ``"weight"``, ``"constant"``, ``"inner"`` or ``"output"``.
        tooltip: One line more about it: how it was computed.
        place: The clusters it stands in, from the outside in.
    """

    key: str
    title: str
    rows: tuple[str, ...]
    kind: str
    tooltip: str
    place: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """The small circle of an operation, between its operands and its result."""

    kind: ClassVar[str] = "operation"
    key: str
    symbol: str
    tooltip: str
    place: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrow:
    """A line from one box or circle to another.

    Attributes:
        key: Its name in the file.
        source: The key it leaves.
        target: The key it enters.
        label: The local derivative, as text.
        weight: The local derivative.
        flow: What part of the gradient passes through it, as a share of the largest: 0 to 1.
        routes: The highlighted routes that take it, counted from 0.
        headed: False for the line from an operation to its own result.
    """

    key: str
    source: str
    target: str
    label: str
    weight: float
    flow: float
    routes: tuple[int, ...] = ()
    headed: bool = True


@dataclass(frozen=True, slots=True)
class Diagram:
    """Everything a diagram shows.

    Attributes:
        boxes: The nodes, operands before users.
        operations: The circles.
        arrows: The lines.
        title: The heading; may be empty.
        legend: What each highlighted route is called, in the order of their numbers.
    """

    boxes: tuple[Box, ...]
    operations: tuple[Operation, ...]
    arrows: tuple[Arrow, ...]
    title: str = ""
    legend: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Box | Operation, ...]:
        """The boxes, and then the circles."""
        return *self.boxes, *self.operations

    def __len__(self) -> int:
        return len(self.items)


def describe(
    graph: WeightedGraph | Reading,
    *,
    operations: bool,
    constants: bool = False,
    digits: int = 4,
    clusters: Clusters = None,
    only: Any = None,
    routes: Sequence[Collection[Step]] = (),
    legend: Iterable[str] = (),
    title: str = "",
) -> Diagram:
    """Describe a graph as a diagram.

    Args:
        graph: The graph, or its reading; its root is the node that the gradients are of.
        operations: Whether each operation is a circle of its own between operands and result.
        constants: Whether constants are drawn; else they are written into the operation.
        digits: How many significant digits numbers have.
        clusters: ``"layer"`` frames what belongs to one layer by its textbook name, ``"neuron"``
            each neuron in it as well.
        only: A node: draw only what lies between it and the root, and share out the gradient of
            this node alone. None draws everything.
        routes: For each highlighted route, the edges it takes.
        legend: What each route is called.
        title: The heading.

    Returns:
        The description.

    Raises:
        UnknownNameError: If ``clusters`` is not known, or ``only`` is not a node of the graph.

    Example:
        >>> from engine import Value, WeightedGraph
        >>> x = Value(3.0, "x")
        >>> diagram = describe(WeightedGraph.of(x * x), operations=True)
        >>> [(arrow.source, arrow.target, arrow.label) for arrow in diagram.arrows]
        [('n0', 'o1', '3'), ('n0', 'o1', '3'), ('o1', 'n1', '')]
    """
    reading = read(graph)
    if clusters not in _CLUSTERS:
        raise UnknownNameError(
            f"clusters={clusters!r} is not known; choose 'layer', 'neuron', or None for no frames"
        )
    if only is not None and only not in reading.graph.index:
        raise UnknownNameError(
            f"{only!r} is not a node of this graph, so nothing lies between it and the root; "
            "choose a node that the root depends on"
        )
    parts = _Parts(reading, operations, constants, digits, clusters, only, routes)
    return parts.diagram(title, tuple(legend))


def size(graph: WeightedGraph, view: str) -> int:
    """How many boxes and circles a graph takes, before any of them is made."""
    circles = sum(map(bool, graph.sources)) if view == "nodes" else 0
    return len(graph) + circles


class _Parts:
    """The parts of one diagram."""

    def __init__(
        self,
        reading: Reading,
        operations: bool,
        constants: bool,
        digits: int,
        clusters: Clusters,
        only: Any,
        routes: Sequence[Collection[Step]],
    ) -> None:
        self.graph = graph = reading.graph
        self.adjoints = reading.adjoints
        self.operations = operations
        self.digits = digits
        self.routes = routes
        self.start = graph.index[only] if only is not None else -1
        self.shares = reading.tangents(self.start) if only is not None else None
        self.shown = {
            k
            for k, node in enumerate(graph.nodes)
            if (constants or not node.is_constant or node is graph.root)
            and (self.shares is None or k in self.shares)
        }
        self.places = _places(graph, clusters)

    def diagram(self, title: str, legend: tuple[str, ...]) -> Diagram:
        shown = sorted(self.shown)
        circles = [k for k in shown if self.has_circle(k)]
        return Diagram(
            tuple(map(self.box, shown)),
            tuple(map(self.operation, circles)),
            tuple(self.arrows(shown)),
            title,
            legend,
        )

    def has_circle(self, k: int) -> bool:
        """Say whether a node's operation is drawn: not where the picture begins with the node."""
        return self.operations and not self.graph.nodes[k].is_leaf and k != self.start

    def box(self, k: int) -> Box:
        node = self.graph.nodes[k]
        grad = "constant" if node.is_constant else f"grad {number(self.adjoints[k], self.digits)}"
        rows, kind = (f"data {number(node.data, self.digits)}", grad), self.kind(k, node)
        return Box(f"n{k}", typeset(node.label), rows, kind, self.tooltip(node), self.places[k])

    def kind(self, k: int, node: Any) -> str:
        if node.is_constant:
            return "constant"
        if k == len(self.graph) - 1:
            return "output"
        if not node.is_leaf:
            return "inner"
        return "weight" if node.label[:1] in {"w", "W", "b"} else "input"

    def operation(self, k: int) -> Operation:
        node = self.graph.nodes[k]
        hidden = {p for p in node.parents if self.graph.index.get(p) not in self.shown}
        return Operation(f"o{k}", self.symbol(node, hidden), self.tooltip(node), self.places[k])

    def symbol(self, node: Any, hidden: Collection[Any]) -> str:
        """Write an operation, with the operands that have no box of their own: ``× 3``."""
        op = node.op
        written = [self.written(o) if self.is_number(o, hidden) else "" for o in node.operands]
        if op.variadic or not any(written):
            return str(op.symbol)
        if not op.infix:
            return f"{op.symbol}({', '.join(text or '·' for text in written)})"
        gap = "" if op.symbol == "^" else " "
        return gap.join(text for text in (written[0], op.symbol, written[1]) if text)

    @staticmethod
    def is_number(operand: Any, hidden: Collection[Any]) -> bool:
        return not hasattr(operand, "data") or (operand.is_constant and operand in hidden)

    def written(self, operand: Any) -> str:
        if getattr(operand, "label", ""):
            return typeset(operand.label)
        return number(getattr(operand, "data", operand), self.digits)

    def tooltip(self, node: Any) -> str:
        """Say in one line how a node was computed."""
        name = node.label or "this"
        value = number(node.data, self.digits)
        if node.is_leaf:
            return f"{name} = {value}"
        terms = [getattr(o, "label", "") or self.written(o) for o in node.operands[:_MOST_TERMS]]
        if len(node.operands) > _MOST_TERMS:
            terms.append("…")
        return f"{name} = {node.op.name}({', '.join(terms)}) = {value}"

    def arrows(self, shown: Iterable[int]) -> Iterator[Arrow]:
        """Run through the lines; each knows how much of the gradient passes through it."""
        steps = [
            (k, slot, source, weight, self.flow(k, source, weight))
            for k in shown
            for slot, (source, weight) in enumerate(
                zip(self.graph.sources[k], self.graph.weights[k], strict=True)
            )
            if source in self.shown
        ]
        largest = max((flow for *_, flow in steps if flow < float("inf")), default=0.0) or 1.0
        taken: dict[int, set[int]] = {}
        target = "o" if self.operations else "n"
        for k, slot, source, weight, flow in steps:
            routes = tuple(r for r, route in enumerate(self.routes) if (k, slot) in route)
            taken.setdefault(k, set()).update(routes)
            ends, label = (f"n{source}", f"{target}{k}"), number(weight, self.digits)
            yield Arrow(f"e{k}_{slot}", *ends, label, weight, _part(flow, largest), routes)
        for k in filter(self.has_circle, shown):
            routes, flow = tuple(sorted(taken.get(k, ()))), self.flow(k, k, 1.0)
            ends = f"o{k}", f"n{k}"
            yield Arrow(f"r{k}", *ends, "", 1.0, _part(flow, largest), routes, headed=False)

    def flow(self, k: int, source: int, weight: float) -> float:
        """How much gradient passes from node ``k`` to an operand: all of it, or ``only``'s."""
        share = 1.0 if self.shares is None else self.shares[source]
        return abs(weight * self.adjoints[k] * share)


_MOST_TERMS = 8


def _part(flow: float, largest: float) -> float:
    """Give a flow as a part of the largest: 1 where it is infinite, 0 where it is a nan."""
    return 0.0 if isnan(flow) else min(flow / largest, 1.0)


def _places(graph: WeightedGraph, clusters: Clusters) -> list[tuple[str, ...]]:
    """The clusters of every node: by its name, else where all that use it stand."""
    places: list[tuple[str, ...]] = [()] * len(graph)
    if clusters is None:
        return places
    depth = 1 if clusters == "layer" else 2
    users: list[list[int]] = [[] for _ in graph.nodes]
    for k, sources in enumerate(graph.sources):
        for source in sources:
            users[source].append(k)
    for k in range(len(graph) - 1, -1, -1):
        node = graph.nodes[k]
        name = parse_name(node.label)
        if name is not None:
            operands = [parse_name(graph.nodes[source].label) for source in graph.sources[k]]
            places[k] = _place_of(name, operands)[:depth]
        elif not node.label and users[k]:
            places[k] = _common([places[u] for u in users[k]])
    return places


def _place_of(name: Name, operands: Iterable[Name | None]) -> tuple[str, ...]:
    """The layer and neuron of a name; an output belongs to the layer of its own weights."""
    if name.layer is not None:
        return f"layer {name.layer}", f"neuron {name.indices[1]}"
    weights = [w for w in operands if w is not None and w.symbol == "w"]
    return _place_of(weights[0], ()) if name.symbol == "yhat" and weights else ()


def _common(places: list[tuple[str, ...]]) -> tuple[str, ...]:
    """The clusters that all of these stand in."""
    shared: list[str] = []
    for level in zip(*places, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return tuple(shared)
