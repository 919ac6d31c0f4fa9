"""`viz.worksheets.numbers`: new numbers for a textbook network."""

import pytest

from engine.errors import ShapeError
from engine.teaching.worked import worked
from nn.textbook import softmax, w121, w131
from viz.worksheets.numbers import renumbered


def leaves(net):
    """The numbers of the leaves by name."""
    return {name: node.data for name, node in net.nodes.items() if node.is_leaf}


def test_numbers_are_round_and_targets_stay():
    """Weights are tenths, inputs halves, none is 0, and the target stays one-hot."""
    for name, number in leaves(renumbered(w131(), 5, 4)).items():
        if name[0] == "y":
            assert number == w131()[name].data
        else:
            step = 10 if name[0] in "wb" else 2
            assert number * step == round(number * step) != 0
            assert abs(number) <= (0.9 if name[0] in "wb" else 2)


def test_a_seed_gives_the_same_numbers_and_another_others():
    """Every student has their own numbers, again and again."""
    assert leaves(renumbered(w131(), 5, 4)) == leaves(renumbered(w131(), 5, 4))
    assert leaves(renumbered(w131(), 5, 4)) != leaves(renumbered(w131(), 6, 4))


@pytest.mark.parametrize("seed", range(5))
def test_rounding_does_not_swallow_the_gradient(seed):
    """A person who rounds to two decimals still gets the gradient to five percent."""
    net = renumbered(w121(), seed, 2)
    exact = net.gradient("w_121")
    assert abs(worked(net.L, "w_121", 2).total - exact) <= 0.05 * abs(exact)


def test_too_few_digits():
    """With one decimal the three factors of a sigmoid are lost; the way out is named."""
    with pytest.raises(ShapeError, match="more digits"):
        renumbered(w121(), 0, 1)


def test_a_share_that_is_rounded_to_zero_is_not_offered():
    """log(0) and 1/0 on rounded values are passed over, not raised."""
    for seed in range(5):
        net = renumbered(softmax.softmax_cross_entropy(), seed, 1)
        assert round(net["yhat_2"].data, 1) > 0
