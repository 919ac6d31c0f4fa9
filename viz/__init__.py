"""Pictures of graphs: milestones, nodes, networks; in a notebook a Value shows itself.

>>> from engine import Value
>>> from viz import draw
>>> x = Value(3.0, "x")
>>> draw(x * x + x)
<Drawing of 2 nodes and 1 arrow>
"""

import engine.value as _value
import nn.history as _history
from viz import plots
from viz.boundary import BoundaryDrawing, draw_boundary
from viz.diagram import Diagram, describe
from viz.dot import to_digraph
from viz.drawing import digraph, draw, picture
from viz.film.film import BoundaryFilm, animate_boundary
from viz.formats import Drawing, GraphDrawing, NetworkDrawing
from viz.from_graph import describe_network
from viz.mermaid import to_mermaid
from viz.network import Circle, Link, Network, Route, network_svg
from viz.stepper.page import Stepper, stepper
from viz.worksheet import Worksheet, worksheet

__all__ = [
    "BoundaryDrawing", "BoundaryFilm", "Circle", "Diagram", "Drawing", "GraphDrawing", "Link",
    "Network", "NetworkDrawing", "Route", "Stepper", "Worksheet", "animate_boundary", "describe",
    "describe_network", "digraph", "draw", "draw_boundary", "network_svg", "plots", "stepper",
    "to_digraph", "to_mermaid", "worksheet",
]  # fmt: skip

_value.picture = picture
_history.plotter = plots.loss_curves
