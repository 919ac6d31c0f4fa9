"""Straight-line code for batches: registers, sums, sweeps of several outputs."""

import numpy as np
import pytest
from machine_programs import check, recorded
from program_examples import close, network

import engine
from engine import Value
from engine.program.llvm import STRAIGHT
from engine.program.llvm.encoding.encode import encode
from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.straight.straight_block import write_block


@pytest.mark.parametrize("seed", range(12))
def test_any_program_gives_what_it_gives_in_python(seed):
    """Values, sums over batches of any size, gradients of each sample."""
    inputs, wrt, outputs = recorded(300 + seed)
    check(STRAIGHT, engine.compile(outputs, inputs, wrt, tier="python"), 1, 8, 13)


def test_numbers_are_read_again_when_their_registers_are_given_up():
    """A result that is used soon, and again after many others."""
    x, w = Value(0.5), Value(1.5)
    nodes = [engine.sin(x * w)]
    for k in range(80):
        nodes.append(engine.sin(nodes[-1]) if k % 2 else nodes[-1] * w)
    y = nodes[0] * nodes[-1] + nodes[1] * nodes[40]
    check(STRAIGHT, engine.compile([y, nodes[3]], [x], [x, w], tier="python"), 1, 19)


def test_own_functions_are_written_once_and_called():
    """Inlined everywhere, code would be long."""
    inputs, parameters, loss = network(5)
    flat = engine.compile(loss, inputs, parameters, tier="python").flat
    module = write_block(flat, encode(flat, []), [], machine().narrow)
    text = module.text()
    assert module.names() == ["forward", "sweep_0"]
    assert text.count("@own_tanh(") == 1 + 10
    assert text.count("ret void") == 2


def test_a_parameter_that_is_read_often_has_one_sum():
    """Its gradient is added to the sum once, when all that read it are done."""
    x, w, v = Value(0.5), Value(1.5), Value(0.25)
    y = engine.sin(x * w) * w + engine.dot([w, w, v], [x, x, x]) + v
    program = engine.compile(y, [x], [v, w, x], tier="straight")
    batch = np.linspace(-1.0, 1.0, 21)[:, None]
    each = program.value_and_grad(batch, reduce=None)[1]
    assert close(program.value_and_grad(batch)[1], each.sum(axis=0))
    assert close(each[:, 0], batch[:, 0] + 1.0)
