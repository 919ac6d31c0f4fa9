"""Draw a graph: as milestones, node by node, or as the network that a lecture draws.

>>> from engine import Value
>>> from viz import draw
>>> x = Value(3.0, "x")
>>> y = x * x + 2 * x
>>> drawing = draw(y, view="nodes")
>>> drawing.source.splitlines()[0]
'digraph everypath {'

``drawing.save("g.svg")`` writes a file, ``drawing.svg()`` gives the text, and in a notebook a
drawing shows itself. Text formats need no renderer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from os import PathLike, fspath
from pathlib import Path as File
from typing import Any, Literal

import graphviz

from engine.errors import MissingExtraError, RenderError, TooLargeError, UnknownNameError, known
from engine.graph import WeightedGraph
from engine.labels import number, typeset
from engine.lookup import graph_of, node_named
from engine.milestones import condense
from engine.node import Node
from engine.path_sums import Path
from viz.adaptive import adaptive
from viz.diagram import Clusters, Diagram, describe
from viz.dot import Colour, Direction, Width, to_digraph
from viz.from_graph import describe_network
from viz.highlight import Highlight, legends, routes_of, steps_of
from viz.mermaid import to_mermaid
from viz.network import Network, network_svg
from viz.render import Renderer, render, write_atomically
from viz.theme import DARK, LIGHT, Theme
from viz.theme import theme as theme_named

View = Literal["milestones", "nodes", "network"]
ThemeName = Literal["auto", "light", "dark"]

MAX_NODES = 2500
"""Larger diagrams take a renderer minutes, and nobody can read them."""

_MOST_UNASKED = 250  # in a notebook, a picture that nobody asked for has to be there at once

VIEWS = ("milestones", "network", "nodes")


class Drawing(ABC):
    """A picture of a graph, in several formats; made by :func:`draw`.

    Attributes:
        title: What the picture is called where it is heard and not seen.
        theme: ``"auto"``, ``"light"`` or ``"dark"``.
    """

    title: str
    theme: ThemeName

    @property
    @abstractmethod
    def source(self) -> str:
        """The text that the picture is made from."""

    @abstractmethod
    def svg(self) -> str:
        """Draw the picture as SVG.

        Returns:
            The text of the SVG file.

        Raises:
            RenderError: If the renderer is missing, fails or takes too long.
        """

    @abstractmethod
    def formats(self) -> Mapping[str, Callable[[], str | bytes]]:
        """How each kind of file is made, by its suffix."""

    def save(self, path: str | PathLike[str]) -> File:
        """Write the picture into a file; its suffix says in which format.

        The file appears whole or not at all.

        Args:
            path: Where to: ``.svg``, ``.png``, ``.html`` (a page of its own), and for graphs
                ``.dot`` (Graphviz) and ``.mmd`` (Mermaid), which need no renderer.

        Returns:
            The path.

        Raises:
            UnknownNameError: If the suffix is not one of those.
            OutputError: If the file cannot be written.
            RenderError: If the renderer is missing, fails or takes too long.
        """
        target = File(fspath(path))
        made = self.formats()
        if target.suffix.lower() not in made:
            raise UnknownNameError(
                f"cannot save {str(target)!r}: {self!r} knows the suffixes {known(made)}"
                + self.advice(target.suffix.lower())
            )
        write_atomically(target, made[target.suffix.lower()]())
        return target

    def advice(self, suffix: str) -> str:
        """What else to do about a suffix that is not known."""
        del suffix
        return ""

    def html(self) -> str:
        """Write a page of its own that holds the picture, in light and dark as the theme says."""
        theme = _fixed(self.theme)
        dark = _DARK_PAGE.format(paper=DARK.paper, ink=DARK.ink) if self.theme == "auto" else ""
        return _PAGE.format(
            title=escape(self.title),
            svg=self.svg()[self.svg().index("<svg") :],  # a page has its own prologue
            paper=theme.paper,
            ink=theme.ink,
            dark=dark,
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show the picture in a notebook; where no renderer works, the reason."""
        try:
            return {"text/plain": repr(self), "image/svg+xml": self.svg()}
        except RenderError as error:
            return {"text/plain": f"{self!r}: {error}"}


@dataclass(frozen=True, repr=False)
class GraphDrawing(Drawing):
    """A graph of boxes and arrows, laid out by Graphviz.

    Attributes:
        diagram: What is drawn.
        theme: ``"auto"``, ``"light"`` or ``"dark"``.
        options: Direction, colour, width and edge labels, as `viz.dot.to_digraph` takes them.
        renderer: Which renderer to use; None for the first that is installed.
    """

    diagram: Diagram
    theme: ThemeName = "auto"
    options: Mapping[str, Any] = field(default_factory=dict)
    renderer: Renderer | str | None = None
    title: str = "Computational graph"

    def digraph(self) -> graphviz.Digraph:
        """Give the graph as an object of the ``graphviz`` package, to be changed further."""
        return to_digraph(self.diagram, theme=_fixed(self.theme), **self.options)

    @property
    def source(self) -> str:
        """The text that the picture is made from: DOT."""
        return str(self.digraph().source)

    def svg(self) -> str:  # noqa: D102 - as in Drawing
        if self.theme != "auto":
            return str(render(self.source, "svg", renderer=self.renderer))
        digraph = self.digraph()
        # A picture that follows the reader's mode brings its own page: the one around it may not.
        digraph.attr("graph", bgcolor=LIGHT.paper)
        return adaptive(str(render(digraph.source, "svg", renderer=self.renderer)))

    def png(self) -> bytes:
        """Draw the picture as pixels, 144 to the inch."""
        digraph = self.digraph()
        digraph.attr("graph", bgcolor=_fixed(self.theme).paper, dpi="144")
        return bytes(render(digraph.source, "png", renderer=self.renderer))

    def mermaid(self) -> str:
        """Write the graph as Mermaid, for Markdown."""
        chosen = {key: self.options[key] for key in ("direction", "edge_labels")}
        return to_mermaid(self.diagram, theme=_fixed(self.theme), **chosen)

    def formats(self) -> Mapping[str, Callable[[], str | bytes]]:  # noqa: D102 - as in Drawing
        return {
            ".svg": self.svg,
            ".png": self.png,
            ".html": self.html,
            ".dot": lambda: self.source,
            ".mmd": self.mermaid,
        }

    def __repr__(self) -> str:
        boxes, arrows = len(self.diagram.boxes), len(self.diagram.arrows)
        return f"<Drawing of {boxes} node{_s(boxes)} and {arrows} arrow{_s(arrows)}>"


@dataclass(frozen=True, repr=False)
class NetworkDrawing(Drawing):
    """The network as a lecture draws it, laid out by this package alone.

    Attributes:
        network: What is drawn.
        theme: ``"auto"``, ``"light"`` or ``"dark"``.
    """

    network: Network
    theme: ThemeName = "auto"
    title: str = "Network"

    @property
    def source(self) -> str:
        """The text that the picture is made from: SVG."""
        return self.svg()

    def svg(self) -> str:  # noqa: D102 - as in Drawing
        dark = DARK if self.theme == "auto" else None
        return network_svg(self.network, _fixed(self.theme), dark=dark)

    def png(self) -> bytes:
        """Draw the picture as pixels; this needs the package cairosvg."""
        try:
            import cairosvg  # type: ignore[import-untyped]  # noqa: PLC0415 - an optional package
        except ImportError:
            raise MissingExtraError(
                "a .png of the network view needs the package cairosvg: pip install cairosvg; "
                "or save it as .svg or .html, which need nothing"
            ) from None
        theme = _fixed(self.theme)
        svg = network_svg(self.network, theme)
        return bytes(cairosvg.svg2png(svg.encode(), scale=2, background_color=theme.paper))

    def formats(self) -> Mapping[str, Callable[[], str | bytes]]:  # noqa: D102 - as in Drawing
        return {".svg": self.svg, ".png": self.png, ".html": self.html}

    def advice(self, suffix: str) -> str:  # noqa: D102 - as in Drawing
        if suffix in {".dot", ".mmd"}:
            return "; view='milestones' and view='nodes' also know '.dot' and '.mmd'"
        return ""

    def __repr__(self) -> str:
        return f"<Drawing of a network with {len(self.network.circles)} circles>"


def draw(
    y: Any,
    view: View = "milestones",
    *,
    highlight: Highlight = None,
    only: Any = None,
    clusters: Clusters = None,
    constants: bool = False,
    direction: Direction = "LR",
    colour: Colour = "plain",
    width: Width = "plain",
    edge_labels: bool = True,
    digits: int = 4,
    omitted: Iterable[Any] = (),
    footnote: str | None = None,
    theme: ThemeName = "auto",
    max_nodes: int = MAX_NODES,
    renderer: Renderer | str | None = None,
) -> Drawing:
    """Draw the graph of a result.

    Gradients are those of ``y``, computed for the picture: no ``backward`` is needed, and no
    ``grad`` is read or written.

    Args:
        y: The Value to draw, or a `WeightedGraph`.
        view: ``"milestones"`` draws the named nodes, with the derivatives between them condensed
            (see `engine.condense`); ``"nodes"`` every recorded node, with its operation;
            ``"network"`` the diagram of lectures, for graphs with textbook names.
        highlight: A Value or its label, whose routes to ``y`` are drawn in colour, the largest
            if they are many; or paths, as `engine.paths` gives them.
        only: A Value or its label: draw only what lies between it and ``y``.
        clusters: ``"layer"`` or ``"neuron"`` to frame what belongs together by textbook names.
        constants: Whether constants are drawn as nodes.
        direction: ``"LR"`` from left to right, ``"TB"`` from top to bottom.
        colour: ``"sign"`` colours arrows by the sign of the local derivative.
        width: ``"contribution"`` draws an arrow the wider, the more gradient passes.
        edge_labels: Whether local derivatives are written on the arrows.
        digits: How many significant digits numbers have.
        omitted: In the network view: which routes to draw dashed (see `describe_network`).
        footnote: In the network view: the sentence below the table.
        theme: ``"light"``, ``"dark"``, or ``"auto"`` for a picture that follows the reader.
        max_nodes: The most boxes and circles to draw.
        renderer: Which renderer to use (see `viz.render`).

    Returns:
        The drawing. It shows itself in a notebook; `Drawing.save` writes files.

    Raises:
        TooLargeError: If there is more to draw than ``max_nodes``.
        UnknownNameError: If a view, an option or a label is not known.
        ValueTypeError: If ``y`` is not a Value or a graph.

    Example:
        >>> from engine import Value
        >>> w, x = Value(0.5, "w"), Value(2.0, "x")
        >>> draw((w * x).tanh(), highlight=w)
        <Drawing of 3 nodes and 2 arrows>
    """
    if view not in VIEWS:
        raise UnknownNameError(f"view={view!r} is not known; choose one of {known(VIEWS)}")
    _fixed(theme)
    if view == "network":
        chosen = highlight.nodes[0] if isinstance(highlight, Path) else highlight
        network = describe_network(
            y, chosen, omitted=omitted, footnote=footnote, digits=min(digits, 3)
        )
        return NetworkDrawing(network, theme, network.title)
    graph = _graph(y, view, highlight, only)
    target = None if only is None else node_named(graph, only)
    if target is None:
        _refuse_if_too_large(_size(graph, view), max_nodes, view)
    routes = routes_of(graph, highlight)
    diagram = describe(
        graph,
        operations=view == "nodes",
        constants=constants,
        digits=digits,
        clusters=clusters,
        only=target,
        routes=[steps_of(graph, path) for path in routes],
        legend=legends(routes),
        title=_title(graph, routes),
    )
    _refuse_if_too_large(len(diagram), max_nodes, view)
    options = {
        "direction": direction,
        "colour": colour,
        "width": width,
        "edge_labels": edge_labels,
    }
    return GraphDrawing(diagram, theme, options, renderer)


def digraph(y: Any, view: View = "nodes", **options: Any) -> graphviz.Digraph:
    """Give the graph of a result as an object of the ``graphviz`` package, to be changed further.

    Args:
        y: The Value to draw, or a `WeightedGraph`.
        view: ``"nodes"`` or ``"milestones"``.
        **options: What :func:`draw` takes.

    Returns:
        The graph. Its own ``render`` needs Graphviz's ``dot``; :func:`draw` does not.

    Raises:
        UnknownNameError: If the view is another; the network view is not made by Graphviz.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0, "x")
        >>> digraph(x * x).source.count("->")
        3
    """
    drawing = draw(y, view, **options)
    if not isinstance(drawing, GraphDrawing):
        raise UnknownNameError(
            "view='network' is not drawn by Graphviz, so there is no Digraph of it; choose "
            "'milestones' or 'nodes', or save draw(y, view='network') as .svg"
        )
    return drawing.digraph()


def picture(y: Any) -> dict[str, str]:
    """Draw a Value for a notebook: every node, or what the milestones condense it to.

    A notebook shows what it is given, unasked; so what is too large for a picture, or cannot be
    made one, stays text.

    Args:
        y: The Value.

    Returns:
        The picture by its type, or nothing.
    """
    for view in ("nodes", "milestones"):
        try:
            drawing = draw(y, view, max_nodes=_MOST_UNASKED)
            return {"image/svg+xml": drawing.svg()}
        except TooLargeError:
            continue
        except RenderError:
            break
    return {}


def _graph(y: Any, view: View, *needed: Any) -> WeightedGraph:
    """The graph that a view draws; it keeps the nodes that are asked for."""
    raw = graph_of(y)
    if view == "nodes" or isinstance(y, WeightedGraph):
        return raw
    graph = condense(raw)
    asked = [node_named(raw, x) for x in needed if isinstance(x, (Node, str))]
    hidden = [x for x in asked if x in raw.index and x not in graph.index]
    return condense(raw, [*graph.nodes, *hidden]) if hidden else graph


def _size(graph: WeightedGraph, view: View) -> int:
    """How many boxes and circles a graph takes, before any of them is made."""
    circles = sum(map(bool, graph.sources)) if view == "nodes" else 0
    return len(graph) + circles


def _refuse_if_too_large(size: int, max_nodes: int, view: View) -> None:
    if size <= max_nodes:
        return
    collapse = "collapse it with view='milestones', " if view == "nodes" else ""
    raise TooLargeError(
        f"too large to draw: {size:,} nodes, at most {max_nodes:,} are drawn; {collapse}"
        "draw a part (draw(h) for what lies below a node h, only=x for what lies above x), "
        "or raise max_nodes"
    )


def _title(graph: WeightedGraph, routes: Sequence[Path]) -> str:
    """What the coloured routes add up to, if they start from one node."""
    starts = {path.nodes[0] for path in routes}
    if len(starts) != 1:
        return ""
    (x,) = starts
    gradient = number(graph.adjoints()[graph.index[x]])
    root, name = typeset(graph.root.label) or "y", typeset(x.label) or "x"
    return f"∂{root}/∂{name} = {gradient}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def _fixed(name: str) -> Theme:
    """The theme whose colours are written into the file."""
    if name == "auto":
        return LIGHT
    if name not in {"light", "dark"}:
        raise UnknownNameError(f"theme={name!r} is not known; choose 'auto', 'light' or 'dark'")
    return theme_named(name)


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 2rem; background: {paper}; color: {ink}; }}
svg {{ display: block; margin: auto; max-width: 100%; height: auto; }}
{dark}
</style>
</head>
<body>
{svg}
</body>
</html>
"""
_DARK_PAGE = (
    "@media (prefers-color-scheme: dark) {{ body {{ background: {paper}; color: {ink}; }} }}"
)
