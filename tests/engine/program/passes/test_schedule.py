"""From tape to instructions: slots, loads, groups, eager order."""

import engine
from engine import Value
from engine.program.instructions import Apply, Dot, Group, Load, LogSumExp
from engine.program.passes.passes import PASSES, run_passes
from engine.program.passes.schedule import schedule
from engine.program.recording.capture import capture


def flat_of(outputs, inputs, wrt=(), passes=(), **options):
    """Capture, run passes, schedule."""
    tape = capture(outputs, inputs, wrt).tape
    run_passes(tape, passes)
    return schedule(tape, **options)


def test_uniforms_that_are_operands_are_loaded_once():
    """A Load for each, before everything else."""
    x, w = Value(1.0), Value(2.0)
    flat = flat_of([(x * w - w) * 3.0], [x], [w])
    load, three, mul, sub, last = flat.instructions
    assert (load, three) == (Load(1, 0), Load(2, 1))
    assert (mul.operands, sub.operands, last.operands) == ((0, 1), (3, 1), (4, 2))
    assert (flat.slots, flat.outputs, flat.constants) == (6, (5,), (3.0,))


def test_a_uniform_output_is_loaded():
    """An output is always a slot; an input may be one."""
    x, w = Value(1.0), Value(2.0)
    flat = flat_of([w, x, w], [x], [w])
    assert list(flat.instructions) == [Load(1, 0)]
    assert flat.outputs == (1, 0, 1)


def test_right_factors_are_slots():
    """Uniforms go left; of two uniforms the right one is loaded."""
    x, w, v = Value(1.0), Value(2.0), Value(3.0)
    flat = flat_of([engine.dot([x, w, v], [w, x, w], v)], [x], [w, v])
    assert list(flat.instructions) == [Load(1, 0), Dot(2, (~1,), (~0, ~0, ~1), (0, 0, 1))]


def test_a_layer_is_one_group_with_consecutive_results():
    """The numbers of weights and biases are uniforms, row by row."""
    x, y = Value(1.0), Value(2.0)
    w = [Value(float(k)) for k in range(6)]
    rows = [w[2] + w[0] * x + w[1] * y, w[5] + x * w[3] + w[4] * y]
    flat = flat_of([rows[0].tanh() * rows[1]], [x, y], w, PASSES)
    group, tanh, last = flat.instructions
    assert group == Group((2, 3), (0, 1), (0, 1, 3, 4), (2, 5))
    assert isinstance(tanh, Apply)
    assert last.operands == (4, 3)
    unbiased = [engine.dot(w[:2], [x, y]), engine.dot(w[2:4], [x, y])]
    flat = flat_of([engine.logsumexp(unbiased)], [x, y], w[:4], PASSES)
    assert flat.instructions[0].biases == ()
    assert flat.instructions[1] == LogSumExp(4, (2, 3))


def test_a_layer_to_which_slots_are_added_is_a_group_and_additions():
    """Each row is finished where it stood: what it adds may depend on the row before."""
    xs = [Value(float(k)) for k in range(8)]
    w = [Value(float(k)) for k in range(16)]
    one = engine.dot(w[:8], xs) + xs[0]
    bent = one.tanh()
    two = engine.dot(w[8:], xs) + bent + xs[1]
    group, add, tanh, total = flat_of([two], xs, w, PASSES).instructions
    assert group == Group((8, 9), tuple(range(8)), tuple(range(16)), ())
    assert add == Apply(10, engine.TABLE["add"], (8, 0))
    assert tanh == Apply(11, engine.TABLE["tanh"], (10,))
    assert (total.out, total.plain[0], sorted(total.plain[1:])) == (12, 9, [1, 11])
    assert (total.left, total.right) == ((), ())


def test_absorbed_rows_leave_no_slot():
    """Slots are numbered without holes."""
    x, w = Value(1.0), Value(2.0)
    flat = flat_of([w * x + x * x], [x], [w], PASSES)
    assert list(flat.instructions) == [Dot(1, (), (~0, 0), (0, 0))]
    assert flat.slots == 2


def test_exact_order_keeps_operands_and_notes_sweeps():
    """Each output has the order of its own eager sweep."""
    x, w = Value(1.0), Value(2.0)
    a = x * w
    b = a.tanh()
    c = a.exp()
    flat = flat_of([c * b, b * c, x], [x], [w], exact=True)
    names = [step.op.name if isinstance(step, Apply) else "load" for step in flat.instructions]
    assert names == ["load", "mul", "exp", "tanh", "mul", "mul"]
    assert flat.sweeps == ((4, 3, 2, 1), (5, 2, 3, 1), ())
    flat = flat_of([engine.dot([x], [w])], [x], [w], exact=True)
    assert list(flat.instructions) == [Load(1, 0), Dot(2, (), (0,), (1,))]


def test_loaded_parameters_are_slots_and_layers_are_dots():
    """So that each has a gradient for every sample, also one that nothing reads."""
    x, y = Value(1.0), Value(2.0)
    w = [Value(float(k)) for k in range(5)]
    rows = [w[2] + w[0] * x + w[1] * y, w[2] + w[1] * x + w[0] * y]
    tape = capture([engine.sum([rows[0].tanh() * rows[1], 3.0 * x])], [x, y], [*w, x]).tape
    run_passes(tape, PASSES)
    flat = schedule(tape, loading=True)
    assert list(flat.instructions[:5]) == [Load(2 + k, k) for k in range(5)]
    assert list(flat.instructions[5:7]) == [
        Dot(7, (4,), (2, 3), (0, 1)),
        Dot(8, (4,), (3, 2), (0, 1)),
    ]
    assert flat.instructions[-1] == Dot(10, (), (9, ~5), (8, 0))
    assert [flat.instructions.places[r] for r in flat.wrt] == [2, 3, 4, 5, 6, 0]
