"""Reading samples and targets."""

import math

import numpy as np
import pytest

from engine import ShapeError, ValueTypeError, mean
from engine.errors import DataError
from nn import binary_cross_entropy, cross_entropy, hinge, mse, squared_error
from nn.learning.samples import read_inputs, read_targets, sides_of


def own(yhat, target):
    """A loss of one's own."""
    return mean([(yhat - target) ** 2])


class Frame:
    """What reading needs of a table of pandas: its iteration gives names, not rows."""

    def __init__(self, rows):
        self.rows = rows

    def to_numpy(self):
        """The numbers."""
        return np.array(self.rows)


@pytest.mark.parametrize(
    "X",
    [
        [[1, 2], [3, 4]],
        ((1.0, 2), (3, np.float32(4))),
        np.array([[1, 2], [3, 4]]),
        [np.array([1, 2]), [3, True + 3]],
        Frame([[1, 2], [3, 4]]),
    ],
)
def test_inputs_of_every_kind(X):
    """Lists, tuples, arrays, frames, mixtures: lists of floats."""
    found = read_inputs(X)
    assert found == [[1.0, 2.0], [3.0, 4.0]]
    assert {type(x) for row in found for x in row} == {float}


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ([], DataError, "X is empty; training needs at least one sample"),
        (np.zeros((0, 2)), DataError, "X is empty"),
        (None, ValueTypeError, "X must be a list with an entry for each sample, not None"),
        ("ab", ValueTypeError, "X must be a list"),
        ([1.0, 2.0], ShapeError, r"X\[0\] is 1.0, but each .* write \[\[x\] for x in X\]"),
        ([[1.0], "ab"], ShapeError, r"X\[1\] is 'ab'"),
        ([[1.0, 2.0], [3.0]], ShapeError, r"X\[1\] has 1 numbers, but X\[0\] has 2"),
        ([[]], ShapeError, r"X\[0\] is empty; every sample needs"),
        ([[1.0, 2.0], [3.0, math.nan]], DataError, r"X\[1\]\[1\] is nan"),
        ([[1.0, -math.inf]], DataError, r"X\[0\]\[1\] is -inf"),
        (np.array([[1.0, np.nan]]), DataError, r"X\[0\]\[1\] is nan"),
        ([[1.0, None]], ValueTypeError, r"X\[0\]\[1\] must be a real number, not None"),
        ([[1.0, 2j]], ValueTypeError, r"X\[0\]\[1\] must be a real number"),
    ],
)
def test_bad_inputs(X, error, message):
    """Each message names the row and the column."""
    with pytest.raises(error, match=message):
        read_inputs(X)


def test_another_name():
    """Validation data are called so."""
    with pytest.raises(DataError, match=r"the X of validation\[0\]\[0\] is nan"):
        read_inputs([[math.nan]], "the X of validation")


@pytest.mark.parametrize(
    ("y", "loss", "outputs", "expected"),
    [
        ([0, 2], cross_entropy, 3, [0, 2]),
        (np.array([0.0, 2.0]), cross_entropy, 3, [0, 2]),
        ([True, False], cross_entropy, 2, [1, 0]),
        ([[0.5, 0.5], 1], cross_entropy, 2, [[0.5, 0.5], 1]),
        ([0, 1], binary_cross_entropy, None, [0.0, 1.0]),
        ([0.25, 1], binary_cross_entropy, 1, [[0.25], [1.0]]),
        (np.array([[0], [1]]), binary_cross_entropy, None, [0.0, 1.0]),
        ([[0, 1], [1, 1]], binary_cross_entropy, 2, [[0.0, 1.0], [1.0, 1.0]]),
        ([1, -1], hinge, None, [1.0, -1.0]),
        ([3, 4.5], mse, None, [3.0, 4.5]),
        ([[3, 4.5]] * 2, squared_error, 2, [[3.0, 4.5]] * 2),
        ([3, 4.5], own, 7, [3, 4.5]),
        ([[3, 4.5]] * 2, own, None, [[3.0, 4.5]] * 2),
    ],
)
def test_targets_of_every_kind(y, loss, outputs, expected):
    """Numbers of classes as ints, others as floats, in a list where there are several outputs."""
    found = read_targets(y, loss, outputs, 2)
    assert found == expected
    assert list(map(type, found)) == list(map(type, expected))


@pytest.mark.parametrize(
    ("y", "loss", "outputs", "error", "message"),
    [
        ([1], mse, None, ShapeError, "there are 2 samples but 1 targets"),
        ([], mse, None, DataError, "y is empty"),
        (3, mse, None, ValueTypeError, "y must be a list with an entry for each sample, not 3"),
        ([1, math.nan], mse, None, DataError, r"y\[1\] is nan"),
        ([1, [1.0, math.inf]], mse, 2, ShapeError, r"y\[0\] is 1, but the model has 2 outputs"),
        ([[1.0, 1.0], [1.0, math.inf]], mse, 2, DataError, r"y\[1\]\[1\] is inf"),
        ([[1.0, 2.0], [1.0]], mse, 2, ShapeError, r"y\[1\] has 1 numbers, but .* 2 outputs"),
        ([[1.0, 2.0], [1.0]], mse, None, ShapeError, r"y\[0\] has 2 numbers, but .* 1 outputs"),
        ([1, "a"], mse, None, ValueTypeError, r"y\[1\] must be a real number, not 'a'"),
        ([1, "a"], own, None, ValueTypeError, r"y\[1\] must be a real number, not 'a'"),
        ([1, math.nan], own, None, DataError, r"y\[1\] is nan"),
        ([0, 3], cross_entropy, 3, DataError, r"y\[1\] is 3, but .* whole numbers 0 to 2"),
        ([0, -1], cross_entropy, 3, DataError, r"y\[1\] is -1, but .* whole numbers 0 to 2"),
        (["a", "b"], cross_entropy, 3, ValueTypeError, r"y\[0\] is 'a', but a class is a number"),
        ([0, 0.5], cross_entropy, 3, DataError, r"y\[1\] is 0.5"),
        ([0, math.nan], cross_entropy, 3, DataError, r"y\[1\] is nan"),
        ([0, [1.0]], cross_entropy, 3, ShapeError, r"y\[1\] has 1 numbers"),
        ([0, 1], cross_entropy, None, ShapeError, "an output for each class, but this one"),
        ([0, 2], binary_cross_entropy, None, DataError, r"y\[1\] is 2, .*number from 0 to 1"),
        ([[0, 1], [1, -1]], binary_cross_entropy, 2, DataError, r"y\[1\] is \[1, -1\]"),
        ([0, 1], hinge, None, DataError, r"y\[0\] is 0, but a target of hinge is 1 or -1 \(nn\."),
    ],
)
def test_bad_targets(y, loss, outputs, error, message):
    """Each message names the row, and what would be right."""
    with pytest.raises(error, match=message):
        read_targets(y, loss, outputs, 2)


def test_losses_of_two_sides():
    """Only those whose outputs are scores."""
    assert sides_of(binary_cross_entropy).middle == 0.5
    assert sides_of(mse) is None
