"""The recurrent weight of S4."""

import pytest

from nn.textbook.matrices import matrix_gradient, outer, vector_gradient
from nn.textbook.recurrent import printed_mask, recurrent_weight


def test_the_mask_is_that_of_the_new_state():
    """The first neuron is off at the next step, so its weights get nothing."""
    net = recurrent_weight()
    assert net.L.data == 2.25
    assert net.values("s_1", "s_2") == [0.0, 1.5]
    assert matrix_gradient(net, "w") == [[0.0, 0.0], [3.0, 6.0]]
    assert printed_mask(net) == [[3.0, 6.0], [3.0, 6.0]]


def test_the_rule_in_general():
    """(2 z w_out ⊙ 1(s > 0)) r^T, on other numbers, also by central differences."""
    net = recurrent_weight((0.5, -1.0), ((1.0, -1.0), (2.0, 0.25)), (2.0, -3.0))
    (z,) = net.values("z")
    s, u, r = net.values("s_1", "s_2"), net.values("u_1", "u_2"), net.values("r_1", "r_2")
    delta = [2 * z * u_i * (s_i > 0) for u_i, s_i in zip(u, s, strict=True)]
    assert matrix_gradient(net, "w") == [pytest.approx(row, rel=1e-13) for row in outer(delta, r)]
    assert net.difference("w_12") == pytest.approx(net.gradient("w_12"), rel=1e-8)
    assert vector_gradient(net, "u") == pytest.approx([2 * z * s_i for s_i in s], rel=1e-13)
