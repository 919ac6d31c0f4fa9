"""Adding up the lanes of vectors."""

import ctypes

import numpy as np
import pytest

from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.writing.folding import grow
from engine.program.llvm.writing.ir import Module, Width


@pytest.mark.parametrize("lanes", [2, 4, 8])
@pytest.mark.parametrize("count", [1, 2, 4])
def test_numbers_grow_by_the_sums_of_lanes(lanes, count):
    """Each by that of its own vector; what is behind them stays as it was."""
    module = Module(Width(lanes=lanes))
    f = module.function("grow", "ptr %vectors, ptr %place")
    grow(f, "%place", [f.load("%vectors", k) for k in range(count)])
    f.do("ret void")
    code = machine().load(module, quick=True)
    vectors = np.random.default_rng(lanes).integers(-9, 9, (count, lanes)).astype(float)
    numbers = np.arange(10.0)
    expected = numbers.copy()
    expected[:count] += vectors.sum(axis=1)
    call = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)(code.addresses["grow"])
    call(vectors.ctypes.data, numbers.ctypes.data)
    assert numbers.tolist() == expected.tolist()
