"""The way from Python into machine code, compiled itself: functions of the C API.

`ctypes` needs several microseconds for a call with arrays; a small batch is done in less. So
``enter`` takes the arrays as Python objects, asks them where their memory is, fills the frame in
and runs it. Long runs let other threads work meanwhile (the GIL is released).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.program.llvm.blocks.interpreter import ARRAYS, PLACE
from engine.program.llvm.machine.arrays import PLAIN, Buffer
from engine.program.llvm.machine.calls import c_function, python_int

if TYPE_CHECKING:
    from engine.program.llvm.writing.ir import Module

FORWARD, RELEASE = 1, 2
"""Modes of ``enter``: run forward only; release the GIL meanwhile."""


def write_enter(module: Module) -> None:
    """Write ``enter(samples, live, results, gradient, mode)``; self is the frame.

    The arrays are C-contiguous and of doubles; that is for the caller to see to. The mode is
    `FORWARD`, `RELEASE`, both added up, or 0. Running forward only, ``gradient`` is any array.
    """
    f, frame = c_function(module, "enter")
    buffers = {name: Buffer(f) for name in ARRAYS}
    done = f.let("alloca ptr, align 8", "done")
    f.do(f"store ptr null, ptr {done}")
    given = f.field("%args", len(ARRAYS), "ptr")
    mode = f.let(f"ptrtoint ptr {f.call('ptr @PyLong_AsVoidPtr', ('ptr',), given)} to i64", "mode")

    def put(name: str, word: str) -> None:
        f.do(f"store i64 {word}, ptr {f.at(frame, PLACE[name], 'i64')}")

    def run() -> None:
        put("batch", buffers["samples"].size(0))
        for name, buffer in buffers.items():
            put(name, buffer.memory())
        f.when(f.let(f"trunc i64 {mode} to i1", "forward"), lambda: put("gradient", "0"))
        lets_go = f.let(f"icmp ne i64 {f.whole('and', mode, RELEASE)}, 0", "lets_go")
        f.when(lets_go, together, alone)
        f.do(f"store ptr {python_int(f, '0')}, ptr {done}")

    def alone() -> None:
        f.do(f"call void @run(ptr {frame})")

    def together() -> None:
        state = f.call("ptr @PyEval_SaveThread", ())
        alone()
        f.call("void @PyEval_RestoreThread", ("ptr",), state)

    def hold(k: int) -> None:
        if k == len(ARRAYS):
            run()
        else:
            array = f.field("%args", k, "ptr")
            buffers[ARRAYS[k]].held(array, PLAIN, lambda: hold(k + 1))

    hold(0)
    f.do(f"ret ptr {f.field(done, 0, 'ptr')}")
