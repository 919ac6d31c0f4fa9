"""What passes ask of all rows at once: NumPy and pure Python agree, and miss nothing."""

from array import array
from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import recipes

import engine
from engine import Value, constant
from engine.program.passes import survey
from engine.program.passes.passes import ADD, run_passes
from engine.program.passes.schedule import terms
from engine.program.recording.capture import capture
from engine.program.recording.tape import FUSED, NONE, operands
from engine.table.ops import TABLE


def without_numpy(ask, *given):
    """Ask as if NumPy were not installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(survey, "numpy", lambda: None)
        return ask(*given)


@st.composite
def tapes(draw):
    """Draw the tape of a random graph, some leaves inputs, some parameters, after some passes."""
    leaves, root = draw(recipes(everywhere=True)).build()
    tape = capture([root, leaves[0]], leaves[:2], leaves[2:4]).tape
    run_passes(tape, draw(st.sampled_from([(), ("fold",), ("fuse",), ("fold", "fuse", "merge")])))
    return tape


def reads(tape, row):
    """List what a row reads."""
    return [r for r in operands(tape.rows.args(row)) if r != NONE]


@given(tapes())
def test_leaves_that_nothing_reads_are_found(tape):
    """Inputs, parameters and settings, before any pass."""
    used = {
        *chain.from_iterable(
            reads(tape, row)
            for row in range(len(tape.rows))
            if not any(isinstance(part, tuple) for part in tape.rows.args(row))
        ),
        *tape.outputs,
    }
    if not any(type(args[0]) is tuple for args in tape.rows.lists.values()):
        expected = set(range(-tape.live, tape.inputs)) - used
        assert survey.unread(tape) == without_numpy(survey.unread, tape) == expected


@given(tapes())
def test_what_only_one_sum_reads_is_found(tape):
    """Once, as a term; not what is an output too, nor a factor of a dot."""
    rows = tape.rows
    if FUSED in rows.code:
        return
    every = chain.from_iterable(reads(tape, row) for row in range(len(rows)))
    times = Counter([*every, *tape.outputs])
    listed = [
        terms(rows.code.ops[rows.codes[row]], args)[0]
        for row, args in rows.lists.items()
        if rows.code.ops[rows.codes[row]] in {TABLE["sum"], TABLE["dot"]}
    ]
    added = [rows.args(row) for row, code in enumerate(rows.codes) if code == rows.code[ADD]]
    summed = {*chain.from_iterable([*listed, *added])}
    slots = range(tape.inputs + len(rows))
    expected = bytes(times[slot] == 1 and slot in summed for slot in slots)
    given_ = (tape, rows.code[ADD], list(chain.from_iterable(listed)))
    assert survey.absorbable(*given_) == without_numpy(survey.absorbable, *given_) == expected


@given(st.lists(st.tuples(st.sampled_from([0, 1, 5]), st.sampled_from([-3, -1, 0, 4, NONE]))))
def test_what_remains_is_found_and_numbered(rows):
    """The rows that are left, the uniforms among their operands, numbers in their places."""
    codes, column = (array("i", [row[k] for row in rows]) for k in range(2))
    left = array("i", [k for k, (code, _) in enumerate(rows) if code])
    assert survey.remaining(codes) == without_numpy(survey.remaining, codes) == left
    uniforms = {r for code, r in rows if code and r < 0}
    for ask in (survey.uniforms_among, lambda *g: without_numpy(survey.uniforms_among, *g)):
        assert ask(column, codes) == uniforms
    one, other = array("i", [-1] * len(rows)), array("i", [-1] * len(rows))
    survey.put(one, left, 7)
    without_numpy(survey.put, other, left, 7)
    assert one == other
    assert [number for number in one if number >= 0] == list(range(7, 7 + len(left)))


@given(tapes())
def test_equal_rows_and_their_readers_are_not_missed(tape):
    """Every row that has a twin is found; every reader of some slots is, and no other."""
    rows = tape.rows
    here = [row for row in range(len(rows)) if rows.codes[row]]
    times = Counter((rows.codes[row], rows.args(row)) for row in here)
    twins = [row for row in here if times[rows.codes[row], rows.args(row)] > 1]
    assert list(survey.repeated(tape)) == twins
    assert set(twins) <= set(without_numpy(survey.repeated, tape))
    for slots in (set(twins), {tape.inputs}):
        readers = [row for row in here if not slots.isdisjoint(reads(tape, row))]
        assert list(survey.reading(tape, slots)) == readers
        assert set(readers) <= set(without_numpy(survey.reading, tape, slots))


def test_rows_of_constants_are_not_missed():
    """One operand, two, or a list of them; a constant next to a Value is not enough."""
    x, k = Value(2.0), constant(3.0)
    for y, expected in (
        (k.sin() * x, True),
        (k * k * x, True),
        (engine.clamp(k, 0.0, 1.0) * x, True),
        (3.0 - x * 2.0, False),
        (engine.clamp(x, 0.0, 1.0), False),
    ):
        tape = capture([y], [x], []).tape
        assert survey.may_fold(tape) is expected
        assert without_numpy(survey.may_fold, tape) or not expected
    assert not without_numpy(survey.may_fold, capture([x * x], [x], []).tape)


@given(tapes())
def test_products_of_sums_have_uniforms_left(tape):
    """Those that are terms of sums, no others; without NumPy none, the schedule sees to it."""
    rows, mul = tape.rows, tape.rows.code[TABLE["mul"]]
    alone = bytes([1, 0] * (tape.inputs + len(rows)))[: tape.inputs + len(rows)]
    before = [rows.args(row) for row in range(len(rows))]
    without_numpy(survey.put_uniforms_left, tape, mul, alone)
    assert [rows.args(row) for row in range(len(rows))] == before
    survey.put_uniforms_left(tape, mul, alone)
    for row, args in enumerate(before):
        moved = rows.codes[row] == mul and alone[tape.inputs + row] and args[1] < 0 <= args[0]
        assert rows.args(row) == (args[::-1] if moved else args)
