"""The way from Python into machine code: a function of the C API, itself compiled.

`ctypes` needs several microseconds for a call with arrays; a small batch is done in less. So
``enter`` takes the arrays as Python objects, finds their memory through the buffer protocol, fills
the frame in and runs it. Long runs let other threads work meanwhile (the GIL is released).
"""

from __future__ import annotations

import ctypes
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from engine.program.llvm.interpreter import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.program.llvm.ir import Module

C_API = (
    "PyObject_GetBuffer", "PyBuffer_Release", "PyLong_AsVoidPtr", "PyLong_FromLong",
    "PyEval_SaveThread", "PyEval_RestoreThread", "PyFloat_AsDouble", "PyFloat_FromDouble",
    "PyErr_Occurred", "PyErr_BadArgument",
)  # fmt: skip
"""What compiled functions call of Python's."""

FORWARD, RELEASE = 1, 2
"""Modes of ``enter``: run forward only; release the GIL meanwhile."""

_BUFFER_WORDS = 16  # more than a Py_buffer has; the address is in word 0
_GIVEN = ("samples", "live", "results", "gradient")


def write_enter(module: Module) -> None:
    """Write ``enter(samples, live, results, gradient, batch, mode)``; self is the frame.

    The mode is `FORWARD`, `RELEASE`, both added up, or 0. Running forward only, ``gradient`` is
    any array.
    """
    module.declare("i32 @PyObject_GetBuffer(ptr, ptr, i32)")
    module.declare("void @PyBuffer_Release(ptr)")
    module.declare("ptr @PyLong_AsVoidPtr(ptr)")
    module.declare("ptr @PyLong_FromLong(i64)")
    module.declare("ptr @PyEval_SaveThread()")
    module.declare("void @PyEval_RestoreThread(ptr)")
    f = module.function("enter", "ptr %self, ptr %args, i64 %count", "ptr")
    frame = f.let("call ptr @PyLong_AsVoidPtr(ptr %self)", "frame")
    buffers = [f.let(f"alloca [{_BUFFER_WORDS} x i64], align 16", "buffer") for _ in _GIVEN]
    good = []
    for k, (name, buffer) in enumerate(zip(_GIVEN, buffers, strict=True)):
        given = f.field("%args", k, "ptr")
        status = f.let(f"call i32 @PyObject_GetBuffer(ptr {given}, ptr {buffer}, i32 0)", "status")
        good.append(f.let(f"icmp eq i32 {status}, 0", "is"))
        f.do(f"store i64 {f.field(buffer, 0)}, ptr {f.at(frame, FIELDS.index(name), 'i64')}")
    batch = f.let(f"call ptr @PyLong_AsVoidPtr(ptr {f.field('%args', 4, 'ptr')})", "p")
    batch = f.let(f"ptrtoint ptr {batch} to i64", "batch")
    f.do(f"store i64 {batch}, ptr {f.at(frame, FIELDS.index('batch'), 'i64')}")
    mode = f.let(f"call ptr @PyLong_AsVoidPtr(ptr {f.field('%args', 5, 'ptr')})", "p")
    mode = f.let(f"ptrtoint ptr {mode} to i64", "mode")
    forward = f.let(f"trunc i64 {mode} to i1", "is")
    place = f.at(frame, FIELDS.index("gradient"), "i64")
    f.when(forward, lambda: f.do(f"store i64 0, ptr {place}"))
    release = f.whole("and", mode, RELEASE)
    fine = good[0]
    for one in good[1:]:
        fine = f.let(f"and i1 {fine}, {one}", "is")

    def run() -> None:
        lets_go = f.let(f"icmp ne i64 {release}, 0", "is")

        def alone() -> None:
            f.do(f"call void @run(ptr {frame})")

        def together() -> None:
            state = f.let("call ptr @PyEval_SaveThread()", "state")
            f.do(f"call void @run(ptr {frame})")
            f.do(f"call void @PyEval_RestoreThread(ptr {state})")

        f.when(lets_go, together)
        f.when(f.let(f"xor i1 {lets_go}, true", "is"), alone)

    f.when(fine, run)
    for one, buffer in zip(good, buffers, strict=True):
        f.when(one, partial(f.do, f"call void @PyBuffer_Release(ptr {buffer})"))
    result = f.let("call ptr @PyLong_FromLong(i64 0)", "p")
    f.do(f"%result = select i1 {fine}, ptr {result}, ptr null")
    f.do("ret ptr %result")


class _MethodDef(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p), ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int), ("doc", ctypes.c_char_p),
    )  # fmt: skip


_FASTCALL = 0x0080
_kept: list[Any] = []


def python_function(address: int, name: str, self_: object) -> Callable[..., Any]:
    """Make a Python function of machine code.

    Args:
        address: Of a C function ``(self, arguments, how many)``.
        name: What error messages call it.
        self_: Handed to every call; the function keeps it alive.

    Returns:
        The function.
    """
    definition = _DEFINITIONS.get((address, name))
    if definition is None:
        definition = _MethodDef(name.encode(), address, _FASTCALL, None)
        _DEFINITIONS[address, name] = definition  # functions point to it for good
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype = ctypes.py_object
    make.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    found: Callable[..., Any] = make(ctypes.addressof(definition), self_, None)
    return found


_DEFINITIONS: dict[tuple[int, str], _MethodDef] = {}


def c_api_addresses() -> dict[str, int]:
    """Find Python's own C functions."""
    cast = ctypes.cast
    return {
        name: cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0 for name in C_API
    }


def supported() -> bool:
    """Tell whether this Python is CPython: only there do objects look as assumed here."""
    return sys.implementation.name == "cpython"
