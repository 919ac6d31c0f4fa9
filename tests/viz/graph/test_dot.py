"""A diagram is written as DOT that any renderer takes, whatever the labels hold."""

from xml.etree.ElementTree import fromstring as parse

import pytest

from engine import UnknownNameError, Value, WeightedGraph
from nn.textbook import w131
from viz.graph.diagram import describe
from viz.graph.dot import to_digraph
from viz.graph.render import render
from viz.svg.theme import DARK, LIGHT

HOSTILE = [
    "<script>alert(1)</script>",
    "a & b &amp; &lt;",
    "say \"hi\" 'x'",
    r"C:\new\table \N \G \L",
    "{a|b}<p>c}",
    "abc\\",
    "<b>x</b>",
    "/* x */ # y",
    'x"]; evil [label="y',
    "]]>",
    "a:b:c",
    "//comment",
    "\u202eabc",
    "URL=javascript:1",
]


def product(label="x"):
    """Describe x * x as nodes."""
    x = Value(3.0, label)
    return describe(WeightedGraph.of(x * x), operations=True)


def texts(svg):
    """Every text of a picture."""
    return [element.text for element in parse(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_both_arrows_of_a_repeated_operand():
    """The product x * x is drawn with two arrows."""
    assert to_digraph(product()).source.count("n0 -> o1") == 2


def test_records_stack_in_both_directions():
    """Title, data and gradient stand above each other, left to right and top down."""
    assert 'label="x|data\\ 3|grad\\ 6"' in to_digraph(product()).source
    down = to_digraph(product(), direction="TB").source
    assert 'label="{x|data\\ 3|grad\\ 6}"' in down
    assert "rankdir=TB" in down


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_are_only_text(label):
    """A label comes back as it was typed, and nothing in it acts."""
    svg = render(to_digraph(product(label)).source, "svg")
    assert label in texts(svg)
    assert "href" not in svg.replace("xmlns:xlink", "")
    assert parse(svg) is not None
    assert len(texts(svg)) == 8


def test_unprintable_and_long_labels():
    """Control characters are replaced, white space is one space, a long label is cut."""
    svg = render(to_digraph(product("a\x00b\ud800\n c" + "λ" * 100)).source, "svg")
    title = texts(svg)[0]
    assert title.startswith("a�b� cλ")
    assert len(title) == 32
    assert title.endswith("…")


def test_the_same_bytes_every_time():
    """Names go by position, so equal graphs give equal text."""
    assert to_digraph(product()).source == to_digraph(product()).source
    assert "n0" in to_digraph(product()).source


def test_only_helvetica_and_no_html_labels():
    """Other fonts and labels come out wrong in some renderers."""
    net = w131()
    source = to_digraph(describe(WeightedGraph.of(net["L"]), operations=True)).source
    assert source.count("fontname=") == source.count("fontname=Helvetica")
    assert "label=<" not in source


def test_colour_by_sign():
    """Positive derivatives have one colour, negative ones another, 0 none."""
    x = Value(3.0, "x")
    diagram = describe(WeightedGraph.of(x - x + x * 0.0), operations=True)
    lines = to_digraph(diagram, colour="sign").source.splitlines()
    arrow = {line.split("id=")[1].split("]")[0].split()[0]: line for line in lines if "->" in line}
    assert LIGHT.positive in arrow["e1_0"]
    assert LIGHT.negative in arrow["e1_1"]
    assert LIGHT.positive not in arrow["e2_0"]
    assert LIGHT.positive not in arrow["r1"]


def test_a_colour_means_a_route_where_there_are_some():
    """The signs have the colours of the first routes, so beside these they are left out."""
    x = Value(3.0, "x")
    graph = WeightedGraph.of(x * 2 - x)
    diagram = describe(graph, operations=False, routes=[{(1, 0)}], legend=["a"])
    plain, signs = (to_digraph(diagram, colour=c).source for c in ("plain", "sign"))
    assert plain == signs


def test_width_by_contribution():
    """The arrow with more gradient is wider, also on a route."""
    x = Value(3.0, "x")
    graph = WeightedGraph.of(x * 3 + x)
    plain = to_digraph(describe(graph, operations=False), width="contribution").source
    assert "penwidth=3.60" in plain
    assert "penwidth=1.73" in plain
    marked = describe(graph, operations=False, routes=[{(1, 0)}], legend=["one"])
    assert "penwidth=3.60" in to_digraph(marked, width="contribution").source
    assert "penwidth=2.20" in to_digraph(marked).source


def test_edge_labels_can_be_left_out():
    """Without them no local derivative is written."""
    assert 'label=" 3 "' in to_digraph(product()).source
    assert 'label=" 3 "' not in to_digraph(product(), edge_labels=False).source


def test_routes_run_side_by_side():
    """An arrow that two routes of three share has both colours; one that all share, its own."""
    x = Value(3.0, "x")
    u = x * 1.0
    graph = WeightedGraph.of(u * u + x)
    diagram = describe(
        graph,
        operations=False,
        routes=[{(1, 0), (2, 0), (3, 0)}, {(1, 0), (2, 1), (3, 0)}, {(3, 1)}],
        legend=["first", "second", "third"],
    )
    source = to_digraph(diagram).source
    stripes, *_ = (line for line in source.splitlines() if f'"{LIGHT.route(0)}:' in line)
    assert f'color="{LIGHT.route(0)}:{LIGHT.route(1)}"' in stripes
    assert "penwidth=1.70" in stripes, "two lines need less each than one"
    assert "penwidth=2.20" in source
    everywhere = describe(
        graph, operations=False, routes=[{(1, 0)}, {(1, 0)}], legend=["first", "second"]
    )
    assert LIGHT.highlight in to_digraph(everywhere).source
    many = describe(
        graph, operations=False, routes=[*[{(1, 0)}] * 4, {(3, 1)}], legend=list("abcde")
    )
    assert LIGHT.highlight in to_digraph(many).source


@pytest.mark.parametrize("direction", ["LR", "TB"])
def test_the_legend_names_the_routes_in_order(direction):
    """Each route is named in its colour; they read from first to last."""
    x = Value(3.0, "x")
    diagram = describe(
        WeightedGraph.of(x * x),
        operations=False,
        title="a & b",
        routes=[{(1, 0)}, {(1, 1)}],
        legend=["first", "second"],
    )
    svg = render(to_digraph(diagram, direction=direction).source, "svg")
    elements = {e.text: e for e in parse(svg).iter("{http://www.w3.org/2000/svg}text")}
    first, second = elements["first"], elements["second"]
    assert float(first.get("y")) < float(second.get("y"))
    assert float(first.get("x")) == pytest.approx(float(second.get("x")), abs=15)
    assert (first.get("fill"), second.get("fill")) == (LIGHT.route(0), LIGHT.route(1))
    assert texts(svg).count("a & b") == 1


def test_clusters_are_nested():
    """Neurons stand inside their layer."""
    net = w131()
    diagram = describe(WeightedGraph.of(net["L"]), operations=True, clusters="neuron")
    source = to_digraph(diagram).source
    layer = source.index('"cluster layer 1"')
    assert layer < source.index('"cluster layer 1 neuron 3"') < source.index("n0 ->")
    assert "rounded,filled" in source[layer:][:200], "a layer is a surface"
    neuron = source.index('"cluster layer 1 neuron 3"')
    assert "rounded,dashed" in source[neuron:][:200], "a neuron in it a frame"
    shown = texts(render(source, "svg"))
    assert shown.count("layer 1") == 1
    assert shown.count("neuron 3") == 1


def test_long_operations_are_pills_and_short_ones_circles():
    """A symbol of one sign stands in a circle, a word in a rounded box."""
    x = Value(0.5, "x")
    assert "shape=circle" in to_digraph(describe(WeightedGraph.of(-x), operations=True)).source
    source = to_digraph(describe(WeightedGraph.of(x.softplus()), operations=True)).source
    assert "shape=box" in source
    assert "shape=circle" not in source


def test_dark_theme_and_constants():
    """Colours come from the theme; a constant has a dashed outline."""
    from engine import constant

    x = Value(0.5, "x")
    diagram = describe(WeightedGraph.of(x * constant(2.0)), operations=True, constants=True)
    source = to_digraph(diagram, theme=DARK).source
    assert DARK.shades["input"].fill in source
    assert LIGHT.shades["input"].fill not in source
    assert "dashed" in source


@pytest.mark.parametrize("option", ["direction", "colour", "width"])
def test_unknown_options(option):
    """An option that is not known is named, with the known ones."""
    with pytest.raises(UnknownNameError, match=f"{option}='up' is not known; choose one of"):
        to_digraph(product(), **{option: "up"})


def test_nan_has_no_sign():
    """A derivative that is not a number is coloured as neither."""
    x = Value(float("nan"), "x")
    diagram = describe(WeightedGraph.of(x * x), operations=True)
    source = to_digraph(diagram, colour="sign").source
    assert LIGHT.positive not in source
    assert LIGHT.negative not in source


def test_backslashes_in_tooltips():
    r"""Graphviz replaces ``\N`` in a tooltip by the node's name, unless it is escaped twice."""
    x = Value(1.0, r"\N")
    svg = render(to_digraph(describe(WeightedGraph.of(x * x), operations=True)).source)
    assert r"\N = 1" in svg


def test_large_graphs_are_laid_out_quickly():
    """Above 600 nodes, operations included, the layout is limited, by what renderers take."""
    y = Value(1.0, "x")
    for _ in range(299):
        y = y + 1.0
    assert "splines" not in to_digraph(describe(WeightedGraph.of(y), operations=True)).source
    large = to_digraph(describe(WeightedGraph.of((y + 1.0) * y), operations=True)).source
    assert "mclimit=0.1 " in large
    assert "splines=line" in large
    assert render("digraph { mclimit=0.1; nslimit=2; nslimit1=2; splines=line; a -> b }")


def test_only_the_line_to_a_result_has_no_head():
    """Arrows end in heads, but for the line from an operation to its own result."""
    lines = [line for line in to_digraph(product()).source.splitlines() if "->" in line]
    assert len(lines) == 3
    assert ["id=r1" in line for line in lines] == ["arrowhead=none" in line for line in lines]
    assert sum("arrowhead=none" in line for line in lines) == 1
