"""Functions of a whole list: sum, mean, dot, logsumexp, softmax, log_softmax.

The functions of one to three operands are in `engine.core.arithmetic`. Like them, these take
Values and plain numbers in any mixture; numbers alone give a number.
"""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from engine.arguments import real
from engine.core.arithmetic import exp
from engine.core.domain import troubled_list
from engine.core.linking import link, link1, link_products
from engine.core.node import Node
from engine.core.value import Value
from engine.errors import ShapeError
from engine.table.floats import reduction, reduction_partials
from engine.table.ops import REDUCTIONS, TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from engine.table.ops import Op, Reduction

SUM, MEAN, LOGSUMEXP, DOT = (REDUCTIONS[name] for name in ("sum", "mean", "logsumexp", "dot"))
MUL, ADD = TABLE["mul"], TABLE["add"]


def sum(values: Iterable[Any]) -> Any:  # noqa: A001 - the contract's name
    """Add up values as ONE node with an edge for each of them.

    Args:
        values: Values and numbers, at least one.

    Returns:
        A Value, or a float if all were numbers.

    Raises:
        ShapeError: If there are none.
        ValueTypeError: If one is neither a Value nor a real number.

    Example:
        >>> sum([Value(1.0), Value(2.0), 3]).data
        6.0
    """
    return reduce_operands(SUM, *values)


def mean(values: Iterable[Any]) -> Any:
    """Average values as one node.

    Args:
        values: Values and numbers, at least one.

    Returns:
        A Value, or a float if all were numbers.

    Raises:
        ShapeError: If there are none.

    Example:
        >>> mean([Value(1.0), Value(3.0)]).partials
        (0.5, 0.5)
    """
    return reduce_operands(MEAN, *values)


def logsumexp(values: Iterable[Any]) -> Any:
    """Compute log(exp(x1) + exp(x2) + ...) as one node; it never overflows.

    The result has the rounding of the largest value, 1e-16 of it; that is also the relative error
    of the partials, which matters from values of a million on.

    Args:
        values: Values and numbers, at least one.

    Returns:
        A Value, or a float if all were numbers. Its partials are the softmax of the values.

    Raises:
        ShapeError: If there are none.

    Example:
        >>> import math
        >>> logsumexp([Value(1000.0), Value(1000.0)]).data == 1000.0 + math.log(2.0)
        True
    """
    return reduce_operands(LOGSUMEXP, *values)


def softmax(values: Iterable[Any]) -> list[Any]:
    """Turn values into positive shares that add up to 1; it never overflows.

    Each share is exp(x - logsumexp(values)), which equals the textbook's exp(x) / sum of exp; its
    routes through numerator and denominator are the same, with the same contributions. A share has
    the relative error of a rounding of the largest value, 1e-16 of it.

    Args:
        values: Values and numbers, at least one.

    Returns:
        One share for each.

    Raises:
        ShapeError: If there are none.

    Example:
        >>> [round(share.data, 4) for share in softmax([Value(1.0), Value(2.0), Value(3.0)])]
        [0.09, 0.2447, 0.6652]
    """
    return [exp(share) for share in log_softmax(values)]


def log_softmax(values: Iterable[Any]) -> list[Any]:
    """Compute the logarithm of each share of `softmax`, exact also where a share is tiny.

    Args:
        values: Values and numbers, at least one.

    Returns:
        x - logsumexp(values) for each x.

    Raises:
        ShapeError: If there are none.

    Example:
        >>> log_softmax([0.0, -1000.0])
        [0.0, -1000.0]
    """
    given = list(values)
    total = logsumexp(given)
    return [x - total for x in given]


def dot(ws: Sequence[Any], xs: Sequence[Any], bias: Any = None, *, expanded: bool = False) -> Any:
    """Compute bias + w1 * x1 + w2 * x2 + ... as ONE node, with an edge per Value.

    That is the pre-activation of a neuron as a textbook draws it, and ten times as fast as a node
    for each product and sum. It adds in the same order as the loop does, bias first, so that the
    result is the same to the last bit.

    Args:
        ws: Values and numbers.
        xs: As many Values and numbers.
        bias: A Value or a number; None for no bias.
        expanded: True for a node for each product and each sum instead, the same numbers.

    Returns:
        A Value, or a float if all were numbers. Without products it is the `sum` of what is left.

    Raises:
        ShapeError: If the lengths differ.
        ValueTypeError: If an operand is neither a Value nor a real number.

    Example:
        >>> w, x = Value(3.0, "w"), Value(2.0, "x")
        >>> y = dot([w], [x], 0.5)
        >>> y.data, y.parents == (w, x), y.partials
        (6.5, True, (2.0, 3.0))
    """
    n = len(ws)
    if n != len(xs):
        raise ShapeError(
            f"dot needs as many ws as xs, but there are {n} ws and {len(xs)} xs; "
            "each weight belongs to one input"
        )
    if not n:  # no products: a sum of what is left
        return 0.0 if bias is None else sum([bias])
    if {type(bias), *map(type, ws), *map(type, xs)} == {Value}:
        if expanded:
            totals = link_products([bias], [ws], xs, MUL, ADD)
            if totals is not None:
                return totals[0]
        else:
            u = [w.number for w in ws]
            v = [x.number for x in xs]
            z = bias.number
            for a, b in zip(u, v):  # noqa: B905 - hot, and the lengths agree
                z += a * b
            if not z - z:
                return link1(z, (*ws, *xs, bias), (*v, *u, 1.0), DOT)
    given = (*ws, *xs) if bias is None else (*ws, *xs, bias)
    if expanded:
        operands = _operands(DOT, given)
        return _expanded(operands[:n], operands[n : 2 * n], operands[2 * n :])
    return reduce_operands(DOT, *given)


def _expanded(ws: Sequence[Any], xs: Sequence[Any], bias: Sequence[Any]) -> Any:
    products = [w * x for w, x in zip(ws, xs, strict=True)]
    total, *rest = (*bias, *products)
    for product in rest:
        total = total + product
    return total


def _operands(op: Op, values: Iterable[Any]) -> tuple[Any, ...]:
    """Read what an operation records as its operands: nodes and floats."""
    operands = tuple(
        v if isinstance(v, Node) else real(v, f"operand {k} of {op.name!r}")
        for k, v in enumerate(values)
    )
    if not operands:
        raise ShapeError(f"{op.name!r} needs at least one value, but the list is empty")
    return operands


def reduce_operands(op: Reduction, *values: Any) -> Any:
    """Apply a row to any number of operands."""
    operands = _operands(op, values)
    numbers = [o.number if isinstance(o, Node) else o for o in operands]
    z = reduction(op)(numbers)
    partials = reduction_partials(op)(numbers, z)
    if z - z:
        partials = troubled_list(op, operands, partials)
    if builtins.any(isinstance(o, Node) for o in operands):
        return link(z, operands, tuple(partials), op)
    return z
