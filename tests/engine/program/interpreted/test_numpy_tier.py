"""Grouped NumPy: rules on arrays, repeated targets, blocks."""

import math

import numpy as np
import pytest
from program_examples import close, network

import engine
from engine import Value
from engine.program.interpreted.numpy_tier import NUMPY, NumpyTier, on_arrays
from engine.program.passes.passes import PASSES, run_passes
from engine.program.passes.schedule import schedule
from engine.program.recording.capture import capture
from engine.table.floats import total


def runner_of(outputs, inputs, wrt=()):
    """Capture, run all passes, schedule, prepare."""
    tape = capture(outputs, inputs, wrt).tape
    run_passes(tape, PASSES)
    return NUMPY.prepare(schedule(tape))


@pytest.mark.parametrize("op", [op for op in engine.TABLE.values() if not op.variadic], ids=repr)
def test_rules_on_arrays_equal_rules_on_floats(op):
    """Forward and every partial, elementwise."""
    samples = np.array([*op.samples, *op.kinks], dtype=float).T
    z = [total(op.forward, op.operands)(*s) for s in samples.T]
    known = (*op.operands, "z")
    with np.errstate(all="ignore"):
        assert close(on_arrays(op.forward, op.operands)(*samples), z, 1e-14)
        partials = [on_arrays(text, known)(*samples, np.array(z)) for text in op.partials]
    for text, partial in zip(op.partials, partials, strict=True):
        found = np.broadcast_to(partial, len(z))
        expected = [total(text, known)(*s, y) for s, y in zip(samples.T, z, strict=True)]
        assert close(found, expected, 1e-14)


def test_logic_works_elementwise():
    """``and`` and ``or`` of any number of tests, constants by name."""
    x = np.array([-2.0, 0.5, 3.0])
    text = "PI if x > 0 and x < 1 and x != 5 else 1.0 if x < 0 or x > 2 else 0.0"
    assert on_arrays(text, ("x",))(x).tolist() == [1.0, math.pi, 1.0]


def test_large_batches_are_cut_into_blocks():
    """The same values and gradients, block by block."""
    inputs, parameters, loss = network(3)
    runner = runner_of([loss], inputs, parameters)
    batch = np.random.default_rng(0).normal(size=(50, 3))
    live = np.array([p.data for p in parameters])
    values, gradient = runner.value_and_grad(batch, live, False)
    each = runner.value_and_grad(batch, live, True)[1]
    runner = NumpyTier(block=7 * runner.layout.rows).prepare(runner.flat)
    assert list(map(len, runner.blocks(batch))) == [7] * 7 + [1]
    assert list(map(len, NumpyTier(block=1).prepare(runner.flat).blocks(batch))) == [1] * 50
    again, more = runner.value_and_grad(batch, live, False)
    assert np.array_equal(again, values)
    assert close(more, gradient)
    assert close(runner.value_and_grad(batch, live, True)[1], each)
    assert np.array_equal(runner.value(batch, live), values)


def test_repeated_operands_and_weights_add_up():
    """The same column twice in a layer, the same weight in two rows, the same place in a dot."""
    x, y, w, v = Value(0.5), Value(2.0), Value(3.0), Value(-1.0)
    rows = [engine.dot([w, v], [x, x], w), engine.dot([v, v], [x, x], w)]
    loss = engine.dot([rows[0], rows[0], x], [rows[1], rows[0], y], x) * y
    runner = runner_of([loss], [x, y], [w, v, x])
    expected = engine.gradients(loss)
    for per_sample in (False, True):
        _, found = runner.value_and_grad(np.array([[0.5, 2.0]]), np.array([3.0, -1.0]), per_sample)
        assert close(found.ravel(), [expected[k] for k in (w, v, x)])


def test_layers_without_parameters_take_fixed_weights():
    """Then only the columns get gradients."""
    x, y = Value(0.5), Value(2.0)
    rows = [engine.dot([2.0, 3.0], [x, y]), engine.dot([4.0, 5.0], [x, y])]
    runner = runner_of([rows[0] * rows[1]], [x, y], [x, y])
    value, gradient = runner.value_and_grad(np.array([[0.5, 2.0]]), np.array([]), False)
    assert value.tolist() == [[84.0]]
    assert gradient.tolist() == [[12.0 * 2 + 7 * 4, 12.0 * 3 + 7 * 5]]


def test_logsumexp_has_its_limits():
    """An infinite largest is the result, nan stays nan."""
    x, y = Value(0.5), Value(2.0)
    runner = runner_of([engine.logsumexp([x, y])], [x, y], [x])
    batch = np.array([[0.0, math.inf], [-math.inf, -math.inf], [math.nan, math.inf], [0.0, 0.0]])
    values = runner.value(batch, np.array([])).ravel()
    assert values[:2].tolist() == [math.inf, -math.inf]
    assert math.isnan(values[2])
    assert values[3] == math.log(2.0)
