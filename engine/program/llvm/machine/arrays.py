"""Arrays as machine code reads them: through the buffer protocol (PEP 3118).

Python says of an object's memory where it is, what is in it, and how far it reaches, and keeps it
in place until the buffer is released. Its structure ``Py_buffer`` is part of the stable C API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.program.llvm.machine.calls import c_function, python_int

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.program.llvm.writing.ir import Function, Module

PLAIN, TYPED = 0x08, 0x0C
"""What is asked for: C-contiguous memory and its sizes; its type too."""


class Buffer:
    """A ``Py_buffer`` in machine code."""

    def __init__(self, f: Function) -> None:
        self._f, self._view = f, f.let("alloca [10 x i64], align 8", "view")

    def held(self, array: str, wanted: int, body: Callable[[], None]) -> None:
        """Write what runs while an object's memory is held; if it is refused an error is set."""
        f, kinds = self._f, ("ptr", "ptr", "i32")
        failed = f.call("i32 @PyObject_GetBuffer", kinds, array, self._view, str(wanted))

        def inside() -> None:
            body()
            f.call("void @PyBuffer_Release", ("ptr",), self._view)

        f.when(f.let(f"icmp eq i32 {failed}, 0", "is"), inside)

    def memory(self) -> str:
        """Give the address of the first number."""
        return self._f.field(self._view, 0)

    def size(self, axis: int) -> str:
        """Read how many there are along an axis."""
        return self._f.field(self._f.field(self._view, 6, "ptr"), axis)

    def is_of_doubles(self, dimensions: int) -> str:
        """Tell whether there are doubles in it, along so many axes."""
        f = self._f
        form = f.let(f"load i16, ptr {f.field(self._view, 5, 'ptr')}, align 1", "format")
        doubles = f.let(f"icmp eq i16 {form}, {ord('d')}", "is")  # the text "d" and its end
        found = f.let(f"icmp eq i64 {f.integer(self._view, 9)}, {dimensions}", "is")
        return f.let(f"and i1 {doubles}, {found}", "is")


def write_fits(module: Module) -> None:
    """Write ``fits(batch, live)``; self points to two words: how many inputs and live uniforms.

    It gives how many samples there are if both are C-contiguous arrays of float64, the one
    (samples, inputs), the other (live uniforms,); else 0. A program asks at every call.
    """
    f, words = c_function(module, "fits")
    batch, live = Buffer(f), Buffer(f)
    found = f.let("alloca i64, align 8", "found")
    f.do(f"store i64 0, ptr {found}")

    def same(a: str, place: int) -> str:
        return f.let(f"icmp eq i64 {a}, {f.field(words, place)}", "is")

    def sizes() -> None:  # as many as there are dimensions
        fit = f.let(f"and i1 {same(batch.size(1), 0)}, {same(live.size(0), 1)}", "is")
        f.when(fit, lambda: f.do(f"store i64 {batch.size(0)}, ptr {found}"))

    def types() -> None:
        f.when(f.let(f"and i1 {batch.is_of_doubles(2)}, {live.is_of_doubles(1)}", "is"), sizes)

    first, second = (f.field("%args", k, "ptr") for k in range(2))
    batch.held(first, TYPED, lambda: live.held(second, TYPED, types))
    f.call("void @PyErr_Clear", ())  # whatever has no such buffer
    f.do(f"ret ptr {python_int(f, f.field(found, 0))}")
