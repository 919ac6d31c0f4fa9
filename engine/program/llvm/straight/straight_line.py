"""Straight-line machine code for one sample: no slots, no loops, numbers stay in registers.

The whole program, forward and backward, becomes one function of the C API that takes floats and
returns a float. It reads the parameters from one array and writes the gradient to another.
Compiling takes about a millisecond for every six terms, so it is for small programs.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from engine.program.instructions import Apply, FlatProgram, written
from engine.program.llvm.machine.calls import c_function
from engine.program.llvm.straight.lines import Lines
from engine.program.llvm.writing.ir import Function, Module, Width
from engine.program.llvm.writing.lower_expression import call
from engine.program.llvm.writing.vector_math import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.program.instructions import Instruction

TOO_LARGE = 4000
"""Terms, from which on straight-line code takes longer to compile than it is worth."""

_SCALAR = Width(lanes=1, vectors=1, tile=1)


def write_single(flat: FlatProgram, name: str, lanes: int) -> Module:
    """Write the function of one sample; self is the address of two words: live, gradient.

    Runs of the same row work on vectors of so many lanes. Given too few or too many arguments, or
    what is no number, the function raises as Python does.
    """
    module = Module(_SCALAR)
    f, place = c_function(module, name)
    enough = f.let(f"icmp eq i64 %count, {flat.inputs}", "is")
    f.do(f"br i1 {enough}, label %read, label %misfit")
    f.begin("misfit")
    f.call("i32 @PyErr_BadArgument", ())
    f.do("ret ptr null")
    f.begin("read")
    given = [f.field("%args", k, "ptr") for k in range(flat.inputs)]
    inputs = [f.call("double @PyFloat_AsDouble", ("ptr",), number) for number in given]
    failed = f.call("ptr @PyErr_Occurred", ()) if inputs else "null"
    clean = f.let(f"icmp eq ptr {failed}, null", "is")
    f.do(f"br i1 {clean}, label %run, label %fail")
    f.begin("fail")
    f.do("ret ptr null")
    f.begin("run")
    writer = _Single(f, flat, f.field(place, 0, "ptr"), f.field(place, 1, "ptr"), lanes)
    writer.values[: flat.inputs] = inputs
    writer.forward()
    writer.backward()
    result = writer.values[flat.outputs[0]]
    f.do(f"ret ptr {f.call('ptr @PyFloat_FromDouble', ('double',), result)}")
    return module


class _Single(Lines):
    """Keeps every number in a register, or where the compiler puts it."""

    def __init__(self, f: Function, flat: FlatProgram, live: str, out: str, lanes: int) -> None:
        super().__init__(f, flat, flat.parameters)
        self.live, self.out, self.lanes = live, out, lanes
        self.values = [""] * flat.slots
        self.read: dict[int, str] = {}  # uniforms read so far

    def value(self, reference: int) -> str:
        if reference >= 0:
            return self.values[reference]
        u = ~reference
        if u >= self.flat.live:
            return self.f.number(self.flat.constants[u - self.flat.live])
        if u not in self.read:
            self.read[u] = self.f.load_double(self.f.at(self.live, u))
        return self.read[u]

    def keep(self, slot: int, value: str) -> None:
        self.values[slot] = value

    def forward(self) -> None:
        for run in _runs(self.flat.instructions, self.lanes):
            if len(run) > 1:
                self.together(run)
            else:
                self.write(run[0])

    def together(self, run: Sequence[Any]) -> None:
        """Write a run of one of our own functions as one vector."""
        f, width = self.f, Width(lanes=self.lanes, vectors=1, tile=1)
        packed = "undef"
        for k in range(self.lanes):
            number = self.values[run[min(k, len(run) - 1)].operands[0]]
            packed = f.let(f"insertelement {width.vector} {packed}, double {number}, i32 {k}")
        f.width = width
        found = call(f, run[0].op.name, [packed])
        f.width = _SCALAR
        for k, step in enumerate(run):
            lane = f.let(f"extractelement {width.vector} {found}, i32 {k}", "x")
            self.values[step.out] = lane

    def backward(self) -> None:
        f, flat = self.f, self.flat
        self.adjoints[flat.outputs[0]] = f.number(1.0)
        for position in flat.sweep(0):
            self.write_back(flat.instructions[position])
        for k, reference in enumerate(flat.wrt):
            found = self.adjoints.get(reference, f.number(0.0))
            f.store_double(found, f.at(self.out, k))


def _runs(instructions: Sequence[Instruction], lanes: int) -> Iterator[list[Any]]:
    """Cut the instructions into runs that one vector can compute; most are of one."""

    def kind(step: Instruction) -> object:
        if isinstance(step, Apply) and step.op.name in OWN:
            return step.op
        return object()

    for _, group in groupby(instructions, kind):
        run: list[Any] = []
        made: set[int] = set()
        for step in group:
            if run and (len(run) == lanes or made.intersection(step.reads)):
                yield run
                run, made = [], set()
            run.append(step)
            made.update(written(step))
        yield run
