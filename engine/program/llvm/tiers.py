"""The tiers of machine code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

import numpy as np

from engine.errors import CompileError
from engine.program.llvm.blocks.entry import FORWARD
from engine.program.llvm.blocks.linking import kit
from engine.program.llvm.machine.arrays import fitting
from engine.program.llvm.machine.calls import python_function
from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.plan import Plan
from engine.program.llvm.straight.lines import terms
from engine.program.llvm.straight.straight_line import TOO_LARGE, write_single

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from engine.program.instructions import FlatProgram

    Array = NDArray[np.float64]
    When = Literal["never", "hot", "always"]

_empty = np.empty

LARGEST = 50_000
"""Terms up to which the tier "straight" takes a program."""


class BlockRunner:
    """Runs a program as machine code. See `engine.program.instructions.Runner`.

    Args:
        flat: The program.
        straight: When to run straight-line code, for programs that are not too large.
    """

    def __init__(self, flat: FlatProgram, straight: When = "never") -> None:
        self.flat, self._when = flat, straight
        self._outputs = len(flat.outputs)
        self._shape = (flat.differentiated, len(flat.wrt))
        self._summed = self._plan(per_sample=False)
        self._per_sample: Plan | None = None
        self._fitting = fitting(flat.inputs, flat.live)
        self._fits = python_function(
            kit(self._summed.shape).fits, "fits", self._fitting.ctypes.data
        )

    def _plan(self, *, per_sample: bool) -> Plan:
        plan = Plan(self.flat, per_sample=per_sample)
        if self._when == "always":
            plan.straighten()
        elif self._when == "hot":
            plan.straighten_when_hot()
        return plan

    def describe(self) -> str:
        """Say what runs the program now."""
        if self._summed.is_straight:
            return "straight-line machine code"
        return "block interpreter in machine code"

    def value(self, inputs: Array, live: Array) -> Array:
        """Run forward."""
        results = np.empty((len(inputs), self._outputs))
        self._summed.run(inputs, live, results, results, FORWARD)
        return results

    def step(self, inputs: Any, live: Any) -> tuple[Array, Array] | None:
        """Run forward and backward, one output, the gradient summed; None if arrays do not fit."""
        if not self._fits(inputs, live):
            return None
        values, gradient = _empty(len(inputs)), _empty(self._shape[1])
        self._summed.run(inputs, live, values, gradient, 0)
        return values, gradient

    def value_and_grad(self, inputs: Array, live: Array, per_sample: bool) -> tuple[Array, Array]:
        """Run forward and backward."""
        batch = len(inputs)
        results = np.empty((batch, self._outputs))
        if not per_sample:
            gradient = np.empty(self._shape)
            self._summed.run(inputs, live, results, gradient, 0)
            return results, gradient
        if self._per_sample is None:
            self._per_sample = self._plan(per_sample=True)
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
    """Machine code.

    Attributes:
        name: What reports call it.
        arrays: True.
    """

    arrays = True

    def __init__(self, name: str, straight: When) -> None:
        self.name, self._straight = name, straight

    def prepare(self, flat: FlatProgram) -> BlockRunner:
        """Encode a program.

        Args:
            flat: The program.

        Returns:
            Its runner.

        Raises:
            CompileError: If llvmlite cannot make code for this processor, or if the program is
                too large for straight-line code and nothing else is wanted.
        """
        if self._straight == "always" and terms(flat) > LARGEST:
            raise CompileError(
                f"straight-line code of {terms(flat)} terms would take long to compile (up to "
                f"{LARGEST} are taken); use the tier 'llvm', or leave tier out"
            )
        return BlockRunner(flat, self._straight)


INTERPRETER = BlockTier("llvm", "never")
AUTOMATIC = BlockTier("llvm", "hot")
STRAIGHT = BlockTier("straight", "always")
