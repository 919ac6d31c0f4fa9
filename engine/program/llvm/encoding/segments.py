"""Segments of code words, written all at once.

Code is a row of *segments*, one for each instruction of the interpreter. A segment is made of
parts: a header, then lists of terms. Here a part is written for all segments that have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def count(owners: Any, total: int) -> NDArray[np.int64]:
    """Count how often each number below ``total`` occurs."""
    return np.bincount(owners, minlength=total)


def ranges(first: Any, sizes: Any) -> Any:
    """List the members of ranges, one range after the other.

    Example:
        >>> ranges(np.array([7, 3]), np.array([1, 2])).tolist()
        [7, 3, 4]
    """
    if sizes.max(initial=1) == 1:
        return first
    ends = np.cumsum(sizes)
    return np.arange(sizes.sum()) + np.repeat(first - ends + sizes, sizes)


def stable_order(keys: Any) -> NDArray[np.int64]:
    """Find the order that sorts whole numbers, equal ones as they come.

    Sorting numbers that hold their own position is many times faster than finding an order.

    Example:
        >>> stable_order(np.array([3, 1, 3, 1])).tolist()
        [1, 3, 0, 2]
    """
    bits = len(keys).bit_length()
    if len(keys) < _FEW or max(int(keys.max()), -int(keys.min())) >> (62 - bits):
        return np.argsort(keys, kind="stable")
    marked: NDArray[np.int64] = keys.astype(np.int64)
    marked <<= bits
    marked |= np.arange(len(keys))
    marked.sort()
    marked &= (1 << bits) - 1
    return marked


_FEW = 1000
"""So few are sorted at once as they are."""


class Segments:
    """Collects the parts of a number of segments, then writes the words.

    Example:
        >>> code = Segments(2)
        >>> code.part([0, 1], 7, 0)  # two headers: handler 7; the length is filled in
        >>> code.part([0, 0, 1], [10, 11, 12])  # and three terms
        >>> code.words().tolist()
        [7, 4, 10, 11, 7, 3, 12]
    """

    def __init__(self, total: int) -> None:
        self.total = total
        # Of each part: owners; how many rows each segment has, or None if at most one; columns.
        self._parts: list[tuple[Any, Any, tuple[Any, ...]]] = []

    def part(self, owners: Any, *columns: Any) -> None:
        """Add a part: each of its rows appends a few words to the segment that owns it.

        Owners ascend; a column of words is an array, or one number for all.
        """
        if len(owners):
            owners = np.asarray(owners)
            counts = None if (owners[1:] > owners[:-1]).all() else count(owners, self.total)
            self._parts.append((owners, counts, columns))

    def words(self) -> NDArray[np.int32]:
        """Write the words; the second of each segment becomes its length."""
        starts, words = self.lists()
        words[starts[:-1] + 1] = np.diff(starts)
        return words

    def lists(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Write the words as they are; say where each segment begins, and where the last ends."""
        starts = np.zeros(self.total + 1, dtype=np.int64)
        for owners, counts, columns in self._parts:
            if counts is None:
                starts[1:][owners] += len(columns)
            else:
                starts[1:] += counts * len(columns)
        np.cumsum(starts, out=starts)
        words = np.zeros(int(starts[-1]), dtype=np.int32)
        free = starts[:-1].copy()  # where the next part of each segment goes
        for owners, counts, columns in self._parts:
            width = len(columns)
            if counts is None:
                place = free[owners]
                free[owners] += width
            else:
                before = counts.cumsum() - counts  # rows of earlier segments
                place = (free - width * before)[owners]
                place += np.arange(0, width * len(owners), width)
                free += width * counts
            for column in columns:
                words[place] = column
                place += 1
        return starts, words


def runs(key: Any, numbers: Any, before: int = 0, behind: int = 0) -> tuple[Any, Segments]:
    """Cut instructions into segments, and write the headers of those that are runs.

    Example:
        >>> segment, code = runs(np.array([0, 0, -1, -1, 0]), np.array([7]))
        >>> segment.tolist()
        [0, 0, 1, 2, 3]
    """
    begins = np.ones(len(key), dtype=bool)
    begins[1:] = (key[1:] != key[:-1]) | (key[1:] < 0)
    segment = before - 1 + np.cumsum(begins)
    code = Segments(before + behind + int(begins.sum()))
    heads = np.flatnonzero(begins & (key >= 0))
    sizes = count(segment, code.total)[segment[heads]]
    code.part(segment[heads], numbers[key[heads]], 0, sizes)
    return segment, code
