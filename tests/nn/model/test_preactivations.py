"""The pre-activations of a layer at once: what neurons record one by one, and when they do not."""

import pytest

from engine import Value, no_grad, topological_order
from nn import Layer
from nn.model.preactivations import preactivations


@pytest.mark.parametrize("expanded", [False, True])
@pytest.mark.parametrize("x", [[0.1, -2], [Value(0.1), Value(-2.0)]])
def test_the_layer_records_what_its_neurons_record(expanded, x):
    """Node by node, to the last bit; numbers into an expanded layer are left to the neurons."""
    neurons = Layer(2, 3, expanded=expanded, seed=1).neurons
    found = preactivations(neurons, x)
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
    assert preactivations(neurons, x) is None


def test_a_number_in_the_place_of_a_parameter_is_left_to_the_neurons():
    """A plain number has no data; and nothing is recorded inside no_grad by an expanded layer."""
    neurons = Layer(1, 1, seed=1).neurons
    neurons[0].b = 0.5
    assert preactivations(neurons, [1.0]) is None
    with no_grad():
        assert preactivations(Layer(1, 1, expanded=True).neurons, [Value(1.0)]) is None
