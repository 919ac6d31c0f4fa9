"""Softmax as a logistic, with cross-entropy, with the squared error, and its Jacobian."""

import math

import pytest

from engine import ShapeError, paths
from nn.textbook import softmax, w131


def test_softmax_of_two_is_a_logistic():
    """From the lecture's rounded numbers and from the full ones; the derivative is y(1 - y)."""
    assert softmax.logistic_of_two().root.data == pytest.approx(0.7702989490, abs=5e-11)
    a = w131().values("a_21", "a_22")
    net = softmax.logistic_of_two(*a)
    share = w131()["yhat_1"].data
    assert net["yhat_1"].data == pytest.approx(share, rel=1e-14)
    assert net.gradient("a_21") == pytest.approx(share * (1 - share), rel=1e-13)
    assert net.gradient("a_22") == pytest.approx(-share * (1 - share), rel=1e-13)


def test_cross_entropy_of_four_classes():
    """K = 4, l = 2: the gradient is yhat minus the one-hot [0, 1, 0, 0]."""
    net = softmax.softmax_cross_entropy()
    yhat = [0.03205860328, 0.08714431874, 0.2368828181, 0.6439142599]
    assert net.values("yhat_1", "yhat_2", "yhat_3", "yhat_4") == pytest.approx(yhat, rel=1e-9)
    expected = [0.03205860328, -0.9128556813, 0.2368828181, 0.6439142599]
    assert [net.gradient(f"a_L{i}") for i in range(1, 5)] == pytest.approx(expected, rel=1e-9)
    assert [net.difference(f"a_L{i}") for i in range(1, 5)] == pytest.approx(expected, rel=1e-8)
    assert net.focus == "a_L2"


def test_cross_entropy_on_the_lectures_network():
    """For the network of w_131: [-yhat_2, yhat_2]."""
    net = softmax.softmax_cross_entropy(w131().values("a_21", "a_22"), right=1)
    assert [net.gradient("a_L1"), net.gradient("a_L2")] == pytest.approx(
        [-0.2296640109, 0.2296640109], rel=1e-9
    )


@pytest.mark.parametrize("right", [0, 5])
def test_no_such_class(right):
    """Classes are counted from 1."""
    with pytest.raises(ShapeError, match="the classes are 1 to 4"):
        softmax.softmax_cross_entropy(right=right)


def test_with_two_classes_the_own_route_is_half():
    """The true gradient is exactly twice the lecture's, for any numbers."""
    net = softmax.squared_error_of_softmax((1.66, 0.45), (1.0, 0.0))
    for i in (1, 2):
        assert net.gradient(f"a_{i}") == pytest.approx(2 * softmax.own_route(net, i), rel=1e-13)


def test_with_three_classes_it_is_not():
    """The ratio differs from class to class, and for one the sign is wrong."""
    net = softmax.squared_error_of_softmax()
    ratios = [net.gradient(f"a_{i}") / softmax.own_route(net, i) for i in (1, 2, 3)]
    assert ratios == pytest.approx([1.6068, -0.9510, 1.0989], abs=5e-5)


def test_the_own_route_is_a_route_of_the_graph():
    """What own_route computes by formula is the contribution of one listed path."""
    net = softmax.squared_error_of_softmax()
    for i in (1, 2, 3):
        (own,) = [
            path.contribution
            for path in paths(net.L, net[f"a_{i}"])
            if path.nodes[1].label == f"yhat_{i}"
        ]
        assert own == pytest.approx(softmax.own_route(net, i), rel=1e-12)


def test_targets_are_counted():
    """One for each pre-activation."""
    with pytest.raises(ShapeError, match="2 pre-activations but 1 targets"):
        softmax.squared_error_of_softmax((1.0, 2.0), (1.0,))


def test_every_knob_turns_every_share():
    """∂L/∂A_j = -y_j / A_j; the routes through all shares add up to A_k - y_k."""
    net = softmax.every_knob((1.0, 2.0, 0.5), (0.2, 0.5, 0.3))
    for k in (1, 2, 3):
        share, target = net.values(f"A_{k}", f"y_{k}")
        assert net.gradient(f"A_{k}") == pytest.approx(-target / share, rel=1e-13)
        assert net.gradient(f"Z_{k}") == pytest.approx(share - target, rel=1e-12)
        routes = list(paths(net.L, net[f"Z_{k}"]))
        assert [route.nodes[1].label for route in routes] == ["A_1", "A_2", "A_3"]
    with pytest.raises(ShapeError, match="3 pre-activations but 1 targets"):
        softmax.every_knob(y=(1.0,))


def test_the_columns_of_the_jacobian_add_up_to_0():
    """A_j (1 - A_j) on the diagonal, -A_j A_k beside it."""
    jacobian = softmax.softmax_jacobian([1.0, 2.0, 0.5])
    weights = [math.exp(a) for a in (1.0, 2.0, 0.5)]
    shares = [w / sum(weights) for w in weights]
    for j, row in enumerate(jacobian):
        expected = [shares[j] * ((j == k) - shares[k]) for k in range(3)]
        assert row == pytest.approx(expected, rel=1e-12)
    assert [sum(column) for column in zip(*jacobian, strict=True)] == pytest.approx(
        [0.0] * 3, abs=1e-16
    )
