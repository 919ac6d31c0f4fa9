"""Where values and slopes are kept."""

import random

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("llvmlite")

from program_examples import close  # noqa: E402

import engine  # noqa: E402
from engine import Value  # noqa: E402
from engine.program.llvm import memory  # noqa: E402


def test_large_programs_use_places_again():
    """A long chain of sums needs a few places, and gives the same as it does eagerly."""
    draw = random.Random(1)  # noqa: S311 - any numbers
    xs = [Value(draw.uniform(-1, 1)) for _ in range(3)]
    ws = [Value(draw.uniform(-1, 1)) for _ in range(2)]
    y = xs[0] * ws[0]
    for k in range(memory.FEW):
        y = (y - xs[k % 3]).tanh() if k % 50 == 0 else abs(y - xs[k % 3])
    y = y * ws[1]
    program = engine.compile(y, xs, [*xs, *ws], tier="llvm")
    found = program._runner._summed.code.memory
    assert found.slopes < 20
    assert found.values < 0.6 * program.flat.slots
    value, gradient = program.value_and_grad([x.data for x in xs])
    y.backward()
    assert close(value, y.data)
    assert close(gradient, [leaf.grad for leaf in (*xs, *ws)])
