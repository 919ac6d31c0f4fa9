"""Handlers of rows, loads and logsumexp: masks, sums, modes, hard numbers."""

import math

import numpy as np
import pytest
from machine_programs import check, recorded
from program_examples import close, eager, network

import engine
from engine import Value
from engine.program.llvm import INTERPRETER
from engine.program.llvm.blocks.handlers import write_row
from engine.program.llvm.writing.ir import Module, Width
from engine.table.ops import TABLE

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


@pytest.mark.parametrize("size", SIZES)
def test_a_parameter_that_a_row_reads_sums_its_own_samples(size):
    """It is loaded to a slot, whose adjoints are added up where the samples are valid."""
    x, w = Value(2.0), Value(1.0)
    program = engine.compile(engine.sin(w) * x, [x], [w], tier="llvm")
    batch = np.arange(1.0, size + 1)[:, None]
    assert close(program.value_and_grad(batch)[1], [math.cos(1.0) * batch.sum()])


@pytest.mark.parametrize("seed", range(20))
def test_any_program_gives_what_it_gives_in_python(seed):
    """Rows among dots and layers, operands that need gradients and that do not."""
    inputs, wrt, outputs = recorded(100 + seed)
    check(INTERPRETER, engine.compile(outputs, inputs, wrt, tier="python"), 5, 33)


HARD = (
    (0.0, 1.0, 2.0),
    (800.0, -800.0, 799.0),
    (-800.0, -801.0, -800.5),
    (math.inf, 0.0, 1.0),
    (-math.inf, -math.inf, -math.inf),
    (math.nan, 0.0, 1.0),
    (0.0, math.nan, 1.0),
    (0.0, 1.0, math.nan),
)


@pytest.mark.parametrize("tier", TIERS)
def test_logsumexp_neither_overflows_nor_loses_a_nan(tier):
    """Shifted by the largest; an infinite one is the result."""
    xs = [Value(0.0) for _ in range(3)]
    program = engine.compile(engine.logsumexp(xs), xs, xs, tier=tier)
    found = program.value(np.array(HARD)).tolist()
    expected = [np.logaddexp.reduce(row) for row in HARD[:3]]
    assert close(found[:3], expected, 1e-15)
    assert found[3:5] == [math.inf, -math.inf]
    assert all(map(math.isnan, found[5:]))
    shares = program.value_and_grad(np.array(HARD[:3]), reduce=None)[1]
    assert close(shares, np.exp(np.array(HARD[:3]) - np.array(expected)[:, None]), 1e-14)


def test_logsumexp_hands_down_to_those_that_need_a_gradient():
    """The others are left alone."""
    xs = [Value(0.1 * k) for k in range(3)]
    y = engine.logsumexp([engine.sin(x) for x in xs]) * xs[0]
    program = engine.compile(y, xs, xs[1:], tier="llvm")
    batch = np.random.default_rng(0).normal(size=(9, 3))
    _, gradients = eager(xs, xs[1:], [y], batch)
    assert close(program.value_and_grad(batch, reduce=None)[1], gradients[:, 0])


def test_rows_are_told_apart_by_what_they_say():
    """Of two of the same name each computes by its own texts; sigmoid has a function of ours."""
    rows = [
        engine.define_op("scaled_llvm", f"{k} * x", [f"{k}"], samples=[(1.5,)])
        for k in ("2.0", "3.0")
    ]
    x = Value(0.5)
    y = rows[0](x) * rows[1](x)
    value, gradient = engine.compile(y, [x], [x], tier="llvm").value_and_grad([0.5])
    assert (value, gradient[0]) == (1.5, 6.0)
    module = Module(Width(lanes=2))
    write_row(module, "row", TABLE["sigmoid"])
    assert module.text().count("fdiv") == 4  # by its text there would be two for each vector


def test_a_row_may_have_partials_that_read_nothing():
    """Beside one that reads; the words of a run have the same length all the same."""
    texts = "x + sin(y)", ["1.0", "cos(y)"]
    row = engine.define_op("mixed_llvm", *texts, operands=("x", "y"), samples=[(1.0, 2.0)])
    xs = [Value(0.1 * k) for k in range(4)]
    y = row(xs[0], xs[1]) * row(xs[2], xs[3]) * row(xs[1], xs[2])
    check(INTERPRETER, engine.compile(y, xs, xs, tier="python"), 1, 9)
