"""Step through a gradient: the forward pass, the seed, the backward sweep, one node at a time.

`steps` writes down what `engine.core.backward` does, addition by addition and to the same bit:
which node is visited, the gradient that has come in, and for each of its edges the local
derivative, the contribution, and the running sum before and after. A `Walker` goes through them in
both directions. Both take a recorded graph or a condensed one (`engine.condense`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, overload

from engine.arguments import real
from engine.core.graph import WeightedGraph
from engine.errors import ShapeError, ValueTypeError
from engine.labels import number
from engine.routes.reading import Reading, read

Phase = Literal["forward", "seed", "backward"]
"""What a step does: compute a value, start the sweep, or hand a gradient down."""

FIGURES = 4
"""Significant digits of the numbers that a step prints; its attributes are exact."""


@dataclass(frozen=True, slots=True)
class Addition:
    """One ``+=`` of the sweep: what a node hands to one of its operands.

    Attributes:
        slot: The number of the edge, counted from 0.
        parent: The operand.
        place: The position of the operand in the graph.
        name: What the operand is called.
        partial: The local derivative of the node with respect to the operand.
        contribution: The node's gradient times ``partial``.
        before: The operand's running sum before.
        after: The running sum with the contribution added.
    """

    slot: int
    parent: Any
    place: int
    name: str
    partial: float
    contribution: float
    before: float
    after: float


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """One step; it prints its arithmetic.

    Attributes:
        phase: ``"forward"``, ``"seed"`` or ``"backward"``.
        node: The node that is visited.
        place: Its position in the graph.
        name: What it is called.
        root: What the root of the graph is called.
        value: The node's number.
        incoming: The node's gradient, complete when it is visited; None in the forward pass.
        operands: Forward: the operands with their numbers, as they are called.
        additions: Backward: what the node hands to each operand that the sweep enters.
    """

    phase: Phase
    node: Any
    place: int
    name: str
    root: str
    value: float
    incoming: float | None = None
    operands: tuple[tuple[str, float], ...] = ()
    additions: tuple[Addition, ...] = ()

    def __str__(self) -> str:
        return "\n".join(self.lines())

    __repr__ = __str__

    def lines(self) -> list[str]:
        """Write the arithmetic, a line for each addition."""
        if self.phase == "forward":
            return [self._forward()]
        incoming = number(self.incoming or 0.0, FIGURES)
        if self.phase == "seed":
            return [f"∂{self.root}/∂{self.name} = {incoming}   (the seed)"]
        arrived = f"∂{self.root}/∂{self.name}"
        return [
            f"∂{self.root}/∂{each.name} += {arrived} · ∂{self.name}/∂{each.name} = "
            f"{incoming} × {_factor(each.partial)} = {number(each.contribution, FIGURES)}   "
            f"(was {number(each.before, FIGURES)}, now {number(each.after, FIGURES)})"
            for each in self.additions
        ]

    def _forward(self) -> str:
        given = ", ".join(f"{name} = {number(data, FIGURES)}" for name, data in self.operands)
        made = f"{self.name} = {number(self.value, FIGURES)}"
        return f"{made}   (from {given})" if given else made


def _factor(x: float) -> str:
    text = number(x, FIGURES)
    return f"({text})" if text.startswith("−") else text


class Steps(Sequence[Step]):
    """The steps of a graph, in order; made by `steps`. Printing them prints the arithmetic.

    Attributes:
        graph: What is stepped through.
        names: What its nodes are called.
        seed: What the root's gradient starts from.
    """

    def __init__(self, reading: Reading, seed: float) -> None:
        self.graph = reading.graph
        self.names = reading.names
        self.seed = seed
        self._steps = tuple(_listed(reading, seed))

    @overload
    def __getitem__(self, key: int) -> Step: ...
    @overload
    def __getitem__(self, key: slice) -> Sequence[Step]: ...
    def __getitem__(self, key: int | slice) -> Step | Sequence[Step]:
        return self._steps[key]

    def __len__(self) -> int:
        return len(self._steps)

    def __str__(self) -> str:
        width = len(str(len(self)))
        lines = []
        for k, step in enumerate(self, start=1):
            for i, line in enumerate(step.lines()):
                lines.append(f"{'' if i else k:>{width}}  {line}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        forward = sum(step.phase == "forward" for step in self)
        return f"<Steps: {forward} forward, the seed, {len(self) - forward - 1} backward>"

    def walker(self) -> Walker:
        """Start to walk; before the first step.

        Returns:
            A walker of its own: several can walk the same steps.
        """
        return Walker(self)


def _listed(reading: Reading, seed: float) -> Iterator[Step]:
    graph, names = reading.graph, [reading.names[k] for k in range(len(reading.graph))]
    root = names[-1]
    inner = [k for k, sources in enumerate(graph.sources) if sources]
    for k in inner:
        node = graph.nodes[k]
        operands = tuple((names[source], graph.nodes[source].data) for source in graph.sources[k])
        yield Step("forward", node, k, names[k], root, node.data, operands=operands)
    last = len(graph) - 1
    yield Step("seed", graph.root, last, root, root, graph.root.data, seed)
    sums = [0.0] * len(graph)
    sums[last] = seed
    for k in reversed(inner):
        node = graph.nodes[k]
        additions = tuple(_additions(graph, names, k, sums))
        yield Step("backward", node, k, names[k], root, node.data, sums[k], additions=additions)


def _additions(
    graph: WeightedGraph, names: Sequence[str], k: int, sums: list[float]
) -> Iterator[Addition]:
    """Hand a node's gradient to its operands; ``sums`` are brought up to date on the way."""
    for slot, (source, weight) in enumerate(zip(graph.sources[k], graph.weights[k], strict=True)):
        parent = graph.nodes[source]
        if parent.is_constant:
            continue
        contribution, before = weight * sums[k], sums[source]
        sums[source] = before + contribution
        yield Addition(
            slot, parent, source, names[source], weight, contribution, before, sums[source]
        )


class Walker:
    """A place among the steps, to go forward and back from; prints where it is.

    Attributes:
        steps: The steps.
    """

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self._position = 0
        self._sums = {node: 0.0 for node in steps.graph.nodes if not node.is_constant}

    @property
    def position(self) -> int:
        """How many steps have been done."""
        return self._position

    @property
    def step(self) -> Step | None:
        """The step that was done last; None before the first."""
        return self.steps[self._position - 1] if self._position else None

    @property
    def gradients(self) -> Mapping[Any, float]:
        """The running sums, by node; after the last step what `engine.gradients` gives."""
        return dict(self._sums)

    def forward(self) -> Step | None:
        """Do the next step.

        Returns:
            The step, which prints its arithmetic; None after the last.
        """
        if self._position == len(self.steps):
            return None
        step = self.steps[self._position]
        self._position += 1
        if step.phase == "seed":
            self._set(step.node, step.incoming or 0.0)
        for each in step.additions:
            self._set(each.parent, each.after)
        return step

    def back(self) -> Step | None:
        """Undo the last step.

        Returns:
            The step that was undone; None before the first.
        """
        step = self.step
        if step is None:
            return None
        self._position -= 1
        if step.phase == "seed":
            self._set(step.node, 0.0)
        for each in reversed(step.additions):
            self._set(each.parent, each.before)
        return step

    def go(self, position: int) -> Step | None:
        """Go to where so many steps have been done.

        Args:
            position: 0 for the start, ``len(steps)`` or -1 for the end.

        Returns:
            The step that was done last there; None at the start.

        Raises:
            ShapeError: If there are not so many steps.
            ValueTypeError: If ``position`` is not a whole number.
        """
        if not isinstance(position, int):
            raise ValueTypeError(f"a position is a whole number, not {position!r}")
        last = len(self.steps)
        wanted = position if position >= 0 else last + 1 + position
        if not 0 <= wanted <= last:
            raise ShapeError(
                f"there is no position {position}: they run from 0 (the start) to {last} (the end)"
            )
        while self._position < wanted:
            self.forward()
        while self._position > wanted:
            self.back()
        return self.step

    def _set(self, node: Any, gradient: float) -> None:
        if node in self._sums:  # a root that is a constant has no gradient
            self._sums[node] = gradient

    def __repr__(self) -> str:
        here = f"step {self._position} of {len(self.steps)}"
        return f"{here}\n{self.step}" if self.step else f"{here}: nothing is computed yet"


def steps(y: Any, seed: float = 1.0) -> Steps:
    """Write down the forward pass and the backward sweep of ``y``, one node at a time.

    Leaves are given and take no step; constants take none in the sweep, which does not enter them.

    Args:
        y: The Value to differentiate; or a `WeightedGraph`, such as `engine.condense` gives.
        seed: The derivative of the final result with respect to ``y``.

    Returns:
        The steps: a sequence that prints, and that `Steps.walker` walks in both directions.

    Raises:
        ValueTypeError: If ``y`` is neither a Value nor a graph, or ``seed`` not a real number.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0, "x")
        >>> y = x * x
        >>> y.label = "y"
        >>> print(steps(y))
        1  y = 9   (from x = 3, x = 3)
        2  ∂y/∂y = 1   (the seed)
        3  ∂y/∂x += ∂y/∂y · ∂y/∂x = 1 × 3 = 3   (was 0, now 3)
           ∂y/∂x += ∂y/∂y · ∂y/∂x = 1 × 3 = 3   (was 3, now 6)
        >>> walk = steps(y).walker()
        >>> walk.go(3).additions[1].after, walk.gradients[x]
        (6.0, 6.0)
        >>> walk.back().phase, walk.gradients[x]
        ('backward', 0.0)
    """
    return Steps(read(y), real(seed, "seed"))
