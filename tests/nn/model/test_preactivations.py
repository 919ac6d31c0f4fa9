"""The pre-activations of a layer at once: what neurons record one by one, and when they do not."""

import pytest

from engine import Value, no_grad, topological_order
from nn import Layer
from nn.model.preactivations import Preactivations


@pytest.mark.parametrize("expanded", [False, True])
@pytest.mark.parametrize("x", [[0.1, -2], [Value(0.1), Value(-2.0)]])
def test_the_layer_records_what_its_neurons_record(expanded, x):
    """Node by node, to the last bit; numbers into an expanded layer are left to the neurons."""
    neurons = Layer(2, 3, expanded=expanded, seed=1).neurons
    found = Preactivations()(neurons, x)
    if expanded and x[0] == 0.1:
        assert found is None
        return
    for a, neuron in zip(found, neurons, strict=True):
        one = neuron.preactivation(x)
        for n, m in zip(topological_order(a), topological_order(one), strict=True):
            assert (n.data, n.op, n.partials) == (m.data, m.op, m.partials)
        assert a.data == one.data


@pytest.mark.parametrize("x", [[Value(1.0), 2.0], [1.0, "a"], [Value(1e308), Value(1e308)]])
@pytest.mark.parametrize("expanded", [False, True])
def test_what_is_unusual_is_left_to_the_neurons(expanded, x):
    """Mixtures, what is no number, and an overflow."""
    neurons = Layer.from_weights([[10.0, 1.0]], expanded=expanded).neurons
    assert Preactivations()(neurons, x) is None


def test_a_number_in_the_place_of_a_parameter_is_left_to_the_neurons():
    """A plain number has no data; and nothing is recorded inside no_grad by an expanded layer."""
    neurons = Layer(1, 1, seed=1).neurons
    neurons[0].b = 0.5
    assert Preactivations()(neurons, [1.0]) is None
    with no_grad():
        assert Preactivations()(Layer(1, 1, expanded=True).neurons, [Value(1.0)]) is None


def test_the_samples_of_a_step_share_the_weights():
    """One tuple for all of them; after a step of the optimiser there is another."""
    layer, x = Layer.from_weights([[2.0, 3.0], [4.0, 5.0]], activation=None), [Value(1.0)] * 2
    first, second = layer(x), layer(x)
    assert [a.da[1] for a in first] == [(2.0, 3.0), (4.0, 5.0)]
    assert all(a.da[1] is b.da[1] for a, b in zip(first, second, strict=True))
    layer.neurons[1].w[0].data = 7.0
    assert [a.da[1] for a in layer(x)] == [(2.0, 3.0), (7.0, 5.0)]
    layer.neurons.pop()
    assert layer(x).data == 5.0
