"""The backward code of one output.

Instructions are numbered anew here: by their *rank* in the sweep, users before what they use.
Only what needs a gradient is named. A gradient that is written to for the first time is stored
instead of added, or cleared just before, so nothing has to be cleared when a sweep starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.program.llvm.encoding.columns import table
from engine.program.llvm.encoding.memory import places_of_adjoints
from engine.program.llvm.encoding.partials import BEGINS, GROWS, group_back, reads
from engine.program.llvm.encoding.segments import count, runs, stable_order

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from engine.program.llvm.encoding.columns import Table
    from engine.program.llvm.encoding.layout import Layout
    from engine.program.llvm.encoding.segments import Segments

_NEVER = np.iinfo(np.int64).max
_SEEDED = -1


class _Dots(NamedTuple):
    """The terms of dots that need a gradient."""

    lone: Table  # plain parameters: place
    slots: Table  # plain slots: slot
    both: Table  # parameters times slots, where both need one: place, slot
    parameters: Table  # the same, where only the parameter needs one: place, slot
    halves: Table  # uniforms times slots, where only the slot needs one: place, slot
    pairs: Table  # slots times slots, for the left factor: slot, other
    swapped: Table  # and for the right one: slot, other

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
    """Writes the backward code of one output: ``adjoints`` says where each slot's is kept."""

    def __init__(self, layout: Layout, output: int, wanted: NDArray[np.int32]) -> None:
        self.wanted = wanted
        self.layout, self.active = layout, layout.active
        flat, levels = layout.flat, layout.order.levels
        self.seed = layout.references[flat.outputs[output]]
        ranks = self._visited(output)
        self._assign_ranks(ranks)
        # Now that the modes are known, instructions of one level are sorted by what they do: rows
        # stay in the order they are in, and of one row those that begin gradients come first.
        # So hardly ever is another one now the first to write; the modes are found anew.
        if layout.order.places is not None:
            keys = self._keys() + 1
            self._assign_ranks(
                ranks[stable_order(-(keys.max(initial=0) + 1) * levels[ranks] - keys)]
            )
        touched = self.first // layout.columns.most_operands
        self.adjoints, self.room = places_of_adjoints(
            layout.written, self.rank, touched, wanted, layout.limits
        )

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

    def _assign_ranks(self, ranks: Any) -> None:
        """Give instructions their ranks."""
        c = self.layout.columns
        self.total = len(ranks)
        self.rank = np.full(c.total, -1)
        self.rank[ranks] = np.arange(len(ranks))
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
        """Number the rows of a table by ranks, and sort them so; drop what has none."""
        if not of.size:
            return of
        rank = self.rank[of[0]]
        order = stable_order(rank)
        order = order[np.count_nonzero(rank < 0) :]
        found = of[:, order]
        found[0] = rank[order]
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
        """List (rank, slot) of what groups write: a row that nothing uses has to be cleared."""
        rank, first, rows, _ = self.swept(self.layout.columns.groups)
        row = np.arange(rows.sum()) - np.repeat(np.cumsum(rows) - rows, rows)
        return table(np.repeat(rank, rows), np.repeat(first, rows) + row)

    # ------------------------------------------------------------ the first to write

    def _order(self, ranks: Any, operand: int = 0) -> Any:
        """Number the writes of a sweep, those of an instruction's operands in order."""
        return ranks.astype(np.int64) * self.layout.columns.most_operands + operand

    def _first_touches(self) -> NDArray[np.int64]:
        """Find for each slot which write to its gradient is the first."""
        first = np.full(len(self.active), _NEVER)
        first[self.seed] = _SEEDED
        for rank, slot in (*self.dots.targets(), self.exponents, self.touched, self.outs):
            np.minimum.at(first, slot, self._order(rank))
        for rank, _, _, *operands in self.applied:
            for k, slot in enumerate(operands):
                here = self.active[slot]
                np.minimum.at(first, slot[here], self._order(rank[here], k))
        return first

    def _modes(self, rank: Any, operands: Any) -> Any:
        """Write the modes of each instruction's operands as one number, the first one lowest."""
        modes = 0
        for k, slot in enumerate(operands):
            begins = self.first[slot] == self._order(rank, k)
            modes += (BEGINS + 1) ** k * self.active[slot] * (GROWS + begins)
        return modes

    def _firsts(self, *touches: Table) -> Table:
        """List (rank, slot) of the rows that are the first to write a slot, each slot once."""
        both = np.concatenate(touches, axis=1)
        both = both[:, self.first[both[1]] == self._order(both[0])]
        _, once = np.unique(both[1], return_index=True)
        both = both[:, once]
        return both[:, stable_order(both[0])]

    # ------------------------------------------------------------ words

    def write(self) -> NDArray[np.int32]:
        """Write the words of the sweep."""
        number, adjoints = self.layout.number, self.adjoints
        idle = adjoints[self.wanted[self.first[self.wanted] == _NEVER]]
        segment, code = self._runs(behind=int(idle.size > 0))
        code.part([0], number("seed"), 0, adjoints[self.seed])
        fresh = self._fresh()
        old = self.touched[:, ~fresh[self.touched[0]]]
        clear = self._firsts(*self.dots.targets(), self.exponents, self.outs, old)
        self._write_headers(code, segment, fresh, count(clear[0], self.total))
        code.part(segment[clear[0]], adjoints[clear[1]])
        for owners, *words in (*self._term_words(), self._biases()):
            code.part(segment[owners], *words)
        if idle.size:
            last = code.total - 1
            code.part([last], number("zero"), 0, idle.size)
            code.part(np.full(idle.size, last), idle)
        return code.words()

    def _term_words(self) -> Iterator[Any]:
        """List the words of what dots, sums of exponentials and groups read, with their ranks."""
        values, adjoints, dots = self.layout.values, self.adjoints, self.dots
        yield dots.lone
        yield dots.slots[0], adjoints[dots.slots[1]]
        rank, place, slot = dots.both
        yield rank, place, values[slot], adjoints[slot]
        rank, place, slot = dots.parameters
        yield rank, place, values[slot]
        rank, place, slot = dots.halves
        yield rank, place, adjoints[slot]
        for rank, slot, other in (dots.pairs, dots.swapped):
            yield rank, adjoints[slot], values[other]
        rank, slot = self.exponents
        yield rank, values[slot], adjoints[slot]
        rank, slot = self.columns
        yield rank, values[slot]
        rank, slot = self.touched
        yield rank, adjoints[slot]

    @property
    def variants(self) -> int:
        """How many ways there are to handle a row."""
        return (BEGINS + 1) ** self.layout.columns.most_operands  # type: ignore[no-any-return]

    def _keys(self) -> Any:
        """Say for each rank what is to be done: a row and its modes as one number, or -1."""
        c = self.layout.columns
        key = np.full(self.total, -1)
        key[self.swept(c.loads)[0]] = len(c.ops) * self.variants
        for rank, op, _, *operands in self.applied:
            key[rank] = op * self.variants + self._modes(rank, operands)
        return key

    def _runs(self, behind: int) -> tuple[Any, Segments]:
        """Write the runs of rows and of loads; leave room for the seed and what comes last."""
        layout, key = self.layout, self._keys()
        numbers = np.zeros((len(layout.columns.ops) + 1) * self.variants, dtype=np.int32)
        for found in np.flatnonzero(count(key[key >= 0], len(numbers))).tolist():
            numbers[found] = self._handler(*divmod(found, self.variants))
        segment, code = runs(key, numbers, 1, behind)
        values, adjoints = layout.values, self.adjoints
        reading = np.array([any(reads(op)) for op in layout.columns.ops], dtype=bool)
        for rows in self.applied:
            for reader in (False, True):  # those that read values list them too
                rank, _, *slots = rows[:, reading[rows[1]] == reader]
                words = [adjoints[slot] for slot in slots]
                words += [values[slot] for slot in slots if reader]
                code.part(segment[rank], *words)
        loads = self.swept(layout.columns.loads)
        code.part(segment[loads[0]], adjoints[loads[1]], layout.places[loads[2]])
        return segment, code

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
        """List (rank, row, place) of the biases that need a gradient."""
        biases = self.swept(self.layout.columns.biases)
        biases = biases[:, biases[2] < self.layout.parameters]
        biases[2] = self.layout.places[biases[2]]
        return biases

    def _write_headers(self, code: Segments, segment: Any, fresh: Any, clears: Any) -> None:
        """Write the headers of dots, of sums of exponentials and of groups."""
        layout, c, total = self.layout, self.layout.columns, self.total
        values, adjoints = layout.values, self.adjoints
        at, out = self.swept(c.dots)
        counts = [count(terms[0], total)[at] for terms in self.dots]
        counts[5:] = [counts[5] + counts[6]]
        if at.size:
            code.part(
                segment[at], layout.number("dot_back"), 0, adjoints[out], clears[at], *counts
            )
        at, out = self.swept(c.logsumexps)
        if at.size:
            number, terms = layout.number("logsumexp_back"), count(self.exponents[0], total)[at]
            code.part(segment[at], number, 0, adjoints[out], clears[at], values[out], terms)
        at, out, rows, width, weights, summed = self.swept(
            table(*c.groups, layout.weights, layout.weights < layout.summed)
        )
        if at.size:
            added = layout.totals > 0
            handlers = np.where(
                fresh[at],
                *(layout.number(group_back(fresh=fresh, added=added)) for fresh in (True, False)),
            )
            shape = rows, width, weights, rows * summed
            columns, biases = width * self.used[at], count(self._biases()[0], total)[at]
            code.part(segment[at], handlers, 0, adjoints[out], clears[at], *shape, columns, biases)
