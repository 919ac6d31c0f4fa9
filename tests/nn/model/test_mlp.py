"""Networks of layers."""

import random

import pytest

import engine
from engine import ShapeError, UnknownNameError, Value, check_gradients, count_paths
from nn import MLP, Layer, Neuron, fit, load, squared_error
from nn.textbook import w131
from nn.textbook.paths import W1, W2, X, Y

WEIGHTS = [[[1.0, -1.0], [0.5, 0.5]], [[2.0, 1.0]]]


def test_micrograd_gives_the_same_numbers():
    """The same seed makes the same network, outputs and gradients; and it prints the same."""
    theirs = pytest.importorskip("micrograd.nn")
    value = pytest.importorskip("micrograd.engine").Value
    random.seed(1337)
    peer = theirs.MLP(2, [16, 16, 1])
    random.seed(1337)
    model = MLP(2, [16, 16, 1])
    assert repr(model) == repr(peer)
    assert [p.data for p in model.parameters()] == [p.data for p in peer.parameters()]
    y, y_peer = model([Value(0.5), Value(-1.5)]), peer([value(0.5), value(-1.5)])
    y.backward()
    y_peer.backward()
    assert y.data == y_peer.data
    assert [p.grad for p in model.parameters()] == pytest.approx(
        [p.grad for p in peer.parameters()], rel=1e-14, abs=1e-300
    )


def test_one_output_is_a_value_and_more_are_a_list():
    """As in micrograd; a hidden layer of one neuron works too."""
    assert isinstance(MLP(2, [1, 1])([1.0, 2.0]), Value)
    assert len(MLP(2, [3, 2])([1.0, 2.0])) == 2


def test_given_weights():
    """Rows are neurons; biases are a list for each layer, a number for all, or left out."""
    assert MLP.from_weights(WEIGHTS, [[0.0, 0.0], [1.0]])([3.0, 1.0]).data == 7.0
    assert MLP.from_weights(WEIGHTS, [0.0, 1.0])([3.0, 1.0]).data == 7.0
    assert MLP.from_weights(WEIGHTS)([3.0, 1.0]).data == 6.0


def test_expanded_networks_agree_to_the_last_bit():
    """A node for each operation gives the same output and the same gradients."""
    found = []
    for expanded in (False, True):
        model = MLP(2, [4, 3, 1], "tanh", seed=3, expanded=expanded)
        y = model([Value(0.3), Value(-0.7)])
        y.backward()
        found.append((y.data, [p.grad for p in model.parameters()]))
    assert found[0] == found[1]


def test_parameters_have_the_textbooks_names():
    """w_131 is layer 1, neuron 3, input 1; two digits are kept apart."""
    model = MLP(2, [13, 1], seed=1)
    names = list(model.named_parameters())
    assert names[6:9] == ["w_131", "w_132", "b_13"]
    assert names[-2:] == ["w_2,1,13", "b_21"]
    assert "w_1,13,2" in names
    assert [p.label for p in model.parameters()] == names


def test_nodes_are_named_on_request():
    """Inputs, pre-activations, activations and outputs get the textbook's names."""
    model = MLP(2, [2, 2], output_activation="softmax", seed=1)
    x_2 = Value(2.0, "mine")
    y = model([1.0, x_2], names=True)
    labels = {n.label for share in y for n in engine.topological_order(share)}
    assert {"x_1", "mine", "a_11", "h_12", "a_21", "a_22", "yhat_1", "yhat_2"} <= labels
    assert "x_2" not in labels
    assert count_paths(y[0], model.layers[0].neurons[0].w[0]) == 2  # through a_21 and a_22


def test_a_linear_output_is_the_output():
    """Without an activation the pre-activation itself is yhat."""
    y = MLP(1, [1, 1], seed=1)([1.0], names=True)
    assert y.label == "yhat_1"
    assert y.op.name == "dot"


def test_nothing_is_named_unasked():
    """Names cost time, so training makes none."""
    y = MLP(2, [2, 1], seed=1)([1.0, 2.0])
    assert {n.label for n in engine.topological_order(y) if not n.is_leaf} == {""}


@pytest.mark.parametrize("output", ["sigmoid", "softmax", None])
def test_gradients_agree_with_central_differences(output):
    """By the inputs, through every kind of output layer."""
    model = MLP(3, [4, 2], "tanh", output, seed=6)
    check_gradients(lambda *x: squared_error(model(x), [1.0, 0.0]), 0.3, -0.2, 0.9)


def test_the_network_of_the_lecture():
    """MLP.from_weights gives the gradients of the network that is built node by node."""
    model = MLP.from_weights([W1, W2], [0.0, 0.0], "sigmoid", "softmax")
    loss = squared_error(model(X), list(Y))
    loss.backward()
    net = w131()
    for name, p in model.named_parameters().items():
        if name.startswith("w"):
            assert p.grad == pytest.approx(net.gradient(name), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("nouts", [[], 3, "16", None])
def test_layers_are_a_list_of_sizes(nouts):
    """An empty list and a bare number are refused."""
    with pytest.raises(ShapeError, match="nouts must be a list"):
        MLP(2, nouts)


def test_bad_networks():
    """Each misfit has its sentence, which names the layer."""
    with pytest.raises(ShapeError, match="the size of layer 2 must be at least 1, not 0"):
        MLP(2, [3, 0])
    with pytest.raises(ShapeError, match="a matrix for each layer"):
        MLP.from_weights([])
    with pytest.raises(ShapeError, match="layer 2 has rows of 2 weights, but layer 1 has 1 neu"):
        MLP.from_weights([[[1.0, 2.0]], [[1.0, 2.0]]])
    with pytest.raises(ShapeError, match="an entry for each of the 2 layers"):
        MLP.from_weights(WEIGHTS, [0.0])
    with pytest.raises(ShapeError, match="an entry for each of the 2 layers"):
        MLP.from_weights(WEIGHTS, 0.0)
    with pytest.raises(ShapeError, match="layer 1: there are 2 rows of weights but 1 biases"):
        MLP.from_weights(WEIGHTS, [[0.0], [0.0]])
    with pytest.raises(UnknownNameError, match="unknown activation 'rlu'"):
        MLP(2, [3, 1], "rlu")
    with pytest.raises(ShapeError, match="MLP needs 2 inputs"):
        MLP(2, [3, 1])([1.0])
    with pytest.raises(ShapeError, match="MLP needs a list of 2 inputs"):
        MLP(2, [3, 1])(1.0)


def test_given_layers_are_joined_and_shared():
    """Each layer keeps its activation and its parameters, under the names of its new place."""
    first, last = Layer(2, 3, activation="tanh", seed=1), Layer(3, 1, False, seed=2)
    model = MLP.from_layers([first, last])
    assert model.parameters() == [*first.parameters(), *last.parameters()]
    assert list(model.named_parameters())[-4:] == ["w_211", "w_212", "w_213", "b_21"]
    assert model([0.5, -1.0]).data == last(first([0.5, -1.0])).data
    with pytest.raises(ShapeError, match="at least one Layer"):
        MLP.from_layers([])
    with pytest.raises(ShapeError, match="layer 2 has rows of 2 weights, but layer 1 has 3 neu"):
        MLP.from_layers([first, first])


def test_a_shared_weight_is_one_parameter():
    """It is stepped, counted and differentiated once, eager and compiled."""

    def tied():
        w = Value(0.5)
        return MLP.from_weights([[[w, w]], [[2.0]]], activation="tanh")

    one, other = tied(), tied()
    assert len(one.parameters()) == 4
    assert list(one.state_dict()) == ["w_111", "b_11", "w_211", "b_21"]
    points = [[0.1, 0.2], [0.5, -0.3]], [1.0, 0.0]
    eager = fit(one, *points, epochs=3, progress=False)
    replayed = fit(other, *points, epochs=3, progress=False, compiled=True)
    assert eager["gradient norm"] == pytest.approx(replayed["gradient norm"], rel=1e-12)


def test_layers_that_are_put_in_are_named_by_their_place_and_saved(tmp_path):
    """No two of them share a name, so none is lost in a file."""
    model = MLP(2, [4, 4, 1], seed=1)
    model.layers[1:] = [Layer(4, 4, seed=2), Layer(4, 3, seed=3)]
    assert len(model.state_dict()) == len(model.parameters()) == 47
    model.save(tmp_path / "m.json")
    again = load(tmp_path / "m.json")
    assert again.state_dict() == model.state_dict()


def test_what_subclasses_add_is_among_the_parameters():
    """Also what is added to a neuron, once for each of them."""

    class Gate(Neuron):
        def __init__(self, nin):
            super().__init__(nin)
            self.w_gate = Value(1.0)

    class Tempered(MLP):
        def __init__(self):
            super().__init__(2, [2, 1])
            self.temperature = Value(1.0)
            self.last = self.temperature * 2  # kept for looking at

    model = Tempered()
    model.layers[0].neurons = [Gate(2), Gate(2)]
    named = model.named_parameters()
    assert {"temperature", "layers[0].neurons[0].w_gate", "layers[0].neurons[1].w_gate"} < {*named}
    assert "last" not in named
    assert set(model.parameters()) == set(named.values())
