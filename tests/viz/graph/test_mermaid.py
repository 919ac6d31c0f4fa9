"""A diagram is written as Mermaid in which labels are only text."""

import re

import pytest

from engine import Value, WeightedGraph
from nn.textbook import w131
from viz.graph.diagram import describe
from viz.graph.mermaid import to_mermaid
from viz.svg.theme import DARK, LIGHT


def product(label="x", **options):
    """Describe x * x as nodes."""
    x = Value(3.0, label)
    return describe(WeightedGraph.of(x * x), operations=True, **options)


def test_the_whole_text():
    """Nodes, operations, both arrows, colours."""
    shades = LIGHT.shades
    assert to_mermaid(product()) == (
        "flowchart LR\n"
        '  n0["x<br/>data 3<br/>grad 6"]:::input\n'
        '  n1["data 9<br/>grad 1"]:::output\n'
        '  o1(["×"]):::operation\n'
        '  n0 -->|"3"| o1\n'
        '  n0 -->|"3"| o1\n'
        "  o1 --- n1\n"
        + "".join(
            f"  classDef {kind} fill:{shades[kind].fill},stroke:{shades[kind].line},"
            f"color:{LIGHT.ink}\n"
            for kind in ("input", "operation", "output")
        )
    )


def test_options():
    """Direction, theme, edge labels, title; milestones have no operations."""
    text = to_mermaid(product(title='a "b"'), direction="TB", theme=DARK, edge_labels=False)
    assert text.startswith('---\ntitle: "a \\"b\\""\n---\nflowchart TB\n')
    assert "n0 --> o1" in text
    assert DARK.ink in text
    x = Value(3.0, "x")
    plain = to_mermaid(describe(WeightedGraph.of(x * x), operations=False))
    assert "operation" not in plain


@pytest.mark.parametrize(
    "label",
    [
        '"]; evil',
        "<script>x</script>",
        "a & b",
        "`code`",
        "#quot;",
        "end",
        "a|b",
        "[x](y)",
        "%%{init}%%",
    ],
)
def test_hostile_labels_are_only_text(label):
    """What has a meaning in Mermaid or HTML is written as an entity."""
    (line,) = [
        each for each in to_mermaid(product(label)).splitlines() if each.startswith("  n0[")
    ]
    inside = re.fullmatch(r'  n0\["(.*)<br/>data 3<br/>grad 6"\]:::input', line)[1]
    assert not re.search(r"[\"<>`|\[\]&%]", inside)
    shown = re.sub(r"#(\d+);", lambda match: chr(int(match[1])), inside)
    assert shown == label


def test_clusters_are_subgraphs():
    """Layers and neurons are frames in frames, each closed again."""
    net = w131()
    diagram = describe(WeightedGraph.of(net["L"]), operations=True, clusters="neuron")
    lines = [line.strip() for line in to_mermaid(diagram).splitlines()]
    opened = [line for line in lines if line.startswith("subgraph")]
    assert 'subgraph layer1_neuron3["neuron 3"]' in opened
    assert lines.count("end") == len(opened)
    assert sum(line.startswith("style layer") for line in lines) == 2 + 4 + 2


def test_routes_are_coloured():
    """A route has its colour; what routes share is highlighted."""
    x = Value(3.0, "x")
    diagram = describe(
        WeightedGraph.of(x * x), operations=True, routes=[{(1, 0)}, {(1, 1)}], legend=["a", "b"]
    )
    text = to_mermaid(diagram)
    assert f"linkStyle 0 stroke:{LIGHT.route(0)}" in text
    assert f"linkStyle 1 stroke:{LIGHT.route(1)}" in text
    assert f"linkStyle 2 stroke:{LIGHT.highlight}" in text
