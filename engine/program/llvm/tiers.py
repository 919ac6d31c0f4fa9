"""The tiers of machine code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

import numpy as np

from engine.errors import CompileError
from engine.program.llvm.blocks.entry import FORWARD
from engine.program.llvm.blocks.linking import interpreter
from engine.program.llvm.machine.calls import python_function
from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.plan import LIMITS, Limits, Plan
from engine.program.llvm.straight.lines import terms
from engine.program.llvm.straight.straight_line import TOO_LARGE, write_single

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from engine.program.instructions import FlatProgram

    Array = NDArray[np.float64]
    When = Literal["never", "hot", "always"]

_empty = np.empty


class BlockRunner:
    """Runs a program as machine code. See `engine.program.instructions.Runner`."""

    def __init__(self, flat: FlatProgram, straight: When, limits: Limits) -> None:
        self.flat, self._when, self._limits = flat, straight, limits
        self._outputs, self._wrt = len(flat.outputs), len(flat.wrt)
        self._summed = self._plan(per_sample=False)
        self._per_sample: Plan | None = None
        self._sizes = np.array([flat.inputs, flat.live], dtype=np.int64)
        fits = interpreter(self._summed.width).fits
        self._fits = python_function(fits, "fits", self._sizes.ctypes.data)

    def _plan(self, *, per_sample: bool) -> Plan:
        plan = Plan(self.flat, per_sample=per_sample, limits=self._limits)
        if self._when == "always":
            plan.compile()
        elif self._when == "hot":
            plan.compile_when_hot()
        return plan

    def describe(self) -> str:
        """Say what runs the program now."""
        if self._summed.straight:
            return "straight-line machine code"
        return "block interpreter in machine code"

    def value(self, inputs: Array, live: Array) -> Array:
        """Run forward."""
        results = np.empty((len(inputs), self._outputs))
        self._summed.run(inputs, live, results, results, FORWARD)
        return results

    def step(self, inputs: Any, live: Any) -> tuple[Array, Array] | None:
        """Run forward and backward, one output, the gradient summed; None if arrays do not fit."""
        samples = 0 if live is None else self._fits(inputs, live)
        if not samples:
            return None
        values, gradient = _empty(samples), _empty(self._wrt)
        self._summed.run(inputs, live, values, gradient, 0)
        return values, gradient

    def value_and_grad(self, inputs: Array, live: Array, per_sample: bool) -> tuple[Array, Array]:
        """Run forward and backward."""
        plan, sweeps = self._summed, self.flat.differentiated
        results, gradient = np.empty((len(inputs), self._outputs)), np.empty((sweeps, self._wrt))
        if per_sample:
            plan = self._per_sample = self._per_sample or self._plan(per_sample=True)
            gradient = np.empty((len(inputs), sweeps, self._wrt))
        plan.run(inputs, live, results, gradient, 0)
        return results, gradient

    def single(self, live: Array, gradient: Array) -> Callable[..., float] | None:
        """Compile a program of moderate size to straight-line code."""
        flat, here = self.flat, machine()
        if terms(flat) > TOO_LARGE:
            return None
        code = here.load(write_single(flat, "single", here.width.lanes))
        words = np.array([live.ctypes.data, gradient.ctypes.data], dtype=np.int64)
        call = python_function(code.addresses["single"], "call", words.ctypes.data)
        _BOUND[call] = (code, words, live, gradient)
        return call


_BOUND: WeakKeyDictionary[Callable[..., float], object] = WeakKeyDictionary()
"""The code and the arrays that a function reads and writes live as long as the function."""


class BlockTier:
    """Machine code, straight lines or not.

    Attributes:
        name: What reports call it.
        arrays: True.
    """

    arrays = True

    def __init__(self, name: str, straight: When, limits: Limits = LIMITS) -> None:
        self.name, self._straight, self._limits = name, straight, limits

    def prepare(self, flat: FlatProgram) -> BlockRunner:
        """Encode a program.

        Raises:
            CompileError: If llvmlite cannot make code for this processor, or if the program is
                too large for straight-line code and nothing else is wanted.
        """
        most = self._limits.straight
        if self._straight == "always" and terms(flat) > most:
            raise CompileError(
                f"straight-line code of {terms(flat)} terms would take long to compile (up to "
                f"{most} are taken); use the tier 'llvm', or leave tier out"
            )
        return BlockRunner(flat, self._straight, self._limits)


INTERPRETER = BlockTier("llvm", "never")
AUTOMATIC = BlockTier("llvm", "hot")
STRAIGHT = BlockTier("straight", "always")
