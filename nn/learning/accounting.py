"""Gradient accounting: what each step should have changed, and what it did change.

To first order, a step Δw changes the loss by the sum of g Δw over the parameters: each derivative
times how far its parameter moved. For plain gradient descent Δw = -lr g, so that is -lr |g|², and
the loss always falls, if the step is small enough for first order to be all there is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, overload

MOST_SHOWN = 10
"""A printed table has at most so many rows."""


class Step(NamedTuple):
    """The account of one step.

    Attributes:
        epoch: The epoch, from 1.
        step: The step, from 1, counted over the whole training.
        loss: The loss on the batch before the step.
        predicted: The change to first order, the sum of g Δw.
        actual: The change of the loss on the same batch.
        squared_norm: |g|², the square of the length of the gradient.
        learning_rate: The learning rate; for plain descent ``predicted`` is -lr |g|².
    """

    epoch: int
    step: int
    loss: float
    predicted: float
    actual: float
    squared_norm: float
    learning_rate: float


class Accounting(Sequence[Step]):
    """The accounts of all steps; prints as a table, evenly spread over the training.

    Example:
        >>> accounting = Accounting()
        >>> accounting.rows.append(Step(1, 1, 2.0, -0.5, -0.4, 5.0, 0.1))
        >>> print(accounting)
        step  loss  predicted  actual  actual/predicted
           1     2       -0.5    -0.4               0.8
    """

    def __init__(self) -> None:
        self.rows: list[Step] = []

    @overload
    def __getitem__(self, k: int) -> Step: ...
    @overload
    def __getitem__(self, k: slice) -> list[Step]: ...
    def __getitem__(self, k: int | slice) -> Step | list[Step]:
        return self.rows[k]

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        head = ("step", "loss", "predicted", "actual", "actual/predicted")
        return aligned([head, *(_line(self.rows[k]) for k in spread(len(self)))])


def spread(count: int) -> list[int]:
    """Choose rows of a long table, evenly, with the first and the last among them."""
    if not count:
        return []
    return sorted({round(k * (count - 1) / (MOST_SHOWN - 1)) for k in range(MOST_SHOWN)})


def aligned(table: Sequence[Sequence[str]]) -> str:
    """Write rows of texts under each other, the columns flush right."""
    widths = [max(len(row[k]) for row in table) for k in range(len(table[0]))]
    return "\n".join("  ".join(map(str.rjust, row, widths)) for row in table)


def _line(step: Step) -> tuple[str, ...]:
    ratio = f"{step.actual / step.predicted:.3g}" if step.predicted else "-"
    numbers = (step.loss, step.predicted, step.actual)
    return (str(step.step), *(f"{x:.4g}" for x in numbers), ratio)
