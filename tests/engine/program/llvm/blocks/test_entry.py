"""From Python into machine code: arrays of the caller's, in and out."""

import numpy as np
import pytest
from program_examples import network

import engine
from engine.errors import ShapeError


class Table(np.ndarray):
    """A subclass, which may do anything."""

    def __len__(self):
        return 1


def test_memory_is_given_back_after_a_run():
    """Also of arrays that only a subclass would measure otherwise."""
    inputs, parameters, loss = network(3)
    program = engine.compile(loss, inputs, parameters, tier="llvm")
    batch, params = np.ones((5, 3)), np.full(len(parameters), 0.1)
    values, gradient = program.value_and_grad(batch, params)
    same = program.value_and_grad(batch.view(Table), params)
    assert np.array_equal(same[0], values)
    assert np.array_equal(same[1], gradient)
    for array in (batch, params, values, gradient):
        array.resize(7, refcheck=False)  # refused while a buffer is held
    with pytest.raises(ShapeError):
        program.value_and_grad(batch, params)
