"""Callbacks: look at a training while it runs, and stop it.

A callback is a function of the `History` that is called after every epoch, or an object with some
of the methods of `Callback`. If it returns True, training stops.

>>> from nn import MLP, data, fit
>>> model = MLP(2, [4, 1], seed=1)
>>> history = fit(model, *data.xor(), epochs=50, progress=False,
...               callbacks=[lambda history: history.epochs == 5])
>>> history.epochs
5
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from engine.arguments import at_least_0, is_list, positive_size
from engine.errors import UnknownNameError, ValueTypeError, known
from nn.learning.history import COLUMNS, History


class Callback(ABC):
    """What a callback may do; only `on_epoch` is required."""

    @abstractmethod
    def on_epoch(self, history: History) -> bool | None:
        """Look at the history after an epoch.

        Args:
            history: What happened so far; ``history.model`` is the model.

        Returns:
            True to stop the training.
        """

    def on_step(self, history: History) -> bool | None:  # noqa: ARG002 - for subclasses
        """Look at the history after every step of the optimiser.

        Args:
            history: What happened so far, without the present epoch.

        Returns:
            True to stop the training.
        """
        return False

    def on_end(self, history: History) -> None:
        """Tidy up when training has ended, by itself, by a callback or by Ctrl-C.

        Args:
            history: What happened.
        """
        del history


class EarlyStopping(Callback):
    """Stop when a column of the history has not become better for some epochs.

    Prechelt, "Early stopping - but when?" (1998).

    Args:
        monitor: The column, such as ``"validation loss"`` or ``"validation metric"``; None for the
            validation loss, or the loss if there are no validation data.
        patience: After how many epochs without a new best to stop.
        min_change: By how much a new best must be better.
        restore_best: True to give the model the parameters it had after the best epoch.
        maximize: True if more is better, False if less is; None for "more" of a metric and "less"
            of everything else.

    Raises:
        ShapeError: If ``patience`` is not a positive whole number.
        ValueTypeError: If ``min_change`` is no number of at least 0.

    Example:
        >>> EarlyStopping(patience=3)
        EarlyStopping(monitor=None, patience=3, min_change=0.0, restore_best=True, maximize=None)
    """

    def __init__(
        self,
        monitor: str | None = None,
        patience: int = 10,
        min_change: float = 0.0,
        *,
        restore_best: bool = True,
        maximize: bool | None = None,
    ) -> None:
        self.monitor = monitor
        self.patience = positive_size(patience, "the patience of EarlyStopping")
        self.min_change = at_least_0(min_change, "min_change")
        self.restore_best = restore_best
        self.maximize = maximize
        self._forget()

    def _forget(self, history: History | None = None) -> None:
        self._history = history  # the training that the best so far is of
        self._least = math.inf
        self._best_epoch = 0
        self._best: list[float] = []

    def on_epoch(self, history: History) -> bool:
        """Compare with the best so far.

        Args:
            history: What happened so far.

        Returns:
            True if nothing became better for as long as the patience lasts.

        Raises:
            UnknownNameError: If the monitored column was not measured.
        """
        if history is not self._history:  # another training
            self._forget(history)
        found = self._watched(history)
        if found < self._least - self.min_change:
            self._least, self._best_epoch = found, history.epochs
            self._best = [p.data for p in history.model.parameters()]
        return history.epochs - self._best_epoch >= self.patience

    def _watched(self, history: History) -> float:
        """Read the monitored number, with its sign such that less is better."""
        pairs = zip(COLUMNS, history.rows[-1], strict=True)
        measured = {name: number for name, number in pairs if number is not None}
        name = self.monitor or ("validation loss" if "validation loss" in measured else "loss")
        if name not in measured:
            raise UnknownNameError(
                f"EarlyStopping cannot monitor {name!r}, which was not measured; measured are "
                f"{known(measured)}. Give fit validation data or a metric, or monitor another"
            )
        more_is_better = "metric" in name if self.maximize is None else self.maximize
        return -measured[name] if more_is_better else measured[name]

    def on_end(self, history: History) -> None:
        """Give the model its best parameters.

        Args:
            history: What happened.
        """
        if self.restore_best and self._best and history is self._history:
            for p, number in zip(history.model.parameters(), self._best, strict=True):
                p.data = number

    def __repr__(self) -> str:
        return (
            f"EarlyStopping(monitor={self.monitor!r}, patience={self.patience!r}, "
            f"min_change={self.min_change!r}, restore_best={self.restore_best!r}, "
            f"maximize={self.maximize!r})"
        )


class Hooks:
    """The callbacks of one training: functions, objects with `Callback`'s methods, or one."""

    def __init__(self, callbacks: Any) -> None:
        if not is_list(callbacks):
            callbacks = [callbacks]
        for k, callback in enumerate(callbacks):
            if isinstance(callback, type):
                raise ValueTypeError(
                    f"callback {k} is the class {callback.__name__}; give an object of it, as in "
                    f"callbacks={callback.__name__}(...)"
                )
            if not hasattr(callback, "on_epoch") and not callable(callback):
                raise ValueTypeError(
                    f"callback {k} is {callback!r} ({type(callback).__name__}), but a callback is "
                    "a function of the history, or an object with a method on_epoch(history)"
                )
        self.epoch = [(c, getattr(c, "on_epoch", c)) for c in callbacks]
        self.step = [(c, c.on_step) for c in callbacks if hasattr(c, "on_step")]
        self.end = [c.on_end for c in callbacks if hasattr(c, "on_end")]


def told_to_stop(
    hooks: Sequence[tuple[Any, Callable[[History], bool | None]]], history: History
) -> str | None:
    """Call all of some callbacks, and tell who wants to stop; None if nobody does."""
    reason = None
    for callback, hook in hooks:
        if hook(history):
            name = getattr(callback, "__name__", type(callback).__name__)
            reason = reason or f"stopped by {name}"
    return reason
