"""The machine code of the block interpreter: one function for each kind of instruction.

A block is ``shape.samples`` samples. A slot holds a block of numbers. Code is an array of 32-bit
words, one stretch for each instruction: the number of its handler, its length in words, its
operands. A handler reads its stretch and works on the whole block, so what it costs to find out
what to do is shared by all samples of a block.

Every handler has the same arguments: its code; the slots' values; the slots' gradients (slopes);
the packed uniforms; a vector of partial sums for each packed parameter, added up over the lanes
at the very end; and how many samples of the block are valid. A block that is not full repeats its
last sample. The *masked* handlers leave those repeats out of the sums; nothing else mixes samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.program.llvm.ir import Function, Module, Shape
from engine.program.llvm.lower_expression import Lowering, call
from engine.program.llvm.partials import BEGINS, IDLE, reads
from engine.program.llvm.vector_math import OWN, exp, log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.ops import Op

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
        self.each(count, lambda i: self.fill(
            0.0, self.slopes(self.word(self.f.whole("add", i, start)))))  # fmt: skip
        return self.f.whole("add", count, start)

    def end(self) -> None:
        """Return."""
        self.f.do("ret void")


# ---------------------------------------------------------------- rows of the table


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
            grown = (h.f.mul(slope, partial) if modes[k] == BEGINS
                     else h.f.fma(slope, partial, h.load(target)))  # fmt: skip
            h.store(grown, target)

    h.each(h.word(2), instruction)
    h.end()


# ---------------------------------------------------------------- the other kinds


def write_core(shape: Shape) -> Module:
    """Write every handler that does not depend on a row, and the driver."""
    module = Module(shape)
    _write_small(module)
    _write_dot(module)
    _write_group(module)
    _write_logsumexp(module)
    for masked in (False, True):
        suffix = "_masked" if masked else ""
        _write_load_back(module, f"load_back{suffix}", masked)
        _write_dot_back(module, f"dot_back{suffix}", masked)
        for fresh in (False, True):
            name = f"group_back{'_fresh' if fresh else ''}{suffix}"
            _write_group_back(module, name, fresh=fresh, masked=masked)
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


def _write_dot(module: Module) -> None:
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


def _write_dot_back(module: Module, name: str, masked: bool) -> None:
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
    part(counts[5], 2, lambda at: into_slot(
        h.slopes(h.word(at)), h.load(h.values(behind(at)))))  # fmt: skip
    h.end()


def _write_group(module: Module) -> None:
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


def _write_group_back(module: Module, name: str, *, fresh: bool, masked: bool) -> None:
    """Write the partials of a dense layer.

    Code: handler, length, first slope, number of slopes to clear before, rows, columns, first
    weight, rows whose weights need a gradient (0 or rows), columns that need one (0 or columns),
    number of biases that need one, then the slopes to clear, the columns' values, their slopes if
    they need one, and (row, packed parameter) for those biases.
    """
    h = Handler(module, name, masked=masked)
    f, q = h.f, h.shape.vectors
    out, clears, rows, columns, weights, row_count, column_count, biased = (
        h.word(k) for k in range(2, 10)
    )  # fmt: skip
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
        places = []
        for r in range(height):
            first = f.whole("mul", f.whole("add", row, r), columns)
            first = f.whole("add", first, f.whole("add", column, weights))
            places += [h.sum_of(f.whole("add", first, c)) for c in range(width)]
        sums = [f.load(p) for p in places]
        for k in h.every:
            down, across = [f.load(p, k) for p in slopes], [f.load(p, k) for p in numbers]
            sums = [
                h.product_into(sums[r * width + c], down[r], across[c], k)
                for r in range(height) for c in range(width)
            ]  # fmt: skip
        for found, place in zip(sums, places, strict=True):
            f.store(found, place)

    h.each(biased, bias)
    h.tiles(column_count, into_columns)
    h.tiles(row_count, lambda height, row: h.tiles(
        columns, lambda width, column: into_weights(height, row, width, column)))  # fmt: skip
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

    def larger(i: str, now: list[str]) -> list[str]:
        block, most = h.load(h.values(h.word(f.whole("add", i, 4)))), tuple(now)
        # A nan gets in too; and what is nan, nothing but a nan replaces.
        nan = f.compare("uno", block, block)
        return list(f.choose(f.logic("or", f.compare("ogt", block, most), nan), block, most))

    most = tuple(f.loop(count, larger, h.load(h.values(h.word(4)))))

    def shifted(i: str, now: list[str]) -> list[str]:
        block = h.load(h.values(h.word(f.whole("add", i, 4))))
        return list(f.add(tuple(now), exp(f, f.sub(block, most))))

    total = tuple(f.loop(count, shifted, [f.number(0.0)] * h.shape.vectors))
    finite = f.compare("oeq", f.sub(most, most), f.number(0.0))
    h.store(f.choose(finite, f.add(log(f, total), most), most), h.values(h.word(2)))
    h.end()

    b = Handler(module, "logsumexp_back")
    slope, result = b.load(b.slopes(b.word(2))), b.load(b.values(b.word(4)))
    start = b.clear(b.word(3), 6)

    def operand(i: str) -> None:
        at = b.f.whole("add", b.f.whole("shl", i, 1), start)
        block, place = b.load(b.values(b.word(at))), b.slopes(b.word(b.f.whole("add", at, 1)))
        share = exp(b.f, b.f.sub(block, result))
        b.store(b.f.fma(slope, share, b.load(place)), place)

    b.each(b.word(5), operand)
    b.end()
