"""Choose colours and fonts: one theme for light pages and one for dark ones.

Route colours begin with the blue and the vermillion of Okabe and Ito ("Color Universal Design",
2008; made known by Wong, "Color blindness", Nature Methods 8, 2011), so far darkened or lightened
that a text in them has WCAG's contrast of 4.5 to 1. The others were chosen so that all of them,
and the highlight, stay further apart than that palette's own colours in each kind of colour
blindness, by the simulation of Machado, Oliveira and Fernandes ("A physiologically-based model
for simulation of color vision deficiency", 2009).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from engine.errors import RenderError, UnknownNameError, known

KINDS = (
    "input",
    "weight",
    "constant",
    "inner",
    "hidden",
    "operation",
    "output",
    "softmax",
    "loss",
    "target",
)
"""What can be drawn in a shade of its own; ``inner`` is any value between leaves and root."""

_COLOUR = re.compile(r"#[0-9a-f]{6}|none|transparent")


class Shade(NamedTuple):
    """The colours of one kind of node."""

    fill: str
    line: str


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours and fonts of every picture.

    Colours are written ``#rrggbb`` in small letters, ``none`` or ``transparent``.

    Attributes:
        name: What the theme is called.
        paper: The page that the colours are made for.
        background: What a picture puts below itself; ``transparent`` lets the page show.
        ink: Text.
        muted: Text of less weight.
        line: Lines of less weight.
        panel: The inside of frames.
        highlight: What the picture is about, such as the chosen weight.
        highlight_fill: The inside of its frame.
        positive: Positive derivatives.
        negative: Negative derivatives.
        routes: The colours of chosen routes; they repeat when used up.
        shades: The colours of each kind of node in :data:`KINDS`.
        dashes: SVG's dash pattern for each route colour, where lines need a second mark.
        font: The font that texts are measured in; renderers without fonts know Helvetica's widths.
        fonts: What a reader's program may choose from.

    Raises:
        RenderError: If a colour is not written as above, or a kind of node has no shade.

    Example:
        >>> from dataclasses import replace
        >>> replace(LIGHT, name="print", ink="#000000").ink
        '#000000'
    """

    name: str
    paper: str
    ink: str
    muted: str
    line: str
    panel: str
    highlight: str
    highlight_fill: str
    positive: str
    negative: str
    routes: tuple[str, ...]
    shades: Mapping[str, Shade] = field(hash=False)
    background: str = "transparent"
    dashes: tuple[str, ...] = ("", "8 4", "2 3", "10 3 2 3", "14 4", "5 2 1 2")
    font: str = "Helvetica"
    fonts: str = "Helvetica,Arial,sans-serif"

    def __post_init__(self) -> None:
        missing = [kind for kind in KINDS if kind not in self.shades]
        if missing or not self.routes or not self.dashes:
            lacking = known(missing) if missing else "a route colour, or a dash pattern"
            raise RenderError(f"theme {self.name!r} lacks {lacking}; copy one with replace(LIGHT)")
        for role, colour in self.colours():
            if not _COLOUR.fullmatch(colour):
                raise RenderError(
                    f"theme {self.name!r} has {role}={colour!r}; write a colour as '#1f2937' in "
                    "small letters, or 'none', or 'transparent'"
                )

    def route(self, index: int) -> str:
        """Return the colour of a route, counted from 0.

        Example:
            >>> LIGHT.route(0) == LIGHT.route(len(LIGHT.routes))
            True
        """
        return self.routes[index % len(self.routes)]

    def dash(self, index: int) -> str:
        """Return the dash pattern of a route, counted from 0; the first is solid.

        Example:
            >>> LIGHT.dash(0), LIGHT.dash(1)
            ('', '8 4')
        """
        return self.dashes[index % len(self.dashes)]

    def colours(self) -> Iterator[tuple[str, str]]:
        """Run through all colours, each with its role.

        Two themes that share their kinds and their number of routes have the same roles in the
        same order, so a picture can change from one to the other.

        Example:
            >>> dict(LIGHT.colours())["loss_line"] == LIGHT.shades["loss"].line
            True
        """
        for role in _ROLES:
            yield role, getattr(self, role)
        for kind, shade in self.shades.items():
            yield f"{kind}_fill", shade.fill
            yield f"{kind}_line", shade.line
        for index, colour in enumerate(self.routes):
            yield f"route_{index}", colour


_ROLES = (
    "paper",
    "background",
    "ink",
    "muted",
    "line",
    "panel",
    "highlight",
    "highlight_fill",
    "positive",
    "negative",
)


def _shades(**shades: tuple[str, str]) -> Mapping[str, Shade]:
    return MappingProxyType({kind: Shade(*shade) for kind, shade in shades.items()})


LIGHT = Theme(
    name="light",
    paper="#ffffff",
    ink="#1f2937",
    muted="#5b6472",
    line="#a8b1bd",
    panel="#fafbfd",
    highlight="#6d28d9",
    highlight_fill="#f1ebff",
    positive="#0072b2",
    negative="#c34a00",
    routes=("#0072b2", "#c34a00", "#a05478", "#285846", "#4e3211", "#171714"),
    shades=_shades(
        input=("#fff7e6", "#b45309"),
        weight=("#e6f1fb", "#2566a8"),
        constant=("#f3f4f6", "#7c8592"),
        inner=("#f6f8fb", "#475569"),
        hidden=("#f6f8fb", "#475569"),
        operation=("#f3f0fa", "#7c6bb0"),
        output=("#e9f7f6", "#0f766e"),
        softmax=("#effaf1", "#15803d"),
        loss=("#fef1f1", "#b91c1c"),
        target=("none", "#5b6472"),
    ),
)
DARK = Theme(
    name="dark",
    paper="#11151b",
    ink="#e6e9ee",
    muted="#a3acb9",
    line="#566172",
    panel="#151b23",
    highlight="#d4b9fb",
    highlight_fill="#2b2148",
    positive="#3d96fc",
    negative="#ef7d35",
    routes=("#3d96fc", "#ef7d35", "#bf84a6", "#86d69f", "#ebeb62", "#d7fcfa"),
    shades=_shades(
        input=("#2e2412", "#e0a040"),
        weight=("#14263b", "#6fa8dc"),
        constant=("#20252d", "#7b8594"),
        inner=("#1b222c", "#93a0b2"),
        hidden=("#1b222c", "#93a0b2"),
        operation=("#241f36", "#a08fd0"),
        output=("#10292a", "#4fb8ad"),
        softmax=("#14281c", "#5cc07f"),
        loss=("#331a1c", "#f08080"),
        target=("none", "#a3acb9"),
    ),
)

_THEMES = {each.name: each for each in (LIGHT, DARK)}


def theme(name: str | Theme) -> Theme:
    """Find a theme by its name."""
    if isinstance(name, Theme):
        return name
    if name not in _THEMES:
        raise UnknownNameError(f"there is no theme {name!r}; choose one of {known(_THEMES)}")
    return _THEMES[name]
