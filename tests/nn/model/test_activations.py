"""Activations by name."""

import math

import pytest

import engine
from engine import UnknownNameError, ValueTypeError
from nn.model.activations import ACTIVATIONS, find_activation, spelled


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_each_name_finds_the_engines_function(name):
    """The activation is the function of the derivative table."""
    assert find_activation(name) is getattr(engine, name)


def test_linear_is_no_function():
    """A linear neuron applies nothing."""
    assert find_activation("linear") is None


def test_a_function_is_its_own_activation():
    """Any function of one Value will do."""
    assert find_activation(engine.sin) is engine.sin


def test_an_unknown_activation_lists_the_known():
    """The message names what was given, what there is, and softmax's place."""
    with pytest.raises(UnknownNameError, match=r"'rellu'; known are 'elu'.*'softmax' for"):
        find_activation("rellu")


def test_something_else_is_no_activation():
    """A number is refused."""
    with pytest.raises(ValueTypeError, match=r"not 3 \(int\)"):
        find_activation(3)


def test_spellings():
    """Names print as micrograd writes them; a function without a name is somebody's own."""
    assert [spelled(a) for a in ("relu", "linear", "tanh", "silu")] == [
        "ReLU",
        "Linear",
        "Tanh",
        "SiLU",
    ]

    class Bent:
        def __call__(self, x):
            return x

    assert spelled(Bent()) == "Own"


def test_a_function_of_plain_numbers_is_refused():
    """The module math would cut the gradient off without a word."""
    with pytest.raises(ValueTypeError, match=r"math\.tanh .* no gradient"):
        find_activation(math.tanh)
