"""The neurons of a layer are found."""

from program_examples import args_of, left, tape_of

import engine
from engine import Value


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
    assert [args_of(tape)[row] for row in rows[0][:2]] == [
        (8 + row, k) for row, k in zip(added, (0, 4), strict=True)
    ]
    assert [args_of(tape)[row][0] for row in rows[1]] == [
        (8 + split[0], 0, 0),
        (8 + split[1], 0, 1),
    ]
    assert [args_of(tape)[row][0] for row in split] == [(~40,), (~40,)]


def test_group_keeps_guards_apart():
    """A dot that only a guard reads is not part of a layer that is differentiated."""
    x, w = Value(1.0), [Value(float(k)) for k in range(4)]
    kept = engine.dot(w[:1], [x], w[1])
    other = engine.dot(w[2:3], [x], w[3])
    assert x < other
    tape = tape_of([kept], [x], w, ["group"])
    assert tape.groups == {}
