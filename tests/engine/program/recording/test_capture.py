"""From graph to tape: order, references, leaves of every kind, guards."""

import pytest
from program_examples import args_of, ops_of

import engine
from engine import Value, constant
from engine.core.comparisons import NEAR
from engine.errors import CompileError
from engine.program.recording.capture import capture
from engine.table.ops import TABLE


def names(tape):
    """Name the operations of a tape."""
    return [op.name for op in ops_of(tape)]


def test_rows_come_in_eager_order_with_their_operands():
    """Inputs are slots, parameters negative, results follow the inputs."""
    x, w, b = Value(2.0), Value(3.0), Value(1.0)
    y = (w * x + b).tanh() * x
    tape = capture([y], [x], [w, b]).tape
    assert names(tape) == ["mul", "add", "tanh", "mul"]
    assert args_of(tape) == [(~0, 0), (1, ~1), (2,), (3, 0)]
    assert (tape.outputs, tape.wrt, tape.inputs, tape.parameters, tape.live) == (
        [4],
        (~0, ~1),
        1,
        2,
        2,
    )


def test_plain_numbers_and_constants_are_constants_once_each():
    """Left, right and among many operands; 0.0 and -0.0 differ."""
    x = Value(2.0)
    y = engine.sum([x * 3.0, 3.0 / x, x, constant(3.0), 0.0, -0.0, constant(7.0) * x])
    tape = capture([y], [x], []).tape
    assert [str(c) for c in tape.constants] == ["3.0", "7.0", "0.0", "-0.0"]
    assert args_of(tape)[:3] == [(0, ~0), (~0, 0), (~1, 0)]
    assert args_of(tape)[3] == (1, 2, 0, ~0, ~2, ~3, 3)


def test_other_leaves_are_settings_numbered_before_the_constants():
    """A Value that is neither input nor in wrt is read at every call."""
    x, w, k = Value(2.0), Value(3.0), Value(5.0)
    y = x * 4.0 * k * w
    captured = capture([y], [x], [w])
    assert captured.live == [w, k]
    assert (captured.tape.live, captured.tape.constants) == (2, [4.0])
    assert args_of(captured.tape) == [(0, ~2), (1, ~1), (2, ~0)]


def test_an_input_in_wrt_stays_an_input():
    """Its reference in wrt is its slot."""
    x, w = Value(2.0), Value(3.0)
    tape = capture([x * w], [x], [w, x]).tape
    assert (tape.wrt, tape.parameters) == ((~0, 0), 1)


def test_a_mean_is_a_sum_and_a_division():
    """Of one, two or many operands, plain numbers included."""
    x, y = Value(2.0), Value(3.0)
    for operands in ([x], [x, y], [x, 2.0], [x, y, 1.0]):
        tape = capture([engine.mean(operands)], [x, y], []).tape
        assert names(tape) == ["sum", "div"]
        assert args_of(tape)[1] == (2, ~tape.constants.index(float(len(operands))))
        assert len(args_of(tape)[0]) == len(operands)


def test_outputs_may_be_leaves_and_may_repeat():
    """An output is any reference."""
    x, w = Value(2.0), Value(3.0)
    y = x * w
    assert capture([y, x, w, y], [x], [w]).tape.outputs == [1, 0, ~0, 1]


def test_a_million_nodes_deep_is_fine():
    """Nothing recurses."""
    x = Value(1.0)
    y = x
    with engine.recording():
        for _ in range(200_000):
            y = y + x
    assert len(ops_of(capture([y], [x], []).tape)) == 200_000


def test_comparisons_of_graph_values_become_a_verdict_output():
    """Also those on leaves, with what they compare with, chained."""
    x, z = Value(1.0, "x"), Value(2.0, "z")
    limit = z * 2.0
    assert not x > limit
    assert limit > 3.0
    assert x < 5
    captured = capture([x + z], [x, z], [])
    assert [(g.relation, g.outcome) for g in captured.guards] == [
        (">", False),
        ("<", True),
        (">", True),
    ]
    tape = captured.tape
    assert (tape.checks_from, tape.differentiated, len(tape.outputs)) == (1, 1, 2)
    assert names(tape) == ["add", "mul", "not >", "<", "mul", ">", "mul"]
    assert tape.outputs[1] == 2 + len(ops_of(tape)) - 1


def test_comparing_with_a_value_that_is_gone_is_refused():
    """Its number on other inputs cannot be known."""
    x, z = Value(1.0, "x"), Value(2.0)
    assert x < sum(z for _ in range(NEAR + 1))
    with pytest.raises(CompileError, match=r"test_capture\.py:\d+ compared x = 1.0 with"):
        capture([x + z], [x, z], [])


def test_comparisons_of_what_the_result_does_not_need_are_guarded():
    """A difference that only the branch looked at, on either side, of inputs and parameters."""
    x, w, k, z = Value(1.0, "x"), Value(2.0, "w"), Value(5.0), Value(7.0)
    assert x - w < 0
    assert w < k * x
    assert not z + 1.0 < constant(3.0) * 1.0
    captured = capture([x * w], [x], [w])
    assert [(g.left.data, g.relation, g.outcome) for g in captured.guards] == [
        (-1.0, "<", True),
        (2.0, "<", True),
    ]
    assert captured.live == [w, k]
    captured = capture([x * w * z], [x], [w])
    assert len(captured.guards) == 3
    assert captured.tape.checks_from == 2


def test_the_same_comparison_of_an_earlier_graph_does_not_count():
    """A parameter outlives many graphs; the latest outcome is this graph's."""
    w = Value(1.0, "w")
    for w.data in (1.0, -1.0, 3.0, -3.0):
        x = Value(2.0, "x")
        y = x * w if engine.sum([w * 2.0, w, w]) > 0 else x
    captured = capture([y + w], [x], [w])
    assert [(g.left.data, g.outcome) for g in captured.guards] == [(-12.0, False)]
    for t in (1.0, 2.0):
        assert x - t <= 1.0  # another number each time
    assert len(capture([y + w], [x], [w]).guards) == 3


def test_the_same_comparison_of_a_later_graph_does_not_count():
    """A result may be compiled after another one was recorded on other numbers."""
    w, x = Value(2.0, "w"), Value(1.0, "x")
    results = []
    for x.data in (1.0, -1.0):
        h = w * x
        results.append(2.0 * h if h > 0 else 3.0 * h)
    outcomes = [[g.outcome for g in capture([y], [x], [w]).guards] for y in results]
    assert outcomes == [[True], [False]]


def test_watched_comparisons_replace_the_search():
    """Then the comparisons left on leaves by earlier code do not count."""
    x = Value(1.0)
    assert x > 0
    assert capture([x * x], [x], [], watched=[]).guards == []
    assert TABLE["mul"] in ops_of(capture([x * x], [x], []).tape)


def test_every_layout_of_a_node_is_read():
    """One operand, two, a list; numbers on either side; means; constants once each."""
    x, y, z = (Value(float(k + 1)) for k in range(3))
    parts = [
        engine.mean([x, y, 2.0, z]),
        engine.mean([y]),
        engine.sum([x]),
        engine.sum([x, y]),
        engine.sum([1.0, x]),
        engine.dot([x, 2.0], [y, z], 1.0),
        engine.dot([x], [y]),
        engine.logsumexp([1.0, x, y]),
        constant(3.0) * constant(-0.0),
        engine.clamp(x, 0.0, 2.0),
        engine.where(x, y, z),
        x * -0.0,
        -z,
    ]
    captured = capture(parts, [x, y], [z])
    tape = captured.tape
    place = {0: "x", 1: "y", ~0: "z"} | {~(1 + k): str(c) for k, c in enumerate(tape.constants)}
    for row, (op, args) in enumerate(zip(ops_of(tape), args_of(tape), strict=True)):
        place[2 + row] = f"{op.name}({', '.join(place[r] for r in args)})"
    assert [place[r] for r in tape.outputs] == [
        "div(sum(x, y, 2.0, z), 4.0)",
        "div(sum(y), 1.0)",
        "sum(x)",
        "sum(x, y)",
        "sum(1.0, x)",
        "dot(x, 2.0, y, z, 1.0)",
        "dot(x, y)",
        "logsumexp(1.0, x, y)",
        "mul(3.0, -0.0)",
        "clamp(x, 0.0, 2.0)",
        "where(x, y, z)",
        "mul(x, -0.0)",
        "neg(z)",
    ]
    assert captured.live == [z]
    assert len(tape.constants) == len(set(map(str, tape.constants)))


@pytest.mark.parametrize("tier", ["auto", "python"])
def test_a_node_that_was_only_half_made_is_named(tier):
    """A class of a user's own that forgets Value.__init__."""

    class Forgetful(Value):
        __slots__ = ()

        def __init__(self, data):
            self.data, self.grad = data, 0.0

    x = Value(2.0)
    y = x * Forgetful(3.0)
    with pytest.raises(CompileError, match="a Forgetful in the graph was made without"):
        engine.compile(y, [x], [x], tier=tier)


def test_other_missing_attributes_are_not_taken_for_that():
    """What is no node at all has an error of its own."""
    with pytest.raises(AttributeError, match="object has no attribute"):
        capture([object()], [Value(1.0)], [])
