"""The tiers of machine code: which code runs, the order of gradients, one sample."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from machine_programs import check, recorded
from program_examples import close, network

import engine
from engine import Value
from engine.errors import CompileError
from engine.program.llvm import INTERPRETER, STRAIGHT
from engine.program.llvm.plan import Limits
from engine.program.llvm.straight.straight_line import TOO_LARGE
from engine.program.llvm.tiers import BlockTier

TIERS = ("llvm", "straight")


@pytest.mark.parametrize("tier", [INTERPRETER, STRAIGHT], ids=TIERS)
def test_values_sums_and_gradients_of_each_sample(tier):
    """As on the Python tier, with several outputs, again and again."""
    inputs, wrt, outputs = recorded(3)
    program = engine.compile(outputs, inputs, wrt, tier="python")
    check(tier, program, 1, 3, 40, 3)


def test_what_runs_a_program_can_be_seen():
    """And by the limits of a tier, straight lines may come soon."""
    inputs, parameters, loss = network(4)
    program = engine.compile(loss, inputs, parameters, tier="straight")
    assert "straight-line machine code" in program.report()
    x = Value(0.5)
    flat = engine.compile(engine.sin(x), [x], [x], tier="python").flat
    for straight, expected in (("never", "block"), ("hot", "block"), ("always", "straight")):
        runner = BlockTier("llvm", straight).prepare(flat)
        runner.value(np.ones((4, 1)), np.ones(0))
        assert runner.describe().startswith(expected)


def test_only_what_compiles_in_reasonable_time_is_made_straight():
    """A program of too many terms is refused by the tier that was asked for by name."""
    x = Value(0.5)
    flat = engine.compile(engine.sin(x) * x, [x], [x], tier="python").flat
    assert BlockTier("straight", "always", Limits(straight=3)).prepare(flat)
    assert BlockTier("llvm", "hot", Limits(straight=2)).prepare(flat)
    with pytest.raises(CompileError, match=r"of 3 terms would take long.*up to 2 are taken"):
        BlockTier("straight", "always", Limits(straight=2)).prepare(flat)


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


def test_a_step_takes_arrays_that_fit_and_nothing_else():
    """The caller reads what it does not take."""
    inputs, parameters, loss = network(3)
    flat = engine.compile(loss, inputs, parameters, tier="python").flat
    runner = INTERPRETER.prepare(flat)
    batch, live = np.ones((4, 3)), np.full(flat.live, 0.1)
    values, gradient = runner.step(batch, live)
    expected = runner.value_and_grad(batch, live, per_sample=False)
    assert np.array_equal(values, expected[0][:, 0])
    assert np.array_equal(gradient, expected[1][0])
    for given in ((batch, None), (batch.tolist(), live), (batch[:0], live), (batch, live[1:])):
        assert runner.step(*given) is None


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


def test_a_large_program_is_bound_to_the_interpreter():
    """Straight-line code of many thousands of terms would take long to compile."""
    x = Value(0.5)
    y = x
    for _ in range(TOO_LARGE // 3 + 1):
        y = engine.sin(y) * x
    flat = engine.compile(y, [x], [x], tier="python").flat
    assert INTERPRETER.prepare(flat).single(np.ones(0), np.empty(1)) is None
    bound = engine.compile(y, [x], [x], tier="llvm").bind()
    assert bound.call(0.5) == pytest.approx(y.data)
    assert close(bound.gradient, [engine.gradients(y)[x]])
