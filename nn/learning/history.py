"""What happened while training: a row of numbers for each epoch.

>>> from nn import MLP, data, fit
>>> history = fit(MLP(2, [4, 1], seed=1), *data.xor(4, noise=0), epochs=3, progress=False)
>>> history.epochs, len(history["loss"])
(3, 3)
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.displays import display
from engine.errors import MissingExtraError, ShapeError, UnknownNameError, known
from nn.learning.accounting import Accounting, aligned, spread

if TYPE_CHECKING:
    from nn.model.module import Module


class Epoch(NamedTuple):
    """The numbers of one epoch.

    Attributes:
        epoch: Its number, from 1.
        loss: The mean of the loss over the samples, each measured just before the step it was
            used in.
        metric: The mean of the metric, measured with the loss; None if there is none.
        validation_loss: The loss on the validation data, after the epoch; None if there are none.
        validation_metric: The metric on the validation data; None if there is none.
        learning_rate: The learning rate of the last step.
        gradient_norm: The length of the gradient, averaged over the steps, before any clipping.
        seconds: How long the epoch took.
    """

    epoch: int
    loss: float
    metric: float | None
    validation_loss: float | None
    validation_metric: float | None
    learning_rate: float
    gradient_norm: float
    seconds: float


COLUMNS = tuple(field.replace("_", " ") for field in Epoch._fields)
"""The names of the columns."""


class History:
    """The course of a training; made by `fit`.

    ``history["validation loss"]`` is a column, a number for each epoch.

    Attributes:
        model: The model that was trained.
        rows: An `Epoch` for each epoch that was finished.
        metric_name: What the metric is called; None if there is none.
        steps: How many steps were made.
        stopped: Why training ended before all epochs were done, such as ``"interrupted"``; None
            if they were.
        accounting: What each step was predicted to change and did change, if it was asked for.
    """

    def __init__(self, model: Module, metric_name: str | None = None) -> None:
        self.model = model
        self.rows: list[Epoch] = []
        self.metric_name = metric_name
        self.steps = 0
        self.stopped: str | None = None
        self.accounting: Accounting | None = None

    @property
    def epochs(self) -> int:
        """How many epochs were finished."""
        return len(self.rows)

    @property
    def columns(self) -> dict[str, list[Any]]:
        """The columns by name; those that nothing was measured for are left out."""
        columns = {name: self[name] for name in COLUMNS}
        return {name: column for name, column in columns.items() if None not in column}

    def __getitem__(self, column: str) -> list[Any]:
        """Take a column.

        Args:
            column: ``"epoch"``, ``"loss"``, ``"metric"``, ``"validation loss"``, ``"validation
                metric"``, ``"learning rate"``, ``"gradient norm"`` or ``"seconds"``.

        Returns:
            A number for each epoch.

        Raises:
            UnknownNameError: If there is no such column.
        """
        if column not in COLUMNS:
            raise UnknownNameError(
                f"a history has no column {column!r}; its columns are {known(COLUMNS)}"
            )
        place = COLUMNS.index(column)
        return [row[place] for row in self.rows]

    @property
    def best(self) -> Epoch:
        """The epoch of the least validation loss, or, without validation, of the least loss.

        Raises:
            ShapeError: If no epoch was finished.
        """
        if not self.rows:
            raise ShapeError("no epoch was finished, so there is no best one")
        column = "loss" if self.rows[0].validation_loss is None else "validation loss"
        losses = self[column]
        return self.rows[losses.index(min(losses))]

    def plot(self, **options: Any) -> Any:
        """Draw the loss and the metric over the epochs.

        Args:
            **options: What `viz.plots.loss_curves` takes, such as ``theme="dark"``.

        Returns:
            The figure.

        Raises:
            MissingExtraError: If `viz` or matplotlib is not installed.
        """
        loss_curves = display("History")
        if loss_curves is None:
            raise MissingExtraError(
                "a history is drawn by viz, which cannot be imported here; "
                "pip install 'everypath[plot]' installs it, and matplotlib"
            )
        return loss_curves(self, **options)

    def __repr__(self) -> str:
        return f"{self._title()}\n{aligned(self._table())}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show the table in a notebook."""
        head, *body = self._table()
        rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in body)
        names = "".join(f"<th>{escape(name)}</th>" for name in head)
        html = (
            f'<table style="text-align: right"><caption>{escape(self._title())}</caption>'
            f"<thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>"
        )
        return {"text/plain": repr(self), "text/html": html}

    def _title(self) -> str:
        end = f", {self.stopped}" if self.stopped else ""
        noun = "epoch" if self.epochs == 1 else "epochs"
        return f"{self.epochs} {noun} in {sum(self['seconds']):.3g} s{end}"

    def _table(self) -> list[tuple[str, ...]]:
        """Write the columns that were measured, for epochs evenly spread over the training."""
        columns, metric = self.columns, self.metric_name or "metric"
        head = tuple(name.replace("metric", metric) for name in columns)
        shown = spread(self.epochs)
        return [head, *(tuple(_written(column[k]) for column in columns.values()) for k in shown)]


def _written(number: float) -> str:
    return str(number) if isinstance(number, int) else f"{number:.4g}"
