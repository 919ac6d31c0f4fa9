"""Which code runs a program: wide blocks, narrow ones, straight lines once it is hot."""

import threading

import numpy as np
import pytest
from program_examples import close, network

import engine
from engine import Value
from engine.errors import CompileError
from engine.program.llvm import plan, tiers
from engine.program.llvm.encoding import memory
from engine.program.llvm.machine.runtime import machine


def dotless():
    """Record a little graph without dots: inputs, parameters, result."""
    x, w, v = Value(0.5), Value(1.5), Value(-0.5)
    return [x], [w, v], ((x * w).tanh() * v).sin() / (engine.exp(x) + engine.sqrt(w * w))


def wait():
    """Wait until nothing is compiled any more."""
    for thread in threading.enumerate():
        if thread.name == "everypath compiles":
            thread.join()


def test_a_hot_program_becomes_straight_lines(monkeypatch):
    """In the background, once, and with the same results."""
    monkeypatch.setattr(plan, "HOT", 1000)
    inputs, parameters, y = dotless()
    program = engine.compile(y, inputs, parameters)
    batch = np.random.default_rng(0).normal(size=(99, 1))
    values, gradient = program.value_and_grad(batch)
    each = program.value_and_grad(batch, reduce=None)[1]
    assert "interpreter" in program._runner.describe()
    for _ in range(12):
        program.value_and_grad(batch)
    wait()
    assert "straight" in program._runner.describe()
    assert close(program.value(batch), values)
    assert close(program.value_and_grad(batch)[1], gradient)
    for _ in range(12):
        assert close(program.value_and_grad(batch, reduce=None)[1], each)
    first = program._runner._summed._straight
    program._runner._summed._heat()
    wait()
    assert program._runner._summed._straight is first


@pytest.mark.parametrize("tier", ["llvm", "auto"])
def test_networks_and_the_interpreter_by_name_stay_interpreted(monkeypatch, tier):
    """Dots run well as they are; and what was asked for by name is not changed."""
    monkeypatch.setattr(plan, "HOT", 0)
    inputs, parameters, y = network(4) if tier == "auto" else dotless()
    program = engine.compile(y, inputs, parameters, tier=tier)
    for _ in range(3):
        program.value([0.5] * len(inputs))
    wait()
    assert "interpreter" in program._runner.describe()


def test_only_what_compiles_in_reasonable_time_is_made_straight(monkeypatch):
    """A program of too many terms is refused by the tier that was asked for by name."""
    monkeypatch.setattr(tiers, "LARGEST", 5)
    inputs, parameters, y = dotless()
    with pytest.raises(CompileError, match="up to 5 are taken"):
        engine.compile(y, inputs, parameters, tier="straight")


@pytest.mark.parametrize("dots", [False, True])
def test_large_programs_run_in_narrower_blocks(monkeypatch, dots):
    """So that their memory stays nearer to the processor; the results are the same."""
    inputs, parameters, y = network(4) if dots else dotless()
    wide = engine.compile(y, inputs, parameters, tier="llvm")
    runner = wide._runner._summed
    shape, room = runner.shape, runner.code.memory
    assert shape == machine().shape
    limit = 8 * (room.values + room.slopes) * shape.samples
    batch = np.random.default_rng(0).normal(size=(77, len(inputs)))
    for most, vectors in ((limit, 4), (limit - 1, 2), (limit // 2 - 1, 1), (0, 1)):
        monkeypatch.setattr(plan, "_CACHE_OF_DOTS" if dots else "_CACHE", most)
        narrow = engine.compile(y, inputs, parameters, tier="llvm")
        found = narrow._runner._summed
        assert found.shape.vectors == vectors
        assert np.array_equal(narrow.value(batch), wide.value(batch))
        assert close(narrow.value_and_grad(batch)[1], wide.value_and_grad(batch)[1])
        assert close(wide.value(batch[:1]), narrow.value(batch[:1]))
        assert (found._wide is None) == (vectors == 1)
    assert runner._narrow is not None


def test_memory_that_is_used_again_gives_the_same(monkeypatch):
    """With outputs that are inputs, forward only, in straight lines, and with no rows at all."""
    inputs, parameters, y = dotless()
    leaves = [*parameters, *inputs]
    monkeypatch.setattr(memory, "FEW", -1)
    for roots, wrt in (
        ([y, *inputs], leaves),
        ([*inputs, y, y], leaves),
        ([*inputs, y], parameters),
        (inputs, inputs),
        ([y], inputs),
    ):
        expected, program, straight = (
            engine.compile(roots, inputs, wrt, tier=tier)
            for tier in ("python", "llvm", "straight")
        )
        batch = np.random.default_rng(0).normal(size=(41, 1))
        for found in (program, straight):
            assert close(found.value(batch), expected.value(batch))
            assert close(found.jacobian(batch), expected.jacobian(batch))
            assert close(found.value_and_grad(batch)[1], expected.value_and_grad(batch)[1])


def test_a_program_without_instructions_runs():
    """A result that is an input."""
    x = Value(2.0)
    for tier in ("llvm", "straight"):
        program = engine.compile([x, x], [x], [x], tier=tier)
        values, jacobian = program.value_and_grad([[1.0], [3.0]], reduce=None)
        assert values.tolist() == [[1.0, 1.0], [3.0, 3.0]]
        assert jacobian.tolist() == [[[1.0], [1.0]]] * 2


def test_many_inputs_are_read_by_lines():
    """More columns than fit a cache line, and some left over."""
    xs = [Value(0.1 * k) for k in range(19)]
    y = engine.dot(xs[1:], xs[:-1])
    program = engine.compile(y, xs, xs, tier="llvm")
    batch = np.random.default_rng(0).normal(size=(37, 19))
    assert close(program.value(batch), (batch[:, 1:] * batch[:, :-1]).sum(axis=1))
    expected = np.zeros((37, 19))
    expected[:, 1:] += batch[:, :-1]
    expected[:, :-1] += batch[:, 1:]
    assert close(program.value_and_grad(batch, reduce=None)[1], expected)
