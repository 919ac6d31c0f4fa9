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

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import graphviz

from engine.arguments import whole
from engine.core.node import Node
from engine.errors import RenderError, TooLargeError, UnknownNameError, known
from engine.labels import number, typeset
from engine.routes.listing import Path, approximately
from engine.routes.reading import Reading, read
from viz.formats import Drawing, GraphDrawing, NetworkDrawing, ThemeName, fixed_theme
from viz.graph.diagram import Clusters, describe, size
from viz.graph.dot import Colour, Direction, Width
from viz.graph.highlight import Highlight, legends, routes_of, steps_of
from viz.graph.render import Renderer
from viz.network.from_graph import describe_network

View = Literal["milestones", "nodes", "network"]

MAX_NODES = 2500
"""Larger diagrams take a renderer minutes, and nobody can read them."""

_MOST_UNASKED = 250  # in a notebook, a picture that nobody asked for has to be there at once

VIEWS = ("milestones", "network", "nodes")


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
        colour: ``"sign"`` colours arrows by the sign of the local derivative; where routes are
            highlighted, a colour means a route.
        width: ``"contribution"`` draws an arrow the wider, the more gradient passes.
        edge_labels: Whether local derivatives are written on the arrows.
        digits: How many significant digits numbers have.
        omitted: In the network view: which routes to draw dashed (see `describe_network`).
        footnote: In the network view: the sentence below the table.
        theme: ``"light"``, ``"dark"``, or ``"auto"`` for a picture that follows the reader.
        max_nodes: The most boxes and circles to draw.
        renderer: Which renderer to use (see `viz.graph.render`).

    Returns:
        The drawing. It shows itself in a notebook; `Drawing.save` writes files.

    Raises:
        TooLargeError: If there is more to draw than ``max_nodes``.
        UnknownNameError: If a view, an option or a label is not known.
        ValueTypeError: If ``y`` is not a Value or a graph, or a number is not a whole one.

    Example:
        >>> from engine import Value
        >>> w, x = Value(0.5, "w"), Value(2.0, "x")
        >>> draw((w * x).tanh(), highlight=w)
        <Drawing of 3 nodes and 2 arrows>
    """
    if view not in VIEWS:
        raise UnknownNameError(f"view={view!r} is not known; choose one of {known(VIEWS)}")
    fixed_theme(theme)
    digits, max_nodes = whole(digits, "digits"), whole(max_nodes, "max_nodes")
    if view == "network":
        network = describe_network(
            y, highlight, omitted=omitted, footnote=footnote, digits=min(digits, 3)
        )
        return NetworkDrawing(network, theme, network.title)
    recorded = read(y)
    target = None if only is None else recorded.find(only)
    asked = [recorded.find(highlight)] if isinstance(highlight, (Node, str)) else []
    reading = recorded.by(view, *asked, *([] if target is None else [target]))
    if target is None:
        _refuse_if_too_large(size(reading.graph, view), max_nodes, view)
    routes = routes_of(reading, highlight)
    diagram = describe(
        reading,
        operations=view == "nodes",
        constants=constants,
        digits=digits,
        clusters=clusters,
        only=target,
        routes=[steps_of(reading.graph, path) for path in routes],
        legend=legends(routes),
        title=_title(reading, routes),
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
    """
    for view in ("nodes", "milestones"):
        try:
            drawing = draw(y, view, max_nodes=_MOST_UNASKED)
            return {"image/svg+xml": drawing.svg()}
        except TooLargeError:
            continue
        except RenderError:
            return {}
    return {}


def _refuse_if_too_large(size: int, max_nodes: int, view: View) -> None:
    if size <= max_nodes:
        return
    collapse = "collapse it with view='milestones', " if view == "nodes" else ""
    raise TooLargeError(
        f"too large to draw: {size:,} nodes, at most {max_nodes:,} are drawn; {collapse}"
        "draw a part (draw(h) for what lies below a node h, only=x for what lies above x), "
        "or raise max_nodes"
    )


def _title(reading: Reading, routes: Sequence[Path]) -> str:
    """The gradient, if the coloured routes start from one node, and whether they are all."""
    starts = {path.nodes[0]: path.view for path in routes}
    if len(starts) != 1:
        return ""
    ((x, view),) = starts.items()
    if view.reading is not reading:  # paths that were given are of another one
        view = reading.view(x)
    root, name = typeset(reading.graph.root.label) or "y", typeset(x.label) or "x"
    shown, every = len(routes), view.count
    some = f" ({shown} of {approximately(every)} in colour)" if shown < every else ""
    return f"∂{root}/∂{name} = {number(view.total)}{some}"
