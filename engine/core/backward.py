"""The backward sweep: reverse-mode differentiation over any recorded graph.

Visit the nodes from the root down, each after everything that uses it; hand each operand the
node's gradient times the local derivative; an operand adds up what it is handed. That sum over all
uses is the sum over all paths (Bauer 1974; Linnainmaa 1970; Speelpenning 1980).

`gradients` is the sweep as a pure function. `accumulate` is the same sweep, in the same order and
so to the same bit, at the speed that training wants: it writes into the nodes.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from engine.core.graph import WeightedGraph
from engine.errors import DomainError, ValueTypeError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.core.node import Node


def gradients(y: Any, seed: float = 1.0) -> dict[Any, float]:
    """Compute the derivative of ``y`` with respect to everything it depends on; touch no node.

    Args:
        y: The Value to differentiate.
        seed: The derivative of the final result with respect to ``y``.

    Returns:
        The gradient of every node below ``y``, and of ``y`` itself; constants are left out.

    Raises:
        ValueTypeError: If ``y`` is not a Value, or ``seed`` not a real number.
        DomainError: If ``seed`` is too large for a float.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0)
        >>> gradients(x * x)[x], x.grad
        (6.0, 0.0)
    """
    if not hasattr(seed, "__float__"):
        raise ValueTypeError(f"the seed of a sweep is a real number, not {seed!r}")
    try:
        start = float(seed)
    except OverflowError:
        raise DomainError("the seed of a sweep is too large for a float") from None
    graph = WeightedGraph.of(y)
    found = zip(graph.nodes, graph.adjoints(start), strict=True)
    return {node: gradient for node, gradient in found if not node.is_constant}


def accumulate(root: Node, seed: float = 1.0) -> None:
    """Sweep backward from ``root`` and write the gradients into the nodes.

    Interior nodes get the gradient of this sweep; leaves add it to what they have, so that two
    sweeps give exactly twice. If the sweep is interrupted, every leaf has its old gradient back.

    One fresh zero marks what this sweep has visited: ``node.grad is zero`` means "seen, and its
    sum starts at 0". That needs neither a visited set nor a mark on the node, and makes the sweep
    two to three times as fast as one with dictionaries.

    Args:
        root: The node to differentiate.
        seed: The derivative of the final result with respect to ``root``.
    """
    if root.a is None:
        if not root.is_constant:
            root.grad = root.grad + seed  # += would change an array that was assigned to it
        return
    zero = float("0")  # a constant 0.0 would be one shared object; this one is new
    leaves: list[Node] = []
    before: list[float] = []
    try:
        order = _mark(root, zero, leaves, before)
        root.grad = seed
        for node in reversed(order):
            gradient = node.grad
            second = node.b
            if second is not None:
                node.a.grad += node.da * gradient
                second.grad += node.db * gradient
            elif type(node.a) is not tuple:
                node.a.grad += node.da * gradient
            elif gradient or not node.op.variadic or node.data - node.data:  # type: ignore[union-attr]
                partials = node.da
                if type(partials[0]) is tuple:
                    partials = chain(*partials)
                for parent, partial in zip(node.a, partials):  # noqa: B905 - hot, lengths agree
                    parent.grad += partial * gradient
            # Else a dot that a relu has cut off, as half of them are: the result of a reduction is
            # finite only if all its partials are, and adding 0 to the sums would change none.
        for leaf, old in zip(leaves, before, strict=True):
            # Adding the old sum last, not first, is what makes two sweeps exactly twice one.
            leaf.grad = old if leaf.is_constant else leaf.grad + old
    except BaseException:
        # An interruption may fall between the two lists' appends: hence not strict.
        for leaf, old in zip(leaves, before, strict=False):
            leaf.grad = old
        for leaf, old in zip(leaves, before, strict=False):
            if old is None:
                raise ValueTypeError(
                    f"the grad of {leaf.label or 'a leaf'} is None, and a sweep adds to it; "
                    "set it to 0.0"
                ) from None
        raise


def _mark(  # noqa: PLR0915 - the hot walk: three kinds of node, each written out
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
