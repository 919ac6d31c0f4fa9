"""Random graphs for hypothesis: every law of the project is tried on these.

`recipes` draws a `Recipe`, a random program that can be run again and again, on its own numbers
or on others; `graphs` draws a recorded graph. They have fan-out, repeated operands, dead branches,
plain numbers on either side, kinks that are hit exactly, and nodes of many operands. Every graph
is finite by construction: where a step would leave its operation's domain or grow too large, a
sine takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import strategies as st

import engine
from engine import DomainError, Value

BOUNDED = ("sin", "cos", "tanh", "sigmoid", "atan", "erf")
SMOOTH = (
    "neg",
    "softplus",
    "gelu",
    "silu",
    "asinh",
    "add",
    "sub",
    "mul",
    "sum",
    "mean",
    "logsumexp",
    "softmax",
    "dot",
)
KINKED = ("relu", "abs", "leaky_relu", "elu", "maximum", "minimum", "clamp", "where")
PARTIAL = ("exp", "log", "sqrt", "cbrt", "div", "pow", "atan2", "hypot", "log1p", "expm1")
"""Operations that are not defined everywhere, or overflow."""

ARITY = (
    dict.fromkeys((*BOUNDED, *SMOOTH, *KINKED, *PARTIAL), 1)
    | dict.fromkeys(
        (
            "add",
            "sub",
            "mul",
            "div",
            "pow",
            "atan2",
            "hypot",
            "maximum",
            "minimum",
            "elu",
            "leaky_relu",
        ),
        2,
    )
    | {"clamp": 3, "where": 3}
)
MANY = ("sum", "mean", "logsumexp", "softmax", "dot")
"""Operations of any number of operands."""

LARGEST = 1e4
"""No number in a random graph is larger."""

Operand = int | float  # an int is the position of an earlier result, a float a plain number


class Step(NamedTuple):
    """One operation of a recipe."""

    name: str
    operands: tuple[Operand, ...]
    label: str = ""


class Graph(NamedTuple):
    """A recorded graph: its leaves in order (also those that no path reaches), and its root."""

    leaves: list[Value]
    root: Value


@dataclass(frozen=True)
class Recipe:
    """A random program: numbers for the leaves, and the steps that follow."""

    numbers: tuple[float, ...]
    steps: tuple[Step, ...]

    def run(self, leaves: Sequence[Any]) -> Any:
        """Run the steps on leaves of any kind, Values or floats; the last result."""
        return self.results(leaves)[-1]

    def results(self, leaves: Sequence[Any]) -> list[Any]:
        """Run the steps; the leaves, and then every result in order."""
        results = list(leaves)
        for step in self.steps:
            result = apply(
                step.name, [results[o] if isinstance(o, int) else o for o in step.operands]
            )
            if step.label and isinstance(result, Value):
                result.label = step.label
            results.append(result)
        return results

    def build(self, numbers: Sequence[float] | None = None) -> Graph:
        """Record the graph, on the recipe's own numbers or on others."""
        given = self.numbers if numbers is None else numbers
        leaves = [Value(x, f"x_{k}") for k, x in enumerate(given)]
        return Graph(leaves, self.run(leaves))


def apply(name: str, operands: list[Any]) -> Any:
    """Apply one operation by name, the way a user would write it."""
    match name:
        case "add":
            return operands[0] + operands[1]
        case "sub":
            return operands[0] - operands[1]
        case "mul":
            return operands[0] * operands[1]
        case "div":
            return operands[0] / operands[1]
        case "neg":
            return -operands[0]
        case "softmax":
            return engine.softmax(operands)[0]
        case "dot":
            half = len(operands) // 2
            bias = operands[-1] if len(operands) % 2 else None
            return engine.dot(operands[:half], operands[half : 2 * half], bias)
        case "sum" | "mean" | "logsumexp":
            return getattr(engine, name)(operands)
        case _:
            return getattr(engine, name)(*operands)


def numbers(largest: float = 3.0) -> st.SearchStrategy[float]:
    """Leaves and constants: any number of moderate size, often one where kinks and ties are."""
    return st.sampled_from((0.0, 1.0, -1.0, 0.5, 2.0)) | st.floats(
        -largest, largest, allow_subnormal=False
    ).map(lambda x: 0.0 if abs(x) < 1e-6 else x)


@st.composite
def recipes(
    draw: st.DrawFn,
    *,
    smooth: bool = False,
    everywhere: bool = False,
    max_leaves: int = 4,
    max_steps: int = 12,
) -> Recipe:
    """Draw a random program.

    Args:
        draw: Hypothesis's own.
        smooth: True to leave out operations with kinks.
        everywhere: True to leave out operations that have a limited domain or overflow, so that
            the recipe can also be built on other numbers (from `numbers`).
        max_leaves: The most leaves.
        max_steps: The most operations.
    """
    leaves = draw(st.lists(numbers(), min_size=1, max_size=max_leaves))
    known = (*BOUNDED, *SMOOTH) + (() if smooth else KINKED) + (() if everywhere else PARTIAL)
    wide = tuple(name for name in known if name in MANY or ARITY[name] > 1)  # these make a graph
    values, reach, steps = list(leaves), [3.0] * len(leaves), list[Step]()
    for _ in range(draw(st.integers(min(4, max_steps), max_steps))):
        name = draw(st.sampled_from(known) | st.sampled_from(wide))
        operands = _operands(draw, name, len(values))
        value, far = _try(name, operands, values, reach)
        if far > LARGEST or not abs(value) <= LARGEST:
            name, operands = "sin", (next(o for o in operands if isinstance(o, int)),)
            value, far = _try(name, operands, values, reach)
        label = draw(st.sampled_from(("", "", f"m_{len(steps)}")))
        steps.append(Step(name, operands, label))
        values.append(value)
        reach.append(far)
    return Recipe(tuple(leaves), tuple(steps))


def graphs(**options: Any) -> st.SearchStrategy[Graph]:
    """Draw a recorded graph ``(leaves, root)``; the options are those of `recipes`."""
    return recipes(**options).map(Recipe.build)


def _operands(draw: st.DrawFn, name: str, known: int) -> tuple[Operand, ...]:
    """Draw operands: recent results often (depth), any result (fan-out), now and then a number."""
    recent = st.integers(1, min(3, known)).map(lambda back: known - back)
    reference = recent | recent | st.integers(0, known - 1)
    count = draw(st.integers(1, 6)) if name in MANY else ARITY[name]
    either = st.one_of(reference, reference, reference, numbers())
    operands = [draw(either) for _ in range(count)]
    if not any(isinstance(o, int) for o in operands):
        operands[draw(st.integers(0, count - 1))] = draw(reference)
    return tuple(operands)


def _try(
    name: str, operands: Sequence[Operand], values: list[float], reach: list[float]
) -> tuple[float, float]:
    """Apply a step to floats; its result (inf outside the domain) and a bound for any leaves."""
    given = [values[o] if isinstance(o, int) else o for o in operands]
    far = [reach[o] if isinstance(o, int) else abs(o) for o in operands]
    if name in {"mul", "dot", "elu", "leaky_relu"}:
        bound = max(far) ** 2 * max(1, len(far) // 2) + max(far)
    else:
        bound = 2.0 if name in BOUNDED else sum(far) + 2.0
    try:
        y = apply(name, [Value(x) for x in given])
    except DomainError:
        return float("inf"), bound
    # A steep operation makes finite differences and comparisons meaningless.
    steep = any(abs(d) > LARGEST for d in engine.gradients(y).values())
    return (float("inf") if steep else y.data), bound
