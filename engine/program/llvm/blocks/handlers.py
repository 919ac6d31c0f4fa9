"""The machine code of the block interpreter: one function for each kind of instruction."""

from __future__ import annotations

from itertools import product
from typing import Any

from engine.program.llvm.blocks.dense import (
    write_dot,
    write_dot_back,
    write_group,
    write_group_back,
)
from engine.program.llvm.blocks.handler import Handler
from engine.program.llvm.encoding.partials import group_back
from engine.program.llvm.writing.ir import Module, Shape
from engine.program.llvm.writing.lower_expression import (
    LOGSUMEXP,
    Lowering,
    larger,
    shifted_result,
)


def write_core(shape: Shape) -> Module:
    """Write every handler that does not depend on a row, and the driver."""
    module = Module(shape)
    _write_small(module)
    write_dot(module)
    write_group(module)
    _write_logsumexp(module)
    for masked in (False, True):
        suffix = "_masked" if masked else ""
        _write_load_back(module, f"load_back{suffix}", masked)
        write_dot_back(module, f"dot_back{suffix}", masked)
        for fresh, added in product((False, True), repeat=2):
            name = f"{group_back(fresh=fresh, added=added)}{suffix}"
            write_group_back(module, name, fresh=fresh, added=added, masked=masked)
    return module


def _write_small(module: Module) -> None:
    # zero: handler, length, count, slots
    h = Handler(module, "zero")
    h.each(h.word(2), lambda i: h.fill(0.0, h.slopes(h.word(h.f.whole("add", i, 3)))))
    h.end()
    # seed: handler, length, slot
    seed = Handler(module, "seed")
    seed.fill(1.0, seed.slopes(seed.word(2)))
    seed.end()
    # load: handler, length, count, then (slot, packed uniform) for each
    load = Handler(module, "load")

    def one(i: str) -> None:
        at = load.f.whole("add", load.f.whole("shl", i, 1), 3)
        number = load.uniform(load.word(load.f.whole("add", at, 1)))
        load.store([number] * load.shape.vectors, load.values(load.word(at)))

    load.each(load.word(2), one)
    load.end()


def _write_load_back(module: Module, name: str, masked: bool) -> None:
    """Write: each parameter's sum grows by the gradient of the slot it was loaded to."""
    h = Handler(module, name, masked=masked)

    def one(i: str) -> None:
        at = h.f.whole("add", h.f.whole("shl", i, 1), 3)
        place = h.sum_of(h.word(h.f.whole("add", at, 1)))
        total = h.total(h.load(h.slopes(h.word(at))))
        h.f.store(h.f.add(h.f.load(place), total), place)

    h.each(h.word(2), one)
    h.end()


def _write_logsumexp(module: Module) -> None:
    """Write log(sum of exp), shifted by the largest.

    Code: handler, length, out, count, slots. Backward: handler, length, slope, number of slopes to
    clear before, value, count of operands that need a gradient, the slopes to clear, (value,
    slope) of those operands.
    """
    h = Handler(module, "logsumexp")
    f = h.f
    count = h.word(3)

    def block(i: str) -> Any:
        return h.load(h.values(h.word(f.whole("add", i, 4))))

    def largest_so_far(i: str, now: list[str]) -> list[str]:
        return list(larger(f, block(i), tuple(now)))

    largest = tuple(f.loop(count, largest_so_far, h.load(h.values(h.word(4)))))

    def total_so_far(i: str, now: list[str]) -> list[str]:
        term = Lowering(f, {"x": block(i), "m": largest}).rule(LOGSUMEXP.term)
        return list(f.add(tuple(now), term))

    total = tuple(f.loop(count, total_so_far, [f.number(0.0)] * h.shape.vectors))
    h.store(shifted_result(f, total, largest), h.values(h.word(2)))
    h.end()

    b = Handler(module, "logsumexp_back")
    slope, result = b.load(b.slopes(b.word(2))), b.load(b.values(b.word(4)))
    start = b.clear(b.word(3), 6)

    def operand(i: str) -> None:
        at = b.f.whole("add", b.f.whole("shl", i, 1), start)
        block, place = b.load(b.values(b.word(at))), b.slopes(b.word(b.f.whole("add", at, 1)))
        share = Lowering(b.f, {"x": block, "z": result}).rule(LOGSUMEXP.partials[0])
        b.store(b.f.fma(slope, share, b.load(place)), place)

    b.each(b.word(5), operand)
    b.end()
