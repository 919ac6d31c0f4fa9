"""Python functions of machine code, and the functions of Python's that machine code calls."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.program.llvm.writing.ir import Function, Module

C_API = (
    "PyBuffer_Release",
    "PyErr_BadArgument",
    "PyErr_Clear",
    "PyErr_Occurred",
    "PyEval_RestoreThread",
    "PyEval_SaveThread",
    "PyFloat_AsDouble",
    "PyFloat_FromDouble",
    "PyLong_AsVoidPtr",
    "PyLong_FromSsize_t",
    "PyObject_GetBuffer",
)
"""What compiled functions call of Python's."""


class _MethodDef(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


_FASTCALL = 0x0080


@cache
def definition(address: int, name: str) -> ctypes.Structure:
    """Describe a C function ``(self, arguments, how many)`` as Python wants it, for good."""
    made = _MethodDef(name.encode(), address, _FASTCALL, None)
    # Functions read it even while they are freed, which at exit may be after this module.
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(made))
    return made


def python_function(address: int, name: str, self_: object) -> Callable[..., Any]:
    """Make a Python function of a C function; ``self_`` is handed to every call and kept alive."""
    make = ctypes.pythonapi.PyCFunction_NewEx
    make.restype = ctypes.py_object
    make.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
    found: Callable[..., Any] = make(ctypes.addressof(definition(address, name)), self_, None)
    return found


def c_function(module: Module, name: str) -> tuple[Function, str]:
    """Begin a C function for `python_function`; give also the address that its self stands for."""
    f = module.function(name, "ptr %self, ptr %args, i64 %count", "ptr")
    return f, f.call("ptr @PyLong_AsVoidPtr", ("ptr",), "%self")


def python_int(f: Function, number: str) -> str:
    """Write a whole number as a Python object."""
    return f.call("ptr @PyLong_FromSsize_t", ("i64",), number)


def c_api_addresses() -> dict[str, int]:
    """Find Python's own C functions."""
    cast = ctypes.cast
    return {
        name: cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0 for name in C_API
    }
