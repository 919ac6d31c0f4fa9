"""Where values and gradients (slopes) are kept: a place is used again when its owner is done.

The slope of a slot is needed from the first time something is added to it until its instruction's
turn in the sweep; a value until it is last read, which is soon if no partial reads it. Large
programs use places again, so that what is at work stays near the processor; in small ones each
slot has its own.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.expressions import names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.ops import Op
    from engine.program.llvm.layout import Layout
    from engine.program.llvm.sweep import Sweep

    Words = NDArray[np.int32]


class Memory(NamedTuple):
    """The memory that the code of a program works in, in numbers for each sample.

    Attributes:
        outputs: The places of the outputs' values.
        wrt: The places of the slopes that are read after a sweep.
        values: How many places there are for values,
        slopes: and for slopes.
    """

    outputs: Words
    wrt: Words
    values: int
    slopes: int


FEW = 1500
"""Slots up to which each has a place of its own."""

_ALWAYS = np.iinfo(np.int32).max


@cache
def reads(op: Op) -> tuple[tuple[int, ...], ...]:
    """List for each partial of a row what it reads: 0 is the result, 1 the first operand.

    Args:
        op: The row.

    Returns:
        Positions.

    Example:
        >>> from engine.ops import TABLE
        >>> reads(TABLE["mul"]), reads(TABLE["tanh"])
        (((2,), (1,)), ((0,),))
    """
    every = ("z", *op.operands)
    return tuple([
        tuple([k for k, name in enumerate(every) if name in names(text)]) for text in op.partials
    ])  # fmt: skip


def places_of_values(layout: Layout) -> tuple[Words, int]:
    """Give the value of each slot a place.

    Args:
        layout: The instructions.

    Returns:
        The place of each slot, and how many places there are. Inputs keep their own.
    """
    slots, inputs = layout.flat.slots, layout.flat.inputs
    if slots <= FEW:
        return np.arange(slots, dtype=np.int32), slots
    c = layout.columns
    first, sizes, born = _written(layout)
    last = np.full(slots, -1)
    read = [c.plain[:, c.plain[1] >= 0], c.pairs[[0, 2]], c.pairs[:2, c.pairs[1] >= 0], c.columns,
            c.exponents]  # fmt: skip
    read += [rows[[0, k]] for rows in c.applied for k in range(3, len(rows))]
    for at, slot in read:
        np.maximum.at(last, slot, at)
    last[_kept(layout)] = _ALWAYS
    dies = np.maximum.reduceat(last[_all(first, sizes)], np.cumsum(sizes) - sizes)
    found = np.arange(slots, dtype=np.int32)
    at, room = allocate(born, np.maximum(born, dies), sizes, inputs)
    found[_all(first, sizes)] = _all(at, sizes)
    return found, room


def places_of_slopes(sweep: Sweep, wanted: Words) -> tuple[Words, int]:
    """Give the slope of each slot a place.

    Args:
        sweep: The sweep; turns are its time.
        wanted: The slots whose slopes are read after it; they have the first places.

    Returns:
        The place of each slot, and how many places there are.
    """
    layout = sweep.layout
    slots = layout.flat.slots
    if slots <= FEW:
        return np.arange(slots, dtype=np.int32), slots
    first, sizes, position = _written(layout)
    touched = sweep.first // layout.columns.most_operands
    born = np.minimum.reduceat(touched[_all(first, sizes)], np.cumsum(sizes) - sizes)
    turn = sweep.turn[position]
    used = turn >= 0
    first, sizes, born, turn = first[used], sizes[used], born[used], turn[used]
    at, room = allocate(np.minimum(born, turn), turn, sizes, len(wanted))
    found = np.full(slots, room, dtype=np.int32)  # behind the others, for what nobody reads
    found[_all(first, sizes)] = _all(at, sizes)
    found[wanted] = np.arange(len(wanted))
    return found, room + 1


def allocate(born: Any, dies: Any, sizes: Any, base: int) -> tuple[Words, int]:
    """Give things places that no other thing has while they live.

    Args:
        born: When each is first needed.
        dies: When it is last needed.
        sizes: How many places in a row it takes.
        base: The first place.

    Returns:
        The first place of each, and the first place that is never taken.

    Example:
        >>> one, two, three = (0, 2), (1, 5), (3, 4)  # three lives after one
        >>> born, dies = np.array([one, two, three]).T
        >>> places, room = allocate(born, dies, np.ones(3, dtype=int), 10)
        >>> places.tolist(), room
        ([10, 11, 10], 12)
    """
    birth, death = np.argsort(born, kind="stable"), np.argsort(dies, kind="stable")
    size, at = sizes.tolist(), [0] * len(sizes)
    ends = iter(zip(death.tolist(), dies[death].tolist(), strict=True))
    old, end = next(ends, (0, _ALWAYS))
    free: dict[int, list[int]] = defaultdict(list)
    room = base
    for new, now in zip(birth.tolist(), born[birth].tolist(), strict=True):
        while end < now:  # whoever dies has been born
            free[size[old]].append(at[old])
            old, end = next(ends, (0, _ALWAYS))
        among = free[size[new]]
        if among:
            at[new] = among.pop()
        else:
            at[new] = room
            room += size[new]
    return np.array(at, dtype=np.int32), room


def _all(first: Any, sizes: Any) -> Any:
    """List the places of ranges, one after the other."""
    ends = np.cumsum(sizes)
    return np.arange(sizes.sum()) + np.repeat(first - ends + sizes, sizes)


def _written(layout: Layout) -> tuple[Any, Any, Any]:
    """List what instructions write: first slot, how many, position; in the order of slots."""
    c = layout.columns
    parts = [(rows[0], rows[2], 1) for rows in c.applied]
    parts += [(at, out, 1) for at, out in (c.dots, c.logsumexps, c.loads[:2])]
    parts.append((c.groups[0], c.groups[1], c.groups[2]))
    position, first = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    sizes = np.concatenate([np.broadcast_to(size, len(at)) for at, _, size in parts])
    order = np.argsort(first)
    return first[order], sizes[order], position[order]


def _kept(layout: Layout) -> Any:
    """Tell which slots' values are read after the forward run is over."""
    c, active = layout.columns, layout.active
    kept = np.zeros(layout.flat.slots, dtype=bool)
    kept[layout.references[list(layout.flat.outputs)]] = True
    for slots in (c.pairs[1][c.pairs[1] >= 0], c.pairs[2], c.columns[1], c.exponents[1],
                  c.logsumexps[1]):  # fmt: skip
        kept[slots] = True
    for rows in c.applied:
        for op in np.unique(rows[1]).tolist():
            mine = rows[1] == op
            for k, some in enumerate(reads(c.ops[op])):
                wanted = mine & active[rows[3 + k]]
                for position in some:
                    kept[rows[2 + position][wanted]] = True
    return kept
