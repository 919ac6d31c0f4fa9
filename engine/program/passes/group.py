"""Dots over the same operands, the neurons of a layer, become one dense instruction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.program.passes.fuse import write_sum
from engine.program.recording.tape import DOT, FUSED, NONE, terms

if TYPE_CHECKING:
    from engine.program.recording.tape import Rows, Tape

FEWEST_ROWS = 2
"""A group has at least as many rows."""

PRODUCTS = 4
"""Rows of a group have at least so many products for each slot that is added to them."""


def group(tape: Tape) -> None:
    """Find the dots over the same operands with uniform weights: the neurons of a layer.

    Each may have a bias, and slots to be added: a layer whose input is added to its output.
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

    The products and the bias become a row at the end; without slots the row stays what it is.
    """
    plain, left, right = terms(rows.code.ops[rows.codes[row]], rows.lists[row])
    if max(plain, default=-1) < 0:
        return row
    products = len(rows)
    rows.append(FUSED, (NONE, NONE))
    rows.lists[products] = tuple([r for r in plain if r < 0]), left, right
    slots = [r for r in plain if r >= 0]
    write_sum(rows, row, ([inputs + products, *slots], [], []))
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
