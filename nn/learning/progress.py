"""The progress bar of a training: one for the terminal and for notebooks, on standard error."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engine.errors import MissingExtraError
from nn.learning.history import Epoch


class Bar:
    """A bar that counts steps, and shows the epoch and its numbers."""

    def __init__(self, bar: Any, epochs: int, metric_name: str | None) -> None:
        self._bar = bar
        self._epochs = epochs
        self._metric_name = metric_name

    def step(self) -> None:
        """Count a step."""
        if self._bar is not None:
            self._bar.update()

    def epoch(self, row: Epoch) -> None:
        """Show the numbers of an epoch."""
        if self._bar is None:
            return
        self._bar.set_description(f"epoch {row.epoch}/{self._epochs}", refresh=False)
        shown = {
            "loss": row.loss,
            self._metric_name: row.metric,
            "validation loss": row.validation_loss,
            f"validation {self._metric_name}": row.validation_metric,
        }
        numbers = {name: f"{x:.4g}" for name, x in shown.items() if x is not None}
        self._bar.set_postfix(numbers, refresh=False)


@contextmanager
def progress_bar(shown: bool, steps: int, epochs: int, metric_name: str | None) -> Iterator[Bar]:
    """Show a bar while training."""
    if not shown:
        yield Bar(None, epochs, metric_name)
        return
    try:
        with warnings.catch_warnings():  # a notebook without ipywidgets gets a bar of text
            warnings.simplefilter("ignore")
            # Imported when it is shown: it takes longer to import than all of nn.
            from tqdm.auto import tqdm  # noqa: PLC0415
    except ImportError:
        raise MissingExtraError(
            "the progress bar needs tqdm: pip install tqdm, or fit(..., progress=False)"
        ) from None
    with tqdm(total=steps, unit="step", dynamic_ncols=True) as bar:
        yield Bar(bar, epochs, metric_name)
