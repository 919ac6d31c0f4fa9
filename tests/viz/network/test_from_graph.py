"""The picture of lectures is read out of a graph by its textbook names."""

import pytest

import engine
from engine import UnknownNameError, Value, ValueTypeError, condense, paths
from nn import MLP
from nn.textbook import calculus, vector_rules, w131, w212
from viz.network.from_graph import describe_network
from viz.network.picture import network_svg


def chain():
    """Record x -> h_1 -> h_2 -> yhat -> L, named as a lecture names a chain."""
    x, w1, w2, w3 = (
        Value(v, n) for v, n in ((0.5, "x"), (0.8, "w_1"), (-0.3, "w_2"), (1.2, "w_3"))
    )
    h1 = (w1 * x).tanh()
    h2 = (w2 * h1).tanh()
    yhat = w3 * h2
    loss = (yhat - 1) ** 2
    h1.label, h2.label, yhat.label, loss.label = "h_1", "h_2", "yhat", "L"
    return loss


def mlp():
    """Record a 2-3-1 network with its loss."""
    net = MLP(2, [3, 1], activation="tanh", seed=1)
    y = net([Value(1.0, "x_1"), Value(-2.0, "x_2")], names=True)
    return (y - 1) ** 2


def test_the_w131_network():
    """Five columns, the weights on their links, four routes that add up."""
    net = w131()
    network = describe_network(net["L"], "w_131")
    assert network.headings == ("inputs", "hidden: sigmoid", "output", "softmax", "loss")
    names = [circle.name for circle in network.circles]
    assert names[:4] == ["x_1", "x_2", "x_3", "x_4"]
    assert names[-3:] == ["yhat_1", "yhat_2", "loss"]
    assert [circle.column for circle in network.circles] == [0] * 4 + [1] * 4 + [2, 2, 3, 3, 4]
    third = network.circles[6]
    assert third.parts == (("a_13", "2.1"), ("h_13", "0.891"))
    links = {link.ends: link for link in network.links}
    assert len(links) == 16 + 8 + 4 + 2
    chosen = links["x_1", "neuron 1 3"]
    assert (chosen.label, chosen.style) == ("w_131 = −0.3", "highlight")
    assert links["neuron 1 2", "neuron 2 1"].label == "0.8"
    assert links["neuron 2 1", "yhat_2"].label is None
    assert links["yhat_1", "loss"].style == "strong"
    assert network.table_title == "∂L/∂w_131, route by route"
    assert network.total == "+0.003159"
    assert [(r.legend, r.contribution) for r in network.routes] == [
        ("a_21 → yhat_1", "−0.003159"),
        ("a_22 → yhat_1", "+0.004739"),
        ("a_21 → yhat_2", "−0.003159"),
        ("a_22 → yhat_2", "+0.004739"),
    ]
    assert network.routes[0].links == (
        ("x_1", "neuron 1 3"),
        ("neuron 1 3", "neuron 2 1"),
        ("neuron 2 1", "yhat_1"),
        ("yhat_1", "loss"),
    )
    assert [r.colour for r in network.routes] == [0, 1, 2, 3]
    assert not network.footnote


def test_omitted_routes_are_dashed():
    """Routes are named by paths or by nodes on them; dashes let branches share a colour."""
    net = w131()
    crossed = [("a_22", "yhat_1"), (net["a_21"], "yhat_2")]
    network = describe_network(net["L"], net["w_131"], omitted=crossed)
    assert [r.dashed for r in network.routes] == [False, True, True, False]
    assert [r.colour for r in network.routes] == [0, 1, 0, 1]
    assert network.footnote == "dashed: routes that are left out"
    given = [path for path in paths(net["L"], "w_131") if net["yhat_2"] in path.nodes]
    by_path = describe_network(net["L"], "w_131", omitted=given, footnote="the second output")
    assert [r.dashed for r in by_path.routes] == [False, False, True, True]
    assert by_path.footnote == "the second output"
    by_name = describe_network(net["L"], "w_131", omitted=["yhat_2"])
    assert [r.dashed for r in by_name.routes] == [False, False, True, True]


def test_a_weight_of_the_last_layer():
    """The two routes of w_212 begin with the link that carries it."""
    net = w212()
    network = describe_network(net["L"], "w_212")
    assert [r.links[0] for r in network.routes] == [("neuron 1 2", "neuron 2 1")] * 2
    assert network.total == "−0.1304"


def test_a_trained_network_with_names():
    """The outputs of an MLP stand in a column of their own, with the weights on their links."""
    network = describe_network(mlp(), "w_121")
    assert network.headings == ("inputs", "hidden: tanh", "output", "loss")
    assert [link.label for link in network.links if link.target == "yhat_1"] != [None] * 3
    (route,) = network.routes
    assert route.legend == "a_12 → h_12 → yhat_1 → y"
    assert network_svg(network).startswith("<svg")


def test_a_chain_with_short_names():
    """One neuron per layer needs no neuron number."""
    network = describe_network(chain(), "w_2")
    assert [circle.parts[0][0] for circle in network.circles] == ["x", "h_1", "h_2", "yhat", "L"]
    assert network.circles[3].kind == "output"
    (route,) = network.routes
    assert route.links[0] == ("neuron 1 1", "neuron 2 1")


def test_a_condensed_graph_and_no_highlight():
    """A weighted graph will do; without a highlight there is neither table nor route."""
    network = describe_network(condense(w131()["L"]))
    assert network == describe_network(w131()["L"])
    assert network.routes == ()
    assert network.table_title == ""


def test_a_neuron_can_be_highlighted():
    """The routes of a hidden neuron, and of the loss itself."""
    net = w131()
    network = describe_network(net["L"], "h_13")
    assert network.routes[0].links[0] == ("neuron 1 3", "neuron 2 1")
    assert all(link.style != "highlight" for link in network.links)
    end = describe_network(net["L"], net["L"])
    assert (end.total, end.routes) == ("+1", ())


def test_many_routes_are_cut_to_the_largest():
    """The footnote says how many there are, and that the sum is over all."""
    net = w131()
    network = describe_network(net["L"], "x_1", limit=3, omitted=["a_21"])
    assert len(network.routes) == 3
    assert "the 3 largest of 16 paths; the sum is over all" in network.footnote


def test_a_node_without_influence():
    """Nothing leads from it: the table says so."""
    network = describe_network(w131()["L"], Value(1.0, "w_999"))
    assert network.routes == ()
    assert network.footnote == "no route leads there"
    assert network.total == "0"


def test_a_graph_without_textbook_names():
    """The error says which names are needed, and what needs none."""
    x = Value(1.0, "speed")
    with pytest.raises(UnknownNameError, match="has none of them") as caught:
        describe_network(x.tanh())
    assert "view='nodes'" in str(caught.value)
    with pytest.raises(UnknownNameError, match="has w_1"):
        describe_network(Value(1.0, "w_1") * 2)


def test_activations_without_a_common_rule():
    """A column of leaves, or of different activations, is headed plainly."""
    h, w = Value(0.5, "h_11"), Value(2.0, "w_211")
    y = (h * w).tanh()
    y.label = "yhat_1"
    assert describe_network(y).headings == ("hidden", "output")
    relu, tanh = h.relu(), h.tanh()
    relu.label, tanh.label = "h_21", "h_22"
    assert describe_network(relu * tanh).headings == ("hidden", "hidden", "loss")


def test_constant_weights_are_not_written():
    """A weight that is a constant is no edge of the graph, so its link is plain."""
    x, w = Value(2.0, "x_1"), Value(3.0, "w_111")
    a = x * w.data
    a.label = "a_11"
    (link, _) = describe_network(a.tanh()).links
    assert link.label is None


def test_two_edges_between_circles_are_one_link():
    """An output that uses a pre-activation and its activation has one link from their circle."""
    a = Value(0.5, "x_1") * 2.0
    h = a.tanh()
    y = a * h
    a.label, h.label, y.label = "a_11", "h_11", "yhat_1"
    assert [link.ends for link in describe_network(y).links] == [
        ("x_1", "neuron 1 1"),
        ("neuron 1 1", "yhat_1"),
    ]


def test_neurons_with_one_index_are_a_layer_unless_they_are_a_chain():
    """S2 counts the neurons of its one hidden layer h_1, h_2, h_3; a chain counts its layers."""
    net, _ = vector_rules.relu_classifier()
    network = describe_network(net.root, "w_111")
    columns = {c.name: c.column for c in network.circles}
    assert columns["neuron 1 1"] == columns["neuron 1 2"] == columns["neuron 1 3"] == 1
    assert columns["f_1"] == columns["f_3"] == 2
    assert list(network.headings) == ["inputs", "hidden: relu", "output", "softmax", "loss"]
    chain = calculus.chain_network()
    columns = {c.name: c.column for c in describe_network(chain.root).circles}
    assert columns["neuron 1 1"] < columns["neuron 2 1"]


def test_a_linear_layer_is_called_so():
    """A hidden layer without activation has the heading "linear"."""
    net, _ = vector_rules.linear_regression()
    assert describe_network(net.root).headings[1] == "hidden: linear"


def loss_of(sizes, *, names, penalty=0.0):
    """The loss of a network, its inputs named, with a penalty on the weights."""
    model = MLP(sizes[0], sizes[1:], "tanh", seed=0)
    out = model([Value(0.5, f"x_{j}") for j in range(1, sizes[0] + 1)], names=names)
    loss = (out - 1.0) ** 2 + penalty * engine.sum([p * p for p in model.parameters()])
    loss.label = "L"
    return loss


@pytest.mark.parametrize("sizes", [(2, 3, 1), (1, 1, 1)])
def test_hidden_neurons_without_names_are_not_left_out_silently(sizes):
    """Else the weights of several layers would be drawn as one that leads to the loss."""
    with pytest.raises(UnknownNameError, match=r"w_211 and w_111.*names=True"):
        describe_network(loss_of(sizes, names=False))


def test_a_penalty_writes_no_weights_on_the_links_to_the_loss():
    """The loss depends on every weight then, but its links carry none."""
    links = describe_network(loss_of((2, 1), names=True, penalty=0.1)).links
    assert [link.label for link in links if link.target == "loss"] == [None]
    assert describe_network(loss_of((2, 1), names=False)).links[0].label == "0.689"


def skipping():
    """Record x -> h -> yhat beside a direct link x -> yhat."""
    x, w, v = Value(1.5, "x_1"), Value(0.5, "w_111"), Value(0.3, "w_211")
    h = engine.tanh(w * x) + x
    h.label = "h_11"
    yhat = v * h + 0.5 * x
    yhat.label = "yhat_1"
    return (yhat - 1) ** 2


def test_a_link_past_a_layer_does_not_take_the_weight_of_another():
    """w_211 belongs to the link from h_11, not to the one from x_1."""
    network = describe_network(skipping(), "w_211")
    labels = {link.ends: link.label for link in network.links}
    assert labels["x_1", "yhat_1"] is None
    assert labels["neuron 1 1", "yhat_1"] == "w_211 = 0.3"
    assert network.routes[0].links[0] == ("neuron 1 1", "yhat_1")


def test_headings_say_softmax_and_linear_only_where_it_is_so():
    """Neither a product of two neurons nor a residual block is what it may look like."""
    a, b = Value(1.0, "a_11"), Value(2.0, "a_12")
    for make, heading in (
        (lambda: a * b, "output"),
        (lambda: a - b, "output"),
        (lambda: engine.softmax([a, b])[0], "softmax"),
    ):
        yhat = make()
        yhat.label = "yhat_1"
        assert describe_network(yhat).headings[1] == heading
    assert describe_network(skipping()).headings[1] == "hidden"
    x, w = Value(2.0, "x_1"), Value(0.5, "w_111")
    for make, heading in (
        (lambda: x * w + 1 + w * x, "hidden: linear"),
        (lambda: (x + 1) * (x + 2) + 1, "hidden"),
    ):
        h = make()
        h.label = "h_11"
        assert describe_network(h * h).headings[1] == heading


def test_chosen_paths():
    """Only these are drawn; the footnote says so unless they are all."""
    net = w131()
    every = list(paths(net["L"], "w_131"))
    some = describe_network(net["L"], iter(every[1:3]))
    assert [route.contribution for route in some.routes] == ["+0.004739", "−0.003159"]
    assert (some.total, some.footnote) == ("+0.003159", "chosen routes; the sum is over all")
    assert describe_network(net["L"], every).footnote == ""
    assert describe_network(net["L"], []) == describe_network(net["L"])


@pytest.mark.parametrize(
    ("choose", "said"),
    [
        (lambda net: 3.5, "highlight must be a Value, a label, or paths"),
        (lambda net: list(paths(net["a_21"], "w_131")), "not one of the graph that is drawn"),
        (lambda net: list(paths(w131()["L"], "w_131")), "not one of the graph that is drawn"),
        (
            lambda net: [*paths(net["L"], "w_131"), *paths(net["L"], "w_111")],
            "start from 2 nodes, 'w_111', 'w_131'",
        ),
    ],
)
def test_paths_that_cannot_be_drawn(choose, said):
    """The error says what is wrong with them."""
    net = w131()
    with pytest.raises(ValueTypeError, match=said):
        describe_network(net["L"], choose(net))


def test_a_single_neuron_with_one_index_is_a_layer():
    """A chain of one."""
    x, w = Value(2.0, "x"), Value(0.5, "w_1")
    h = (x * w).tanh()
    h.label = "h_1"
    names = [circle.name for circle in describe_network((h - 1) ** 2).circles]
    assert names == ["x_1", "neuron 1 1", "loss"]


def test_a_layer_on_a_layer_is_linear_too():
    """A weight times a neuron, and a bias; a product of two neurons is not."""
    x, w = Value(2.0, "x_1"), Value(0.5, "w_111")
    h = x * w + Value(0.1, "b_11")
    h.label = "h_11"
    linear = h * Value(0.3, "w_211") + Value(0.2, "b_21")
    linear.label = "h_21"
    assert describe_network((linear - 1) ** 2).headings[1:3] == ("hidden: linear",) * 2
    squared = h * h + Value(0.2, "b_21")
    squared.label = "h_21"
    assert describe_network((squared - 1) ** 2).headings[1:3] == ("hidden: linear", "hidden")


def test_outputs_of_which_only_some_are_shares_are_no_softmax():
    """Each has to be p of a softmax."""
    a = [Value(0.5, "x_1") * Value(1.0, "w_111"), Value(0.5, "x_1") * Value(2.0, "w_121")]
    for k, node in enumerate(a, start=1):
        node.label = f"a_1{k}"
    shares = engine.softmax(a)
    outputs = [shares[0], a[1].tanh()]
    for both, heading in ((shares, "softmax"), (outputs, "output")):
        for k, node in enumerate(both, start=1):
            node.label = f"yhat_{k}"
        assert heading in describe_network(both[0] + both[1]).headings
