"""Copies of recorded graphs, and what pickle keeps of them; depth is no matter.

The copies that Python makes by itself recurse from operand to operand, and fail a few hundred
operations deep.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import ref

from engine.core.comparisons import branches, remember
from engine.core.flattening import blank, mapped, restored, written
from engine.core.graph import topological_order
from engine.core.node import Node

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

N = TypeVar("N", bound=Node)
Added = tuple[dict[str, Any] | None, dict[str, Any]]
"""What a subclass adds to a node: its ``__dict__``, if it has one, and its slots."""


def shallow_copy(original: N) -> N:
    """Copy a node; the copy has the same operands."""
    copy = blank(type(original), original.number, original.grad, original.label)
    copy.a, copy.b, copy.da, copy.db = original.a, original.b, original.da, original.db
    copy.op = original.op
    state = added(original)
    if state is not None:
        _add(copy, state)
    return copy


def added(original: Node) -> Added | None:
    """Give what a subclass of `Value` adds to a node, if it adds anything."""
    kind = type(original)
    if kind.__basicsize__ == Node.__basicsize__ and not kind.__dictoffset__:
        return None
    state: Any = object.__getstate__(original)
    own, slots = state  # always two, for a node has slots
    return own, {name: x for name, x in slots.items() if name not in Node.__slots__}


def _add(copy: Node, state: Added) -> None:
    own, slots = state
    if own:
        copy.__dict__.update(own)
    for name, x in slots.items():
        setattr(copy, name, x)


def deep_copy(y: N, memo: dict[int, Any]) -> N:
    """Copy a node with all that it depends on, and the comparisons among them.

    ``memo`` has what was copied before, by identity, as `copy.deepcopy` keeps it.
    """
    order: list[Node] = topological_order(y)
    made: dict[Any, Any] = {}
    for original in order:
        copy = memo.get(id(original))
        if copy is None:
            copy = memo[id(original)] = shallow_copy(original)
            links = copy.a, copy.b, copy.db
            copy.a, copy.b, copy.db = mapped(links, lambda o: made.get(o, o))
            state = added(original)
            if state is not None:
                _add(copy, deepcopy(state, memo))
        made[original] = copy
    place = {n: k for k, n in enumerate(order)}
    _remember(_comparisons(order, place), list(made.values()))
    copied: N = made[y]
    return copied


def flatten(y: Node) -> tuple[list[Any], list[Any]]:
    """Write down a graph, and the comparisons in it: what `rebuild` takes.

    Leaves are written as themselves, so that they keep their identity within one pickle; interior
    nodes do so below one root.
    """
    order: list[Node] = topological_order(y)
    place = {n: k for k, n in enumerate(order)}
    rows = [n if n.is_leaf else written(n, place) for n in order]
    return rows, _comparisons(order, place)


def rebuild(rows: list[Any], comparisons: list[Any]) -> Any:
    """Make a graph of what `flatten` wrote."""
    made: list[Any] = []
    for row in rows:
        made.append(row if isinstance(row, Node) else restored(row, made))
    _remember(comparisons, made)
    return made[-1]


def _comparisons(order: list[Node], place: Mapping[Any, int]) -> list[Any]:
    """Write down who was compared with whom, as places; outside the graph a number stands."""
    return [
        (place[n], branch._replace(reference=None, recipe=None), place.get(branch.living))
        for n in order
        for branch in branches(n)
    ]


def _remember(comparisons: list[Any], made: Sequence[Any]) -> None:
    for compared, branch, other in comparisons:
        reference = None if other is None else ref(made[other])
        remember(made[compared], branch._replace(reference=reference))
