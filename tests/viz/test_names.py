"""Textbook names are read as they are written."""

import pytest

from nn.names import textbook_name
from viz.names import Name, parse_name


@pytest.mark.parametrize(
    "indices", [("w", 1, 3, 1), ("w", 1, 13, 2), ("a", 2, 11), ("h", 1, 3), ("x", 12), ("yhat", 1)]
)
def test_what_is_written_is_read(indices):
    """A name that `nn.names` writes comes back as its parts."""
    symbol, *numbers = indices
    assert parse_name(textbook_name(symbol, *numbers)) == Name(symbol, tuple(numbers))


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("h_2", Name("h", (2, 1))),
        ("w_3", Name("w", (3, 1, 1))),
        ("w1", Name("w", (1, 1, 1))),
        ("x", Name("x", (1,))),
        ("yhat", Name("yhat", (1,))),
    ],
)
def test_a_chains_short_names_are_read(label, name):
    """A network of one neuron per layer leaves out the neuron's number."""
    assert parse_name(label) == name


@pytest.mark.parametrize(
    "label", ["", "L", "w", "h", "w_12", "a_1,2,3", "x_1,2", "w_ab", "momentum_1"]
)
def test_other_labels_are_no_names(label):
    """What is not a textbook name is None, not a guess."""
    assert parse_name(label) is None


def test_layers():
    """Weights, biases and neurons have a layer, inputs and outputs none."""
    assert [parse_name(n).layer for n in ("w_231", "b_21", "a_11", "x_1", "yhat_2")] == [
        2,
        2,
        1,
        None,
        None,
    ]
