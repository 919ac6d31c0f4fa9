"""Colour the parts of a network diagram, in one theme or in two that follow the reader's."""

from __future__ import annotations

from collections.abc import Sequence

from viz.svg.geometry import Rect, Segment
from viz.svg.text import Line, number, tspans, width
from viz.svg.theme import Theme

# Where a text's baseline lies below its middle: half of Helvetica's capital height, 0.718.
_BASELINE = 0.36


class Paint:
    """Writes SVG elements in the colours of one theme, or of two.

    With two, every element carries the first theme's colour as an attribute and a class by which
    a media query gives it the second's. Programs that know no media queries show the first.
    """

    def __init__(self, theme: Theme, dark: Theme | None = None, prefix: str = "") -> None:
        self._light = dict(theme.colours())
        self._routes = len(theme.routes)
        self.fonts = theme.fonts
        self.paints_background = theme.background not in {"none", "transparent"}
        self._dark = None if dark is None else dict(dark.colours())
        self._prefix = prefix
        self._used: set[tuple[str, str]] = set()

    def route(self, colour: int) -> str:
        """Return the role of a route's colour; colours repeat when used up."""
        return f"route_{colour % self._routes}"

    def colours(self, *, fill: str = "none", stroke: str = "none") -> str:
        """Return the attributes that colour an element."""
        roles = {"fill": fill, "stroke": stroke}
        attributes = "".join(
            f' {attribute}="{self._light.get(role, role)}"'
            for attribute, role in roles.items()
            if role != "none" or attribute == "fill"
        )
        if self._dark is None:
            return attributes
        used = [(attribute, role) for attribute, role in roles.items() if role in self._dark]
        self._used.update(used)
        names = " ".join(self._class(*pair) for pair in used)
        return f'{attributes} class="{names}"' if names else attributes

    def _class(self, attribute: str, role: str) -> str:
        return f"{self._prefix}{attribute}-{role.replace('_', '-')}"

    def style(self) -> str:
        """Return the style element for the roles used so far; empty with one theme."""
        if self._dark is None:
            return ""
        rules = "".join(
            f".{self._class(attribute, role)}{{{attribute}:{self._dark[role]}}}"
            for attribute, role in sorted(self._used)
        )
        return f"<style>@media (prefers-color-scheme:dark){{{rules}}}</style>"

    def text(
        self, line: Line, x: float, y: float, size: float, role: str = "ink", *, bold: bool = False
    ) -> str:
        """Write a line of text whose left end and middle height are given.

        The left end is computed from Helvetica's widths also where a text is centred: programs
        disagree on what centring means for a text of several runs.
        """
        weight = ' font-weight="bold"' if bold else ""
        return (
            f'<text x="{number(x)}" y="{number(y + _BASELINE * size)}" '
            f'font-size="{number(size)}" textLength="{number(width(line, size, bold=bold))}" '
            f'lengthAdjust="spacingAndGlyphs"{weight}{self.colours(fill=role)}>'
            f"{tspans(line, size)}</text>"
        )

    def centred(
        self, line: Line, x: float, y: float, size: float, role: str = "ink", *, bold: bool = False
    ) -> str:
        """Write a line of text about a point."""
        if len(line) > 1:
            left = x - width(line, size, bold=bold) / 2
            return self.text(line, left, y, size, role, bold=bold)
        return self.text(line, x, y, size, role, bold=bold).replace(
            "<text ", '<text text-anchor="middle" ', 1
        )

    def stroke(
        self,
        line: Segment,
        role: str,
        size: float,
        *,
        dashes: str = "",
        bend: Sequence[Segment] = (),
    ) -> str:
        """Write a straight stroke, or one that goes on with other pieces."""
        more = "".join(f"L{number(piece.x1)} {number(piece.y1)}" for piece in bend)
        join = ' stroke-linejoin="round"' if bend else ""
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        return (
            f'<path d="M{number(line.x0)} {number(line.y0)}L{number(line.x1)} {number(line.y1)}'
            f'{more}"{self.colours(stroke=role)} stroke-width="{number(size)}"{join}{dashed}/>'
        )

    def arrowhead(self, line: Segment, role: str, size: float) -> str:
        """Write the small triangle in which a stroke ends."""
        back = line.part(1 - size / line.length, 1)
        half = size * 0.38
        left, right = back.shifted(-half), back.shifted(half)
        return (
            f'<path d="M{number(line.x1)} {number(line.y1)}'
            f'L{number(left.x0)} {number(left.y0)}L{number(right.x0)} {number(right.y0)}Z"'
            f"{self.colours(fill=role)}/>"
        )

    def disc(
        self,
        x: float,
        y: float,
        radius: float,
        fill: str,
        stroke: str,
        size: float,
        *,
        dashes: str = "",
    ) -> str:
        """Write a circle."""
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        return (
            f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
            f'{self.colours(fill=fill, stroke=stroke)} stroke-width="{number(size)}"{dashed}/>'
        )

    def background(self, rect: Rect) -> str:
        """Write the ground of a picture; empty where the page shows through."""
        return self.rectangle(rect, "background") + "\n" if self.paints_background else ""

    def rectangle(self, rect: Rect, fill: str, stroke: str = "none", corner: float = 0) -> str:
        """Write a rectangle; its corners may be round."""
        size = f'width="{number(rect.width)}" height="{number(rect.height)}"'
        rounded = f' rx="{number(corner)}"' if corner else ""
        return (
            f'<rect x="{number(rect.left)}" y="{number(rect.top)}" {size}{rounded}'
            f"{self.colours(fill=fill, stroke=stroke)}/>"
        )
