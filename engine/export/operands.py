"""What statements on arrays read: parts of named vectors, scalars, and numbers.

The vectors are ``params``, ``x`` (the inputs) and those that statements make. A *lane* is a
position in a vector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class Number(NamedTuple):
    """A number, the same for every sample."""

    value: float


class Scalar(NamedTuple):
    """A scalar: a lane of a vector, or all of a name that is no vector (``lane`` is None)."""

    name: str
    lane: int | None


class Numbers(NamedTuple):
    """A vector of numbers."""

    values: tuple[float, ...]


class Part(NamedTuple):
    """Consecutive lanes of a vector; ``whole`` if they are all it has."""

    name: str
    start: int
    stop: int
    whole: bool


class Pick(NamedTuple):
    """Any lanes of a vector, repeats included."""

    name: str
    lanes: tuple[int, ...]


class Column(NamedTuple):
    """A column of a matrix that a `View` statement made."""

    name: str
    column: int


class Stack(NamedTuple):
    """A vector put together from pieces."""

    pieces: tuple[Number | Scalar | Numbers | Part, ...]


One = Number | Scalar
Many = Numbers | Part | Pick | Column | Stack
Operand = One | Many


def gather(lanes: Sequence[One], widths: Mapping[str, int]) -> Many:
    """Read scalars as one vector, as simply as that can be written.

    Example:
        >>> gather([Scalar("x", 0), Scalar("x", 1)], {"x": 2})
        Part(name='x', start=0, stop=2, whole=True)
        >>> gather([Scalar("x", 1), Scalar("x", 0)], {"x": 2})
        Pick(name='x', lanes=(1, 0))
    """
    pieces = list(_runs(lanes, widths))
    if len(pieces) == 1 and isinstance(pieces[0], Numbers | Part):
        return pieces[0]
    picked = [(one.name, one.lane) for one in lanes if isinstance(one, Scalar)]
    names = {name for name, _ in picked}
    found = tuple(lane for _, lane in picked if lane is not None)
    if len(found) == len(lanes) and len(names) == 1:
        return Pick(names.pop(), found)
    return Stack(tuple(pieces))


def _runs(
    lanes: Sequence[One], widths: Mapping[str, int]
) -> Iterable[Number | Scalar | Numbers | Part]:
    """Cut scalars into runs: numbers, consecutive lanes of one vector, and what is left."""
    start = 0
    while start < len(lanes):
        first, stop = lanes[start], start + 1
        if isinstance(first, Number):
            while stop < len(lanes) and isinstance(lanes[stop], Number):
                stop += 1
            yield Numbers(tuple(one.value for one in lanes[start:stop] if isinstance(one, Number)))
        elif first.lane is None:
            yield first
        else:
            while stop < len(lanes) and lanes[stop] == (first.name, first.lane + stop - start):
                stop += 1
            end = first.lane + stop - start
            yield Part(first.name, first.lane, end, end - first.lane == widths[first.name])
        start = stop
