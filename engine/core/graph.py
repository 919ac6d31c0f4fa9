"""Walk a recorded graph: its order, its edges, and the weighted graph that everything else reads.

These functions need nothing but nodes with `parents` and `partials`; they know no `Value`. None
of them recurses, so a chain of a million nodes is as fine as a short one.

An *edge* is (node, slot, parent, partial): the node's operand number ``slot`` is ``parent``, and
``partial`` is the node's local derivative with respect to it. ``x * x`` has two edges to ``x``.
The graph with these weights is the *linearised computational graph* of Griewank and Walther,
"Evaluating Derivatives" (2nd ed., 2008), chapter 9.
"""

from __future__ import annotations

from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from engine.errors import ValueTypeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Linked(Protocol):
    """What a walk needs of a node."""

    @property
    def parents(self) -> tuple[Any, ...]:
        """The operands in order, repeats kept."""

    @property
    def partials(self) -> tuple[float, ...]:
        """The local derivative with respect to each of them."""


N = TypeVar("N", bound=Linked)


class Edge(NamedTuple):
    """One arrow of the graph: operand number ``slot`` of ``node`` is ``parent``."""

    node: Any
    slot: int
    parent: Any
    partial: float


def topological_order(y: N) -> list[N]:
    """List everything that ``y`` depends on, operands before the nodes that use them.

    The order is that of a depth-first walk which visits operands from first to last, so it is the
    same in every run. Time and memory are linear in the number of edges.

    Args:
        y: The node to start from; it comes last.

    Returns:
        Each node once.

    Raises:
        ValueTypeError: If ``y`` is not a node.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0, "x")
        >>> y = x * x + x
        >>> [node.data for node in topological_order(y)]
        [3.0, 9.0, 12.0]
    """
    if not hasattr(y, "parents"):
        raise ValueTypeError(
            f"a graph ends in a Value, the result of operations on Values, not in {y!r} "
            f"({type(y).__name__})"
        )
    return depth_first(y, attrgetter("parents"))


def depth_first(y: N, below: Callable[[N], Iterable[N]]) -> list[N]:
    """List a node and all that is ``below`` it, in the order in which a walk leaves it."""
    order: list[N] = []
    seen = {y}
    stack: list[tuple[N, Iterator[N]]] = [(y, iter(below(y)))]
    while stack:
        node, rest = stack[-1]
        for parent in rest:
            if parent not in seen:
                seen.add(parent)
                stack.append((parent, iter(below(parent))))
                break
        else:
            order.append(node)
            stack.pop()
    return order


def edges(y: Linked) -> list[Edge]:
    """List every edge below ``y``, in the order of the nodes they lead to.

    Args:
        y: The root of the graph.

    Returns:
        The edges, each operand slot one edge.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0, "x")
        >>> [(slot, partial) for _, slot, _, partial in edges(x * x)]
        [(0, 3.0), (1, 3.0)]
    """
    return list(WeightedGraph.of(y).edges())


class WeightedGraph:
    """A directed acyclic graph with a weight on every edge, ending in one root.

    The recorded graph and its condensed view (`engine.condense`) both take this form, so that
    drawing, counting, ranking and explaining paths are written once.

    Attributes:
        nodes: The nodes, operands before users; the root is last.
        sources: For each node, the positions in ``nodes`` of the operands of its edges.
        weights: For each node, the weights of those edges, in the same order.
    """

    def __init__(
        self,
        nodes: Iterable[Any],
        sources: Iterable[tuple[int, ...]],
        weights: Iterable[tuple[float, ...]],
    ) -> None:
        self.nodes = tuple(nodes)
        self.sources = tuple(sources)
        self.weights = tuple(weights)

    @classmethod
    def of(cls, y: Linked) -> WeightedGraph:
        """Take the recorded graph below a node, its partials as weights.

        Args:
            y: The root.

        Returns:
            The graph, in topological order.
        """
        order = topological_order(y)
        place = {node: k for k, node in enumerate(order)}
        sources = [tuple(place[p] for p in node.parents) for node in order]
        return cls(order, sources, [node.partials for node in order])

    @property
    def root(self) -> Any:
        """The node that all paths lead to."""
        return self.nodes[-1]

    @cached_property
    def index(self) -> dict[Any, int]:
        """The position of each node in ``nodes``."""
        return {node: k for k, node in enumerate(self.nodes)}

    def __len__(self) -> int:
        return len(self.nodes)

    def __repr__(self) -> str:
        arrows = sum(map(len, self.sources))
        return f"<WeightedGraph of {len(self)} nodes and {arrows} edges>"

    def edges(self) -> Iterator[Edge]:
        """Run through the edges, in the order of the nodes they lead to."""
        for k, node in enumerate(self.nodes):
            for slot, (source, weight) in enumerate(
                zip(self.sources[k], self.weights[k], strict=True)
            ):
                yield Edge(node, slot, self.nodes[source], weight)

    def adjoints(self, seed: float = 1.0) -> list[float]:
        """Sweep backward: the derivative of the root with respect to every node.

        Args:
            seed: What the root's own derivative starts from.

        Returns:
            One number for each of ``nodes``.
        """
        adjoint = [0.0] * len(self.nodes)
        adjoint[-1] = seed
        for k in range(len(self.nodes) - 1, -1, -1):
            upstream = adjoint[k]
            for source, weight in zip(self.sources[k], self.weights[k], strict=True):
                adjoint[source] += weight * upstream
        return adjoint
