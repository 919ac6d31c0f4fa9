"""Instructions as straight lines of IR: no slots to look up, no loops, numbers in registers.

Where a number comes from and where it goes is for a subclass to say: `Lines.value`, `Lines.keep`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import reduce
from typing import TYPE_CHECKING, Any

from engine.program.instructions import Apply, Dot, FlatProgram, Group, Load
from engine.program.llvm.writing.lower_expression import (
    LOGSUMEXP,
    Lowering,
    call,
    larger,
    shifted_result,
)
from engine.program.llvm.writing.vector_math import OWN

if TYPE_CHECKING:
    from engine.program.instructions import Instruction, LogSumExp
    from engine.program.llvm.writing.ir import Function


def terms(flat: FlatProgram) -> int:
    """Count what the instructions of a program read: a measure of its size."""
    return sum(len(step.reads) for step in flat.instructions)


class Lines(ABC):
    """Writes instructions, forward and backward, into one function.

    Attributes:
        adjoints: The gradients so far, by reference.
    """

    def __init__(self, f: Function, flat: FlatProgram, parameters: int) -> None:
        self.f, self.flat, self.parameters = f, flat, parameters
        self.active = flat.active()
        self.adjoints: dict[int, str] = {}

    @abstractmethod
    def value(self, reference: int) -> str:
        """Return the number of a slot or a uniform."""

    @abstractmethod
    def keep(self, slot: int, value: str) -> None:
        """Remember the number of a slot."""

    def own(self, name: str, operands: list[str]) -> Any:
        """Write one of our own functions."""
        return call(self.f, name, operands)

    def needs(self, reference: int) -> bool:
        """Tell whether a place needs a gradient."""
        return bool(self.active[reference]) if reference >= 0 else ~reference < self.parameters

    # ------------------------------------------------------------ forward

    def write(self, step: Instruction) -> None:
        """Write an instruction."""
        if isinstance(step, Apply):
            self.keep(step.out, self._row(step))
        elif isinstance(step, Load):
            self.keep(step.out, self.value(~step.uniform))
        elif isinstance(step, Dot | Group):
            for dot in step.dots:
                self.keep(dot.out, self._dot(dot))
        else:
            self.keep(step.out, self._logsumexp(step))

    def _row(self, step: Apply) -> Any:
        operands = [self.value(k) for k in step.operands]
        if step.op.name in OWN:
            return self.own(step.op.name, operands)
        names = dict(zip(step.op.operands, operands, strict=True))
        return Lowering(self.f, names).rule(step.op.forward)

    def _dot(self, step: Dot) -> str:
        f = self.f
        total = ""
        for r in step.plain:
            total = f.add(total, self.value(r)) if total else self.value(r)
        for a, b in zip(step.left, step.right, strict=True):
            x, y = self.value(a), self.value(b)
            total = f.fma(x, y, total) if total else f.mul(x, y)
        return total

    def _logsumexp(self, step: LogSumExp) -> Any:
        f = self.f
        operands = [self.value(k) for k in step.operands]
        largest = reduce(lambda most, x: larger(f, x, most), operands)
        total = f.number(0.0)
        for x in operands:
            total = f.add(total, Lowering(f, {"x": x, "m": largest}).rule(LOGSUMEXP.term))
        return shifted_result(f, total, largest)

    # ------------------------------------------------------------ backward

    def write_back(self, step: Instruction) -> None:
        """Write what an instruction hands down to what it reads."""
        for part in step.dots if isinstance(step, Dot | Group) else (step,):
            adjoint = self.adjoints.get(part.out)
            if adjoint is None or not self.active[part.out]:
                continue
            if isinstance(part, Apply):
                self._row_back(part, adjoint)
            elif isinstance(part, Dot):
                self._dot_back(part, adjoint)
            elif isinstance(part, Load):
                self.grow(~part.uniform, adjoint, self.f.number(1.0))
            else:
                for k in part.operands:
                    names = {"x": self.value(k), "z": self.value(part.out)}
                    share = Lowering(self.f, names).rule(LOGSUMEXP.partials[0])
                    self.grow(k, adjoint, share)

    def _row_back(self, step: Apply, adjoint: str) -> None:
        numbers = [self.value(k) for k in (step.out, *step.operands)]
        names = dict(zip(("z", *step.op.operands), numbers, strict=True))
        lowering = Lowering(self.f, names)
        for text, operand in zip(step.op.partials, step.operands, strict=True):
            if self.active[operand]:
                self.grow(operand, adjoint, lowering.rule(text))

    def _dot_back(self, step: Dot, adjoint: str) -> None:
        for r in step.plain:
            self.grow(r, adjoint, self.f.number(1.0))
        for a, b in zip(step.left, step.right, strict=True):
            if self.needs(a):
                self.grow(a, adjoint, self.value(b))
            if self.needs(b):
                self.grow(b, adjoint, self.value(a))

    def grow(self, reference: int, adjoint: str, partial: Any) -> None:
        """Add adjoint * partial to the gradient of a place, if it needs one."""
        if not self.needs(reference):
            return
        f, before = self.f, self.adjoints.get(reference)
        if partial == f.number(1.0):
            self.adjoints[reference] = f.add(before, adjoint) if before else adjoint
        else:
            self.adjoints[reference] = (
                f.fma(adjoint, partial, before) if before else f.mul(adjoint, partial)
            )
