"""Draw where a model decides for which class, as a picture of its own: SVG, in light and dark.

It needs no plotting library. (`viz.plots.decision_boundary` gives the same as a figure of
matplotlib, for people who go on from there.)
"""

# ruff: noqa: N803 - X is what everyone calls a table of samples

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.labels import number as written
from nn.model.module import Module
from viz.boundary.plane import Frame, Plane, Point, Surface, outlines
from viz.formats import SvgDrawing, ThemeName, fixed_theme
from viz.svg.escape import escape_xml
from viz.svg.geometry import Rect, Segment
from viz.svg.paint import Paint
from viz.svg.text import number, shorten, typeset, width
from viz.svg.theme import Theme

SHADES = (0.0, 0.5, 1.0)
"""From which margins on a region is a shade darker, in units of a usual one."""

OPACITY = 0.17
"""How much of its colour each shade lays over the page."""

LONGEST, TALLEST = 520.0, 440.0
"""The size of the map, whichever is reached first."""

_LEFT, _TOP, _RIGHT, _BOTTOM = 58.0, 64.0, 20.0, 54.0
_TITLE, _TEXT, _MARK = 17.0, 13.0, 4.6
_NARROWEST = 430.0  # for the line with the legend
_FEW = 3
_MOST_TICKS = 6
_TOLD = 200.0  # beside the legend, for how many samples are right
_ENTRY, _LEGEND_ROW = 46.0, 22.0


def draw_boundary(
    model: Module,
    X: Any,
    y: Any,
    *,
    title: str = "Decision boundary",
    cells: int = 80,
    threshold: float | None = None,
    theme: ThemeName = "auto",
) -> BoundaryDrawing:
    """Draw where a model of two inputs decides for which class, with samples on top.

    Each class has a colour and a mark of its own. The darker the ground, the more its score
    exceeds the others'; the line is where they are equal. A ring marks a sample that the model
    gets wrong.

    Args:
        model: Takes two numbers, and returns one score, or one for each class.
        X: Samples of two numbers.
        y: The class of each (see `viz.boundary.plane.Plane`).
        title: What stands above the picture.
        cells: How finely the model is asked: so many cells along the longer side.
        threshold: Where a single score changes from one class to the other; None for 0, or, if
            the model gives nothing but numbers between 0 and 1, for 0.5.
        theme: ``"light"``, ``"dark"``, or ``"auto"`` for a picture that follows the reader.

    Returns:
        The drawing. It shows itself in a notebook; ``save`` writes .svg, .png and .html.

    Raises:
        ShapeError: If the samples do not have two numbers each, or the labels do not fit.
        ValueTypeError: If the model is none, or something is no number.
        DataError: If a number is nan, or there are no samples.
        UnknownNameError: If there is no such theme.

    Example:
        >>> from nn import MLP, data
        >>> draw_boundary(MLP(2, [4, 1], seed=1), *data.moons(50))
        <BoundaryDrawing of 50 samples in 2 classes>
    """
    fixed_theme(theme)
    plane = Plane(model, X, y, cells=cells, threshold=threshold)
    return BoundaryDrawing(plane, plane.surface(), title, theme)


@dataclass(frozen=True, repr=False)
class BoundaryDrawing(SvgDrawing):
    """The picture of a decision boundary; made by `draw_boundary`.

    Attributes:
        plane: The samples, and the part of the plane.
        surface: What the model said.
        title: What stands above the picture.
        theme: ``"auto"``, ``"light"`` or ``"dark"``.
    """

    subject = "a boundary"
    plane: Plane
    surface: Surface
    title: str = "Decision boundary"
    theme: ThemeName = "auto"

    def drawn(self, theme: Theme, dark: Theme | None) -> str:  # noqa: D102 - as in SvgDrawing
        paint = Paint(theme, dark, "boundary-")
        picture = Picture(self.plane, self.title, paint)
        return picture.svg(picture.said(self.surface), self.surface.told)

    def __repr__(self) -> str:
        samples, classes = len(self.plane.X), len(self.plane.classes)
        return f"<BoundaryDrawing of {samples} samples in {classes} classes>"


class Sheet:
    """Where things are on the page: the map, and the legend beside or below the first line."""

    def __init__(self, frame: Frame, classes: int = 0) -> None:
        self.frame = frame
        scale = min(LONGEST / frame.width, TALLEST / frame.height)
        self._across, self._up = scale, scale
        if not frame.to_scale:
            self._across, self._up = TALLEST / frame.width, TALLEST / frame.height
        self.wide = max(frame.width * self._across, _NARROWEST)
        beside = classes <= max((self.wide - _TOLD) / _ENTRY, _FEW)
        self.in_a_row = 0 if beside else int(self.wide // _ENTRY)
        top = _TOP if beside else _TOP + math.ceil(classes / self.in_a_row) * _LEGEND_ROW
        right, bottom = _LEFT + frame.width * self._across, top + frame.height * self._up
        self.map = Rect(_LEFT, top, right, bottom)
        self.width = _LEFT + self.wide + _RIGHT
        self.height = bottom + _BOTTOM

    def across(self, x: float) -> float:
        """Place a coordinate within the map."""
        return (x - self.frame.left) * self._across

    def down(self, y: float) -> float:
        """Place the other."""
        return (self.frame.top - y) * self._up

    def outline(self, curves: Iterable[Sequence[Point]]) -> str:
        """Write closed curves as the data of one path."""
        return "".join(
            "M" + "L".join(f"{self.across(x):.1f} {self.down(y):.1f}" for x, y in curve) + "Z"
            for curve in curves
        )


class Picture:
    """A plane with its samples, in the colours of a paint; what a model said goes below them."""

    def __init__(self, plane: Plane, title: str, paint: Paint) -> None:
        self._plane, self._title, self._paint = plane, title, paint
        self._sheet = Sheet(plane.frame, len(plane.classes))

    def svg(self, said: Iterable[str], told: str = "", *, styled: bool = True) -> str:
        """Write the picture with what the model said and what is told of it; styled if alone."""
        sheet, paint, title = self._sheet, self._paint, escape_xml(self._title)
        wide, high = number(sheet.width), number(sheet.height)
        # An SVG within the SVG cuts off what lies outside the map, without any ids.
        size = f'width="{number(sheet.map.width)}" height="{number(sheet.map.height)}"'
        drawn = [
            # What is drawn follows the reader's mode, so the paper below it must too.
            paint.rectangle(Rect(0.0, 0.0, sheet.width, sheet.height), "paper"),
            f'<svg x="{number(sheet.map.left)}" y="{number(sheet.map.top)}" {size}>',
            *said,
            *self._samples(),
            "</svg>",
            *self._axes(),
            *self._heading(told),
        ]
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
            f'viewBox="0 0 {wide} {high}" role="img" aria-label="{title}" '
            f'font-family="{paint.fonts}">\n<title>{title}</title>'
        )
        return "\n".join([head, *([paint.style()] if styled else []), *drawn, "</svg>\n"])

    def said(self, surface: Surface, shades: Sequence[float] = SHADES) -> Iterator[str]:
        """Draw the shaded region of each class, the boundary, and rings around wrong samples."""
        sheet, paint, plane = self._sheet, self._paint, self._plane
        for k, margin in enumerate(surface.margins):
            for shade in shades:
                region = sheet.outline(outlines(margin, plane.xs, plane.ys, shade * surface.scale))
                if region:
                    colours = paint.colours(fill=paint.route(k))
                    yield f'<path d="{region}" fill-opacity="{OPACITY}"{colours}/>'
        # The border of the first class is made of the others' borders.
        for margin in surface.margins[1:]:
            border = sheet.outline(outlines(margin, plane.xs, plane.ys, 0.0))
            if border:
                stroke = paint.colours(stroke="ink")
                yield f'<path d="{border}"{stroke} stroke-width="1.6" stroke-linejoin="round"/>'
        for (x, y), right in zip(plane.X, surface.right, strict=True):
            if not right:
                yield paint.disc(sheet.across(x), sheet.down(y), 9, "none", "ink", 1.6)

    def _samples(self) -> Iterator[str]:
        """Draw the samples, each with the mark of its class."""
        for (x, y), label in zip(self._plane.X, self._plane.labels, strict=True):
            yield mark(label, self._sheet.across(x), self._sheet.down(y), self._paint)

    def _axes(self) -> Iterator[str]:
        """Draw the frame, its ticks, and the names of the inputs."""
        sheet, paint, frame = self._sheet, self._paint, self._plane.frame
        left, bottom = sheet.map.left, sheet.map.bottom
        yield paint.rectangle(sheet.map, "none", "muted")
        for tick, text in labelled(ticks(frame.left, frame.right)):
            x = left + sheet.across(tick)
            yield paint.stroke(Segment(x, bottom, x, bottom + 5), "muted", 1)
            yield paint.centred(typeset(text), x, bottom + 15, _TEXT, "muted")
        for tick, text in labelled(ticks(frame.bottom, frame.top)):
            y, line = sheet.map.top + sheet.down(tick), typeset(text)
            yield paint.stroke(Segment(left - 5, y, left, y), "muted", 1)
            yield paint.text(line, left - 11 - width(line, _TEXT), y, _TEXT, "muted")
        yield paint.centred(typeset("x_1"), sheet.map.x, bottom + 36, _TEXT + 2)
        yield paint.centred(typeset("x_2"), 16, sheet.map.y, _TEXT + 2)

    def _heading(self, told: str) -> Iterator[str]:
        """Write the title, what is told, and what the marks mean."""
        sheet, paint = self._sheet, self._paint
        title = shorten(typeset(self._title, prose=True), _TITLE, sheet.wide, bold=True)
        yield paint.text(title, _LEFT, 22, _TITLE, bold=True)
        if told:
            yield paint.text(typeset(told, prose=True), _LEFT, 46, _TEXT, "muted")
        classes = self._plane.classes
        word = "class " if len(classes) <= _FEW else ""
        lines = [typeset(f"{word}{name}", prose=True) for name in classes]
        if sheet.in_a_row:
            for label, line in enumerate(lines):
                row, column = divmod(label, sheet.in_a_row)
                x, y = _LEFT + column * _ENTRY, 46 + (row + 1) * _LEGEND_ROW
                yield mark(label, x + 6, y, paint)
                yield paint.text(line, x + 16, y, _TEXT, "muted")
            return
        right = sheet.map.left + sheet.wide
        for label, line in reversed(list(enumerate(lines))):
            right -= width(line, _TEXT)
            yield paint.text(line, right, 46, _TEXT, "muted")
            yield mark(label, right - 10, 46, paint)
            right -= 30


_MARKS = (
    (0, 0.0, 1.0),
    (4, 0.25, 1.2),
    (3, -0.5, 1.3),
    (4, 0.0, 1.3),
    (3, 0.5, 1.3),
    (6, 0.0, 1.1),
)
"""The mark of each class: its corners (a disc has none), the turn of the first, its size."""


def mark_number(label: int) -> int:
    """Number the mark of a class: when colours and marks are used up, they are paired anew."""
    return (label + label // len(_MARKS)) % len(_MARKS)


def mark(label: int, x: float, y: float, paint: Paint) -> str:
    """Draw the mark of a class."""
    (corners, first, size), colour = _MARKS[mark_number(label)], paint.route(label)
    if not corners:
        return paint.disc(x, y, _MARK, colour, "paper", 1)
    angles = [math.pi * (first + 2 * k / corners) for k in range(corners)]
    radius = _MARK * size
    points = " ".join(
        f"{number(x + radius * math.cos(a))},{number(y + radius * math.sin(a))}" for a in angles
    )
    return f'<polygon points="{points}"{paint.colours(fill=colour, stroke="paper")}/>'


def ticks(low: float, high: float) -> list[float]:
    """Choose round numbers between two, as an axis shows them."""
    rough = (high - low) / _MOST_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 5, 10) if power * m >= rough * (1 - 1e-9))
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]


def labelled(places: Sequence[float]) -> list[tuple[float, str]]:
    """Write the numbers of an axis with as many digits as tell them apart."""
    enough = (n for n in range(4, 17) if len({written(x, n) for x in places}) == len(places))
    digits = next(enough, 17)
    return [(place, written(place, digits)) for place in places]
