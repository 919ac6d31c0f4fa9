"""What a pass asks of all rows at once before it looks at them one by one.

Most passes have something to do in few places. NumPy, where it is installed, finds in no time
whether there are any.
"""

from __future__ import annotations

from array import array
from itertools import chain, compress, count
from typing import TYPE_CHECKING, Any

from engine.program.numbers import numpy
from engine.program.recording.tape import NONE, REMOVED, operands, view

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.program.recording.tape import Rows, Tape


def unread(tape: Tape) -> set[int]:
    """Find the inputs, parameters and settings that nothing reads.

    Args:
        tape: The tape, before any pass.

    Returns:
        References.
    """
    rows, np = tape.rows, numpy()
    columns = [rows.first, rows.second, array("i", chain(_listed(rows), tape.outputs))]
    if np is None:
        return set(range(-tape.live, tape.inputs)).difference(*columns)
    read = np.zeros(tape.live + tape.inputs, dtype=bool)
    for column in map(view, columns):
        read[column[(column >= -tape.live) & (column < tape.inputs)] + tape.live] = True
    return set((np.flatnonzero(~read) - tape.live).tolist())


def _listed(rows: Rows) -> Iterable[int]:
    """Run through the operands that are in lists, before `fuse`."""
    return chain.from_iterable(rows.lists.values())


def remaining(codes: array[int]) -> array[int]:
    """Find the rows that are not removed.

    Args:
        codes: The code of each row.

    Returns:
        The rows, ascending.
    """
    np = numpy()
    if np is None:
        return array("i", compress(count(), codes))
    return array("i", np.flatnonzero(view(codes)).astype(np.intc).tobytes())


def uniforms_among(column: array[int], codes: array[int]) -> set[int]:
    """Find the references to uniforms among the operands of the rows that are not removed.

    Args:
        column: An operand of each row.
        codes: The code of each row.

    Returns:
        References.
    """
    np = numpy()
    if np is None:
        return {r for r in compress(column, codes) if r < 0}
    references = view(column)
    found = references[(references < 0) & (view(codes) != REMOVED)]
    mark = np.zeros(1 - found.min(initial=0), dtype=bool)
    mark[-found] = True
    return set((-np.flatnonzero(mark)).tolist())


def put(column: array[int], places: array[int], first: int) -> None:
    """Write numbers that count up to some places of a column.

    Args:
        column: The column.
        places: Where the numbers go.
        first: The first of them.
    """
    np = numpy()
    if np is None:
        for number, place in enumerate(places, first):
            column[place] = number
    else:
        view(column)[view(places)] = np.arange(first, first + len(places))


def absorbable(tape: Tape, add: int, terms: Sequence[int]) -> bytes:
    """Find the slots that only one sum reads, as a term, and nothing else.

    Args:
        tape: The tape, before `fuse`.
        add: The code of an addition.
        terms: The terms of all other sums.

    Returns:
        A byte for each slot, 1 or 0.
    """
    rows, np = tape.rows, numpy()
    slots = tape.inputs + len(rows)
    others = array("i", chain(_listed(rows), tape.outputs))
    if np is None:
        uses, summed = bytearray(slots), bytearray(slots)  # uses: 2 for more
        for r in chain(rows.first, rows.second, others):
            if 0 <= r < slots and uses[r] < 2:
                uses[r] += 1
        for r in chain(terms, *((a, b) for code, a, b in rows if code == add)):
            if r >= 0:
                summed[r] = 1
        return bytes(a == b == 1 for a, b in zip(uses, summed, strict=True))
    uses, summed = np.zeros(slots, dtype=np.intp), np.zeros(slots, dtype=bool)
    of_sum = view(rows.codes) == add
    for column in map(view, (rows.first, rows.second, others)):
        uses += np.bincount(column[(column >= 0) & (column != NONE)], minlength=slots)
    for column in (view(rows.first)[of_sum], view(rows.second)[of_sum], np.array(terms, np.intc)):
        summed[column[column >= 0]] = True
    found: bytes = (summed & (uses == 1)).tobytes()
    return found


def put_uniforms_left(tape: Tape, mul: int, alone: bytes) -> None:
    """Write products of a slot and a uniform as products of the uniform and the slot.

    Sums hold their products so; here it is done for all at once, if NumPy is installed.

    Args:
        tape: The tape; rewritten in place.
        mul: The code of a product.
        alone: A byte for each slot: 1 where the product is to be a term of a sum.
    """
    rows, np = tape.rows, numpy()
    if np is not None:
        first, second = view(rows.first), view(rows.second)
        here = np.frombuffer(alone, dtype=bool)[tape.inputs :] & (view(rows.codes) == mul)
        at = np.flatnonzero(here & (second < 0) & (first >= 0))
        first[at], second[at] = second[at], first[at]


def fuse_multiply_adds(tape: Tape, alone: bytes, sums: Sequence[int], fused: int) -> None:
    """Write the smallest sums as fused dots all at once: a term and a product, nobody else's.

    They are most sums where there are no layers. Without NumPy none is: `fuse` goes on with what
    is left.

    Args:
        tape: The tape; rewritten in place.
        alone: A byte for each slot: 1 if a sum may absorb it.
        sums: The codes of additions, of products, then those of other sums.
        fused: The code of a fused dot.
    """
    rows, np = tape.rows, numpy()
    if np is None:
        return
    codes, first, second = map(view, (rows.codes, rows.first, rows.second))
    absorbed = np.frombuffer(alone, dtype=bool)[tape.inputs :]
    at = np.flatnonzero((codes == sums[0]) & ~absorbed)
    mark = np.concatenate([np.zeros(tape.inputs, dtype=np.intc), codes * absorbed])
    one, other = (found[at] for found in _operands(rows, mark))
    is_first = (one == sums[1]) & ~np.isin(other, sums)
    is_second = (other == sums[1]) & ~np.isin(one, sums)
    products = np.where(is_first, first[at], second[at]) - tape.inputs
    terms = np.where(is_first, second[at], first[at])
    here = is_first | is_second
    at, products, terms = at[here], products[here], terms[here]
    parts = (zip(part.tolist()) for part in (terms, first[products], second[products]))
    rows.lists.update(zip(at.tolist(), zip(*parts, strict=True), strict=True))
    codes[products], codes[at] = REMOVED, fused
    first[at] = second[at] = NONE


def may_fold(tape: Tape) -> bool:
    """Tell whether a row may have only constants as operands.

    Args:
        tape: The tape, before `fuse`.

    Returns:
        False if none has. True may be wrong.
    """
    np, rows, lowest = numpy(), tape.rows, ~tape.live
    if any(max(args) <= lowest for args in rows.lists.values()):
        return True
    if np is None:
        return min(rows.first, default=NONE) <= lowest
    first, second = view(rows.first), view(rows.second)
    return bool(((first <= lowest) & ((second <= lowest) | (second == NONE))).any())


def repeated(tape: Tape) -> Sequence[int]:
    """Find the rows of which there are several, the same operation on the same operands.

    Args:
        tape: The tape.

    Returns:
        These rows, ascending, and perhaps others.
    """
    np, rows = numpy(), tape.rows
    if np is None:
        return range(len(rows))
    codes, first, second = map(view, (rows.codes, rows.first, rows.second))
    size = tape.live + len(tape.constants) + tape.inputs + len(rows) + 1
    # Equal rows have equal keys; those of others coincide hardly ever.
    keys = (codes * np.int64(size) + first) * size + second
    lists = np.fromiter(rows.lists, np.intp, len(rows.lists))
    keys[lists] += np.fromiter(map(hash, rows.lists.values()), np.int64, len(lists))
    here = np.flatnonzero(codes)
    keys = keys[here]
    ranked = np.sort(keys)
    twice = np.unique(ranked[1:][ranked[1:] == ranked[:-1]])
    if not len(twice):
        return []
    nearest = np.minimum(np.searchsorted(twice, keys), len(twice) - 1)
    found: list[int] = here[twice[nearest] == keys].tolist()
    return found


def reading(tape: Tape, slots: set[int]) -> Sequence[int]:
    """Find the rows that read some slots.

    Args:
        tape: The tape.
        slots: The slots.

    Returns:
        These rows, ascending, and perhaps others.
    """
    np, rows = numpy(), tape.rows
    if np is None:
        return range(len(rows))
    found = [
        row
        for row, args in rows.lists.items()
        if rows.codes[row] and not slots.isdisjoint(operands(args))
    ]
    mark = np.zeros(tape.inputs + len(rows), dtype=bool)
    mark[list(slots)] = True
    return sorted(found + _readers(rows, mark, view(rows.codes) != REMOVED))


def _readers(rows: Rows, marked: Any, among: Any) -> list[int]:
    """Find the rows whose first or second operand is marked, among some."""
    first, second = _operands(rows, marked)
    found: list[int] = numpy().flatnonzero((first | second) & among).tolist()
    return found


def _operands(rows: Rows, marks: Any) -> list[Any]:
    """Look the marks of first and of second operands up; what is no slot has 0."""
    np = numpy()
    marks = np.append(marks, marks.dtype.type(0))
    return [marks[np.clip(view(c), -1, len(marks) - 1)] for c in (rows.first, rows.second)]


def summing(tape: Tape, add: int, alone: bytes, others: Sequence[int]) -> Sequence[int]:
    """Find the rows that may become dots.

    Args:
        tape: The tape, before `fuse`.
        add: The code of an addition.
        alone: A byte for each slot: 1 if a sum may absorb it.
        others: The rows that are sums of another kind.

    Returns:
        The additions that may absorb something, and the others, ascending; and perhaps more rows.
    """
    np, rows = numpy(), tape.rows
    if np is None:
        return range(len(rows))
    found = _readers(rows, np.frombuffer(alone, dtype=bool), view(rows.codes) == add)
    return sorted(found + list(others)) if others else found
