"""Gradients for each sample: parameters become slots, so that their gradients have lanes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.program.instructions import Dot, FlatProgram, Group, Load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.program.instructions import Instruction


def with_slots_for_parameters(flat: FlatProgram) -> tuple[FlatProgram, list[int]]:
    """Rewrite a program so that each parameter is loaded to a slot: gradients per sample.

    Args:
        flat: The program.

    Returns:
        A program of the same results, and the slot of each reference in ``wrt``.
    """
    loads = [s for s in flat.instructions if isinstance(s, Load)]
    loaded = {s.uniform: s.out for s in loads}
    slots = flat.slots

    def moved(reference: int) -> int:
        nonlocal slots
        uniform = ~reference
        if reference >= 0 or uniform >= flat.parameters:
            return reference
        if uniform not in loaded:
            loads.append(Load(slots, uniform))
            loaded[uniform] = slots
            slots += 1
        return loaded[uniform]

    def all_moved(references: Iterable[int]) -> tuple[int, ...]:
        return tuple([moved(r) for r in references])

    steps: list[Instruction] = []
    for step in flat.instructions:
        if isinstance(step, Dot):
            steps.append(Dot(step.out, all_moved(step.plain), all_moved(step.left), step.right))
        elif isinstance(step, Group):
            width = len(step.columns)
            for row, out in enumerate(step.outs):
                left = all_moved(~w for w in step.weights[row * width : (row + 1) * width])
                plain = all_moved(~u for u in step.biases[row : row + 1])
                steps.append(Dot(out, plain, left, step.columns))
        elif not isinstance(step, Load):
            steps.append(step)
    wrt_slots = list(all_moved(flat.wrt))
    return replace(flat, instructions=[*loads, *steps], slots=slots), wrt_slots
