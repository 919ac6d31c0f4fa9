"""`viz.command.figures`: the documents' figures, each with its paths in colour."""

import xml.etree.ElementTree as ET

import pytest

from engine import count_paths
from nn.textbook import w121
from viz.command.figures import FIGURES, Figure, write_figures


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_every_figure_is_drawn(figure):
    """Each is an SVG that names the gradient it shows, the weight's routes in colour."""
    net = figure.build()
    svg = figure.draw().svg()
    ET.fromstring(svg.encode())
    assert count_paths(net.root, net[net.focus]) >= 1
    assert svg == figure.draw().svg()
    drawn = figure.draw()
    routes = getattr(drawn, "network", None)
    if routes is not None:
        found = min(count_paths(net.root, net[net.focus]), 6)
        assert len(routes.routes) == found


def test_the_three_paths_of_w121_have_three_colours():
    """As in the lecture's figure: cyan, orange and pink there, three colours here."""
    (figure,) = (f for f in FIGURES if f.name == "three_paths_w121")
    assert len({route.colour for route in figure.draw().network.routes}) == 3


def test_files_are_written(tmp_path):
    """One SVG for each figure, under its name."""
    first = next(write_figures(tmp_path))
    assert first == tmp_path / f"{FIGURES[0].name}.svg"
    assert first.exists()


def test_a_figure_shows_the_whole_network_unless_told():
    """Without ``only``, what does not lie between the weight and the result is drawn too."""
    whole, part = (Figure("f", w121, "nodes", **only) for only in ({}, {"only": True}))
    assert "x_2" in whole.draw().svg()
    assert len(whole.draw().svg()) > len(part.draw().svg())
