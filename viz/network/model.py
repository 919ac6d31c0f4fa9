"""Describe a network diagram as plain data: circles, links, routes.

Nothing here knows a ``Value`` or draws anything: whoever has a network fills these in, and
:func:`viz.network.picture.network_svg` sets the picture. Each class checks what it is given, so
that a mistake is named where it was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from engine.errors import ShapeError, UnknownNameError, known

KINDS = ("input", "hidden", "output", "softmax", "loss", "target")
STYLES = ("plain", "strong", "highlight")


@dataclass(frozen=True, slots=True)
class Circle:
    """One neuron, input or loss.

    Attributes:
        name: What links call it; unique in the network, not drawn.
        column: Which column it stands in, counted from 0 at the left.
        parts: One or two pairs (label, value text); two are set side by side in halves, as a
            neuron's pre-activation and activation are.
        kind: One of ``KINDS``; decides the colour.
        row: Where it stands in its column, counted in rows from the top. None: the circles of
            the column are spread evenly about the middle, in the order given.

    Raises:
        UnknownNameError: If the kind is not known.
        ShapeError: If the column or row is not a place, or there are not one or two parts.

    Example:
        >>> Circle("h13", 1, (("a_13", "2.10"), ("h_13", "0.89"))).kind
        'hidden'
    """

    name: str
    column: int
    parts: tuple[tuple[str, str], ...]
    kind: str = "hidden"
    row: float | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UnknownNameError(
                f"circle {self.name!r}: kind {self.kind!r} is not known; "
                f"choose one of {known(KINDS)}"
            )
        if len(self.parts) not in {1, 2}:
            raise ShapeError(
                f"circle {self.name!r} has {len(self.parts)} parts, expected one pair "
                "(label, value), or two for a circle in halves"
            )
        if self.column < 0 or not (self.row is None or (isfinite(self.row) and self.row >= 0)):
            raise ShapeError(
                f"circle {self.name!r} stands in column {self.column}, row {self.row}; "
                "expected both to count from 0 (or row=None for an even spread)"
            )


@dataclass(frozen=True, slots=True)
class Link:
    """A connection between two circles, drawn from left to right.

    Attributes:
        source: Name of the circle it leaves.
        target: Name of the circle it enters, in a column further right.
        label: What is written on it. Labels of plain links are left out where a layer is too
            dense to set them all without overlap.
        weight: The weight's number. Where labels had to be left out, it gives the link the
            colour of its sign and a width by its size.
        style: One of ``STYLES``: ``"highlight"`` is the weight in question, its label set in a
            frame; ``"strong"`` is a dark link.

    Raises:
        UnknownNameError: If the style is not known.

    Example:
        >>> Link("x1", "h13", label="w_131 = -0.3", style="highlight").label
        'w_131 = -0.3'
    """

    source: str
    target: str
    label: str | None = None
    weight: float | None = None
    style: str = "plain"

    def __post_init__(self) -> None:
        if self.style not in STYLES:
            raise UnknownNameError(
                f"link {self.source!r} -> {self.target!r}: style {self.style!r} is not known; "
                f"choose one of {known(STYLES)}"
            )

    @property
    def ends(self) -> tuple[str, str]:
        """Return the names of the two circles."""
        return self.source, self.target


@dataclass(frozen=True, slots=True)
class Route:
    """One path through the network, drawn in colour, and its line in the table.

    Attributes:
        colour: Which of the theme's route colours, counted from 0; they repeat when used up.
        links: The links it takes, in order, as pairs of names.
        legend: What the table calls it.
        contribution: What it contributes, as text.
        dashed: Whether it is drawn in dashes, as routes that a printed figure leaves out are.

    Raises:
        ShapeError: If it has no link, the links do not join, or the colour is negative.

    Example:
        >>> Route(0, (("x", "h"), ("h", "y")), "through h", "+0.5").dashed
        False
    """

    colour: int
    links: tuple[tuple[str, str], ...]
    legend: str
    contribution: str = ""
    dashed: bool = False

    def __post_init__(self) -> None:
        if not self.links:
            raise ShapeError(f"route {self.legend!r} has no links, expected at least one")
        if self.colour < 0:
            raise ShapeError(
                f"route {self.legend!r} has colour {self.colour}; colours count from 0"
            )
        for (_, end), (start, _) in pairwise(self.links):
            if end != start:
                raise ShapeError(
                    f"route {self.legend!r} breaks between {end!r} and {start!r}; "
                    "each link has to start where the one before it ends"
                )


@dataclass(frozen=True, slots=True)
class Network:
    """All of a network diagram.

    Attributes:
        headings: What stands above each column, from left to right; may be empty texts.
        circles: The circles; those of one column from top to bottom.
        links: The links.
        routes: The routes in colour, in the order of the table.
        table_title: The heading of the table of contributions.
        total: The sum below the table, as text; empty for no sum line.
        footnote: A sentence below the table.
        title: The picture's name, for people who hear it read.

    Raises:
        ShapeError: If there is no circle, a name or a link comes twice, a circle stands in a
            column without a heading, only some circles of a column ask for a row, their rows
            are less than one apart, or a link does not lead to the right.
        UnknownNameError: If a link names no circle, or a route no link.

    Example:
        >>> network = Network(
        ...     headings=("input", "output"),
        ...     circles=(
        ...         Circle("x", 0, (("x", "2"),), "input"),
        ...         Circle("y", 1, (("y", "6"),), "output"),
        ...     ),
        ...     links=(Link("x", "y", label="w = 3"),),
        ... )
        >>> len(network.circles)
        2
    """

    headings: tuple[str, ...]
    circles: tuple[Circle, ...]
    links: tuple[Link, ...] = ()
    routes: tuple[Route, ...] = ()
    table_title: str = ""
    total: str = ""
    footnote: str = ""
    title: str = "Network diagram"

    def __post_init__(self) -> None:
        if not self.circles:
            raise ShapeError("a network diagram needs at least one circle, got none")
        columns: dict[str, int] = {}
        for circle in self.circles:
            if circle.name in columns:
                raise ShapeError(f"two circles are named {circle.name!r}; names have to differ")
            if circle.column >= len(self.headings):
                raise ShapeError(
                    f"circle {circle.name!r} stands in column {circle.column}, but there are "
                    f"headings for {len(self.headings)} columns; give each column one (or '')"
                )
            columns[circle.name] = circle.column
        self._check_rows()
        self._check_links(columns)

    def _check_rows(self) -> None:
        """Raise unless all circles of a column ask for a row, in order, or none does."""
        for column, heading in enumerate(self.headings):
            circles = [circle for circle in self.circles if circle.column == column]
            rows = [circle.row for circle in circles if circle.row is not None]
            if rows and len(rows) < len(circles):
                raise ShapeError(
                    f"column {column} ({heading!r}): {len(rows)} of {len(circles)} circles have "
                    "a row; give one to each or to none"
                )
            if any(lower - upper < 1 for upper, lower in pairwise(rows)):
                raise ShapeError(
                    f"column {column} ({heading!r}): the rows {rows} are not in order with at "
                    "least 1 between neighbours, so circles would overlap"
                )

    def _check_links(self, columns: dict[str, int]) -> None:
        """Raise unless every link joins circles left to right and every route takes links."""
        links: set[tuple[str, str]] = set()
        for link in self.links:
            arrow = f"link {link.source!r} -> {link.target!r}"
            for name in link.ends:
                if name not in columns:
                    raise UnknownNameError(
                        f"{arrow} names no circle {name!r}; circles are {known(columns)}"
                    )
            if columns[link.source] >= columns[link.target]:
                raise ShapeError(
                    f"{arrow} leads from column {columns[link.source]} to column "
                    f"{columns[link.target]}; links have to lead to the right"
                )
            if link.ends in links:
                raise ShapeError(f"{arrow} comes twice; merge the two into one link")
            links.add(link.ends)
        for route in self.routes:
            for source, target in route.links:
                if (source, target) not in links:
                    raise UnknownNameError(
                        f"route {route.legend!r} takes {source!r} -> {target!r}, "
                        "which is not a link of the network; add the link or correct the route"
                    )
