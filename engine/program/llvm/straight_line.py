"""Straight-line machine code for one sample: no slots, no loops, numbers stay in registers.

The whole program, forward and backward, becomes one function of the C API that takes floats and
returns a float. It reads the parameters from one array and writes the gradient to another.
Compiling takes about a millisecond for every six terms, so it is for small programs.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from engine.program.instructions import (
    Apply,
    Dot,
    FlatProgram,
    Group,
    Load,
    read_by,
    written_by,
)
from engine.program.llvm.ir import Function, Module, Shape
from engine.program.llvm.lower_expression import Lowering, call
from engine.program.llvm.vector_math import OWN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.program.instructions import Instruction, LogSumExp

TOO_LARGE = 4000
"""Terms, from which on straight-line code takes longer to compile than it is worth."""

_SCALAR = Shape(lanes=1, vectors=1, rows=1)


def terms(flat: FlatProgram) -> int:
    """Count what the instructions of a program read: a measure of its size."""
    return sum(len(read_by(step)) for step in flat.instructions)


def write_single(flat: FlatProgram, name: str, lanes: int) -> Module:
    """Write the function of one sample; self is the address of two words: live, gradient.

    Args:
        flat: A program of one output.
        name: What to call the function.
        lanes: The width of vector registers, used for runs of the same row.

    Returns:
        The module.
    """
    module = Module(_SCALAR)
    for line in (
        "ptr @PyLong_AsVoidPtr(ptr)", "double @PyFloat_AsDouble(ptr)",
        "ptr @PyFloat_FromDouble(double)", "ptr @PyErr_Occurred()", "i32 @PyErr_BadArgument()",
    ):  # fmt: skip
        module.declare(line)
    f = module.function(name, "ptr %self, ptr %args, i64 %count", "ptr")
    enough = f.let(f"icmp eq i64 %count, {flat.inputs}", "is")
    f.do(f"br i1 {enough}, label %read, label %misfit")
    f.begin("misfit")
    f.let("call i32 @PyErr_BadArgument()", "ignored")
    f.do("ret ptr null")
    f.begin("read")
    inputs = [
        f.let(f"call double @PyFloat_AsDouble(ptr {f.field('%args', k, 'ptr')})", "x")
        for k in range(flat.inputs)
    ]
    failed = f.let("call ptr @PyErr_Occurred()", "error") if inputs else "null"
    clean = f.let(f"icmp eq ptr {failed}, null", "is")
    f.do(f"br i1 {clean}, label %run, label %fail")
    f.begin("fail")
    f.do("ret ptr null")
    f.begin("run")
    place = f.let("call ptr @PyLong_AsVoidPtr(ptr %self)", "words")
    writer = _Writer(f, flat, f.field(place, 0, "ptr"), f.field(place, 1, "ptr"), lanes)
    writer.values[: flat.inputs] = inputs
    writer.forward()
    writer.backward()
    result = writer.values[flat.outputs[0]]
    f.do(f"ret ptr {f.let(f'call ptr @PyFloat_FromDouble(double {result})', 'p')}")
    return module


class _Writer:
    def __init__(self, f: Function, flat: FlatProgram, live: str, out: str, lanes: int) -> None:
        self.f, self.flat, self.live, self.out, self.lanes = f, flat, live, out, lanes
        self.values = [""] * flat.slots
        self.slopes: dict[int, str] = {}  # by reference
        self.active = flat.active()
        self.read: dict[int, str] = {}  # uniforms read so far

    def value(self, reference: int) -> str:
        """Return the number of a slot or a uniform."""
        if reference >= 0:
            return self.values[reference]
        u = ~reference
        if u >= self.flat.live:
            return self.f.number(self.flat.constants[u - self.flat.live])
        if u not in self.read:
            self.read[u] = self.f.load_double(self.f.at(self.live, u))
        return self.read[u]

    # ------------------------------------------------------------ forward

    def forward(self) -> None:
        for run in _runs(self.flat.instructions, self.lanes):
            first = run[0]
            if len(run) > 1:
                self.together(run)
            elif isinstance(first, Apply):
                self.values[first.out] = self.row(first)
            elif isinstance(first, Load):
                self.values[first.out] = self.value(~first.uniform)
            elif isinstance(first, Dot | Group):
                for dot in _dots(first):
                    self.values[dot.out] = self.dot(dot)
            else:
                self.values[first.out] = self.logsumexp(first)

    def row(self, step: Apply) -> str:
        operands = [self.values[k] for k in step.operands]
        if step.op.name in OWN:
            return call(self.f, step.op.name, operands)  # type: ignore[no-any-return]
        names = dict(zip(step.op.operands, operands, strict=True))
        return Lowering(self.f, names).rule(step.op.forward)  # type: ignore[no-any-return]

    def together(self, run: Sequence[Any]) -> None:
        """Write a run of one of our own functions as one vector."""
        f, shape = self.f, Shape(lanes=self.lanes, vectors=1, rows=1)
        packed = "undef"
        for k in range(self.lanes):
            number = self.values[run[min(k, len(run) - 1)].operands[0]]
            packed = f.let(f"insertelement {shape.vector} {packed}, double {number}, i32 {k}")
        f.shape = shape
        found = call(f, run[0].op.name, [packed])
        f.shape = _SCALAR
        for k, step in enumerate(run):
            lane = f.let(f"extractelement {shape.vector} {found}, i32 {k}", "x")
            self.values[step.out] = lane

    def dot(self, step: Dot) -> str:
        f = self.f
        total = ""
        for r in step.plain:
            total = f.add(total, self.value(r)) if total else self.value(r)
        for a, b in zip(step.left, step.right, strict=True):
            x, y = self.value(a), self.value(b)
            total = f.fma(x, y, total) if total else f.mul(x, y)
        return total

    def logsumexp(self, step: LogSumExp) -> str:
        f = self.f
        operands = [self.values[k] for k in step.operands]
        most = operands[0]
        for x in operands[1:]:
            larger = f.logic("or", f.compare("ogt", x, most), f.compare("uno", x, x))
            most = f.choose(larger, x, most)
        total = f.number(0.0)
        for x in operands:
            total = f.add(total, call(f, "exp", [f.sub(x, most)]))
        found = f.add(call(f, "log", [total]), most)
        return f.choose(f.compare("oeq", f.sub(most, most), f.number(0.0)), found, most)  # type: ignore[no-any-return]

    # ------------------------------------------------------------ backward

    def backward(self) -> None:
        f, flat = self.f, self.flat
        self.slopes[flat.outputs[0]] = f.number(1.0)
        for position in flat.sweep(0):
            step = flat.instructions[position]
            if isinstance(step, Group | Dot):
                for dot in _dots(step):
                    self.dot_back(dot)
            elif step.out in self.slopes and self.active[step.out]:
                slope = self.slopes[step.out]
                if isinstance(step, Apply):
                    self.row_back(step, slope)
                elif isinstance(step, Load):
                    self.grow(~step.uniform, slope, f.number(1.0))
                else:
                    for k in step.operands:
                        share = f.sub(self.values[k], self.values[step.out])
                        self.grow(k, slope, call(f, "exp", [share]))
        for k, reference in enumerate(flat.wrt):
            found = self.slopes.get(reference, f.number(0.0))
            f.do(f"store double {found}, ptr {f.at(self.out, k)}, align 8")

    def row_back(self, step: Apply, slope: str) -> None:
        numbers = [self.values[k] for k in (step.out, *step.operands)]
        names = dict(zip(("z", *step.op.operands), numbers, strict=True))
        lowering = Lowering(self.f, names)
        for text, operand in zip(step.op.partials, step.operands, strict=True):
            if self.active[operand]:
                self.grow(operand, slope, lowering.rule(text))

    def dot_back(self, step: Dot) -> None:
        slope = self.slopes.get(step.out)
        if slope is None:
            return
        for r in step.plain:
            self.grow(r, slope, self.f.number(1.0))
        for a, b in zip(step.left, step.right, strict=True):
            self.grow(a, slope, self.value(b))
            self.grow(b, slope, self.value(a))

    def grow(self, reference: int, slope: str, partial: str) -> None:
        """Add slope * partial to the gradient of a place, if it needs one."""
        f = self.f
        if not (self.active[reference] if reference >= 0 else ~reference < self.flat.parameters):
            return
        before = self.slopes.get(reference)
        if partial == f.number(1.0):
            self.slopes[reference] = f.add(before, slope) if before else slope
        else:
            self.slopes[reference] = (f.fma(slope, partial, before) if before
                                      else f.mul(slope, partial))  # fmt: skip


def _dots(step: Dot | Group) -> Iterator[Dot]:
    """Take a group apart."""
    if isinstance(step, Dot):
        yield step
        return
    width = len(step.columns)
    for row, out in enumerate(step.outs):
        weights = tuple([~w for w in step.weights[row * width : (row + 1) * width]])
        yield Dot(out, tuple([~u for u in step.biases[row : row + 1]]), weights, step.columns)


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
            if run and (len(run) == lanes or made.intersection(step.operands)):  # type: ignore[union-attr]
                yield run
                run, made = [], set()
            run.append(step)
            made.update(written_by(step))
        yield run
