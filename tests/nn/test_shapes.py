"""Checks of sizes and lengths."""

import pytest

from engine import ShapeError
from nn.shapes import check_inputs, is_list, positive_size, row_lengths


@pytest.mark.parametrize("bad", [0, -3])
def test_a_size_is_positive(bad):
    """Zero and negative sizes are refused by name."""
    with pytest.raises(ShapeError, match=f"the number of inputs must be at least 1, not {bad}"):
        positive_size(bad, "the number of inputs")


@pytest.mark.parametrize("bad", [2.0, "2", None, True, [2]])
def test_a_size_is_a_whole_number(bad):
    """Other things than whole numbers are refused; True is not meant as 1."""
    with pytest.raises(ShapeError, match="must be a whole number"):
        positive_size(bad, "size")


def test_numpys_whole_numbers_are_sizes():
    """Sizes often come out of array shapes."""
    numpy = pytest.importorskip("numpy")
    assert positive_size(numpy.int64(4), "size") == 4


def test_what_is_a_list():
    """Lists, tuples and arrays are; texts, sets and numbers are not."""
    numpy = pytest.importorskip("numpy")
    assert all(map(is_list, ([], (1,), numpy.zeros(3))))
    assert not any(map(is_list, ("ab", {1}, 3, None)))


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
