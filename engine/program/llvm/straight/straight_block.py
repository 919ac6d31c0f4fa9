"""Straight-line machine code for batches: the whole program as one instruction of the interpreter.

The interpreter gathers uniforms, copies inputs and adds up gradients as always; but forward, and
each sweep, is a single handler that was compiled for this program. So there is nothing to decode
and nothing to foresee, and a number that is used soon stays in a register. A block is one vector.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from engine.program.llvm.blocks.handlers import Handler
from engine.program.llvm.straight.lines import Lines
from engine.program.llvm.writing.ir import Module
from engine.program.llvm.writing.lower_expression import call

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.program.instructions import FlatProgram, Instruction
    from engine.program.llvm.encoding.encode import Code
    from engine.program.llvm.writing.ir import Width

_RECENT = 32
"""A number is kept in a register for so many instructions, then read from memory again."""


def write_block(flat: FlatProgram, code: Code, wrt_slots: Sequence[int], width: Width) -> Module:
    """Write ``forward`` and, for the adjoints of some slots, ``sweep_0``, ``sweep_1``, ...

    Uniforms are where the code for the interpreter has them; blocks are of one vector.
    """
    module = Module(width)
    lines = _Block(Handler(module, "forward"), flat, code)
    for step in flat.instructions:
        lines.write(step)
    lines.handler.end()
    for output in range(flat.differentiated):
        sweep = _Sweep(Handler(module, f"sweep_{output}", masked=True), flat, code)
        steps = [flat.instructions[position] for position in flat.sweep(output)]
        sweep.run(steps, flat.outputs[output], wrt_slots)
        sweep.handler.end()
    return module


class _Block(Lines):
    """Keeps every number in its slot, and those that are new in registers too."""

    def __init__(self, handler: Handler, flat: FlatProgram, code: Code) -> None:
        super().__init__(handler.f, flat, flat.parameters if code.summed else 0)
        self.handler = handler
        # A parameter may be packed twice, first where it has a sum.
        self.places = {u: place for place, u in reversed([*enumerate(code.packed.tolist())])}
        self.kept = 0
        self.recent: dict[int, tuple[str, int]] = {}

    def value(self, reference: int) -> str:
        h = self.handler
        if reference < 0:
            return h.uniform(str(self.places[~reference]))
        name, when = self.recent.get(reference, ("", -_RECENT))
        if self.kept - when < _RECENT:
            return name
        return h.f.load(h.values(str(reference)))

    def own(self, name: str, operands: list[str]) -> str:
        """Call a function of the module's own: inlined everywhere, code would be long."""
        module, kind = self.f.module, self.f.width.vector
        own = f"own_{name}"
        if not module.has(own):
            body = module.function(own, f"{kind} %x", f"internal {kind}")
            body.do(f"ret {kind} {call(body, name, ['%x'])}")
        return self.f.let(f"call {kind} @{own}({kind} {operands[0]})", "v")

    def keep(self, slot: int, value: str) -> None:
        h = self.handler
        self.kept += 1
        self.recent[slot] = value, self.kept
        h.f.store(value, h.values(str(slot)))


class _Sweep(_Block):
    """Writes a sweep: gradients are in registers, or where the compiler puts them."""

    def run(self, steps: Sequence[Instruction], output: int, wrt_slots: Sequence[int]) -> None:
        """Write the instructions of a sweep, users before what they use."""
        h, f = self.handler, self.f
        self.adjoints[output] = f.number(1.0)
        left = Counter(r for step in steps for r in step.reads if r < 0)
        for step in steps:
            self.write_back(step)
            for reference in set(step.reads) & left.keys():
                left[reference] -= step.reads.count(reference)
                if not left[reference]:
                    self.finish(reference)
        for slot in wrt_slots:
            place = h.adjoints(str(slot))
            f.store(self.adjoints.get(slot, f.number(0.0)), place)

    def finish(self, uniform: int) -> None:
        """Add the gradient of a parameter to its sum, where the samples are valid."""
        found = self.adjoints.pop(uniform, None)
        if found is not None:
            h = self.handler
            h.grow_sum(str(self.places[~uniform]), h.total([found]))
