"""Straight-line Python: the text it writes, large programs, long sums, answers at the edge."""

import math

import engine
from engine import Value
from engine.program.interpreted.python_tier import PYTHON, Limits, PythonTier, source
from engine.program.passes.passes import PASSES, run_passes
from engine.program.passes.schedule import schedule
from engine.program.recording.capture import capture


def flat_of(outputs, inputs, wrt=(), **options):
    """Capture, run all passes, schedule."""
    tape = capture(outputs, inputs, wrt).tape
    run_passes(tape, PASSES)
    return schedule(tape, **options)


def test_source_reads_like_a_program():
    """Forward, then backward, one statement each."""
    x, w = Value(2.0), Value(3.0)
    text = source(flat_of([(w * x - 1.0).tanh()], [x], [w]))
    assert text.splitlines() == [
        "def run(x, p):",
        "    (s0,) = x",
        "    (p0,) = p",
        "    s3 = (p0 * s0)",
        "    s4 = (s3 - 1.0)",
        "    s5 = (_tanh(s4))",
        "    g5 = 1.0",
        "    g4 = (1.0 - s5 * s5) * g5",
        "    g3 = g4",
        "    q0 = s0 * g3",
        "    return (s5,), ((q0,),)",
    ]


def test_the_forward_half_alone_has_no_gradients():
    """Asked for values, it sweeps nothing."""
    x = Value(2.0)
    assert "g" not in source(flat_of([x * x], [x], [x]), gradient=False)


def test_special_constants_have_names():
    """Infinities, nan and negative numbers are written so that Python reads them back."""
    x = Value(2.0)
    with engine.ieee():
        y = x * math.inf + x * -math.inf + x * math.nan + x * -0.0
    text = source(flat_of([y], [x], [x]))
    assert all(name in text for name in ("_inf * s0", "(-_inf) * s0", "_nan * s0", "(-0.0) * s0"))


def test_large_programs_are_cut_into_functions():
    """The same numbers, from lists instead of local variables."""
    x, w = Value(0.5), Value(0.25)
    outputs = [x.sin() * w + engine.logsumexp([x, w]), (w + x) * x - w]
    flat = flat_of(outputs, [x], [x, w])
    whole = PYTHON.prepare(flat).value_and_grad([[0.5], [-1.0]], [0.25], True)
    limits = Limits(operands=0, statements=3)
    text = source(flat, limits=limits)
    assert text.count("def part") > 3
    assert PythonTier(limits).prepare(flat).value_and_grad([[0.5], [-1.0]], [0.25], True) == whole


def test_a_sum_of_thousands_of_terms_compiles():
    """Python's own compiler recurses over one long expression; this one is cut up."""
    x = Value(0.5)
    many = [x] * 5000
    runner = PYTHON.prepare(flat_of([engine.sum(many)], [x], [x]))
    assert runner.value_and_grad([[2.0]], [], False) == ([[10000.0]], [[5000.0]])


def test_outside_a_domain_it_gives_ieee_answers_for_that_sample_alone():
    """Where Python raises, the sample is run again by the version that never does."""
    x, y = Value(1.0), Value(2.0)
    runner = PYTHON.prepare(
        flat_of([engine.log(x) / y, engine.sqrt(y), engine.log(y)], [x, y], [x])
    )
    batch = [[1.0, 2.0], [0.0, 2.0], [1.0, 0.0], [-1.0, 1.0]]
    values = runner.value(batch, [])
    assert values[0] == [0.0, math.sqrt(2.0), math.log(2.0)]
    assert values[1] == [-math.inf, math.sqrt(2.0), math.log(2.0)]
    assert math.isnan(values[2][0])
    assert math.isnan(values[3][0])
    again, gradients = runner.value_and_grad(batch[:2], [], True)
    assert again == values[:2]
    assert gradients == [[[0.5], [0.0], [0.0]], [[math.inf], [0.0], [0.0]]]


def test_gradients_of_settings_and_constants_are_left_out():
    """Only parameters and inputs in wrt get statements."""
    x, w, k = Value(2.0), Value(3.0), Value(5.0)
    text = source(flat_of([w * x * k * 2.0], [x], [w]))
    assert "q1" not in text
    assert "g0" not in text


def test_exact_order_keeps_the_sign_of_zero():
    """An eager sum of gradients starts at 0.0, and 0.0 + -0.0 is 0.0."""
    x = Value(2.0)
    y = x * -0.0
    flat = schedule(capture([y], [x], [x]).tape, exact=True)
    (((gradient,),),) = PYTHON.prepare(flat).value_and_grad([[2.0]], [], True)[1]
    assert math.copysign(1.0, gradient) == math.copysign(1.0, engine.gradients(y)[x]) == 1.0
