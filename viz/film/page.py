"""The film as a page: one file with every still as SVG, a slider, and a little script."""

from __future__ import annotations

import json
from collections.abc import Sequence

from viz.boundary.picture import Picture
from viz.boundary.plane import Plane
from viz.film.stills import Still
from viz.formats import ThemeName, fixed_theme
from viz.pages import palette, script_safe, write_page
from viz.svg.escape import escape_xml
from viz.svg.paint import Paint
from viz.svg.theme import DARK, Theme

SHADES = (0.0, 1.0)
"""Fewer shades than a single picture has, for there are many pictures."""


def page(plane: Plane, stills: Sequence[Still], title: str, theme: ThemeName) -> str:
    """Put the page together."""
    light = fixed_theme(theme)
    paint = Paint(light, DARK if theme == "auto" else None, "film-")
    picture = Picture(plane, title, paint)
    drawn = (
        "\n".join(['<g class="still">', *picture.said(still.surface, SHADES), "</g>"])
        for still in stills
    )
    svg = picture.svg(drawn, styled=False)
    parts = {
        "title": escape_xml(title),
        "data": script_safe(json.dumps([still.told for still in stills], ensure_ascii=False)),
        "last": str(len(stills) - 1),
        "picture": svg,
        "told": escape_xml(stills[-1].told),
    }
    # The rules for dark pages leave their element, for the page has one style.
    rules = paint.style().removeprefix("<style>").removesuffix("</style>")
    return write_page("viz.film", f"{_colours(theme, light)}\n{rules}\n", parts)


def _colours(theme: ThemeName, chosen: Theme) -> str:
    """Write the variables of the style sheet; a theme that was chosen keeps its colours."""
    scheme = "" if theme == "auto" else f":root {{ color-scheme: {chosen.name}; }}\n"
    return palette() + scheme
