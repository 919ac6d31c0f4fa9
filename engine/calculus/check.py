"""Check gradients against central differences.

The differences are taken with a fourth-order formula (Abramowitz and Stegun, 25.3.21 in its
five-point form), which reaches about eleven digits on smooth functions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.arguments import real
from engine.calculus.derivatives import grad
from engine.core.node import Node
from engine.core.value import Value
from engine.errors import DomainError, GradientMismatch, ValueTypeError

if TYPE_CHECKING:
    from collections.abc import Callable


class Checked(NamedTuple):
    """One operand of a check: its name, both derivatives, and how far they are apart."""

    operand: str
    analytic: float
    numeric: float
    error: float


@dataclass(frozen=True)
class GradientTable:
    """The result of `check_gradients`; prints as a table.

    Attributes:
        rows: One for each operand.
        tolerance: The largest error that was allowed.
    """

    rows: tuple[Checked, ...]
    tolerance: float

    def __str__(self) -> str:
        width = max(7, *(len(row.operand) for row in self.rows))
        lines = [f"{'operand':<{width}}  {'analytic':>22}  {'numeric':>22}  {'error':>9}"]
        for name, analytic, numeric, error in self.rows:
            verdict = "" if error <= self.tolerance else "  <- wrong"
            lines.append(
                f"{name:<{width}}  {analytic:>22.15g}  {numeric:>22.15g}  {error:>9.2e}{verdict}"
            )
        return "\n".join(lines)

    __repr__ = __str__


def central_difference(f: Callable[[float], float], x: float, step: float = 1e-3) -> float:
    """Differentiate numerically, with an error of about step**4 plus rounding over step.

    Example:
        >>> abs(central_difference(lambda x: x**3, 2.0) - 12.0) < 1e-9
        True
    """
    h = step * max(1.0, abs(x))
    inner, outer = f(x + h) - f(x - h), f(x + 2 * h) - f(x - 2 * h)
    return (8.0 * inner - outer) / (12.0 * h)


def check_gradients(
    f: Callable[..., Any], *xs: Any, tolerance: float = 1e-7, step: float = 1e-3
) -> GradientTable:
    """Compare the gradient of a function with central differences at a point.

    Args:
        f: Takes Values, returns a Value.
        *xs: The point: numbers, or Values (whose labels the table then shows).
        tolerance: The largest error allowed, relative to max(1, abs(numeric)).
        step: The distance of the sample points, relative to max(1, abs(x)).

    Returns:
        A table of (operand, analytic, numeric, error); print it.

    Raises:
        GradientMismatch: If an error is above the tolerance; the message is the table.
        ValueTypeError: If there is nothing to check: no operand, or ``f`` returns no Value; or if
            ``tolerance`` or ``step`` is not such a number.
        DomainError: If the point, or one that is a step or two away from it, is outside the
            domain of ``f``.

    Example:
        >>> table = check_gradients(lambda x, y: x * y.exp(), 2.0, 0.5)
        >>> [round(row.analytic, 6) for row in table.rows]
        [1.648721, 3.297443]
    """
    if not xs:
        raise ValueTypeError("check_gradients needs a point: check_gradients(f, 2.0, 0.5)")
    if not 0 < real(step, "the step of check_gradients") < math.inf:
        raise ValueTypeError(
            f"check_gradients needs a finite step above 0, such as 1e-3, not {step!r}"
        )
    if not real(tolerance, "the tolerance of check_gradients") >= 0:
        raise ValueTypeError(f"check_gradients needs a tolerance from 0 on, not {tolerance!r}")
    labels = [getattr(x, "label", "") or f"operand {k}" for k, x in enumerate(xs)]
    numbers = [x.data if isinstance(x, Node) else real(x, "a coordinate") for x in xs]
    leaves = [Value(x) for x in numbers]
    y = f(*leaves)
    if not isinstance(y, Value):
        raise ValueTypeError(f"check_gradients needs a function that returns a Value, not {y!r}")
    analytic = grad(y, leaves)
    rows = []
    for k, (label, found) in enumerate(zip(labels, analytic, strict=True)):
        numeric = central_difference(_along(f, numbers, k, label), numbers[k], step)
        error = abs(found - numeric) / max(1.0, abs(numeric))
        rows.append(Checked(label, found, numeric, math.inf if math.isnan(error) else error))
    table = GradientTable(tuple(rows), tolerance)
    if any(row.error > tolerance for row in rows):
        raise GradientMismatch(f"the gradient disagrees with central differences:\n{table}")
    return table


def _along(
    f: Callable[..., Any], point: list[float], k: int, label: str
) -> Callable[[float], float]:
    """Make a function of the k-th coordinate alone."""

    def moved(x: float) -> float:
        # Leaves, recorded: f itself may take gradients of what it computes.
        try:
            return float(f(*(Value(x if j == k else p) for j, p in enumerate(point))))
        except DomainError as error:
            raise DomainError(
                f"check_gradients steps from {label} = {point[k]!r} to {x!r}, which f does not "
                f"take; give a smaller step=... to stay nearer. There {error}"
            ) from error

    return moved
