"""Reading batches and parameters, with NumPy and without."""

import sys
from fractions import Fraction

import numpy as np
import pytest

from engine import Value
from engine.errors import ShapeError, ValueTypeError
from engine.program import numbers
from engine.program.numbers import (
    added,
    finite,
    read_batch,
    read_values,
    read_vector,
    scaled,
    width,
)


@pytest.fixture(params=["numpy", "lists"])
def without(request, monkeypatch):
    """Run with NumPy, then as if it were not installed; give the tier's kind."""
    if request.param == "lists":
        monkeypatch.setattr(numbers, "numpy", lambda: None)
    return request.param == "numpy"


def plain(table):
    """Write a table as lists."""
    return table.tolist() if isinstance(table, np.ndarray) else table


def test_samples_and_batches_are_told_apart(without):
    """A sequence of numbers is one sample, a sequence of sequences a batch."""
    for given, expected, one in (
        ([1, Fraction(1, 2)], [[1.0, 0.5]], True),
        ((True, 2.0), [[1.0, 2.0]], True),
        ([[1, 2], (3, 4)], [[1.0, 2.0], [3.0, 4.0]], False),
        ([], [], False),
    ):
        table, found = read_batch(given, 2, arrays=without)
        assert (plain(table), found) == (expected, one)
    assert plain(read_batch([], 0, arrays=without)[0]) == [[]]
    assert plain(read_batch([[], []], 0, arrays=without)[0]) == [[], []]


def test_a_sample_of_another_length_is_named_by_its_place():
    """In lists: only where there are several."""
    with pytest.raises(ShapeError, match=r"given was one with 3 numbers$"):
        read_batch([1.0, 2.0, 3.0], 2, arrays=False)
    with pytest.raises(ShapeError, match=r"with 1 numbers in sample 1$"):
        read_batch([[1.0, 2.0], [3.0]], 2, arrays=False)


def test_one_number_is_a_sample_of_one(without):
    """As a function of one argument takes it."""
    for given in (2.0, 2, Fraction(2), np.float64(2.0)):
        table, one = read_batch(given, 1, arrays=without)
        assert (plain(table), one) == ([[2.0]], True)


def test_arrays_are_taken_as_they_are():
    """A C-contiguous float64 array is not copied; others are converted."""
    table = np.ones((2, 3))
    assert read_batch(table, 3, arrays=True)[0] is table
    assert read_batch(table.astype("f4").T, 2, arrays=True)[0].flags.c_contiguous
    assert read_batch(np.ones(3, dtype=int), 3, arrays=False) == ([[1.0, 1.0, 1.0]], True)
    vector = np.ones(3)
    assert read_vector(vector, 3, arrays=True) is vector
    assert read_vector(vector, 3, arrays=False) == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("batch", "error", "part"),
    [
        ([1.0], ShapeError, "one sample of 2 numbers"),
        ([[1.0, 2.0], [3.0, 4.0, 5.0]], ShapeError, "2"),
        ([[1.0, 2.0], 3.0], ShapeError, "2"),
        ("ab", (ValueTypeError, ShapeError), "ab"),
        (3.0, (ValueTypeError, ShapeError), "sequence|one sample"),
        ([None, 1.0], ValueTypeError, "None"),
        ([[1.0, 2j]], ValueTypeError, "complex"),
        ([[[1.0, 2.0]]], (ValueTypeError, ShapeError), "real number|one sample"),
    ],
)
def test_bad_batches_are_refused(without, batch, error, part):
    """What was expected and what was given."""
    with pytest.raises(error, match=part):
        read_batch(batch, 2, arrays=without)


def test_parameters_are_read_and_counted(without):
    """As many as there are."""
    assert plain(read_vector([1, 2], 2, arrays=without)) == [1.0, 2.0]
    with pytest.raises(ShapeError, match=r"3 numbers, .* shape \(2,\)"):
        read_vector([1, 2], 3, arrays=without)
    with pytest.raises((ValueTypeError, ShapeError)):
        read_vector("ab", 2, arrays=without)
    with pytest.raises(ValueTypeError, match="None"):
        read_vector([None], 1, arrays=without)


def test_width_counts_columns():
    """Of a sample or a batch, of any kind."""
    given = ([1, 2], [[1], [2]], np.ones((4, 3)), np.ones(5), np.float64(1), [np.ones(2)])
    assert [width(x) for x in given] == [2, 1, 3, 5, 0, 2]
    assert [width(x) for x in ([], "ab", 3)] == [0, 0, 0]


def test_arithmetic_works_on_arrays_and_lists():
    """Scaling, adding, looking for what is not finite."""
    assert scaled([[1.0]], 2.0) == [[2.0]]
    assert scaled(np.ones(1), 2.0).tolist() == [2.0]
    assert added([[1.0]], [[2.0]]) == [[3.0]]
    assert added(np.ones(1), np.ones(1)).tolist() == [2.0]
    assert finite([(1.0,), [2.0]])
    assert not finite([[float("nan")]])
    assert finite(np.ones((2, 2)))
    assert not finite(np.array([np.inf]))


def test_without_numpy_there_is_none(monkeypatch):
    """A missing package is not an error."""
    numbers.numpy.cache_clear()
    monkeypatch.setitem(sys.modules, "numpy", None)
    try:
        assert numbers.numpy() is None
    finally:
        numbers.numpy.cache_clear()


@pytest.mark.parametrize("arrays", [True, False])
def test_values_are_read_whatever_real_number_they_were_given(arrays):
    """Their data may have been set since."""
    leaves = [Value(1.5), Value(2.0), Value(3.0)]
    leaves[1].data, leaves[2].data = 7, Fraction(1, 4)
    found = read_values(leaves, arrays=arrays)
    assert plain(found) == [1.5, 7.0, 0.25]
    assert plain(read_values([], arrays=arrays)) == []


def test_values_that_are_read_may_be_written_to():
    """A bound program's parameters are changed in place."""
    found = read_values([Value(1.0)], arrays=True)
    found[0] = 2.0
    assert found.tolist() == [2.0]
