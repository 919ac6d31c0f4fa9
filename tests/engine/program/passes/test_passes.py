"""Each pass does its one thing, and only that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import recipes

import engine
from engine import Value, constant
from engine.errors import UnknownNameError
from engine.program.passes import survey
from engine.program.passes.passes import PASSES, run_passes
from engine.program.passes.schedule import schedule
from engine.program.recording.capture import capture
from engine.program.recording.tape import FUSED, operands


def tape_of(outputs, inputs, wrt=(), passes=()):
    """Capture and run some passes."""
    tape = capture(outputs, inputs, wrt).tape
    run_passes(tape, passes)
    return tape


def left(tape):
    """List the names of the rows that are left."""
    return [op.name for op in tape.ops if op is not None]


def test_fold_evaluates_constant_parts():
    """A chain of constants becomes one number, outside the domain an IEEE one; lists stay."""
    x, k = Value(2.0), constant(3.0)
    y = (k * k).sin() + x * (k - 9.0)
    tape = tape_of([y, k * k], [x], passes=["fold"])
    assert left(tape) == ["mul", "add"]
    folded = engine.sin(9.0)
    assert folded in tape.constants
    assert tape.outputs[1] < 0
    assert tape.constants[~tape.outputs[1] - tape.live] == 9.0
    with engine.ieee():
        root = engine.log(constant(0.0)) * x + engine.sum([k * 0.0, x])
    assert {-float("inf"), 0.0} <= set(tape_of([root], [x], passes=["fold"]).constants)


def test_fold_leaves_lists_of_constants():
    """They are one node, and rarely met."""
    x = Value(2.0)
    y = engine.sum([constant(1.0), constant(2.0)]) + x
    assert left(tape_of([y], [x], passes=["fold"])) == ["sum", "add"]


def test_fold_leaves_graphs_without_constants_alone():
    """Nothing to do, nothing done."""
    x = Value(2.0)
    assert left(tape_of([x * x], [x], passes=["fold"])) == ["mul"]


def test_powers_become_products_and_roots():
    """Small constant exponents only."""
    x, n = Value(2.0), Value(2.0)
    tape = tape_of([x**2, x**0.5, x**3, x**n], [x], [n], ["powers"])
    assert left(tape) == ["mul", "sqrt", "power 3", "pow"]
    assert tape.args[0] == (0, 0)


def test_fuse_turns_a_neuron_into_a_dot():
    """Bias first, then the pairs, in the order of the chain."""
    x, y, w, v, b = (Value(float(k)) for k in range(5))
    tape = tape_of([b + w * x + v * y], [x, y], [w, v, b], ["fuse"])
    assert left(tape) == ["dot"]
    assert tape.ops[-1] is FUSED
    assert tape.args[-1] == ((~2,), (~0, ~1), (0, 1))


def test_fuse_absorbs_only_what_nobody_else_uses():
    """A product that is read twice, or is an output, stays."""
    x, w = Value(2.0), Value(3.0)
    p, q = w * x, x * x
    tape = tape_of([p + q, p], [x], [w], ["fuse"])
    assert left(tape) == ["mul", "dot"]
    assert tape.args[-1] == ((1,), (0,), (0,))


def test_fuse_joins_sums_of_any_shape():
    """Right-leaning chains, sums and dots in sums; the longer list is kept."""
    a, b, c, d = leaves = [Value(float(k)) for k in range(4)]
    chain = a + (b + (c + (d + a)))
    tape = tape_of([chain], leaves, passes=["fuse"])
    assert left(tape) == ["dot"]
    assert sorted(tape.args[-1][0]) == [0, 0, 1, 2, 3]
    mixed = engine.sum([engine.dot([a, b], [c, d], a), a * b, b])
    tape = tape_of([mixed], leaves, passes=["fuse"])
    assert left(tape) == ["dot"]
    plain, *factors = tape.args[-1]
    assert sorted(plain) == [0, 1]
    assert sorted(zip(*factors, strict=True)) == [(0, 1), (0, 2), (1, 3)]


def test_fuse_joins_a_short_sum_to_a_long_one_and_the_other_way_round():
    """Every term once, whichever comes first."""
    x, y, z = (Value(float(k)) for k in range(3))
    short, long = x * y + z, [x, y, x * z, y * z, z]
    for terms in ([*long, short], [short, *long]):
        tape = tape_of([engine.sum(terms)], [x, y, z], passes=["fuse"])
        alone, first, second = tape.args[-1]
        assert left(tape) == ["dot"]
        assert sorted(alone) == [0, 1, 2, 2]
        assert sorted(zip(first, second, strict=True)) == [(0, 1), (0, 2), (1, 2)]
        short = x * y + z


def test_fuse_leaves_a_lone_addition():
    """Two plain terms are no dot, also when one of them was a sum of one."""
    a, b = Value(1.0), Value(2.0)
    s = a * b
    tape = tape_of([engine.sum([s]) + s], [a, b], passes=["fuse"])
    assert left(tape) == ["mul", "add"]
    assert tape.args[-1] == (2, 2)


def test_merge_does_the_same_thing_once():
    """Also through renamed operands, also for fused dots and outputs."""
    x, w = Value(2.0), Value(3.0)
    first, second = (w * x).tanh(), (w * x).tanh()
    tape = tape_of([first * second, first - second, second], [x], [w], ["merge"])
    assert left(tape) == ["mul", "tanh", "mul", "sub"]
    assert tape.args[4] == (2, 2)
    assert tape.outputs[-1] == 2
    u, v = x.exp(), x.exp()
    tape = tape_of([w * u + x * x, w * v + x * x], [x], [w], ["fuse", "merge"])
    assert left(tape) == ["exp", "dot"]


def test_group_finds_the_neurons_of_a_layer():
    """Same operands, uniform weights, all parameters or none; either way round."""
    x, y = Value(1.0), Value(2.0)
    w = [Value(float(k)) for k in range(20)]
    alone = engine.dot([w[0], w[1]], [x, y], w[2])
    same = engine.dot([x, y], [w[3], w[4]], w[5])
    mixed = engine.dot([x, w[6]], [w[7], y], w[8])
    free = engine.dot([w[9], w[10]], [x, y])
    nodes = engine.dot([x, y], [y, x], w[11])
    biased = engine.dot([w[12], w[13]], [x, y], x)
    both = engine.dot([w[14], 2.0], [x, y], w[15])
    fixed = [engine.dot([1.0, k], [x, y]) for k in (2.0, 3.0)]
    roots = [alone, same, mixed, free, nodes, biased, both, *fixed]
    tape = tape_of(roots, [x, y], w[:16], ["group"])
    assert tape.groups == {0: [0, 1, 2], 7: [7, 8]}
    assert left(tape) == ["dot"] * 9


def test_group_takes_rows_that_add_slots_to_enough_products():
    """One slot to four products; biased rows and others are still two layers."""
    xs = [Value(float(k)) for k in range(8)]
    w = [Value(float(k)) for k in range(50)]
    enough = [engine.dot(w[k : k + 4], xs[:4]) + xs[k] for k in (0, 4)]
    other = engine.dot(w[8:12], xs[:4])
    biased = [engine.dot(w[k : k + 8], xs, w[40]) + xs[0] + xs[k] for k in (0, 1)]
    too_few = [engine.dot(w[k : k + 3], xs[:3]) + xs[k] for k in (1, 2)]
    tape = tape_of([*enough, other, *biased, *too_few], xs, w, ["fuse", "group"])
    rows = [[tape.outputs[k] - len(xs) for k in some] for some in ((0, 1, 2), (3, 4))]
    assert list(tape.groups) == [rows[0][0], rows[1][0]]
    (*added, last), split = tape.groups.values()  # products at the end, added to where they were
    assert last == rows[0][2]
    assert [tape.args[row] for row in rows[0][:2]] == [
        (8 + row, k) for row, k in zip(added, (0, 4), strict=True)
    ]
    assert [tape.args[row][0] for row in rows[1]] == [(8 + split[0], 0, 0), (8 + split[1], 0, 1)]
    assert [tape.args[row][0] for row in split] == [(~40,), (~40,)]


def test_group_keeps_guards_apart():
    """A dot that only a guard reads is not part of a layer that is differentiated."""
    x, w = Value(1.0), [Value(float(k)) for k in range(4)]
    kept = engine.dot(w[:1], [x], w[1])
    other = engine.dot(w[2:3], [x], w[3])
    assert x < other
    tape = tape_of([kept], [x], w, ["group"])
    assert tape.groups == {}


def test_an_unknown_pass_is_refused():
    """The message lists the known ones."""
    x = Value(1.0)
    with pytest.raises(UnknownNameError, match=r"'fast'.*'fold', 'fuse', 'group'"):
        tape_of([x * x], [x], passes=["fast", "fold"])
    assert list(PASSES) == ["fold", "powers", "fuse", "merge", "group"]


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
def test_merge_follows_what_becomes_the_same(monkeypatch, length, passes, without):
    """However long that goes on, through lists too; in both ways of looking for it."""
    if without:
        monkeypatch.setattr(survey, "numpy", lambda: None)
    leaves, roots = twin_chains(length)
    once = left(tape_of(roots[1:], leaves, passes=passes))
    tape = tape_of(roots, leaves, passes=passes)
    assert left(tape) == once
    assert tape.outputs[0] == tape.outputs[1] != tape.outputs[2]
    place = tape.outputs[0]
    while place >= len(leaves):  # every operand is of a row that is left
        assert tape.ops[place - len(leaves)] is not None
        place = max(operands(tape.args[place - len(leaves)]))


@given(data=st.data())
def test_passes_give_the_same_with_and_without_numpy(data):
    """Instruction by instruction, for any graph and any choice of passes."""
    leaves, root = data.draw(recipes(everywhere=True)).build()
    names = data.draw(st.sets(st.sampled_from(sorted(PASSES))))
    given_ = [root, root * leaves[0] + root], leaves[:2], leaves[2:], names
    found = schedule(tape_of(*given_))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(survey, "numpy", lambda: None)
        plain = schedule(tape_of(*given_))
    assert list(found.instructions) == list(plain.instructions)
    assert found.outputs == plain.outputs


@pytest.mark.parametrize("without", [False, True])
def test_a_product_and_a_term_are_a_dot(monkeypatch, without):
    """On either side, with a uniform on either side; not if somebody else needs the product."""
    if without:
        monkeypatch.setattr(survey, "numpy", lambda: None)
    x, y, w = Value(1.0), Value(2.0), Value(3.0)
    needed = x * x
    roots = [(x * w + y).sin(), (y + x * y).sin(), (x * y + y * y).sin(), needed + x, needed]
    tape = tape_of(roots, [x, y], [w], ["fuse"])
    assert left(tape) == ["dot", "sin", "dot", "sin", "dot", "sin", "mul", "add"]
    dots = list(schedule(tape).instructions)
    assert [step[1:] for step in dots if type(step).__name__ == "Dot"] == [
        ((1,), (~0,), (0,)),
        ((1,), (0,), (1,)),
        ((), (0, 1), (1, 1)),
    ]
