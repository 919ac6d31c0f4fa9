"""Count and list the paths between two nodes.

A gradient is a sum over paths, and each path is a product of local derivatives (Bauer's formula:
F. L. Bauer, "Computational graphs and rounding error", 1974). These functions show the terms of
that sum. There can be astronomically many, so counting never lists them, and listing is lazy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.arguments import whole
from engine.core.graph import Edge
from engine.labels import number
from engine.routes.reading import By, View, view

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

LIMIT = 1000
"""How many paths are listed, unless more are asked for."""

MOST_SHOWN = 24
"""A path of more nodes is written with its middle left out."""

_SMALLER = 2.0**-64


@dataclass(frozen=True, slots=True)
class Path:
    """One path from a node to the root: one term of the sum that is the gradient.

    Attributes:
        view: Where the path runs.
        places: The positions in ``view.graph`` of its nodes, from ``x`` to the root.
        slots: For each node after the first, the number of the edge by which the path enters it.
        contribution: The product of the local derivatives along the path.
    """

    view: View
    places: tuple[int, ...]
    slots: tuple[int, ...]
    contribution: float

    @property
    def nodes(self) -> tuple[Any, ...]:
        """The nodes, from ``x`` to the root."""
        return tuple(self.view.graph.nodes[k] for k in self.places)

    @property
    def partials(self) -> tuple[float, ...]:
        """The local derivative of each node after the first with respect to the one before."""
        weights = self.view.graph.weights
        return tuple(weights[k][slot] for k, slot in zip(self.places[1:], self.slots, strict=True))

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges, from ``x`` to the root."""
        nodes = self.nodes
        return tuple(map(Edge, nodes[1:], self.slots, nodes, self.partials))

    @property
    def names(self) -> tuple[str, ...]:
        """What the nodes are called, from ``x`` to the root."""
        return tuple(self.view.names[k] for k in self.places)

    def step(self, i: int) -> str:
        """Name the node number ``i``; if several of its operands are the one before, say which."""
        name = self.view.names[self.places[i]]
        i %= len(self)
        if i == 0:
            return name
        operands, slot = self.view.graph.sources[self.places[i]], self.slots[i - 1]
        return name if operands.count(operands[slot]) == 1 else f"{name} (operand {slot + 1})"

    def route(self, start: int = 0, stop: int | None = None) -> str:
        """Write the nodes from number ``start`` up to ``stop``, with arrows between them.

        The middle of a very long route is left out, and only what is written is worked out.
        """
        chosen = range(len(self))[start:stop]
        return arrows(lambda i: self.step(chosen[i]), len(chosen))

    def __len__(self) -> int:
        return len(self.places)

    def __str__(self) -> str:
        return self.route()

    def __repr__(self) -> str:
        return f"<Path {self}: {self.contribution!r}>"


def arrows(
    step: Callable[[int], str], count: int, joint: str = " → ", most: int = MOST_SHOWN
) -> str:
    """Join the texts of steps 0 to ``count`` - 1; leave out the middle if there are too many."""
    if count <= most:
        return joint.join(map(step, range(count)))
    half = most // 2
    left_out = f"({count - 2 * half:,} more)"
    return joint.join([*map(step, range(half)), left_out, *map(step, range(count - half, count))])


class Paths:
    """The paths of a view, to run through as often as one likes; nothing is listed in advance.

    They come in the order of the operands, from the root down. Each costs as many steps as it has
    nodes, since the walk enters only nodes from which ``x`` is reached.

    Attributes:
        view: Where the paths run.
        count: How many paths there are, exactly.
        limit: How many of them are listed; None for all.
    """

    def __init__(self, view: View, limit: int | None) -> None:
        self.view = view
        self.count = view.count
        self.limit = limit

    @property
    def remaining(self) -> int:
        """How many paths the limit leaves out."""
        return 0 if self.limit is None else max(0, self.count - self.limit)

    def __iter__(self) -> Iterator[Path]:
        found = _walk(self.view) if self.count else iter(())
        if self.limit is None:
            return found
        return (path for _, path in zip(range(self.limit), found, strict=False))

    def __repr__(self) -> str:
        listed = f", the first {self.limit:,} are listed" if self.remaining else ""
        return f"<Paths: {approximately(self.count)}{listed}>"


def count_paths(y: Any, x: Any, by: By = "milestones") -> int:
    """Count the paths from ``x`` to ``y``, exactly and without listing them.

    The cost is one addition of whole numbers for each edge. (A ladder of 1,000 diamonds has
    2 ** 1000 paths, and is counted in a few milliseconds.)

    Args:
        y: The root, or a `WeightedGraph`.
        x: The Value that the paths start from, or its label.
        by: "milestones" for routes through named nodes, "nodes" for every recorded node.

    Returns:
        How many there are; 0 if ``y`` does not depend on ``x``, 1 if it is ``x``.

    Raises:
        UnknownNameError: If ``by`` or a label is not known.

    Example:
        >>> from engine import Value
        >>> x = Value(1.0, "x")
        >>> y = x
        >>> for _ in range(100):
        ...     y = y + y
        >>> count_paths(y, x, by="nodes") == 2**100
        True
    """
    return view(y, x, by).count


def paths(y: Any, x: Any, by: By = "milestones", limit: int | None = LIMIT) -> Paths:
    """List the paths from ``x`` to ``y`` lazily: each is a term of the gradient.

    Args:
        y: The root, or a `WeightedGraph`.
        x: The Value that the paths start from, or its label.
        by: "milestones" for routes through named nodes, "nodes" for every recorded node.
        limit: How many to list at most; None for all of them.

    Returns:
        An iterable that knows how many paths there are before it lists one (``count``), and how
        many the limit leaves out (``remaining``).

    Raises:
        UnknownNameError: If ``by`` or a label is not known.
        ValueTypeError: If ``limit`` is not a whole number.
        ShapeError: If ``limit`` is negative.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0, "x")
        >>> y = x * x + 2 * x
        >>> found = paths(y, x, by="nodes")
        >>> found.count, [path.contribution for path in found]
        (3, [3.0, 3.0, 2.0])
    """
    return Paths(view(y, x, by), limit if limit is None else whole(limit, "limit"))


def approximately(count: int) -> str:
    """Write a count of paths; one too long to read as a power of ten."""
    if count < 10**15:
        return f"{count:,} path{'' if count == 1 else 's'}"
    return f"about {number(count, 3)} paths"


def distinguished(routes: list[list[str]]) -> list[list[str]]:
    """Keep of each route the names that not all have; all of them where nothing would remain."""
    common = set.intersection(*map(set, routes)) if routes else set()
    return [[name for name in route if name not in common] or route for route in routes]


def exact_sum(contributions: Iterable[float]) -> float:
    """Add up contributions, exactly rounded, so that their order does not matter."""
    numbers = list(contributions)
    if not all(map(math.isfinite, numbers)):
        return sum(numbers)
    try:
        return math.fsum(numbers)
    except OverflowError:  # on the way there; what is lost below is nothing beside such numbers
        return math.fsum(number * _SMALLER for number in numbers) / _SMALLER


def _walk(view: View) -> Iterator[Path]:
    """Walk from the root down to ``x``, operand by operand, with a stack of our own."""
    sources, weights, between = view.graph.sources, view.graph.weights, view.between
    root = len(view.graph) - 1
    places, slots, products = [root], [0], [1.0]  # the slot is the next one to try
    while places:
        here, slot = places[-1], slots[-1]
        if here == view.start:
            entered = tuple(s - 1 for s in slots[-2::-1])
            yield Path(view, tuple(places[::-1]), entered, products[-1])
        elif slot < len(sources[here]):
            slots[-1] += 1
            source = sources[here][slot]
            if between[source]:
                places.append(source)
                slots.append(0)
                products.append(products[-1] * weights[here][slot])
            continue
        places.pop()
        slots.pop()
        products.pop()
