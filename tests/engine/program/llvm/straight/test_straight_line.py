"""Straight-line code for one sample: a Python function of floats."""

import math

import numpy as np
import pytest
from machine_programs import recorded
from program_examples import close, network

import engine
from engine import Value
from engine.program.interpreted.python_tier import PYTHON
from engine.program.llvm import INTERPRETER
from engine.program.llvm.straight.straight_line import write_single


@pytest.mark.parametrize("seed", range(12))
def test_any_program_gives_what_it_gives_in_python(seed):
    """The value, and the gradient in the order asked for; again with other parameters."""
    inputs, wrt, outputs = recorded(400 + seed)
    used = engine.topological_order(outputs[1])
    wrt = [leaf for leaf in wrt if leaf in used]
    flat = engine.compile(outputs[1], inputs, wrt, tier="python").flat
    rng, gradient = np.random.default_rng(seed), np.empty(len(flat.wrt))
    live = rng.uniform(-1, 1, flat.live)
    call = INTERPRETER.prepare(flat).single(live, gradient)
    for _ in range(2):
        live[:] = rng.uniform(-1, 1, flat.live)
        sample = rng.uniform(-1, 1, flat.inputs).tolist()
        values, gradients = PYTHON.prepare(flat).value_and_grad([sample], live.tolist(), False)
        assert close(call(*sample), values[0][0], 1e-10)
        assert close(gradient, gradients[0], 1e-10)


@pytest.mark.parametrize("columns", [1, 2, 7, 8, 9, 17])
def test_runs_of_one_function_are_computed_as_vectors(columns):
    """As many at a time as there are lanes; one that reads another begins a new run."""
    xs = [Value(0.1 * k) for k in range(columns)]
    y = engine.sum([engine.tanh(engine.tanh(x)) for x in xs])
    z = engine.sum([engine.tanh(x) for x in xs])
    flat = engine.compile(z, xs, xs, tier="python").flat
    vectors = write_single(flat, "single", 4).text().count("insertelement <4 x double> undef")
    alone = columns % 4 == 1  # the last one, which needs no vector
    assert vectors == -(-columns // 4) - alone
    bound = engine.compile(y, xs, xs, tier="llvm").bind()
    sample = np.linspace(-1, 1, columns).tolist()
    inner = [math.tanh(x) for x in sample]
    assert bound.call(*sample) == pytest.approx(sum(map(math.tanh, inner)), rel=1e-14)
    expected = [(1 - math.tanh(t) ** 2) * (1 - t * t) for t in inner]
    assert close(bound.gradient, expected)


def test_arguments_are_checked_as_python_does():
    """Too few, too many, or what is no number; whole numbers are numbers."""
    inputs, parameters, loss = network(3)
    call = engine.compile(loss, inputs, parameters, tier="llvm").bind().call
    expected = call(1.0, 2.0, 3.0)
    assert call(1, 2, 3) == expected
    for wrong in ((), (1.0, 2.0), (1.0,) * 4, (1.0, "2", 3.0), (None,) * 3):
        with pytest.raises(TypeError):
            call(*wrong)
    assert call(1.0, 2.0, 3.0) == expected


def test_what_nothing_depends_on_has_gradient_zero():
    """A program without inputs takes no arguments."""
    w = Value(2.0)
    y = engine.sin(w) * 3.0
    bound = engine.compile(y, [], [w], tier="llvm").bind()
    assert bound.call() == pytest.approx(3 * math.sin(2.0))
    assert close(bound.gradient, [3 * math.cos(2.0)])
    bound.params[0] = 0.0
    assert bound.call() == 0.0
