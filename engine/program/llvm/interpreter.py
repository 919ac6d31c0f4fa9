"""The driver of the block interpreter: one call runs a whole batch, forward and backward.

``run(frame)`` gathers the uniforms, and for each block of samples copies the inputs into
their slots, runs the forward code, writes the results, and for each output runs its backward code;
last it adds up the lanes of the partial sums. Nothing of that is left to Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.program.llvm.handlers import write_core

if TYPE_CHECKING:
    from engine.program.llvm.ir import Function, Module, Shape

FIELDS = (
    "batch", "samples", "live", "results", "gradient",  # of the call
    "values", "slopes", "uniforms", "sums", "given",  # working memory
    "handlers", "masked_handlers", "forward", "forward_end", "sweeps", "sweep_count",
    "gather", "gather_count", "live_count", "inputs", "outputs", "output_count",
    "packed_count", "wrt_slots", "wrt_slot_count", "targets", "wrt_count", "per_sample",
)  # fmt: skip
"""The words of a frame. ``gradient`` is 0 to run forward only."""

_POINTERS = {
    "samples", "live", "results", "gradient", "values", "slopes", "uniforms", "sums", "given",
    "handlers", "masked_handlers", "forward", "forward_end", "sweeps", "gather", "outputs",
    "wrt_slots", "targets",
}  # fmt: skip


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
        "ptr %sums, i64 %valid", "internal void",
    )  # fmt: skip
    f.jump("head")
    f.begin("head")
    f.do("%code = phi ptr [ %begin, %entry ], [ %following, %step ]")
    more = f.let("icmp ne ptr %code, %end", "more")
    f.do(f"br i1 {more}, label %step, label %done")
    f.begin("step")
    handler = f.let(f"load ptr, ptr {f.at('%handlers', f.integer('%code', 0), 'ptr')}", "handler")
    f.do(f"call void {handler}(ptr %code, ptr %values, ptr %slopes, ptr %uniforms, ptr %sums, "
         "i64 %valid)")  # fmt: skip
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
        self.sums_each = f.whole("add", field["packed_count"], field["wrt_slot_count"])
        self.gather()
        f.when(differentiate, self.clear_sums)

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

    def loop(self, count: str, body: object) -> None:
        def step(i: str, _: list[str]) -> list[str]:
            body(i)  # type: ignore[operator]
            return []

        self.f.loop(count, step)

    def copy(self, source: str, target: str) -> None:
        self.f.do(f"store double {self.f.load_double(source)}, ptr {target}, align 8")

    def gather(self) -> None:
        """Copy the live uniforms before the constants, then each number where it is wanted."""
        f, field = self.f, self.field
        self.loop(field["live_count"], lambda i: self.copy(
            f.at(field["live"], i), f.at(field["given"], i)))  # fmt: skip
        self.loop(field["gather_count"], lambda i: self.copy(
            f.at(field["given"], f.integer(field["gather"], i)),
            f.at(field["uniforms"], i)))  # fmt: skip

    def clear_sums(self) -> None:
        f = self.f
        count = f.whole("mul", self.sums_each, self.field["sweep_count"])
        self.loop(count, lambda i: f.store(
            f.number(0.0), f.at(self.field["sums"], f.whole(
                "mul", i, self.shape.lanes))))  # fmt: skip

    def sample(self, lane: str) -> str:
        """Number the sample of a lane; past the end, the last one again."""
        f = self.f
        last = f.whole("sub", self.valid, 1)
        inside = f.let(f"icmp slt i64 {lane}, {self.valid}", "is")
        return f.whole("add", self.start,
                       f.let(f"select i1 {inside}, i64 {lane}, i64 {last}", "n"))  # fmt: skip

    def number_at(self, base: str, slot: str, lane: str) -> str:
        return self.f.at(
            base, self.f.whole("add", self.f.whole("mul", slot, self.shape.samples), lane)
        )

    def read_inputs(self) -> None:
        f, field = self.f, self.field

        def lane(n: str) -> None:
            row = f.at(field["samples"], f.whole("mul", self.sample(n), field["inputs"]))
            self.loop(field["inputs"], lambda k: self.copy(
                f.at(row, k), self.number_at(field["values"], k, n)))  # fmt: skip

        self.loop(str(self.shape.samples), lane)

    def write_results(self) -> None:
        f, field = self.f, self.field

        def lane(n: str) -> None:
            row = f.whole("mul", f.whole("add", self.start, n), field["output_count"])
            self.loop(field["output_count"], lambda k: self.copy(
                self.number_at(field["values"], f.integer(field["outputs"], k), n),
                f.at(field["results"], f.whole("add", row, k))))  # fmt: skip

        self.loop(self.valid, lane)

    def dispatch(self, begin: str, end: str, sums: str) -> None:
        field = self.field
        self.f.do(
            f"call void @dispatch(ptr {begin}, ptr {end}, ptr {self.handlers}, "
            f"ptr {field['values']}, ptr {field['slopes']}, ptr {field['uniforms']}, ptr {sums}, "
            f"i64 {self.valid})"
        )

    def sums_of(self, sweep: str) -> str:
        f = self.f
        offset = f.whole("mul", f.whole("mul", sweep, self.sums_each), self.shape.lanes)
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
                self.copy(self.number_at(field["slopes"], slot, n),
                          f.at(field["gradient"], f.whole("add", row, target)))  # fmt: skip

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
        f, field, shape = self.f, self.field, self.shape
        name = f"@llvm.vector.reduce.fadd.{shape.suffix}"
        f.module.declare(f"double {name}(double, {shape.vector})")

        def one(k: str) -> None:
            sums = self.sums_of(k)
            row = f.at(field["gradient"], f.whole("mul", k, field["wrt_count"]))

            def place(j: str) -> None:
                vector = f.load(f.at(sums, f.whole("mul", j, shape.lanes)))
                total = f.let(
                    f"call reassoc double {name}(double -0.0, {shape.vector} {vector})", "x"
                )
                target = f.at(row, f.integer(field["targets"], j))
                total = f.let(f"fadd double {f.load_double(target)}, {total}", "x")
                f.do(f"store double {total}, ptr {target}, align 8")

            self.loop(self.sums_each, place)

        self.loop(field["sweep_count"], one)
