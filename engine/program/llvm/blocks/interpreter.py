"""The driver of the block interpreter: one call runs a whole batch, forward and backward.

``run(frame)`` gathers the uniforms, and for each block of samples copies the inputs into
their slots, runs the forward code, writes the results, and for each output runs its backward code;
last it adds up the lanes of the partial sums, and clears them. Nothing of that is left to Python.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

from engine.program.llvm.blocks.dense import (
    write_dot,
    write_dot_back,
    write_group,
    write_group_back,
)
from engine.program.llvm.blocks.handlers import (
    ARGUMENTS,
    write_load_back,
    write_logsumexp,
    write_logsumexp_back,
    write_small,
)
from engine.program.llvm.encoding.partials import group_back
from engine.program.llvm.writing.folding import totals
from engine.program.llvm.writing.ir import Module

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.program.llvm.writing.ir import Function, Width

ARRAYS = ("samples", "live", "results", "gradient")
"""The caller's arrays, in the order of a call."""

_MEMORY = ("values", "adjoints", "uniforms", "sums", "totals", "given")
_CODE = ("handlers", "masked_handlers", "forward", "forward_end", "sweeps")
_PLACES = ("gather", "outputs", "wrt_slots", "targets")
_SIZES = ("batch", "inputs", "live_count", "output_count", "wrt_count", "sweep_count")
_COUNTS = ("gather_count", "packed_count", "total_count", "wrt_slot_count", "sums_each")

FIELDS = dict.fromkeys((*ARRAYS, *_MEMORY, *_CODE, *_PLACES), "ptr") | dict.fromkeys(
    (*_SIZES, *_COUNTS, "per_sample"), "i64"
)
"""The words of a frame, and their types.

``gradient`` is 0 to run forward only. ``sums`` are 0 before and after; for each sweep, the first
``total_count`` packed parameters have a number there, the others a vector, in their own places.
"""

PLACE = {name: place for place, name in enumerate(FIELDS)}
"""Which word of a frame a field is."""

_LINE = 8
"""Doubles in a cache line; and how often the body of a loop that copies numbers is repeated."""


def write_interpreter(width: Width) -> Module:
    """Write ``run`` and every handler that does not depend on a row."""
    module = Module(width)
    write_small(module)
    write_dot(module)
    write_group(module)
    write_logsumexp(module)
    write_logsumexp_back(module)
    for suffix, masked in (("", False), ("_masked", True)):
        write_load_back(module, f"load_back{suffix}", masked=masked)
        write_dot_back(module, f"dot_back{suffix}", masked=masked)
        for fresh, added in product((False, True), repeat=2):
            name = f"{group_back(fresh=fresh, added=added)}{suffix}"
            write_group_back(module, name, fresh=fresh, added=added, masked=masked)
    _write_dispatch(module)
    _Run(module).write()
    return module


def _write_dispatch(module: Module) -> None:
    """Write the heart: run a segment of code, instruction by instruction."""
    arguments = f"ptr %begin, ptr %end, ptr %handlers, {ARGUMENTS}"
    f = module.function("dispatch", arguments, "internal void")
    f.jump("head")
    f.begin("head")
    f.do("%code = phi ptr [ %begin, %entry ], [ %following, %step ]")
    more = f.let("icmp ne ptr %code, %end", "more")
    f.do(f"br i1 {more}, label %step, label %done")
    f.begin("step")
    handler = f.let(f"load ptr, ptr {f.at('%handlers', f.integer('%code', 0), 'ptr')}", "handler")
    f.do(f"call void {handler}(ptr %code, {ARGUMENTS})")
    f.do(f"%following = getelementptr i32, ptr %code, i64 {f.integer('%code', 1)}")
    f.jump("head")
    f.begin("done")
    f.do("ret void")


class _Run:
    """Writes ``run``."""

    def __init__(self, module: Module) -> None:
        self.width = module.width
        self.f: Function = module.function("run", "ptr noalias %frame")
        self.field = {
            name: self.f.field("%frame", place, FIELDS[name]) for name, place in PLACE.items()
        }

    def write(self) -> None:
        f, field = self.f, self.field
        differentiate = f.let(f"icmp ne ptr {field['gradient']}, null", "is")
        summed = f.let(f"icmp eq i64 {field['per_sample']}, 0", "is")
        self.gather()

        def block(start: str) -> None:
            left = f.whole("sub", field["batch"], start)
            full = f.let(f"icmp sge i64 {left}, {self.width.samples}", "is")
            self.start = start
            self.valid = f.select(full, self.width.samples, left)
            self.handlers = f.select(full, field["handlers"], field["masked_handlers"], "ptr")
            self.read_inputs()
            self.dispatch(field["forward"], field["forward_end"], field["sums"])
            self.write_results()
            f.when(differentiate, self.sweep)

        f.each(field["batch"], block, step=self.width.samples)
        f.when(f.let(f"and i1 {differentiate}, {summed}", "is"), self.add_lanes)
        f.do("ret void")

    def unrolled(self, count: str, body: Callable[[str], None]) -> None:
        """Write a loop that does several numbers at a time."""

        def several(size: int, first: str) -> None:
            for k in range(size):
                body(self.f.whole("add", first, k))

        self.f.tiles(count, _LINE, several)

    def copy(self, source: str, target: str) -> None:
        self.f.store_double(self.f.load_double(source), target)

    def gather(self) -> None:
        """Copy the live uniforms before the constants, then each number where it is wanted."""
        f, field = self.f, self.field
        size = f.whole("shl", field["live_count"], 3)
        copy, kinds = "void @llvm.memcpy.p0.p0.i64", ("ptr", "ptr", "i64", "i1")
        f.call(copy, kinds, field["given"], field["live"], size, "false")

        def uniform(i: str) -> None:
            source = f.at(field["given"], f.integer(field["gather"], i))
            self.copy(source, f.at(field["uniforms"], i))

        self.unrolled(field["gather_count"], uniform)

    def number_at(self, base: str, slot: str, lane: str | int = 0) -> str:
        f = self.f
        return f.at(
            self.field[base], f.whole("add", f.whole("mul", slot, self.width.samples), lane)
        )

    def grow(self, place: str, by: str) -> None:
        total = self.f.let(f"fadd double {self.f.load_double(place)}, {by}", "x")
        self.f.store_double(total, place)

    def read_inputs(self) -> None:
        """Copy the inputs into their slots; past the end of the batch, its last sample again.

        Many columns are read a cache line at a time, the few that are left one by one.
        """
        f, field, samples = self.f, self.field, self.width.samples
        first = f.at(field["samples"], f.whole("mul", self.start, field["inputs"]))
        last = f.whole("sub", self.valid, 1)

        def row(lane: str | int) -> str:
            inside = f.let(f"icmp slt i64 {lane}, {self.valid}", "is")
            return f.whole("mul", f.select(inside, lane, last), field["inputs"])

        rows = [row(lane) for lane in range(samples)]

        def columns(size: int, k: str) -> None:
            source, target = f.at(first, k), self.number_at("values", k)

            def one_lane(lane: str) -> None:
                from_, to = f.at(source, row(lane)), f.at(target, lane)
                for n in range(size):
                    self.copy(f.at(from_, n), f.at(to, n * samples))

            if size > 1:
                f.each(str(samples), one_lane)
                return
            for lane, at in enumerate(rows):
                self.copy(f.at(source, at), f.at(target, lane))

        f.tiles(field["inputs"], _LINE, columns)

    def write_results(self) -> None:
        f, field = self.f, self.field
        first = f.at(field["results"], f.whole("mul", self.start, field["output_count"]))

        def output(k: str) -> None:
            source, target = (
                self.number_at("values", f.integer(field["outputs"], k)),
                f.at(first, k),
            )

            def lane(n: str) -> None:
                self.copy(f.at(source, n), f.at(target, f.whole("mul", n, field["output_count"])))

            f.each(self.valid, lane)

        f.each(field["output_count"], output)

    def dispatch(self, begin: str, end: str, sums: str) -> None:
        field = self.field
        self.f.do(
            f"call void @dispatch(ptr {begin}, ptr {end}, ptr {self.handlers}, "
            f"ptr {field['values']}, ptr {field['adjoints']}, ptr {field['uniforms']}, "
            f"ptr {sums}, i64 {self.valid})"
        )

    def sums_of(self, sweep: str) -> str:
        f = self.f
        offset = f.whole("mul", f.whole("mul", sweep, self.field["sums_each"]), self.width.lanes)
        return f.at(self.field["sums"], offset)

    def sweep(self) -> None:
        f, field = self.f, self.field

        def one(k: str) -> None:
            ends = f.at(field["sweeps"], f.whole("shl", k, 1), "i64")
            sums = self.sums_of(k)
            self.dispatch(f.field(ends, 0, "ptr"), f.field(ends, 1, "ptr"), sums)
            per_sample = f.let(f"icmp ne i64 {field['per_sample']}, 0", "is")
            f.when(per_sample, lambda: self.write_gradients(k), lambda: self.add_inputs(sums))

        f.each(field["sweep_count"], one)

    def write_gradients(self, sweep: str) -> None:
        """Write the gradients of each sample."""
        f, field = self.f, self.field

        def place(j: str) -> None:
            slot, target = f.integer(field["wrt_slots"], j), f.integer(field["targets"], j)

            def lane(n: str) -> None:
                row = f.whole("mul", f.whole("add", self.start, n), field["sweep_count"])
                row = f.whole("mul", f.whole("add", row, sweep), field["wrt_count"])
                to = f.at(field["gradient"], f.whole("add", row, target))
                self.copy(self.number_at("adjoints", slot, n), to)

            f.each(self.valid, lane)

        f.each(field["wrt_slot_count"], place)

    def add_inputs(self, sums: str) -> None:
        """Add the gradients of inputs to their partial sums; vectors first, then single lanes."""
        f, field, lanes = self.f, self.field, self.width.lanes

        def place(j: str) -> None:
            slot = f.integer(field["wrt_slots"], j)
            sum_at = f.at(sums, f.whole("mul", f.whole("add", j, field["packed_count"]), lanes))

            def lane(n: str) -> None:
                more = f.load_double(self.number_at("adjoints", slot, n))
                self.grow(f.at(sum_at, f.whole("and", n, lanes - 1)), more)

            f.each(self.valid, lane)

        f.each(field["wrt_slot_count"], place)

    def add_lanes(self) -> None:
        """Add up the lanes of the partial sums, and write the gradient."""
        f, field, lanes = self.f, self.field, self.width.lanes
        size = f.whole("mul", f.whole("mul", field["sweep_count"], field["wrt_count"]), 8)
        clear, kinds = "void @llvm.memset.p0.i64", ("ptr", "i8", "i64", "i1")
        f.call(clear, kinds, field["gradient"], "0", size, "false")
        behind = field["total_count"]
        count = f.whole("add", field["packed_count"], field["wrt_slot_count"])

        def one(k: str) -> None:
            sums = self.sums_of(k)
            row = f.at(field["gradient"], f.whole("mul", k, field["wrt_count"]))

            def take(j: str) -> None:
                self.copy(f.at(sums, j), f.at(field["totals"], j))
                f.store_double("0.0", f.at(sums, j))

            def fold(k: str) -> None:
                j = f.whole("add", k, behind)
                every = [f.whole("add", j, lane) for lane in range(lanes)]
                places = [f.at(sums, f.whole("mul", packed, lanes)) for packed in every]
                (found,) = totals(f, [f.load(place) for place in places])
                f.store(found, f.at(field["totals"], j))
                for place in places:
                    f.store(f.number(0.0), place)

            def place(j: str) -> None:
                more = f.load_double(f.at(field["totals"], j))
                self.grow(f.at(row, f.integer(field["targets"], j)), more)

            self.unrolled(behind, take)
            f.each(f.whole("sub", count, behind), fold, step=lanes)
            self.unrolled(count, place)

        f.each(field["sweep_count"], one)
