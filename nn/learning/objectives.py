"""Objectives: the mean of a loss over samples, with its gradient; recorded anew or replayed.

Both kinds give the same numbers up to the last digits: `Recorded` records the graph of every
batch, as one would by hand; `Replayed` records one sample, compiles that, and runs the program.
"""

# ruff: noqa: N803 - X is what everyone calls a table of samples

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import engine
from engine.core.node import Node
from engine.core.value import Value
from engine.errors import ValueTypeError
from engine.program.numbers import numpy
from nn.data.sets import one_hot
from nn.learning.losses import Loss, cross_entropy
from nn.model.module import Module


class Found(NamedTuple):
    """What an objective gives for a batch: the mean loss, and what was asked for beside it."""

    loss: float
    outputs: list[Any]  # of the model for each sample, a float or a list of floats
    gradient: list[float]  # with respect to each parameter


class Objective(ABC):
    """The mean of a loss over samples, as a function of a model's parameters."""

    def __init__(
        self, model: Module, loss: Loss, parameters: Sequence[Value], *, outputs: bool = True
    ) -> None:
        self.model = cast("Callable[[Any], Any]", model)
        self.loss = loss
        self.parameters = list(parameters)
        self.outputs = outputs

    @abstractmethod
    def table(self, X: list[list[float]], targets: list[Any]) -> Any:
        """Prepare samples, once; a part of the table is a batch."""

    @abstractmethod
    def chosen(self, table: Any, rows: Sequence[int]) -> Any:
        """Take a batch out of a table."""

    @abstractmethod
    def value(self, batch: Any) -> Found:
        """Compute the loss."""

    @abstractmethod
    def value_and_grad(self, batch: Any) -> Found:
        """Compute the loss and its gradient."""


class Recorded(Objective):
    """An objective that records the graph of every batch.

    Example:
        >>> from nn import MLP, mse
        >>> model = MLP.from_weights([[[2.0]]])
        >>> objective = Recorded(model, mse, model.parameters())
        >>> objective.value_and_grad(objective.table([[1.0], [3.0]], [1.0, 6.0]))
        Found(loss=0.5, outputs=[2.0, 6.0], gradient=[1.0, 1.0])
    """

    most_at_once = 500
    """So many samples are recorded in one graph; larger batches take several, to spare memory."""

    def table(self, X: list[list[float]], targets: list[Any]) -> list[tuple[list[float], Any]]:
        """Pair inputs and targets."""
        return list(zip(X, targets, strict=True))

    def chosen(self, table: Any, rows: Sequence[int]) -> Any:
        """Take some pairs."""
        return [table[k] for k in rows]

    def value(self, batch: Any) -> Found:
        """Compute the loss without recording."""
        losses, outputs = [], []
        with engine.no_grad():
            for x, target in batch:
                yhat = self.model(x)
                losses.append(float(self.loss(yhat, target)))
                outputs.append(_numbers(yhat))
        return Found(sum(losses) / len(losses), outputs, [])

    def value_and_grad(self, batch: Any) -> Found:
        """Record the loss and sweep backward; the gradient is in the parameters too."""
        for p in self.parameters:
            p.grad = 0.0
        losses: list[float] = []
        outputs: list[Any] = []
        for start in range(0, len(batch), self.most_at_once):
            with engine.recording():  # ends with the graph gone, before the next is recorded
                part = batch[start : start + self.most_at_once]
                self._sweep(part, len(batch), losses, outputs)
        gradient = [p.grad for p in self.parameters]
        return Found(sum(losses) / len(losses), outputs, gradient)

    def _sweep(self, part: Any, samples: int, losses: list[float], outputs: list[Any]) -> None:
        yhats = [self.model(x) for x, _ in part]
        each = [self.loss(yhat, target) for yhat, (_, target) in zip(yhats, part, strict=True)]
        engine.sum(each).backward(1.0 / samples)
        losses += map(float, each)
        outputs += map(_numbers, yhats)


class Replayed(Objective):
    """An objective that is compiled when it is first used.

    Inputs and targets are the inputs of the program. The number of a class becomes a list with a 1
    at its place, since a program cannot choose among its outputs.
    """

    def __init__(
        self, model: Module, loss: Loss, parameters: Sequence[Value], *, outputs: bool = True
    ) -> None:
        super().__init__(model, loss, parameters, outputs=outputs)
        self._width = 0  # how many numbers a sample has
        self._bare = True  # whether a target is one number
        self._losses = engine.compile(self._loss_of, wrt=self.parameters)
        self._predictions = engine.compile(self._predicted, wrt=self.parameters)

    def table(self, X: list[list[float]], targets: list[Any]) -> Any:
        """Put each target behind its inputs."""
        if self.loss is cross_entropy:
            targets = self._shares(X[0], targets)
        self._width, self._bare = len(X[0]), not isinstance(targets[0], list)
        rows = [[*x, t] if self._bare else [*x, *t] for x, t in zip(X, targets, strict=True)]
        np = numpy()
        return rows if np is None else np.array(rows, dtype=float)

    def _shares(self, x: list[float], targets: list[Any]) -> list[list[float]]:
        """Write the numbers of classes as lists; a sample tells how many there are."""
        with engine.no_grad():
            classes = len(self.model(x))
        return [t if isinstance(t, list) else one_hot([t], classes)[0] for t in targets]

    def chosen(self, table: Any, rows: Sequence[int]) -> Any:
        """Take some rows."""
        return [table[k] for k in rows] if isinstance(table, list) else table[list(rows)]

    def value(self, batch: Any) -> Found:
        """Run the program forward."""
        return self._found(batch, self._losses.value(batch), [])

    def value_and_grad(self, batch: Any) -> Found:
        """Run the program forward and backward."""
        values, gradient = self._losses.value_and_grad(batch, reduce="mean")
        return self._found(batch, values, _plain(gradient))

    def _found(self, batch: Any, values: Any, gradient: list[float]) -> Found:
        outputs = _plain(self._predictions.value(batch)) if self.outputs else []
        return Found(sum(_plain(values)) / len(values), outputs, gradient)

    def _loss_of(self, *leaves: Value) -> Any:
        target = leaves[self._width] if self._bare else list(leaves[self._width :])
        yhat = self._predicted(*leaves)
        try:
            return self.loss(yhat, target)
        except TypeError as error:
            raise ValueTypeError(
                f"the loss cannot be compiled: {error}. Compiled training gives it the target as "
                "Values, so a loss of your own on numbers of classes needs lists instead, such as "
                "nn.data.one_hot makes; or train with compiled=False"
            ) from error

    def _predicted(self, *leaves: Value) -> Any:
        return self.model(list(leaves[: self._width]))


def objective_of(
    model: Module, loss: Loss, parameters: Sequence[Value], *, outputs: bool, compiled: bool
) -> Objective:
    """Make an objective of the kind that was asked for."""
    kind = Replayed if compiled else Recorded
    return kind(model, loss, parameters, outputs=outputs)


def check_model(model: Any, x: list[float]) -> int | None:
    """Try a model on a sample, and count its outputs; None if it returns a bare Value."""
    if not isinstance(model, Module) or not callable(model):
        raise ValueTypeError(
            f"a model is a Module that can be called, such as nn.MLP(2, [16, 1]), not {model!r} "
            f"({type(model).__name__})"
        )
    with engine.no_grad():
        yhat = model(x)
    if isinstance(yhat, Node):
        return None
    if (
        not isinstance(yhat, list | tuple)
        or not yhat
        or not all(isinstance(output, Node) for output in yhat)
    ):
        raise ValueTypeError(
            f"a model returns a Value or a list of Values, but {type(model).__name__} returned "
            f"{yhat!r} ({type(yhat).__name__})"
        )
    return len(yhat)


def check_loss(loss: Loss, model: Any, x: list[float], target: Any) -> None:
    """Try a loss on a sample."""
    with engine.no_grad():
        found = loss(model(x), target)
    if not isinstance(found, Node):
        raise ValueTypeError(
            f"a loss returns a Value, made of the outputs of the model, but "
            f"{getattr(loss, '__name__', loss)} returned {found!r} ({type(found).__name__})"
        )


def _numbers(yhat: Any) -> Any:
    return yhat.data if isinstance(yhat, Node) else [output.data for output in yhat]


def _plain(numbers: Any) -> list[Any]:
    """Take an array or a list as a list."""
    plain: list[Any] = numbers.tolist() if hasattr(numbers, "tolist") else numbers
    return plain
