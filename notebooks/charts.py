"""Two small charts as SVG, drawn without a plotting library: a curve and a map of a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence

WIDTH, HEIGHT, MARGIN = 480, 260, 54
STYLE = (
    'xmlns="http://www.w3.org/2000/svg" font-family="Helvetica, Arial, sans-serif" font-size="12"'
)
Point = tuple[float, float]


class Chart:
    """A picture that a notebook shows.

    Args:
        svg: The picture.
        title: What is said where a picture cannot be shown.
    """

    def __init__(self, svg: str, title: str) -> None:
        self.svg = svg
        self.title = title

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Chart: {self.title}>"


def curve(title: str, lines: dict[str, Sequence[Point]]) -> Chart:
    """Draw up to three lines over shared axes.

    Args:
        title: What the vertical axis shows.
        lines: The points of each line, by its name.

    Returns:
        The chart.
    """
    xs = [x for points in lines.values() for x, _ in points]
    ys = [y for points in lines.values() for _, y in points]
    low, high = min(0.0, *ys), max(ys)

    def place(x: float, y: float) -> str:
        across = MARGIN + (x - min(xs)) / (max(xs) - min(xs)) * (WIDTH - 2 * MARGIN)
        up = HEIGHT - MARGIN - (y - low) / (high - low) * (HEIGHT - 2 * MARGIN)
        return f"{across:.1f},{up:.1f}"

    floor, left = HEIGHT - MARGIN, MARGIN
    parts = [
        f'<path d="M{left},{MARGIN} V{floor} H{WIDTH - MARGIN}" fill="none" stroke="#57606a"/>',
        _text(left - 6, MARGIN + 4, f"{high:.3g}", "end"),
        _text(left - 6, floor + 4, f"{low:.3g}", "end"),
        _text(left, floor + 18, f"{min(xs):g}", "middle"),
        _text(WIDTH - MARGIN, floor + 18, f"{max(xs):g}", "middle"),
        _text(WIDTH / 2, 28, title, "middle"),
    ]
    for k, (name, points) in enumerate(lines.items()):
        colour = ("#0b62c4", "#b3400c", "#116329")[k % 3]
        drawn = " ".join(place(x, y) for x, y in points)
        parts.append(
            f'<polyline points="{drawn}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        middle = MARGIN + (k + 0.5) * (WIDTH - 2 * MARGIN) / len(lines)
        parts.append(_text(middle, HEIGHT - 12, name, "middle", colour))
    return Chart(_page(WIDTH, HEIGHT, title, parts), title)


def field(
    title: str,
    f: Callable[[float, float], float],
    points: Sequence[tuple[Point, float]],
    extent: float = 2.0,
    cells: int = 30,
) -> Chart:
    """Draw where a function of two numbers is positive, and points of two classes on it.

    Args:
        title: What the picture shows.
        f: The function, coloured by its sign.
        points: Places and their class, positive or not.
        extent: The map goes from -extent to extent, both ways.
        cells: So many squares on a side.

    Returns:
        The chart.
    """
    side, top = 280.0, 30.0
    step = side / cells
    parts = [_text(side / 2, 18, title, "middle")]
    for row in range(cells):
        signs = [f(*_middle(column, row, cells, extent)) > 0 for column in range(cells)]
        start = 0
        for column in range(1, cells + 1):  # neighbours of one sign make one rectangle
            if column == cells or signs[column] != signs[start]:
                parts.append(
                    f'<rect x="{start * step:.1f}" y="{top + row * step:.1f}" '
                    f'width="{(column - start) * step + 0.4:.1f}" height="{step + 0.4:.1f}" '
                    f'fill="{"#d6e6fb" if signs[start] else "#fbe3d3"}"/>'
                )
                start = column
    for (x, y), label in points:
        across = (x + extent) / (2 * extent) * side
        down = top + (extent - y) / (2 * extent) * side
        dot = f'cx="{across:.1f}" cy="{down:.1f}" r="4.5" stroke="#ffffff"'
        parts.append(f'<circle {dot} fill="{"#0b62c4" if label > 0 else "#b3400c"}"/>')
    return Chart(_page(side, side + top, title, parts), title)


def _middle(column: int, row: int, cells: int, extent: float) -> Point:
    size = 2 * extent / cells
    return -extent + (column + 0.5) * size, extent - (row + 0.5) * size


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#1f2328") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}">{text}</text>'


def _page(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    paper = f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    head = f'<svg {STYLE} width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    inside = "\n".join([paper, *parts])
    return f'{head} role="img" aria-label="{title}">\n{inside}\n</svg>'
