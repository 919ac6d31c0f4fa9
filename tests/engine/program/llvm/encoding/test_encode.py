"""Flat programs written by hand: machine code agrees with the tier without dependencies."""

import numpy as np
import pytest
from machine_programs import check, recorded
from program_examples import close, program_of

import engine
from engine.program.instructions import Apply, Dot, Group, LogSumExp
from engine.program.interpreted.python_tier import PYTHON
from engine.program.llvm import INTERPRETER, STRAIGHT
from engine.program.llvm.encoding.encode import encode
from engine.table.ops import TABLE

PROGRAMS = {
    "a dot with and without active operands": program_of(
        (1, 2, ()), 3, [Dot(3, (), (~1, ~1, 0, 1, 0), (1, 0, 1, 2, 2))], (3,), 1, (0, ~0)
    ),
    "a dot that nothing asked for depends on": program_of(
        (0, 1, ()), 2, [Dot(2, (), (~0,), (1,)), Dot(3, (), (2,), (0,))], (3,), 1, (0,)
    ),
    "a layer without gradients, then one with": program_of(
        (0, 4, ()),
        2,
        [Group((2, 3), (0, 0), (0, 1, 2, 3), ()), Dot(4, (), (2, 3), (1, 1))],
        (4,),
        1,
        (1,),
    ),
    "a layer whose columns have gradients before": program_of(
        (4, 5, ()),
        2,
        [
            Group((2, 3), (0, 1), (0, 1, 2, 3), (4, 4)),
            LogSumExp(4, (0, 1)),
            Dot(5, (4,), (2, 3), (3, 0)),
        ],
        (5,),
        1,
        (0, 1, ~0, ~1, ~2, ~3),
    ),
    "a layer that reads columns of one tile twice": program_of(
        (12, 12, ()),
        2,
        [
            Group((2, 3), (0, 1, 0, 0, 1, 1), tuple(range(12)), ()),
            Apply(4, TABLE["sin"], (0,)),
            Dot(5, (4, 1), (3,), (2,)),
        ],
        (5,),
        1,
        (0, 1, *(~k for k in range(12))),
    ),
    "a layer that reads a column twice": program_of(
        (4, 6, ()),
        1,
        [
            Group((1, 2), (0, 0), (0, 1, 2, 3), (4, 5)),
            Apply(3, TABLE["sin"], (1,)),
            Dot(4, (), (3,), (2,)),
        ],
        (4,),
        1,
        (0, ~0, ~1, ~2, ~3),
    ),
    "layers that share their weights, in two shapes": program_of(
        (5, 9, ()),
        3,
        [
            Group((3, 4), (0, 1), (0, 1, 2, 3), ()),
            Group((5, 6), (1, 2), (0, 1, 2, 3), (4, 4)),
            Group((7, 8), (5, 6), (5, 6, 7, 8), ()),
            Group((9, 10, 11, 12), (2,), (0, 1, 2, 3), ()),
            Group((13, 14), (5, 8), (3, 2, 1, 0), ()),
            Dot(15, (4,), (3, 5, 9, 11, 13), (7, 8, 10, 12, 14)),
        ],
        (15,),
        1,
        (0, 2, *(~k for k in range(5))),
    ),
}


@pytest.mark.parametrize("tier", [INTERPRETER, STRAIGHT], ids=["blocks", "straight"])
@pytest.mark.parametrize("flat", PROGRAMS.values(), ids=PROGRAMS)
def test_any_mix_of_active_and_inactive_places(flat, tier):
    """Values and gradients are those of the Python tier, for batches and for one sample."""
    rng = np.random.default_rng(3)
    batch, live = rng.normal(size=(37, flat.inputs)), rng.normal(size=flat.live)
    plain, runner = PYTHON.prepare(flat), tier.prepare(flat)
    for per_sample in (False, True):
        values, gradients = plain.value_and_grad(batch.tolist(), live.tolist(), per_sample)
        found, gradient = runner.value_and_grad(batch, live, per_sample)
        assert close(found, values)
        assert close(gradient, gradients)
    out = np.full(len(flat.wrt), np.nan)
    call = runner.single(live, out)
    for k, sample in enumerate(batch[:3].tolist()):
        assert close(call(*sample), values[k][0])
        assert close(out, gradients[k][0])


def test_layers_of_the_same_weights_share_their_places():
    """Twelve weights in three groups are four sums, and four numbers to read."""
    code = encode(PROGRAMS["layers that share their weights, in two shapes"], [])
    assert code.packed.tolist() == [0, 1, 2, 3, 3, 2, 1, 0, 4, 5, 6, 7, 8]
    assert code.summed == 9


@pytest.mark.parametrize("seed", range(12))
def test_layers_among_all_else_have_gradients_of_each_sample(seed):
    """Their rows move to where the layer is computed, and dots of other instructions with them."""
    inputs, wrt, outputs = recorded(100 + seed)
    check(INTERPRETER, engine.compile(outputs, inputs, wrt, tier="python"), 5)
