"""Chains of additions and of products become dots of many terms."""

from __future__ import annotations

from array import array
from itertools import chain
from typing import TYPE_CHECKING

from engine.program.numbers import numpy
from engine.program.recording.tape import DOT, FUSED, NONE, REMOVED, SUM, terms, view
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.program.recording.tape import Rows, Tape

    Sum = tuple[list[int], list[int], list[int]]

ADD, MUL = TABLE["add"], TABLE["mul"]


def fuse(tape: Tape) -> None:
    """Turn trees of additions, and the products they add up, into dots.

    An addition absorbs an operand that nobody else uses: another sum joins in with all its terms,
    a product becomes a pair. Terms may be added up in another order then, so the last digits may
    differ from eager ones.
    """
    rows, inputs = tape.rows, tape.inputs
    codes, first, second = rows.codes, rows.first, rows.second
    add, mul, fused = (rows.code[op] for op in (ADD, MUL, FUSED))
    lists = {rows.code[SUM]: SUM, rows.code[DOT]: DOT}
    alone = _absorbable(tape, add, lists)
    sums: dict[int, Sum] = {}  # by slot, those that another sum is going to absorb
    for row, code in enumerate(codes):
        if code == add:
            given: Iterable[int] = (first[row], second[row])
            mine: Sum = ([], [], [])
        elif code in lists:
            given, left, right = terms(lists[code], rows.lists[row])
            mine = ([], list(left), list(right))
        else:
            continue
        for r in given:
            absorbed = codes[r - inputs] if r >= inputs and alone[r] else REMOVED
            if absorbed == mul:
                mine[1].append(first[r - inputs])
                mine[2].append(second[r - inputs])
            elif absorbed == fused:
                mine = _joined(mine, sums.pop(r))
            else:
                mine[0].append(r)
                continue
            codes[r - inputs] = REMOVED
        if alone[inputs + row]:
            codes[row] = fused
            sums[inputs + row] = mine
        else:
            write_sum(rows, row, mine)


def _absorbable(tape: Tape, add: int, lists: Iterable[int]) -> bytes:
    """Find the slots that only one sum reads, as a term, and nothing else: a byte for each."""
    rows, np = tape.rows, numpy()
    slots = tape.inputs + len(rows)
    others = array("i", chain(tape.outputs, chain.from_iterable(rows.lists.values())))
    listed = [row for row in rows.lists if rows.codes[row] in lists]
    ops = rows.code.ops
    plain = chain.from_iterable(terms(ops[rows.codes[k]], rows.lists[k])[0] for k in listed)
    if np is None:
        uses, summed = bytearray(slots), bytearray(slots)  # uses: 2 for more
        for r in chain(rows.first, rows.second, others):
            if 0 <= r < slots and uses[r] < 2:
                uses[r] += 1
        for r in chain(plain, *((a, b) for code, a, b in rows if code == add)):
            if r >= 0:
                summed[r] = 1
        return bytes(a == b == 1 for a, b in zip(uses, summed, strict=True))
    first, second = view(rows.first), view(rows.second)
    read, added = np.zeros(slots, dtype=np.intp), np.zeros(slots, dtype=bool)
    for column in (first, second, view(others)):
        read += np.bincount(column[(column >= 0) & (column != NONE)], minlength=slots)
    of_sum = view(rows.codes) == add
    for column in (first[of_sum], second[of_sum], np.fromiter(plain, np.intc)):
        added[column[column >= 0]] = True
    found: bytes = (added & (read == 1)).tobytes()
    return found


def _joined(one: Sum, other: Sum) -> Sum:
    """Append the shorter to the longer, so that any tree of sums takes linear time or nearly."""
    if len(one[0]) + len(one[1]) < len(other[0]) + len(other[1]):
        one, other = other, one
    for mine, theirs in zip(one, other, strict=True):
        mine.extend(theirs)
    return one


def write_sum(rows: Rows, row: int, sum_: Sum) -> None:
    """Write a sum that is complete: as an addition if it is no more than that, or a fused dot."""
    plain, left, right = map(tuple, sum_)
    if len(plain) == 2 and not left:
        rows.codes[row], (rows.first[row], rows.second[row]) = rows.code[ADD], plain
        rows.lists.pop(row, None)
    else:
        rows.codes[row], rows.first[row], rows.second[row] = rows.code[FUSED], NONE, NONE
        rows.lists[row] = plain, left, right
