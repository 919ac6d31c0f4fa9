"""The readable form of a program."""

import engine
from engine import Value
from engine.program.listing import listing
from engine.program.passes.passes import PASSES, run_passes
from engine.program.passes.schedule import schedule
from engine.program.recording.capture import capture


def listed(outputs, inputs, wrt=()):
    """Compile and list."""
    captured = capture(outputs, inputs, wrt)
    run_passes(captured.tape, PASSES)
    names = [leaf.label for leaf in captured.live]
    return listing(schedule(captured.tape), [x.label for x in inputs], names).splitlines()


def test_every_kind_of_instruction_is_readable():
    """Names of leaves where they have one, a rule as its formula or, if long, as a call."""
    x, y, w, k = Value(1.0, "x"), Value(2.0), Value(3.0, "w"), Value(4.0, "k")
    root = engine.logsumexp([x * y - w, y.gelu(), 2.5 * k, (x / y).exp()])
    assert listed([root], [x, y], [w]) == [
        "inputs      x, x1",
        "parameters  w",
        "settings    k",
        "s5 = x * x1",
        "s6 = s5 - w",
        "s7 = 0.5 * x1 * erfc(-x1 * SQRT1_2)",
        "s8 = 2.5 * k",
        "s9 = x / x1",
        "s10 = exp(s9)",
        "s11 = logsumexp(s6, s7, s8, s10)",
        "return      s11",
    ]


def test_dots_and_layers_are_shortened_in_the_middle():
    """A large layer shows its first and its last row."""
    xs = [Value(float(k), f"x_{k}") for k in range(9)]
    ws = [Value(float(k)) for k in range(36)]
    rows = [engine.dot(ws[9 * r : 9 * r + 9], xs) for r in range(4)]
    text = listed(rows, xs, ws)
    assert text[0] == "inputs      x_0, x_1, x_2, x_3, ..., x_7, x_8"
    assert text[2] == "s9, s10, s11, s12 = dense layer, 4 x 9:"
    assert (
        text[3] == "    s9 = p0 * x_0 + p1 * x_1 + p2 * x_2 + p3 * x_3 + ... + p7 * x_7 + p8 * x_8"
    )
    assert len(text) == 8
    many = [engine.dot(ws[k : k + 2], xs[:2], 1.5) for k in range(9)]
    text = listed(many, xs[:2], ws[:10])
    assert text[3:6] == [
        "    s2 = 1.5 + p0 * x_0 + p1 * x_1",
        "    ...",
        "    s10 = 1.5 + p8 * x_0 + p9 * x_1",
    ]


def test_guards_and_missing_parameters_are_shown():
    """The verdict must be 1; a rule that is too long is a call."""
    x = Value(1.0, "x")
    assert x > 0
    text = listed([engine.relu(x) + x.softplus().maximum(x)], [x])
    assert text[1] == "parameters  (none)"
    assert any(line.endswith("= softplus(x)") for line in text)
    assert text[-1].startswith("guards      s")
    assert text[-1].endswith(" must be 1")
