"""Sums and products become dots, where nobody else needs them."""

from contextlib import nullcontext

import pytest
from program_examples import args_of, left, ops_of, tape_of, without_numpy

import engine
from engine import Value
from engine.program.passes.schedule import schedule
from engine.program.recording.tape import FUSED


def test_fuse_turns_a_neuron_into_a_dot():
    """Bias first, then the pairs, in the order of the chain."""
    x, y, w, v, b = (Value(float(k)) for k in range(5))
    tape = tape_of([b + w * x + v * y], [x, y], [w, v, b], ["fuse"])
    assert left(tape) == ["dot"]
    assert ops_of(tape)[-1] is FUSED
    assert args_of(tape)[-1] == ((~2,), (~0, ~1), (0, 1))


def test_fuse_absorbs_only_what_nobody_else_uses():
    """A product that is read twice, or is an output, stays."""
    x, w = Value(2.0), Value(3.0)
    p, q = w * x, x * x
    tape = tape_of([p + q, p], [x], [w], ["fuse"])
    assert left(tape) == ["mul", "dot"]
    assert args_of(tape)[-1] == ((1,), (0,), (0,))


def test_fuse_joins_sums_of_any_shape():
    """Right-leaning chains, sums and dots in sums; the longer list is kept."""
    a, b, c, d = leaves = [Value(float(k)) for k in range(4)]
    chain = a + (b + (c + (d + a)))
    tape = tape_of([chain], leaves, passes=["fuse"])
    assert left(tape) == ["dot"]
    assert sorted(args_of(tape)[-1][0]) == [0, 0, 1, 2, 3]
    mixed = engine.sum([engine.dot([a, b], [c, d], a), a * b, b])
    tape = tape_of([mixed], leaves, passes=["fuse"])
    assert left(tape) == ["dot"]
    plain, *factors = args_of(tape)[-1]
    assert sorted(plain) == [0, 1]
    assert sorted(zip(*factors, strict=True)) == [(0, 1), (0, 2), (1, 3)]


def test_fuse_joins_a_short_sum_to_a_long_one_and_the_other_way_round():
    """Every term once, whichever comes first."""
    x, y, z = (Value(float(k)) for k in range(3))
    short, long = x * y + z, [x, y, x * z, y * z, z]
    for terms in ([*long, short], [short, *long]):
        tape = tape_of([engine.sum(terms)], [x, y, z], passes=["fuse"])
        alone, first, second = args_of(tape)[-1]
        assert left(tape) == ["dot"]
        assert sorted(alone) == [0, 1, 2, 2]
        assert sorted(zip(first, second, strict=True)) == [(0, 1), (0, 2), (1, 2)]
        short = x * y + z


def test_fuse_appends_the_sum_of_fewer_terms():
    """Products are counted as well as what stands alone."""
    x, y, z = leaves = [Value(float(k)) for k in range(3)]
    products, alone = [x * y, x * z, y * z, z], [x, y, x]
    for terms in ([*products], [*alone]):
        assert left(tape_of([engine.sum(terms)], leaves, passes=["fuse"])) == ["dot"]
    joined = engine.sum([*products]) + engine.sum([*alone])
    assert args_of(tape_of([joined], leaves, passes=["fuse"]))[-1][0] == (2, 0, 1, 0)


def test_fuse_leaves_a_lone_addition():
    """Two plain terms are no dot, also when one of them was a sum of one."""
    a, b = Value(1.0), Value(2.0)
    s = a * b
    tape = tape_of([engine.sum([s]) + s], [a, b], passes=["fuse"])
    assert left(tape) == ["mul", "add"]
    assert args_of(tape)[-1] == (2, 2)


@pytest.mark.parametrize("without", [False, True])
def test_a_product_and_a_term_are_a_dot(without):
    """On either side, with a uniform on either side; not if somebody else needs the product."""
    x, y, w = Value(1.0), Value(2.0), Value(3.0)
    needed = x * x
    roots = [(x * w + y).sin(), (y + x * y).sin(), (x * y + y * y).sin(), needed + x, needed]
    with without_numpy() if without else nullcontext():
        tape = tape_of(roots, [x, y], [w], ["fuse"])
    assert left(tape) == ["dot", "sin", "dot", "sin", "dot", "sin", "mul", "add"]
    dots = list(schedule(tape).instructions)
    assert [step[1:] for step in dots if type(step).__name__ == "Dot"] == [
        ((1,), (~0,), (0,)),
        ((1,), (0,), (1,)),
        ((), (0, 1), (1, 1)),
    ]
