"""A graph as a flat list: a row for each node, with numbers for the nodes it refers to.

So graphs are pickled, copied and kept without recursion, however deep they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from engine.core.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

N = TypeVar("N", bound=Node)
Row = tuple[Any, ...]
"""A node's class, its row of the table, its slots, its numbers and its label."""


def blank(kind: type[N], number: float, grad: float, label: str) -> N:
    """Make a leaf of numbers that were checked before."""
    made = object.__new__(kind)
    made.number, made.grad, made.label_text = number, grad, label
    made.a = made.b = made.da = made.db = made.op = None
    return made


def written(node: Node, place: Mapping[Node, int]) -> Row:
    """Write a node as a row, its operands as their places."""
    a, b, db = node.a, node.b, node.db
    if b is not None:
        a, b = place[a], place[b]
    elif type(a) is tuple:
        a = tuple([place[o] for o in a])
        db = db and tuple([place[o] if isinstance(o, Node) else o for o in db])
    elif a is not None:
        a = place[a]
    return type(node), node.op, (a, b, db), node.da, node.number, node.grad, node.label


def restored(row: Row, made: Sequence[Any]) -> Any:
    """Make a node of its row and of the nodes before it."""
    kind, op, links, da, number, grad, label = row
    node = blank(kind, number, grad, label)
    node.op, node.da = op, da
    node.a, node.b, node.db = mapped(links, lambda k: made[k] if type(k) is int else k)
    return node


def mapped(links: tuple[Any, Any, Any], change: Callable[[Any], Any]) -> tuple[Any, Any, Any]:
    """Change whatever a node refers to in its slots ``a``, ``b`` and ``db``; numbers stay."""
    a, b, db = (tuple(map(change, s)) if type(s) is tuple else change(s) for s in links)
    return a, b, db
