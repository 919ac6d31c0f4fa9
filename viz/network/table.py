"""Lay out the table of a network diagram's routes and find a place for it near them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot

from viz.network.layout import Arrangement
from viz.network.model import Network, Route
from viz.svg.geometry import Rect
from viz.svg.text import Line, shorten, typeset, width, wrap

TABLE_SIZE = 14.0
NOTE_SIZE = 12.0
SAMPLE_WIDTH = 36.0

_ROW = 25.0
_NOTE_ROW = 16.0
_LEGEND_AT = SAMPLE_WIDTH + 14
_BETWEEN = 34.0
_NARROWEST = 230.0
_CLEARANCE = 20.0


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of the table's text, by its left end and its middle."""

    line: Line
    x: float
    y: float
    size: float = TABLE_SIZE
    role: str = "ink"
    bold: bool = False


@dataclass(frozen=True, slots=True)
class RouteTable:
    """The table, measured from its own upper left corner; the rule stands above the sum."""

    width: float
    height: float
    words: tuple[Word, ...]
    samples: tuple[tuple[Route, float], ...]
    rule: float | None


def lay_out_table(network: Network) -> RouteTable | None:
    """Lay out the table of routes."""
    legends = [shorten(typeset(route.legend), TABLE_SIZE, 300) for route in network.routes]
    figures = [shorten(typeset(route.contribution), TABLE_SIZE, 160) for route in network.routes]
    total = shorten(typeset(network.total), TABLE_SIZE, 160, bold=True)
    title = shorten(typeset(network.table_title, prose=True), TABLE_SIZE, 420, bold=True)
    wide = max((width(line, TABLE_SIZE) for line in legends), default=0.0)
    tails = [_after_the_point(line) for line in figures]
    total_tail = _after_the_point(total, bold=True)
    tail = max([*tails, total_tail])
    head = max(
        [
            *(width(line, TABLE_SIZE) - end for line, end in zip(figures, tails, strict=True)),
            width(total, TABLE_SIZE, bold=True) - total_tail,
        ]
    )
    table_width = max(
        _LEGEND_AT + wide + _BETWEEN + head + tail if network.routes or total else 0,
        width(title, TABLE_SIZE, bold=True),
        _NARROWEST,
    )
    point = table_width - tail
    words: list[Word] = []
    samples: list[tuple[Route, float]] = []
    y = 0.0
    if title:
        words.append(Word(title, 0, y + 9, bold=True))
        y += _ROW + 2
    for route, legend, figure, end in zip(network.routes, legends, figures, tails, strict=True):
        middle = y + _ROW / 2
        samples.append((route, middle))
        words.append(Word(legend, _LEGEND_AT, middle))
        words.append(Word(figure, point - width(figure, TABLE_SIZE) + end, middle))
        y += _ROW
    rule = None
    if total:
        rule = y + 5
        middle = rule + 4 + _ROW / 2
        words.append(Word(typeset("sum", prose=True), _LEGEND_AT, middle, bold=True))
        start = point - width(total, TABLE_SIZE, bold=True) + total_tail
        words.append(Word(total, start, middle, bold=True))
        y = middle + _ROW / 2
    for note in wrap(network.footnote, NOTE_SIZE, table_width):
        words.append(Word(note, 0, y + 12, NOTE_SIZE, "muted"))
        y += _NOTE_ROW
    words = [word for word in words if word.line]
    if not words and not samples:
        return None
    return RouteTable(table_width, y + 4, tuple(words), tuple(samples), rule)


def _after_the_point(figure: Line, *, bold: bool = False) -> float:
    """Return the width of a figure from its decimal point on, so that points line up."""
    text = "".join(run.text for run in figure)
    _, point, rest = text.partition(".")
    return width(typeset(point + rest), TABLE_SIZE, bold=bold)


def place_table(
    table: RouteTable, arrangement: Arrangement, labels: Iterable[Rect], routes: Iterable[Route]
) -> Rect:
    """Place the table close to the routes, clear of everything else."""
    rects = [*(disc.rect for disc in arrangement.discs), *(dots.rect for dots in arrangement.dots)]
    drawing = Rect.hull([*rects, *labels])
    names = {name for route in routes for ends in route.links[1:] for name in ends}
    near = [disc.rect for disc in arrangement.discs if disc.circle.name in names] or rects
    aim_x = sum(rect.x for rect in near) / len(near)
    aim_y = sum(rect.y for rect in near) / len(near)
    blocked = [*rects, *labels]

    def cost(place: Rect) -> float:
        below = max(place.bottom - drawing.bottom, 0)
        return hypot(place.x - aim_x, place.y - aim_y) + 2 * below

    places = sorted(_candidates(table, arrangement, rects, drawing), key=cost)
    return next(
        place for place in places if _is_free(place.grown(_CLEARANCE), blocked, arrangement)
    )


def _candidates(
    table: RouteTable, arrangement: Arrangement, rects: Sequence[Rect], drawing: Rect
) -> Iterable[Rect]:
    """Yield places flush with a column, from the top of the drawing to just below it."""
    flush = {rect.left for rect in rects} | {rect.right - table.width for rect in rects}
    flush |= {x - table.width / 2 for x in arrangement.xs}
    inside = [x for x in flush if drawing.left <= x <= drawing.right - table.width]
    lefts = sorted(inside) or [drawing.x - table.width / 2]
    below = drawing.bottom + _CLEARANCE + 8
    steps = int((below - drawing.top) // 6)
    for left in lefts:
        for top in (*(drawing.top + 6 * step for step in range(steps)), below):
            yield Rect(left, top, left + table.width, top + table.height)


def _is_free(room: Rect, blocked: Iterable[Rect], arrangement: Arrangement) -> bool:
    """Tell whether a room holds no circle, no label and no link."""
    return not any(room.meets(rect) for rect in blocked) and not any(
        piece.inside(room) for edge in arrangement.edges for piece in edge.lines
    )
