"""The same work is done once."""

from contextlib import nullcontext

import pytest
from program_examples import args_of, left, ops_of, tape_of, without_numpy

import engine
from engine import Value
from engine.program.recording.tape import operands


def test_merge_does_the_same_thing_once():
    """Also through renamed operands, also for fused dots and outputs."""
    x, w = Value(2.0), Value(3.0)
    first, second = (w * x).tanh(), (w * x).tanh()
    tape = tape_of([first * second, first - second, second], [x], [w], ["merge"])
    assert left(tape) == ["mul", "tanh", "mul", "sub"]
    assert args_of(tape)[4] == (2, 2)
    assert tape.outputs[-1] == 2
    u, v = x.exp(), x.exp()
    tape = tape_of([w * u + x * x, w * v + x * x], [x], [w], ["fuse", "merge"])
    assert left(tape) == ["exp", "dot"]


def twin_chains(length):
    """Record the same computation twice, and one that differs at its start."""
    x, y = Value(0.5), Value(0.25)
    roots = []
    for start in (x, x, y):
        z = start * start
        for _ in range(length):
            z = engine.sum([(z * x).tanh(), x, y])
        roots.append(z)
    return [x, y], roots


@pytest.mark.parametrize("without", [False, True])
@pytest.mark.parametrize("length", [1, 4, 30])
@pytest.mark.parametrize("passes", [["merge"], ["fuse", "merge"]])
def test_merge_follows_what_becomes_the_same(length, passes, without):
    """However long that goes on, through lists too; in both ways of looking for it."""
    leaves, roots = twin_chains(length)
    with without_numpy() if without else nullcontext():
        once = left(tape_of(roots[1:], leaves, passes=passes))
        tape = tape_of(roots, leaves, passes=passes)
    assert left(tape) == once
    assert tape.outputs[0] == tape.outputs[1] != tape.outputs[2]
    place = tape.outputs[0]
    while place >= len(leaves):  # every operand is of a row that is left
        assert ops_of(tape)[place - len(leaves)] is not None
        place = max(operands(args_of(tape)[place - len(leaves)]))
