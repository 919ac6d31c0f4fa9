"""The tiers of machine code."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from engine.program.llvm.entry import FORWARD, python_function
from engine.program.llvm.lines import terms
from engine.program.llvm.plan import Plan
from engine.program.llvm.runtime import machine
from engine.program.llvm.straight_line import TOO_LARGE, write_single

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from engine.program.instructions import FlatProgram

    Array = NDArray[np.float64]


class BlockRunner:
    """Runs a program on the block interpreter. See `engine.program.instructions.Runner`."""

    def __init__(self, flat: FlatProgram) -> None:
        self.flat = flat
        self._outputs = len(flat.outputs)
        self._shape = (flat.differentiated, len(flat.wrt))
        self._summed = Plan(flat, per_sample=False)
        self._per_sample: Plan | None = None

    def value(self, inputs: Array, live: Array) -> Array:
        """Run forward."""
        results = np.empty((len(inputs), self._outputs))
        self._summed.run(inputs, live, results, results, FORWARD)
        return results

    def value_and_grad(self, inputs: Array, live: Array, per_sample: bool) -> tuple[Array, Array]:
        """Run forward and backward."""
        batch = len(inputs)
        results = np.empty((batch, self._outputs))
        if not per_sample:
            gradient = np.empty(self._shape)
            self._summed.run(inputs, live, results, gradient, 0)
            return results, gradient
        if self._per_sample is None:
            self._per_sample = Plan(self.flat, per_sample=True)
        gradient = np.empty((batch, *self._shape))
        self._per_sample.run(inputs, live, results, gradient, 0)
        return results, gradient

    def single(self, live: Array, gradient: Array) -> Callable[..., float] | None:
        """Compile a program of moderate size to straight-line code."""
        flat, here = self.flat, machine()
        if terms(flat) > TOO_LARGE:
            return None
        code = here.load(write_single(flat, "single", here.shape.lanes).text(), ["single"])
        words = np.array([live.ctypes.data, gradient.ctypes.data], dtype=np.int64)
        call = python_function(code.addresses["single"], "call", words.ctypes.data)
        _BOUND[call] = (code, words, live, gradient)
        return call


_BOUND: WeakKeyDictionary[Callable[..., float], object] = WeakKeyDictionary()
"""The code and the arrays that a function reads and writes live as long as the function."""


class BlockTier:
    """The block interpreter."""

    arrays = True

    def __init__(self, name: str) -> None:
        self.name = name

    def prepare(self, flat: FlatProgram) -> BlockRunner:
        """Encode a program.

        Args:
            flat: The program.

        Returns:
            Its runner.

        Raises:
            CompileError: If llvmlite cannot make code for this processor.
        """
        return BlockRunner(flat)


INTERPRETER = BlockTier("llvm")
AUTOMATIC = INTERPRETER
STRAIGHT = BlockTier("straight")
