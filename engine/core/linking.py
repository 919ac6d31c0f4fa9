"""Recording an operation: how a node is made, as fast as Python can.

An operation spends half of its time here. So the slots are set one by one, blank nodes come
without a call of their class, and `engine.no_grad` is asked for only while somebody uses it.
"""

from __future__ import annotations

from itertools import repeat, starmap
from typing import TYPE_CHECKING, Any

from engine.core.node import Node
from engine.core.scopes import Scope

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.table.ops import Op

paused = Scope("paused", default=False)
"""Whether operations do without their operands (`engine.no_grad`)."""

_blocks = paused.blocks
_made_when_paused: type[Node] = Node
_new = object.__new__


def _blank_nodes(kind: type[Node]) -> Iterator[Any]:
    # Blank nodes without end. One argument tuple serves them all, so that taking the next one
    # costs two thirds of calling ``object.__new__``.
    return starmap(_new, repeat((kind,)))


_blank = _blank_nodes(Node)


def make_instances_of(kind: type[Node], constant_kind: type[Node]) -> None:
    """Say which classes operations make, recording and not; `engine.core.value` says so once."""
    global _blank, _made_when_paused
    _blank, _made_when_paused = _blank_nodes(kind), constant_kind


def unrecorded(number: float) -> Any:
    """Make the result of an operation that is not recorded: a constant."""
    n = _new(_made_when_paused)
    n.number = number
    n.grad = 0.0
    n.a = n.b = n.da = n.db = n.op = None
    return n


def link1(number: float, a: Any, da: Any, op: Op, constant: object = None) -> Any:
    """Record an operation on one node, or on a tuple of them; see the layouts."""
    if _blocks and paused.setting():
        return unrecorded(number)
    n = next(_blank)
    n.number = number
    n.grad = 0.0
    n.a = a
    n.b = None
    n.da = da
    n.db = constant
    n.op = op
    return n


def link2(number: float, a: Node, b: Node, da: float, db: float, op: Op) -> Any:
    """Record an operation on two nodes."""
    if _blocks and paused.setting():
        return unrecorded(number)
    n = next(_blank)
    n.number = number
    n.grad = 0.0
    n.a = a
    n.b = b
    n.da = da
    n.db = db
    n.op = op
    return n


def link_products(
    totals: Iterable[Any], rows: Iterable[Iterable[Any]], xs: Iterable[Any], mul: Op, add: Op
) -> list[Any] | None:
    """Record total + w1 * x1 + w2 * x2 + ... for each row of w, a node for each operation.

    What the operators would record, in a third of the time: blank nodes come in bulk, and one
    look at each result shows whether every step before it was finite. If not, or if recording is
    paused, there is no result.
    """
    if _blocks and paused.setting():
        return None
    sums = []
    for start, ws in zip(totals, rows, strict=True):
        total, z = start, start.number
        for w, x, n, s in zip(ws, xs, _blank, _blank):  # noqa: B905 - blank nodes never run out
            n.a = w
            n.b = x
            n.db = weight = w.number
            n.da = factor = x.number
            n.number = product = weight * factor
            n.grad = 0.0
            n.op = mul
            s.a = total
            s.b = n
            s.da = s.db = 1.0
            s.number = z = z + product
            s.grad = 0.0
            s.op = add
            total = s
        if z - z:
            return None
        sums.append(total)
    return sums


def link(number: float, operands: tuple[Any, ...], partials: tuple[float, ...], op: Op) -> Any:
    """Record an operation on any mixture of nodes and plain numbers, a partial for each."""
    nodes = tuple(o for o in operands if isinstance(o, Node))
    if len(nodes) == len(operands):
        if len(nodes) == 2:
            return link2(number, nodes[0], nodes[1], partials[0], partials[1], op)
        if len(nodes) == 1:
            return link1(number, nodes[0], partials[0], op)
        return link1(number, nodes, partials, op)
    if len(nodes) == 1 and len(operands) == 2:
        if isinstance(operands[0], Node):
            return link1(number, operands[0], partials[0], op, operands[1])
        return link1(number, operands[1], partials[1], op, (operands[0],))
    kept = tuple(d for o, d in zip(operands, partials, strict=True) if isinstance(o, Node))
    return link1(number, nodes, kept, op, operands)
