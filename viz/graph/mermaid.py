"""Write a diagram as Mermaid, which GitHub, GitLab and many editors draw without any renderer.

:func:`to_mermaid` is a pure function from a `viz.graph.diagram.Diagram` to text. Labels are
quoted, and every character with a meaning in Mermaid or HTML is written as an entity, so that a
label shows as it was typed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from viz.graph.diagram import Arrow, Box, Diagram, Operation
from viz.graph.dot import Direction
from viz.svg.escape import clean
from viz.svg.theme import LIGHT, Theme

_SPECIAL = str.maketrans({c: f"#{ord(c)};" for c in "#&\"'<>`|{}[]()\\%_*~@$"})


def to_mermaid(
    diagram: Diagram,
    *,
    theme: Theme = LIGHT,
    direction: Direction = "LR",
    edge_labels: bool = True,
) -> str:
    """Write a diagram as a Mermaid flowchart.

    Args:
        diagram: What to draw.
        theme: The colours.
        direction: ``"LR"`` from left to right, ``"TB"`` from top to bottom.
        edge_labels: Whether the local derivatives are written on the arrows.

    Returns:
        The text, the same in every run; put it in a Markdown block marked ``mermaid``.

    Example:
        >>> from engine import Value, WeightedGraph
        >>> from viz.graph.diagram import describe
        >>> x = Value(3.0, "x")
        >>> text = to_mermaid(describe(WeightedGraph.of(x * x), operations=True))
        >>> text.splitlines()[:2]
        ['flowchart LR', '  n0["x<br/>data 3<br/>grad 6"]:::input']
    """
    return "\n".join(_lines(diagram, theme, direction, edge_labels)) + "\n"


def _lines(
    diagram: Diagram, theme: Theme, direction: Direction, edge_labels: bool
) -> Iterator[str]:
    if diagram.title:
        # A front matter block; JSON's quoting is YAML's too.
        yield from ("---", f"title: {json.dumps(clean(diagram.title), ensure_ascii=False)}", "---")
    yield f"flowchart {direction}"
    for place, items in _by_cluster(diagram):
        yield from _cluster(place, items)
    for arrow in diagram.arrows:
        yield f"  {_arrow(arrow, edge_labels)}"
    yield from _styles(diagram, theme)


def _by_cluster(diagram: Diagram) -> list[tuple[tuple[str, ...], list[Box | Operation]]]:
    """The nodes of each cluster, in the order in which the clusters appear."""
    clusters: dict[tuple[str, ...], list[Box | Operation]] = {}
    for item in diagram.items:
        clusters.setdefault(item.place, []).append(item)
    return list(clusters.items())


def _cluster(place: tuple[str, ...], items: list[Box | Operation]) -> Iterator[str]:
    """Open the frames of a place, write its nodes, close the frames.

    A frame may be opened several times; Mermaid goes by its key.
    """
    for depth in range(1, len(place) + 1):
        yield f'{"  " * depth}subgraph {_key(place[:depth])}["{_text(place[depth - 1])}"]'
    for item in items:
        yield "  " * (len(place) + 1) + _node(item)
    for depth in range(len(place), 0, -1):
        yield "  " * depth + "end"


def _key(place: tuple[str, ...]) -> str:
    return "_".join(place).replace(" ", "")


def _node(item: Box | Operation) -> str:
    if isinstance(item, Operation):
        return f'{item.key}(["{_text(item.symbol)}"]):::operation'
    rows = "<br/>".join(_text(text) for text in (item.title, *item.rows) if text)
    return f'{item.key}["{rows}"]:::{item.kind}'


def _arrow(arrow: Arrow, edge_labels: bool) -> str:
    line = "-->" if arrow.headed else "---"
    if edge_labels and arrow.label:
        line += f'|"{_text(arrow.label)}"|'
    return f"{arrow.source} {line} {arrow.target}"


def _styles(diagram: Diagram, theme: Theme) -> Iterator[str]:
    """The colours: of each kind of node that there is, of the frames, of each route."""
    for kind in sorted({item.kind for item in diagram.items}):
        shade = theme.shades[kind]
        yield f"  classDef {kind} fill:{shade.fill},stroke:{shade.line},color:{theme.ink}"
    frames = {b.place[:depth] for b in diagram.boxes for depth in range(1, len(b.place) + 1)}
    for frame in sorted(map(_key, frames)):
        yield f"  style {frame} fill:{theme.panel},stroke:{theme.line},color:{theme.muted}"
    links: dict[str, list[str]] = {}
    for k, arrow in enumerate(diagram.arrows):
        if arrow.routes:
            # Mermaid draws no lines side by side: what several routes share is highlighted.
            shared = len(arrow.routes) > 1
            colour = theme.highlight if shared else theme.route(arrow.routes[0])
            links.setdefault(colour, []).append(str(k))
    for colour, numbers in links.items():
        yield f"  linkStyle {','.join(numbers)} stroke:{colour},stroke-width:2.5px"


def _text(text: str) -> str:
    return clean(text).translate(_SPECIAL)
