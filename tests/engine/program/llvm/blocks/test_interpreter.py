"""The driver of the block interpreter, in every width: batches of any size, columns, sweeps."""

from dataclasses import replace

import numpy as np
import pytest
from machine_programs import check, recorded
from program_examples import close

import engine
from engine import Value
from engine.program.llvm import INTERPRETER
from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.writing.ir import Width


@pytest.mark.parametrize(("lanes", "tile"), [(2, 2), (2, 4), (4, 2), (8, 4)])
@pytest.mark.parametrize("seed", range(6))
def test_machine_code_in_the_widths_of_all_processors(monkeypatch, lanes, tile, seed):
    """Registers of every width, tiles of every size, blocks that are full and that are not."""
    width = Width(lanes=lanes, tile=tile)
    monkeypatch.setattr(machine(), "width", width)
    monkeypatch.setattr(machine(), "narrow", replace(width, vectors=1))
    inputs, wrt, outputs = recorded(seed)
    check(INTERPRETER, engine.compile(outputs, inputs, wrt, tier="python"), 1, 13, 40, 64)


@pytest.mark.parametrize("columns", [1, 7, 8, 9, 16, 19])
def test_many_inputs_are_read_by_lines(columns):
    """More columns than fit a cache line, exactly as many, and some left over."""
    xs = [Value(0.1 * k) for k in range(columns + 1)]
    program = engine.compile(engine.dot(xs[1:], xs[:-1]), xs, xs, tier="llvm")
    batch = np.random.default_rng(0).normal(size=(37, columns + 1))
    assert close(program.value(batch), (batch[:, 1:] * batch[:, :-1]).sum(axis=1))
    expected = np.zeros_like(batch)
    expected[:, 1:] += batch[:, :-1]
    expected[:, :-1] += batch[:, 1:]
    assert close(program.value_and_grad(batch, reduce=None)[1], expected)
    assert close(program.value_and_grad(batch)[1], expected.sum(axis=0))


def test_a_program_without_instructions_runs():
    """A result that is an input."""
    x = Value(2.0)
    for tier in ("llvm", "straight"):
        program = engine.compile([x, x], [x], [x], tier=tier)
        values, jacobian = program.value_and_grad([[1.0], [3.0]], reduce=None)
        assert values.tolist() == [[1.0, 1.0], [3.0, 3.0]]
        assert jacobian.tolist() == [[[1.0], [1.0]]] * 2
