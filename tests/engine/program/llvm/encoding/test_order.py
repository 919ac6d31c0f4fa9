"""The order of instructions: sorted by kind where that helps, and always one that can run."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from program_examples import close, on_blocks

import engine
from engine import Value
from engine.program.instructions import written
from engine.program.interpreted.python_tier import PYTHON
from engine.program.llvm.encoding import order
from engine.program.llvm.encoding.columns import columns
from engine.program.llvm.encoding.flow import Flow
from engine.program.llvm.encoding.limits import LIMITS, Limits


def tangle(size, seed, *, sums=False):
    """Record random operations on random operands: leaves, result."""
    draw = random.Random(seed)
    leaves = [Value(draw.uniform(-1, 1)) for _ in range(6)]
    made = list(leaves)
    for _ in range(size):
        a, b = draw.choice(made), draw.choice(made)
        made.append(draw.choice([a - b, a * b, a.tanh(), engine.sin(a)]))
        if sums and draw.random() < 0.2:
            made.append(draw.choice([0.5 * a + b * a - 0.25 * b, engine.logsumexp([b, a])]))
    while len(made) > 1:
        made = [
            *(a - b for a, b in zip(made[::2], made[1::2], strict=False)),
            *made[len(made) // 2 * 2 :],
        ]
    return leaves, made[0]


def arranged(flat, limits=LIMITS):
    """Find the order of a program's instructions."""
    tables = columns(flat.instructions)
    return order.arrange(flat, tables, Flow(flat, tables), limits)


@given(st.integers(0, 99), st.integers(5, 60), st.sampled_from([4, 16, 8192]))
def test_sorting_keeps_operands_before_their_users(seed, size, piece):
    """Every slot is written before it is read, and slots are numbered as they are written."""
    leaves, y = tangle(size, seed, sums=True)
    flat = engine.compile(y, leaves, leaves, tier="python").flat
    found = arranged(flat, Limits(piece=piece, worth=0.0))
    assert found.places is not None
    ready = set(range(flat.inputs))
    count = flat.inputs
    for position in np.argsort(found.places).tolist():
        step = flat.instructions[position]
        assert all(r in ready for r in found.references[[*step.reads]].tolist() if r >= 0)
        for slot in found.references[[*written(step)]].tolist():
            assert slot == count
            count += 1
            ready.add(slot)
    assert (np.diff(found.levels) >= 0).all()


@pytest.mark.parametrize("piece", [16, 8192])
def test_sorted_programs_give_the_same(piece):
    """Values and gradients, all together or for each sample, equal those of the Python tier."""
    leaves, y = tangle(200, 3, sums=True)
    flat = engine.compile(y, leaves[:3], leaves, tier="python").flat
    assert arranged(flat, Limits(piece=piece)).places is not None
    plain, sorted_ = PYTHON.prepare(flat), on_blocks(flat, piece=piece)
    batch = np.random.default_rng(0).normal(size=(20, 3))
    live = np.array([leaf.data for leaf in leaves[3:]])
    for per_sample in (False, True):
        for one, other in zip(
            plain.value_and_grad(batch.tolist(), live.tolist(), per_sample),
            sorted_.value_and_grad(batch, live, per_sample),
            strict=True,
        ):
            assert close(other, one)


def test_sorting_leaves_longer_runs():
    """What sorting is for: fewer segments of code."""
    leaves, y = tangle(300, 1)
    flat = engine.compile(y, leaves, leaves, tier="python").flat
    found = arranged(flat)
    kinds = order.kinds_of(columns(flat.instructions))
    assert found.places is not None
    assert 1.5 * order.changes(kinds[np.argsort(found.places)]) < order.changes(kinds)


def test_a_chain_stays_as_it_is():
    """Nothing can be sorted where each operation needs the one before."""
    x = y = Value(0.5)
    for _ in range(40):
        y = engine.sin(y * x)
    flat = engine.compile(y, [x], [x], tier="python").flat
    found = arranged(flat)
    assert found.places is None
    assert order.apply(found, columns(flat.instructions)).total == len(flat.instructions)
