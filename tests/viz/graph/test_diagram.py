"""A graph is described as boxes, operations and arrows."""

import pytest

import engine
from engine import UnknownNameError, Value, WeightedGraph, constant, dot, gradients, leaky_relu
from nn.textbook import w131
from viz.graph.diagram import Diagram, describe


def nodes(y, **options):
    """Describe the node view."""
    return describe(WeightedGraph.of(y), operations=True, **options)


def test_repeated_operands_keep_both_arrows():
    """The product x * x has two arrows from x, each with its local derivative."""
    x = Value(3.0, "x")
    diagram = nodes(x * x)
    assert [(a.key, a.source, a.target, a.label) for a in diagram.arrows] == [
        ("e1_0", "n0", "o1", "3"),
        ("e1_1", "n0", "o1", "3"),
        ("r1", "o1", "n1", ""),
    ]
    assert len(diagram) == 3
    assert [a.headed for a in diagram.arrows] == [True, True, False]


def test_gradients_are_the_roots_whatever_the_nodes_say():
    """The picture shows d root, not what an earlier backward left, and leaves it alone."""
    x = Value(3.0, "x")
    y = x * x
    (5 * y).backward()
    before = x.grad
    assert nodes(y).boxes[0].rows == ("data 3", "grad 6")
    assert x.grad == before


def test_a_box_says_what_it_is():
    """Kinds: inputs, weights, inner nodes, the root, constants."""
    x, w, b, k = Value(2.0, "x_1"), Value(3.0, "w_111"), Value(1.0, "b_11"), constant(4.0, "k")
    inner = x * w + b
    diagram = nodes(inner * k, constants=True)
    assert [box.kind for box in diagram.boxes] == [
        "input",
        "weight",
        "inner",
        "weight",
        "inner",
        "constant",
        "output",
    ]
    assert diagram.boxes[1].title == "w₁₁₁"
    assert diagram.boxes[2].title == ""
    assert diagram.boxes[5].rows == ("data 4", "constant")
    assert diagram.boxes[0].tooltip == "x_1 = 2"
    assert diagram.boxes[2].tooltip == "this = mul(x_1, w_111) = 6"


def test_constants_are_hidden_and_written_into_the_operation():
    """A hidden constant appears in its operation like a plain number."""
    x = Value(2.0, "x")
    diagram = nodes(x * constant(4.0) + constant(1.0, "c_1"))
    assert [o.symbol for o in diagram.operations] == ["× 4", "+ c₁"]
    assert len(diagram.boxes) == 3
    assert [o.symbol for o in nodes(x * constant(4.0), constants=True).operations] == ["×"]


def test_a_root_that_is_a_constant_is_drawn():
    """There is always something to see."""
    (box,) = nodes(constant(2.0)).boxes
    assert box.kind == "constant"


@pytest.mark.parametrize(
    ("make", "symbol"),
    [
        (lambda x: x * 3, "× 3"),
        (lambda x: 3 - x, "3 −"),
        (lambda x: x**2, "^2"),
        (lambda x: 2**x, "2^"),
        (lambda x: x.tanh(), "tanh"),
        (lambda x: leaky_relu(x, 0.25), "leaky(·, 0.25)"),
        (lambda x: x.clamp(-1, 1), "clamp(·, −1, 1)"),
        (lambda x: engine.sum([x, 3.0, x]), "Σ"),
    ],
)
def test_plain_numbers_stand_in_the_operation(make, symbol):
    """An operand without a node is written where the operation is."""
    assert [o.symbol for o in nodes(make(Value(0.5, "x"))).operations] == [symbol]


def test_a_dot_is_one_operation():
    """A neuron's pre-activation has an arrow per operand and one circle; its tooltip is short."""
    ws = [Value(0.5, f"w_11{j}") for j in range(1, 8)]
    xs = [Value(1.0, f"x_{j}") for j in range(1, 8)]
    diagram = nodes(dot(ws, xs))
    (circle,) = diagram.operations
    assert len(diagram.arrows) == 15
    assert circle.tooltip.startswith("this = dot(w_111, w_112")
    assert circle.tooltip.endswith(", …) = 3.5")


def test_milestones_have_no_operations():
    """The condensed view is boxes and arrows from box to box."""
    x = Value(3.0, "x")
    diagram = describe(WeightedGraph.of(x * x), operations=False)
    assert not diagram.operations
    assert [(a.source, a.target) for a in diagram.arrows] == [("n0", "n1")] * 2


def test_only_keeps_what_lies_between():
    """Nodes beside the way from x to the root are left out; gradients stay those of the root."""
    x, u = Value(2.0, "x"), Value(5.0, "u")
    h, side = x * u, u * 3
    y = h + side
    diagram = nodes(y, only=x)
    assert [box.key for box in diagram.boxes] == ["n0", "n2", "n4"]
    assert diagram.boxes[0].rows[1] == f"grad {gradients(y)[x]:g}"
    assert {(a.source, a.target) for a in diagram.arrows} == {
        ("n0", "o2"),
        ("o2", "n2"),
        ("n2", "o4"),
        ("o4", "n4"),
    }
    begun = nodes(y, only=h)
    assert [circle.key for circle in begun.operations] == ["o4"]
    with pytest.raises(UnknownNameError, match="not a node of this graph"):
        nodes(y, only=Value(1.0))


def test_flow_is_the_share_of_the_gradient():
    """The widest arrow carries the most gradient; with ``only``, that node's."""
    x = Value(2.0, "x")
    y = x * 3 + x
    flows = {a.key: a.flow for a in nodes(y).arrows}
    assert flows["e1_0"] == 1.0
    assert flows["e2_1"] == pytest.approx(1 / 3, rel=1e-12)
    shares = {a.key: a.flow for a in nodes(y, only=x).arrows}
    assert shares["e2_0"] == 1.0
    assert shares["e2_1"] == pytest.approx(1 / 3, rel=1e-12)


def test_a_graph_without_gradient_has_no_flow():
    """Where all is 0 or not a number, the arrows are thin and nothing fails."""
    x = Value(0.0, "x")
    assert [a.flow for a in nodes((x * x) * 0.0).arrows][:2] == [0.0, 0.0]
    graph = WeightedGraph([x, x * x], [(), (0,)], [(), (float("nan"),)])
    (arrow,) = describe(graph, operations=False).arrows
    assert arrow.flow == 0.0
    endless = WeightedGraph([x, x * x], [(), (0,)], [(), (float("inf"),)])
    assert describe(endless, operations=False).arrows[0].flow == 1.0
    mixed = describe(graph, operations=True).arrows
    assert mixed[-1].flow == 1.0


def test_routes_are_marked_on_every_line():
    """An arrow knows the routes that take it, and so does the line to the result."""
    x = Value(3.0, "x")
    diagram = nodes(x * x, routes=[{(1, 0)}, {(1, 1)}])
    assert [a.routes for a in diagram.arrows] == [(0,), (1,), (0, 1)]


def test_clusters_come_from_textbook_names():
    """Layers and neurons frame what their names say, and what only they use."""
    net = w131()
    layer = nodes(net["L"], clusters="layer")
    neuron = nodes(net["L"], clusters="neuron")
    places = {box.title: box.place for box in neuron.boxes if box.title}
    assert places["w₁₃₁"] == places["a₁₃"] == places["h₁₃"] == ("layer 1", "neuron 3")
    assert places["x₁"] == places["ŷ₁"] == places["L"] == ()
    assert {box.place for box in layer.boxes} == {(), ("layer 1",), ("layer 2",)}
    assert {box.place for box in nodes(net["L"]).boxes} == {()}
    with pytest.raises(UnknownNameError, match="'layer', 'neuron'"):
        nodes(net["L"], clusters="layers")


def test_unnamed_nodes_stand_with_their_users():
    """An unlabelled product belongs to the neuron that uses it; one of two to the layer."""
    w, x = Value(2.0, "w_111"), Value(3.0, "x_1")
    product = w * x
    a, other = product + 1, product + 2
    a.label, other.label = "a_11", "a_12"
    places = {box.key: box.place for box in nodes(a, clusters="neuron").boxes}
    assert places["n2"] == ("layer 1", "neuron 1")
    shared = {box.key: box.place for box in nodes(a + other, clusters="neuron").boxes}
    assert shared["n2"] == ("layer 1",)
    (end,) = [box for box in nodes(a + other, clusters="neuron").boxes if box.kind == "output"]
    assert end.place == ()


def test_an_output_stands_with_its_weights():
    """An output made by the weights of layer 2 stands in layer 2."""
    w, h = Value(2.0, "w_211"), Value(3.0, "h_11")
    y = w * h
    y.label = "yhat_1"
    assert describe(WeightedGraph.of(y), operations=False, clusters="neuron").boxes[-1].place == (
        "layer 2",
        "neuron 1",
    )


def test_the_same_graph_is_described_alike():
    """Descriptions are plain data: equal for equal graphs."""
    assert isinstance(nodes(w131()["L"]), Diagram)
    assert nodes(w131()["L"]) == nodes(w131()["L"])


def test_the_first_node_stands_with_what_uses_it():
    """Also where it has no name, as every node before a named one."""
    first = Value(2.0)
    a = first * Value(3.0, "w_111")
    a.label = "a_11"
    boxes = nodes(a.tanh(), clusters="neuron").boxes
    assert boxes[0].place == ("layer 1", "neuron 1")


def test_a_flow_is_a_share_of_the_largest_that_is_finite():
    """What is infinite is drawn as the largest, a nan as nothing."""
    x = Value(1.0, "x")
    graph = WeightedGraph.of(x.exp() + x.sin() + x.cos())
    for weight, flow in ((0.5, 0.25), (float("inf"), 1.0), (float("nan"), 0.0)):
        weights = [(), (weight,), (2.0,), (1.0, 1.0), (1.0,), (1.0, 1.0)]
        diagram = describe(WeightedGraph(graph.nodes, graph.sources, weights), operations=False)
        assert diagram.arrows[0].flow == flow
        assert diagram.arrows[1].flow == 1.0


def test_a_name_that_is_none_of_the_textbooks_stands_in_no_frame():
    """Only what has no name at all stands with what uses it."""
    k, w = Value(2.0, "k"), Value(3.0, "w_111")
    a = k * w
    a.label = "a_11"
    assert nodes(a.tanh(), clusters="layer").boxes[0].place == ()


def test_a_tooltip_names_eight_operands():
    """Of more, the others are dots."""
    xs = [Value(1.0, f"x_{k}") for k in range(9)]
    eight, nine = nodes(engine.sum(xs[:8])), nodes(engine.sum(xs))
    assert eight.boxes[-1].tooltip.endswith(", x_7) = 8")
    assert nine.boxes[-1].tooltip.endswith(", x_7, …) = 9")


def test_a_description_is_not_changed():
    """It may be drawn in several formats."""
    diagram = nodes(Value(1.0, "x").exp())
    for part, name in ((diagram, "title"), (diagram.boxes[0], "key"), (diagram.arrows[0], "key")):
        with pytest.raises(AttributeError):
            setattr(part, name, "other")


def test_what_two_layers_use_stands_in_neither():
    """Also where their neurons have the same number."""
    shared = Value(2.0) * 3
    a, b = shared * Value(1.0, "w_111"), shared * Value(1.0, "w_211")
    a.label, b.label = "a_11", "a_21"
    places = {box.key: box.place for box in nodes(a + b, clusters="neuron").boxes}
    assert places["n0"] == places["n1"] == ()
