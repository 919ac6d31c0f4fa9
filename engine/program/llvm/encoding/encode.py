"""From a flat program to the words that the block interpreter reads.

Forward code is one segment per instruction; runs of the same row share one. Backward code names
only the terms that need a gradient. What is written to a gradient first is stored, not added, or
the gradient is cleared just before: so nothing has to be cleared at the start of a sweep.

All of it is arithmetic on tables (`engine.program.llvm.encoding.columns`), never a loop over
    instructions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.program.llvm.encoding.layout import Key, Layout
from engine.program.llvm.encoding.limits import LIMITS
from engine.program.llvm.encoding.memory import Memory
from engine.program.llvm.encoding.segments import count, runs
from engine.program.llvm.encoding.sweep import Sweep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from engine.program.instructions import FlatProgram
    from engine.program.llvm.encoding.limits import Limits
    from engine.program.llvm.encoding.segments import Segments

    Words = NDArray[np.int32]


class Code(NamedTuple):
    """What the interpreter reads."""

    handlers: list[Key]  # the handlers, by number
    forward: Words  # words
    backward: list[Words]  # words for each differentiated output
    packed: Words  # the uniform that each packed place holds
    summed: int  # how many of the packed places, from the first on, are parameters
    totals: int  # how many of these, from the first on, have a number for their sum
    memory: Memory  # what the code works in
    dense: int  # how many terms dots and groups have: the work that goes quickly
    others: int  # how many operands all other instructions have


def encode(
    flat: FlatProgram, wrt_slots: Sequence[int], *, summed: bool = True, limits: Limits = LIMITS
) -> Code:
    """Write the code of a program; gradients are summed over the samples, or one for each."""
    layout = Layout(flat, flat.parameters if summed else 0, limits)
    forward = _forward(layout)
    wanted = layout.references[np.array(wrt_slots, dtype=np.int32)]
    sweeps = [Sweep(layout, output, wanted) for output in range(flat.differentiated)]
    backward = [sweep.write() for sweep in sweeps]
    c = layout.columns
    dense = sum(rows.shape[1] for rows in (c.plain, c.pairs, c.weights, c.biases))
    others = sum(rows[3:].size for rows in c.applied) + c.loads.shape[1] + c.exponents.shape[1]
    memory = Memory(
        layout.values[layout.references[list(flat.outputs)]],
        sweeps[0].adjoints[wanted] if sweeps else wanted,
        layout.room,
        max((sweep.room for sweep in sweeps), default=0),
    )
    return Code(
        layout.handlers,
        forward,
        backward,
        layout.packed,
        layout.summed,
        layout.totals,
        memory,
        dense,
        others,
    )


def _forward(layout: Layout) -> Words:
    """Write the forward code."""
    c, values = layout.columns, layout.values
    key = np.full(c.total, -1)
    for at, op, *_ in c.applied:
        key[at] = op
    key[c.loads[0]] = len(c.ops)
    handlers = [*(layout.number("row", op) for op in c.ops), layout.number("load")]
    segment, code = runs(key, np.array(handlers))
    for at, _, *slots in c.applied:
        code.part(segment[at], *(values[slot] for slot in slots))
    code.part(segment[c.loads[0]], values[c.loads[1]], layout.places[c.loads[2]])
    _forward_dots(layout, code, segment)
    if c.groups.size:
        at, out, rows, width = c.groups
        biases = count(c.biases[0], c.total)[at]
        shape = rows, width, layout.weights
        code.part(segment[at], layout.number("group"), 0, *shape, values[out], biases)
        code.part(segment[c.columns[0]], values[c.columns[1]])
        code.part(segment[c.biases[0]], layout.places[c.biases[2]])
    if c.logsumexps.size:
        at, out = c.logsumexps
        terms = count(c.exponents[0], c.total)[at]
        code.part(segment[at], layout.number("logsumexp"), 0, values[out], terms)
        code.part(segment[c.exponents[0]], values[c.exponents[1]])
    return code.words()


def _forward_dots(layout: Layout, code: Segments, segment: Any) -> None:
    c = layout.columns
    if not c.dots.size:
        return
    at, out = c.dots
    lone, mixed = c.plain[1] < 0, c.pairs[1] < 0
    uniforms, slots = c.plain[:, lone], c.plain[:, ~lone]
    halves, pairs = c.pairs[:, mixed], c.pairs[:, ~mixed]
    values = layout.values
    lists = [
        (uniforms[0], layout.place_of(uniforms[1])),
        (slots[0], values[slots[1]]),
        (halves[0], layout.place_of(halves[1]), values[halves[2]]),
        (pairs[0], values[pairs[1]], values[pairs[2]]),
    ]
    counts = [count(terms[0], c.total)[at] for terms in lists]
    code.part(segment[at], layout.number("dot"), 0, values[out], *counts)
    for owners, *words in lists:
        code.part(segment[owners], *words)
