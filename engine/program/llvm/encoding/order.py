"""The order in which instructions run: those of one kind side by side, as far as they may.

Each change from one kind of instruction to another costs a jump that the processor cannot foresee.
Instructions that do not depend on each other are free to be sorted by kind: by *level*, where an
instruction is one level above the highest that it reads from. Slots are numbered anew in that
order, so that results are written one after the other. Graphs are sorted piece by piece, so that
what an instruction reads is still near.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.program.llvm.encoding.limits import LIMITS
from engine.program.llvm.encoding.segments import ranges, stable_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.program.instructions import FlatProgram
    from engine.program.llvm.encoding.columns import Columns, Table
    from engine.program.llvm.encoding.flow import Flow
    from engine.program.llvm.encoding.limits import Limits


class Order(NamedTuple):
    """An order of instructions."""

    # the new position of each instruction; None if the program's own order is kept
    places: NDArray[np.int32] | None
    levels: NDArray[np.int64]  # the level of each instruction, in the new order
    # the new number of each slot; behind them uniforms, which stay what they are
    references: NDArray[np.int32]


def arrange(flat: FlatProgram, columns: Columns, flow: Flow, limits: Limits = LIMITS) -> Order:
    """Find a good order for a program; its own if sorting would not pay."""
    uniforms = flat.live + len(flat.constants)
    references = np.concatenate([np.arange(flat.slots), np.arange(-uniforms, 0)]).astype(np.int32)
    kinds = kinds_of(columns)
    unsorted = Order(None, np.zeros(0, dtype=np.int64), references)
    if limits.worth * changes(np.sort(kinds)) >= changes(kinds):
        return unsorted  # not even if everything could be sorted
    levels = flow.levels(limits.piece).astype(np.int64)
    order = stable_order(levels * (kinds.max() + 1) + kinds)
    if limits.worth * changes(kinds[order]) >= changes(kinds):
        return unsorted
    places = np.empty(columns.total, dtype=np.int32)
    places[order] = np.arange(columns.total)
    first, sizes = flow.first[order], flow.sizes[order]
    slots = ranges(first, sizes)
    references[slots] = np.arange(flat.inputs, flat.inputs + len(slots))
    return Order(places, levels[order], references)


def apply(order: Order, columns: Columns) -> Columns:
    """Bring instructions into an order: tables of the new positions and slots."""
    places, references = order.places, order.references
    if places is None:
        return columns

    def moved(rows: Table, *slots: int) -> Table:
        if not rows.size:
            return rows
        at = places[rows[0]]
        order = stable_order(at)
        found = rows[:, order]
        found[0] = at[order]
        for line in slots:
            found[line] = references[found[line]]
        return found

    c = columns
    return c._replace(
        applied=[moved(rows, *range(2, len(rows))) for rows in c.applied],
        loads=moved(c.loads, 1),
        dots=moved(c.dots, 1),
        plain=moved(c.plain, 1),
        pairs=moved(c.pairs, 1, 2),
        groups=moved(c.groups, 1),
        columns=moved(c.columns, 1),
        weights=moved(c.weights),
        biases=moved(c.biases),
        logsumexps=moved(c.logsumexps, 1),
        exponents=moved(c.exponents, 1),
    )


def kinds_of(columns: Columns) -> Any:
    """Number the kind of each instruction, 0 for those that never share a run."""
    kinds = np.zeros(columns.total, dtype=np.int64)
    for at, op, *_ in columns.applied:
        kinds[at] = op + 1
    kinds[columns.loads[0]] = len(columns.ops) + 1
    return kinds


def changes(kinds: Any) -> int:
    """Count how often a kind is followed by another; a 0 is never like what it follows."""
    return int(np.count_nonzero((kinds[1:] != kinds[:-1]) | (kinds[1:] == 0)))
