"""A program encoded for machine code, and the memory to run it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.program.llvm.encode import encode
from engine.program.llvm.entry import RELEASE, python_function
from engine.program.llvm.interpreter import FIELDS
from engine.program.llvm.linking import kit
from engine.program.llvm.per_sample import with_slots_for_parameters
from engine.program.llvm.runtime import machine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from engine.program.instructions import FlatProgram
    from engine.program.llvm.linking import Kit

    Array = NDArray[np.float64]
    Words = NDArray[np.int32]
    Enter = Callable[[Array, Array, Array, Array, int, int], int]

_INDEX = {name: k for k, name in enumerate(FIELDS)}

_LONG = 1_000_000
"""Samples times words of code from which on a run lets other threads work meanwhile."""

_CACHE = 12_000_000
"""Bytes of values and gradients from which on blocks are narrow, to stay nearer to the cache."""


class Plan:
    """A program encoded one way: gradients summed over the samples, or one for each.

    Attributes:
        flat: The program, or what it was rewritten to.
        sums: How many vectors of partial sums a sweep has.
    """

    def __init__(self, flat: FlatProgram, *, per_sample: bool) -> None:
        wanted = [r for r in flat.wrt if r >= 0]
        targets = [flat.wrt.index(r) for r in wanted]
        if per_sample:
            flat, wanted = with_slots_for_parameters(flat)
            targets = list(range(len(wanted)))
        self.flat = flat
        self.code = encode(flat, wanted, summed=not per_sample)
        code, position = self.code, {r: k for k, r in enumerate(flat.wrt)}
        lanes = machine().shape.lanes
        places = code.summed + len(wanted)
        self.sums = places + -places % lanes
        summed = [position[~u] for u in code.packed[: code.summed].tolist()]
        self._arrays = {
            "gather": code.packed,
            "outputs": code.references[list(flat.outputs)],
            "wrt_slots": code.references[np.array(wanted, dtype=np.int32)],
            "targets": np.array(targets if per_sample else summed + targets, dtype=np.int32),
        }
        self.fields = {name: array.ctypes.data for name, array in self._arrays.items()} | {
            "sweep_count": flat.differentiated,
            "gather_count": len(code.packed),
            "live_count": flat.live,
            "inputs": flat.inputs,
            "output_count": len(flat.outputs),
            "packed_count": code.summed,
            "wrt_slot_count": len(wanted),
            "wrt_count": len(flat.wrt),
            "per_sample": int(per_sample),
            "sums_each": self.sums,
        }
        self._narrow_from = lanes
        self._wide: Gear | None = None
        self._narrow: Gear | None = None
        wide = machine().shape
        self._too_wide = 16 * flat.slots * wide.samples > _CACHE

    def run(self, inputs: Array, live: Array, results: Array, gradient: Array, mode: int) -> None:
        """Run a batch.

        Args:
            inputs: (batch, inputs).
            live: The live uniforms.
            results: Written: (batch, outputs).
            gradient: Written.
            mode: `FORWARD` to leave the gradient alone, or 0.
        """
        if len(inputs) <= self._narrow_from or self._too_wide:
            gear = self._narrow
            if gear is None:
                gear = self._narrow = Gear.interpreter(self, kit(machine().narrow))
        else:
            gear = self._wide
            if gear is None:
                gear = self._wide = Gear.interpreter(self, kit(machine().shape))
        gear.run(inputs, live, results, gradient, mode)


class Gear:
    """A plan together with code that runs it.

    Args:
        plan: The plan.
        kit: The interpreter.
        forward: Words.
        backward: Words of each sweep.
        handlers: The addresses of handlers, and of those for blocks that are not full.
    """

    def __init__(
        self,
        plan: Plan,
        kit: Kit,
        forward: Words,
        backward: Sequence[Words],
        handlers: Sequence[Sequence[int]],
    ) -> None:
        self._plan, self._kit, self._code = plan, kit, (forward, backward)
        every, masked = (np.array(addresses, dtype=np.int64) for addresses in handlers)
        ends = [[w.ctypes.data, w.ctypes.data + w.nbytes] for w in backward]
        sweeps = np.array(ends, dtype=np.int64)
        self._tables = (every, masked, sweeps)
        fields = plan.fields | {
            "handlers": every.ctypes.data,
            "masked_handlers": masked.ctypes.data,
            "forward": forward.ctypes.data,
            "forward_end": forward.ctypes.data + forward.nbytes,
            "sweeps": sweeps.ctypes.data,
        }
        self._template = np.array([fields.get(name, 0) for name in FIELDS], dtype=np.int64)
        self._memory: list[Any] = []
        self._free: list[Enter] = []

    @classmethod
    def interpreter(cls, plan: Plan, kit: Kit) -> Gear:
        """Make the one that runs the code of a plan instruction by instruction."""
        code = plan.code
        handlers = [[kit.handler(k, masked) for k in code.handlers] for masked in ("", "_masked")]
        return cls(plan, kit, code.forward, code.backward, handlers)

    def run(self, inputs: Array, live: Array, results: Array, gradient: Array, mode: int) -> None:
        """Run a batch in memory of its own: calls may overlap."""
        batch = len(inputs)
        if batch * len(self._plan.code.forward) > _LONG:
            mode += RELEASE
        try:
            enter = self._free.pop()
        except IndexError:
            enter = self._new_frame()
        enter(inputs, live, results, gradient, batch, mode)
        self._free.append(enter)

    def _new_frame(self) -> Enter:
        """Make working memory for one call at a time."""
        words, plan, flat = self._template.copy(), self._plan, self._plan.flat
        samples, lanes = self._kit.shape.samples, self._kit.shape.lanes
        arrays = {
            "values": _aligned(flat.slots * samples),
            "slopes": _aligned(flat.slots * samples),
            "uniforms": _aligned(len(plan.code.packed)),
            "sums": _aligned(plan.sums * max(1, flat.differentiated) * lanes),
            "totals": _aligned(plan.sums),
            "given": np.concatenate([np.zeros(flat.live), flat.constants]),
        }
        for name, array in arrays.items():
            words[_INDEX[name]] = array.ctypes.data
        self._memory.append((words, arrays))
        return python_function(self._kit.enter, "enter", words.ctypes.data)


def _aligned(count: int) -> Array:
    """Make an array of zeros that begins at a cache line."""
    raw = np.zeros(count + 8)
    skip = (-raw.ctypes.data % 64) // 8
    return raw[skip : skip + count]
