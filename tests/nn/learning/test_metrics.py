"""Metrics."""

import pytest

from engine import UnknownNameError, ValueTypeError
from nn import binary_cross_entropy, cross_entropy, hinge, mse
from nn.learning.metrics import Accuracy, find_metric, mean_metric


@pytest.mark.parametrize(
    ("loss", "targets", "cases"),
    [
        (binary_cross_entropy, [0, 1], [(0.1, 1, 1), (0.1, 0, 0), (-3, 0, 1), (0, 0.4, 1)]),
        (hinge, [-1, 1], [(0.1, 1, 1), (0.1, -1, 0), (-0.1, -1, 1)]),
        (mse, [0, 1], [(0.6, 1, 1), (0.4, 1, 0), (0.4, 0, 1)]),
        (mse, [2.0, 10.0, 4.0], [(5.0, 3, 1), (7.0, 3, 0), (5.0, 9, 0), (6.5, 6.2, 1)]),
        (mse, [-1, 1], [(0.1, 1, 1), (0.4, -1, 0), (-0.4, -1, 1)]),
        (cross_entropy, [0, 2], [([1.0, 3.0, 2.0], 1, 1), ([1.0, 3.0, 2.0], 2, 0)]),
        (cross_entropy, [[0, 1]], [([1.0, 3.0], [0.2, 0.8], 1), ([1.0, 3.0], [0.8, 0.2], 0)]),
        (mse, [[0, 1]], [([0.1, 0.3], [0, 1], 1), ([0.1, 0.3], [1, 0], 0)]),
        (binary_cross_entropy, [[0, 1]], [([-1.0, -1.0], [0, 1], 0.5), ([1.0, 1.0], [1, 1], 1)]),
        (hinge, [[-1, 1]], [([-1.0, 1.0], [-1, 1], 1), ([-1.0, 1.0], [1, -1], 0)]),
    ],
)
def test_accuracy(loss, targets, cases):
    """The threshold of the loss for one output, the largest for several, sides for several."""
    right = Accuracy(loss, targets)
    for yhat, target, expected in cases:
        assert right(yhat, target) == expected


def test_the_mean_over_samples():
    """Each sample counts once."""
    assert mean_metric(Accuracy(hinge, [1, -1]), [1.0, 2.0, -1.0, 1.0], [1, 1, 1, 1]) == 0.75


def test_a_metric_that_gives_no_number():
    """Is told so; any real number will do."""
    assert mean_metric(lambda yhat, target: yhat == target, [1.0, 2.0], [1.0, 1.0]) == 0.5
    with pytest.raises(ValueTypeError, match="what a metric returns must be a real number, not N"):
        mean_metric(lambda yhat, target: None, [1.0], [1.0])


def test_choosing():
    """By the loss, by name, or a function with its own name."""
    for loss in (cross_entropy, binary_cross_entropy, hinge):
        named = find_metric(None, loss, [0, 1])
        assert named.name == "accuracy"
        assert isinstance(named.measure, Accuracy)
    assert find_metric(None, mse, [0.5]) is None
    assert find_metric("accuracy", mse, [0, 1]).measure(0.7, 1) == 1.0

    def off_by(yhat, target):
        return abs(yhat - target)

    assert find_metric(off_by, mse, [0.5]) == ("off_by", off_by)
    nameless = Accuracy(mse, [0, 1])
    assert find_metric(nameless, mse, [0, 1]).name == "accuracy"


def test_bad_metrics():
    """The known ones are listed."""
    with pytest.raises(UnknownNameError, match="unknown metric 'f1'; known are 'accuracy'"):
        find_metric("f1", mse, [])
    with pytest.raises(ValueTypeError, match=r"a metric is a function .* not 3"):
        find_metric(3, mse, [])


def test_the_sides_do_not_depend_on_which_samples_there_are():
    """Samples that are all on one side are judged as the others are."""
    for targets in ([0, 1], [1, 1], [0], [1.0]):
        right = Accuracy(mse, targets)
        assert (right(0.3, 1), right(0.7, 1), right(0.3, 0)) == (0.0, 1.0, 1.0)
    right = Accuracy(mse, [-1, 1])
    assert (right(0.3, 1), right(0.3, -1)) == (1.0, 0.0)
    assert Accuracy(mse, [2.0, 6.0])(4.5, 6.0) == 1.0
    assert Accuracy(mse, [2.0])(3.0, 2.0) == 0.0


def test_a_list_of_one_is_one_answer():
    """A model of one output may return it in a list; its target may stand in one, too."""
    right = Accuracy(mse, [[1], [0]])
    assert (right([0.2], [1]), right([0.9], [1]), right([0.9], 0)) == (0.0, 1.0, 0.0)


def test_answers_must_be_as_many_as_targets():
    """Of several yes-or-no answers none is left out."""
    with pytest.raises(ValueError, match="longer than argument"):
        Accuracy(hinge, [[1, -1]])([0.5, 0.5], [1, -1, 1])
