"""Python functions of machine code, and the functions of Python's that machine code calls."""

from __future__ import annotations

import ctypes
import sys
from typing import TYPE_CHECKING, Any

from engine.program.llvm.machine.arrays import as_expected

if TYPE_CHECKING:
    from collections.abc import Callable

C_API = (
    "PyLong_AsVoidPtr",
    "PyLong_FromLong",
    "PyEval_SaveThread",
    "PyEval_RestoreThread",
    "PyFloat_AsDouble",
    "PyFloat_FromDouble",
    "PyErr_Occurred",
    "PyErr_BadArgument",
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
