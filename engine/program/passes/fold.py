"""Operations on constants alone become constants."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.program.recording.tape import NONE, REMOVED, constant_key
from engine.table.floats import total

if TYPE_CHECKING:
    from engine.program.recording.tape import Tape


def fold(tape: Tape) -> None:
    """Evaluate the operations whose operands are all constants.

    A function of a list keeps its place: it is one node, and rarely constant.
    """
    lowest, rows = ~tape.live, tape.rows  # references up to lowest are constants
    code, first, second = rows.codes, rows.first, rows.second
    if min(first, default=NONE) > lowest and all(max(a) > lowest for a in rows.lists.values()):
        return  # most often: no row has only constants
    new: dict[int, int] = {}
    rename = new.get
    index = {constant_key(x): ~(tape.live + k) for k, x in enumerate(tape.constants)}
    for row, (a, b) in enumerate(zip(first, second, strict=True)):
        if a in new:
            a = first[row] = new[a]  # noqa: PLW2901 - as if it had always been that
        if b in new:
            b = second[row] = new[b]  # noqa: PLW2901 - the same
        if a <= lowest:
            args = (a,) if b == NONE else (a, b)
        elif a == NONE:
            args = rows.lists[row] = tuple([rename(r, r) for r in rows.lists[row]])
        else:
            continue
        op = rows.code.ops[code[row]]
        if max(args) > lowest or op.variadic:
            continue
        numbers = [tape.constants[~r - tape.live] for r in args]
        result = total(op.forward, op.operands)(*numbers)
        key = constant_key(result)
        if key not in index:
            index[key] = ~(tape.live + len(tape.constants))
            tape.constants.append(result)
        new[tape.inputs + row] = index[key]
        code[row] = REMOVED
    tape.outputs[:] = [rename(r, r) for r in tape.outputs]
