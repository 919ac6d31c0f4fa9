"""What the codes of a program share: numbered handlers, and packed places of uniforms."""

import random

import pytest
from program_examples import network

import engine
from engine import Value
from engine.program.llvm.encoding.layout import Layout
from engine.program.llvm.encoding.limits import Limits


def twice(hidden=3):
    """Apply one dense layer to both parts of a sample: a program and its parameters."""
    draw = random.Random(1)
    xs = [Value(draw.uniform(-1, 1)) for _ in range(4)]
    ws = [[Value(draw.uniform(-1, 1)) for _ in range(2)] for _ in range(hidden)]
    sums = [engine.dot(row, part).tanh() for part in (xs[:2], xs[2:]) for row in ws]
    parameters = [w for row in ws for w in row]
    return engine.compile(engine.sum(sums), xs, parameters, tier="python").flat, parameters


def groups(layout):
    """List each group's packed place and its weights."""
    start = 0
    for place, (_, _, rows, width) in zip(
        layout.weights.tolist(), layout.columns.groups.T.tolist(), strict=True
    ):
        yield place, layout.columns.weights[1][start : start + rows * width].tolist()
        start += rows * width


@pytest.mark.parametrize("summed", [False, True])
@pytest.mark.parametrize("dots", [False, True])
def test_every_uniform_has_its_place(dots, summed):
    """Parameters stand first; the weights of a group stand in one piece; no place is empty."""
    inputs, wrt, loss = network(4, dots=dots)
    flat = engine.compile(loss, inputs, wrt, tier="python").flat
    layout = Layout(flat, flat.parameters if summed else 0)
    packed = layout.packed.tolist()
    below = [uniform < layout.parameters for uniform in packed]
    assert below == [True] * layout.summed + [False] * (len(packed) - layout.summed)
    assert len(set(packed)) == len(packed)
    assert set(range(flat.parameters)) <= set(packed)
    grouped = list(groups(layout))
    assert len(grouped) == 2
    for place, weights in grouped:
        assert packed[place : place + len(weights)] == weights
    alone = set(packed).difference(*(weights for _, weights in grouped))
    assert alone
    assert all(packed[layout.place_of(~uniform)] == uniform for uniform in alone)


def test_a_layer_that_is_applied_twice_has_one_place():
    """So each of its weights has one sum."""
    flat, parameters = twice()
    layout = Layout(flat, flat.parameters)
    first, second = groups(layout)
    assert first == second
    assert sorted(layout.packed.tolist()) == list(range(len(parameters)))


def test_many_weights_have_numbers_for_their_sums():
    """From the limit on, all of them; below it, none."""
    flat, parameters = twice()
    count = len(parameters)
    assert Layout(flat, flat.parameters, Limits(many_weights=count)).totals == count
    assert Layout(flat, flat.parameters, Limits(many_weights=count + 1)).totals == 0
    assert Layout(flat, 0, Limits(many_weights=1)).totals == 0


def test_a_handler_has_one_number():
    """Numbers are given in the order of asking, and the same key has the same again."""
    layout = Layout(twice()[0], 0)
    assert [layout.number("dot"), layout.number("row", 1), layout.number("dot")] == [0, 1, 0]
    assert layout.handlers == [("dot",), ("row", 1)]
