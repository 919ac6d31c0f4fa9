"""The textbook's names are written and read."""

import pytest

from nn.names import Name, is_short, parse_name, textbook_name


def test_one_digit_indices_are_written_together():
    """w_131 is layer 1, neuron 3, input 1."""
    assert textbook_name("w", 1, 3, 1) == "w_131"
    assert textbook_name("b", 2, 9) == "b_29"


def test_two_digit_indices_are_kept_apart():
    """w_1132 could be read in two ways, so commas separate the indices."""
    assert textbook_name("w", 1, 13, 2) == "w_1,13,2"
    assert textbook_name("w", 11, 3, 2) != textbook_name("w", 1, 13, 2)


def test_a_symbol_without_indices_stands_alone():
    """The loss is just L."""
    assert textbook_name("L") == "L"


@pytest.mark.parametrize(
    "indices", [("w", 1, 3, 1), ("w", 1, 13, 2), ("a", 2, 11), ("h", 1, 3), ("x", 12), ("yhat", 1)]
)
def test_what_is_written_is_read(indices):
    """A name that `textbook_name` writes comes back as its parts."""
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
        ("y_hat_2", Name("yhat", (2,))),
        ("w_{1,13,2}", Name("w", (1, 13, 2))),
    ],
)
def test_a_chains_short_names_are_read(label, name):
    """A network of one neuron per layer leaves out the neuron's number."""
    assert parse_name(label) == name


@pytest.mark.parametrize(
    "label",
    ["", "L", "w", "h", "w_12", "a_1,2,3", "x_1,2", "w_ab", "w_t-1", "momentum_1", "xhat_1"],
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


def test_the_layers_of_a_chain():
    """One index of a neuron is its layer; an input, an output and a weight have no short form."""
    assert all(map(is_short, ("h_2", "a_1", "b_3", "h2")))
    assert not any(map(is_short, ("h_12", "h_1,2", "h", "x_2", "yhat_1", "w_3", "L_1")))
