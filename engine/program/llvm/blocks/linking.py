"""The functions of the block interpreter, compiled for blocks of one width: where they are."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from engine.program.llvm.blocks.entry import write_enter
from engine.program.llvm.blocks.handlers import write_row, write_row_back
from engine.program.llvm.blocks.interpreter import write_interpreter
from engine.program.llvm.machine.arrays import write_fits
from engine.program.llvm.machine.runtime import machine, name_of
from engine.program.llvm.writing.ir import Module
from engine.program.llvm.writing.vector_math import LIBRARY, OWN
from engine.table.language import calls
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from engine.program.llvm.encoding.layout import Key
    from engine.program.llvm.writing.ir import Width
    from engine.table.ops import Op


class Interpreter:
    """The interpreter for blocks of one width.

    Attributes:
        width: The width.
        enter: The address of the function that Python calls,
        fits: and of one that tells whether arrays fit.
    """

    def __init__(self, width: Width) -> None:
        self.width = width
        module = write_interpreter(width)
        write_enter(module)
        write_fits(module)
        self._code = machine().load(module)
        self._core = self._code.addresses
        self._rows: dict[Key, int] = {}
        self.enter, self.fits = self._core["enter"], self._core["fits"]

    def handler(self, key: Key, masked: str = "") -> int:
        """Find the address of a handler; ``masked`` is "_masked" for blocks that are not full."""
        if key[0] in {"row", "row_back"}:
            if key not in self._rows:
                self._rows[key] = self._row(key)
            return self._rows[key]
        return self._core.get(key[0] + masked) or self._core[key[0]]

    def _row(self, key: Key) -> int:
        kind, op, *modes = key
        name = name_of(self.width, kind, modes, *_meaning(op))

        def write() -> str:
            module = Module(self.width)
            if modes:
                write_row_back(module, name, op, *modes)
            else:
                write_row(module, name, op)
            return module.text()

        return machine().address(name, write)


interpreter = cache(Interpreter)
"""The interpreter for a width, compiled when first asked for."""


def _meaning(op: Op) -> list[object]:
    """List all that decides what a row computes: its texts, and those of the rows it calls."""
    seen, left = [], [op]
    written_out = TABLE.keys() - OWN.keys() - LIBRARY
    while left:
        row = left.pop()
        if row not in seen:
            seen.append(row)
            called = set().union(*map(calls, (row.forward, *row.partials)))
            left += [TABLE[name] for name in sorted(called & written_out)]
    return [(row.name, row.operands, row.forward, row.partials) for row in seen]
