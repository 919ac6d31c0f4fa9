"""The pictures of a step page: every box, circle and arrow of the graph, in compact SVG."""

import re
from xml.etree import ElementTree as ET

import pytest
from stepper_pages import SVG, Page, small

import engine
from engine import condense
from nn.textbook import w131
from viz import stepper


@pytest.fixture(scope="module")
def page():
    """The page of w_131."""
    return Page(stepper(w131().L, highlight="w_131").html())


def test_the_pictures_are_well_formed_and_complete(page):
    """A box for each node, a line for each edge, all with ids."""
    for svg, (view, graph) in zip(
        page.pictures,
        {"m": condense(w131().L), "n": engine.WeightedGraph.of(w131().L)}.items(),
        strict=True,
    ):
        classes = [g.get("class").split()[0] for g in svg.iter(f"{SVG}g") if g.get("class")]
        assert classes.count("box") == len(graph)
        assert classes.count("arrow") >= len(list(graph.edges()))
        assert classes.count("operation") == (sum(map(bool, graph.sources)) if view == "n" else 0)
        assert svg.get("aria-label")
        left, top, width, height = map(float, svg.get("viewBox").split())
        assert (left, top) == (0, 0)
        x, y = map(float, re.findall(r"-?[\d.]+", svg[0].get("transform")))
        for box in svg.iter(f"{SVG}rect"):
            at = {name: float(box.get(name)) for name in ("x", "y", "width", "height")}
            assert 0 <= at["x"] + x < at["x"] + x + at["width"] <= width
            assert 0 <= at["y"] + y < at["y"] + y + at["height"] <= height


def test_the_picture_shows_the_result_without_a_script(page):
    """The boxes hold the final numbers from the start."""
    texts = {text.text for svg in page.pictures for text in svg.iter(f"{SVG}text")}
    assert {"L = 0.1055", "grad 0.003159", "a₁₃ = 2.1"} <= texts


def test_pictures_of_strange_names_are_well_formed():
    """Whatever a node is called, the SVG can be parsed."""
    for label in ("a & b", '"', "<b>", "\x01", "x\ny", "名前", "long " * 30):
        (svg, *_) = Page(stepper(small(label)).html()).pictures
        assert ET.tostring(svg)


def test_boxes_and_circles_cover_the_ends_of_the_lines(page):
    """What is drawn later lies above."""
    for svg in page.pictures:
        classes = [part.get("class").split()[0] for part in svg[0]]
        lines = classes.count("arrow")
        assert set(classes[:lines]) == {"arrow"}
        assert "arrow" not in classes[lines:]
