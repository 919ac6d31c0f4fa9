"""Where values and adjoints are kept."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from program_examples import close, eager, on_blocks
from strategies import numbers, recipes

import engine
from engine import Value
from engine.program.interpreted.python_tier import PYTHON
from engine.program.llvm.encoding.encode import encode
from engine.program.llvm.encoding.limits import Limits


def test_large_programs_use_places_again():
    """A long chain of sums needs a few places, and gives the same as it does eagerly."""
    draw = random.Random(1)
    xs = [Value(draw.uniform(-1, 1)) for _ in range(3)]
    ws = [Value(draw.uniform(-1, 1)) for _ in range(2)]
    y = xs[0] * ws[0]
    for k in range(100):
        y = (y - xs[k % 3]).tanh() if k % 50 == 0 else abs(y - xs[k % 3])
    y = y * ws[1]
    program = engine.compile(y, xs, [*xs, *ws], tier="llvm")
    found = encode(program.flat, range(3)).memory
    assert found.adjoints < 20
    assert found.values < 0.6 * program.flat.slots
    alone = encode(program.flat, range(3), limits=Limits(few=program.flat.slots)).memory
    assert alone.adjoints == alone.values == program.flat.slots
    value, gradient = program.value_and_grad([x.data for x in xs])
    y.backward()
    assert close(value, y.data)
    assert close(gradient, [leaf.grad for leaf in (*xs, *ws)])


@given(data=st.data())
def test_whatever_is_still_read_keeps_its_place(data):
    """Any graph; also an output from which the other goes on."""
    leaves, root = data.draw(recipes(everywhere=True)).build()
    order = engine.topological_order(root)
    used = [x for x in leaves if x in set(order)]
    outputs = [order[data.draw(st.integers(0, len(order) - 1))], root]
    outputs = [y for y in outputs if y.parents] or [root]
    row = st.lists(numbers(), min_size=len(used), max_size=len(used))
    batch = np.array(data.draw(st.lists(row, min_size=1, max_size=3)))
    expected = eager(used, used, outputs, batch)
    runner = on_blocks(engine.compile(outputs, used, used, tier="python").flat, few=0)
    assert all(map(close, runner.value_and_grad(batch, np.zeros(0), True), expected))
    assert close(runner.value(batch, np.zeros(0)), expected[0])


@pytest.mark.parametrize("per_sample", [False, True])
def test_what_is_multiplied_or_raised_is_kept_for_the_sweep(per_sample):
    """Layers without a function between them: only they, a dot and a sum of powers read them."""
    draw = random.Random(2)
    xs = [Value(draw.uniform(-1, 1)) for _ in range(4)]
    weights = []

    def layer(inputs):
        rows = [[Value(draw.uniform(-1, 1)) for _ in inputs] for _ in range(4)]
        weights.extend(w for row in rows for w in row)
        return [engine.dot(row, inputs) for row in rows]

    loss = xs[0] * 0.0
    for _ in range(3):  # each round begins when the one before is over, and its places are free
        here = [x + (loss * 0.1).sin() for x in xs]
        product = engine.dot(layer(here), layer(here))
        loss = engine.sum(layer(layer(here))) + product + engine.logsumexp(layer(here))
    runner = on_blocks(engine.compile(loss, xs, weights, tier="python").flat, few=0)
    batch = np.random.default_rng(1).uniform(-1, 1, (5, 4))
    values, gradients = eager(xs, weights, [loss], batch)
    expected = gradients if per_sample else gradients.sum(axis=0)
    found = runner.value_and_grad(batch, np.array([w.data for w in weights]), per_sample)
    assert all(map(close, found, (values, expected)))


def test_memory_that_is_used_again_gives_the_same():
    """With outputs that are inputs, forward only, in straight lines, and with no rows at all."""
    x, w, v = Value(0.5), Value(1.5), Value(-0.5)
    y = ((x * w).tanh() * v).sin() / (engine.exp(x) + engine.sqrt(w * w))
    inputs, parameters, leaves = [x], [w, v], [w, v, x]
    for roots, wrt in (
        ([y, *inputs], leaves),
        ([*inputs, y, y], leaves),
        ([*inputs, y], parameters),
        (inputs, inputs),
        ([y], inputs),
    ):
        flat = engine.compile(roots, inputs, wrt, tier="python").flat
        expected = PYTHON.prepare(flat)
        batch = np.random.default_rng(0).normal(size=(41, 1))
        live = np.array([1.5, -0.5][: flat.live])
        for straight in ("never", "always"):
            found = on_blocks(flat, straight, few=-1)
            assert close(found.value(batch, live), expected.value(batch.tolist(), live))
            for each in (False, True):
                _, gradient = found.value_and_grad(batch, live, each)
                assert close(gradient, expected.value_and_grad(batch.tolist(), live, each)[1])
