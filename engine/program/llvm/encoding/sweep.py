"""The backward code of one output.

Instructions are numbered anew here: by their *turn* in the sweep, users before what they use.
Only what needs a gradient is named. A gradient that is written to for the first time is stored
instead of added, or cleared just before, so nothing has to be cleared when a sweep starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.program.llvm.encoding.columns import table
from engine.program.llvm.encoding.memory import places_of_slopes
from engine.program.llvm.encoding.partials import BEGINS, GROWS, group_back, reads
from engine.program.llvm.encoding.stretches import count, runs, stable_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from engine.program.llvm.encoding.columns import Table
    from engine.program.llvm.encoding.layout import Layout
    from engine.program.llvm.encoding.stretches import Stretches

_NEVER = np.iinfo(np.int64).max
_SEEDED = -1


class _Dots(NamedTuple):
    """The terms of dots that need a gradient.

    Attributes:
        lone: Plain parameters: place.
        slots: Plain slots: slot.
        both: Parameters times slots, where both need one: place, slot.
        parameters: The same, where only the parameter needs one: place, slot.
        halves: Uniforms times slots, where only the slot needs one: place, slot.
        pairs: Slots times slots, for the left factor: slot, other.
        swapped: And for the right one: slot, other.
    """

    lone: Table
    slots: Table
    both: Table
    parameters: Table
    halves: Table
    pairs: Table
    swapped: Table

    def targets(self) -> list[Table]:
        """List the slots that gradients are added to."""
        return [
            self.slots,
            self.both[[0, 2]],
            self.halves[[0, 2]],
            self.pairs[:2],
            self.swapped[:2],
        ]


class Sweep:
    """Writes the backward code of one output.

    Attributes:
        slopes: Where the slope of each slot is kept.
        room: How many places for slopes there are.
    """

    def __init__(self, layout: Layout, output: int, wanted: NDArray[np.int32]) -> None:
        self.wanted = wanted
        self.layout, self.active = layout, layout.active
        flat, levels = layout.flat, layout.order.levels
        self.seed = layout.references[flat.outputs[output]]
        turns = self._visited(output)
        self._settle(turns)
        # Now that the modes are known, instructions of one level are sorted by what they do: rows
        # stay in the order they are in, and of one row those that begin gradients come first.
        # So hardly ever is another one now the first to write; the modes are found anew.
        if layout.order.places is not None:
            keys = self._keys() + 1
            self._settle(turns[stable_order(-(keys.max(initial=0) + 1) * levels[turns] - keys)])
        touched = self.first // layout.columns.most_operands
        self.slopes, self.room = places_of_slopes(layout.written, self.turn, touched, wanted)

    def _visited(self, output: int) -> Any:
        """List the instructions that have something to do, the last one first."""
        c, active = self.layout.columns, self.active
        chosen = np.zeros(c.total, dtype=bool)
        for at, *_, out in (*(t[:3] for t in c.applied), c.dots, c.logsumexps):
            chosen[at] = active[out]
        chosen[c.loads[0]] = active[c.loads[1]] & (c.loads[2] < self.layout.parameters)
        before = np.concatenate([[0], np.cumsum(active)])
        chosen[c.groups[0]] = before[c.groups[1] + c.groups[2]] > before[c.groups[1]]
        if len(self.layout.flat.outputs) > 1:
            reached, places = self.layout.flow.reached(output), self.layout.order.places
            chosen[slice(None) if places is None else places] &= reached
        return np.flatnonzero(chosen)[::-1]

    def _settle(self, turns: Any) -> None:
        """Give instructions their turns."""
        c = self.layout.columns
        self.total = len(turns)
        self.turn = np.full(c.total, -1)
        self.turn[turns] = np.arange(len(turns))
        self.applied = [self.swept(rows) for rows in c.applied]
        self.dots = self._dot_terms()
        self.exponents = self.needed(self.swept(c.exponents))
        self.columns = self.swept(c.columns)
        used = np.zeros(self.total, dtype=bool)
        used[self.needed(self.columns)[0]] = True
        self.used = used  # the groups whose columns need gradients
        self.touched = self.columns[:, used[self.columns[0]]]
        self.outs = self._outs()
        self.first = self._first_touches()

    def swept(self, of: Table) -> Table:
        """Number the rows of a table by turns, and sort them so; drop what has none."""
        if not of.size:
            return of
        turn = self.turn[of[0]]
        order = stable_order(turn)
        order = order[np.count_nonzero(turn < 0) :]
        found = of[:, order]
        found[0] = turn[order]
        return found

    def needed(self, of: Table) -> Table:
        """Leave out the rows whose slot needs no gradient."""
        return of[:, self.active[of[1]]]

    def _dot_terms(self) -> _Dots:
        c, places, parameters = self.layout.columns, self.layout.places, self.layout.parameters
        plain, pairs = self.swept(c.plain), self.swept(c.pairs)
        lone, halves = plain[:, plain[1] < 0], pairs[:, pairs[1] < 0]
        lone, inside = lone[:, ~lone[1] < parameters], ~halves[1] < parameters
        needed = self.active[halves[2]]
        lone[1], halves[1] = places[~lone[1]], places[~halves[1]]
        pairs = pairs[:, pairs[1] >= 0]
        return _Dots(
            lone,
            self.needed(plain[:, plain[1] >= 0]),
            halves[:, inside & needed],
            halves[:, inside & ~needed],
            halves[:, ~inside & needed],
            self.needed(pairs),
            self.needed(pairs[[0, 2, 1]]),
        )

    def _outs(self) -> Table:
        """List (turn, slot) of what groups write: a row that nothing uses has to be cleared."""
        turn, first, rows, _ = self.swept(self.layout.columns.groups)
        row = np.arange(rows.sum()) - np.repeat(np.cumsum(rows) - rows, rows)
        return table(np.repeat(turn, rows), np.repeat(first, rows) + row)

    # ------------------------------------------------------------ the first to write

    def _order(self, turns: Any, operand: int = 0) -> Any:
        """Number the writes of a sweep, those of an instruction's operands in order."""
        return turns.astype(np.int64) * self.layout.columns.most_operands + operand

    def _first_touches(self) -> NDArray[np.int64]:
        """Find for each slot which write to its gradient is the first."""
        first = np.full(len(self.active), _NEVER)
        first[self.seed] = _SEEDED
        for turn, slot in (*self.dots.targets(), self.exponents, self.touched, self.outs):
            np.minimum.at(first, slot, self._order(turn))
        for turn, _, _, *operands in self.applied:
            for k, slot in enumerate(operands):
                here = self.active[slot]
                np.minimum.at(first, slot[here], self._order(turn[here], k))
        return first

    def _modes(self, turn: Any, operands: Any) -> Any:
        """Write the modes of each instruction's operands as one number, the first one lowest."""
        modes = 0
        for k, slot in enumerate(operands):
            begins = self.first[slot] == self._order(turn, k)
            modes += (BEGINS + 1) ** k * self.active[slot] * (GROWS + begins)
        return modes

    def _firsts(self, *touches: Table) -> Table:
        """List (turn, slot) of the rows that are the first to write a slot, each slot once."""
        both = np.concatenate(touches, axis=1)
        both = both[:, self.first[both[1]] == self._order(both[0])]
        _, once = np.unique(both[1], return_index=True)
        both = both[:, once]
        return both[:, stable_order(both[0])]

    # ------------------------------------------------------------ words

    def write(self) -> NDArray[np.int32]:
        """Write the words of the sweep."""
        number, slopes = self.layout.number, self.slopes
        idle = slopes[self.wanted[self.first[self.wanted] == _NEVER]]
        stretch, code = self._runs(behind=int(idle.size > 0))
        code.part([0], number("seed"), 0, slopes[self.seed])
        fresh = self._fresh()
        clear = self._firsts(
            *self.dots.targets(),
            self.exponents,
            self.outs,
            self.touched[:, ~fresh[self.touched[0]]],
        )
        self._write_headers(code, stretch, fresh, count(clear[0], self.total))
        code.part(stretch[clear[0]], slopes[clear[1]])
        for owners, *words in (*self._dot_words(), *self._other_words(), self._biases()):
            code.part(stretch[owners], *words)
        if idle.size:
            last = code.total - 1
            code.part([last], number("zero"), 0, idle.size)
            code.part(np.full(idle.size, last), idle)
        return code.words()

    def _dot_words(self) -> Iterator[Any]:
        """List the words of the terms of dots, each with their turns."""
        values, slopes, dots = self.layout.values, self.slopes, self.dots
        yield dots.lone
        yield dots.slots[0], slopes[dots.slots[1]]
        turn, place, slot = dots.both
        yield turn, place, values[slot], slopes[slot]
        turn, place, slot = dots.parameters
        yield turn, place, values[slot]
        turn, place, slot = dots.halves
        yield turn, place, slopes[slot]
        for turn, slot, other in (dots.pairs, dots.swapped):
            yield turn, slopes[slot], values[other]

    def _other_words(self) -> Iterator[Any]:
        """List the words of what sums of exponentials and groups read, each with their turns."""
        values, slopes = self.layout.values, self.slopes
        turn, slot = self.exponents
        yield turn, values[slot], slopes[slot]
        turn, slot = self.columns
        yield turn, values[slot]
        turn, slot = self.touched
        yield turn, slopes[slot]

    @property
    def variants(self) -> int:
        """How many ways there are to handle a row."""
        return (BEGINS + 1) ** self.layout.columns.most_operands  # type: ignore[no-any-return]

    def _keys(self) -> Any:
        """Say for each turn what is to be done: a row and its modes as one number, or -1."""
        c = self.layout.columns
        key = np.full(self.total, -1)
        key[self.swept(c.loads)[0]] = len(c.ops) * self.variants
        for turn, op, _, *operands in self.applied:
            key[turn] = op * self.variants + self._modes(turn, operands)
        return key

    def _runs(self, behind: int) -> tuple[Any, Stretches]:
        """Write the runs of rows and of loads; leave room for the seed and what comes last."""
        layout, key = self.layout, self._keys()
        numbers = np.zeros((len(layout.columns.ops) + 1) * self.variants, dtype=np.int32)
        for found in np.flatnonzero(count(key[key >= 0], len(numbers))).tolist():
            numbers[found] = self._handler(*divmod(found, self.variants))
        stretch, code = runs(key, numbers, 1, behind)
        values, slopes = layout.values, self.slopes
        reading = np.array([any(reads(op)) for op in layout.columns.ops], dtype=bool)
        for rows in self.applied:
            for reader in (False, True):  # those that read values list them too
                turn, _, *slots = rows[:, reading[rows[1]] == reader]
                words = [slopes[slot] for slot in slots]
                words += [values[slot] for slot in slots if reader]
                code.part(stretch[turn], *words)
        loads = self.swept(layout.columns.loads)
        code.part(stretch[loads[0]], slopes[loads[1]], layout.places[loads[2]])
        return stretch, code

    def _handler(self, row: int, modes: int) -> int:
        """Number the handler of a row, its operands' modes written as one number."""
        layout = self.layout
        if row == len(layout.columns.ops):
            return layout.number("load_back")
        op = layout.columns.ops[row]
        digits = [modes // (BEGINS + 1) ** k % (BEGINS + 1) for k in range(len(op.operands))]
        return layout.number("row_back", op, tuple(digits))

    def _fresh(self) -> Any:
        """Tell the groups whose columns are all written for the first time, none twice."""
        return self.used & (
            count(self._firsts(self.touched)[0], self.total) == count(self.touched[0], self.total)
        )

    def _biases(self) -> Table:
        """List (turn, row, place) of the biases that need a gradient."""
        biases = self.swept(self.layout.columns.biases)
        biases = biases[:, biases[2] < self.layout.parameters]
        biases[2] = self.layout.places[biases[2]]
        return biases

    def _write_headers(self, code: Stretches, stretch: Any, fresh: Any, clears: Any) -> None:
        """Write the headers of dots, of sums of exponentials and of groups."""
        layout, c, total = self.layout, self.layout.columns, self.total
        values, slopes = layout.values, self.slopes
        at, out = self.swept(c.dots)
        counts = [count(terms[0], total)[at] for terms in self.dots]
        counts[5:] = [counts[5] + counts[6]]
        if at.size:
            code.part(stretch[at], layout.number("dot_back"), 0, slopes[out], clears[at], *counts)
        at, out = self.swept(c.logsumexps)
        if at.size:
            code.part(
                stretch[at],
                layout.number("logsumexp_back"),
                0,
                slopes[out],
                clears[at],
                values[out],
                count(self.exponents[0], total)[at],
            )
        at, out, rows, width, weights, summed = self.swept(
            table(*c.groups, layout.weights, layout.weights < layout.summed)
        )
        if at.size:
            added = layout.totals > 0
            handlers = np.where(
                fresh[at],
                *(layout.number(group_back(fresh=fresh, added=added)) for fresh in (True, False)),
            )
            code.part(
                stretch[at],
                handlers,
                0,
                slopes[out],
                clears[at],
                rows,
                width,
                weights,
                rows * summed,
                width * self.used[at],
                count(self._biases()[0], total)[at],
            )
