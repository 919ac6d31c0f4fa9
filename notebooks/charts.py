"""A small chart as SVG, drawn without a plotting library: curves."""

from __future__ import annotations

from collections.abc import Sequence

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


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#1f2328") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{colour}">{text}</text>'


def _page(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    paper = f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    head = f'<svg {STYLE} width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}"'
    inside = "\n".join([paper, *parts])
    return f'{head} role="img" aria-label="{title}">\n{inside}\n</svg>'
