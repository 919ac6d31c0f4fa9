"""Draw a network as lectures do: a circle per neuron, weights on the links, routes in colour.

:func:`network_svg` is a function from a plain description (:class:`Network`) to SVG text. The
text stands alone, needs no font but the reader's, runs no script, and is the same to the byte
for the same description.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from math import isfinite

from viz.network.circles import NAME_SIZE, VALUE_SIZE, Disc, Dots
from viz.network.edges import CHIP_SIZE, WEIGHT_SIZE, Edge, Track
from viz.network.labels import Label, place_labels
from viz.network.layout import HEADING_SIZE, arrange
from viz.network.model import KINDS, STYLES, Circle, Link, Network, Route
from viz.network.table import SAMPLE_WIDTH, RouteTable, lay_out_table, place_table
from viz.svg.geometry import Rect, Segment
from viz.svg.paint import Paint
from viz.svg.text import number, plain, typeset, width
from viz.svg.theme import LIGHT, Theme

__all__ = ["KINDS", "STYLES", "Circle", "Link", "Network", "Route", "network_svg"]
_MARGIN = 26.0
_HEADING_GAP = 36.0
_ARROW = 6.5
_DASHES = "7 5"
_LINE_SIZES = {"plain": 1.2, "strong": 1.8, "highlight": 3.2}
_ROUTE_SIZE = 2.5
_READ_ALOUD = 8


def network_svg(
    network: Network,
    theme: Theme = LIGHT,
    *,
    dark: Theme | None = None,
    prefix: str = "",
    max_rows: int = 8,
) -> str:
    """Draw a network as SVG.

    Args:
        network: What is to be drawn.
        theme: The colours.
        dark: Colours for readers who prefer dark pages. With them the picture adapts by a media
            query; leave them out where the page around it does not adapt.
        prefix: What the class names start with, for pages that hold several adapting pictures
            with different themes. The picture has no ids.
        max_rows: From how many circles on a column is elided.

    Returns:
        The text of the SVG file.

    Example:
        >>> network = Network(
        ...     headings=("input", "output"),
        ...     circles=(
        ...         Circle("x", 0, (("x_1", "2"),), "input"),
        ...         Circle("y", 1, (("yhat", "6"),), "output"),
        ...     ),
        ...     links=(Link("x", "y", label="3"),),
        ... )
        >>> network_svg(network).startswith('<svg xmlns="http://www.w3.org/2000/svg"')
        True
    """
    return _Picture(network, Paint(theme, dark, prefix), max_rows).text()


class _Picture:
    """The parts of one picture, each a list of SVG elements."""

    def __init__(self, network: Network, paint: Paint, max_rows: int) -> None:
        self.network = network
        self.paint = paint
        self.arrangement = arrange(network, max_rows)
        edges, discs = self.arrangement.edges, self.arrangement.discs
        self.labels = {label.edge.link.ends: label for label in place_labels(edges, discs)}
        crowded = {
            edge.columns for edge in edges if edge.label and edge.link.ends not in self.labels
        }
        # Links between columns where labels had to be left out show their weights by colour.
        self.shaded = {
            edge.link.ends: edge.link.weight
            for edge in edges
            if edge.columns in crowded
            and edge.link.style == "plain"
            and not edge.on_route
            and edge.link.weight is not None
            and isfinite(edge.link.weight)
        }
        self.heaviest = max(map(abs, self.shaded.values()), default=0.0) or 1.0
        self.table = lay_out_table(network)

    def text(self) -> str:
        """Return the whole file."""
        rects = [
            *(disc.rect for disc in self.arrangement.discs),
            *(dots.rect for dots in self.arrangement.dots),
            *(label.rect for label in self.labels.values()),
            *(
                Rect.hull([Rect(*line.at(0), *line.at(0)), Rect(*line.at(1), *line.at(1))])
                for edge in self.arrangement.edges
                for line in edge.lines[1:-1]
            ),
        ]
        top = Rect.hull(rects).top - _HEADING_GAP
        headings = [
            (line, x, top)
            for line, x in zip(self.arrangement.headings, self.arrangement.xs, strict=True)
            if line
        ]
        rects += [
            Rect.around(x, y, width(line, HEADING_SIZE) + 4, HEADING_SIZE + 2)
            for line, x, y in headings
        ]
        parts = [*self._links(), *self._circles(), *self._labels()]
        parts += [self.paint.centred(line, x, y, HEADING_SIZE, "muted") for line, x, y in headings]
        if self.table:
            labels = [label.rect for label in self.labels.values()]
            place = place_table(self.table, self.arrangement, labels, self.network.routes)
            parts += self._table(self.table, place)
            rects.append(place)
        if self.shaded and not self.network.routes:
            drawing = Rect.hull(rects)
            parts += self._key(drawing.left, drawing.bottom + 30)
            rects.append(Rect(drawing.left, drawing.top, drawing.left + 350, drawing.bottom + 38))
        return self._file(parts, Rect.hull(rects).grown(_MARGIN))

    # Links.

    def _links(self) -> Iterator[str]:
        """Yield the strokes of all links, the plain ones below the others."""
        edges = sorted(
            self.arrangement.edges, key=lambda edge: (edge.on_route, STYLES.index(edge.link.style))
        )
        for edge in edges:
            label = self.labels.get(edge.link.ends)
            for track in edge.tracks:
                yield from self._track(edge, track, label)

    def _track(self, edge: Edge, track: Track, label: Label | None) -> Iterator[str]:
        """Yield one stroke of a link, broken where its label stands, and its arrowhead."""
        role, size = self._look(edge, track)
        dashes = _DASHES if track.dashed else ""
        # Sixty arrowheads in a crowd would hide what the widths say.
        head = 0.0 if edge.link.ends in self.shaded else _ARROW + 0.4 * size
        *bend, last = track.lines
        shaft = last.part(0, 1 - 0.8 * head / last.length)
        for line, *more in _around([*bend, shaft], label):
            yield self.paint.stroke(line, role, size, dashes=dashes, bend=more)
        if head:
            yield self.paint.arrowhead(last, role, head)

    def _look(self, edge: Edge, track: Track) -> tuple[str, float]:
        """Return the colour and the width of a stroke."""
        if track.colour is not None:
            return self.paint.route(track.colour), _ROUTE_SIZE
        style = edge.link.style
        if style != "plain":
            return "highlight" if style == "highlight" else "ink", _LINE_SIZES[style]
        weight = self.shaded.get(edge.link.ends)
        if weight is None:
            return "line", _LINE_SIZES[style]
        size = 0.4 + 1.6 * abs(weight) / self.heaviest
        # Where routes are drawn, a colour means a route.
        if self.network.routes:
            return "line", size
        return "positive" if weight >= 0 else "negative", size

    def _labels(self) -> Iterator[str]:
        """Yield the labels of the links."""
        for label in self.labels.values():
            edge, rect = label.edge, label.rect
            role, size, bold = "muted", WEIGHT_SIZE, edge.on_route
            colours = {track.colour for track in edge.tracks if track.colour is not None}
            if edge.link.style == "highlight":
                yield self.paint.rectangle(rect, "highlight_fill", "highlight", corner=5)
                role, size, bold = "highlight", CHIP_SIZE, True
            elif colours:
                role = self.paint.route(min(colours)) if len(colours) == 1 else "ink"
            yield self.paint.centred(edge.label, rect.x, rect.y, size, role, bold=bold)

    # Circles.

    def _circles(self) -> Iterator[str]:
        """Yield the circles and the dots that stand for more of them."""
        for disc in self.arrangement.discs:
            yield from self._circle(disc)
        for dots in self.arrangement.dots:
            yield from self._dots(dots)

    def _circle(self, disc: Disc) -> Iterator[str]:
        """Yield one circle with its texts."""
        kind = disc.circle.kind
        colours = self._routes_through(disc.circle.name)
        outline = self.paint.route(min(colours)) if len(colours) == 1 else f"{kind}_line"
        dashes = "4 3" if kind == "target" else ""
        fill, size = f"{kind}_fill", 2.2 if colours else 1.5
        yield self.paint.disc(disc.x, disc.y, disc.radius, fill, outline, size, dashes=dashes)
        halves = len(disc.texts)
        if halves == 2:
            reach = disc.radius * 0.62
            diameter = Segment(disc.x, disc.y - reach, disc.x, disc.y + reach)
            yield self.paint.stroke(diameter, "line", 1)
        for index, (label, value) in enumerate(disc.texts):
            # The middle of a half disc's usable width lies nearer to the middle than the rim.
            x = disc.x + (index - (halves - 1) / 2) * disc.radius * 0.92
            alone = not label or not value
            yield self.paint.centred(label, x, disc.y - (0 if alone else 8.5), NAME_SIZE)
            yield self.paint.centred(value, x, disc.y + (0 if alone else 9.5), VALUE_SIZE, "muted")

    def _routes_through(self, name: str) -> set[int]:
        """Return the colours of the routes that pass a circle."""
        return {
            route.colour
            for route in self.network.routes
            if any(name in ends for ends in route.links)
        }

    def _dots(self, dots: Dots) -> Iterator[str]:
        """Yield three dots and how many circles they stand for."""
        for step in (-18, -10, -2):
            yield self.paint.disc(dots.x, dots.y + step, 2, "muted", "none", 0)
        more = typeset(f"{dots.count} more", prose=True)
        yield self.paint.centred(more, dots.x, dots.y + 13, 11, "muted")

    # Words around the drawing.

    def _table(self, table: RouteTable, place: Rect) -> Iterator[str]:
        """Yield the table of routes."""
        for route, y in table.samples:
            sample = Segment(place.left, place.top + y, place.left + SAMPLE_WIDTH, place.top + y)
            colour, dashes = self.paint.route(route.colour), _DASHES if route.dashed else ""
            yield self.paint.stroke(sample, colour, _ROUTE_SIZE, dashes=dashes)
        if table.rule is not None:
            y = place.top + table.rule
            yield self.paint.stroke(Segment(place.left, y, place.right, y), "muted", 1)
        for word in table.words:
            x, y = place.left + word.x, place.top + word.y
            yield self.paint.text(word.line, x, y, word.size, word.role, bold=word.bold)

    def _key(self, x: float, y: float) -> Iterator[str]:
        """Yield the key to the colours of weights that are not written out."""
        for role, word in (("positive", "positive weight"), ("negative", "negative weight")):
            yield self.paint.stroke(Segment(x, y, x + 28, y), role, 2)
            yield self.paint.text(typeset(word, prose=True), x + 36, y, 12, "muted")
            x += 160

    def _file(self, parts: Iterable[str], rect: Rect) -> str:
        """Return the file with its frame, its title and its description."""
        size = f"{number(rect.width)} {number(rect.height)}"
        wide, high = size.split()
        body = self.paint.background(rect) + "\n".join(parts)
        view = f"{number(rect.left)} {number(rect.top)} {size}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="{wide}" '
            f'height="{high}" role="img">\n'
            f"<title>{escape(plain(self.network.title, prose=True), quote=False)}</title>\n"
            f"<desc>{escape(describe(self.network), quote=False)}</desc>\n"
            f"{self.paint.style()}"
            f'<g font-family="{self.paint.fonts}">\n{body}\n</g>\n</svg>\n'
        )


def describe(network: Network) -> str:
    """Say in words what the picture shows, for people who hear it read."""
    sentences = []
    for column, heading in enumerate(network.headings):
        circles = [circle for circle in network.circles if circle.column == column]
        values = [
            f"{plain(label)} = {plain(value)}"
            for circle in circles[:_READ_ALOUD]
            for label, value in circle.parts
        ]
        if len(circles) > _READ_ALOUD:
            values.append(f"and {len(circles) - _READ_ALOUD} more circles")
        if circles:
            name = plain(heading, prose=True) or f"column {column + 1}"
            sentences.append(f"{name}: {', '.join(values)}.")
    if network.table_title:
        sentences.append(f"{plain(network.table_title, prose=True)}:")
    for route in network.routes:
        drawn = " (dashed)" if route.dashed else ""
        sentences.append(f"{plain(route.legend)}{drawn}: {plain(route.contribution)}.")
    if network.total:
        sentences.append(f"Sum: {plain(network.total)}.")
    sentences.append(plain(network.footnote, prose=True))
    return " ".join(sentences).strip()


def _around(lines: Iterable[Segment], label: Label | None) -> Iterator[list[Segment]]:
    """Yield the pieces of a stroke before and after a label."""
    piece: list[Segment] = []
    for line in lines:
        hidden = label and line.inside(label.rect.grown(1))
        if hidden:
            start, end = hidden
            yield [*piece, line.part(0, start)]
            piece = [line.part(end, 1)]
        else:
            piece.append(line)
    yield piece
