"""Guards: the comparisons a recording made, checked again at every replay.

If recording code says ``if x > 0``, the graph is that of one side only. Each comparison becomes an
instruction that gives 1.0 where it comes out as recorded and 0.0 where not; the product of all is
one more output, the verdict. Comparing ``x.data`` instead of ``x`` is invisible: that number is
the code's own business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.core.comparisons import RELATIONS
from engine.core.domain import named
from engine.core.node import Node
from engine.errors import BranchChangedError, CompileError
from engine.table.ops import TABLE, Op

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.core.comparisons import Branch

PRODUCT = TABLE["mul"]


class Guard(NamedTuple):
    """One comparison: ``left relation right`` was ``outcome``, in that line of that file."""

    left: Any
    relation: str
    right: Any
    outcome: bool
    file: str
    line: int

    @classmethod
    def of(cls, compared: Node, branch: Branch) -> Guard:
        """Take what a comparison left on a Value; its right side must still exist."""
        other = branch.other
        if branch.reference is not None and not isinstance(other, Node):
            raise CompileError(
                f"{branch.file}:{branch.line} compared {named(compared)} with a Value that no "
                "longer exists, so a replay could not tell which way it goes. Use engine.compile "
                "as a decorator of the function, keep both Values alive, or compare their .data "
                "if the branch does not matter to the result"
            )
        return cls(compared, branch.relation, other, branch.outcome, *branch[3:5])

    def holds(self, number: Callable[[Any], float]) -> bool:
        """Compare again: ``number`` gives the new number of a Value, or a plain number itself."""
        held = RELATIONS[self.relation](number(self.left), number(self.right))
        return bool(held) is self.outcome

    def error(self, number: Callable[[Any], float], sample: int) -> BranchChangedError:
        """Describe the change, on the sample of that row in the batch; to be raised."""
        left, right = (_written(x, number) for x in (self.left, self.right))
        return BranchChangedError(
            f"{self.file}:{self.line} compared {left} {self.relation} {right}: that was "
            f"{self.outcome} when the graph was recorded and is {not self.outcome} for sample "
            f"{sample} of the batch, which would have made another graph. Record and compile the "
            "other branch too, or use engine.compile as a decorator: it does so by itself"
        )


def _written(x: Any, number: Callable[[Any], float]) -> str:
    label = x.label if isinstance(x, Node) else ""
    return f"{label} = {number(x)!r}" if label else repr(number(x))


def collect(pairs: Iterable[tuple[Node, Branch]]) -> list[Guard]:
    """Turn comparisons into guards, each once."""
    return list(dict.fromkeys(Guard.of(compared, branch) for compared, branch in pairs))


_VERDICTS = {
    (relation, outcome): Op(
        f"{'' if outcome else 'not '}{relation}",
        relation,
        f"1.0 if x {relation} y else 0.0" if outcome else f"0.0 if x {relation} y else 1.0",
        ("0.0", "0.0"),
        "Whether a comparison comes out as recorded.",
        "",
        (),
        ("x", "y"),
    )
    for relation in RELATIONS
    for outcome in (True, False)
}


def verdict_row(guard: Guard) -> Op:
    """Find the row that gives 1.0 where a guard holds, else 0.0.

    Example:
        >>> verdict_row(Guard(None, "<", 0.0, False, "f.py", 3)).forward
        '0.0 if x < y else 1.0'
    """
    return _VERDICTS[guard.relation, guard.outcome]
