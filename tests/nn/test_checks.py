"""Checks of single numbers."""

import math
import random

import pytest

from engine import ValueTypeError
from engine.errors import DataError
from nn.checks import at_least_0, finite, fraction, positive, seeded


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
