"""The way from Python into machine code, compiled itself: a function of the C API.

`ctypes` needs several microseconds for a call with arrays; a small batch is done in less. So
``enter`` takes the arrays as Python objects, reads where their memory is, as extensions compiled
for NumPy do, fills the frame in and runs it. Long runs let other threads work meanwhile (the GIL
is released).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.program.llvm.blocks.interpreter import FIELDS
from engine.program.llvm.machine.arrays import DATA

if TYPE_CHECKING:
    from engine.program.llvm.writing.ir import Module

FORWARD, RELEASE = 1, 2
"""Modes of ``enter``: run forward only; release the GIL meanwhile."""

_GIVEN = ("samples", "live", "results", "gradient")


def write_enter(module: Module) -> None:
    """Write ``enter(samples, live, results, gradient, batch, mode)``; self is the frame.

    The arrays are C-contiguous and of doubles; that is for the caller to see to. The mode is
    `FORWARD`, `RELEASE`, both added up, or 0. Running forward only, ``gradient`` is any array.
    """
    module.declare("ptr @PyLong_AsVoidPtr(ptr)")
    module.declare("ptr @PyLong_FromLong(i64)")
    module.declare("ptr @PyEval_SaveThread()")
    module.declare("void @PyEval_RestoreThread(ptr)")
    f = module.function("enter", "ptr %self, ptr %args, i64 %count", "ptr")
    frame = f.let("call ptr @PyLong_AsVoidPtr(ptr %self)", "frame")

    def whole(k: int) -> str:
        found = f.let(f"call ptr @PyLong_AsVoidPtr(ptr {f.field('%args', k, 'ptr')})", "p")
        return f.let(f"ptrtoint ptr {found} to i64", "n")

    def put(name: str, word: str) -> None:
        f.do(f"store i64 {word}, ptr {f.at(frame, FIELDS.index(name), 'i64')}")

    for k, name in enumerate(_GIVEN):
        array = f.field("%args", k, "ptr")
        put(name, f.field(f.at(array, DATA, "i8"), 0))
    put("batch", whole(len(_GIVEN)))
    mode = whole(len(_GIVEN) + 1)
    f.when(f.let(f"trunc i64 {mode} to i1", "forward"), lambda: put("gradient", "0"))
    lets_go = f.let(f"icmp ne i64 {f.whole('and', mode, RELEASE)}, 0", "lets_go")

    def alone() -> None:
        f.do(f"call void @run(ptr {frame})")

    def together() -> None:
        state = f.let("call ptr @PyEval_SaveThread()", "state")
        alone()
        f.do(f"call void @PyEval_RestoreThread(ptr {state})")

    f.when(lets_go, together)
    f.when(f.let(f"xor i1 {lets_go}, true", "stays"), alone)
    f.do(f"ret ptr {f.let('call ptr @PyLong_FromLong(i64 0)', 'p')}")
