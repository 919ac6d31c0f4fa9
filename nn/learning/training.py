"""The training loop: epochs, batches, steps, and what to do when something goes wrong."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from operator import mul
from typing import Any, NamedTuple

from engine.arguments import at_least_0, is_list, real
from engine.errors import DomainError, ShapeError
from nn.data.sets import Data
from nn.learning.accounting import Accounting, Step
from nn.learning.callbacks import Hooks, told_to_stop
from nn.learning.history import Epoch, History
from nn.learning.losses import Loss
from nn.learning.metrics import Named, mean_metric
from nn.learning.objectives import Found, objective_of
from nn.learning.optim import Optimizer
from nn.learning.progress import Bar, progress_bar
from nn.model.module import Module


class DivergedError(DomainError):
    """The loss became nan or infinite while training.

    Attributes:
        history: What happened before.
    """

    def __init__(self, message: str, history: History) -> None:
        super().__init__(message)
        self.history = history


@dataclass(frozen=True)
class Settings:
    """What a training was asked for, read and checked once."""

    loss: Loss
    metric: Named | None
    optimizer: Optimizer
    epochs: int
    batch_size: int
    shuffler: random.Random | None  # of the samples, if they are taken in batches
    schedule: Callable[[float], float]  # the factor of the learning rate at a time in epochs
    clip: Callable[[list[float]], list[float]] | None
    hooks: Hooks
    compiled: bool
    account: bool
    progress: bool


class Samples(NamedTuple):
    """The targets of some samples, and their inputs and targets as the objective takes them."""

    targets: list[Any]
    table: Any


class Training:
    """One training: `run` does it, and writes the history."""

    def __init__(
        self, model: Module, data: Data, validation: Data | None, settings: Settings
    ) -> None:
        self.settings = settings
        self.optimizer = settings.optimizer
        self.metric = None if settings.metric is None else settings.metric.measure
        self.objective = objective_of(
            model,
            settings.loss,
            self.optimizer.parameters,
            outputs=self.metric is not None,
            compiled=settings.compiled,
        )
        self.samples = self._prepared(data)
        self.validation = None if validation is None else self._prepared(validation)
        self.history = History(model, None if settings.metric is None else settings.metric.name)
        self.history.accounting = Accounting() if settings.account else None
        self.base_rate = self.optimizer.lr
        self._last_good = self._numbers()

    def _prepared(self, data: Data) -> Samples:
        return Samples(data.y, self.objective.table(data.X, data.y))

    def run(self) -> History:
        """Train; raises `DivergedError` if the loss is not finite."""
        history, asked = self.history, self.settings
        steps = asked.epochs * self._steps_per_epoch
        try:
            with progress_bar(asked.progress, steps, asked.epochs, history.metric_name) as bar:
                for epoch in range(1, asked.epochs + 1):
                    in_a_step = self._epoch(epoch, bar)
                    history.stopped = told_to_stop(asked.hooks.epoch, history) or in_a_step
                    if history.stopped is not None:
                        break
        except KeyboardInterrupt:
            history.stopped = "interrupted"
        finally:
            self.optimizer.lr = self.base_rate
        for end in asked.hooks.end:
            end(history)
        return history

    @property
    def _steps_per_epoch(self) -> int:
        return math.ceil(len(self.samples.targets) / self.settings.batch_size)

    def _epoch(self, epoch: int, bar: Bar) -> str | None:
        """Go through the samples once; tell who wants to stop."""
        started = time.perf_counter()
        sizes, losses, metrics, norms = [], [], [], []
        reason = None
        for number, (targets, batch) in enumerate(self._batches()):
            self._set_rate(epoch - 1 + number / self._steps_per_epoch)
            found = self._step(batch, epoch)
            sizes.append(len(targets))
            losses.append(found.loss)
            metrics.append(self._metric(found.outputs, targets))
            norms.append(math.hypot(*found.gradient))
            bar.step()
            reason = told_to_stop(self.settings.hooks.step, self.history)
            if reason is not None:
                break
        row = Epoch(
            epoch,
            _weighted(losses, sizes),
            None if self.metric is None else _weighted(metrics, sizes),
            *self._validate(epoch),
            self.optimizer.lr,
            sum(norms) / len(norms),
            time.perf_counter() - started,
        )
        self.history.rows.append(row)
        bar.epoch(row)
        return reason

    def _set_rate(self, time_in_epochs: float) -> None:
        factor = self.settings.schedule(time_in_epochs)
        what = f"the schedule's factor at {time_in_epochs:g} epochs"
        self.optimizer.lr = self.base_rate * at_least_0(factor, what)

    def _batches(self) -> Iterator[tuple[Sequence[Any], Any]]:
        """Run through the samples, a batch at a time."""
        targets, table = self.samples
        size = self.settings.batch_size
        if size == len(targets):
            yield targets, table
            return
        order = list(range(len(targets)))
        if self.settings.shuffler is not None:
            self.settings.shuffler.shuffle(order)
        for start in range(0, len(order), size):
            rows = order[start : start + size]
            yield [targets[k] for k in rows], self.objective.chosen(table, rows)

    def _step(self, batch: Any, epoch: int) -> Found:
        """Make one step; if it is interrupted, the parameters are as before."""
        found = self._measured(self.objective.value_and_grad, batch, epoch)
        before = self._last_good = self._numbers()
        gradient = self._clipped(found.gradient)
        if not all(map(math.isfinite, gradient)):
            raise self._diverged(epoch, "the gradient is not finite")
        try:
            self.optimizer.step(gradient)
            for p, g in zip(self.optimizer.parameters, gradient, strict=True):
                p.grad = g
        except BaseException:
            self._restore(before)
            raise
        after = self._numbers()
        if not all(map(math.isfinite, after)):
            raise self._diverged(epoch, "a parameter is no longer finite")
        self.history.steps += 1
        if self.history.accounting is not None:
            step = [new - old for new, old in zip(after, before, strict=True)]
            self.history.accounting.rows.append(self._account(found, step, batch, epoch))
        return found

    def _account(self, found: Found, step: list[float], batch: Any, epoch: int) -> Step:
        """Compare what a step was predicted to change with what it changed."""
        again = self._measured(self.objective.value, batch, epoch)
        predicted, actual = sum(map(mul, found.gradient, step)), again.loss - found.loss
        squares = sum(g * g for g in found.gradient)
        number, rate = self.history.steps, self.optimizer.lr
        return Step(epoch, number, found.loss, predicted, actual, squares, rate)

    def _clipped(self, gradient: list[float]) -> list[float]:
        if self.settings.clip is None:
            return gradient
        clipped = self.settings.clip(gradient)
        if not is_list(clipped) or len(clipped) != len(gradient):
            raise ShapeError(
                f"clip must return a derivative for each of the {len(gradient)} parameters, not "
                f"{clipped!r}"
            )
        return [real(g, "a clipped derivative") for g in clipped]

    def _validate(self, epoch: int) -> tuple[float | None, float | None]:
        """Measure the loss and the metric on the validation data."""
        if self.validation is None:
            return None, None
        targets, table = self.validation
        found = self._measured(self.objective.value, table, epoch)
        metric = self._metric(found.outputs, targets)
        return found.loss, None if self.metric is None else metric

    def _metric(self, outputs: Sequence[Any], targets: Sequence[Any]) -> float:
        return 0.0 if self.metric is None else mean_metric(self.metric, outputs, targets)

    def _measured(self, measure: Callable[[Any], Found], batch: Any, epoch: int) -> Found:
        """Compute the loss, and see whether it is finite."""
        try:
            found = measure(batch)
        except DomainError as error:
            raise self._diverged(epoch, str(error)) from error
        if not math.isfinite(found.loss):
            raise self._diverged(epoch, f"the loss is {found.loss!r}")
        return found

    def _diverged(self, epoch: int, reason: str) -> DivergedError:
        """Go back to the last parameters whose loss was finite, and say so."""
        self._restore(self._last_good)
        self.history.stopped = "diverged"
        return DivergedError(
            f"training diverged in epoch {epoch}, after {self.history.steps} steps: {reason}. The "
            "parameters are those of the last step whose loss was finite. Lower the learning rate "
            f"(it is {self.optimizer.lr:g}), clip the gradient (clip=1.0), or scale the data",
            self.history,
        )

    def _numbers(self) -> list[float]:
        return [p.data for p in self.optimizer.parameters]

    def _restore(self, numbers: list[float]) -> None:
        for p, number in zip(self.optimizer.parameters, numbers, strict=True):
            p.data = number


def _weighted(numbers: list[float], sizes: list[int]) -> float:
    """Average numbers that each stand for so many samples."""
    total: float = sum(map(mul, numbers, sizes))
    return total / sum(sizes)
