"""What a sweep does with the operands of a row, and what their partials read."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from engine.table.language import names

if TYPE_CHECKING:
    from engine.table.ops import Op

IDLE, GROWS, BEGINS = range(3)
"""Modes of an operand in a sweep: it needs no gradient; add to it; write it for the first time."""


def group_back(*, fresh: bool, added: bool) -> str:
    """Name the handler of a group's partials.

    Example:
        >>> group_back(fresh=True, added=False)
        'group_back_fresh'
    """
    return "group_back" + "_fresh" * fresh + "_added" * added


@cache
def reads(op: Op) -> tuple[tuple[int, ...], ...]:
    """List for each partial of a row what it reads: 0 is the result, 1 the first operand.

    Example:
        >>> from engine.table.ops import TABLE
        >>> reads(TABLE["mul"]), reads(TABLE["tanh"])
        (((2,), (1,)), ((0,),))
    """
    every = ("z", *op.operands)
    return tuple(
        [tuple([k for k, name in enumerate(every) if name in names(text)]) for text in op.partials]
    )
