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

from typing import TYPE_CHECKING

from engine.errors import UnknownNameError, known
from engine.program.passes.fold import fold
from engine.program.passes.fuse import fuse
from engine.program.passes.group import group
from engine.program.passes.merge import merge
from engine.program.passes.powers import powers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.program.recording.tape import Tape

PASSES: Mapping[str, Callable[[Tape], None]] = {
    "fold": fold,
    "powers": powers,
    "fuse": fuse,
    "merge": merge,
    "group": group,
}
"""All passes by name, in the order in which they run."""


def run_passes(tape: Tape, names: Iterable[str]) -> None:
    """Run the named passes, always in their own order."""
    wanted = set(names)
    for name in sorted(wanted - set(PASSES)):
        raise UnknownNameError(f"there is no pass {name!r}; the passes are {known(PASSES)}")
    for name, rewrite in PASSES.items():
        if name in wanted:
            rewrite(tape)
