"""Write a diagram as DOT, the language of Graphviz.

:func:`to_digraph` is a pure function from a `viz.graph.diagram.Diagram` to a ``graphviz.Digraph``;
its ``source`` is the text. Nodes are records and fonts are Helvetica throughout: other labels and
fonts come out wrong in some renderers. Nothing typed by a user is ever a link or raw markup.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import graphviz

from engine.errors import UnknownNameError, known
from viz.graph.diagram import Arrow, Box, Diagram, Operation
from viz.svg.escape import clean, escape_label, escape_record, escape_tooltip
from viz.svg.theme import LIGHT, Theme

Direction = Literal["LR", "TB"]
Colour = Literal["plain", "sign"]
Width = Literal["plain", "contribution"]

_CHOICES = {"direction": get_args(Direction), "colour": get_args(Colour), "width": get_args(Width)}
_FONT = "Helvetica"
_SHORTEST_PILL = 3  # a circle would be too wide for a symbol of this many letters
_THINNEST, _THICKEST = 0.8, 3.6
_ROUTE_WIDTH, _STRIPE_WIDTH = 2.2, 1.7
_MOST_STRIPES = 3
# Of a large graph the layout takes a third of the time with a short search and straight edges.
_LARGE = 600
_QUICK_LAYOUT = {"mclimit": "0.1", "nslimit": "2", "nslimit1": "2", "splines": "line"}
_LONGEST_LEGEND = 120
_LONGEST_TITLE = 32  # the tooltip has more of it


def to_digraph(
    diagram: Diagram,
    *,
    theme: Theme = LIGHT,
    direction: Direction = "LR",
    colour: Colour = "plain",
    width: Width = "plain",
    edge_labels: bool = True,
) -> graphviz.Digraph:
    """Write a diagram as DOT.

    Args:
        diagram: What to draw.
        theme: The colours.
        direction: ``"LR"`` from left to right, ``"TB"`` from top to bottom.
        colour: ``"sign"`` colours arrows by the sign of the local derivative, unless a colour
            means a route.
        width: ``"contribution"`` draws an arrow the wider, the more gradient passes through it.
        edge_labels: Whether the local derivatives are written on the arrows.

    Returns:
        The graph; the text is its ``source``, the same to the byte in every run.

    Raises:
        UnknownNameError: If an option is none of those named above.

    Example:
        >>> from engine import Value, WeightedGraph
        >>> from viz.graph.diagram import describe
        >>> x = Value(3.0, "x")
        >>> diagram = describe(WeightedGraph.of(x * x), operations=True)
        >>> to_digraph(diagram).source.count("n0 -> o1")
        2
    """
    for option, given in (("direction", direction), ("colour", colour), ("width", width)):
        if given not in _CHOICES[option]:
            raise UnknownNameError(
                f"{option}={given!r} is not known; choose one of {known(_CHOICES[option])}"
            )
    return _Writer(diagram, theme, direction, colour, width, edge_labels).digraph()


@dataclass(frozen=True, slots=True)
class _Writer:
    """One diagram being written."""

    diagram: Diagram
    theme: Theme
    direction: Direction
    colour: Colour
    width: Width
    edge_labels: bool

    def digraph(self) -> graphviz.Digraph:
        graph = graphviz.Digraph("everypath", encoding="utf-8")
        graph.attr("graph", **self.graph_attributes())
        graph.attr(
            "node",
            shape="Mrecord",
            style="filled",
            fontname=_FONT,
            fontsize="11",
            fontcolor=self.theme.ink,
            penwidth="1.1",
            margin="0.13,0.045",
        )
        graph.attr(
            "edge",
            fontname=_FONT,
            fontsize="9.5",
            fontcolor=self.theme.muted,
            color=self.theme.line,
            arrowsize="0.6",
            penwidth="1.1",
        )
        self.add_nodes(graph)
        for arrow in self.diagram.arrows:
            graph.edge(arrow.source, arrow.target, **self.arrow_attributes(arrow))
        if self.diagram.legend:
            self.add_legend(graph)
        return graph

    def graph_attributes(self) -> dict[str, str]:
        attributes = {
            "rankdir": self.direction,
            "bgcolor": "transparent",
            "fontname": _FONT,
            "fontsize": "13",
            "fontcolor": self.theme.ink,
            "nodesep": "0.22",
            "ranksep": "0.3" if self.diagram.operations else "0.5",
            "pad": "0.15",
            **(_QUICK_LAYOUT if len(self.diagram) > _LARGE else {}),
        }
        if self.diagram.title:
            attributes |= {"label": escape_label(clean(self.diagram.title)), "labelloc": "t"}
        return attributes

    # ---------------------------------------------------------------- nodes
    def add_nodes(self, graph: graphviz.Digraph) -> None:
        """Write the nodes, those of each cluster inside its subgraph."""
        subgraphs: dict[tuple[str, ...], graphviz.Digraph] = {(): graph}
        for item in self.diagram.items:
            for depth in range(1, len(item.place) + 1):
                if item.place[:depth] not in subgraphs:
                    subgraphs[item.place[:depth]] = self.cluster(item.place[:depth])
            attributes = self.box(item) if isinstance(item, Box) else self.circle(item)
            subgraphs[item.place].node(item.key, **attributes)
        for place in sorted(subgraphs, key=len, reverse=True):
            if place:  # the innermost first: an outer one takes them in when they are whole
                subgraphs[place[:-1]].subgraph(subgraphs[place])

    def cluster(self, place: tuple[str, ...]) -> graphviz.Digraph:
        made = graphviz.Digraph("cluster " + " ".join(place))
        inner = len(place) > 1
        made.attr(
            label=place[-1],
            style="rounded,dashed" if inner else "rounded,filled",
            labeljust="c" if self.direction == "LR" else "l",
            color=self.theme.line,
            fontcolor=self.theme.muted,
            fontsize="10" if inner else "12",
            margin="10",
            **({} if inner else {"fillcolor": self.theme.panel}),
        )
        return made

    def box(self, box: Box) -> dict[str, str]:
        title = clean(box.title, _LONGEST_TITLE)
        label = "|".join(escape_record(clean(text)) for text in (title, *box.rows) if text)
        if self.direction == "TB":  # a record's fields would stand in a row
            label = f"{{{label}}}"
        style = {"style": "filled,dashed"} if box.kind == "constant" else {}
        return self.look(box) | style | {"label": label}

    def circle(self, operation: Operation) -> dict[str, str]:
        symbol = clean(operation.symbol)
        if len(symbol) < _SHORTEST_PILL:
            shape = {"shape": "circle", "width": "0.34", "fixedsize": "true", "fontsize": "14"}
        else:
            shape = {"shape": "box", "style": "rounded,filled", "height": "0.34", "width": "0.34"}
        return self.look(operation) | shape | {"label": escape_label(symbol)}

    def look(self, item: Box | Operation) -> dict[str, str]:
        """What a box and a circle have in common."""
        shade = self.theme.shades[item.kind]
        return {
            "fillcolor": shade.fill,
            "color": shade.line,
            "tooltip": escape_tooltip(clean(item.tooltip)),
            "id": item.key,
            "class": item.kind,
        }

    # ---------------------------------------------------------------- arrows
    def arrow_attributes(self, arrow: Arrow) -> dict[str, str]:
        attributes = {"id": arrow.key}
        if not arrow.headed:
            attributes["arrowhead"] = "none"
        if self.edge_labels and arrow.label:
            # The spaces keep the number off the line.
            attributes["label"] = f" {arrow.label} "
        if arrow.routes:
            return attributes | self.route_attributes(arrow)
        if self.width == "contribution":
            pen = _THINNEST + (_THICKEST - _THINNEST) * arrow.flow
            attributes["penwidth"] = f"{pen:.2f}"
        signed = self.colour == "sign" and not self.diagram.legend  # the routes' colours are alike
        if signed and arrow.headed and (arrow.weight > 0 or arrow.weight < 0):
            sign = self.theme.positive if arrow.weight > 0 else self.theme.negative
            attributes |= {"color": sign, "fontcolor": sign}
        return attributes

    def route_attributes(self, arrow: Arrow) -> dict[str, str]:
        """Colour an arrow by the routes that take it: side by side, or as one if they are many."""
        several = len(arrow.routes)
        if several > _MOST_STRIPES or several == len(self.diagram.legend) > 1:
            colours = [self.theme.highlight]
        else:
            colours = [self.theme.route(r) for r in arrow.routes]
        pen = _STRIPE_WIDTH if len(colours) > 1 else _ROUTE_WIDTH
        if self.width == "contribution":
            pen += (_THICKEST - _ROUTE_WIDTH) * arrow.flow
        return {
            "color": ":".join(colours),
            "fontcolor": colours[0] if len(colours) == 1 else self.theme.ink,
            "penwidth": f"{pen:.2f}",
        }

    def add_legend(self, graph: graphviz.Digraph) -> None:
        """Name the routes in a column, each in its colour."""
        with graph.subgraph(name="cluster legend") as legend:
            legend.attr(label="", color="transparent", style="", margin="0")
            # Left to right, Graphviz stacks nodes without arrows from the bottom up.
            for r, text in reversed(list(enumerate(self.diagram.legend))):
                legend.node(
                    f"route{r}",
                    escape_record(clean(text, _LONGEST_LEGEND)),
                    shape="record",
                    style="",
                    color="transparent",
                    fontcolor=self.theme.route(r),
                    height="0.16",
                    margin="0,0",
                )
                # Top down they would stand in a row: unseen arrows make it a column.
                if r and self.direction == "TB":
                    legend.edge(f"route{r - 1}", f"route{r}", style="invis")
