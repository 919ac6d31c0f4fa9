"""The story of S0 and its algorithm."""

import math
from itertools import pairwise

import pytest

from engine import ShapeError, count_paths, paths
from nn.textbook import calculus, w131
from nn.textbook.story import STORY, TALKS, learn, three_layers


def test_ten_steps_that_walk_from_the_loss_to_the_first_weights():
    """Each speaker has nodes in the network, and they come in the order of the sweep."""
    assert len(STORY) == 10
    net = three_layers()
    order = list(net.nodes)
    last = len(order)
    for talk in STORY:
        places = [order.index(name) for name in order if name.startswith(talk.nodes)]
        assert places, talk.speaker
        if not talk.speaker.startswith("W_"):
            assert min(places) < last
            last = min(places)


def test_the_table_of_talks_is_a_path():
    """The stretches of ∂L/∂w_111 join up into one route of the graph."""
    ends = [(nodes[0], nodes[-1]) for _, nodes in TALKS]
    assert ends[0][0] == "L"
    assert all(a[1] == b[0] for a, b in pairwise(ends))
    assert ends[-1][1] == "w_111"
    net = three_layers()
    route = next(iter(paths(net.L, net["w_111"])))
    said = [name for _, nodes in TALKS for name in nodes]
    assert all(any(n.label.startswith(s) for s in said) for n in route.nodes)


def test_the_network_of_the_story():
    """Four routes, which add up; the second output is there by name."""
    net = three_layers()
    assert count_paths(net.L, net["w_111"]) == 4
    total = sum(route.contribution for route in paths(net.L, net["w_111"]))
    assert total == pytest.approx(net.gradient("w_111"), rel=1e-12)
    assert net["yhat_1"].data + net["yhat_2"].data == pytest.approx(1.0, rel=1e-15)


def test_learning_lowers_the_loss():
    """Until the epochs are over, or the loss is small enough; inputs and targets stay."""
    learned = learn(w131(), epochs=20)
    assert learned.why == "number of epochs reached"
    assert len(learned.losses) == 21
    assert learned.losses == sorted(learned.losses, reverse=True)
    assert learned.net.L.data == learned.losses[-1]
    assert learned.net["x_2"].data == 5.0
    assert learned.net["y_1"].data == 1.0
    early = learn(w131(), epsilon=0.01)
    assert early.why == "loss below 0.01"
    assert early.losses[-1] < 0.01 <= early.losses[-2]


def test_nothing_to_learn():
    """A graph without weights says so."""
    with pytest.raises(ShapeError, match="nothing can learn"):
        learn(calculus.square())


def test_the_forward_pass():
    """Two sigmoid layers and a softmax, worked out without a graph."""

    def sums(rows, x, biases):
        products = [sum(w * x_j for w, x_j in zip(row, x, strict=True)) for row in rows]
        return [a + b for a, b in zip(products, biases, strict=True)]

    def sigmoids(a):
        return [1.0 / (1.0 + math.exp(-x)) for x in a]

    h1 = sigmoids(sums([[0.6, -0.2], [-0.4, 0.5]], [1.0, -1.0], [0.1, -0.1]))
    h2 = sigmoids(sums([[0.7, 0.3], [-0.5, 0.8]], h1, [0.0, 0.2]))
    a3 = sums([[1.0, -0.6], [0.4, 0.9]], h2, [-0.1, 0.3])
    share = math.exp(a3[0]) / (math.exp(a3[0]) + math.exp(a3[1]))
    found = three_layers().values("h_11", "h_12", "h_21", "h_22", "a_31", "a_32", "L")
    assert found == pytest.approx([*h1, *h2, *a3, -math.log(share)], rel=1e-13)
