"""Find places for the circles and links of a network diagram.

Columns stand from left to right, as far apart as the labels between them need; the circles of a
column are spread evenly about the middle.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from engine.errors import ShapeError
from viz.network.circles import Disc, Dots, common_radius, elide, must_stay, set_texts
from viz.network.edges import CHIP_SIZE, TOO_LONG_A_LABEL, WEIGHT_SIZE, Edge, join_circles
from viz.network.model import Circle, Network
from viz.svg.text import Line, shorten, typeset, width

HEADING_SIZE = 13.5


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Every circle and link at its place, with the x of each column and its heading."""

    discs: tuple[Disc, ...]
    dots: tuple[Dots, ...]
    edges: tuple[Edge, ...]
    xs: tuple[float, ...]
    headings: tuple[Line, ...]


def arrange(network: Network, max_rows: int) -> Arrangement:
    """Place the circles and links of a network."""
    if max_rows < 3:
        raise ShapeError(f"max_rows is {max_rows}, expected at least 3: a first, dots, a last")
    wanted = must_stay(network)
    columns = [
        elide([circle for circle in network.circles if circle.column == column], wanted, max_rows)
        for column in range(len(network.headings))
    ]
    radii = [common_radius(column) for column in columns]
    headings = tuple(
        shorten(typeset(heading, prose=True), HEADING_SIZE, 180) for heading in network.headings
    )
    xs = _column_positions(network, columns, radii, headings)
    discs: list[Disc] = []
    dots: list[Dots] = []
    for column, x, radius, ys in zip(columns, xs, radii, _rows(columns, radii), strict=True):
        for slot, y in zip(column, ys, strict=True):
            if isinstance(slot, int):
                dots.append(Dots(x, y, slot))
            else:
                discs.append(Disc(slot, x, y, radius, set_texts(slot)))
    obstacles: list[Disc | Dots] = [*discs, *dots]
    edges = join_circles(network, {disc.circle.name: disc for disc in discs}, obstacles)
    return Arrangement(tuple(discs), tuple(dots), tuple(edges), tuple(xs), headings)


def _column_positions(
    network: Network,
    columns: Sequence[Sequence[Circle | int]],
    radii: Sequence[float],
    headings: Sequence[Line],
) -> list[float]:
    """Set the columns as far apart as their circles, headings and link labels need."""
    place = {
        slot.name: slot.column
        for column in columns
        for slot in column
        if not isinstance(slot, int)
    }
    labels: Counter[int] = Counter()
    widest: defaultdict[int, float] = defaultdict(float)
    for link in network.links:
        if link.label and link.source in place and link.target in place:
            gap = place[link.source]
            labels[gap] += 1
            framed = link.style == "highlight"
            size = width(typeset(link.label), CHIP_SIZE if framed else WEIGHT_SIZE, bold=framed)
            widest[gap] = max(widest[gap], min(size, TOO_LONG_A_LABEL))
    half = [width(heading, HEADING_SIZE) / 2 for heading in headings]
    xs = [0.0]
    for gap, (left, right) in enumerate(pairwise(radii)):
        # The more labels, the more room for them to keep clear of each other's links.
        room = 112.0 if not labels[gap] else 116.0 + 12 * min(labels[gap], 16)
        room = max(room, 1.3 * widest[gap] + 72)
        xs.append(xs[-1] + max(left + right + room, half[gap] + half[gap + 1] + 24))
    return xs


def _rows(columns: Sequence[Sequence[Circle | int]], radii: Sequence[float]) -> list[list[float]]:
    """Return the y of every slot of every column."""
    rows = max(_height(column) for column in columns)
    pitch = max(2 * max(radii) + 14, 132 - 6 * max(rows - 3, 0))
    places: list[list[float]] = []
    for column in columns:
        asked = _asked_rows(column)
        # A short column beside a long one spreads out a little, but never beyond it.
        loose = min(1.3, rows / max(len(column), 1))
        middle = (len(column) - 1) / 2
        places.append(
            [pitch * (row - (rows - 1) / 2) for row in asked]
            or [pitch * loose * (index - middle) for index in range(len(column))]
        )
    return places


def _height(column: Sequence[Circle | int]) -> float:
    """Return how many rows a column takes."""
    return max([len(column), *(row + 1 for row in _asked_rows(column))])


def _asked_rows(column: Sequence[Circle | int]) -> list[float]:
    """Return the rows that the circles of a column ask for; none if they are to be spread."""
    return [slot.row for slot in column if not isinstance(slot, int) and slot.row is not None]
