"""A program encoded for machine code, and the memory to run it in."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.program.llvm.blocks.entry import FORWARD, RELEASE
from engine.program.llvm.blocks.interpreter import PLACE
from engine.program.llvm.blocks.linking import interpreter
from engine.program.llvm.encoding import limits as encoding
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
    from engine.program.llvm.blocks.linking import Interpreter
    from engine.program.llvm.encoding.encode import Code
    from engine.program.llvm.machine.runtime import Loaded
    from engine.program.llvm.writing.ir import Width

    Array = NDArray[np.float64]
    Words = NDArray[np.int32]
    Enter = Callable[[Array, Array, Array, Array, int], int]


@dataclass(frozen=True)
class Limits:
    """From where on a program is run in another way: measured, on one machine.

    Attributes:
        cache: Bytes of values and adjoints that a block may have, before blocks are made narrower
            to stay near the processor.
        cache_of_dots: The same for dots and layers, which lose more by that, since a block shares
            each weight that is read.
        long: Microseconds from which on a run lets other threads of Python work meanwhile.
        thread: Microseconds of work that are worth a thread.
        hot: Samples from which on a program is hot; each call counts as a few more.
        short: Operands up to which straight lines win: most numbers stay in registers.
        straight: Terms up to which the tier "straight" takes a program.
        encoding: From where on it is encoded in another way.
    """

    cache: int = 1_500_000
    cache_of_dots: int = 7_500_000
    long: float = 50.0
    thread: float = 300.0
    hot: int = 400_000
    short: int = 400
    straight: int = 50_000
    encoding: encoding.Limits = encoding.LIMITS


LIMITS = Limits()

_DENSE, _OTHER = 0.0002, 0.0006
"""Microseconds for each sample and each term, forward and backward: measured, on one machine."""

_MASKED = ("", "_masked")  # for blocks that are full, and for those that are not

_CALL = 8
"""Samples that a call counts as, besides its own."""


class Plan:
    """A program encoded one way: gradients summed over the samples, or one for each.

    Attributes:
        flat: The program, or what it was rewritten to.
        code: Its code for the interpreter.
        sums: How many vectors of partial sums a sweep has.
        fields: The words of a frame that are the same however it is run.
        width: How wide blocks are for batches that fill them.
        narrow: What runs small batches, once there was one.
        wide: What runs all others, once there was one.
        straight: What runs any batch, once the program was compiled to straight-line code.
    """

    def __init__(self, flat: FlatProgram, *, per_sample: bool, limits: Limits = LIMITS) -> None:
        wanted = [r for r in flat.wrt if r >= 0]
        targets = [flat.wrt.index(r) for r in wanted]
        if per_sample:
            scheduled: Any = flat.instructions
            flat = schedule(scheduled.tape, loading=True)
            scheduled = flat.instructions
            wanted = [scheduled.places[r] for r in flat.wrt]
            targets = list(range(len(wanted)))
        self.flat, self.limits = flat, limits
        self.code = code = encode(flat, wanted, summed=not per_sample, limits=limits.encoding)
        lanes = machine().width.lanes
        self.sums = code.summed + len(wanted) + lanes  # they are read by as many at a time
        position = {r: k for k, r in enumerate(flat.wrt)}
        summed = [position[~u] for u in code.packed[: code.summed].tolist()]
        self._targets = _words(targets if per_sample else summed + targets)
        self.fields = {
            "gather": code.packed.ctypes.data,
            "targets": self._targets.ctypes.data,
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
        self._wrt_slots, self._per_sample = wanted, per_sample
        self.width = self._wide()
        self._narrow_up_to = lanes if self.width.vectors > 1 else sys.maxsize
        self.wide: Executable | None = None
        self.narrow: Executable | None = None
        self.straight: Executable | None = None
        self._samples_left = sys.maxsize  # until it is hot
        self._claim = Lock()
        self._work = _DENSE * code.dense + _OTHER * code.others
        self._long = limits.long / self._work if self._work else math.inf  # in samples
        self._tuner = threads.Tuner()
        self._interpreted(1 + lanes)  # what most calls will use is compiled now

    def _interpreted(self, batch: int) -> Executable:
        """Make the interpreter that suits batches of some size."""
        if batch <= self._narrow_up_to:
            made = self.narrow = Executable.interpreted(self, machine().narrow)
        else:
            made = self.wide = Executable.interpreted(self, self.width)
        return made

    def _wide(self) -> Width:
        """Choose how wide blocks are for batches that fill them: the widest that have room."""
        code, width, limits = self.code, machine().width, self.limits
        most = limits.cache_of_dots if code.dense >= code.others else limits.cache
        room = 8 * (code.memory.values + code.memory.adjoints)
        while width.vectors > 1 and room * width.samples > most:
            width = replace(width, vectors=width.vectors // 2)
        return width

    def compile_when_hot(self) -> None:
        """Have `compile` called in the background once that pays; perhaps never.

        Dots, and whatever is longer, run better on the interpreter.
        """
        if self.code.dense <= self.code.others <= self.limits.short:
            self._samples_left = self.limits.hot

    def compile(self) -> None:
        """Compile the program to straight-line code, and run that from now on."""
        self.straight = Executable.straight(self, self._wrt_slots)  # at once, between two calls

    def run(self, inputs: Array, live: Array, results: Array, gradient: Array, mode: int) -> None:
        """Run a batch (batch, inputs), and write its results (batch, outputs) and its gradient.

        The mode is `FORWARD` to leave the gradient alone, or 0.
        """
        batch = len(inputs)
        self._samples_left -= batch + _CALL
        if self._samples_left < 0 and self._claim.acquire(blocking=False):
            self._samples_left = sys.maxsize
            Thread(target=self.compile, name="everypath compiles").start()
        narrow_or_wide = self.narrow if batch <= self._narrow_up_to else self.wide
        executable = self.straight or narrow_or_wide or self._interpreted(batch)
        if batch < self._long:
            executable.run(inputs, live, results, gradient, mode)
        else:
            self._run_long(executable, (inputs, live, results, gradient), mode + RELEASE)

    def _run_long(self, executable: Executable, arrays: Sequence[Array], mode: int) -> None:
        """Run a batch that takes long enough for other threads to be thought of."""
        # Of no class that cuts otherwise.
        inputs, live, results, gradient = map(np.asarray, arrays)
        batch = len(inputs)
        cut = threads.parts(batch, self._work, executable.samples, self.limits.thread)
        if len(cut) == 1:
            executable.run(inputs, live, results, gradient, mode)
            return
        apart = mode & FORWARD or self._per_sample  # each part writes rows of its own
        gradients = [gradient[part] if apart else np.empty_like(gradient) for part in cut]
        calls = [
            partial(executable.run, inputs[part], live, results[part], out, mode)
            for part, out in zip(cut, gradients, strict=True)
        ]
        self._tuner.run(calls, batch)
        if not apart:
            np.add.reduce(gradients, out=gradient)


class Executable:
    """A plan together with code that runs it, and with memory for the calls that go on at a time.

    Attributes:
        samples: How many samples a block has.
    """

    def __init__(
        self,
        plan: Plan,
        runner: Interpreter,
        code: Code,
        handlers: Sequence[Sequence[int]],
        loaded: Loaded | None = None,
    ) -> None:
        self.samples = runner.width.samples
        forward, sweeps = code.forward, _ends(code.backward)
        every, masked = (np.array(addresses, dtype=np.int64) for addresses in handlers)
        fields = plan.fields | {
            "handlers": every.ctypes.data,
            "masked_handlers": masked.ctypes.data,
            "forward": forward.ctypes.data,
            "forward_end": forward.ctypes.data + forward.nbytes,
            "sweeps": sweeps.ctypes.data,
            "outputs": code.memory.outputs.ctypes.data,
            "wrt_slots": code.memory.wrt.ctypes.data,
            "total_count": code.totals,
        }
        self._template = np.array([fields.get(name, 0) for name in PLACE], dtype=np.int64)
        self._plan, self._runner, self._memory = plan, runner, code.memory
        self._kept: list[Any] = [every, masked, sweeps, code, loaded]
        self._free: list[Enter] = []

    @classmethod
    def interpreted(cls, plan: Plan, width: Width) -> Executable:
        """Make the one that runs the code of a plan instruction by instruction."""
        code, runner = plan.code, interpreter(width)
        handlers = [[runner.handler(k, masked) for k in code.handlers] for masked in _MASKED]
        return cls(plan, runner, code, handlers)

    @classmethod
    def straight(cls, plan: Plan, wrt_slots: Sequence[int]) -> Executable:
        """Compile one in which forward, and each sweep, is a single instruction."""
        flat, here = plan.flat, machine()
        loaded = here.load(write_block(flat, plan.code, wrt_slots, here.narrow), quick=True)
        addresses = list(loaded.addresses.values())
        forward, *backward = [_words([k, 2]) for k in range(len(addresses))]
        memory = Memory(_words(flat.outputs), _words(wrt_slots), flat.slots, flat.slots)
        code = plan.code._replace(forward=forward, backward=backward, memory=memory, totals=0)
        return cls(plan, interpreter(here.narrow), code, (addresses, addresses), loaded)

    def run(self, inputs: Array, live: Array, results: Array, gradient: Array, mode: int) -> None:
        """Run a batch in memory of its own: calls may overlap."""
        try:
            enter = self._free.pop()
        except IndexError:
            enter = self._new_frame()
        enter(inputs, live, results, gradient, mode)
        self._free.append(enter)

    def _new_frame(self) -> Enter:
        """Make working memory for one call at a time."""
        frame, plan, flat = self._template.copy(), self._plan, self._plan.flat
        memory, samples = self._memory, self.samples
        arrays = {
            "values": aligned(memory.values * samples),
            "adjoints": aligned(memory.adjoints * samples),
            "uniforms": aligned(len(plan.code.packed)),
            "sums": aligned(plan.sums * max(1, flat.differentiated) * self._runner.width.lanes),
            "totals": aligned(plan.sums),
            "given": np.concatenate([np.zeros(flat.live), flat.constants]),
        }
        for name, array in arrays.items():
            frame[PLACE[name]] = array.ctypes.data
        self._kept.append((frame, arrays))
        return python_function(self._runner.enter, "enter", frame.ctypes.data)


def _ends(segments: Sequence[Words]) -> NDArray[np.int64]:
    """Write down where each segment of code begins and ends."""
    ends = [[code.ctypes.data, code.ctypes.data + code.nbytes] for code in segments]
    return np.array(ends, dtype=np.int64)


def _words(numbers: Sequence[int]) -> Words:
    return np.array(numbers, dtype=np.int32)


def aligned(count: int) -> Array:
    """Make an array of zeros that begins at a cache line."""
    raw = np.zeros(count + 8)
    skip = (-raw.ctypes.data % 64) // 8
    return raw[skip : skip + count]
