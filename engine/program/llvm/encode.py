"""From a flat program to the words that the block interpreter reads.

Forward code is one stretch per instruction; runs of the same row share one. Backward code names
only the terms that need a gradient. What is written to a gradient first is stored, not added, or
the gradient is cleared just before: so nothing has to be cleared at the start of a sweep.

All of it is arithmetic on tables (`engine.program.llvm.columns`), never a loop over instructions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.program.llvm import order
from engine.program.llvm.columns import columns
from engine.program.llvm.stretches import count, runs
from engine.program.llvm.sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from engine.program.instructions import FlatProgram
    from engine.program.llvm.stretches import Stretches

    Words = NDArray[np.int32]

Key = tuple[Any, ...]
"""Names a handler: ``("dot",)``; ``("row", op)``; ``("row_back", op, modes)``."""


class Code(NamedTuple):
    """What the interpreter reads.

    Attributes:
        handlers: The handlers, by number.
        forward: Words.
        backward: Words for each differentiated output.
        packed: The uniform that each packed place holds.
        summed: How many of the packed places, from the first on, are parameters.
        references: The slots as the code numbers them, by the number they have in the program.
        dense: How many terms dots and groups have: the work that goes quickly.
        others: How many operands all other instructions have.
    """

    handlers: list[Key]
    forward: Words
    backward: list[Words]
    packed: Words
    summed: int
    references: Words
    dense: int
    others: int


def encode(flat: FlatProgram, wrt_slots: Sequence[int], *, summed: bool = True) -> Code:
    """Write the code of a program.

    Args:
        flat: The program.
        wrt_slots: Slots whose gradients are read after a sweep.
        summed: True to sum the gradients of parameters over the samples.

    Returns:
        Its code.
    """
    encoder = Encoder(flat, flat.parameters if summed else 0)
    forward = encoder.forward()
    wanted = encoder.references[np.array(wrt_slots, dtype=np.int32)]
    backward = [Sweep(encoder, output).write(wanted) for output in range(flat.differentiated)]
    c = encoder.columns
    dense = sum(rows.shape[1] for rows in (c.plain, c.pairs, c.weights, c.biases))
    others = sum(rows[3:].size for rows in c.applied) + c.loads.shape[1] + c.exponents.shape[1]
    return Code(encoder.handlers, forward, backward, encoder.packed, encoder.summed,
                encoder.references, dense, others)  # fmt: skip


class Encoder:
    """What the codes of a program, forward and backward, have in common.

    Attributes:
        flat: The program.
        columns: Its instructions.
        order: The order of its instructions; slots are numbered in that order.
        references: The number of each slot.
        active: Which slots need gradients.
        parameters: The uniforms below this number have gradients.
        places: The packed place of each uniform that is used by itself.
        weights: The packed place of the first weight of each group.
    """

    def __init__(self, flat: FlatProgram, parameters: int) -> None:
        self.flat, self.parameters = flat, parameters
        found = columns(flat.instructions)
        self.order = order.arrange(flat, found)
        self.references = self.order.references
        self.columns = order.apply(self.order, found)
        self.active = np.zeros(flat.slots, dtype=bool)
        self.active[self.references[: flat.slots]] = np.frombuffer(flat.active(), dtype=bool)
        self.handlers: list[Key] = []
        self._numbers: dict[Hashable, int] = {}
        self._pack()

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
        weights = c.weights[1]
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
        sizes = c.groups[2] * c.groups[3]
        self.weights = place[np.cumsum(sizes) - sizes]  # the first of each group

    def place_of(self, references: Any) -> Any:
        """Find the packed places of references to uniforms."""
        return self.places[~references]

    # ------------------------------------------------------------ forward

    def forward(self) -> Words:
        """Write the forward code."""
        c = self.columns
        key = np.full(c.total, -1)
        for at, op, *_ in c.applied:
            key[at] = op
        key[c.loads[0]] = len(c.ops)
        numbers = [*(self.number("row", op) for op in c.ops), self.number("load")]
        stretch, code = runs(key, np.array(numbers))
        for at, _, *words in c.applied:
            code.part(stretch[at], *words)
        code.part(stretch[c.loads[0]], c.loads[1], self.places[c.loads[2]])
        self._forward_dots(code, stretch)
        if c.groups.size:
            at, out, rows, width = c.groups
            biases = count(c.biases[0], c.total)[at]
            code.part(stretch[at], self.number("group"), 0, rows, width, self.weights, out, biases)
            code.part(stretch[c.columns[0]], c.columns[1])
            code.part(stretch[c.biases[0]], self.places[c.biases[2]])
        if c.logsumexps.size:
            at, out = c.logsumexps
            code.part(stretch[at], self.number("logsumexp"), 0, out,
                      count(c.exponents[0], c.total)[at])  # fmt: skip
            code.part(stretch[c.exponents[0]], c.exponents[1])
        return code.words()

    def _forward_dots(self, code: Stretches, stretch: Any) -> None:
        c = self.columns
        if not c.dots.size:
            return
        at, out = c.dots
        lone, mixed = c.plain[1] < 0, c.pairs[1] < 0
        uniforms, slots = c.plain[:, lone], c.plain[:, ~lone]
        halves, pairs = c.pairs[:, mixed], c.pairs[:, ~mixed]
        lists = [
            (uniforms[0], self.place_of(uniforms[1])), (slots[0], slots[1]),
            (halves[0], self.place_of(halves[1]), halves[2]), (pairs[0], pairs[1], pairs[2]),
        ]  # fmt: skip
        counts = [count(terms[0], c.total)[at] for terms in lists]
        code.part(stretch[at], self.number("dot"), 0, out, *counts)
        for owners, *words in lists:
            code.part(stretch[owners], *words)
