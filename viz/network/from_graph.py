"""Read a network out of a graph by its textbook names, for the picture that lectures draw.

:func:`describe_network` finds inputs ``x_1``, neurons ``a_13`` and ``h_13``, outputs ``yhat_1``,
weights ``w_131`` and the loss, whatever code recorded them, and describes the diagram of
`viz.network`: a circle for each neuron, the weights on the links, and the routes by which a
chosen weight acts on the loss, with what each contributes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise, starmap
from math import isclose
from typing import Any

from engine.core.graph import WeightedGraph
from engine.core.node import Node
from engine.errors import UnknownNameError, ValueTypeError, known
from engine.labels import number
from engine.routes.listing import Path, approximately, distinguished, exact_sum
from engine.routes.ranking import all_or_largest
from engine.routes.reading import Reading, read
from nn.names import Name, is_short, parse_name
from viz.graph.highlight import MOST_ROUTES, listed, signed
from viz.network.model import Circle, Link, Network, Route

_LOSS = "loss"
_ADVICE = (
    "Label the nodes (a model of nn does it: model(x, names=True)), or draw view='nodes', which "
    "needs no names"
)
_SUMS = {"dot", "add", "sum"}
_ALMOST_0 = 1e-9
_INPUTS = (0, 0)
_OUTPUTS = (2, 0)
_LINEAR_OUTPUTS = (1, 10**6)  # behind every hidden layer


@dataclass(slots=True)
class _Unit:
    """What one circle stands for."""

    name: str
    stage: tuple[int, int]  # its column: inputs (0, 0), layers (1, k), outputs (2, 0), loss (3, 0)
    rank: int  # its place in the column
    parts: list[tuple[int, Any]] = field(default_factory=list)  # 0 the left half, 1 the right
    weights: dict[int, list[Any]] = field(default_factory=dict)  # by the number of the source

    def weight(self, source: _Unit) -> Any:
        """The weight on the link from a source; None if it has none."""
        if self.name == _LOSS and source.stage != _INPUTS:
            return None  # a loss may depend on weights, by a penalty
        found = {weight.label: weight for weight in self.weights.get(source.rank, ())}
        if len(found) > 1:
            first, second, *_ = found
            raise UnknownNameError(
                f"the network view cannot place {first} and {second}: both would lead from "
                f"{source.name} to the {self.name}, so neurons between them have no names (a_13 "
                f"or h_13: layer 1, neuron 3). {_ADVICE}"
            )
        return next(iter(found.values()), None)


def describe_network(
    y: Any,
    highlight: Any = None,
    *,
    omitted: Iterable[Any] = (),
    footnote: str | None = None,
    digits: int = 3,
    limit: int = MOST_ROUTES,
) -> Network:
    """Describe the network that a graph records, by the textbook names of its nodes.

    Args:
        y: The root, usually the loss; or a `WeightedGraph`.
        highlight: A Value or its label, usually of a weight: its routes to ``y`` are drawn in
            colour, with a table of what each contributes to the gradient. Or paths from one node,
            as `engine.paths` gives them: only those.
        omitted: Which routes to draw dashed, as ones that a derivation left out. Each item is a
            path, or the labels of nodes, and means the routes through all of them.
        footnote: The sentence below the table; None for one that says what is dashed, and how
            many routes are not shown.
        digits: How many significant digits numbers have.
        limit: How many routes are shown, the largest ones; at most `MOST_ROUTES` look different.

    Returns:
        The description, for `viz.network.picture.network_svg`.

    Raises:
        UnknownNameError: If too few nodes have textbook names, or a label is not known.
        ShapeError: If a connection leads backward, so that there are no layers to draw.
        ValueTypeError: If ``highlight`` is something else, or its paths start from several nodes
            or are not of this graph.

    Example:
        >>> from engine import Value
        >>> x, w = Value(2.0, "x_1"), Value(0.5, "w_111")
        >>> a = x * w
        >>> a.label = "a_11"
        >>> h = a.tanh()
        >>> h.label = "h_11"
        >>> network = describe_network((h - 1) ** 2, w)
        >>> [circle.name for circle in network.circles], network.links[0].label
        (['x_1', 'neuron 1 1', 'loss'], 'w_111 = 0.5')
    """
    recorded = read(y)
    given = [] if highlight is None or isinstance(highlight, (Node, str)) else listed(highlight)
    _refuse_other_paths(given, recorded.graph)
    start = given[0].nodes[0] if given else highlight
    x = recorded.find(start) if isinstance(start, (Node, str)) else None
    names = _names(recorded.graph)
    reading = recorded.condensed([*names, *([] if x is None else [x])])
    drafter = _Drafter(reading, _units(reading.graph, names), x, digits)
    if x is None:
        return drafter.plain()
    if given:
        return drafter.network(given, 0, tuple(omitted), footnote)
    view = reading.view(x)
    return drafter.network(all_or_largest(view, limit), view.count, tuple(omitted), footnote)


def _refuse_other_paths(given: Sequence[Path], graph: WeightedGraph) -> None:
    for path in given:
        if path.nodes[-1] is not graph.root or any(n not in graph.index for n in path.nodes):
            raise ValueTypeError(
                f"the route {path} is not one of the graph that is drawn; take it from the same "
                "result: paths(y, x)"
            )
    starts = {path.nodes[0]: None for path in given}
    if len(starts) > 1:
        raise ValueTypeError(
            f"the routes start from {len(starts)} nodes, {known(n.label or '?' for n in starts)}, "
            "but the network view shows those of one, as its table adds them up; choose one of "
            "them, or draw view='milestones'"
        )


# ---------------------------------------------------------------- which circles there are


def _names(graph: WeightedGraph) -> dict[Any, Name]:
    """Read the nodes' names.

    A neuron with one index, ``h_2``, is layer 2 of a chain; but where none of them depends on
    another, as in S2, they are the neurons of one hidden layer, and ``h_2`` is the second.
    """
    names = {n: name for n in graph.nodes if (name := parse_name(n.label)) is not None}
    short = [n for n in names if is_short(n.label) and names[n].symbol in {"a", "h"}]
    neurons = {n for n in short if names[n].symbol == names[short[0]].symbol}
    if len(neurons) > 1 and not _depend_on_each_other(graph, neurons):
        names |= {n: Name(names[n].symbol, (1, names[n].indices[0])) for n in short}
    return names


def _depend_on_each_other(graph: WeightedGraph, nodes: Collection[Any]) -> bool:
    """Say whether any of the nodes is computed from another of them."""
    marks = bytearray(len(graph))  # of each node that is one of them, or computed from one
    for k, node in enumerate(graph.nodes):
        is_above = any(marks[source] for source in graph.sources[k])
        if is_above and node in nodes:
            return True
        marks[k] = is_above or node in nodes
    return False


def _units(graph: WeightedGraph, names: dict[Any, Name]) -> dict[Any, _Unit]:
    """The circle of each node that is drawn as one, or as half of one."""
    units: dict[Any, _Unit] = {}
    by_name: dict[str, _Unit] = {}
    for node in graph.nodes:
        name = names.get(node)
        unit = _unit(name, is_root=node is graph.root)
        if unit is not None:
            units[node] = by_name.setdefault(unit.name, unit)
            is_activation = name is not None and name.symbol == "h"
            units[node].parts.append((int(is_activation), node))
    for k, node in enumerate(graph.nodes):
        for source in graph.sources[k]:
            name = names.get(graph.nodes[source])
            if node in units and name is not None and name.symbol == "w":
                units[node].weights.setdefault(name.indices[2], []).append(graph.nodes[source])
    if len({unit.stage for unit in units.values()}) < 2:
        found = sorted({node.label for node in names})
        raise UnknownNameError(
            "the network view needs nodes with textbook names: inputs x_1, pre-activations a_13 "
            "or activations h_13 (layer 1, neuron 3), outputs yhat_1, weights w_131; this graph "
            f"has {', '.join(found[:8]) if found else 'none of them'}. {_ADVICE}"
        )
    return units


def _unit(name: Name | None, *, is_root: bool) -> _Unit | None:
    """Make the circle that a node belongs to; None for weights, biases and targets."""
    match name:
        case Name("x", (j,)):
            return _Unit(f"x_{j}", _INPUTS, j)
        case Name("a" | "h", (layer, i)):
            return _Unit(f"neuron {layer} {i}", (1, layer), i)
        case Name("f", (i,)):
            return _Unit(f"f_{i}", _LINEAR_OUTPUTS, i)
        case Name("yhat" | "p" as symbol, (i,)):
            return _Unit(f"{symbol}_{i}", _OUTPUTS, i)
    return _Unit(_LOSS, (3, 0), 1) if is_root else None


# ---------------------------------------------------------------- the picture


class _Drafter:
    """The parts of one description."""

    def __init__(self, reading: Reading, units: dict[Any, _Unit], x: Any, digits: int) -> None:
        self.reading = reading
        self.graph = graph = reading.graph
        self.root = graph.root.label or "y"
        self.units = units
        self.x = x
        self.digits = digits
        self.ordered = sorted(
            {unit.name: unit for unit in units.values()}.values(),
            key=lambda unit: (unit.stage, unit.rank),
        )
        stages = sorted({unit.stage for unit in self.ordered})
        self.columns = {stage: column for column, stage in enumerate(stages)}
        joined = {
            (units[parent].name, units[node].name): (units[parent], units[node])
            for node, _, parent, _ in graph.edges()
            if node in units and parent in units and units[node] is not units[parent]
        }
        self.outer = list(joined.values())
        # Past a layer, a link has no weight of its own: w_211 leads from h_11, not from x_1.
        self.nearest: dict[tuple[str, int], tuple[int, int]] = {}
        for source, target in self.outer:
            key = target.name, source.rank
            self.nearest[key] = max(self.nearest.get(key, _INPUTS), source.stage)

    def weight(self, source: _Unit, target: _Unit) -> Any:
        """The weight on a link; None if it has none."""
        is_nearest = self.nearest[target.name, source.rank] == source.stage
        return target.weight(source) if is_nearest else None

    def plain(self) -> Network:
        """Describe the network alone."""
        return Network(
            tuple(map(self.heading, self.columns)),
            tuple(map(self.circle, self.ordered)),
            tuple(starmap(self.link, self.outer)),
            title=f"The network of {self.root}",
        )

    def network(
        self, found: Sequence[Path], total: int, omitted: Sequence[Any], footnote: str | None
    ) -> Network:
        """Add the routes; ``total`` is how many there are, 0 if the reader chose those to show."""
        about = f"∂{self.root}/∂{self.x.label or 'x'}"
        dashed = [any(map(self.passes(path), omitted)) for path in found]
        place = self.graph.index.get(self.x)
        gradient = 0.0 if place is None else self.reading.adjoints[place]
        if footnote is None:
            whole = isclose(
                gradient, exact_sum(path.contribution for path in found), abs_tol=1e-15
            )
            footnote = _footnote(len(found), total, any(dashed), whole)
        return replace(
            self.plain(),
            routes=tuple(self.routes(found, dashed)),
            table_title=f"{about}, route by route" if found else about,
            total=signed(gradient),
            footnote=footnote,
            title=f"The gradient {about}, route by route",
        )

    def circle(self, unit: _Unit) -> Circle:
        ordered = sorted(unit.parts, key=lambda part: part[0])
        parts = tuple((node.label or "y", number(node.data, self.digits)) for _, node in ordered)
        return Circle(unit.name, self.columns[unit.stage], parts, self.kind(unit))

    def kind(self, unit: _Unit) -> str:
        if unit.stage == _OUTPUTS:
            return "softmax" if self.is_softmax() else "output"
        if unit.stage[0] == 1 and not any(part for part, _ in unit.parts):
            return "output"  # a pre-activation alone: its output is a circle of its own
        return {0: "input", 1: "hidden"}.get(unit.stage[0], "loss")

    def is_softmax(self) -> bool:
        """Say whether the outputs are shares p of a softmax over pre-activations a.

        Their derivatives tell it: p (1 - p) with respect to the own a, and together 0, since
        nothing changes when all a grow alike.
        """
        outputs = [n for n, unit in self.units.items() if unit.stage == _OUTPUTS]
        return all(
            len(partials) > 1
            and abs(sum(partials)) < _ALMOST_0
            and abs(max(partials) - p.data * (1.0 - p.data)) < _ALMOST_0
            for p in outputs
            for partials in [self.graph.weights[self.graph.index[p]]]
        )

    def heading(self, stage: tuple[int, int]) -> str:
        units = [unit for unit in self.ordered if unit.stage == stage]
        kind = self.kind(units[0])
        if kind == "hidden":
            nodes = [node for unit in units for part, node in unit.parts if part == 1]
            names = {self.activation(node) for node in nodes}
            name = names.pop() if len(names) == 1 else ""
            return f"hidden: {name}" if name else "hidden"
        return {"input": "inputs"}.get(kind, kind)

    def activation(self, node: Any) -> str:
        """What the operation of a neuron is called; "" if it is made of several."""
        name = node.op.name if node.op else ""
        if name not in _SUMS:
            return name
        known, pending = set(self.graph.nodes), [node]
        while pending:
            here = pending.pop()
            name = here.op.name if here.op else "sum"  # a leaf is what it is
            of_two = name == "mul" and sum(not p.is_leaf for p in here.parents) > 1
            if of_two or name not in {*_SUMS, "mul"}:
                return ""
            new = set(here.parents) - known  # nodes in between, which the view hides
            known |= new
            pending += new
        return "linear"

    # ------------------------------------------------------------ links
    def link(self, source: _Unit, target: _Unit) -> Link:
        """Draw a link; where a weight is on the way, it is written on it."""
        weight = self.weight(source, target)
        if weight is None or weight.is_constant:
            style = "strong" if target.name == _LOSS else "plain"
            return Link(source.name, target.name, style=style)
        text = number(weight.data, self.digits)
        if weight is self.x:
            label = f"{weight.label} = {text}"
            return Link(source.name, target.name, label, weight.data, "highlight")
        return Link(source.name, target.name, text, weight.data)

    # ------------------------------------------------------------ routes
    def routes(self, found: Sequence[Path], dashed: Sequence[bool]) -> Iterator[Route]:
        labels = [[node.label or "y" for node in self.circles(path)] for path in found]
        apart = distinguished(labels)
        colours = self.colours(apart, dashed)
        for path, names, colour, dash in zip(found, apart, colours, dashed, strict=True):
            links = tuple(pairwise(self.stops(path)))
            if links:
                legend, contribution = " → ".join(names), signed(path.contribution)
                yield Route(colour, links, legend, contribution, dashed=dash)

    def stops(self, path: Path) -> list[str]:
        """The circles that a route passes; from a weight, it begins where the link begins."""
        units = [self.units[node] for node in self.circles(path)]
        first = path.nodes[0]
        begin = [
            source
            for source, target in self.outer
            if target is units[0] and first is self.weight(source, target)
        ]
        names = [unit.name for unit in (*begin[:1], *units)]
        return [name for name, _ in groupby(names)]

    def circles(self, path: Path) -> list[Any]:
        return [node for node in path.nodes if node in self.units]

    def colours(self, apart: list[list[str]], dashed: Sequence[bool]) -> list[int]:
        """Number the colours: per branch where dashes tell its routes apart, else per route."""
        branches = [names[0] for names in apart]
        numbers = {branch: colour for colour, branch in enumerate(dict.fromkeys(branches))}
        shared = [numbers[branch] for branch in branches]
        told_apart = len(set(zip(shared, dashed, strict=True))) == len(shared)
        return shared if told_apart else list(range(len(shared)))

    def passes(self, path: Path) -> Callable[[Any], bool]:
        """Make the test whether a description of omitted routes means this one."""

        def is_meant(item: Any) -> bool:
            if isinstance(item, Path):  # other milestones may lie on it, so compare the circles
                return self.circles(item) == self.circles(path)
            given = (item,) if isinstance(item, (str, Node)) else item
            return all(self.reading.find(each) in path.nodes for each in given)

        return is_meant


def _footnote(shown: int, total: int, dashed: bool, whole: bool) -> str:
    """Say what the picture leaves out, and what the dashes mean."""
    if not shown:
        return "no route leads there"
    notes = ["dashed: routes that are left out"] if dashed else []
    if total > shown:
        notes.append(f"the {shown} largest of {approximately(total)}; the sum is over all")
    if not total and not whole:
        notes.append("chosen routes; the sum is over all")
    return "; ".join(notes)
