"""Comparisons of Values: what they give, and what is remembered of them.

A graph recorded behind ``if x > 0`` is that of one side only. So each comparison is remembered
with its outcome and the line that made it, and replay checks that it still comes out so
(`engine.program.recording.guards`). Comparing ``x.data`` instead of ``x`` leaves no trace.

All of it is kept beside the nodes, since few are ever compared, and keeps no node alive.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from operator import ge, gt, le, lt
from typing import Any, NamedTuple
from weakref import ReferenceType, WeakKeyDictionary, ref

from engine.arguments import real
from engine.core.domain import is_array
from engine.core.flattening import restored, written
from engine.core.node import Node
from engine.core.scopes import Scope

MOST_BRANCHES = 1000
"""Past this many different comparisons a Value forgets the oldest: it may outlive many graphs."""

NEAR = 64
"""How a compared Value was made is remembered if it depends on no more Values than this."""


class Recipe:
    """How a compared Value was made, to make it again if it goes.

    After ``if a - b > 0: y = 2 * a`` the difference is nobody's operand, and gone; but a replay of
    ``y`` must look at it again.
    """

    __slots__ = ("_nodes", "_rows")

    def __init__(self, order: list[Node]) -> None:
        place = {n: k for k, n in enumerate(order)}
        self._nodes = [*map(ref, order)]
        self._rows = [written(n, place) for n in order]

    def value(self) -> Node:
        """Give the Value: itself while it lives, else one made again of what still lives."""
        value = self._nodes[-1]()
        if value is not None:
            return value
        made: list[Node] = []
        for node, row in zip(self._nodes, self._rows, strict=True):
            living = node()
            made.append(restored(row, made) if living is None else living)
        self._nodes = [ref(n) for n in made]  # the same one again for as long as it lives
        return made[-1]


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
        recipe: If that Value was made of a few others, how.
    """

    relation: str
    number: float
    outcome: bool
    file: str
    line: int
    reference: ReferenceType[Node] | None = None
    recipe: Recipe | None = None

    @property
    def living(self) -> Node | None:
        """The Value that was on the right, if there was one and it still exists."""
        return self.reference() if self.reference is not None else None

    @property
    def other(self) -> Node | float:
        """What was on the right; of a Value that is gone and cannot be made again, its number."""
        value = self.living
        if value is None and self.recipe is not None:
            value = self.recipe.value()
        return self.number if value is None else value


class _Compared:
    """What is kept of a Value on the left of comparisons, also when it is gone."""

    __slots__ = ("branches", "recipe")

    def __init__(self) -> None:
        self.branches: dict[Any, Branch] = {}
        self.recipe: Recipe | None = None


RELATIONS: dict[str, Callable[[float, float], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}
"""The comparisons that branches are made of."""

Observer = Callable[[Node, Branch], None]
"""Told of every comparison, also of those on Values that no result depends on."""

watched: Scope[Observer | None] = Scope("watched", None)
"""Who observes the comparisons that are made here."""

# Both are weak: an entry goes when its Value does.
_compared: WeakKeyDictionary[Node, _Compared] = WeakKeyDictionary()
_above: WeakKeyDictionary[Node, dict[_Compared, None]] = WeakKeyDictionary()  # by leaf


def compare(left: Node, relation: str, right: Any) -> bool:
    """Compare the number of a node, for an operator that was called by the recording code.

    The outcome is remembered. It is ``NotImplemented`` for an array, so that NumPy compares each
    of its elements.
    """
    if is_array(right):
        return NotImplemented  # type: ignore[no-any-return]  # Python's protocol
    is_node = isinstance(right, Node)
    number = right.number if is_node else real(right, f"the right of {relation!r}")
    outcome = RELATIONS[relation](left.number, number)
    frame = sys._getframe(2)  # noqa: SLF001 - the line that branched, for replay's report
    place = frame.f_code.co_filename, frame.f_lineno
    branch = Branch(relation, number, outcome, *place, ref(right) if is_node else None)
    if left.a is None and (not is_node or right.a is None):
        remember(left, branch)
    else:
        _hold(left, right if is_node else None, branch)
    if watched.blocks and (observer := watched.setting()) is not None:
        observer(left, branch)
    return outcome


def branches(node: Node) -> tuple[Branch, ...]:
    """List the comparisons made on a node; of the same one on the same line, the latest."""
    compared = _compared.get(node)
    return () if compared is None else tuple(compared.branches.values())


def remember(left: Node, branch: Branch) -> _Compared:
    """Keep a comparison, instead of an earlier one of the same things on the same line."""
    compared = _compared.get(left)
    if compared is None:
        compared = _compared[left] = _Compared()
    right = branch.number if branch.reference is None else branch.reference
    _put_last(compared.branches, (branch.relation, right, branch.file, branch.line), branch)
    return compared


def _put_last(kept: dict[Any, Any], key: Any, kept_there: Any) -> None:
    kept.pop(key, None)
    kept[key] = kept_there
    if len(kept) > MOST_BRANCHES:
        del kept[next(iter(kept))]


def _hold(left: Node, right: Node | None, branch: Branch) -> None:
    """Remember a comparison at the leaves below it too, with recipes; of small graphs only."""
    below, beside = _few_below(left), [] if right is None else _few_below(right)
    if below is None or beside is None or len(both := {*below, *beside}) > NEAR:
        remember(left, branch)
        return
    if right is not None and right.a is not None:
        branch = branch._replace(recipe=Recipe(beside))
    compared = remember(left, branch)
    if compared.recipe is None:
        compared.recipe = Recipe(below)
    for node in both:
        if node.a is None and not node.is_constant:
            _put_last(_above.setdefault(node, {}), compared, None)


def _few_below(root: Node) -> list[Node] | None:
    """List what a node depends on, operands first; None if that is more than a few."""
    stack, seen, done = [root], {root}, dict[Node, None]()
    while stack:
        node = stack[-1]
        above = len(stack)
        for parent in node.parents:
            if parent not in done:
                stack.append(parent)
                seen.add(parent)
                if len(seen) > NEAR:
                    return None
        if len(stack) == above:
            done[stack.pop()] = None
    return list(done)


def compared_values() -> list[Node]:
    """List the living Values that were ever compared; replay looks for its guards among them."""
    return [v for reference in _compared.keyrefs() if (v := reference()) is not None]


def compared_above(leaves: Iterable[Node]) -> list[Node]:
    """List the Values just above some leaves that were compared, made again if they are gone."""
    # In one look, for asking a weak dictionary for each of many leaves takes its time.
    holding = {leaf for reference in _above.keyrefs() if (leaf := reference()) is not None}
    found = []
    for leaf in leaves:
        if leaf in holding:
            for compared in tuple(_above[leaf]):  # another thread may compare
                assert compared.recipe is not None  # it is at a leaf
                value = compared.recipe.value()
                _compared[value] = compared
                found.append(value)
    return found
