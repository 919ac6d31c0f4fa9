"""A still: what a model said after an epoch."""

from __future__ import annotations

from typing import NamedTuple

from engine.labels import number
from viz.boundary.plane import Surface


class Still(NamedTuple):
    """What a model said after an epoch.

    Attributes:
        epoch: The number of the epoch.
        loss: The loss in it.
        surface: What the model said.
    """

    epoch: int
    loss: float
    surface: Surface

    @property
    def told(self) -> str:
        """The still in words.

        Example:
            >>> Still(3, 0.25, Surface([], 1.0, [True, False])).told
            'epoch 3: loss 0.25, 1 of 2 samples right'
        """
        return f"epoch {self.epoch}: loss {number(self.loss)}, {self.surface.told}"
