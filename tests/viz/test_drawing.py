"""Drawings: views, routes, notebooks, refusals."""

import graphviz
import pytest

import engine
from engine import (
    TooLargeError,
    UnknownNameError,
    Value,
    ValueTypeError,
    WeightedGraph,
    condense,
    paths,
)
from engine.labels import number
from nn.textbook import w131
from viz import digraph, draw
from viz.drawing import picture
from viz.formats import GraphDrawing, NetworkDrawing


def square():
    """Record x * x + 2 * x."""
    x = Value(3.0, "x")
    return x * x + 2 * x


@pytest.fixture
def no_renderer(monkeypatch):
    """Hide every renderer."""
    monkeypatch.setenv("EVERYPATH_RENDERER", "no-such-renderer")


@pytest.mark.usefixtures("no_renderer")
def test_notebooks(monkeypatch):
    """A drawing and a Value show themselves; without a renderer as text."""
    drawing = draw(square())
    shown = drawing._repr_mimebundle_()
    assert shown["text/plain"].startswith("<Drawing of 2 nodes and 1 arrow>: there is no renderer")
    assert set(shown) == {"text/plain"}
    assert set(square()._repr_mimebundle_()) == {"text/plain"}
    monkeypatch.delenv("EVERYPATH_RENDERER")
    shown = drawing._repr_mimebundle_()
    assert shown["text/plain"] == "<Drawing of 2 nodes and 1 arrow>"
    assert shown["image/svg+xml"].startswith("<svg")
    value = square()._repr_mimebundle_()
    assert value["text/plain"].startswith("Value(")
    assert value["image/svg+xml"].startswith("<svg")


def test_a_value_that_is_too_large_shows_its_milestones():
    """A large graph is condensed for a notebook; one that is still large stays text."""
    y = Value(0.5, "x")
    for _ in range(300):
        y = y.tanh()
    assert picture(y)["image/svg+xml"].count('class="edge"') == 1
    for k, node in enumerate(engine.topological_order(y)):
        node.label = f"v_{k}"
    assert picture(y) == {}


def test_views():
    """Nodes have operations; milestones are condensed; a weighted graph is drawn as it is."""
    net = w131()
    nodes, milestones = draw(net["L"], "nodes"), draw(net["L"])
    assert nodes.diagram.operations
    assert not milestones.diagram.operations
    assert len(nodes.diagram.boxes) > len(milestones.diagram.boxes)
    condensed = condense(net["L"])
    assert draw(condensed).source == milestones.source
    assert draw(condensed, "nodes").diagram.operations
    with pytest.raises(UnknownNameError, match="'milestones', 'network', 'nodes'"):
        draw(net["L"], "tree")
    with pytest.raises(ValueTypeError, match="y must be a Value"):
        draw(3.0)


def test_highlighted_routes():
    """The four routes of w_131 are coloured, named and summed up."""
    net = w131()
    diagram = draw(net["L"], highlight="w_131", only="w_131").diagram
    assert diagram.title == "∂L/∂w₁₃₁ = 0.003159"
    assert diagram.legend == (
        "a₂₁ → ŷ₁: −0.003159",
        "a₂₂ → ŷ₁: +0.004739",
        "a₂₁ → ŷ₂: −0.003159",
        "a₂₂ → ŷ₂: +0.004739",
    )
    given = draw(net["L"], highlight=paths(net["L"], "w_131"), only=net["w_131"])
    assert given.diagram == diagram
    assert len(draw(net["L"], "nodes", highlight="w_131").diagram.legend) == 6


def test_the_heading_says_that_some_routes_are_left_out():
    """Beside the whole gradient it would look as if the coloured routes were all."""
    x = Value(0.5, "x")
    y = engine.sum([(x * k).sin() for k in range(1, 10)])
    assert draw(y, "nodes", highlight=x).diagram.title.endswith(" (6 of 9 paths in colour)")
    few = list(paths(y, x, by="nodes"))[:2]
    assert draw(y, "nodes", highlight=few).diagram.title.endswith(" (2 of 9 paths in colour)")
    assert draw(y, highlight=paths(y, x)).diagram.title.endswith(number(engine.grad(y, [x])[0]))


@pytest.mark.parametrize("view", ["milestones", "nodes", "network"])
@pytest.mark.parametrize("name", ["digits", "max_nodes"])
@pytest.mark.parametrize("wrong", [2.5, None, "a"])
def test_numbers_that_are_none_are_refused(view, name, wrong):
    """The error names the argument and what was given."""
    with pytest.raises(ValueTypeError, match=f"{name} must be a whole number, not {wrong!r}"):
        draw(w131()["L"], view, **{name: wrong})


def test_routes_from_several_nodes_have_no_common_sum():
    """Paths from two nodes are drawn without a heading."""
    x, u = Value(2.0, "x"), Value(3.0, "u")
    y = x * u
    both = [*paths(y, x), *paths(y, u)]
    assert draw(y, highlight=both).diagram.title == ""
    x.label = ""
    assert draw(y, highlight=x).diagram.title == "∂y/∂x = 3"


def test_an_unlabelled_node_becomes_a_milestone_when_asked_for():
    """What is highlighted, or starts the part that is drawn, is kept."""
    x = Value(0.5, "x")
    inner = x.tanh()
    y = inner * inner
    assert len(draw(y).diagram.boxes) == 2
    assert len(draw(y, highlight=inner).diagram.boxes) == 3
    assert len(draw(y, only=inner).diagram.boxes) == 2


def test_a_network_highlights_where_a_path_begins():
    """In the network view all paths of a node are what the node is."""
    net = w131()
    every = list(paths(net["L"], "w_131"))
    one = draw(net["L"], "network", highlight=every)
    assert isinstance(one, NetworkDrawing)
    assert one.network == draw(net["L"], "network", highlight="w_131").network
    first = draw(net["L"], "network", highlight=every[0])
    assert isinstance(first, NetworkDrawing)
    assert [route.links for route in first.network.routes] == [one.network.routes[0].links]
    assert one.source == one.svg()
    assert repr(one) == "<Drawing of a network with 13 circles>"
    assert one.title == "The gradient ∂L/∂w_131, route by route"


def test_options_reach_the_text():
    """Direction, digits, labels, clusters."""
    source = draw(
        w131()["L"],
        "nodes",
        direction="TB",
        digits=2,
        edge_labels=False,
        clusters="layer",
        colour="sign",
        width="contribution",
        constants=True,
        theme="dark",
    ).source
    assert "rankdir=TB" in source
    assert "cluster layer 1" in source
    assert "0.77" in source
    assert "0.7703" not in source


def test_too_large():
    """A long chain is refused at once, with the ways out; a part of it is drawn."""
    y = x = Value(0.5, "x")
    for _ in range(20_000):
        y = y + 0.0
    with pytest.raises(
        TooLargeError, match=r"too large to draw: 40,001 nodes, at most 2,500"
    ) as e:
        draw(y, "nodes")
    assert "view='milestones'" in str(e.value)
    assert "raise max_nodes" in str(e.value)
    assert len(draw(y).diagram.boxes) == 2
    with pytest.raises(TooLargeError, match="raise max_nodes"):
        draw(y, max_nodes=1)
    near = (x * x).tanh()
    part = near
    for _ in range(3000):
        part = part * 1.0
    with pytest.raises(TooLargeError):
        draw(part, "nodes", only=near)


def test_what_lies_between_may_be_drawn_of_a_large_graph():
    """The limit counts what is drawn, not what there is."""
    total = sum(Value(1.0) for _ in range(3000))
    x = Value(2.0, "x")
    assert len(draw(total + x, "nodes", only=x).diagram.boxes) == 2


def test_digraph():
    """People who know the graphviz package get its object; the network view has none."""
    made = digraph(square())
    assert isinstance(made, graphviz.Digraph)
    made.attr("graph", label="mine")
    assert "label=mine" in made.source
    assert digraph(square(), "milestones").source == draw(square()).source
    with pytest.raises(UnknownNameError, match=r"save draw\(y, view='network'\) as \.svg"):
        digraph(w131()["L"], "network")


def test_drawing_leaves_the_graph_alone():
    """No gradient is written, whatever is drawn."""
    y = square()
    x = y.parents[0].parents[0]
    draw(y, highlight=x)
    draw(y, "nodes")
    assert (x.grad, y.grad) == (0.0, 0.0)
    assert isinstance(draw(WeightedGraph.of(y)), GraphDrawing)


def test_the_title_counts_the_routes_of_the_graph_that_is_drawn():
    """Also where the coloured ones were found in another view of it."""
    x = Value(0.5, "x")
    h = x.exp()
    h.label = "h"
    y = x * x + h
    found = [path for path in paths(y, x) if len(path) == 3]
    milestones, nodes = (draw(y, v, highlight=found).diagram for v in ("milestones", "nodes"))
    assert milestones.title.endswith("(1 of 2 paths in colour)")
    assert nodes.title.endswith("(1 of 3 paths in colour)")
