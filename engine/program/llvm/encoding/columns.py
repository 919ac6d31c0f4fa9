"""The instructions of a flat program as tables of whole numbers, one for each kind.

A tape has columns already. What is left to do is arithmetic on arrays: rows become positions,
references become slots. Only sums, whose terms are tuples, are looked at one by one.

A *table* is an array of shape (1 + columns, rows). Its first line says which instruction a row
belongs to (its position in the program), in ascending order; the others are the row's numbers.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.program.llvm.encoding.segments import ranges
from engine.program.recording.tape import LOGSUMEXP, NONE, view

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from engine.program.passes.schedule import Scheduled
    from engine.table.ops import Op

    Chosen = Sequence[int] | NDArray[np.intp]

Table = Any  # NDArray[np.int32] of two dimensions
_NUMBERS = np.int32


class Columns(NamedTuple):
    """The instructions of a program, by kind."""

    total: int  # how many instructions there are
    most_operands: int  # as many as any instruction of `applied` has, at least 1
    ops: list[Op]  # the rows of the derivative table that are applied; a number below is an index
    applied: list[Table]  # a table for each number of operands: op, out, operands
    loads: Table  # out, uniform
    dots: Table  # out
    plain: Table  # the plain terms of dots: reference
    pairs: Table  # the products of dots: left, right
    groups: Table  # first out, outs, columns
    columns: Table  # the columns of groups: slot
    weights: Table  # the weights of groups: uniform
    biases: Table  # the biases of groups: row, uniform
    logsumexps: Table  # out
    exponents: Table  # the operands of these: slot


class Written(NamedTuple):
    """What each instruction writes."""

    first: NDArray[np.int32]  # the first slot
    sizes: NDArray[np.int32]  # how many slots; they are consecutive
    slots: Any  # all of them, instruction by instruction
    starts: Any  # where in ``slots`` those of each instruction begin


def written(c: Columns) -> Written:
    """Find what each instruction writes."""
    first, sizes = np.zeros(c.total, dtype=np.int32), np.ones(c.total, dtype=np.int32)
    for at, out in (*(rows[[0, 2]] for rows in c.applied), c.dots, c.logsumexps, c.loads[:2]):
        first[at] = out
    first[c.groups[0]], sizes[c.groups[0]] = c.groups[1], c.groups[2]
    return Written(first, sizes, ranges(first, sizes), np.cumsum(sizes) - sizes)


def table(*lines: Any) -> Table:
    """Make a table of its lines.

    Example:
        >>> table([0, 1], [5, 7]).shape
        (2, 2)
    """
    made = np.empty((len(lines), len(lines[0])), dtype=_NUMBERS)
    for k, line in enumerate(lines):
        made[k] = line
    return made


def columns(scheduled: Scheduled) -> Columns:
    """Read the rows of a scheduled tape into tables."""
    return _Reader(scheduled).columns()


class _Reader:
    """Reads the rows of a tape: ``places`` are slots of references, ``at`` positions of rows."""

    def __init__(self, scheduled: Scheduled) -> None:
        self.given = scheduled
        self.rows = scheduled.tape.rows
        self.places = view(scheduled.places)
        self.order = view(scheduled.order)
        self.at = np.zeros(len(self.rows), dtype=np.int32)
        starts = np.ones(len(self.order), dtype=np.int32)
        for layer in scheduled.layers.values():
            first = self.places[scheduled.tape.inputs + layer[0]] - self.first_slot
            starts[first + 1 : first + len(layer)] = 0
        self.at[self.order] = len(scheduled.loads) - 1 + np.cumsum(starts)

    @property
    def first_slot(self) -> int:
        """The slot of the first row."""
        return self.given.tape.inputs + len(self.given.loads)

    def columns(self) -> Columns:
        """Make the tables."""
        given, rows = self.given, self.rows
        uniforms = np.array(given.loads, dtype=np.int32)
        loads = table(np.arange(len(uniforms)), self.places[~uniforms], uniforms)
        listed = [row for row in sorted(rows.lists.keys() - given.sums) if rows.codes[row]]
        exponents = rows.code[LOGSUMEXP]
        of_many = [row for row in listed if rows.codes[row] == exponents]
        ops, applied = self.applied([row for row in listed if rows.codes[row] != exponents])
        inside = {row for layer in given.layers.values() for row in layer}
        sums = given.sums
        if inside:
            sums = {row: parts for row, parts in sums.items() if row not in inside}
        elif given.tape.groups:  # the rows of layers have moved: tables go by positions
            sums = {row: sums[row] for row in sorted(sums, key=self.at.__getitem__)}
        dots = np.fromiter(sums, np.intp, len(sums))
        parts = list(zip(*sums.values(), strict=True)) or [(), (), ()]
        plain, left, right = (self.lists(dots, part) for part in parts)
        most = max((len(t) - 3 for t in applied), default=1)
        return Columns(
            len(given),
            most,
            ops,
            applied,
            loads,
            self.outs(dots),
            self.moved(plain),
            table(*self.moved(left), self.places[right[1]]),
            *self.groups(),
            self.outs(of_many),
            self.operands(of_many, [rows.lists[row] for row in of_many]),
        )

    def outs(self, chosen: Chosen) -> Table:
        """List (position, slot) of some rows."""
        at = np.asarray(chosen, dtype=np.intp)
        return table(self.at[at], self.places[self.given.tape.inputs + at])

    def lists(self, chosen: Chosen, lists: Collection[Sequence[int]]) -> Table:
        """Make a table of the members of a list for each of some rows."""
        sizes = np.fromiter(map(len, lists), np.intp, len(lists))
        owners = np.repeat(self.at[np.asarray(chosen, dtype=np.intp)], sizes)
        return table(owners, np.fromiter(chain.from_iterable(lists), np.int32, len(owners)))

    def operands(self, chosen: Chosen, lists: Collection[Sequence[int]]) -> Table:
        """Make a table of operands, all of them slots."""
        found = self.lists(chosen, lists)
        found[1] = self.places[found[1]]
        return found

    def moved(self, of: Table) -> Table:
        """Turn the references of a table into slots; uniforms that are read stay what they are."""
        of[1] = np.where(of[1] < self.given.direct, of[1], self.places[of[1]])
        return of

    def applied(self, listed: Sequence[int]) -> tuple[list[Any], list[Table]]:
        """Make the tables of rows of the derivative table, by their number of operands."""
        rows, places = self.rows, self.places
        order, first, second = self.order, view(rows.first), view(rows.second)
        begins, ends = first[order], second[order]
        parts: list[tuple[Any, list[Any]]] = []
        for chosen in (begins != NONE) & (ends == NONE), ends != NONE:
            at = order[chosen]
            given = [begins[chosen]] if not parts else [begins[chosen], ends[chosen]]
            parts.append((at, [places[references] for references in given]))
        for width in sorted({len(rows.lists[row]) for row in listed}):
            mine = [row for row in listed if len(rows.lists[row]) == width]
            at = np.array(mine, dtype=np.int32)
            parts.append((at, list(places[np.array([rows.lists[row] for row in mine]).T])))
        codes = view(rows.codes)
        used = np.unique(np.concatenate([codes[at] for at, _ in parts]))
        number = np.zeros(len(rows.code.ops), dtype=np.int32)
        number[used] = np.arange(len(used))
        tables = [
            table(self.at[at], number[codes[at]], places[self.given.tape.inputs + at], *given)
            for at, given in parts
            if len(at)
        ]
        return [rows.code.ops[code] for code in used.tolist()], tables

    def groups(self) -> tuple[Table, Table, Table, Table]:
        """Make the tables of dense layers: themselves, columns, weights, biases."""
        given = self.given
        first = list(given.layers)
        layers = [[given.sums[row] for row in layer] for layer in given.layers.values()]
        sizes = [[len(layer) for layer in layers], [len(layer[0][2]) for layer in layers]]
        weights = self.lists(first, [[w for row in layer for w in row[1]] for layer in layers])
        biases = self.lists(first, [[b for row in layer for b in row[0]] for layer in layers])
        within = chain.from_iterable(range(len(layer)) for layer in layers if layer[0][0])
        return (
            table(*self.outs(first), *sizes),
            self.operands(first, [layer[0][2] for layer in layers]),
            table(weights[0], ~weights[1]),
            table(biases[0], np.fromiter(within, np.int32), ~biases[1]),
        )
