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

from typing import TYPE_CHECKING, Any

from engine.errors import UnknownNameError, known
from engine.float_code import total
from engine.ops import TABLE
from engine.program.powers import power_row
from engine.program.schedule import DOT, LOGSUMEXP, SUM, terms
from engine.program.tape import FUSED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.ops import Op
    from engine.program.tape import Tape

ADD, MUL, DIV, POW, SQRT = (TABLE[name] for name in ("add", "mul", "div", "pow", "sqrt"))
FEWEST_ROWS = 2
"""A group has at least as many rows."""

PRODUCTS = 4
"""Rows of a group have at least so many products for each slot that is added to them."""


def fold(tape: Tape) -> None:
    """Evaluate the operations whose operands are all constants.

    Args:
        tape: The tape; rewritten in place.
    """
    if not tape.constants:
        return
    lowest = ~tape.live  # references up to here are constants
    new: dict[int, int] = {}
    moved = new.keys()
    index = {_key(x): ~(tape.live + k) for k, x in enumerate(tape.constants)}
    for row, given in enumerate(tape.args):
        args = given
        if new and not moved.isdisjoint(given):
            args = tape.args[row] = tuple([new.get(r, r) for r in given])
        if args[0] > lowest or max(args) > lowest:
            continue
        op = tape.ops[row]
        if op is None or op in _LISTS:
            # A function of a list keeps its place: it is one node, and rarely constant.
            continue
        numbers = [tape.constants[~r - tape.live] for r in args]
        result = total(op.forward, op.operands)(*numbers)
        if _key(result) not in index:
            index[_key(result)] = ~(tape.live + len(tape.constants))
            tape.constants.append(result)
        new[tape.inputs + row] = index[_key(result)]
        tape.ops[row] = None
    tape.outputs[:] = [new.get(r, r) for r in tape.outputs]


_LISTS = (SUM, DOT, LOGSUMEXP)


def _key(number: float) -> Any:
    return number or str(number)  # 0.0 and -0.0 are different constants


def powers(tape: Tape) -> None:
    """Write powers with small constant exponents as products, quotients and roots.

    Args:
        tape: The tape; rewritten in place.
    """
    for row, op in enumerate(tape.ops):
        if op is POW:
            x, y = tape.args[row]
            exponent = tape.constants[~y - tape.live] if y <= ~tape.live else None
            if exponent == 2.0:
                tape.ops[row], tape.args[row] = MUL, (x, x)
            elif exponent == 0.5:
                tape.ops[row], tape.args[row] = SQRT, (x,)
            elif (fixed := power_row(exponent)) is not None:
                tape.ops[row], tape.args[row] = fixed, (x,)


def fuse(tape: Tape) -> None:
    """Turn trees of additions, and the products they add up, into dots.

    An addition absorbs an operand that nobody else uses: another sum joins in with all its terms,
    a product becomes a pair. Terms may be added up in another order then, so the last digits may
    differ from eager ones.

    Args:
        tape: The tape; rewritten in place.
    """
    ops, args, first = tape.ops, tape.args, tape.inputs
    uses = count_uses(tape)
    sums: dict[int, Terms] = {}  # by row, what became a dot
    for row, op in enumerate(ops):
        if op is ADD:
            a, b = args[row]
            one = ops[a - first] if a >= first and uses[a] == 1 else None
            other = ops[b - first] if b >= first and uses[b] == 1 else None
            if one is FUSED:  # most: a sum goes on
                mine = sums.pop(a - first)
                ops[a - first] = None
            elif one in _ABSORBED or other in _ABSORBED:
                mine = _with_term(([], [], []), a, one, tape, sums)
            else:
                continue  # an addition stays one
            if other is MUL:  # most: by a product
                left, right = args[b - first]
                mine[1].append(left)
                mine[2].append(right)
                ops[b - first] = None
            else:
                mine = _with_term(mine, b, other, tape, sums)
        elif op is SUM or op is DOT:
            plain, *pairs = terms(op, args[row])
            mine = ([], list(pairs[0]), list(pairs[1]))
            for r in plain:
                absorbed = ops[r - first] if r >= first and uses[r] == 1 else None
                mine = _with_term(mine, r, absorbed, tape, sums)
        else:
            continue
        sums[row] = mine
        ops[row] = FUSED
    for row, found in sums.items():
        alone, left, right = map(tuple, found)
        if len(alone) == 2 and not left:  # what became of a sum of one, and of its use
            ops[row], args[row] = ADD, alone
        else:
            args[row] = (alone, left, right)


def _with_term(
    mine: Terms, r: int, absorbed: Op | None, tape: Tape, sums: dict[int, Terms]
) -> Terms:
    """Add a term to a sum: a sum as its terms, a product as a pair, else the term itself.

    Args:
        mine: The sum so far.
        r: The term.
        absorbed: The term's operation, if nobody else uses it.
        tape: The tape; a row that is absorbed is removed.
        sums: The sums so far, by row; one that is absorbed is removed.

    Returns:
        The sum.
    """
    row = r - tape.inputs
    if absorbed is FUSED:
        mine = _join(mine, sums.pop(row))
    elif absorbed is MUL:
        a, b = tape.args[row]
        mine[1].append(a)
        mine[2].append(b)
    elif absorbed is ADD:
        mine[0].extend(tape.args[row])
    else:
        mine[0].append(r)
        return mine
    tape.ops[row] = None
    return mine


Terms = tuple[list[int], list[int], list[int]]
_ABSORBED = frozenset((ADD, MUL, FUSED))


def _join(one: Terms, other: Terms) -> Terms:
    """Append the shorter to the longer, so that any tree of sums takes linear time or nearly."""
    if len(one[0]) + len(one[1]) < len(other[0]) + len(other[1]):
        one, other = other, one
    for mine, theirs in zip(one, other, strict=True):
        mine.extend(theirs)
    return one


def count_uses(tape: Tape) -> list[int]:
    """Count how often each slot is read, as an operand or as an output.

    Args:
        tape: The tape, before `fuse`.

    Returns:
        A count for each slot; behind them, where negative references point, those of uniforms.
    """
    uses = [0] * (tape.inputs + len(tape.ops) + tape.live + len(tape.constants))
    for references in tape.args:
        if len(references) == 2:  # most, and quicker without a loop
            a, b = references
            uses[a] += 1
            uses[b] += 1
        else:
            for r in references:
                uses[r] += 1
    for r in tape.outputs:
        uses[r] += 1
    return uses


def merge(tape: Tape) -> None:
    """Do the same operation on the same operands once.

    Args:
        tape: The tape; rewritten in place.
    """
    ops, args, first = tape.ops, tape.args, tape.inputs
    seen: dict[Any, dict[Any, int]] = {op: {} for op in set(ops)}
    new: dict[int, int] = {}
    rename, moved = new.get, new.keys()
    for row, op in enumerate(ops):
        if op is None:
            continue
        given = args[row]
        if new:
            if op is FUSED:
                given = tuple([tuple([rename(r, r) for r in part]) for part in given])
            elif not moved.isdisjoint(given):
                given = tuple([rename(r, r) for r in given])
            args[row] = given
        slot = first + row
        same = seen[op].setdefault(given, slot)
        if same != slot:
            new[slot] = same
            ops[row] = None
    tape.outputs[:] = [rename(r, r) for r in tape.outputs]


def group(tape: Tape) -> None:
    """Find the dots over the same operands with uniform weights: the neurons of a layer.

    Each may have a bias, and slots to be added: a layer whose input is added to its output.

    Args:
        tape: The tape; its ``groups`` are filled.
    """
    layers: dict[Any, list[int]] = {}
    for row in range(tape.checks_from):
        op = tape.ops[row]
        if op is FUSED or op is DOT:
            key = _layer_key(tape, *terms(op, tape.args[row]))
            if key is not None:
                layers.setdefault(key, []).append(row)
    tape.groups = [rows for rows in layers.values() if len(rows) >= FEWEST_ROWS]


def _layer_key(
    tape: Tape, plain: tuple[int, ...], left: tuple[int, ...], right: tuple[int, ...]
) -> Any:
    """Say which layer a dot belongs to; None if it is not one of uniform weights."""
    biased = sum(r < 0 for r in plain)
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
    "fold": fold, "powers": powers, "fuse": fuse, "merge": merge, "group": group,
}  # fmt: skip
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
