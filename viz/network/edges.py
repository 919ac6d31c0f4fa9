"""The links of a network diagram at their places: straight, or around the circles in their way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt

from viz.network.circles import Disc, Dots
from viz.network.model import Link, Network
from viz.svg.geometry import Rect, Segment
from viz.svg.text import Line, shorten, typeset, width

WEIGHT_SIZE = 12.5
CHIP_SIZE = 14.0
TOO_LONG_A_LABEL = 130.0

_TRACK_PITCH = 5.6
_CLEAR_OF_CIRCLE = 1.5
_CLEAR_OF_PASSED_CIRCLE = 12.0
_CLEAR_OF_BEND = 9.0
_BEND_STEP, _LARGEST_BEND = 6, 600

Point = tuple[float, float]


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
        return width(self.label, WEIGHT_SIZE, bold=self.on_route) + 5, WEIGHT_SIZE + 1

    @property
    def spread(self) -> float:
        """Return how far the strokes lie to either side of the middle line."""
        return _TRACK_PITCH * (len(self.tracks) - 1) / 2

    def runs_through(self, room: Rect) -> bool:
        """Tell whether one of the strokes comes into a room."""
        room = room.grown(self.spread) if len(self.tracks) > 1 else room
        return any(piece.inside(room) for piece in self.lines)


def join_circles(
    network: Network, discs: dict[str, Disc], obstacles: Sequence[Disc | Dots]
) -> Iterator[Edge]:
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
            TOO_LONG_A_LABEL,
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
