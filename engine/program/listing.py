"""A flat program as text that a person can read: what the compiler made of the graph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from engine.program.instructions import Apply, Dot, Group, Load
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.program.instructions import FlatProgram, Instruction
    from engine.table.ops import Op

WIDEST = 8
"""A longer list of terms, or of rows, is shortened in the middle."""


def listing(flat: FlatProgram, inputs: Sequence[str], live: Sequence[str]) -> str:
    """Write a program, an instruction on a line, with the names of inputs and live uniforms."""
    return "\n".join(_Lister(flat, inputs, live).lines())


class _Lister:
    def __init__(self, flat: FlatProgram, inputs: Sequence[str], live: Sequence[str]) -> None:
        self.flat = flat
        self.inputs = [name or f"x{k}" for k, name in enumerate(inputs)]
        self.live = [name or f"p{k}" for k, name in enumerate(live)]
        self.loaded = {s.out: ~s.uniform for s in flat.instructions if isinstance(s, Load)}

    def name(self, reference: int) -> str:
        """Name the number at a reference."""
        reference = self.loaded.get(reference, reference)
        if reference < 0:
            u = ~reference
            live = self.flat.live
            return self.live[u] if u < live else f"{self.flat.constants[u - live]:g}"
        return self.inputs[reference] if reference < len(self.inputs) else f"s{reference}"

    def lines(self) -> Iterable[str]:
        """Write every line."""
        flat = self.flat
        yield f"inputs      {_short(self.inputs)}"
        yield f"parameters  {_short(self.live[: flat.parameters]) or '(none)'}"
        if flat.live > flat.parameters:
            yield f"settings    {_short(self.live[flat.parameters :])}"
        for step in flat.instructions:
            yield from self.written(step)
        outputs = [self.name(slot) for slot in flat.outputs]
        yield f"return      {_short(outputs[: flat.differentiated])}"
        if len(outputs) > flat.differentiated:
            yield f"guards      {outputs[-1]} must be 1"

    def written(self, step: Instruction) -> Iterable[str]:
        """Write one instruction."""
        if isinstance(step, Apply):
            yield f"s{step.out} = {_formula(step.op, list(map(self.name, step.operands)))}"
        elif isinstance(step, Dot):
            yield f"s{step.out} = {self.sum(*step[1:])}"
        elif isinstance(step, Group):
            size = f"{len(step.outs)} x {len(step.columns)}"
            yield f"{_short([f's{out}' for out in step.outs])} = dense layer, {size}:"
            every = [f"    s{dot.out} = {self.sum(*dot[1:])}" for dot in step.dots]
            yield from every if len(every) <= WIDEST else [every[0], "    ...", every[-1]]
        elif not isinstance(step, Load):
            yield f"s{step.out} = logsumexp({_short(list(map(self.name, step.operands)))})"

    def sum(self, plain: Sequence[int], left: Sequence[int], right: Sequence[int]) -> str:
        """Write a sum of terms and products."""
        terms = [self.name(r) for r in plain]
        terms += [f"{self.name(a)} * {self.name(b)}" for a, b in zip(left, right, strict=True)]
        return _short(terms, " + ")


def _formula(op: Op, names: Sequence[str]) -> str:
    """Write a row on some names: as its formula if that is simple, else as a call."""
    if " if " in op.forward and TABLE.get(op.name) is op:
        return f"{op.name}({', '.join(names)})"
    by_name = dict(zip(op.operands, names, strict=True))
    return re.sub(rf"\b({'|'.join(op.operands)})\b", lambda m: by_name[m[0]], op.forward)


def _short(words: Sequence[str], joint: str = ", ") -> str:
    if len(words) > WIDEST:
        words = [*words[: WIDEST // 2], "...", *words[-WIDEST // 4 :]]
    return joint.join(words)
