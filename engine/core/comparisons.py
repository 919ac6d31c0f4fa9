"""Comparisons of Values: what they give, and who remembers that they were made.

A graph recorded behind ``if x > 0`` is that of one side only. So each comparison is remembered
with its outcome and the line that made it, and replay checks that it still comes out so
(`engine.program.recording.guards`). Comparing ``x.data`` instead of ``x`` leaves no trace.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from operator import ge, gt, le, lt
from typing import Any, NamedTuple
from weakref import ReferenceType, WeakKeyDictionary, ref

from engine.arguments import real
from engine.core.domain import is_array
from engine.core.node import Node
from engine.core.scopes import Scope


class Branch(NamedTuple):
    """A comparison that the recording code made on a Value, and how it came out.

    Replay reads these: on numbers that compare differently, the recorded graph is another one.

    Attributes:
        relation: The comparison: ``<``, ``<=``, ``>`` or ``>=``.
        number: The number on its right.
        outcome: What it gave.
        file: The file of the code that compared.
        line: The line in it.
        reference: If a Value was on the right, a weak reference to it. A strong one would keep
            every loss alive that a training loop compares with the best so far.
    """

    relation: str
    number: float
    outcome: bool
    file: str
    line: int
    reference: ReferenceType[Node] | None = None

    @property
    def other(self) -> Node | float:
        """What was on the right; of a Value that no longer exists, its number."""
        value = self.reference() if self.reference is not None else None
        return self.number if value is None else value


RELATIONS: dict[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
"""The comparisons that branches are made of; numbers of any kind, as ``.data`` may be assigned."""

MOST_BRANCHES = 1000
"""Past this many different comparisons a Value forgets the oldest: it may outlive many graphs."""

Observer = Callable[[Node, Branch], None]
"""Told of every comparison, also of those on Values that no result depends on."""

watched: Scope[Observer | None] = Scope("watched", None)
"""Who observes the comparisons that are made here."""


def compare(left: Node, relation: str, right: Any) -> bool:
    """Compare the number of a node, for an operator that was called by the recording code.

    Args:
        left: The node.
        relation: One of `RELATIONS`.
        right: A node or a real number.

    Returns:
        The outcome; it is remembered. ``NotImplemented`` for an array, so that NumPy compares
        each of its elements.

    Raises:
        ValueTypeError: If ``right`` is none of these.
    """
    if is_array(right):
        return NotImplemented  # type: ignore[no-any-return]  # Python's protocol
    is_node = isinstance(right, Node)
    number = right.data if is_node else real(right, f"the right of {relation!r}")
    outcome = bool(RELATIONS[relation](left.data, number))
    frame = sys._getframe(2)  # noqa: SLF001 - the line that branched, for replay's report
    place = frame.f_code.co_filename, frame.f_lineno
    branch = Branch(relation, number, outcome, *place, ref(right) if is_node else None)
    remember(left, branch)
    if left.a is not None or (is_node and right.a is not None):
        _hold([left, right] if is_node else [left])
    if watched.blocks and (observer := watched.setting()) is not None:
        observer(left, branch)
    return outcome


# Beside the nodes, since few are ever compared; an entry goes when its Value does.
_branches: WeakKeyDictionary[Node, dict[Any, Branch]] = WeakKeyDictionary()


def branches(node: Node) -> tuple[Branch, ...]:
    """List the comparisons made on a node; of the same one on the same line, the latest."""
    return tuple(_branches.get(node, {}).values())


def remember(compared: Node, branch: Branch) -> None:
    """Keep a comparison, instead of an earlier one of the same things on the same line."""
    kept = _branches.setdefault(compared, {})
    right = branch.number if branch.reference is None else branch.reference
    key = (branch.relation, right, branch.file, branch.line)
    kept.pop(key, None)
    kept[key] = branch
    if len(kept) > MOST_BRANCHES:
        del kept[next(iter(kept))]


def compared_values() -> list[Node]:
    """List the living Values that were ever compared; replay looks for its guards among them."""
    return list(_branches)


def compared_above(leaf: Node) -> list[Node]:
    """List the compared Values that a leaf holds; replay looks for its guards there too."""
    return [v for v in tuple(leaf.da or ()) if v in _branches]  # another thread may compare


NEAR = 64
"""A leaf holds a compared Value if it depends on no more Values than this."""


def _hold(compared: list[Node]) -> None:
    """Let the leaves below a comparison hold what was compared, for nothing else may.

    After ``if a - b > 0: y = 2 * a`` the difference is nobody's operand, but a replay of ``y``
    must look at it again. Leaf and difference hold one another then; the collector frees them.
    Large graphs, losses say, are not held: they would pile up at parameters.
    """
    seen, leaves = set(compared), []
    stack = list(compared)
    while stack:
        node = stack.pop()
        if node.a is None:
            leaves.append(node)
            continue
        for parent in node.parents:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
                if len(seen) > NEAR:
                    return
    for leaf in leaves:
        if not leaf.is_constant:
            held = leaf.da = leaf.da or {}  # a leaf has no partials: the slot is free
            for one in compared:  # the latest last
                held.pop(one, None)
                held[one] = None
            while len(held) > MOST_BRANCHES:
                del held[next(iter(held))]
