"""Handlers of dots, and of groups: dots over the same slots with uniform weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.program.llvm.blocks.handlers import Handler
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
    start, total = "7", [f.number(0.0)] * h.width.vectors

    def part(count: str, width: int, term: Callable[[str, list[str]], list[str]]) -> None:
        nonlocal start, total
        here = start

        def one(i: str, now: list[str]) -> list[str]:
            return term(f.whole("add", f.whole("mul", i, width), here), now)

        total = f.loop(count, one, total)
        start = f.whole("add", here, f.whole("mul", count, width))

    def uniform(at: str, now: list[str]) -> list[str]:
        u = h.uniform(h.word(at))
        return [f.add(x, u) for x in now]

    def slot(at: str, now: list[str]) -> list[str]:
        block = h.values(h.word(at))
        return [f.add(x, f.load(block, k)) for k, x in enumerate(now)]

    def mixed(at: str, now: list[str]) -> list[str]:
        u, block = h.uniform(h.word(at)), h.values(h.word(at, 1))
        return [f.fma(u, f.load(block, k), x) for k, x in enumerate(now)]

    def pair(at: str, now: list[str]) -> list[str]:
        a, b = h.values(h.word(at)), h.values(h.word(at, 1))
        return [f.fma(f.load(a, k), f.load(b, k), x) for k, x in enumerate(now)]

    counts = [h.word(3 + k) for k in range(4)]
    for count, width, term in zip(counts, (1, 1, 2, 2), (uniform, slot, mixed, pair), strict=True):
        part(count, width, term)
    h.store(total, h.values(h.word(2)))
    h.end()


def write_dot_back(module: Module, name: str, *, masked: bool) -> None:
    """Write the partials of a dot; only terms that need one are in its code.

    Code: handler, length, adjoint, seven counts, then: adjoints to clear before; parameters of
    plain terms; adjoints of plain terms; (parameter, value, adjoint): gradient of both;
    (parameter, value): of the parameter only; (uniform, adjoint): of the slot only; (adjoint,
    value of the other factor).
    """
    h = Handler(module, name, masked=masked)
    f = h.f
    adjoint = h.load(h.adjoints(h.word(2)))
    total = h.total(adjoint)
    start = h.clear(h.word(3), 10)

    def into_parameter(at: str) -> None:
        place, block = h.sum_of(h.word(at)), h.values(h.word(at, 1))
        found = f.load(place)
        for k in h.every:
            found = h.product_into(found, adjoint[k], f.load(block, k), k)
        f.store(found, place)

    def into_slot(target: str, factors: Sequence[str]) -> None:
        for k in h.every:
            f.store(f.fma(adjoint[k], factors[k], f.load(target, k)), target, k)

    def times_uniform(at: str, target: str) -> None:
        into_slot(h.adjoints(target), h.block(h.uniform(h.word(at))))

    def both(at: str) -> None:
        into_parameter(at)
        times_uniform(at, h.word(at, 2))

    def times_slot(at: str) -> None:
        into_slot(h.adjoints(h.word(at)), h.load(h.values(h.word(at, 1))))

    kinds: tuple[tuple[int, Callable[[str], None]], ...] = (
        (1, lambda at: h.grow_sum(h.word(at), total)),
        (1, lambda at: h.grow(h.adjoints(h.word(at)), adjoint)),
        (3, both),
        (2, into_parameter),
        (2, lambda at: times_uniform(at, h.word(at, 1))),
        (2, times_slot),
    )
    for k, (words, term) in enumerate(kinds):
        start = h.terms(h.word(4 + k), start, words, term)
    h.end()


def write_group(module: Module) -> None:
    """Write a dense layer in register tiles, of some rows by one block.

    Code: handler, length, rows, columns, first weight, first out, number of biases (0 or rows),
    then the columns' slots and the biases.
    """
    h = Handler(module, "group")
    f, q = h.f, h.width.vectors
    rows, columns, weights, out, biased = (h.word(k) for k in range(2, 7))
    biases = f.whole("add", columns, 7)
    has_bias = f.let(f"icmp ne i64 {biased}, 0", "is")

    def tile(size: int, row: str) -> None:
        sums, starts = [], []
        for r in range(size):
            this = f.whole("add", row, r)
            # Without biases any word will do: the choice drops it.
            index = f.select(has_bias, f.whole("add", this, biases), 0)
            packed = f.select(has_bias, h.word(index), 0)
            given = f.load_double(f.at("%uniforms", packed))
            sums += h.block(f.spread(f.select(has_bias, given, "0.0", "double")))
            first = f.whole("add", f.whole("mul", this, columns), weights)
            starts.append(f.at("%uniforms", first))

        def column(c: str, now: list[str]) -> list[str]:
            block = h.load(h.values(h.word(c, 7)))
            following = []
            for r in range(size):
                weight = f.spread(f.load_double(f.at(starts[r], c)))
                following += [f.fma(weight, block[k], now[r * q + k]) for k in h.every]
            return following

        found = f.loop(columns, column, sums)
        for r in range(size):
            slot = f.whole("add", f.whole("add", row, r), out)
            h.store(found[r * q : r * q + q], h.values(slot))

    f.tiles(rows, h.width.tile, tile)
    h.end()


def write_group_back(module: Module, name: str, *, fresh: bool, added: bool, masked: bool) -> None:
    """Write the partials of a dense layer.

    Code: handler, length, first adjoint, number of adjoints to clear before, rows, columns, first
    weight, rows whose weights need a gradient (0 or rows), columns that need one (0 or columns),
    number of biases that need one, then the adjoints to clear, the columns' values, their adjoints
    if they need one, and (row, packed parameter) for those biases.

    ``fresh``: the columns' adjoints are written for the first time. ``added``: a weight's sum is a
    number, not a vector of lanes.
    """
    h = Handler(module, name, masked=masked)
    f, q = h.f, h.width.vectors
    out, clears, rows, columns, weights, row_count, column_count, biased = (
        h.word(k) for k in range(2, 10)
    )
    start = h.clear(clears, 10)
    targets = f.whole("add", columns, start)
    biases = f.whole("add", column_count, targets)

    def row_adjoint(r: str) -> str:
        return h.adjoints(f.whole("add", r, out))

    def bias(at: str) -> None:
        h.grow_sum(h.word(at, 1), h.total(h.load(row_adjoint(h.word(at)))))

    def into_columns(size: int, column: str) -> None:
        def row(r: str, now: list[str]) -> list[str]:
            adjoint = h.load(row_adjoint(r))
            first = f.whole("add", f.whole("mul", r, columns), f.whole("add", column, weights))
            following = []
            for c in range(size):
                weight = f.spread(f.load_double(f.at("%uniforms", f.whole("add", first, c))))
                following += [f.fma(weight, adjoint[k], now[c * q + k]) for k in h.every]
            return following

        found = f.loop(rows, row, [f.number(0.0)] * (size * q))
        for c in range(size):  # one by one: the same slot may be there twice
            place = h.adjoints(h.word(f.whole("add", f.whole("add", column, c), targets)))
            part = found[c * q : c * q + q]
            if fresh:
                h.store(part, place)
            else:
                h.grow(place, part)

    def into_weights(height: int, row: str, width: int, column: str) -> None:
        adjoints = [row_adjoint(f.whole("add", row, r)) for r in range(height)]
        first = f.whole("add", column, start)
        numbers = [h.values(h.word(first, c)) for c in range(width)]
        first = f.whole("add", column, weights)
        lines = [
            f.whole("add", first, f.whole("mul", f.whole("add", row, r), columns))
            for r in range(height)
        ]
        places = [h.sum_of(f.whole("add", line, c)) for line in lines for c in range(width)]
        sums = [f.number(0.0) if added else f.load(p) for p in places]
        for k in h.every:
            down, across = [f.load(p, k) for p in adjoints], [f.load(p, k) for p in numbers]
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

    def weight_rows(height: int, row: str) -> None:
        f.tiles(
            columns, h.width.tile, lambda width, column: into_weights(height, row, width, column)
        )

    h.terms(biased, biases, 2, bias)
    f.tiles(column_count, h.width.tile, into_columns)
    f.tiles(row_count, h.width.tile, weight_rows)
    h.end()
