"""The driver of the block interpreter: one call runs a whole batch, forward and backward.

``run(frame)`` gathers the uniforms, and for each block of samples copies the inputs into
their slots, runs the forward code, writes the results, and for each output runs its backward code;
last it adds up the lanes of the partial sums, and clears them. Nothing of that is left to Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.program.llvm.blocks.handlers import write_core
from engine.program.llvm.writing.folding import totals

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.program.llvm.writing.ir import Function, Module, Shape

FIELDS = (
    "batch",
    "samples",
    "live",
    "results",
    "gradient",  # of the call
    "values",
    "slopes",
    "uniforms",
    "sums",
    "totals",
    "given",  # working memory
    "handlers",
    "masked_handlers",
    "forward",
    "forward_end",
    "sweeps",
    "sweep_count",
    "gather",
    "gather_count",
    "live_count",
    "inputs",
    "outputs",
    "output_count",
    "packed_count",
    "wrt_slots",
    "wrt_slot_count",
    "targets",
    "wrt_count",
    "per_sample",
    "sums_each",
    "total_count",
)
"""The words of a frame.

``gradient`` is 0 to run forward only. ``sums`` are 0 before and after; for each sweep, the first
``total_count`` packed parameters have a number there, the others a vector, in their own places.
"""

_POINTERS = {
    "samples",
    "live",
    "results",
    "gradient",
    "values",
    "slopes",
    "uniforms",
    "sums",
    "totals",
    "given",
    "handlers",
    "masked_handlers",
    "forward",
    "forward_end",
    "sweeps",
    "gather",
    "outputs",
    "wrt_slots",
    "targets",
}

_LINE = 8
"""Doubles in a cache line."""


def write_interpreter(shape: Shape) -> Module:
    """Write the handlers that do not depend on a row, and ``run``.

    Args:
        shape: The shape of the machine code.

    Returns:
        The module.
    """
    module = write_core(shape)
    _write_dispatch(module)
    _Run(module).write()
    return module


def _write_dispatch(module: Module) -> None:
    """Write the heart: run a stretch of code, instruction by instruction."""
    f = module.function(
        "dispatch",
        "ptr %begin, ptr %end, ptr %handlers, ptr %values, ptr %slopes, ptr %uniforms, "
        "ptr %sums, i64 %valid",
        "internal void",
    )
    f.jump("head")
    f.begin("head")
    f.do("%code = phi ptr [ %begin, %entry ], [ %following, %step ]")
    more = f.let("icmp ne ptr %code, %end", "more")
    f.do(f"br i1 {more}, label %step, label %done")
    f.begin("step")
    handler = f.let(f"load ptr, ptr {f.at('%handlers', f.integer('%code', 0), 'ptr')}", "handler")
    f.do(
        f"call void {handler}(ptr %code, ptr %values, ptr %slopes, ptr %uniforms, ptr %sums, "
        "i64 %valid)"
    )
    f.do(f"%following = getelementptr i32, ptr %code, i64 {f.integer('%code', 1)}")
    f.jump("head")
    f.begin("done")
    f.do("ret void")


class _Run:
    """Writes ``run``."""

    def __init__(self, module: Module) -> None:
        self.shape = module.shape
        self.f: Function = module.function("run", "ptr noalias %frame")
        self.field = {
            name: self.f.field("%frame", k, "ptr" if name in _POINTERS else "i64")
            for k, name in enumerate(FIELDS)
        }

    def write(self) -> None:
        f, field = self.f, self.field
        differentiate = f.let(f"icmp ne ptr {field['gradient']}, null", "is")
        summed = f.let(f"icmp eq i64 {field['per_sample']}, 0", "is")
        self.gather()

        def block(start: str, _: list[str]) -> list[str]:
            left = f.whole("sub", field["batch"], start)
            full = f.let(f"icmp sge i64 {left}, {self.shape.samples}", "is")
            self.start = start
            self.valid = f.let(f"select i1 {full}, i64 {self.shape.samples}, i64 {left}", "valid")
            self.handlers = f.let(
                f"select i1 {full}, ptr {field['handlers']}, ptr {field['masked_handlers']}", "h"
            )
            self.read_inputs()
            self.dispatch(field["forward"], field["forward_end"], field["sums"])
            self.write_results()
            f.when(differentiate, self.sweep)
            return []

        f.loop(field["batch"], block, step=self.shape.samples)
        f.when(f.let(f"and i1 {differentiate}, {summed}", "is"), self.add_lanes)
        f.do("ret void")

    def loop(self, count: str, body: Callable[[str], None], by: int = 1) -> None:
        """Write a loop, the body ``by`` times in a row."""
        f = self.f

        def several(i: str, _: list[str]) -> list[str]:
            for k in range(by):
                body(f.whole("add", i, k) if k else i)
            return []

        def single(i: str, _: list[str]) -> list[str]:
            body(f.whole("add", i, whole))
            return []

        whole = f.whole("and", count, -by) if by > 1 else count
        f.loop(whole, several, step=by)
        if by > 1:
            f.loop(f.whole("sub", count, whole), single)

    def copy(self, source: str, target: str) -> None:
        self.f.do(f"store double {self.f.load_double(source)}, ptr {target}, align 8")

    def gather(self) -> None:
        """Copy the live uniforms before the constants, then each number where it is wanted."""
        f, field = self.f, self.field
        size = f.whole("shl", field["live_count"], 3)
        f.module.declare("void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)")
        f.do(
            f"call void @llvm.memcpy.p0.p0.i64(ptr {field['given']}, ptr {field['live']}, "
            f"i64 {size}, i1 false)"
        )
        self.loop(
            field["gather_count"],
            lambda i: self.copy(
                f.at(field["given"], f.integer(field["gather"], i)), f.at(field["uniforms"], i)
            ),
            by=8,
        )

    def number_at(self, base: str, slot: str, lane: str | int) -> str:
        return self.f.at(
            base, self.f.whole("add", self.f.whole("mul", slot, self.shape.samples), lane)
        )

    def read_inputs(self) -> None:
        """Copy the inputs into their slots; past the end of the batch, its last sample again."""
        f, field = self.f, self.field
        first = f.at(field["samples"], f.whole("mul", self.start, field["inputs"]))
        last = f.whole("sub", self.valid, 1)

        def row(lane: str | int) -> str:
            inside = f.let(f"icmp slt i64 {lane}, {self.valid}", "is")
            sample = f.let(f"select i1 {inside}, i64 {lane}, i64 {last}", "n")
            return f.whole("mul", sample, field["inputs"])

        def column(k: str) -> None:
            source, target = f.at(first, k), self.number_at(field["values"], k, 0)
            for lane, at in enumerate(rows):
                self.copy(f.at(source, at), f.at(target, lane))

        def columns(k: str, _: list[str]) -> list[str]:
            source, target = f.at(first, k), self.number_at(field["values"], k, 0)

            def one_lane(lane: str) -> None:
                from_, to = f.at(source, row(lane)), f.at(target, lane)
                for n in range(_LINE):
                    self.copy(f.at(from_, n), f.at(to, n * self.shape.samples))

            self.loop(str(self.shape.samples), one_lane)
            return []

        # Many columns are read a cache line at a time, the few that are left one by one.
        whole = f.whole("and", field["inputs"], -_LINE)
        f.loop(whole, columns, step=_LINE)
        rows = [row(lane) for lane in range(self.shape.samples)]
        self.loop(
            f.whole("sub", field["inputs"], whole), lambda k: column(f.whole("add", k, whole))
        )

    def write_results(self) -> None:
        f, field = self.f, self.field
        first = f.at(field["results"], f.whole("mul", self.start, field["output_count"]))

        def output(k: str) -> None:
            source = self.number_at(field["values"], f.integer(field["outputs"], k), 0)
            target = f.at(first, k)
            self.loop(
                self.valid,
                lambda n: self.copy(
                    f.at(source, n), f.at(target, f.whole("mul", n, field["output_count"]))
                ),
            )

        self.loop(field["output_count"], output)

    def dispatch(self, begin: str, end: str, sums: str) -> None:
        field = self.field
        self.f.do(
            f"call void @dispatch(ptr {begin}, ptr {end}, ptr {self.handlers}, "
            f"ptr {field['values']}, ptr {field['slopes']}, ptr {field['uniforms']}, ptr {sums}, "
            f"i64 {self.valid})"
        )

    def sums_of(self, sweep: str) -> str:
        f = self.f
        offset = f.whole("mul", f.whole("mul", sweep, self.field["sums_each"]), self.shape.lanes)
        return f.at(self.field["sums"], offset)

    def sweep(self) -> None:
        f, field = self.f, self.field

        def one(k: str) -> None:
            ends = f.at(field["sweeps"], f.whole("shl", k, 1), "i64")
            sums = self.sums_of(k)
            self.dispatch(f.field(ends, 0, "ptr"), f.field(ends, 1, "ptr"), sums)
            per_sample = f.let(f"icmp ne i64 {field['per_sample']}, 0", "is")
            f.when(per_sample, lambda: self.write_slopes(k))
            f.when(f.let(f"xor i1 {per_sample}, true", "is"), lambda: self.add_inputs(sums))

        self.loop(field["sweep_count"], one)

    def write_slopes(self, sweep: str) -> None:
        """Write the gradients of each sample."""
        f, field = self.f, self.field

        def place(j: str) -> None:
            slot, target = f.integer(field["wrt_slots"], j), f.integer(field["targets"], j)

            def lane(n: str) -> None:
                row = f.whole("mul", f.whole("add", self.start, n), field["sweep_count"])
                row = f.whole("mul", f.whole("add", row, sweep), field["wrt_count"])
                self.copy(
                    self.number_at(field["slopes"], slot, n),
                    f.at(field["gradient"], f.whole("add", row, target)),
                )

            self.loop(self.valid, lane)

        self.loop(field["wrt_slot_count"], place)

    def add_inputs(self, sums: str) -> None:
        """Add the gradients of inputs to their partial sums; vectors first, then single lanes."""
        f, field, lanes = self.f, self.field, self.shape.lanes

        def place(j: str) -> None:
            slot = f.integer(field["wrt_slots"], j)
            sum_at = f.at(sums, f.whole("mul", f.whole("add", j, field["packed_count"]), lanes))

            def lane(n: str) -> None:
                target = f.at(sum_at, f.whole("and", n, lanes - 1))
                more = f.load_double(self.number_at(field["slopes"], slot, n))
                total = f.let(f"fadd double {f.load_double(target)}, {more}", "x")
                f.do(f"store double {total}, ptr {target}, align 8")

            self.loop(self.valid, lane)

        self.loop(field["wrt_slot_count"], place)

    def add_lanes(self) -> None:
        """Add up the lanes of the partial sums, and write the gradient."""
        f, field, lanes = self.f, self.field, self.shape.lanes
        size = f.whole("mul", f.whole("mul", field["sweep_count"], field["wrt_count"]), 8)
        f.module.declare("void @llvm.memset.p0.i64(ptr, i8, i64, i1)")
        f.do(f"call void @llvm.memset.p0.i64(ptr {field['gradient']}, i8 0, i64 {size}, i1 false)")

        behind = field["total_count"]
        count = f.whole("add", field["packed_count"], field["wrt_slot_count"])

        def one(k: str) -> None:
            sums = self.sums_of(k)
            row = f.at(field["gradient"], f.whole("mul", k, field["wrt_count"]))

            def take(j: str) -> None:
                self.copy(f.at(sums, j), f.at(field["totals"], j))
                f.do(f"store double 0.0, ptr {f.at(sums, j)}, align 8")

            def several(k: str, _: list[str]) -> list[str]:
                j = f.whole("add", k, behind)
                places = [
                    f.at(sums, f.whole("mul", f.whole("add", j, k), lanes)) for k in range(lanes)
                ]
                (found,) = totals(f, [f.load(place) for place in places])
                f.store(found, f.at(field["totals"], j))
                for place in places:
                    f.store(f.number(0.0), place)
                return []

            def place(j: str) -> None:
                target = f.at(row, f.integer(field["targets"], j))
                more = f.load_double(f.at(field["totals"], j))
                total = f.let(f"fadd double {f.load_double(target)}, {more}", "x")
                f.do(f"store double {total}, ptr {target}, align 8")

            self.loop(behind, take, by=8)
            f.loop(f.whole("sub", count, behind), several, step=lanes)
            self.loop(count, place, by=8)

        self.loop(field["sweep_count"], one)
