"""Pictures of graphs: milestones, nodes, networks; in a notebook a Value shows itself.

>>> from engine import Value
>>> from viz import draw
>>> x = Value(3.0, "x")
>>> draw(x * x + x)
<Drawing of 2 nodes and 1 arrow>
"""

from viz import plots
from viz.boundary.picture import BoundaryDrawing, draw_boundary
from viz.drawing import digraph, draw
from viz.film.film import BoundaryFilm, animate_boundary
from viz.formats import Drawing, GraphDrawing, NetworkDrawing
from viz.graph.diagram import Diagram, describe
from viz.graph.dot import to_digraph
from viz.graph.mermaid import to_mermaid
from viz.network.from_graph import describe_network
from viz.network.picture import Circle, Link, Network, Route, network_svg
from viz.stepping.page import Stepper, stepper
from viz.worksheets.page import Worksheet, worksheet

__all__ = [
    "BoundaryDrawing",
    "BoundaryFilm",
    "Circle",
    "Diagram",
    "Drawing",
    "GraphDrawing",
    "Link",
    "Network",
    "NetworkDrawing",
    "Route",
    "Stepper",
    "Worksheet",
    "animate_boundary",
    "describe",
    "describe_network",
    "digraph",
    "draw",
    "draw_boundary",
    "network_svg",
    "plots",
    "stepper",
    "to_digraph",
    "to_mermaid",
    "worksheet",
]
