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

from engine.core.fast_walk import mark
from engine.core.graph import WeightedGraph
from engine.errors import DomainError, ValueTypeError

if TYPE_CHECKING:
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

    To the last bit, the gradients are what these lines give, in a third of their time:

        >>> from engine import Value, topological_order
        >>> x = Value(3.0)
        >>> root, seed = x * x + x, 1.0
        >>> adjoint = dict.fromkeys(topological_order(root), 0.0) | {root: seed}
        >>> for node in reversed(adjoint):
        ...     for parent, partial in zip(node.parents, node.partials):
        ...         adjoint[parent] += partial * adjoint[node]
        >>> adjoint[x]
        7.0

    Interior nodes get the gradient of this sweep; leaves add it to what they have, so that two
    sweeps give exactly twice. If the sweep is interrupted, every leaf has its old gradient back.
    """
    if root.a is None:
        if not root.is_constant:
            root.grad = root.grad + seed  # += would change an array that was assigned to it
        return
    # A fresh zero marks what the sweep has visited: ``node.grad is zero`` means "seen, and its sum
    # starts at 0". (The constant 0.0 would be one shared object.)
    zero = float("0")
    leaves: list[Node] = []
    before: list[float] = []
    try:
        order: list[Any] = mark(root, zero, leaves, before)
        root.grad = seed
        for node in reversed(order):
            gradient = node.grad
            second = node.b
            if second is not None:
                node.a.grad += node.da * gradient
                second.grad += node.db * gradient
            elif type(node.a) is not tuple:
                node.a.grad += node.da * gradient
            elif gradient or not node.op.variadic or node.number - node.number:
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
