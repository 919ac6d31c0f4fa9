"""Instructions as straight lines: what is written, and what is left out."""

import pytest
from machine_programs import check

import engine
from engine import Value
from engine.program.llvm import STRAIGHT
from engine.program.llvm.straight.lines import terms


def leaves(count, first=0.3):
    """Make so many Values, each another number."""
    return [Value(first + 0.07 * k) for k in range(count)]


def flat_of(y, inputs, wrt):
    """Compile a graph to its instructions."""
    return engine.compile(y, inputs, wrt, tier="python").flat


def test_the_size_of_a_program_is_what_its_instructions_read():
    """Repeats count."""
    x, w = leaves(2)
    assert terms(flat_of(engine.sin(x) * x, [x], [x])) == 3
    assert terms(flat_of(engine.dot([w, w], [x, x]), [x], [w])) == 4


@pytest.mark.parametrize("wrt", ["inputs", "parameters", "both"])
def test_a_dot_has_terms_of_every_kind(wrt):
    """Plain and paired, of slots and of uniforms; with each the gradients that are asked for."""
    xs, ws = leaves(4), leaves(5, -0.2)
    hidden = [engine.sin(x) for x in xs]
    left = [*ws[:2], hidden[0], hidden[1], hidden[2], ws[4]]
    right = [hidden[0], hidden[1], hidden[2], hidden[3], hidden[2], xs[0]]
    y = engine.dot(left, right) + hidden[0] + hidden[0] + xs[3] + ws[2] + ws[3] + 0.25
    chosen = {"inputs": xs[1:], "parameters": ws[1:], "both": [*xs, *ws]}[wrt]
    check(STRAIGHT, engine.compile([y, y * y], xs, chosen, tier="python"), 1, 13)


def test_layers_loads_rows_and_logsumexp():
    """Of a layer its dots; a parameter that a row reads; operands without gradients."""
    xs, ws = leaves(3), leaves(8, -0.4)
    layer = [engine.dot(ws[:3], xs) + ws[6], engine.dot(ws[3:6], xs) + ws[7]]
    y = engine.logsumexp([*layer, xs[0], engine.sin(ws[0])]) * (xs[1] / (ws[1] * ws[1] + 1.0))
    for wrt in (ws, xs[:1], [*xs, *ws]):
        check(STRAIGHT, engine.compile(y, xs, wrt, tier="python"), 1, 5)


def test_an_output_may_depend_on_some_rows_of_a_layer():
    """Those before, between and behind hand nothing down in its sweep."""
    xs, ws = leaves(3), leaves(12, -0.4)
    layer = [engine.dot(ws[k : k + 3], xs) for k in range(0, 12, 3)]
    outputs = [engine.sin(layer[1]), engine.sin(layer[3]), engine.logsumexp(layer)]
    check(STRAIGHT, engine.compile(outputs, xs, [*xs, *ws], tier="python"), 1, 5)
