"""What the handlers of the block interpreter have in common.

A block is ``shape.samples`` samples. Each slot has a place for a block of values, and one for a
block of gradients, its slopes (`engine.program.llvm.encoding.memory`). Code is an array of 32-bit
words, one stretch for each instruction: the number of its handler, its length in words, its
operands, which are places. A handler reads its stretch and works on the whole block, so what it
costs to find out what to do is shared by all samples of a block.

Every handler has the same arguments: its code; the values; the slopes; the packed uniforms; the
partial sums of packed parameters, a vector for each, whose lanes are added up at the very end (or
just a number, see `engine.program.llvm.encoding.layout.MANY_WEIGHTS`); and how many samples of the
block are valid. A block that is not full repeats its last sample. The *masked* handlers leave
those repeats out of the sums; nothing else mixes samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.program.llvm.writing.ir import Function, Module

ARGUMENTS = (
    "ptr noalias %code, ptr noalias %values, ptr noalias %slopes, ptr noalias %uniforms, "
    "ptr noalias %sums, i64 %valid"
)
"""Of every handler."""


class Handler:
    """Writes one handler: what all of them have in common."""

    def __init__(self, module: Module, name: str, *, masked: bool = False) -> None:
        self.f: Function = module.function(name, ARGUMENTS)
        self.shape = module.shape
        self.every = range(self.shape.vectors)
        self.masks = [self._mask(k) for k in self.every] if masked else None

    def _mask(self, vector: int) -> str:
        f, lanes = self.f, self.shape.lanes
        numbers = ", ".join(f"i64 {vector * lanes + k}" for k in range(lanes))
        valid = f.spread("%valid", "i64")
        return f.let(f"icmp slt <{lanes} x i64> <{numbers}>, {valid}", "valid")

    # ------------------------------------------------------------ places

    def word(self, index: int | str) -> str:
        """Read a word of the instruction."""
        return self.f.integer("%code", index)

    def values(self, slot: str) -> str:
        """Find the numbers of a slot."""
        return self._slot("%values", slot)

    def slopes(self, slot: str) -> str:
        """Find the gradients of a slot."""
        return self._slot("%slopes", slot)

    def _slot(self, base: str, slot: str) -> str:
        return self.f.at(base, self.f.whole("mul", slot, self.shape.samples))

    def sum_of(self, packed: str) -> str:
        """Find the partial sums of a packed parameter."""
        return self.f.at("%sums", self.f.whole("mul", packed, self.shape.lanes))

    def uniform(self, packed: str) -> str:
        """Read a packed uniform into every lane."""
        return self.f.spread(self.f.load_double(self.f.at("%uniforms", packed)))

    def load(self, pointer: str) -> tuple[str, ...]:
        """Read a block."""
        return tuple([self.f.load(pointer, k) for k in self.every])

    def block(self, value: Any) -> Any:
        """Make a block of a value that may be a constant."""
        return value if isinstance(value, tuple) else (value,) * self.shape.vectors

    def store(self, block: Sequence[str], pointer: str) -> None:
        """Write a block."""
        for k in self.every:
            self.f.store(block[k], pointer, k)

    def grow(self, pointer: str, by: Sequence[str]) -> None:
        """Add a block to what is there."""
        self.store(self.f.add(self.load(pointer), tuple(by)), pointer)

    def fill(self, number: float, pointer: str) -> None:
        """Write the same number into a whole block."""
        self.store([self.f.number(number)] * self.shape.vectors, pointer)

    # ------------------------------------------------------------ sums over samples

    def product_into(self, total: str, a: str, b: str, vector: int) -> str:
        """Add a * b to a partial sum, where the samples are valid."""
        more: str = self.f.fma(a, b, total)
        if self.masks is not None:
            more = self.f.choose(self.masks[vector], more, total)
        return more

    def total(self, block: Sequence[str]) -> str:
        """Add up the vectors of a block, where the samples are valid."""
        f = self.f
        if self.masks is not None:
            zero = f.number(0.0)
            block = [f.choose(self.masks[k], block[k], zero) for k in self.every]
        result = block[0]
        for vector in block[1:]:
            result = f.add(result, vector)
        return result

    # ------------------------------------------------------------ loops and ends

    def each(self, count: str, body: Callable[[str], None]) -> None:
        """Write a loop that carries nothing."""

        def step(i: str, _: list[str]) -> list[str]:
            body(i)
            return []

        self.f.loop(count, step)

    def tiles(self, count: str, body: Callable[[int, str], None]) -> None:
        """Write a loop in steps of ``shape.rows``, then one for what is left."""
        f, size = self.f, self.shape.rows
        whole = f.whole("and", count, -size)

        def tile(i: str, _: list[str]) -> list[str]:
            body(size, i)
            return []

        f.loop(whole, tile, step=size)
        self.each(f.whole("sub", count, whole), lambda i: body(1, f.whole("add", i, whole)))

    def clear(self, count: str, start: int) -> str:
        """Clear the gradients of the slots listed from a word on; give the word behind."""
        self.each(
            count, lambda i: self.fill(0.0, self.slopes(self.word(self.f.whole("add", i, start))))
        )
        return self.f.whole("add", count, start)

    def end(self) -> None:
        """Return."""
        self.f.do("ret void")
