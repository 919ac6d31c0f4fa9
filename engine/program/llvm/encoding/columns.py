"""The instructions of a flat program as tables of whole numbers, one for each kind.

Python looks at each instruction once, here; everything after that is arithmetic on arrays.

A *table* is an array of shape (1 + columns, rows). Its first line says which instruction a row
belongs to (its position in the program), in ascending order; the others are the row's numbers.
"""

from __future__ import annotations

from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.program.instructions import Apply, Dot, Group, Load, LogSumExp
from engine.program.llvm.encoding.stretches import ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from engine.program.instructions import Instruction
    from engine.table.ops import Op

Table = Any  # NDArray[np.int32] of two dimensions
_NUMBERS = np.int32


class Columns(NamedTuple):
    """The instructions of a program, by kind.

    Attributes:
        total: How many instructions there are.
        most_operands: As many as any instruction of `applied` has, at least 1.
        ops: The rows of the derivative table that are applied; a number below is an index.
        applied: A table for each number of operands: op, out, operands.
        loads: out, uniform.
        dots: out.
        plain: The plain terms of dots: reference.
        pairs: The products of dots: left, right.
        groups: first out, outs, columns.
        columns: The columns of groups: slot.
        weights: The weights of groups: uniform.
        biases: The biases of groups: row, uniform.
        logsumexps: out.
        exponents: The operands of these: slot.
    """

    total: int
    most_operands: int
    ops: list[Op]
    applied: list[Table]
    loads: Table
    dots: Table
    plain: Table
    pairs: Table
    groups: Table
    columns: Table
    weights: Table
    biases: Table
    logsumexps: Table
    exponents: Table


def columns(instructions: Sequence[Instruction]) -> Columns:
    """Read instructions into tables.

    Args:
        instructions: Those of a flat program.

    Returns:
        The tables.
    """
    kinds = list(map(type, instructions))
    codes = _whole(map(_CODES.__getitem__, kinds), len(kinds))

    def of(kind: type) -> tuple[NDArray[np.int32], list[Any]]:
        at = np.flatnonzero(codes == _CODES[kind]).astype(_NUMBERS)
        if len(at) == len(kinds):
            return at, list(instructions)
        return at, list(map(instructions.__getitem__, at.tolist()))

    ops, applied = _applied(*of(Apply))
    at, loads = of(Load)
    loaded = table(at, _field(loads, 0), _field(loads, 1))
    at, dots = of(Dot)
    left, right = _lists(at, dots, 2), _lists(at, dots, 3)
    found = Columns(
        len(kinds),
        max((len(t) - 3 for t in applied), default=1),
        ops,
        applied,
        loaded,
        table(at, _field(dots, 0)),
        _lists(at, dots, 1),
        table(*left, right[1]),
        *_groups(*of(Group)),
        *_logsumexps(*of(LogSumExp)),
    )
    return found  # noqa: RET504 - named for the reader


class Written(NamedTuple):
    """What each instruction writes.

    Attributes:
        first: The first slot.
        sizes: How many slots; they are consecutive.
        slots: All of them, instruction by instruction.
        starts: Where in ``slots`` those of each instruction begin.
    """

    first: NDArray[np.int32]
    sizes: NDArray[np.int32]
    slots: Any
    starts: Any


def written(c: Columns) -> Written:
    """Find what each instruction writes.

    Args:
        c: The instructions.

    Returns:
        Their slots.
    """
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


_CODES = {kind: code for code, kind in enumerate((Load, Apply, Dot, Group, LogSumExp))}


def _whole(numbers: Iterable[int], count: int = -1) -> NDArray[np.int32]:
    return np.fromiter(numbers, _NUMBERS, count)


def _field(steps: list[Any], field: int) -> NDArray[np.int32]:
    return _whole(map(itemgetter(field), steps), len(steps))


def _sizes(steps: list[Any], field: int) -> NDArray[np.int32]:
    return _whole(map(len, map(itemgetter(field), steps)), len(steps))


def _lists(at: NDArray[np.int32], steps: list[Any], field: int) -> Table:
    """Make a table of the members of a field that holds lists."""
    owners = np.repeat(at, _sizes(steps, field))
    members = chain.from_iterable(map(itemgetter(field), steps))
    return table(owners, _whole(members, len(owners)))


def _applied(at: NDArray[np.int32], steps: list[Apply]) -> tuple[list[Op], list[Table]]:
    ops = list(dict.fromkeys(map(itemgetter(1), steps)))
    number = {op: k for k, op in enumerate(ops)}
    op = _whole(map(number.__getitem__, map(itemgetter(1), steps)), len(steps))
    out, operands = _field(steps, 0), _lists(at, steps, 2)[1]
    arity = np.array([len(row.operands) for row in ops], dtype=_NUMBERS)[op]
    first = np.cumsum(arity) - arity
    tables = []
    for width in np.unique(arity).tolist():
        mine = np.flatnonzero(arity == width)
        given = [operands[first[mine] + k] for k in range(width)]
        tables.append(table(at[mine], op[mine], out[mine], *given))
    return ops, tables


def _groups(at: NDArray[np.int32], steps: list[Group]) -> Iterator[Table]:
    first = _whole((step.outs[0] for step in steps), len(steps))
    yield table(at, first, _sizes(steps, 0), _sizes(steps, 1))
    yield _lists(at, steps, 1)
    yield _lists(at, steps, 2)
    biases = _lists(at, steps, 3)
    rows = _whole(chain.from_iterable(range(len(step.biases)) for step in steps))
    yield table(biases[0], rows, biases[1])


def _logsumexps(at: NDArray[np.int32], steps: list[LogSumExp]) -> Iterator[Table]:
    yield table(at, _field(steps, 0))
    yield _lists(at, steps, 1)
