"""Where values and adjoints are kept: a place is used again when its owner is done.

The adjoint of a slot is needed from the first time something is added to it until the sweep has
done its instruction; a value until it is last read, which is soon if no partial reads it. Large
programs use places again, so that what is at work stays near the processor; in small ones each
slot has its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.program.llvm.encoding.allocation import allocate
from engine.program.llvm.encoding.partials import reads
from engine.program.llvm.encoding.segments import ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.program.llvm.encoding.columns import Columns, Written
    from engine.program.llvm.encoding.limits import Limits

    Words = NDArray[np.int32]


class Memory(NamedTuple):
    """The memory that the code of a program works in, in numbers for each sample."""

    outputs: Words  # the places of the outputs' values
    wrt: Words  # the places of the adjoints that are read after a sweep
    values: int  # how many places there are for values,
    adjoints: int  # and for adjoints


_ALWAYS = np.iinfo(np.int32).max


def places_of_values(
    c: Columns, written: Written, kept: Any, inputs: int, limits: Limits
) -> tuple[Words, int]:
    """Give the value of each slot a place; say how many places there are."""
    slots = len(kept)
    found = np.arange(slots, dtype=np.int32)
    if slots <= limits.few:
        return found, slots
    last = np.full(slots, -1)
    read = [
        c.plain[:, c.plain[1] >= 0],
        c.pairs[[0, 2]],
        c.pairs[:2, c.pairs[1] >= 0],
        c.columns,
        c.exponents,
    ]
    read += [rows[[0, k]] for rows in c.applied for k in range(3, len(rows))]
    for at, slot in (table for table in read if table.size):
        here = np.full(slots, -1)
        here[slot] = at  # of several readers the last one: positions ascend
        np.maximum(last, here, out=last)
    last[kept] = _ALWAYS
    born = np.arange(c.total)
    dies = np.maximum.reduceat(last[written.slots], written.starts)
    at, room = allocate(born, np.maximum(born, dies), written.sizes, inputs)
    found[written.slots] = ranges(at, written.sizes)
    return found, room


def places_of_adjoints(
    written: Written, rank: Any, touched: Any, wanted: Words, limits: Limits
) -> tuple[Words, int]:
    """Give the adjoint of each slot a place, the wanted ones the first; say how many there are."""
    slots = len(touched)
    if slots <= limits.few:
        return np.arange(slots, dtype=np.int32), slots
    born = np.minimum.reduceat(touched[written.slots], written.starts)
    used = np.flatnonzero(rank >= 0)
    dies, sizes = rank[used], written.sizes[used]
    at, room = allocate(np.minimum(born[used], dies), dies, sizes, len(wanted))
    found = np.full(slots, room, dtype=np.int32)  # behind the others, for what nobody reads
    found[ranges(written.first[used], sizes)] = ranges(at, sizes)
    found[wanted] = np.arange(len(wanted))
    return found, room + 1


def read_later(c: Columns, active: Any, outputs: Any) -> Any:
    """Tell for each slot whether its value is read after the forward run is over."""
    kept = np.zeros(len(active), dtype=bool)
    kept[outputs] = True
    for slots in (
        c.pairs[1][c.pairs[1] >= 0],
        c.pairs[2],
        c.columns[1],
        c.exponents[1],
        c.logsumexps[1],
    ):
        kept[slots] = True
    for _, op, *slots in c.applied:
        for k, operand in enumerate(slots[1:]):
            for position, slot in enumerate(slots):
                reading = [len(row.partials) > k and position in reads(row)[k] for row in c.ops]
                if any(reading):
                    kept[slot[np.array(reading)[op] & active[operand]]] = True
    return kept
