"""From where on a program is encoded in another way."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes that decide how a program is encoded: measured.

    Attributes:
        piece: Instructions that are sorted together.
        worth: Sorting is done if it leaves so many times fewer changes of kind.
        few: Slots up to which each has a place of its own: they fit the nearest cache.
        many_weights: Weights of groups from which on each has a number for its sum, not a vector
            of lanes: adding up lanes takes time, but so many would not stay near the processor.
    """

    piece: int = 8192
    worth: float = 1.5
    few: int = 100
    many_weights: int = 4096


LIMITS = Limits()
