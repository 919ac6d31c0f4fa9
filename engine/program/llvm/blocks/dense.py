"""Handlers of dots, and of groups: dots over the same slots with uniform weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.program.llvm.blocks.handler import Handler
from engine.program.llvm.writing.folding import grow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.program.llvm.writing.ir import Module


def write_dot(module: Module) -> None:
    """Write a dot, term class by term class.

    Code: handler, length, out, four counts, then the terms: plain uniforms; plain slots;
    (uniform, slot) pairs; (slot, slot) pairs.
    """
    h = Handler(module, "dot")
    f = h.f
    counts = [h.word(3 + k) for k in range(4)]
    at = "7"

    def uniforms(i: str, now: list[str]) -> list[str]:
        u = h.uniform(h.word(f.whole("add", i, at)))
        return [f.add(x, u) for x in now]

    total = f.loop(counts[0], uniforms, [f.number(0.0)] * h.shape.vectors)
    slots_at = f.whole("add", counts[0], at)

    def slots(i: str, now: list[str]) -> list[str]:
        block = h.values(h.word(f.whole("add", i, slots_at)))
        return [f.add(x, f.load(block, k)) for k, x in enumerate(now)]

    total = f.loop(counts[1], slots, total)
    mixed_at = f.whole("add", slots_at, counts[1])

    def mixed(i: str, now: list[str]) -> list[str]:
        pair = f.whole("add", f.whole("shl", i, 1), mixed_at)
        u, block = h.uniform(h.word(pair)), h.values(h.word(f.whole("add", pair, 1)))
        return [f.fma(u, f.load(block, k), x) for k, x in enumerate(now)]

    total = f.loop(counts[2], mixed, total)
    pairs_at = f.whole("add", mixed_at, f.whole("shl", counts[2], 1))

    def pairs(i: str, now: list[str]) -> list[str]:
        pair = f.whole("add", f.whole("shl", i, 1), pairs_at)
        a, b = h.values(h.word(pair)), h.values(h.word(f.whole("add", pair, 1)))
        return [f.fma(f.load(a, k), f.load(b, k), x) for k, x in enumerate(now)]

    total = f.loop(counts[3], pairs, total)
    h.store(total, h.values(h.word(2)))
    h.end()


def write_dot_back(module: Module, name: str, masked: bool) -> None:
    """Write the partials of a dot; only terms that need one are in its code.

    Code: handler, length, slope, seven counts, then: slopes to clear before; parameters of plain
    terms; slopes of plain terms; (parameter, value, slope): gradient of both; (parameter, value):
    of the parameter only; (uniform, slope): of the slot only; (slope, value of the other factor).
    """
    h = Handler(module, name, masked=masked)
    f = h.f
    counts = [h.word(4 + k) for k in range(6)]
    slope = h.load(h.slopes(h.word(2)))
    total = h.total(slope)
    start = h.clear(h.word(3), 10)

    def part(count: str, width: int, body: Callable[[str], None]) -> None:
        nonlocal start
        here = start
        h.each(count, lambda i: body(f.whole("add", f.whole("mul", i, width), here)))
        start = f.whole("add", here, f.whole("mul", count, width))

    def plain(at: str) -> None:
        place = h.sum_of(h.word(at))
        f.store(f.add(f.load(place), total), place)

    def behind(at: str, words: int = 1) -> str:
        return h.word(f.whole("add", at, words))

    def into_parameter(at: str) -> None:
        place, block = h.sum_of(h.word(at)), h.values(behind(at))
        found = f.load(place)
        for k in h.every:
            found = h.product_into(found, slope[k], f.load(block, k), k)
        f.store(found, place)

    def into_slot(target: str, factors: Sequence[str]) -> None:
        for k in h.every:
            f.store(f.fma(slope[k], factors[k], f.load(target, k)), target, k)

    def times_uniform(at: str, target: str) -> None:
        into_slot(h.slopes(target), [h.uniform(h.word(at))] * h.shape.vectors)

    def both(at: str) -> None:
        into_parameter(at)
        times_uniform(at, behind(at, 2))

    part(counts[0], 1, plain)
    part(counts[1], 1, lambda at: h.grow(h.slopes(h.word(at)), slope))
    part(counts[2], 3, both)
    part(counts[3], 2, into_parameter)
    part(counts[4], 2, lambda at: times_uniform(at, behind(at)))
    part(counts[5], 2, lambda at: into_slot(h.slopes(h.word(at)), h.load(h.values(behind(at)))))
    h.end()


def write_group(module: Module) -> None:
    """Write a dense layer in register tiles of ``rows`` rows by one block.

    Code: handler, length, rows, columns, first weight, first out, number of biases (0 or rows),
    then the columns' slots and the biases.
    """
    h = Handler(module, "group")
    f, q = h.f, h.shape.vectors
    rows, columns, weights, out, biased = (h.word(k) for k in range(2, 7))
    biases = f.whole("add", columns, 7)
    has_bias = f.let(f"icmp ne i64 {biased}, 0", "is")

    def tile(size: int, row: str) -> None:
        sums, starts = [], []
        for r in range(size):
            this = f.whole("add", row, r)
            # Without biases any word will do: the choice drops it.
            index = f.whole("add", this, biases)
            index = f.let(f"select i1 {has_bias}, i64 {index}, i64 0", "n")
            packed = f.let(f"select i1 {has_bias}, i64 {h.word(index)}, i64 0", "n")
            given = f.load_double(f.at("%uniforms", packed))
            bias = f.let(f"select i1 {has_bias}, double {given}, double 0.0", "x")
            sums += [f.spread(bias)] * q
            first = f.whole("add", f.whole("mul", this, columns), weights)
            starts.append(f.at("%uniforms", first))

        def column(c: str, now: list[str]) -> list[str]:
            block = h.load(h.values(h.word(f.whole("add", c, 7))))
            following = []
            for r in range(size):
                weight = f.spread(f.load_double(f.at(starts[r], c)))
                following += [f.fma(weight, block[k], now[r * q + k]) for k in h.every]
            return following

        found = f.loop(columns, column, sums)
        for r in range(size):
            slot = f.whole("add", f.whole("add", row, r), out)
            h.store(found[r * q : r * q + q], h.values(slot))

    h.tiles(rows, tile)
    h.end()


def write_group_back(module: Module, name: str, *, fresh: bool, added: bool, masked: bool) -> None:
    """Write the partials of a dense layer.

    Code: handler, length, first slope, number of slopes to clear before, rows, columns, first
    weight, rows whose weights need a gradient (0 or rows), columns that need one (0 or columns),
    number of biases that need one, then the slopes to clear, the columns' values, their slopes if
    they need one, and (row, packed parameter) for those biases.

    ``fresh``: the columns' slopes are written for the first time. ``added``: a weight's sum is a
    number, not a vector of lanes.
    """
    h = Handler(module, name, masked=masked)
    f, q = h.f, h.shape.vectors
    out, clears, rows, columns, weights, row_count, column_count, biased = (
        h.word(k) for k in range(2, 10)
    )
    start = h.clear(clears, 10)
    targets = f.whole("add", columns, start)
    biases = f.whole("add", column_count, targets)

    def row_slope(r: str) -> str:
        return h.slopes(f.whole("add", r, out))

    def bias(i: str) -> None:
        at = f.whole("add", f.whole("shl", i, 1), biases)
        place = h.sum_of(h.word(f.whole("add", at, 1)))
        total = h.total(h.load(row_slope(h.word(at))))
        f.store(f.add(f.load(place), total), place)

    def into_columns(size: int, column: str) -> None:
        def row(r: str, now: list[str]) -> list[str]:
            slope = h.load(row_slope(r))
            first = f.whole("add", f.whole("mul", r, columns), f.whole("add", column, weights))
            following = []
            for c in range(size):
                weight = f.spread(f.load_double(f.at("%uniforms", f.whole("add", first, c))))
                following += [f.fma(weight, slope[k], now[c * q + k]) for k in h.every]
            return following

        found = f.loop(rows, row, [f.number(0.0)] * (size * q))
        for c in range(size):  # one by one: the same slot may be there twice
            place = h.slopes(h.word(f.whole("add", f.whole("add", column, c), targets)))
            part = found[c * q : c * q + q]
            if fresh:
                h.store(part, place)
            else:
                h.grow(place, part)

    def into_weights(height: int, row: str, width: int, column: str) -> None:
        slopes = [row_slope(f.whole("add", row, r)) for r in range(height)]
        first = f.whole("add", column, start)
        numbers = [h.values(h.word(f.whole("add", first, c))) for c in range(width)]
        first = f.whole("add", column, weights)
        lines = [
            f.whole("add", first, f.whole("mul", f.whole("add", row, r), columns))
            for r in range(height)
        ]
        places = [h.sum_of(f.whole("add", line, c)) for line in lines for c in range(width)]
        sums = [f.number(0.0) if added else f.load(p) for p in places]
        for k in h.every:
            down, across = [f.load(p, k) for p in slopes], [f.load(p, k) for p in numbers]
            sums = [
                h.product_into(sums[r * width + c], down[r], across[c], k)
                for r in range(height)
                for c in range(width)
            ]
        if added:
            for r, line in enumerate(lines):
                grow(f, f.at("%sums", line), sums[r * width : r * width + width])
            return
        for found, place in zip(sums, places, strict=True):
            f.store(found, place)

    h.each(biased, bias)
    h.tiles(column_count, into_columns)
    h.tiles(
        row_count,
        lambda height, row: h.tiles(
            columns, lambda width, column: into_weights(height, row, width, column)
        ),
    )
    h.end()
