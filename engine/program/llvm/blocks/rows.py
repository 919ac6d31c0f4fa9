"""Handlers of rows of the derivative table: each works through a run of instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.program.llvm.blocks.handler import Handler
from engine.program.llvm.encoding.partials import BEGINS, IDLE, reads
from engine.program.llvm.writing.lower_expression import Lowering, call
from engine.program.llvm.writing.vector_math import OWN

if TYPE_CHECKING:
    from engine.program.llvm.writing.ir import Module
    from engine.table.ops import Op


def write_row(module: Module, name: str, op: Op) -> None:
    """Write the forward rule of a row, for a run of instructions.

    Code: handler, length, count, then for each instruction its output and its operands.
    """
    h = Handler(module, name)
    width = 1 + len(op.operands)

    def instruction(i: str) -> None:
        first = h.f.whole("add", h.f.whole("mul", i, width), 3)
        slots = [h.word(h.f.whole("add", first, k)) for k in range(width)]
        operands = [h.values(slot) for slot in slots[1:]]
        given = [h.load(p) for p in operands]
        if op.name in OWN:
            found = call(h.f, op.name, given)
        else:
            found = Lowering(h.f, dict(zip(op.operands, given, strict=True))).rule(op.forward)
        h.store(h.block(found), h.values(slots[0]))

    h.each(h.word(2), instruction)
    h.end()


def write_row_back(module: Module, name: str, op: Op, modes: tuple[int, ...]) -> None:
    """Write the partials of a row, for a run of instructions.

    Code: handler, length, count, then for each instruction the slopes of its output and of its
    operands, and, if a partial reads any, their values. ``modes`` says of each operand whether its
    slope is left alone, added to, or begun.
    """
    h = Handler(module, name)
    places = 1 + len(op.operands)
    width = places * (2 if any(reads(op)) else 1)
    wanted = [k for k, mode in enumerate(modes) if mode != IDLE]

    def instruction(i: str) -> None:
        first = h.f.whole("add", h.f.whole("mul", i, width), 3)
        words = [h.word(h.f.whole("add", first, k)) for k in range(width)]
        slopes = [h.slopes(place) for place in words[:places]]
        values = [h.load(h.values(place)) for place in words[places:]]
        names = dict(zip(("z", *op.operands), values, strict=False))
        lowering, slope = Lowering(h.f, names), h.load(slopes[0])
        partials = [lowering.rule(op.partials[k]) for k in wanted]
        for k, partial in zip(wanted, partials, strict=True):
            target = slopes[1 + k]
            grown = (
                h.f.mul(slope, partial)
                if modes[k] == BEGINS
                else h.f.fma(slope, partial, h.load(target))
            )
            h.store(grown, target)

    h.each(h.word(2), instruction)
    h.end()
