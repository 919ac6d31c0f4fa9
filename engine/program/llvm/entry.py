"""The way from Python into machine code: a function of the C API, itself compiled.

`ctypes` needs several microseconds for a call with arrays; a small batch is done in less. So
``enter`` takes the arrays as Python objects, reads where their memory is, as extensions compiled
for NumPy do, fills the frame in and runs it. Long runs let other threads work meanwhile (the GIL
is released).
"""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING, Any

from engine.program.llvm.arrays import DATA, as_expected
from engine.program.llvm.interpreter import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.program.llvm.ir import Module

C_API = (
    "PyLong_AsVoidPtr", "PyLong_FromLong",
    "PyEval_SaveThread", "PyEval_RestoreThread", "PyFloat_AsDouble", "PyFloat_FromDouble",
    "PyErr_Occurred", "PyErr_BadArgument",
)  # fmt: skip
"""What compiled functions call of Python's."""

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


class _MethodDef(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p), ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int), ("doc", ctypes.c_char_p),
    )  # fmt: skip


_FASTCALL = 0x0080


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
        _DEFINITIONS[address, name] = definition
        # Functions read it even while they are freed, which at exit may be after this module.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(definition))
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
    """Tell whether this is CPython, with NumPy's arrays as its extensions know them."""
    return sys.implementation.name == "cpython" and as_expected()
