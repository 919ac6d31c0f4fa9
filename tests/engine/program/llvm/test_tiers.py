"""The machine-code tier: masks, sums, user rows, threads, the order of gradients."""

import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from program_examples import close, eager, network

import engine
from engine import Value
from engine.program.llvm.straight.straight_line import TOO_LARGE

SIZES = (1, 7, 8, 31, 32, 33, 100)
TIERS = ("llvm", "straight")


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("size", SIZES)
def test_a_batch_of_any_size_sums_its_own_samples_only(size, tier):
    """Lanes past the end of the batch are in no sum, whatever they hold."""
    inputs, parameters, loss = network(5)
    program = engine.compile(loss, inputs, parameters, tier=tier)
    batch = np.random.default_rng(size).normal(size=(size, 3))
    values, gradients = eager(inputs, parameters, [loss], batch)
    found, gradient = program.value_and_grad(batch)
    assert close(found, values[:, 0])
    assert close(gradient, gradients[:, 0].sum(axis=0))


@pytest.mark.parametrize("tier", TIERS)
@pytest.mark.parametrize("size", SIZES)
def test_padding_repeats_a_sample_but_not_its_infinity(size, tier):
    """An infinite partial in the last sample gives inf in the sum, never nan from the padding."""
    x, w = Value(2.0), Value(1.0)
    loss = (w * engine.sqrt(x) + w).tanh() + engine.sqrt(w * 0.0 + x)
    program = engine.compile(loss, [x], [w, x], tier=tier)
    batch = np.ones((size, 1))
    batch[-1] = 0.0
    values, gradients = eager([x], [w, x], [loss], batch)
    found, gradient = program.value_and_grad(batch)
    assert close(found, values[:, 0])
    assert gradient[1] == math.inf
    assert close(gradient[0], gradients[:, 0, 0].sum())


def test_a_row_of_ones_own_compiles_and_so_does_its_redefinition():
    """Machine code follows the texts of a row, not its name."""
    for power in (2, 3):
        text = "*".join(["x"] * power)
        op = engine.define_op(
            f"raised_llvm_{power}", text, [f"{power}.0 * {text} / x"], samples=[(1.5,)]
        )
        x = Value(3.0)
        program = engine.compile(op(x), [x], [x], tier="llvm")
        value, gradient = program.value_and_grad([2.0])
        assert (value, gradient[0]) == (2.0**power, power * 2.0 ** (power - 1))


def test_gradients_come_in_the_order_asked_for():
    """Parameters and inputs may be mixed in ``wrt``."""
    x, w = Value(2.0), Value(3.0)
    program = engine.compile(w * x, [x], [w, x], tier="llvm")
    value, gradient = program.value_and_grad([[2.0], [5.0]])
    assert value.tolist() == [6.0, 15.0]
    assert gradient.tolist() == [7.0, 6.0]


def test_several_threads_may_call_one_program():
    """Each call has memory of its own."""
    inputs, parameters, loss = network(8)
    program = engine.compile(loss, inputs, parameters, tier="llvm")
    batches = [np.random.default_rng(k).normal(size=(400, 3)) for k in range(8)]
    alone = [program.value_and_grad(batch) for batch in batches]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(program.value_and_grad, batches * 5))
    for (v, g), (value, gradient) in zip(alone * 5, together, strict=True):
        assert np.array_equal(v, value)
        assert np.array_equal(g, gradient)


@pytest.mark.parametrize("tier", TIERS)
def test_one_sample_in_straight_line_code(tier):
    """A bound program equals the batch of one, reads new parameters, and refuses what is wrong."""
    inputs, parameters, loss = network(9)
    loss = loss + engine.logsumexp([*inputs, parameters[0]]) * 0.5 + 1.0 / parameters[1]
    program = engine.compile(loss, inputs, parameters, tier=tier)
    bound = program.bind()
    for scale in (1.0, -2.0):
        bound.params[:] = scale * bound.params
        value, gradient = program.value_and_grad([0.3, -0.2, 0.9], bound.params)
        assert bound.call(0.3, -0.2, 0.9) == pytest.approx(value, rel=1e-13)
        assert close(bound.gradient, gradient)
    with pytest.raises(TypeError):
        bound.call(1.0)
    with pytest.raises(TypeError):
        bound.call(1.0, "2", 3.0)


def test_a_large_program_is_bound_to_the_interpreter():
    """Straight-line code of many thousands of terms would take long to compile."""
    x = Value(0.5)
    y = x
    for _ in range(TOO_LARGE):
        y = engine.sin(y) * x
    bound = engine.compile(y, [x], [x], tier="llvm").bind()
    assert bound.call(0.5) == pytest.approx(y.data)
    assert close(bound.gradient, [engine.gradients(y)[x]])
