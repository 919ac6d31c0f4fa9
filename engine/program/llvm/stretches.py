"""Stretches of code words, written all at once.

Code is a row of *stretches*, one for each instruction of the interpreter. A stretch is made of
parts: a header, then lists of terms. Here a part is written for all stretches that have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def count(owners: Any, total: int) -> NDArray[np.int64]:
    """Count how often each number below ``total`` occurs."""
    return np.bincount(owners, minlength=total)


class Stretches:
    """Collects the parts of a number of stretches, then writes the words.

    Example:
        >>> code = Stretches(2)
        >>> code.part([0, 1], 7, 0)  # two headers: handler 7; the length is filled in
        >>> code.part([0, 0, 1], [10, 11, 12])  # and three terms
        >>> code.words().tolist()
        [7, 4, 10, 11, 7, 3, 12]
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self._parts: list[tuple[Any, Any, tuple[Any, ...]]] = []

    def part(self, owners: Any, *columns: Any) -> None:
        """Add a part: each of its rows appends a few words to a stretch.

        Args:
            owners: The stretch of each row, ascending.
            *columns: The words of each row: arrays, or one number for all.
        """
        if len(owners):
            self._parts.append((owners, count(owners, self.total), columns))

    def words(self) -> NDArray[np.int32]:
        """Write the words; the second of each stretch becomes its length."""
        lengths = np.zeros(self.total, dtype=np.int64)
        for _, counts, columns in self._parts:
            lengths += counts * len(columns)
        starts = lengths.cumsum() - lengths
        words = np.zeros(int(lengths.sum()), dtype=np.int32)
        free = starts.copy()  # where the next part of each stretch goes
        for owners, counts, columns in self._parts:
            width = len(columns)
            before = counts.cumsum() - counts  # rows of earlier stretches
            place = (free - width * before)[owners]
            place += np.arange(0, width * len(owners), width)
            for column in columns:
                words[place] = column
                place += 1
            free += width * counts
        words[starts + 1] = lengths
        return words


def runs(key: Any, numbers: Any, before: int = 0, behind: int = 0) -> tuple[Any, Stretches]:
    """Cut instructions into stretches, and write the headers of those that are runs.

    Args:
        key: For each instruction, what it shares with the others of a run; -1 for no run.
        numbers: The handler of each key.
        before: How many stretches to leave free before,
        behind: and how many behind.

    Returns:
        The stretch of each instruction, and the stretches.

    Example:
        >>> stretch, code = runs(np.array([0, 0, -1, -1, 0]), np.array([7]))
        >>> stretch.tolist()
        [0, 0, 1, 2, 3]
    """
    begins = np.ones(len(key), dtype=bool)
    begins[1:] = (key[1:] != key[:-1]) | (key[1:] < 0)
    stretch = before - 1 + np.cumsum(begins)
    code = Stretches(before + behind + int(begins.sum()))
    heads = np.flatnonzero(begins & (key >= 0))
    sizes = count(stretch, code.total)[stretch[heads]]
    code.part(stretch[heads], numbers[key[heads]], 0, sizes)
    return stretch, code
