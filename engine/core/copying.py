"""Copies of recorded graphs, and their flat form for pickle: one list, so that depth is no matter.

The copies that Python makes by itself recurse from operand to operand, and fail a few hundred
operations deep.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import ref

from engine.core.comparisons import branches, remember
from engine.core.graph import topological_order
from engine.core.node import Node

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

N = TypeVar("N", bound=Node)
Slots = tuple[Any, Any, Any]
"""The slots of a node that lead to others, ``a``, ``b`` and ``db``; see `engine.core.node`."""
Added = tuple[dict[str, Any] | None, dict[str, Any]]
"""What a subclass adds to a node: its ``__dict__``, if it has one, and its slots."""


def shallow_copy(original: N) -> N:
    """Copy a node; the copy has the same operands.

    Args:
        original: The node.

    Returns:
        A node of the same class.
    """
    copy: N = object.__new__(type(original))
    for name in ("data", "grad", "a", "b", "da", "db", "op"):
        setattr(copy, name, getattr(original, name))
    if original.a is None:
        copy.da = None  # what was compared depends on the original
    copy.label = original.label
    state = added(original)
    if state is not None:
        _add(copy, state)
    return copy


def added(original: Node) -> Added | None:
    """Give what a subclass of `Value` adds to a node.

    Args:
        original: The node.

    Returns:
        Its ``__dict__`` and its slots, as pickle takes them; None if its class adds neither.
    """
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

    Args:
        y: The node.
        memo: What has been copied, by identity, as `copy.deepcopy` keeps it; it grows.

    Returns:
        The copy of ``y``.
    """
    order: list[Node] = topological_order(y)
    place = {n: k for k, n in enumerate(order)}
    made: list[Any] = []  # of the classes of the originals
    for original in order:
        copy = memo.get(id(original))
        if copy is None:
            copy = memo[id(original)] = shallow_copy(original)
            state = added(original)
            if state is not None:
                _add(copy, deepcopy(state, memo))
            if not original.is_leaf:
                copy.a, copy.b, copy.db = _restored(_written(original, place), made)
        made.append(copy)
    _remember(_comparisons(order, place), made)
    copied: N = made[-1]
    return copied


def make_leaf(kind: type[N], data: float, grad: float, label: str) -> N:
    """Make a leaf again; its number was checked when it was first made.

    Args:
        kind: Its class.
        data: The number.
        grad: The gradient.
        label: The name.

    Returns:
        The leaf.
    """
    made = object.__new__(kind)
    made.data, made.grad = data, grad
    made.a = made.b = made.da = made.db = made.op = None
    made.label = label
    return made


def flatten(y: Node) -> tuple[list[Any], list[Any]]:
    """Write down a graph: what `rebuild` takes.

    Leaves are written as themselves, so that they keep their identity within one pickle; interior
    nodes do so below one root.

    Args:
        y: The root, not a leaf.

    Returns:
        A row for each node, operands first; and the comparisons among them.
    """
    order: list[Node] = topological_order(y)
    place = {n: k for k, n in enumerate(order)}
    rows = [
        n if n.is_leaf else (n.op, _written(n, place), n.da, n.data, n.grad, n.label)
        for n in order
    ]
    return rows, _comparisons(order, place)


def rebuild(kind: type[N], rows: list[Any], comparisons: list[Any]) -> N:
    """Make a graph of what `flatten` wrote.

    Args:
        kind: The class of the interior nodes.
        rows: The nodes.
        comparisons: Who was compared with whom.

    Returns:
        The root.
    """
    made: list[N] = []
    for row in rows:
        node = row
        if not isinstance(row, Node):
            op, slots, da, data, grad, label = row
            node = make_leaf(kind, data, grad, "")
            node.op, node.da = op, da
            node.a, node.b, node.db = _restored(slots, made)
            node.label = label
        made.append(node)
    _remember(comparisons, made)
    return made[-1]


def _written(n: Node, place: Mapping[Node, int]) -> Slots:
    """Write the slots of a node with positions for nodes; among plain numbers, a tuple of one."""
    if type(n.a) is not tuple:
        return place[n.a], None if n.b is None else place[n.b], n.db
    mixed = n.db and tuple((place[o],) if isinstance(o, Node) else o for o in n.db)
    return tuple(place[p] for p in n.a), None, mixed


def _restored(slots: Slots, made: Sequence[Any]) -> Slots:
    a, b, db = slots
    if type(a) is not tuple:
        return made[a], None if b is None else made[b], db
    mixed = db and tuple(made[o[0]] if type(o) is tuple else o for o in db)
    return tuple(made[k] for k in a), None, mixed


def _comparisons(order: list[Node], place: Mapping[Any, int]) -> list[Any]:
    """Write down who was compared with whom, as positions."""
    return [
        (place[n], branch._replace(reference=None), place.get(branch.other))
        for n in order
        for branch in branches(n)
    ]


def _remember(comparisons: list[Any], made: Sequence[Any]) -> None:
    for compared, branch, other in comparisons:
        reference = None if other is None else ref(made[other])
        remember(made[compared], branch._replace(reference=reference))
