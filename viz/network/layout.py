"""Find places for the circles and links of a network diagram.

Columns stand from left to right, as far apart as the labels between them need; the circles of a
column are spread evenly about the middle. A long column is elided: its first circles, its last
and those on a route stay, dots stand for the rest.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import pairwise
from math import hypot, sqrt
from typing import TYPE_CHECKING

from engine.errors import ShapeError
from viz.svg.geometry import Box, Segment
from viz.svg.text import Line, shorten, typeset, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from viz.network.model import Circle, Link, Network

NAME_SIZE = 15.0
VALUE_SIZE = 12.5
WEIGHT_SIZE = 12.5
CHIP_SIZE = 14.0
HEADING_SIZE = 13.5

_SMALLEST_RADIUS = {1: 27.0, 2: 37.0}
_WIDEST_TEXT = {1: 70.0, 2: 42.0}
_WIDEST_NUMBER = 72.0  # −1.23×10⁻³⁰⁸
_TRACK_PITCH = 5.6
_CLEAR_OF_CIRCLE = 1.5
_TOO_LONG_A_LABEL = 130.0
_CLEAR_OF_PASSED_CIRCLE = 12.0
_CLEAR_OF_BEND = 9.0
_BEND_STEP, _LARGEST_BEND = 6, 600

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle at its place, its labels and values set and cut to size."""

    circle: Circle
    x: float
    y: float
    radius: float
    texts: tuple[tuple[Line, Line], ...]

    @property
    def box(self) -> Box:
        """Return the square about the circle."""
        return Box.around(self.x, self.y, 2 * self.radius, 2 * self.radius)


@dataclass(frozen=True, slots=True)
class Dots:
    """The mark that stands for some circles left out of a long column."""

    x: float
    y: float
    count: int

    @property
    def radius(self) -> float:
        """Return how far from the centre something is drawn."""
        return 24.0

    @property
    def box(self) -> Box:
        """Return the room that the dots and their number take."""
        return Box.around(self.x, self.y, 48, 44)


@dataclass(frozen=True, slots=True)
class Track:
    """One of the parallel strokes of an edge, from rim to rim; bent around circles in its way."""

    lines: tuple[Segment, ...]
    colour: int | None = None  # of its route
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """A link at its place: its line from centre to centre, and the strokes along it."""

    link: Link
    columns: tuple[int, int]
    lines: tuple[Segment, ...]
    tracks: tuple[Track, ...]
    label: Line

    @property
    def line(self) -> Segment:
        """Return the longest piece of the middle line, on which the label stands."""
        return max(self.lines, key=lambda piece: piece.length)

    @property
    def on_route(self) -> bool:
        """Tell whether a route takes the link."""
        return self.tracks[0].colour is not None

    @property
    def label_size(self) -> tuple[float, float]:
        """Return width and height of the label, its margin included."""
        if self.link.style == "highlight":
            # Readers without Helvetica get a font that is up to a sixth wider.
            return width(self.label, CHIP_SIZE, bold=True) * 1.17 + 14, 25
        bold = self.on_route
        return width(self.label, WEIGHT_SIZE, bold=bold) + 5, WEIGHT_SIZE + 1

    @property
    def spread(self) -> float:
        """Return how far the strokes lie to either side of the middle line."""
        return _TRACK_PITCH * (len(self.tracks) - 1) / 2

    def runs_through(self, room: Box) -> bool:
        """Tell whether one of the strokes comes into a room."""
        room = room.grown(self.spread) if len(self.tracks) > 1 else room
        return any(piece.inside(room) for piece in self.lines)


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Every circle and link at its place, with the x of each column and its heading."""

    discs: tuple[Disc, ...]
    dots: tuple[Dots, ...]
    edges: tuple[Edge, ...]
    columns: tuple[float, ...]
    headings: tuple[Line, ...]


def arrange(network: Network, max_rows: int) -> Arrangement:
    """Place the circles and links of a network."""
    if max_rows < 3:
        raise ShapeError(f"max_rows is {max_rows}, expected at least 3: a first, dots, a last")
    wanted = _must_stay(network)
    columns = [
        elide([circle for circle in network.circles if circle.column == column], wanted, max_rows)
        for column in range(len(network.headings))
    ]
    radii = [_radius(column) for column in columns]
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
                discs.append(Disc(slot, x, y, radius, _texts(slot)))
    obstacles: list[Disc | Dots] = [*discs, *dots]
    edges = _edges(network, {disc.circle.name: disc for disc in discs}, obstacles)
    return Arrangement(tuple(discs), tuple(dots), tuple(edges), tuple(xs), headings)


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


def _must_stay(network: Network) -> set[str]:
    """Return the names of the circles that the picture is about."""
    names = {name for route in network.routes for ends in route.links for name in ends}
    for link in network.links:
        if link.style == "highlight":
            names.update(link.ends)
    return names


def _texts(circle: Circle) -> tuple[tuple[Line, Line], ...]:
    """Set the labels and values of a circle, cut to what a circle can hold."""
    limit = _WIDEST_TEXT[len(circle.parts)]
    return tuple(
        (
            shorten(typeset(label), NAME_SIZE, limit),
            _value(typeset(value), limit),
        )
        for label, value in circle.parts
    )


def _value(line: Line, limit: float) -> Line:
    """Cut what is no number; a number that is cut would say something else."""
    return line if width(line, VALUE_SIZE) <= _WIDEST_NUMBER else shorten(line, VALUE_SIZE, limit)


def _radius(column: Iterable[Circle | int]) -> float:
    """Return one radius for all circles of a column, wide enough for their texts."""
    radii = [0.0]
    for circle in column:
        if isinstance(circle, int):
            continue
        halves = len(circle.parts)
        widest = max(
            max(width(label, NAME_SIZE), width(value, VALUE_SIZE))
            for label, value in _texts(circle)
        )
        # The text's corner, 15 above or below the middle, stays inside the rim.
        reach = widest / 2 + 4 if halves == 1 else widest + 10
        radii.append(max(_SMALLEST_RADIUS[halves], hypot(reach, 15)))
    return max(radii)


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
            widest[gap] = max(widest[gap], min(size, _TOO_LONG_A_LABEL))
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


def _edges(
    network: Network, discs: dict[str, Disc], obstacles: Sequence[Disc | Dots]
) -> Iterable[Edge]:
    """Join the circles that are shown."""
    bends: list[Segment] = []
    for link in network.links:
        if link.source not in discs or link.target not in discs:
            continue
        source, target = discs[link.source], discs[link.target]
        framed = link.style == "highlight"
        looks = [] if framed else _looks(network, link)
        strokes = looks or [(None, False)]
        spread = _offsets(len(strokes))[-1]
        between = [each for each in obstacles if source.x < each.x < target.x]
        points = _way(source, target, between, bends, _CLEAR_OF_PASSED_CIRCLE + spread)
        bends += _joined(points)[1:-1]
        label = shorten(
            typeset(link.label or ""),
            CHIP_SIZE if framed else WEIGHT_SIZE,
            _TOO_LONG_A_LABEL,
            bold=framed or bool(looks),
        )
        yield Edge(
            link,
            (source.circle.column, target.circle.column),
            _joined(points),
            tuple(
                Track(_from_rim_to_rim(points, source, target, offset), colour, dashed)
                for offset, (colour, dashed) in zip(_offsets(len(strokes)), strokes, strict=True)
            ),
            label,
        )


def _looks(network: Network, link: Link) -> list[tuple[int | None, bool]]:
    """Return the looks of the routes that take a link, each once, in the order of the routes."""
    return list(
        dict.fromkeys(
            (route.colour, route.dashed) for route in network.routes if link.ends in route.links
        )
    )


def _offsets(count: int) -> list[float]:
    """Return how far from the middle line each of some parallel strokes lies."""
    return [_TRACK_PITCH * (index - (count - 1) / 2) for index in range(count)]


def _way(
    source: Disc,
    target: Disc,
    between: Sequence[Disc | Dots],
    bends: Sequence[Segment],
    clearance: float,
) -> list[Point]:
    """Go from a circle to another one: straight, or around the circles that are in the way."""
    straight = Segment(source.x, source.y, target.x, target.y)

    def is_free(points: Sequence[Point]) -> bool:
        lines = _joined(points)
        return all(
            line.away(each.x, each.y) >= each.radius + clearance
            for line in lines
            for each in between
        ) and not any(
            # Two bends side by side would look like one.
            piece.away(*point) < _CLEAR_OF_BEND + clearance - _CLEAR_OF_PASSED_CIRCLE
            for line in lines[1:-1]
            for bend in bends
            for piece, point in (
                (bend, line.at(0)),
                (bend, line.at(1)),
                (line, bend.at(0)),
                (line, bend.at(1)),
            )
        )

    ends = [straight.at(0), straight.at(1)]
    if all(straight.away(each.x, each.y) >= each.radius for each in between):
        return ends
    left = min(each.x - each.radius for each in between)
    right = max(each.x + each.radius for each in between)
    parts = [(x - source.x) / (target.x - source.x) for x in (left, right)]
    outward = 1 if straight.at(0.5)[1] > 0 else -1
    ways = (
        [ends[0], *((x, y + side * step) for x, y in map(straight.at, parts)), ends[1]]
        for step in range(_BEND_STEP, _LARGEST_BEND, _BEND_STEP)
        for side in (outward, -outward)
    )
    return next(filter(is_free, ways), ends)


def _joined(points: Sequence[Point]) -> tuple[Segment, ...]:
    """Join points by straight strokes."""
    return tuple(Segment(*here, *there) for here, there in pairwise(points))


def _from_rim_to_rim(
    points: Sequence[Point], source: Disc, target: Disc, offset: float
) -> tuple[Segment, ...]:
    """Shift the way between two centres sideways and cut it where it meets the circles."""
    first, *_ = lines = _joined(points)
    last = lines[-1]
    start, end = (
        sqrt(max((disc.radius + _CLEAR_OF_CIRCLE) ** 2 - offset**2, 0)) / line.length
        for disc, line in ((source, first), (target, last))
    )
    if offset:
        first, last = first.shifted(offset), last.shifted(offset)
    return _joined(
        [first.at(start), *((x, y + offset) for x, y in points[1:-1]), last.at(1 - end)]
    )
