"""Neurons and layers."""

import copy
import math
import pickle
import random

import pytest

import engine
from engine import ShapeError, UnknownNameError, Value, ValueTypeError, count_paths, gradients
from nn import Layer, Neuron
from nn.model.layers import check_inputs, named_parameter, row_lengths


def test_micrograds_constructors():
    """Neuron(2) is a relu neuron, nonlin=False a linear one, with weights in (-1, 1), bias 0."""
    neuron, linear = Neuron(2), Neuron(2, nonlin=False)
    assert (repr(neuron), repr(linear)) == ("ReLUNeuron(2)", "LinearNeuron(2)")
    assert (neuron.nonlin, linear.nonlin) == (True, False)
    assert all(-1.0 <= w.data <= 1.0 for w in neuron.w)
    assert neuron.b.data == 0.0
    assert neuron.parameters() == [*neuron.w, neuron.b]


def test_a_neuron_is_one_dot_and_one_activation():
    """An edge for each weight, input and bias, as the textbook draws it."""
    neuron = Neuron.from_weights([2.0, -1.0], 0.5, activation="tanh")
    x = [Value(0.25), Value(0.5)]
    h = neuron(x)
    (a,) = h.parents
    assert (h.op.name, a.op.name) == ("tanh", "dot")
    assert a.parents == (*neuron.w, *x, neuron.b)
    assert a.partials == (0.25, 0.5, 2.0, -1.0, 1.0)
    assert h.data == math.tanh(0.5)


def test_expanded_gives_the_same_numbers_with_more_nodes():
    """Every multiplication and addition is a node; outputs and gradients agree to the last bit."""
    draw = random.Random(5)
    ws, xs = ([draw.uniform(-1, 1) for _ in range(7)] for _ in range(2))
    results = []
    for expanded in (False, True):
        neuron = Neuron.from_weights(ws, 0.1, activation="sigmoid", expanded=expanded)
        h = neuron([Value(x) for x in xs])
        h.backward()
        results.append((h.data, [p.grad for p in neuron.parameters()]))
        nodes = len(engine.topological_order(h))
        assert nodes == (15 + 2 * 7 + 1 if expanded else 15 + 2)
    assert results[0] == results[1]


def test_a_neuron_counts_its_inputs():
    """Too many, too few, and a number that is no list."""
    neuron = Neuron(2)
    for bad in ([1.0], [1.0, 2.0, 3.0], 1.0):
        with pytest.raises(ShapeError, match="Neuron needs"):
            neuron(bad)


@pytest.mark.parametrize("size", [0, -1, 1.5, "2"])
def test_bad_sizes(size):
    """Sizes are positive whole numbers."""
    with pytest.raises(ShapeError, match="the number of inputs"):
        Neuron(size)
    with pytest.raises(ShapeError, match="the number of outputs"):
        Layer(2, size)


def test_bad_weights():
    """No weights, texts, and None are refused; the message names the weight."""
    with pytest.raises(ShapeError, match="at least one weight"):
        Neuron.from_weights([])
    with pytest.raises(ValueTypeError, match="w_2 must be a real number"):
        Neuron.from_weights([1.0, "2"])
    with pytest.raises(ValueTypeError, match="b must be a real number"):
        Neuron.from_weights([1.0], None)


def test_softmax_needs_a_layer():
    """One neuron cannot be a softmax."""
    with pytest.raises(UnknownNameError, match="give it to a Layer"):
        Neuron(2, activation="softmax")


def test_given_values_are_shared_and_keep_their_names():
    """Two neurons can have one weight; only a nameless Value is named."""
    shared, nameless = Value(2.0, "mine"), Value(3.0)
    neuron = Neuron.from_weights([shared, nameless], 0.0)
    assert neuron.w == [shared, nameless]
    assert [w.label for w in neuron.w] == ["mine", "w_2"]
    assert named_parameter(shared, "other") is shared


def test_a_layer_applies_all_its_neurons():
    """Rows are neurons; one neuron alone gives its Value, as in micrograd."""
    layer = Layer.from_weights([[1.0, 2.0], [3.0, -4.0]], [0.5, 0.0])
    assert [h.data for h in layer([1.0, 1.0])] == [3.5, 0.0]
    assert repr(layer) == "Layer of [ReLUNeuron(2), ReLUNeuron(2)]"
    single = Layer(2, 1, nonlin=False, seed=1)
    assert isinstance(single([1.0, 2.0]), Value)
    assert len(single.outputs([1.0, 2.0])) == 1


@pytest.mark.parametrize("activation", ["relu", "linear", "softmax", engine.sin])
@pytest.mark.parametrize("kind", [Value, float, int])
def test_the_fast_way_records_the_same_nodes_as_dot(activation, kind):
    """A layer reads its inputs once; its nodes are those that neurons make one by one."""
    x = [kind(k) for k in (3, -2, 1)]
    layer = Layer(3, 4, seed=2, activation=activation)
    fast = [a if activation == "linear" else a.parents[0] for a in layer.outputs(x)]
    if activation == "softmax":
        fast = [a.parents[0] for a in fast]
    for neuron, a in zip(layer.neurons, fast, strict=True):
        slow = engine.dot(neuron.w, x, neuron.b)
        assert (a.data, a.op, a.parents, a.partials) == (
            slow.data,
            slow.op,
            slow.parents,
            slow.partials,
        )
        assert a.operands == slow.operands


def test_mixed_inputs_are_taken_one_by_one():
    """Values beside numbers, and NumPy's numbers, go the general way."""
    numpy = pytest.importorskip("numpy")
    layer = Layer.from_weights([[1.0, 2.0]], 0.0)
    assert layer([Value(3.0), 1.0]).data == 5.0
    assert layer(numpy.array([3.0, 1.0])).data == 5.0


def test_an_overflow_is_reported_by_dot():
    """The fast way leaves trouble to the engine, which names the operation."""
    with pytest.raises(engine.DomainError, match="dot"):
        Layer.from_weights([[1e200, 1e200]], 0.0)([1e200, 1e200])


def test_no_grad_records_nothing():
    """Without recording, outputs are constants."""
    layer = Layer(2, 2, seed=1)
    with engine.no_grad():
        assert [h.parents for h in layer([1.0, 2.0])] == [(), ()]


def test_a_softmax_layer_gives_shares():
    """They are positive, add up to 1, and each depends on every neuron."""
    layer = Layer.from_weights([[1.0], [2.0], [3.0]], 0.0, activation="softmax")
    shares = layer([1000.0])
    assert [share.data for share in shares][2] == 1.0
    assert sum(share.data for share in layer([1.0])) == pytest.approx(1.0, rel=1e-15)
    assert repr(layer).endswith("with softmax")
    assert set(layer.parameters()) <= set(gradients(shares[0]))


def test_names_of_a_layer():
    """Parameters carry neuron and input; new nodes are named on request."""
    layer = Layer(2, 2, seed=1, activation="tanh")
    assert list(layer.named_parameters()) == ["w_11", "w_12", "b_1", "w_21", "w_22", "b_2"]
    assert [p.label for p in layer.parameters()] == list(layer.named_parameters())
    h = layer.outputs([1.0, 2.0], symbol="h")
    assert [n.label for n in h] == ["h_1", "h_2"]
    assert [n.parents[0].label for n in h] == ["a_1", "a_2"]
    assert count_paths(h[0], layer.neurons[0].w[0]) == 1


def test_a_bad_layer():
    """Ragged rows, wrong biases and wrong inputs each have their sentence."""
    with pytest.raises(ShapeError, match=r"layer 3: the rows of the weights have \[2, 1\]"):
        Layer.from_weights([[1.0, 2.0], [3.0]], 0.0, place=(3,))
    with pytest.raises(ShapeError, match="2 rows of weights but 1 biases"):
        Layer.from_weights([[1.0], [2.0]], [0.0])
    with pytest.raises(ShapeError, match="Layer needs 1 inputs"):
        Layer.from_weights([[1.0], [2.0]])([1.0, 2.0])


def test_seeds_make_weights_repeatable():
    """The same seed, the same layer; the next seed, another."""
    assert Layer(3, 2, seed=4).state_dict() == Layer(3, 2, seed=4).state_dict()
    assert Layer(3, 2, seed=4).state_dict() != Layer(3, 2, seed=5).state_dict()
    assert Neuron(3, seed=4).state_dict() == Neuron(3, seed=4).state_dict()


def test_xavier_knows_the_whole_layer():
    """The bound depends on inputs and outputs, so a wide layer starts small."""
    wide = Layer(2, 98, init="xavier", seed=1)
    bound = math.sqrt(6.0 / 100.0)
    assert max(abs(w.data) for n in wide.neurons for w in n.w) <= bound


def test_a_copy_learns_on_its_own():
    """A deep copy shares no parameter with the original."""
    layer = Layer(2, 2, seed=1)
    other = copy.deepcopy(layer)
    other.neurons[0].w[0].data = 9.0
    assert layer.neurons[0].w[0].data != 9.0
    assert other.state_dict().keys() == layer.state_dict().keys()


@pytest.mark.parametrize("expanded", [False, True])
def test_a_plain_number_in_the_place_of_a_weight_is_a_constant(expanded):
    """Freezing a weight by hand works in both forms, and the layer has one edge less."""
    layer = Layer.from_weights([[2.0, 3.0], [4.0, 5.0]], expanded=expanded, activation=None)
    layer.neurons[0].w[1] = 7.0
    x = [Value(1.0), Value(10.0)]
    first, second = layer(x)
    assert (first.data, second.data) == (72.0, 54.0)
    first.backward()
    assert (x[0].grad, x[1].grad) == (2.0, 7.0)
    assert [a.data for a in layer([1.0, Value(10.0)])] == [72.0, 54.0]


def test_an_expanded_layer_finds_an_overflow():
    """The quick way gives up, and the operators say what went wrong."""
    layer = Layer.from_weights([[1e200]], expanded=True, activation=None)
    with pytest.raises(engine.DomainError, match=r"mul\(x, y\) .* overflows"):
        layer([Value(1e200)])


def test_shared_partials_are_those_of_the_moment():
    """Neurons and samples share tuples; a change of a weight leaves what was recorded alone."""
    layer = Layer.from_weights([[2.0, 3.0], [4.0, 5.0]], [0.5, 0.25], activation=None)
    x = [Value(1.0), Value(10.0)]
    before, again = layer(x), layer(x)
    layer.neurons[0].w[0].data = 7.0
    after = layer(x)
    assert before[0].da[0] is before[1].da[0]
    assert before[0].da[1] is again[0].da[1]
    for k, neuron in enumerate(layer.neurons):
        assert after[k].partials == engine.dot(neuron.w, x, neuron.b).partials
    assert before[0].partials == (1.0, 10.0, 2.0, 3.0, 1.0)
    assert after[0].partials == (1.0, 10.0, 7.0, 3.0, 1.0)
    copy = pickle.loads(pickle.dumps(before[0]))
    assert copy.partials == before[0].partials
    numbers = layer([1.0, 10.0])
    assert numbers[0].partials == (1.0, 10.0, 1.0)
    assert numbers[0].operands[2:] == (1.0, 10.0, layer.neurons[0].b)


@pytest.mark.parametrize("bad", [[], 3, "ab", [1, 2], [[1], 2]])
def test_a_matrix_is_a_list_of_rows(bad):
    """Anything else is refused, and the message says where."""
    with pytest.raises(ShapeError, match="layer 2: the weights of a layer must be a list"):
        row_lengths(bad, "layer 2: ")


def test_the_rows_are_measured():
    """Each row has its length."""
    assert row_lengths([[1, 2], [3]], "") == [2, 1]


def test_inputs_are_counted():
    """Too many, too few and no list at all are refused."""
    check_inputs("Neuron", 2, [1.0, 2.0])
    with pytest.raises(ShapeError, match=r"Neuron needs 2 inputs.*given 3"):
        check_inputs("Neuron", 2, [1.0, 2.0, 3.0])
    with pytest.raises(ShapeError, match=r"Neuron needs a list of 2 inputs, not 1\.0"):
        check_inputs("Neuron", 2, 1.0)
