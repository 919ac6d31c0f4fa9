"""Checks of arguments."""

import math
import random

import pytest

from engine import DomainError, ShapeError, Value, ValueTypeError
from engine.arguments import (
    at_least_0,
    finite,
    fraction,
    is_list,
    named_one,
    positive,
    positive_size,
    real,
    seeded,
    shortened,
    whole,
)
from engine.errors import DataError, UnknownNameError


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (at_least_0, [0, 0.5, 3], [-1e-300, math.inf, math.nan]),
        (positive, [1e-300, 3], [0, -1, math.inf, math.nan]),
        (fraction, [1e-300, 0.5], [0, 1, -1, 20, math.nan]),
    ],
)
def test_ranges(check, good, bad):
    """What is inside comes back as a float; what is outside is named, with its value."""
    for x in good:
        assert check(x, "it") == x
        assert type(check(x, "it")) is float
    for x in bad:
        with pytest.raises(ValueTypeError, match=f"it must be a .*number.*, not {x!r}"):
            check(x, "it")
    with pytest.raises(ValueTypeError, match="it must be a real number, not '1'"):
        check("1", "it")


def test_data():
    """Nan and infinity are damaged data, a text is no number."""
    assert finite(3, "X[0][1]") == 3.0
    for x in (math.nan, math.inf, -math.inf):
        with pytest.raises(DataError, match=r"X\[0\]\[1\] is -?(nan|inf); leave"):
            finite(x, "X[0][1]")
    with pytest.raises(ValueTypeError, match=r"X\[0\]\[1\] must be a real number, not None"):
        finite(None, "X[0][1]")


def test_seeds():
    """Numbers and texts; the same seed gives the same numbers, apart from random's own."""
    random.seed(1)
    before = random.getstate()
    for seed in (0, 2.5, "a text"):
        assert seeded(seed).random() == seeded(seed).random()
    assert random.getstate() == before
    with pytest.raises(ValueTypeError, match=r"a seed is a number or a text, not \[1\] \(list\)"):
        seeded([1])


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


def test_whole_numbers():
    """From 0 on; negative ones are of the wrong size, all others of the wrong kind."""
    assert [whole(n, "k") for n in (0, 7, True)] == [0, 7, 1]
    with pytest.raises(ShapeError, match="k must not be negative, but it is -1"):
        whole(-1, "k")
    with pytest.raises(ValueTypeError, match=r"k must be a whole number, not 2\.0 \(float\)"):
        whole(2.0, "k")


def test_a_number_beyond_the_floats():
    """The message counts its digits."""
    with pytest.raises(DomainError, match="x is too large for a float: it has 401 digits"):
        real(10**400, "x")


def test_a_node_is_no_number():
    """The message says how to take its number; the text of a long thing is cut off."""
    with pytest.raises(ValueTypeError, match=r"write \.data to take its number"):
        real(Value(1.0), "x")
    assert (len(shortened("x" * 60)), shortened("x" * 61)) == (60, "x" * 57 + "...")


def test_names():
    """An unknown one is met with the known ones, and with what to do instead."""
    assert named_one("a", {"a": 1}, "letter") == 1
    with pytest.raises(UnknownNameError, match=r"^unknown letter 'c'; known are 'a', 'b', or d$"):
        named_one("c", {"b": 2, "a": 1}, "letter", ", or d")
