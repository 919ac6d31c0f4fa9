"""The functions of the block interpreter, compiled for one shape of blocks: where they are."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING

from engine.program.llvm.blocks.entry import write_enter
from engine.program.llvm.blocks.interpreter import write_interpreter
from engine.program.llvm.blocks.rows import write_row, write_row_back
from engine.program.llvm.encoding.partials import group_back
from engine.program.llvm.machine.arrays import write_fits
from engine.program.llvm.machine.runtime import machine, name_of
from engine.program.llvm.writing.ir import Module
from engine.program.llvm.writing.vector_math import LIBRARY, OWN
from engine.table.language import calls
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from engine.program.llvm.encoding.layout import Key
    from engine.program.llvm.writing.ir import Shape
    from engine.table.ops import Op

_GROUPS_BACK = [
    group_back(fresh=fresh, added=added) for fresh, added in product((False, True), repeat=2)
]
_CORE = [
    "enter",
    "fits",
    "load",
    "dot",
    "group",
    "logsumexp",
    "zero",
    "seed",
    "logsumexp_back",
    *[
        f"{name}{masked}"
        for name in ("load_back", "dot_back", *_GROUPS_BACK)
        for masked in ("", "_masked")
    ],
]


class Kit:
    """The interpreter for one shape of blocks.

    Attributes:
        shape: The shape.
        enter: The address of the function that Python calls,
        fits: and of one that tells whether arrays fit.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

        def write() -> str:
            module = write_interpreter(shape)
            write_enter(module)
            write_fits(module)
            return module.text()

        self._code = machine().load(write(), _CORE)
        self._core = self._code.addresses
        self._rows: dict[Key, int] = {}
        self.enter, self.fits = self._core["enter"], self._core["fits"]

    def handler(self, key: Key, masked: str = "") -> int:
        """Find the address of a handler.

        Args:
            key: Its key, see `engine.program.llvm.encoding.layout.Key`.
            masked: ``"_masked"`` for blocks that are not full.

        Returns:
            The address.
        """
        if key[0] in {"row", "row_back"}:
            found = self._rows.get(key)
            if found is None:
                found = self._rows[key] = self._row(key)
            return found
        return self._core.get(key[0] + masked) or self._core[key[0]]

    def _row(self, key: Key) -> int:
        kind, op, *modes = key
        name = name_of(self.shape, kind, modes, *_meaning(op))

        def write() -> str:
            module = Module(self.shape)
            if modes:
                write_row_back(module, name, op, *modes)
            else:
                write_row(module, name, op)
            return module.text()

        return machine().address(name, write)


@cache
def kit(shape: Shape) -> Kit:
    """Return the interpreter for a shape, compiled when first asked for."""
    return Kit(shape)


def _meaning(op: Op) -> list[object]:
    """List all that decides what a row computes: its texts, and those of the rows it calls."""
    seen, left = [], [op]
    while left:
        row = left.pop()
        if row not in seen:
            seen.append(row)
            called = sorted(set().union(*map(calls, (row.forward, *row.partials))))
            left += [
                TABLE[name]
                for name in called
                if name in TABLE and name not in OWN and name not in LIBRARY
            ]
    return [(row.name, row.operands, row.forward, row.partials) for row in seen]
