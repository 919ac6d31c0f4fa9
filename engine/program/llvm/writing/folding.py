"""Adding up the lanes of vectors: several vectors at once, which takes fewer steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.program.llvm.writing.ir import Function


def totals(f: Function, vectors: Sequence[str]) -> list[str]:
    """Write the sum of the lanes of each vector.

    Of as many vectors as a power of two, neighbours are folded into one, again and again, until
    as few are left as hold the totals, in order. Before a step, a vector holds parts of ``stride``
    totals, over and over; folding adds parts that are a stride apart.
    """
    folded, stride = list(vectors), 1
    while stride < f.width.lanes:
        pairs = zip(folded[::2], folded[1::2], strict=True) if folded[1:] else [(folded[0],) * 2]
        folded = [_fold(f, a, b, stride) for a, b in pairs]
        stride *= 2
    return folded


def _fold(f: Function, a: str, b: str, stride: int) -> str:
    lanes = f.width.lanes
    low = [
        lane // (2 * stride) * (2 * stride)
        + lane % stride
        + lanes * (lane % (2 * stride) >= stride)
        for lane in range(lanes)
    ]
    one, other = (f.shuffle(a, b, [k + shift for k in low]) for shift in (0, stride))
    added: str = f.add(one, other)
    return added


def grow(f: Function, place: str, vectors: Sequence[str]) -> None:
    """Write: the numbers from a place on, a power of two, grow by the sums of lanes of vectors."""
    lanes = f.width.lanes
    size = min(len(vectors), lanes)
    kind = f"<{size} x double>"
    for k, found in enumerate(totals(f, vectors)):
        more = f.shuffle(found, found, list(range(size)))
        at = f.at(place, k * lanes)
        before = f.let(f"load {kind}, ptr {at}, align 8", "v")
        f.do(f"store {kind} {f.let(f'fadd {kind} {before}, {more}', 'v')}, ptr {at}, align 8")
