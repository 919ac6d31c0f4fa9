"""The walk of the backward sweep, written out for speed; half of the time of a sweep goes here.

It lists the interior nodes in the order of `engine.topological_order`, which says the same in
plain words, and marks all nodes below the root by the way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.node import Node


def mark(  # noqa: PLR0915 - the hot walk: three kinds of node, each written out
    root: Node, zero: float, leaves: list[Node], before: list[float]
) -> list[Node]:
    """Walk depth first, mark every node with ``zero``, and list the interior ones in order.

    The way back is kept where it costs nothing, as in Schorr and Waite's walk (1967): until a node
    is done, its ``grad`` is the node that the walk came from. No walk meets a node on its own way
    back, for a graph has no cycles, so to everyone else it is just "not marked".
    """
    order: list[Node] = []
    rests: list[Iterator[Node]] = []  # of the nodes of many operands on the way: what is left
    node: Any = root
    try:
        node.grad = None
        while True:
            # Down, first operands first, to a node whose first operand is done. One, two and many
            # operands are written out here and below: half of all time is spent in this walk.
            while True:
                parent = node.a
                if node.b is None and type(parent) is tuple:
                    rests.append(iter(parent))
                    break
                if parent.grad is zero:
                    break
                if parent.a is None:
                    leaves.append(parent)
                    before.append(parent.grad)
                    parent.grad = zero
                    break
                parent.grad, node = node, parent  # in one line: a debugger stops between lines
            # Back up, for as long as all operands are done.
            while True:
                second = node.b
                if second is not None:
                    if second.grad is not zero:
                        first = second.a
                        if first is None:
                            leaves.append(second)
                            before.append(second.grad)
                            second.grad = zero
                        else:
                            last = second.b
                            if last is None or first.grad is not zero or last.grad is not zero:
                                second.grad, node = node, second
                                break
                            second.grad = zero  # the usual w * x: done without going there
                            order.append(second)
                elif type(node.a) is tuple:
                    parent = _next_operand(rests[-1], zero, leaves, before)
                    if parent is not None:
                        parent.grad, node = node, parent
                        break
                    rests.pop()
                order.append(node)
                user = node.grad
                if user is None:
                    node.grad = zero
                    return order
                node.grad, node = zero, user
    except BaseException:
        while hasattr(node, "grad"):  # numbers again, also on the way back, up to a None
            user, node.grad = node.grad, zero
            node = user
        raise


def _next_operand(
    rest: Iterator[Any], zero: float, leaves: list[Node], before: list[float]
) -> Node | None:
    """Mark leaves up to the next interior operand that is not marked yet, and return that."""
    for parent in rest:
        if parent.grad is not zero:
            if parent.a is not None:
                return parent  # type: ignore[no-any-return]
            leaves.append(parent)
            before.append(parent.grad)
            parent.grad = zero
    return None
