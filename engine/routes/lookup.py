"""Find the nodes of a graph by name, and name the nodes of a graph.

Labels are for people: two nodes may share one, and most nodes of a large graph have none. So the
identity of a node is the object itself; a label only finds it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from engine.core.graph import WeightedGraph
from engine.core.node import Node
from engine.core.recording import recording
from engine.errors import UnknownNameError, ValueTypeError, known
from engine.labels import typeset

MOST_LISTED = 20
"""An error message lists at most so many labels."""


def graph_of(y: Any) -> WeightedGraph:
    """Take the weighted graph below a node, or the weighted graph that was given.

    Args:
        y: A Value or a `WeightedGraph`.

    Returns:
        The graph; a given one as it is.

    Raises:
        ValueTypeError: If it is neither.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0)
        >>> graph_of(x * x)
        <WeightedGraph of 2 nodes and 2 edges>
    """
    if isinstance(y, WeightedGraph):
        return y
    if not isinstance(y, Node):
        raise ValueTypeError(
            f"y must be a Value, the result that the paths lead to, not {y!r} "
            f"({type(y).__name__}); compute it with Values"
        )
    with recording():  # a large graph in many small tuples: the collector would rescan them
        return WeightedGraph.of(y)


def node_named(y: Any, x: Any) -> Any:
    """Find the node that is meant: a node means itself, a text the node with that label.

    Args:
        y: The root of the graph, or a `WeightedGraph`.
        x: A Value (``y`` need not depend on it) or a label.

    Returns:
        The node.

    Raises:
        UnknownNameError: If no node below ``y`` has the label, or more than one has it.
        ValueTypeError: If ``x`` is neither a Value nor a text.

    Example:
        >>> from engine import Value
        >>> w = Value(2.0, "w")
        >>> node_named(w * w, "w") is w
        True
    """
    return nodes_named(y, [x])[0]


def nodes_named(y: Any, xs: Any) -> list[Any]:
    """Find several nodes, each as `node_named` does, in one pass over the graph.

    One node need not stand in a list.

    Example:
        >>> from engine import Value
        >>> w, x = Value(2.0, "w"), Value(3.0, "x")
        >>> nodes_named(w * x, ["x", w]) == [x, w]
        True
    """
    wanted = list(xs) if isinstance(xs, Iterable) and not isinstance(xs, str) else [xs]
    by_label: dict[str, list[Any]] = {}
    if any(isinstance(x, str) for x in wanted):
        for node in graph_of(y).nodes:
            if node.label:
                by_label.setdefault(node.label, []).append(node)
    return [x if isinstance(x, Node) else _labelled(by_label, x) for x in wanted]


def _labelled(by_label: dict[str, list[Any]], x: Any) -> Any:
    if not isinstance(x, str):
        raise ValueTypeError(
            f"a node is given as a Value or as its label, not as {x!r} ({type(x).__name__})"
        )
    found = by_label.get(x, [])
    if len(found) > 1:
        raise UnknownNameError(
            f"{len(found)} nodes are labelled {x!r}; give the Value itself to say which is meant"
        )
    if not found:
        raise UnknownNameError(f"no node below y is labelled {x!r}; {_suggest(x, set(by_label))}")
    return found[0]


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


class Names:
    """What to call each node of a graph in a table or a drawing: every node by another name.

    A label is set as a textbook does. Where several nodes would be called the same, each has its
    position behind the name, ``h #5``; a node without label is called by its operation and its
    position, ``exp₅``, a leaf without one ``v₅``, and the root without one ``y``, if that name is
    free. Labels that look the same when set, ``w_1`` and ``w_{1}``, are the same name.

    Args:
        graph: The graph.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0, "x_1")
        >>> names = Names(WeightedGraph.of(x.exp() + 1))
        >>> [names[k] for k in range(3)]
        ['x₁', 'exp₁', 'y']
    """

    def __init__(self, graph: WeightedGraph) -> None:
        self._graph = graph

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
        return symbol + str(place).translate(_SUBSCRIPTS)

    @cached_property
    def _labels(self) -> Counter[str]:
        return Counter(node.label for node in self._graph.nodes if node.label)

    @cached_property
    def _set(self) -> dict[str, str]:
        """Each label as it is set; the same thousands are asked for again and again."""
        return {label: typeset(label) for label in self._labels}

    @cached_property
    def taken(self) -> Counter[str]:
        """The names that labels give, and how many nodes have each."""
        found: Counter[str] = Counter()
        for label, count in self._labels.items():
            found[self._set[label]] += count
        return found

    @cached_property
    def shared(self) -> dict[str, int]:
        """The labels by whose name several nodes would go, and how many would."""
        counts = ((label, self.taken[name]) for label, name in self._set.items())
        return {label: count for label, count in counts if count > 1}


_DIGITS = "₀₁₂₃₄₅₆₇₈₉"
_SUBSCRIPTS = str.maketrans("0123456789", _DIGITS)
