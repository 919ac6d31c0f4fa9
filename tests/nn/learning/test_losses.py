"""Losses."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import (
    ShapeError,
    UnknownNameError,
    Value,
    ValueTypeError,
    check_gradients,
    grad,
    softmax,
)
from nn import binary_cross_entropy, cross_entropy, half_squared_error, hinge, mse, squared_error
from nn.learning.losses import find_loss

NUMBERS = st.floats(-30.0, 30.0)


def test_squares():
    """Sum, half the sum and mean of the squared differences."""
    yhat, y = [Value(3.0), Value(-1.0)], [1.0, 1.0]
    assert squared_error(yhat, y).data == 8.0
    assert half_squared_error(yhat, y).data == 4.0
    assert mse(yhat, y).data == 4.0
    assert grad(squared_error(yhat, y), yhat) == [4.0, -4.0]
    assert grad(half_squared_error(yhat, y), yhat) == [2.0, -2.0]
    assert grad(mse(yhat, y), yhat) == [2.0, -2.0]


def test_one_output_may_be_given_bare():
    """A model with one output returns a Value, which is compared with a number."""
    f = Value(3.0)
    assert [loss(f, 1.0).data for loss in (squared_error, half_squared_error, mse)] == [4, 2, 4]
    assert hinge(f, -1).data == 4.0
    assert squared_error([f], [1.0]).data == 4.0


def test_targets_may_be_values():
    """Then they have a gradient too, with the other sign."""
    f, y = Value(3.0), Value(1.0)
    assert grad(squared_error([f], [y]), [f, y]) == [4.0, -4.0]


@given(st.lists(NUMBERS, min_size=1, max_size=6), st.data())
def test_the_gradient_of_cross_entropy_is_softmax_minus_one_hot(numbers, data):
    """For a class number and for the same class as a one-hot list."""
    right = data.draw(st.integers(0, len(numbers) - 1))
    one_hot = [float(k == right) for k in range(len(numbers))]
    logits = [Value(x) for x in numbers]
    expected = [p.data - t for p, t in zip(softmax(logits), one_hot, strict=True)]
    assert grad(cross_entropy(logits, right), logits) == pytest.approx(expected, abs=1e-14)
    assert grad(cross_entropy(logits, one_hot), logits) == pytest.approx(expected, abs=1e-14)
    assert cross_entropy(logits, right).data == pytest.approx(
        -math.log(softmax(numbers)[right]), rel=1e-12, abs=1e-12
    )


def test_cross_entropy_is_stable():
    """A confident right answer costs 0, a confident wrong one its distance."""
    logits = [Value(1000.0), Value(-1000.0)]
    assert cross_entropy(logits, 0).data == 0.0
    assert cross_entropy(logits, 1).data == 2000.0
    assert cross_entropy(logits, [0.5, 0.5]).data == 1000.0


def test_bad_classes():
    """No such class, no class at all, and a list of another length."""
    logits = [Value(1.0), Value(2.0)]
    for bad in (2, -1):
        with pytest.raises(ShapeError, match=f"there is no class {bad}.*classes are 0 to 1"):
            cross_entropy(logits, bad)
    for bad in (0.5, "0", True, None):
        with pytest.raises(ValueTypeError, match="the number of the right class"):
            cross_entropy(logits, bad)
    with pytest.raises(ShapeError, match="2 outputs and 3 targets"):
        cross_entropy(logits, [1, 0, 0])


@given(NUMBERS, st.floats(0.0, 1.0))
def test_binary_cross_entropy_has_the_gradient_of_logistic_regression(x, target):
    """sigmoid(a) - y, and the value of the textbook's formula."""
    a = Value(x)
    loss = binary_cross_entropy(a, target)
    p = 1.0 / (1.0 + math.exp(-x))
    assert grad(loss, [a])[0] == pytest.approx(p - target, abs=1e-14)
    if 0 < p < 1:
        formula = -target * math.log(p) - (1.0 - target) * math.log1p(-p)
        assert loss.data == pytest.approx(formula, rel=1e-3, abs=1e-10)


def test_binary_cross_entropy_is_stable_and_averages():
    """At ±1000 it is 0 or 1000, and a list is averaged."""
    assert binary_cross_entropy([Value(1000.0), Value(-1000.0)], [1, 0]).data == 0.0
    assert binary_cross_entropy([Value(1000.0), Value(-1000.0)], [0, 0]).data == 500.0


def test_hinge():
    """It is 0 from a margin of 1 on, and averages."""
    scores = [Value(2.0), Value(0.5), Value(0.5)]
    loss = hinge(scores, [1, 1, -1])
    assert loss.data == pytest.approx((0.0 + 0.5 + 1.5) / 3, rel=1e-15)
    assert grad(loss, scores) == pytest.approx([0.0, -1 / 3, 1 / 3], rel=1e-15)


@pytest.mark.parametrize(
    "loss", [squared_error, half_squared_error, mse, hinge, binary_cross_entropy]
)
def test_every_loss_agrees_with_central_differences_and_checks_lengths(loss):
    """Gradients, and one clear error for what does not fit."""
    check_gradients(lambda *x: loss(list(x), [1.0, -1.0]), 0.3, 0.6)
    with pytest.raises(ShapeError, match="1 outputs and 2 targets"):
        loss([Value(1.0)], [1.0, 2.0])
    with pytest.raises(ShapeError, match="0 outputs and 0 targets"):
        loss([], [])
    with pytest.raises(ShapeError, match="needs a list of targets"):
        loss([Value(1.0)], 1.0)
    with pytest.raises(ShapeError, match="needs a list of outputs"):
        loss(1.0, [1.0])
    with pytest.raises(ShapeError, match="needs a list of targets, one for each output, not 'a'"):
        loss([Value(1.0)], "a")


def test_losses_by_name():
    """All of them; the known ones are listed."""
    for loss in (
        squared_error,
        half_squared_error,
        mse,
        cross_entropy,
        binary_cross_entropy,
        hinge,
    ):
        assert find_loss(loss.__name__) is loss
        assert find_loss(loss) is loss
    with pytest.raises(UnknownNameError, match="unknown loss 'l2'; known are 'binary_cross_ent"):
        find_loss("l2")
    with pytest.raises(ValueTypeError, match=r"a loss is a function .*, not 2"):
        find_loss(2)


def test_cross_entropy_of_one_logit_is_refused():
    """It needs one for each class."""
    with pytest.raises(ShapeError, match=r"list of logits.*binary_cross_entropy"):
        cross_entropy(Value(1.0), 0)
