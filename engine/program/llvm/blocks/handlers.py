"""The handlers of the block interpreter, but for dots and layers (`dense`), and what all share.

A block is ``width.samples`` samples. Each slot has a place for a block of values, and one for a
block of adjoints (`engine.program.llvm.encoding.memory`). Code is an array of 32-bit words, one
segment for each instruction: the number of its handler, its length in words, its operands, which
are places. A handler reads its segment and works on the whole block, so what it costs to find out
what to do is shared by all samples of a block.

Every handler has the same arguments: its code; the values; the adjoints; the packed uniforms; the
partial sums of packed parameters, a vector for each, whose lanes are added up at the very end (or
just a number, see `engine.program.llvm.encoding.layout`); and how many samples of the block are
valid. A block that is not full repeats its last sample. The *masked* handlers leave those repeats
out of the sums; nothing else mixes samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.program.llvm.encoding.partials import BEGINS, IDLE, reads
from engine.program.llvm.writing.lower_expression import (
    LOGSUMEXP,
    Lowering,
    call,
    larger,
    shifted_result,
)
from engine.program.llvm.writing.vector_math import OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.program.llvm.writing.ir import Function, Module
    from engine.table.ops import Op

ARGUMENTS = "ptr %values, ptr %adjoints, ptr %uniforms, ptr %sums, i64 %valid"
"""Of every handler, behind its code."""


class Handler:
    """Writes one handler: what all of them have in common."""

    def __init__(self, module: Module, name: str, *, masked: bool = False) -> None:
        arguments = f"ptr %code, {ARGUMENTS}".replace("ptr", "ptr noalias")
        self.f: Function = module.function(name, arguments)
        self.width = module.width
        self.every = range(self.width.vectors)
        self.masks = [self._mask(k) for k in self.every] if masked else None

    def _mask(self, vector: int) -> str:
        f, lanes = self.f, self.width.lanes
        numbers = ", ".join(f"i64 {vector * lanes + k}" for k in range(lanes))
        valid = f.spread("%valid", "i64")
        return f.let(f"icmp slt <{lanes} x i64> <{numbers}>, {valid}", "valid")

    # ------------------------------------------------------------ places

    def word(self, index: int | str, behind: int = 0) -> str:
        """Read a word of the instruction, so many words behind an index."""
        return self.f.integer("%code", self.f.whole("add", index, behind) if behind else index)

    def values(self, slot: str) -> str:
        """Find the numbers of a slot."""
        return self.f.at("%values", self.f.whole("mul", slot, self.width.samples))

    def adjoints(self, slot: str) -> str:
        """Find the adjoints of a slot."""
        return self.f.at("%adjoints", self.f.whole("mul", slot, self.width.samples))

    def sum_of(self, packed: str) -> str:
        """Find the partial sums of a packed parameter."""
        return self.f.at("%sums", self.f.whole("mul", packed, self.width.lanes))

    def uniform(self, packed: str) -> str:
        """Read a packed uniform into every lane."""
        return self.f.spread(self.f.load_double(self.f.at("%uniforms", packed)))

    def load(self, pointer: str) -> tuple[str, ...]:
        """Read a block."""
        return tuple([self.f.load(pointer, k) for k in self.every])

    def block(self, value: Any) -> Any:
        """Make a block of a value that may be a constant."""
        return value if isinstance(value, tuple) else (value,) * self.width.vectors

    def store(self, block: Sequence[str], pointer: str) -> None:
        """Write a block."""
        for k in self.every:
            self.f.store(block[k], pointer, k)

    def grow(self, pointer: str, by: Sequence[str]) -> None:
        """Add a block to what is there."""
        self.store(self.f.add(self.load(pointer), tuple(by)), pointer)

    def fill(self, number: float, pointer: str) -> None:
        """Write the same number into a whole block."""
        self.store(self.block(self.f.number(number)), pointer)

    def clear(self, count: str, start: int) -> str:
        """Clear the adjoints of the slots listed from a word on; give the word behind."""
        return self.terms(count, start, 1, lambda at: self.fill(0.0, self.adjoints(self.word(at))))

    def terms(self, count: str, start: int | str, words: int, term: Callable[[str], None]) -> str:
        """Write a loop over terms of so many words, from a word on; give the word behind."""
        f = self.f
        f.each(count, lambda i: term(f.whole("add", f.whole("mul", i, words), start)))
        return f.whole("add", f.whole("mul", count, words), start)

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

    def grow_sum(self, packed: str, vector: str) -> None:
        """Add a vector to the partial sums of a parameter."""
        place = self.sum_of(packed)
        self.f.store(self.f.add(self.f.load(place), vector), place)

    def end(self) -> None:
        """Return."""
        self.f.do("ret void")


def write_small(module: Module) -> None:
    """Write ``zero`` (clears adjoints), ``seed`` (the adjoint of a result is 1) and ``load``."""
    # zero: handler, length, count, slots
    zero = Handler(module, "zero")
    zero.clear(zero.word(2), 3)
    zero.end()
    # seed: handler, length, slot
    seed = Handler(module, "seed")
    seed.fill(1.0, seed.adjoints(seed.word(2)))
    seed.end()
    # load: handler, length, count, then (slot, packed uniform) for each
    load = Handler(module, "load")

    def one(at: str) -> None:
        load.store(load.block(load.uniform(load.word(at, 1))), load.values(load.word(at)))

    load.terms(load.word(2), 3, 2, one)
    load.end()


def write_load_back(module: Module, name: str, *, masked: bool) -> None:
    """Write: each parameter's sum grows by the adjoint of the slot it was loaded to."""
    h = Handler(module, name, masked=masked)

    def one(at: str) -> None:
        h.grow_sum(h.word(at, 1), h.total(h.load(h.adjoints(h.word(at)))))

    h.terms(h.word(2), 3, 2, one)
    h.end()


def write_logsumexp(module: Module) -> None:
    """Write log(sum of exp), shifted by the largest.

    Code: handler, length, out, count, slots.
    """
    h = Handler(module, "logsumexp")
    f = h.f
    count = h.word(3)

    def block(i: str) -> Any:
        return h.load(h.values(h.word(i, 4)))

    def largest_so_far(i: str, now: list[str]) -> list[str]:
        return list(larger(f, block(i), tuple(now)))

    largest = tuple(f.loop(count, largest_so_far, h.load(h.values(h.word(4)))))

    def total_so_far(i: str, now: list[str]) -> list[str]:
        term = Lowering(f, {"x": block(i), "m": largest}).rule(LOGSUMEXP.term)
        return list(f.add(tuple(now), term))

    total = tuple(f.loop(count, total_so_far, h.block(f.number(0.0))))
    h.store(shifted_result(f, total, largest), h.values(h.word(2)))
    h.end()


def write_logsumexp_back(module: Module) -> None:
    """Write the partials of log(sum of exp).

    Code: handler, length, adjoint, number of adjoints to clear before, value, count of operands
    that need a gradient, the adjoints to clear, (value, adjoint) of those operands.
    """
    h = Handler(module, "logsumexp_back")
    f = h.f
    adjoint, result = h.load(h.adjoints(h.word(2))), h.load(h.values(h.word(4)))
    start = h.clear(h.word(3), 6)

    def operand(at: str) -> None:
        block, place = h.load(h.values(h.word(at))), h.adjoints(h.word(at, 1))
        share = Lowering(f, {"x": block, "z": result}).rule(LOGSUMEXP.partials[0])
        h.store(f.fma(adjoint, share, h.load(place)), place)

    h.terms(h.word(5), start, 2, operand)
    h.end()


# ---------------------------------------------------------------- rows of the derivative table


def write_row(module: Module, name: str, op: Op) -> None:
    """Write the forward rule of a row, for a run of instructions.

    Code: handler, length, count, then for each instruction its output and its operands.
    """
    h = Handler(module, name)
    width = 1 + len(op.operands)

    def instruction(at: str) -> None:
        out, *operands = [h.values(h.word(at, k)) for k in range(width)]
        given = [h.load(place) for place in operands]
        if op.name in OWN:
            found = call(h.f, op.name, given)
        else:
            found = Lowering(h.f, dict(zip(op.operands, given, strict=True))).rule(op.forward)
        h.store(h.block(found), out)

    h.terms(h.word(2), 3, width, instruction)
    h.end()


def write_row_back(module: Module, name: str, op: Op, modes: tuple[int, ...]) -> None:
    """Write the partials of a row, for a run of instructions.

    Code: handler, length, count, then for each instruction the adjoints of its output and of its
    operands, and, if a partial reads any, their values. ``modes`` says of each operand whether its
    adjoint is left alone, added to, or begun.
    """
    h = Handler(module, name)
    f, places = h.f, 1 + len(op.operands)
    width = places * (2 if any(reads(op)) else 1)
    wanted = [k for k, mode in enumerate(modes) if mode != IDLE]

    def instruction(at: str) -> None:
        words = [h.word(at, k) for k in range(width)]
        out, *targets = [h.adjoints(word) for word in words[:places]]
        values = [h.load(h.values(word)) for word in words[places:]]
        lowering = Lowering(f, dict(zip(("z", *op.operands), values, strict=False)))
        adjoint = h.load(out)
        partials = [lowering.rule(op.partials[k]) for k in wanted]
        for k, partial in zip(wanted, partials, strict=True):
            if modes[k] == BEGINS:
                h.store(f.mul(adjoint, partial), targets[k])
            else:
                h.store(f.fma(adjoint, partial, h.load(targets[k])), targets[k])

    h.terms(h.word(2), 3, width, instruction)
    h.end()
