"""NumPy's arrays as machine code sees them: where what is in them, and whether they fit.

An array is a structure whose first members have not moved since NumPy 1.7: extensions compiled for
NumPy read them there. `as_expected` makes sure before anything is read.
"""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.program.llvm.writing.ir import Function, Module

_HEAD = object.__basicsize__
TYPE, DATA, DIMENSIONS, SIZES, DTYPE, FLAGS = (_HEAD + k for k in (-8, 0, 8, 16, 40, 48))
"""Bytes from an array's address to its members; before `DATA` is what every object has."""

_CONTIGUOUS = 1  # a flag: rows one after the other


def as_expected() -> bool:
    """Tell whether arrays are what this module takes them for."""
    table = np.zeros((2, 3))
    return all(map(_is_as_expected, (table, table.T, table[:, 0], table[0], table.astype(int))))


def _is_as_expected(array: NDArray[Any]) -> bool:
    def whole(at: int) -> int:
        return ctypes.c_int64.from_address(id(array) + at).value

    def short(at: int) -> int:
        return ctypes.c_int32.from_address(id(array) + at).value

    if (whole(TYPE), whole(DATA), short(DIMENSIONS), whole(DTYPE)) != (
        id(type(array)),
        array.ctypes.data,
        array.ndim,
        id(array.dtype),
    ):
        return False
    sizes = (ctypes.c_int64 * array.ndim).from_address(whole(SIZES))
    contiguous = bool(short(FLAGS) & _CONTIGUOUS)
    return (tuple(sizes), contiguous) == (array.shape, array.flags.c_contiguous)


def fitting(columns: int, live: int) -> NDArray[np.int64]:
    """Write down what ``fits`` compares with.

    Args:
        columns: How many numbers a sample has.
        live: How many live uniforms there are.

    Returns:
        Words.
    """
    return np.array([id(np.ndarray), id(np.dtype(float)), columns, live], dtype=np.int64)


def write_fits(module: Module) -> None:
    """Write ``fits(batch, live)``, a function of the C API; self is the address of `fitting`.

    It gives 1 if both are C-contiguous arrays of float64, the one (some, columns), the other
    (live,); else 0. A program asks at every call.
    """
    f = module.function("fits", "ptr %self, ptr %args, i64 %count", "ptr")
    words = f.let("call ptr @PyLong_AsVoidPtr(ptr %self)", "words")
    kind, dtype, columns, live = (f.field(words, k) for k in range(4))
    arrays = [f.field("%args", k, "ptr") for k in range(2)]
    found = f.let("alloca i64", "found")
    f.do(f"store i64 0, ptr {found}")

    def member(array: str, at: int, type_: str = "i64") -> str:
        return f.field(f.at(array, at, "i8"), 0, type_)

    def every(conditions: list[str]) -> str:
        result = conditions[0]
        for condition in conditions[1:]:
            result = f.let(f"and i1 {result}, {condition}", "is")
        return result

    def same(a: str, b: str) -> str:
        return f.let(f"icmp eq i64 {a}, {b}", "is")

    def compare() -> None:  # both are arrays: their members may be read
        batch, vector = arrays
        conditions = [same(member(a, DTYPE), dtype) for a in arrays]
        for a, dimensions in ((batch, "2"), (vector, "1")):
            conditions.append(same(_short(f, a, DIMENSIONS), dimensions))
            flag = f.whole("and", _short(f, a, FLAGS), _CONTIGUOUS)
            conditions.append(same(flag, str(_CONTIGUOUS)))

        def sizes() -> None:  # as many as there are dimensions
            rows, width = (f.field(member(batch, SIZES, "ptr"), k) for k in range(2))
            some = f.let(f"icmp sgt i64 {rows}, 0", "is")
            length = f.field(member(vector, SIZES, "ptr"), 0)
            fits = every([some, same(width, columns), same(length, live)])
            f.do(f"store i64 {f.let(f'zext i1 {fits} to i64', 'n')}, ptr {found}")

        f.when(every(conditions), sizes)

    f.when(every([same(member(a, TYPE), kind) for a in arrays]), compare)
    f.do(f"ret ptr {f.let(f'call ptr @PyLong_FromLong(i64 {f.field(found, 0)})', 'p')}")


def _short(f: Function, array: str, at: int) -> str:
    return f.integer(f.at(array, at, "i8"), 0)
