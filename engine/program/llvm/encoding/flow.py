"""What depends on what: questions whose answer runs through a program, instruction by instruction.

Such a loop cannot be arithmetic on arrays, and in Python it would take as long as all the rest. So
two small functions of machine code do it: ``climb`` from operands to results, ``descend`` back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.program.llvm.encoding.columns import written
from engine.program.llvm.encoding.segments import Segments
from engine.program.llvm.machine.runtime import scalar_function

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from engine.program.instructions import FlatProgram
    from engine.program.llvm.encoding.columns import Columns
    from engine.program.llvm.writing.ir import Function

    Body = Callable[[str, Sequence[str]], Sequence[str]]
    Whole = NDArray[np.int32]


class Flow:
    """The operands and the results of each instruction of a program, in its own order."""

    def __init__(self, flat: FlatProgram, columns: Columns) -> None:
        c = columns
        self._flat, self._count = flat, c.total
        self._places = flat.slots + flat.live + len(flat.constants)
        self.first, self.sizes, *_ = written(c)
        reads = Segments(c.total)
        for at, _, _, *operands in c.applied:
            reads.part(at, *operands)
        for owners, *references in (
            (c.loads[0], ~c.loads[2]),
            c.plain,
            c.pairs,
            c.columns,
            (c.weights[0], ~c.weights[1]),
            (c.biases[0], ~c.biases[2]),
            c.exponents,
        ):
            reads.part(owners, *references)
        self._starts, self._reads = reads.lists()

    def levels(self, piece: int) -> Whole:
        """Find the level of each instruction; those of each ``piece`` begin above all before."""
        levels = np.zeros(self._places, dtype=np.int32)
        self._run("climb", levels, piece, 1)
        return levels[self.first]

    def active(self) -> Any:
        """Mark the slots that depend on anything in ``wrt``: only they need gradients."""
        marks = np.zeros(self._places, dtype=np.int32)
        marks[list(self._flat.wrt)] = 1
        self._run("climb", marks, self._count + 1, 0)
        return marks[: self._flat.slots] > 0

    def reached(self, output: int) -> Any:
        """Mark the instructions that an output depends on."""
        marks = np.zeros(self._places, dtype=np.int32)
        marks[self._flat.outputs[output]] = 1
        self._run("descend", marks, 0, 0)
        marked = np.concatenate([[0], np.cumsum(marks)])
        return marked[self.first + self.sizes] > marked[self.first]

    def _run(self, name: str, marks: Whole, piece: int, step: int) -> None:
        given = (marks, self._starts, self._reads, self.first, self.sizes)
        write = {"climb": _write_climb, "descend": _write_descend}[name]
        run = scalar_function(name, _ARGUMENTS, write)
        run(*(array.ctypes.data for array in given), self._count, self._places, piece, step)


_ARGUMENTS = (
    "ptr %marks, ptr %starts, ptr %reads, ptr %first, ptr %sizes, i64 %count, i64 %places, "
    "i64 %piece, i64 %step"
)


def _write_climb(f: Function) -> None:
    """Write: each result is the largest of the operands, or where the piece begins; plus step."""

    def instruction(k: str, _: Sequence[str]) -> Sequence[str]:
        floor = f.whole("sub", k, f.whole("urem", k, "%piece"))
        (largest,) = _operands(f, k, lambda at, found: [_larger(f, at, found[0])], [floor])
        word = f.let(f"trunc i64 {f.whole('add', largest, '%step')} to i32", "word")
        _results(f, k, _storing(f, word))
        return []

    f.loop("%count", instruction)
    f.do("ret void")


def _write_descend(f: Function) -> None:
    """Write: from the last instruction to the first, what a marked one reads is marked."""

    def instruction(k: str, _: Sequence[str]) -> Sequence[str]:
        position = f.whole("sub", f.whole("sub", "%count", 1), k)
        (mark,) = _results(f, position, lambda at, found: [_larger(f, at, found[0])], ["0"])

        def hand_down() -> None:
            _operands(f, position, _storing(f, "1"))

        f.when(f.let(f"icmp ne i64 {mark}, 0", "is"), hand_down)
        return []

    f.loop("%count", instruction)
    f.do("ret void")


def _larger(f: Function, at: str, b: str) -> str:
    """Write the larger of a mark and of another number."""
    a = f.integer(at, 0)
    return f.let(f"select i1 {f.let(f'icmp sgt i64 {a}, {b}', 'is')}, i64 {a}, i64 {b}", "n")


def _storing(f: Function, word: str) -> Body:
    def body(at: str, _: Sequence[str]) -> Sequence[str]:
        f.do(f"store i32 {word}, ptr {at}, align 4")
        return []

    return body


def _operands(f: Function, k: str, body: Body, carried: Sequence[str] = ()) -> list[str]:
    """Write a loop over the marks of what instruction ``k`` reads."""
    here = f.at("%starts", k, "i64")
    start, end = f.field(here, 0), f.field(here, 1)

    def one(j: str, held: list[str]) -> Sequence[str]:
        reference = f.integer("%reads", f.whole("add", start, j))
        uniform = f.let(f"icmp slt i64 {reference}, 0", "is")
        behind = f.whole("add", reference, "%places")
        place = f.let(f"select i1 {uniform}, i64 {behind}, i64 {reference}", "n")
        return body(f.at("%marks", place, "i32"), held)

    return f.loop(f.whole("sub", end, start), one, carried, kind="i64")


def _results(f: Function, k: str, body: Body, carried: Sequence[str] = ()) -> list[str]:
    """Write a loop over the marks of what instruction ``k`` writes."""
    first = f.at("%marks", f.integer("%first", k), "i32")

    def one(j: str, held: list[str]) -> Sequence[str]:
        return body(f.at(first, j, "i32"), held)

    return f.loop(f.integer("%sizes", k), one, carried, kind="i64")
