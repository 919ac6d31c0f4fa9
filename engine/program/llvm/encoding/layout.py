"""What the codes of a program have in common, forward and backward: tables, places, handlers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.program.llvm.encoding import memory, order
from engine.program.llvm.encoding.columns import columns, written
from engine.program.llvm.encoding.flow import Flow
from engine.program.llvm.encoding.limits import LIMITS

if TYPE_CHECKING:
    from collections.abc import Hashable

    from engine.program.instructions import FlatProgram
    from engine.program.llvm.encoding.limits import Limits

Key = tuple[Any, ...]
"""Names a handler: ``("dot",)``; ``("row", op)``; ``("row_back", op, modes)``."""


class Layout:
    """What the codes of a program, forward and backward, have in common.

    Attributes:
        order: The order of the instructions; slots are numbered in that order.
        flow: What depends on what, in the program's own order.
        references: The number of each slot.
        active: Which slots need gradients.
        parameters: The uniforms below this number have gradients.
        places: The packed place of each uniform that is used by itself.
        weights: The packed place of the first weight of each group.
        totals: How many packed places, from the first on, are weights whose sums are numbers.
        values: Where the value of each slot is kept.
        room: How many places for values there are.
    """

    def __init__(self, flat: FlatProgram, parameters: int, limits: Limits = LIMITS) -> None:
        self.flat, self.parameters, self.limits = flat, parameters, limits
        scheduled: Any = flat.instructions
        found = columns(scheduled)
        self.flow = Flow(flat, found)
        self.order = order.arrange(flat, found, self.flow, limits)
        self.references = self.order.references
        self.columns = order.apply(self.order, found)
        self.active = np.zeros(flat.slots, dtype=bool)
        self.active[self.references[: flat.slots]] = self.flow.active()
        self.handlers: list[Key] = []
        self._numbers: dict[Hashable, int] = {}
        self._pack()
        self.written = written(self.columns)
        outputs = self.references[list(flat.outputs)]
        kept = memory.read_later(self.columns, self.active, outputs)
        self.values, self.room = memory.places_of_values(
            self.columns, self.written, kept, flat.inputs, limits
        )

    def number(self, *key: Any) -> int:
        """Number a handler."""
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._numbers)
            self.handlers.append(key)
        return found

    def _pack(self) -> None:
        """Give every uniform a place: parameters first, a group's weights in one piece."""
        c, parameters = self.columns, self.parameters
        references = np.concatenate([c.plain[1], c.pairs[1]])
        single = np.unique(np.concatenate([c.loads[2], ~references[references < 0], c.biases[2]]))
        weights, first = _distinct(c.weights[1], c.groups[2] * c.groups[3])
        inside, alone = weights < parameters, single < parameters
        self.packed = np.concatenate(
            [weights[inside], single[alone], weights[~inside], single[~alone]]
        )
        self.summed = int(inside.sum() + alone.sum())
        self.places = np.zeros(self.flat.live + len(self.flat.constants), dtype=np.int32)
        behind = self.summed + int((~inside).sum())
        self.places[single[alone]] = np.arange(int(inside.sum()), self.summed)
        self.places[single[~alone]] = np.arange(behind, len(self.packed))
        place = np.where(inside, np.cumsum(inside), self.summed + np.cumsum(~inside)) - 1
        self.weights = place[first]
        found = int(inside.sum())
        self.totals = found if found >= self.limits.many_weights else 0

    def place_of(self, references: Any) -> Any:
        """Find the packed places of references to uniforms."""
        return self.places[~references]


def _distinct(weights: Any, sizes: Any) -> tuple[Any, Any]:
    """Write each matrix once: a layer applied to every part of a sample has one place.

    So each of its weights has one sum, and one line of the cache.
    """
    begins: dict[bytes, int] = {}
    found, kept = [], [weights[:0]]
    start = total = 0
    for size in sizes.tolist():
        matrix = weights[start : start + size]
        start += size
        begin = begins.setdefault(matrix.tobytes(), total)
        if begin == total:
            kept.append(matrix)
            total += size
        found.append(begin)
    return np.concatenate(kept), np.array(found, dtype=np.int64)
