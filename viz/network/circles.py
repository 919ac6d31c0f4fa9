"""The circles of a network diagram: their texts and sizes, and which of a long column are shown.

A long column is elided: its first circles, its last and those on a route stay, dots stand for the
rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import ClassVar

from viz.network.model import Circle, Network
from viz.svg.geometry import Rect
from viz.svg.text import Line, shorten, typeset, width

NAME_SIZE = 15.0
VALUE_SIZE = 12.5

_SMALLEST_RADIUS = {1: 27.0, 2: 37.0}
_WIDEST_TEXT = {1: 70.0, 2: 42.0}
_WIDEST_NUMBER = 72.0  # −1.23×10⁻³⁰⁸


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle at its place, its labels and values set and cut to size."""

    circle: Circle
    x: float
    y: float
    radius: float
    texts: tuple[tuple[Line, Line], ...]

    @property
    def rect(self) -> Rect:
        """Return the square about the circle."""
        return Rect.around(self.x, self.y, 2 * self.radius, 2 * self.radius)


@dataclass(frozen=True, slots=True)
class Dots:
    """The mark that stands for some circles left out of a long column."""

    x: float
    y: float
    count: int
    radius: ClassVar[float] = 24.0  # how far from the centre something is drawn

    @property
    def rect(self) -> Rect:
        """Return the room that the dots and their number take."""
        return Rect.around(self.x, self.y, 48, 44)


def elide(circles: Sequence[Circle], wanted: set[str], max_rows: int) -> list[Circle | int]:
    """Choose which circles of a column are shown."""
    if len(circles) <= max_rows or circles[0].row is not None:
        return list(circles)
    shown = {index for index, circle in enumerate(circles) if circle.name in wanted}
    last = len(circles) - 1
    # The first and the last say where the column begins and ends; the rest counts on from them.
    for index in (0, last, *range(1, last)):
        if len(_with_gaps(sorted({*shown, index}), last)) <= max_rows:
            shown.add(index)
    return [-slot if slot < 0 else circles[slot] for slot in _with_gaps(sorted(shown), last)]


def _with_gaps(shown: Sequence[int], last: int) -> list[int]:
    """List indices and, as negative numbers, how many are missing between them."""
    slots: list[int] = []
    for before, index in pairwise((-1, *shown, last + 1)):
        missing = index - before - 1
        # One missing circle takes no more room than the dots that would stand for it.
        slots += [before + 1] if missing == 1 else [-missing] if missing else []
        slots.append(index)
    return slots[:-1]


def must_stay(network: Network) -> set[str]:
    """Return the names of the circles that the picture is about."""
    names = {name for route in network.routes for ends in route.links for name in ends}
    for link in network.links:
        if link.style == "highlight":
            names.update(link.ends)
    return names


def set_texts(circle: Circle) -> tuple[tuple[Line, Line], ...]:
    """Set the labels and values of a circle, cut to what a circle can hold."""
    limit = _WIDEST_TEXT[len(circle.parts)]
    return tuple(
        (shorten(typeset(label), NAME_SIZE, limit), _value(typeset(value), limit))
        for label, value in circle.parts
    )


def _value(line: Line, limit: float) -> Line:
    """Cut what is no number; a number that is cut would say something else."""
    return line if width(line, VALUE_SIZE) <= _WIDEST_NUMBER else shorten(line, VALUE_SIZE, limit)


def common_radius(column: Iterable[Circle | int]) -> float:
    """Return one radius for all circles of a column, wide enough for their texts."""
    radii = [0.0]
    for circle in column:
        if isinstance(circle, int):
            continue
        halves = len(circle.parts)
        widest = max(
            max(width(label, NAME_SIZE), width(value, VALUE_SIZE))
            for label, value in set_texts(circle)
        )
        # The text's corner, 15 above or below the middle, stays inside the rim.
        reach = widest / 2 + 4 if halves == 1 else widest + 10
        radii.append(max(_SMALLEST_RADIUS[halves], hypot(reach, 15)))
    return max(radii)
