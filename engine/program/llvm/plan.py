"""A program encoded for machine code, and the memory to run it in."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from threading import Lock, Thread
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.program.llvm.blocks.entry import FORWARD, RELEASE
from engine.program.llvm.blocks.interpreter import FIELDS
from engine.program.llvm.blocks.linking import kit
from engine.program.llvm.encoding.encode import encode
from engine.program.llvm.encoding.memory import Memory
from engine.program.llvm.machine import threads
from engine.program.llvm.machine.calls import python_function
from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.straight.straight_block import write_block
from engine.program.passes.schedule import schedule

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from engine.program.instructions import FlatProgram
    from engine.program.llvm.blocks.linking import Kit
    from engine.program.llvm.machine.runtime import Loaded
    from engine.program.llvm.writing.ir import Shape

    Array = NDArray[np.float64]
    Words = NDArray[np.int32]
    Enter = Callable[[Array, Array, Array, Array, int, int], int]

_INDEX = {name: k for k, name in enumerate(FIELDS)}

_DENSE, _OTHER = 0.0002, 0.0006
"""Microseconds for each sample and each term, forward and backward: measured, on one machine."""

_LONG = 50.0
"""Microseconds from which on a run lets other threads of Python work meanwhile."""

_CACHE, _CACHE_OF_DOTS = 1_500_000, 7_500_000
"""Bytes of values and slopes that a block may have, before blocks are made narrower to stay near
the processor. Dots and layers lose more by that, since a block shares each weight that is read."""

HOT = 400_000
"""Samples from which on a program is hot; each call counts as a few more."""

_CALL = 8
_SHORT = 400
"""Operands up to which straight lines win: most numbers stay in registers."""


class Plan:
    """A program encoded one way: gradients summed over the samples, or one for each.

    Attributes:
        flat: The program, or what it was rewritten to.
        sums: How many vectors of partial sums a sweep has.
        shape: The shape of blocks for batches that fill them.
    """

    def __init__(self, flat: FlatProgram, *, per_sample: bool) -> None:
        wanted = [r for r in flat.wrt if r >= 0]
        targets = [flat.wrt.index(r) for r in wanted]
        if per_sample:
            scheduled: Any = flat.instructions
            flat = schedule(scheduled.tape, loading=True)
            scheduled = flat.instructions
            wanted = [scheduled.places[r] for r in flat.wrt]
            targets = list(range(len(wanted)))
        self.flat = flat
        self.code = encode(flat, wanted, summed=not per_sample)
        code, position = self.code, {r: k for k, r in enumerate(flat.wrt)}
        lanes = machine().shape.lanes
        places = code.summed + len(wanted)
        self.sums = places + lanes  # they are read by as many at a time
        summed = [position[~u] for u in code.packed[: code.summed].tolist()]
        self._arrays = {
            "gather": code.packed,
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
        self._wrt_slots = wanted
        self._per_sample = per_sample
        self.shape = self._wide_shape()
        self._narrow_up_to = lanes if self.shape.vectors > 1 else sys.maxsize
        self._wide: Gear | None = None
        self._narrow: Gear | None = None
        self._straight: Gear | None = None
        self._claim = Lock()
        self._samples_left = sys.maxsize  # until it is hot
        self._work = _DENSE * code.dense + _OTHER * code.others
        self._contest = threads.Contest()  # of one thread and many
        self._long, self._alone = (
            time / self._work if self._work else math.inf for time in (_LONG, 2 * threads.ENOUGH)
        )
        self._make(1 + lanes)  # what most calls will use is compiled now

    def _make(self, batch: int) -> Gear:
        """Make the interpreter that suits batches of some size."""
        if batch <= self._narrow_up_to:
            gear = self._narrow = Gear.interpreter(self, kit(machine().narrow))
        else:
            gear = self._wide = Gear.interpreter(self, kit(self.shape))
        return gear

    def _wide_shape(self) -> Shape:
        """Choose the shape of blocks for batches that fill them: the widest that has room."""
        code, shape = self.code, machine().shape
        most = _CACHE_OF_DOTS if code.dense >= code.others else _CACHE
        room = 8 * (code.memory.values + code.memory.slopes)
        while shape.vectors > 1 and room * shape.samples > most:
            shape = replace(shape, vectors=shape.vectors // 2)
        return shape

    def straighten_when_hot(self) -> None:
        """Have `straighten` called in the background once that pays; perhaps never.

        Dots, and whatever is longer, run better on the interpreter.
        """
        if self.code.dense <= self.code.others <= _SHORT:
            self._samples_left = HOT

    def _heat(self) -> None:
        """Begin to compile, once."""
        if self._claim.acquire(blocking=False):
            self._samples_left = sys.maxsize
            Thread(target=self.straighten, name="everypath compiles").start()

    @property
    def is_straight(self) -> bool:
        """Whether it runs as straight-line code."""
        return self._straight is not None

    def straighten(self) -> None:
        """Compile the program to straight-line code, and run that from now on."""
        here = machine()
        text = write_block(self.flat, self.code, self._wrt_slots, here.narrow).text()
        names = ["forward", *(f"sweep_{k}" for k in range(self.flat.differentiated))]
        loaded = here.load(text, names, quick=True)
        addresses = [loaded.addresses[name] for name in names]
        one = [np.array([k, 2], dtype=np.int32) for k in range(len(names))]
        slots = self.flat.slots
        memory = Memory(_words(self.flat.outputs), _words(self._wrt_slots), slots, slots)
        gear = Gear(self, kit(here.narrow), one[0], one[1:], (addresses, addresses), memory)
        gear.loaded = loaded
        self._straight = gear  # at once, between two calls

    def run(self, inputs: Array, live: Array, results: Array, gradient: Array, mode: int) -> None:
        """Run a batch.

        Args:
            inputs: (batch, inputs).
            live: The live uniforms.
            results: Written: (batch, outputs).
            gradient: Written.
            mode: `FORWARD` to leave the gradient alone, or 0.
        """
        batch = len(inputs)
        self._samples_left -= batch + _CALL
        if self._samples_left < 0:
            self._heat()
        narrow_or_wide = self._narrow if batch <= self._narrow_up_to else self._wide
        gear = self._straight or narrow_or_wide or self._make(batch)
        if batch < self._long:
            gear.run(inputs, live, results, gradient, mode)
        else:
            self._run_long(gear, inputs, live, results, gradient, mode + RELEASE)

    def _run_long(
        self, gear: Gear, inputs: Array, live: Array, results: Array, gradient: Array, mode: int
    ) -> None:
        """Run a batch that takes long enough for other threads to be thought of."""
        batch = len(inputs)
        cut = threads.parts(batch, self._work, gear.samples) if batch >= self._alone else []
        if len(cut) < 2:
            gear.run(inputs, live, results, gradient, mode)
            return
        apart = mode & FORWARD or self._per_sample  # each part writes rows of its own
        gradients = [gradient[part] if apart else np.empty_like(gradient) for part in cut]
        work = [
            (inputs[part], live, results[part], out, mode)
            for part, out in zip(cut, gradients, strict=True)
        ]
        way, started = self._contest.pick(), perf_counter()
        if way:
            calls = [threads.pool().submit(gear.run, *given) for given in work[1:]]
            gear.run(*work[0])
            for call in calls:
                call.result()
        else:
            for given in work:
                gear.run(*given)
        self._contest.note(way, (perf_counter() - started) / batch)
        if not apart:
            np.add.reduce(gradients, out=gradient)


class Gear:
    """A plan together with code that runs it.

    Args:
        plan: The plan.
        kit: The interpreter.
        forward: Words.
        backward: Words of each sweep.
        handlers: The addresses of handlers, and of those for blocks that are not full.
        memory: What it works in.
        totals: How many parameters have numbers, not vectors, for their sums.

    Attributes:
        samples: How many samples a block has.
    """

    def __init__(
        self,
        plan: Plan,
        kit: Kit,
        forward: Words,
        backward: Sequence[Words],
        handlers: Sequence[Sequence[int]],
        memory: Memory,
        *,
        totals: int = 0,
    ) -> None:
        self.samples = kit.shape.samples
        self._plan, self._kit, self._code = plan, kit, (forward, backward)
        every, masked = (np.array(addresses, dtype=np.int64) for addresses in handlers)
        ends = [[w.ctypes.data, w.ctypes.data + w.nbytes] for w in backward]
        sweeps = np.array(ends, dtype=np.int64)
        self._memory, self._tables = memory, (every, masked, sweeps)
        fields = plan.fields | {
            "handlers": every.ctypes.data,
            "masked_handlers": masked.ctypes.data,
            "forward": forward.ctypes.data,
            "forward_end": forward.ctypes.data + forward.nbytes,
            "sweeps": sweeps.ctypes.data,
            "outputs": memory.outputs.ctypes.data,
            "wrt_slots": memory.wrt.ctypes.data,
            "total_count": totals,
        }
        self._template = np.array([fields.get(name, 0) for name in FIELDS], dtype=np.int64)
        self.loaded: Loaded | None = None
        self._frames: list[Any] = []
        self._free: list[Enter] = []

    @classmethod
    def interpreter(cls, plan: Plan, kit: Kit) -> Gear:
        """Make the one that runs the code of a plan instruction by instruction."""
        code = plan.code
        handlers = [[kit.handler(k, masked) for k in code.handlers] for masked in ("", "_masked")]
        return cls(
            plan, kit, code.forward, code.backward, handlers, code.memory, totals=code.totals
        )

    def run(self, inputs: Array, live: Array, results: Array, gradient: Array, mode: int) -> None:
        """Run a batch in memory of its own: calls may overlap."""
        try:
            enter = self._free.pop()
        except IndexError:
            enter = self._new_frame()
        enter(inputs, live, results, gradient, len(inputs), mode)
        self._free.append(enter)

    def _new_frame(self) -> Enter:
        """Make working memory for one call at a time."""
        words, plan, flat = self._template.copy(), self._plan, self._plan.flat
        memory = self._memory
        samples, lanes = self.samples, self._kit.shape.lanes
        arrays = {
            "values": _aligned(memory.values * samples),
            "slopes": _aligned(memory.slopes * samples),
            "uniforms": _aligned(len(plan.code.packed)),
            "sums": _aligned(plan.sums * max(1, flat.differentiated) * lanes),
            "totals": _aligned(plan.sums),
            "given": np.concatenate([np.zeros(flat.live), flat.constants]),
        }
        for name, array in arrays.items():
            words[_INDEX[name]] = array.ctypes.data
        self._frames.append((words, arrays))
        return python_function(self._kit.enter, "enter", words.ctypes.data)


def _words(numbers: Sequence[int]) -> Words:
    return np.array(numbers, dtype=np.int32)


def _aligned(count: int) -> Array:
    """Make an array of zeros that begins at a cache line."""
    raw = np.zeros(count + 8)
    skip = (-raw.ctypes.data % 64) // 8
    return raw[skip : skip + count]
