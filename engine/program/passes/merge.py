"""The same operation on the same operands is done once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.program.numbers import numpy
from engine.program.recording.tape import NONE, REMOVED, operands, renamed, view

if TYPE_CHECKING:
    from engine.program.recording.tape import Tape


def merge(tape: Tape) -> None:
    """Keep the first of rows that are the same, and of those that become so by that."""
    if not _may_have_twins(tape):
        return
    rows = tape.rows
    codes, first, second, lists = rows.codes, rows.first, rows.second, rows.lists
    new: dict[int, int] = {}
    seen: dict[Any, int] = {}
    for row, (code, a, b) in enumerate(rows):
        if code == REMOVED:
            continue
        if a in new:
            a = first[row] = new[a]  # noqa: PLW2901 - as if it had always been that
        if b in new:
            b = second[row] = new[b]  # noqa: PLW2901 - the same
        key: Any = code, a, b
        if a == NONE:
            args = lists[row]
            if not new.keys().isdisjoint(operands(args)):
                args = lists[row] = renamed(args, lambda r: new.get(r, r))
            key = code, args
        slot = tape.inputs + row
        same = seen.setdefault(key, slot)
        if same != slot:
            new[slot] = same
            codes[row] = REMOVED
    tape.outputs[:] = [new.get(r, r) for r in tape.outputs]


def _may_have_twins(tape: Tape) -> bool:
    """Tell whether any two rows may be the same, by one number for each; most often none are."""
    np, rows = numpy(), tape.rows
    if np is None:
        return True
    codes, first, second = map(view, (rows.codes, rows.first, rows.second))
    size = tape.live + len(tape.constants) + tape.inputs + len(rows) + 1
    keys = (codes * np.int64(size) + first) * size + second
    lists = np.fromiter(rows.lists, np.intp, len(rows.lists))
    keys[lists] += np.fromiter(map(hash, rows.lists.values()), np.int64, len(lists))
    keys = np.sort(keys[codes != REMOVED])
    return bool((keys[1:] == keys[:-1]).any())
