"""The order in which instructions run: those of one kind side by side, as far as they may.

Each change from one kind of instruction to another costs a jump that the processor cannot foresee.
Instructions that do not depend on each other are free to be sorted by kind: by *level*, where an
instruction is one level above the highest that it reads from. Slots are numbered anew in that
order, so that results are written one after the other. Graphs are sorted piece by piece, so that
what an instruction reads is still near.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.program.instructions import Apply, Load, read_by, written_by

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from engine.program.instructions import FlatProgram, Instruction

PIECE = 8192
"""Instructions that are sorted together."""

_WORTH = 1.5
"""Sorting is done if it leaves so many times fewer changes of kind."""


class Order(NamedTuple):
    """An order of instructions.

    Attributes:
        instructions: In that order.
        places: The new position of each instruction.
        references: The new number of each slot; behind them uniforms, which stay what they are.
        levels: The level of each instruction, in the new order.
        is_sorted: False if the program's own order was kept.
    """

    instructions: Sequence[Instruction]
    places: NDArray[np.int64]
    references: NDArray[np.int32]
    levels: NDArray[np.int64]
    is_sorted: bool


def arrange(flat: FlatProgram) -> Order:
    """Find a good order for a program.

    Args:
        flat: The program.

    Returns:
        The order; the program's own if sorting would not pay.
    """
    uniforms = flat.live + len(flat.constants)
    total = len(flat.instructions)
    references = np.concatenate([np.arange(flat.slots), np.arange(-uniforms, 0)]).astype(np.int32)
    kinds, levels = _kinds_and_levels(flat)
    order = np.argsort(levels * (kinds.max(initial=0) + 1) + kinds, kind="stable")
    if _changes(kinds) < _WORTH * _changes(kinds[order]):
        return Order(flat.instructions, np.arange(total), references, levels, is_sorted=False)
    places = np.empty(total, dtype=np.int64)
    places[order] = np.arange(total)
    instructions = list(map(flat.instructions.__getitem__, order.tolist()))
    written = np.fromiter(chain.from_iterable(map(written_by, instructions)), np.int32)
    references[written] = np.arange(flat.inputs, flat.inputs + len(written))
    return Order(instructions, places, references, levels[order], is_sorted=True)


def _changes(kinds: Any) -> int:
    """Count how often a kind is followed by another; a 0 is never like what it follows."""
    return int(np.count_nonzero((kinds[1:] != kinds[:-1]) | (kinds[1:] == 0)))


def _kinds_and_levels(flat: FlatProgram) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the kind of each instruction, 0 for those that never share a run; find its level."""
    level = [0] * (flat.slots + flat.live + len(flat.constants))
    numbers: dict[Any, int] = {}
    kinds: list[int] = []
    levels: list[int] = []
    floor = 0
    for position, step in enumerate(flat.instructions):
        if position % PIECE == 0:
            floor = max(levels[-PIECE:], default=0)
        if type(step) is Apply:
            out, op, operands = step
            highest = floor
            for slot in operands:
                if level[slot] > highest:  # noqa: PLR1730 - three times faster than max()
                    highest = level[slot]
            level[out] = highest + 1
            kinds.append(numbers.setdefault(op, len(numbers) + 1))
        else:
            highest = max(map(level.__getitem__, read_by(step)))
            highest = max(highest, floor)
            for out in written_by(step):
                level[out] = highest + 1
            kinds.append(numbers.setdefault(Load, len(numbers) + 1) if type(step) is Load else 0)
        levels.append(highest + 1)
    return np.array(kinds, dtype=np.int64), np.array(levels, dtype=np.int64)
