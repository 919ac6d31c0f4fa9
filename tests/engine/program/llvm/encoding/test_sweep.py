"""Random flat programs of every kind of instruction: machine code equals the Python tier."""

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from program_examples import on_blocks, program_of

from engine.program.instructions import (
    Apply,
    Dot,
    Group,
    Load,
    LogSumExp,
)
from engine.program.interpreted.python_tier import PYTHON
from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.writing.ir import Width
from engine.table.ops import TABLE

UNARY = [TABLE[name] for name in ("sin", "tanh", "neg")]
BINARY = [TABLE[name] for name in ("add", "sub", "mul")]
PARAMETERS, LIVE, UNIFORMS, INPUTS = 12, 16, 18, 3


def instruction(draw, slots, unloaded):
    """Draw an instruction that reads slots below ``slots``; how many it writes."""

    def some(least, most, count=slots):
        return tuple(draw.randrange(count) for _ in range(draw.randint(least, most)))

    kind = draw.choice("laabbddgs")
    if kind == "l" and unloaded:
        return Load(slots, unloaded.pop()), 1
    if kind in "la":
        return Apply(slots, draw.choice(UNARY), some(1, 1)), 1
    if kind == "b":
        return Apply(slots, draw.choice(BINARY), some(2, 2)), 1
    if kind == "s":
        return LogSumExp(slots, some(1, 4)), 1
    if kind == "d":
        right = some(1, 5)
        left = tuple(
            draw.choice([draw.randrange(slots), ~draw.randrange(UNIFORMS)]) for _ in right
        )
        plain = tuple(draw.choice([k, ~draw.randrange(UNIFORMS)]) for k in some(0, 3))
        return Dot(slots, plain, left, right), 1
    rows, columns = draw.randint(2, 6), some(1, 6)
    among = draw.choice([(0, PARAMETERS), (PARAMETERS, UNIFORMS)])
    weights = tuple(draw.randrange(*among) for _ in range(rows * len(columns)))
    biases = tuple(draw.randrange(UNIFORMS) for _ in range(draw.choice([0, rows])))
    return Group(tuple(range(slots, slots + rows)), columns, weights, biases), rows


def program(seed, size):
    """Draw a program in which everything is used: outputs are what nothing else reads."""
    draw = random.Random(seed)
    slots, steps, unloaded = INPUTS, [], draw.sample(range(UNIFORMS), UNIFORMS)
    for _ in range(size):
        step, written = instruction(draw, slots, unloaded)
        steps.append(step)
        slots += written
    read = {r for step in steps for r in step.reads}
    outputs = tuple(slot for slot in range(INPUTS, slots) if slot not in read)
    wrt = [*range(draw.randint(0, INPUTS)), *(~u for u in range(PARAMETERS))]
    draw.shuffle(wrt)
    # A program of one output has no dead instructions: so there are two at least, or a copy.
    outputs = outputs if len(outputs) > 1 else outputs * 2
    return program_of(
        (PARAMETERS, LIVE, (0.5, -1.5)),
        INPUTS,
        steps,
        outputs,
        draw.randint(1, len(outputs)),
        wrt,
    )


@pytest.mark.parametrize("tier", ["never", "always"])
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(1, 25),
    batch=st.sampled_from([1, 13, 40]),
    eager_to_sort=st.booleans(),
    large=st.booleans(),
)
def test_machine_code_of_random_programs(tier, seed, size, batch, eager_to_sort, large):
    """Any instructions on any slots, repeats and all; summed or for each sample.

    Sorted or not; as small programs run, or as large ones do: places are used again, and the sums
    of weights are numbers.
    """
    limits = {"few": -1, "many_weights": 1} if large else {}
    compare(seed, size, batch, tier, worth=1.0 if eager_to_sort else 1e9, **limits)


@pytest.mark.parametrize(("lanes", "rows"), [(2, 2), (2, 4), (4, 2), (8, 4)])
@pytest.mark.parametrize("seed", range(5))
def test_machine_code_in_the_shapes_of_other_processors(monkeypatch, lanes, rows, seed):
    """Registers of every width, tiles of every size."""
    width = Width(lanes=lanes, tile=rows)
    monkeypatch.setattr(machine(), "width", width)
    monkeypatch.setattr(machine(), "narrow", replace(width, vectors=1))
    compare(seed, 25, (1, 13, 40)[seed % 3], many_weights=1 + 4095 * (seed % 2))


def compare(seed, size, batch, straight="never", **limits):
    """Compare a random program as machine code with the Python tier."""
    flat = program(seed, size)
    rng = np.random.default_rng(seed)
    inputs, live = rng.uniform(-1, 1, (batch, INPUTS)), rng.uniform(-1, 1, LIVE)
    plain, block = PYTHON.prepare(flat), on_blocks(flat, straight, **limits)
    for per_sample in (False, True):
        expected = plain.value_and_grad(inputs.tolist(), live.tolist(), per_sample)
        found = block.value_and_grad(inputs, live, per_sample)
        for one, other in zip(found, expected, strict=True):
            scale = 1.0 + np.abs(other).max(initial=0.0)
            assert np.allclose(one, other, rtol=1e-9, atol=1e-11 * scale)
