"""The steps of a forward pass and a sweep, and walking them in both directions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import (
    ShapeError,
    Value,
    ValueTypeError,
    condense,
    constant,
    gradients,
    steps,
    topological_order,
)
from engine.teaching.steps import Step, Steps
from nn.textbook import w131, w212


def product_and_square():
    """Give L = (w x)^2, recorded as a product and a multiplication of u with itself."""
    w, x = Value(0.5, "w"), Value(3.0, "x")
    u = w * x
    u.label = "u"
    loss = u * u
    loss.label = "L"
    return w, x, u, loss


def test_phases_run_forward_then_the_seed_then_backward():
    """Every computed node is visited once forward and once backward, in opposite orders."""
    _, _, u, loss = product_and_square()
    assert [(step.phase, step.node) for step in steps(loss)] == [
        ("forward", u),
        ("forward", loss),
        ("seed", loss),
        ("backward", loss),
        ("backward", u),
    ]


def test_forward_steps_name_their_operands_and_give_the_value():
    """A forward step has the node's number and those of its operands."""
    _, _, _, loss = product_and_square()
    first = steps(loss)[0]
    assert (first.name, first.value, first.operands) == ("u", 1.5, (("w", 0.5), ("x", 3.0)))
    assert first.incoming is None
    assert str(first) == "u = 1.5   (from w = 0.5, x = 3)"


def test_each_edge_adds_its_contribution_to_the_running_sum():
    """In u * u the two edges add up one after the other."""
    _, _, u, loss = product_and_square()
    sweep = steps(loss)[3]
    assert (sweep.incoming, [each.slot for each in sweep.additions]) == (1.0, [0, 1])
    assert [each.parent is u for each in sweep.additions] == [True, True]
    assert [(e.partial, e.contribution, e.before, e.after) for e in sweep.additions] == [
        (1.5, 1.5, 0.0, 1.5),
        (1.5, 1.5, 1.5, 3.0),
    ]


def test_the_arithmetic_is_printed():
    """A backward step prints symbols, numbers, and the sum before and after."""
    _, _, _, loss = product_and_square()
    lines = str(steps(loss)).splitlines()
    assert lines[2] == "3  ∂L/∂L = 1   (the seed)"
    assert lines[4] == "   ∂L/∂u += ∂L/∂L · ∂L/∂u = 1 × 1.5 = 1.5   (was 1.5, now 3)"
    assert lines[5] == "5  ∂L/∂w += ∂L/∂u · ∂u/∂w = 3 × 3 = 9   (was 0, now 9)"
    assert repr(steps(loss)) == "<Steps: 2 forward, the seed, 2 backward>"


def test_negative_derivatives_stand_in_brackets():
    """A product is not written with two signs in a row."""
    x = Value(2.0, "x")
    y = -x
    y.label = "y"
    assert "= 1 × (−1) = −1" in repr(steps(y)[-1])


@pytest.mark.parametrize("network", [w131, w212])
def test_the_last_sums_are_the_gradients_bit_for_bit(network):
    """Walking to the end gives what the sweep gives, on the recorded and the condensed graph."""
    loss = network().L
    walk = steps(loss).walker()
    walk.go(-1)
    assert walk.gradients == gradients(loss)
    graph = condense(loss)
    condensed = steps(graph).walker()
    condensed.go(len(condensed.steps))
    assert list(condensed.gradients.values()) == graph.adjoints()


def test_constants_get_no_addition_and_no_gradient():
    """The sweep does not enter a constant."""
    x, k = Value(3.0, "x"), constant(2.0)
    y = x * k
    assert [each.parent for each in steps(y)[-1].additions] == [x]
    walk = steps(y).walker()
    walk.go(-1)
    assert walk.gradients == gradients(y)
    alone = steps(k).walker()
    assert alone.go(-1).phase == "seed"
    assert alone.gradients == gradients(k) == {}


def test_a_seed_is_where_the_sweep_starts():
    """All gradients scale with the seed."""
    w, _, _, loss = product_and_square()
    walk = steps(loss, seed=2).walker()
    walk.go(-1)
    assert walk.gradients[loss] == 2.0
    assert walk.gradients[w] == gradients(loss, 2.0)[w]


def test_a_leaf_alone_has_only_the_seed():
    """There is nothing to compute and nothing to hand on."""
    assert [step.phase for step in steps(Value(1.0))] == ["seed"]


def test_the_walker_stops_at_both_ends():
    """Beyond an end nothing happens."""
    _, _, _, loss = product_and_square()
    walk = steps(loss).walker()
    assert walk.back() is None
    assert walk.step is None
    assert repr(walk) == "step 0 of 5: nothing is computed yet"
    walk.go(5)
    assert walk.forward() is None
    assert walk.position == 5
    assert repr(walk).splitlines()[0] == "step 5 of 5"


def test_gradients_of_a_walker_are_a_copy():
    """Changing what it gave does not change where it is."""
    w, _, _, loss = product_and_square()
    walk = steps(loss).walker()
    walk.gradients[w] = 99.0
    assert walk.gradients[w] == 0.0


@given(st.lists(st.integers(0, 41), max_size=8))
def test_wherever_one_walks_the_sums_are_those_of_walking_straight(positions):
    """Going forward and back leaves no trace."""
    loss = w131().L
    walk = steps(loss).walker()
    for position in positions:
        walk.go(position)
    straight = steps(loss).walker()
    straight.go(walk.position)
    assert walk.gradients == straight.gradients
    assert walk.position == (positions[-1] if positions else 0)


def test_every_step_back_undoes_a_step_forward():
    """Back to the start all sums are 0."""
    loss = w131().L
    walk = steps(loss).walker()
    walk.go(-1)
    undone = [walk.back() for _ in range(len(walk.steps))]
    assert undone == list(walk.steps)[::-1]
    assert set(walk.gradients.values()) == {0.0}


@pytest.mark.parametrize("position", [6, -7])
def test_a_position_that_is_not_there_is_refused(position):
    """The message says which there are."""
    walk = steps(product_and_square()[3]).walker()
    with pytest.raises(ShapeError, match=r"run from 0 .* to 5"):
        walk.go(position)


def test_what_is_no_position_no_graph_and_no_seed_is_refused():
    """Each has an error that names it."""
    loss = product_and_square()[3]
    with pytest.raises(ValueTypeError, match=r"position .* 1\.5"):
        steps(loss).walker().go(1.5)
    with pytest.raises(ValueTypeError, match="'L'"):
        steps("L")
    with pytest.raises(ValueTypeError, match="seed"):
        steps(loss, seed="1")


def test_steps_are_a_sequence_of_frozen_steps():
    """They slice, and cannot be changed."""
    told = steps(product_and_square()[3])
    assert isinstance(told, Steps)
    assert len(told) == len(list(told)) == 5
    assert all(isinstance(step, Step) for step in told[1:3])
    with pytest.raises(AttributeError):
        told[0].value = 1.0


def test_a_long_chain_is_no_recursion():
    """Thousands of nodes are stepped through."""
    y = x = Value(1.0, "x")
    for _ in range(5000):
        y = y + 1
    told = steps(y)
    assert len(told) == 2 * (len(topological_order(y)) - 1) + 1
    walk = told.walker()
    walk.go(-1)
    assert walk.gradients[x] == 1.0
