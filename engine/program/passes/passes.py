"""The passes: each makes a tape smaller without changing what it computes.

A pass is a function that rewrites a tape in place, in time linear in it. Together they turn the
scalar graph into what a processor likes: few instructions over many numbers. Any can be left out
(``compile(..., passes=...)``) to see what it does.

========  =========================================================================================
fold      operations on constants alone become constants
powers    ``x ** 2`` becomes ``x * x``, ``x ** 0.5`` a square root, ...
fuse      chains of additions and of products become dots of many terms
merge     the same operation on the same operands is done once
group     dots over the same operands, the neurons of a layer, become one dense instruction
========  =========================================================================================
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from engine.errors import UnknownNameError, known
from engine.program.passes.powers import power_row
from engine.program.passes.schedule import DOT, SUM, terms
from engine.program.passes.survey import (
    absorbable,
    fuse_multiply_adds,
    may_fold,
    put_uniforms_left,
    reading,
    repeated,
    summing,
)
from engine.program.recording.tape import FUSED, NONE, REMOVED, constant_key, operands, renamed
from engine.table.floats import total
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from engine.program.recording.tape import Rows, Tape
    from engine.table.ops import Op

ADD, MUL, POW, SQRT = (TABLE[name] for name in ("add", "mul", "pow", "sqrt"))
FEWEST_ROWS = 2
"""A group has at least as many rows."""

PRODUCTS = 4
"""Rows of a group have at least so many products for each slot that is added to them."""


def fold(tape: Tape) -> None:
    """Evaluate the operations whose operands are all constants.

    A function of a list keeps its place: it is one node, and rarely constant.

    Args:
        tape: The tape; rewritten in place.
    """
    if not may_fold(tape):
        return
    lowest, rows = ~tape.live, tape.rows  # references up to lowest are constants
    code, first, second = rows.codes, rows.first, rows.second
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
        if constant_key(result) not in index:
            index[constant_key(result)] = ~(tape.live + len(tape.constants))
            tape.constants.append(result)
        new[tape.inputs + row] = index[constant_key(result)]
        code[row] = REMOVED
    tape.outputs[:] = [rename(r, r) for r in tape.outputs]


def powers(tape: Tape) -> None:
    """Write powers with small constant exponents as products, quotients and roots.

    Args:
        tape: The tape; rewritten in place.
    """
    rows = tape.rows
    for row in _rows_of(tape, POW):
        x, y = rows.first[row], rows.second[row]
        exponent = tape.constants[~y - tape.live] if y <= ~tape.live else None
        if exponent == 2.0:
            rows.codes[row], rows.second[row] = rows.code[MUL], x
        elif exponent == 0.5:
            rows.codes[row], rows.second[row] = rows.code[SQRT], NONE
        elif (fixed := power_row(exponent)) is not None:
            rows.codes[row], rows.second[row] = rows.code[fixed], NONE


def _rows_of(tape: Tape, op: Op) -> Iterator[int]:
    """Find the rows of one operation."""
    codes = tape.rows.codes
    wanted, row, left = tape.rows.code[op], -1, codes.count(tape.rows.code[op])
    for _ in range(left):
        row = codes.index(wanted, row + 1)
        yield row


def fuse(tape: Tape) -> None:
    """Turn trees of additions, and the products they add up, into dots.

    An addition absorbs an operand that nobody else uses: another sum joins in with all its terms,
    a product becomes a pair. Terms may be added up in another order then, so the last digits may
    differ from eager ones.

    Args:
        tape: The tape; rewritten in place.
    """
    rows, inputs = tape.rows, tape.inputs
    codes, first, second = rows.codes, rows.first, rows.second
    add, mul, fused = (rows.code[op] for op in (ADD, MUL, FUSED))
    lists = {rows.code[SUM], rows.code[DOT]}
    begin = {add, mul, fused}
    listed = [row for row in rows.lists if codes[row] in lists]
    plain = [terms(rows.code.ops[codes[row]], rows.lists[row])[0] for row in listed]
    alone = absorbable(tape, add, list(chain.from_iterable(plain)))
    put_uniforms_left(tape, mul, alone)
    fuse_multiply_adds(tape, alone, [add, mul, *lists], fused)
    sums: dict[int, Terms] = {}  # by row, those that another sum is going to absorb
    for row in summing(tape, add, alone, listed):
        code = codes[row]
        if code == add:
            a, b = first[row], second[row]
            one = codes[a - inputs] if a >= inputs and alone[a] else REMOVED
            other = codes[b - inputs] if b >= inputs and alone[b] else REMOVED
            if one == fused:  # most: a sum goes on
                mine = sums.pop(a - inputs)
                codes[a - inputs] = REMOVED
            elif one == mul:
                a -= inputs
                mine = [], [first[a]], [second[a]]
                codes[a] = REMOVED
            elif one in begin or other in begin:
                mine = _with_term(([], [], []), a, one, tape, sums)
            else:
                continue  # an addition stays one
            if other == mul:  # most: by a product
                b -= inputs
                mine[1].append(first[b])
                mine[2].append(second[b])
                codes[b] = REMOVED
            elif other in begin:
                mine = _with_term(mine, b, other, tape, sums)
            else:
                mine[0].append(b)
        elif code in lists:
            alone_terms, left, right = terms(rows.code.ops[code], rows.lists[row])
            mine = ([], list(left), list(right))
            for r in alone_terms:
                absorbed = codes[r - inputs] if r >= inputs and alone[r] else REMOVED
                mine = _with_term(mine, r, absorbed, tape, sums)
        else:
            continue
        if alone[inputs + row]:
            codes[row] = fused
            sums[row] = mine
        else:
            _write_sum(rows, row, mine)


def _write_sum(rows: Rows, row: int, sum_: Terms) -> None:
    """Write a sum that is complete as a fused dot, or as an addition if it is no more than that.

    Args:
        rows: The rows; rewritten in place.
        row: Where it goes.
        sum_: Its terms.
    """
    plain, left, right = map(tuple, sum_)
    if len(plain) == 2 and not left:  # what became of a sum of one, and of its use
        rows.codes[row], (rows.first[row], rows.second[row]) = rows.code[ADD], plain
        rows.lists.pop(row, None)
    else:
        rows.codes[row], rows.first[row], rows.second[row] = rows.code[FUSED], NONE, NONE
        rows.lists[row] = plain, left, right


def _with_term(mine: Terms, r: int, absorbed: int, tape: Tape, sums: dict[int, Terms]) -> Terms:
    """Add a term to a sum: a sum as its terms, a product as a pair, else the term itself.

    Args:
        mine: The sum so far.
        r: The term.
        absorbed: The code of the term's operation, if nobody else uses it.
        tape: The tape; a row that is absorbed is removed.
        sums: The sums so far, by row; one that is absorbed is removed.

    Returns:
        The sum.
    """
    rows, row = tape.rows, r - tape.inputs
    op = rows.code.ops[absorbed]
    if op is FUSED:
        mine = _join(mine, sums.pop(row))
    elif op is MUL:
        mine[1].append(rows.first[row])
        mine[2].append(rows.second[row])
    elif op is ADD:
        mine[0].extend((rows.first[row], rows.second[row]))
    else:
        mine[0].append(r)
        return mine
    rows.codes[row] = REMOVED
    return mine


Terms = tuple[list[int], list[int], list[int]]


def _join(one: Terms, other: Terms) -> Terms:
    """Append the shorter to the longer, so that any tree of sums takes linear time or nearly."""
    if len(one[0]) + len(one[1]) < len(other[0]) + len(other[1]):
        one, other = other, one
    for mine, theirs in zip(one, other, strict=True):
        mine.extend(theirs)
    return one


def merge(tape: Tape) -> None:
    """Do the same operation on the same operands once.

    Rows that are the same from the start are merged first; then those that read these may have
    become the same, and so on. Where that does not end soon, all rows are looked at.

    Args:
        tape: The tape; rewritten in place.
    """
    new: dict[int, int] = {}
    every = range(len(tape.rows))
    suspects, turns = repeated(tape), TURNS
    while (merged := _merge_among(tape, suspects, new)) and len(suspects) < len(every):
        turns -= 1
        suspects = reading(tape, merged) if turns else every
    tape.outputs[:] = [_latest(r, new) for r in tape.outputs]


TURNS = 8
"""How often only the readers of merged rows are looked at; then all rows are."""


def _merge_among(tape: Tape, suspects: Iterable[int], new: dict[int, int]) -> set[int]:
    """Merge rows.

    Args:
        tape: The tape; rewritten in place.
        suspects: The rows that are looked at, ascending.
        new: By slot, what a removed row is instead; filled.

    Returns:
        The slots of the rows that were merged, those of the removed ones and of the others.
    """
    rows = tape.rows
    codes, first, second, lists = rows.codes, rows.first, rows.second, rows.lists
    seen: dict[Any, int] = {}
    merged: set[int] = set()
    for row in suspects:
        code, a, b = codes[row], first[row], second[row]
        if code == REMOVED:
            continue
        if a in new:
            a = first[row] = _latest(a, new)
        if b in new:
            b = second[row] = _latest(b, new)
        key: Any = code, a, b
        if a == NONE:
            args = lists[row]
            if not new.keys().isdisjoint(operands(args)):
                args = lists[row] = renamed(args, lambda r: _latest(r, new))
            key = code, args
        slot = tape.inputs + row
        same = seen.setdefault(key, slot)
        if same != slot:
            new[slot] = same
            merged |= {slot, same}
            codes[row] = REMOVED
    return merged


def _latest(r: int, new: dict[int, int]) -> int:
    """Follow a reference to what it became."""
    while r in new:
        r = new[r]
    return r


def group(tape: Tape) -> None:
    """Find the dots over the same operands with uniform weights: the neurons of a layer.

    Each may have a bias, and slots to be added: a layer whose input is added to its output.

    Args:
        tape: The tape; its ``groups`` are filled.
    """
    rows = tape.rows
    ops = {rows.code[op]: op for op in (FUSED, DOT)}
    layers: dict[Any, list[int]] = {}
    for row in sorted(rows.lists):
        op = ops.get(rows.codes[row])
        if op is not None and row < tape.checks_from:
            plain, left, right = rows.lists[row] if op is FUSED else terms(op, rows.lists[row])
            if plain and len(left) < PRODUCTS and max(plain) >= 0:
                continue  # most: too few products for a slot to be added
            key = _layer_key(tape, plain, left, right)
            if key is not None:
                layers.setdefault(key, []).append(row)
    for found in layers.values():
        if len(found) >= FEWEST_ROWS:
            tape.groups[found[0]] = [_products(rows, tape.inputs, row) for row in found]


def _products(rows: Rows, inputs: int, row: int) -> int:
    """Split a dot with slots to be added, which need not be written when its layer is computed.

    Args:
        rows: The rows; the products and the bias become a row of their own at the end, and the
            row adds the slots to that.
        inputs: The number of inputs.
        row: The dot.

    Returns:
        The row of products, which is the row itself if there are no slots.
    """
    plain, left, right = terms(rows.code.ops[rows.codes[row]], rows.lists[row])
    if max(plain, default=-1) < 0:
        return row
    products = len(rows)
    rows.append(FUSED, (NONE, NONE))
    rows.lists[products] = tuple([r for r in plain if r < 0]), left, right
    slots = [r for r in plain if r >= 0]
    _write_sum(rows, row, ([inputs + products, *slots], [], []))
    return products


def _layer_key(
    tape: Tape, plain: tuple[int, ...], left: tuple[int, ...], right: tuple[int, ...]
) -> Any:
    """Say which layer a dot belongs to; None if it is not one of uniform weights."""
    biased = len([r for r in plain if r < 0])
    if biased > 1 or len(left) < max(1, PRODUCTS * (len(plain) - biased)):
        return None
    if max(left) < 0 <= min(right):
        weights, columns = left, right
    elif max(right) < 0 <= min(left):
        weights, columns = right, left
    elif all((a < 0) != (b < 0) for a, b in zip(left, right, strict=True)):
        weights = tuple(map(min, left, right))
        columns = tuple(map(max, left, right))
    else:
        return None
    lowest = ~tape.parameters  # references above it are parameters
    if min(weights) > lowest:
        return columns, True, biased
    if max(weights) <= lowest:
        return columns, False, biased
    return None


PASSES: Mapping[str, Callable[[Tape], None]] = {
    "fold": fold,
    "powers": powers,
    "fuse": fuse,
    "merge": merge,
    "group": group,
}
"""All passes by name, in the order in which they run."""


def run_passes(tape: Tape, names: Iterable[str]) -> None:
    """Run some passes, always in their own order.

    Args:
        tape: The tape; rewritten in place.
        names: Names from `PASSES`.

    Raises:
        UnknownNameError: If there is no such pass.
    """
    wanted = set(names)
    for name in sorted(wanted - set(PASSES)):
        raise UnknownNameError(f"there is no pass {name!r}; the passes are {known(PASSES)}")
    for name, rewrite in PASSES.items():
        if name in wanted:
            rewrite(tape)
