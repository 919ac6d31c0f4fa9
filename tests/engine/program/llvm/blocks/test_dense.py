"""Handlers of dots and of dense layers: terms of every kind, tiles of every size."""

from dataclasses import replace

import numpy as np
import pytest
from machine_programs import check
from program_examples import close

import engine
from engine import Value
from engine.program.llvm import INTERPRETER
from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.writing.ir import Width


def leaves(count, first=0.3):
    """Make so many Values, each another number."""
    return [Value(first + 0.07 * k) for k in range(count)]


@pytest.mark.parametrize("wrt", ["inputs", "parameters", "both"])
def test_a_dot_has_terms_of_every_kind(wrt):
    """Plain and paired, of slots and of uniforms; with each the gradients that are asked for."""
    xs, ws = leaves(4), leaves(5, -0.2)
    hidden = [engine.sin(x) for x in xs]
    left = [*ws[:2], hidden[0], hidden[1], hidden[2], ws[4]]
    right = [hidden[0], hidden[1], hidden[2], hidden[3], hidden[2], xs[0]]
    y = engine.dot(left, right) + hidden[0] + hidden[0] + xs[3] + ws[2] + ws[3] + 0.25
    chosen = {"inputs": xs[1:], "parameters": ws[1:], "both": [*xs, *ws]}[wrt]
    check(INTERPRETER, engine.compile([y, y * y], xs, chosen, tier="python"), 1, 13, 40)


@pytest.mark.parametrize("tile", [2, 4])
@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (3, 5), (4, 4), (5, 3), (7, 8), (8, 9)])
@pytest.mark.parametrize("biased", [True, False])
def test_a_layer_of_any_size(monkeypatch, tile, rows, columns, biased):
    """Tiles and what is left of them; a slot that is two columns; inputs that need no gradient."""
    width = Width(lanes=4, tile=tile)
    monkeypatch.setattr(machine(), "width", width)
    monkeypatch.setattr(machine(), "narrow", replace(width, vectors=1))
    xs, ws, biases = leaves(columns), leaves(rows * columns, -0.9), leaves(rows, 0.5)
    hidden = [engine.sin(x) for x in xs]
    for read in (hidden, [*hidden[:-1], hidden[0]], xs):
        rows_of = [ws[k : k + columns] for k in range(0, rows * columns, columns)]
        sums = [engine.dot(row, read) for row in rows_of]
        if biased:
            sums = [y + b for y, b in zip(sums, biases, strict=True)]
        y = engine.logsumexp(sums) * hidden[0] + engine.sum(hidden)
        for wrt in ([*xs, *ws, *biases[:1]], xs[:1], ws, biases):
            used = [leaf for leaf in wrt if biased or leaf not in biases]
            if used:
                program = engine.compile(y, xs, used, tier="python")
                check(INTERPRETER, program, 1, 9)


def test_sums_of_many_weights_are_numbers():
    """Over several blocks, and whatever is in the lanes of the last one."""
    rng = np.random.default_rng(0)
    xs, ws = leaves(64), [Value(w) for w in rng.normal(size=64 * 64)]
    sums = [engine.dot(ws[k : k + 64], xs) for k in range(0, 64 * 64, 64)]
    program = engine.compile(engine.sum(sums), xs, [*xs[:1], *ws], tier="llvm")
    for size in (1, 77):
        batch = rng.normal(size=(size, 64))
        gradient = program.value_and_grad(batch)[1]
        assert close(gradient[1:], np.tile(batch.sum(axis=0), 64))
        assert close(gradient[0], size * sum(w.data for w in ws[::64]))
