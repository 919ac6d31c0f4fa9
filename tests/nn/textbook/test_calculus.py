"""The calculus recap of S0."""

import math

import pytest

from engine import paths
from nn.textbook import calculus

E = math.e


@pytest.mark.parametrize(
    ("example", "x", "y", "slope"),
    [
        (calculus.exponential, 2.0, E**2, E**2),
        (calculus.square, 3.0, 9.0, 6.0),
        (calculus.reciprocal, 2.0, 0.5, -0.25),
        (calculus.exp_of_square, 1.0, E, 5.436563656918091),
        (calculus.exp_of_square, 0.5, math.exp(0.25), 1.2840254166877414),
        (calculus.exp_of_exp_of_square, 1.0, math.exp(E), 2 * E * math.exp(E)),
        (calculus.exp_of_exp_of_square, 0.5, math.exp(math.exp(0.25)), 4.636804375024635),
        (calculus.reciprocal_of_exp_of_square, 1.0, 1 / E, -0.7357588823428847),
        (calculus.reciprocal_of_exp_of_square, 0.5, math.exp(-0.25), -0.7788007830714049),
        (calculus.quotient, 3.0, 3.0, 1.0),
    ],
)
def test_values_and_derivatives(example, x, y, slope):
    """As the lecture has them, and as central differences have them."""
    net = example(x)
    assert net["y"].data == pytest.approx(y, rel=1e-14)
    assert net.gradient("x") == pytest.approx(slope, rel=1e-12)
    assert net.difference("x") == pytest.approx(slope, rel=1e-8)


def test_the_chain_is_one_path():
    """∂L/∂w_2 is the product of the three local derivatives of the lecture."""
    net = calculus.chain_network()
    (path,) = paths(net.L, net["w_2"])
    assert [n.label for n in path.nodes] == ["w_2", "h_2", "yhat", "L"]
    yhat, w_3, h_1, h_2, y = net.values("yhat", "w_3", "h_1", "h_2", "y")
    expected = -2 * (y - yhat) * w_3 * (h_2 * (1 - h_2) * h_1)
    assert net.gradient("w_2") == pytest.approx(expected, rel=1e-12)


def test_the_gradient_of_a_sum_of_squares():
    """[2x, 2y]."""
    net = calculus.sum_of_squares(3.0, -1.0)
    assert (net.root.data, net.gradient("x"), net.gradient("y")) == (10.0, 6.0, -2.0)


def test_the_quotient_rule_is_two_paths():
    """One through the numerator, g'/h, and one through the denominator, -g h'/h²."""
    net = calculus.quotient(3.0)
    found = {p.nodes[1].label: p.contribution for p in paths(net.root, net["x"])}
    assert found == {"g": 2.0, "h": -1.0}
