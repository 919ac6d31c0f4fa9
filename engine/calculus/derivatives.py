"""Derivatives as functions: grad, jacobian, hessian, hvp, to any order.

`grad` with ``create_graph=True`` runs the backward sweep in Values: each local derivative is
evaluated from its row in the derivative table, on the operands themselves, so the gradient is a
recorded graph like any other. It can be drawn, explained and differentiated again.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import cache
from typing import Any, Literal, overload

from engine.arguments import real
from engine.core import arithmetic
from engine.core.backward import gradients
from engine.core.domain import general, named
from engine.core.functions import dot
from engine.core.graph import topological_order
from engine.core.linking import paused
from engine.core.node import Node
from engine.core.value import Constant, Value, constant
from engine.errors import DomainError, ShapeError, StaleGraphError, ValueTypeError
from engine.table.language import lifted
from engine.table.ops import REDUCTIONS, TABLE, Op, Reduction


@overload
def grad(y: Value, xs: Sequence[Value], create_graph: Literal[False] = False) -> list[float]: ...
@overload
def grad(y: Value, xs: Sequence[Value], create_graph: Literal[True]) -> list[Value]: ...
@overload
def grad(y: Value, xs: Sequence[Value], create_graph: bool) -> list[Any]: ...
def grad(y: Value, xs: Sequence[Value], create_graph: bool = False) -> list[Any]:
    """Differentiate ``y`` with respect to each of ``xs``; touch no node.

    Args:
        y: The Value to differentiate.
        xs: Values; one that ``y`` does not depend on has the gradient 0.
        create_graph: True to return Values that can be differentiated again. They hold on either
            side of a kink, so a replay (`engine.compile`) of them does too. Not so where a row of
            your own chooses by ``if``, and where ``x ** y`` is recorded at x = y = 0: there the
            choice is that of the numbers recorded.

    Returns:
        A float (or a Value) for each of ``xs``.

    Raises:
        ValueTypeError: If ``y`` is not a Value or ``xs`` not a list of them.
        StaleGraphError: With ``create_graph``, if a leaf was changed after ``y`` was recorded.

    Example:
        >>> x = Value(2.0)
        >>> y = x**3
        >>> (g,) = grad(y, [x], create_graph=True)
        >>> g.data, grad(g, [x])
        (12.0, [12.0])
    """
    targets = _targets(y, xs, "grad")
    if not create_graph:
        found = gradients(y)
        return [found.get(x, 0.0) for x in targets]
    adjoints = _adjoint_values(y, set(targets))
    swept = [adjoints.get(x, 0.0) for x in targets]
    return [g if isinstance(g, Value) else constant(g) for g in swept]


def jacobian(ys: Sequence[Value], xs: Sequence[Value]) -> list[list[float]]:
    """Differentiate each of ``ys`` with respect to each of ``xs``, one sweep for each of ``ys``.

    Args:
        ys: Values, the rows.
        xs: Values, the columns.

    Returns:
        ``len(ys)`` rows of ``len(xs)`` floats.

    Raises:
        ValueTypeError: If ``ys`` or ``xs`` is not a list of Values.

    Example:
        >>> a, b = Value(2.0), Value(3.0)
        >>> jacobian([a * b, a + b], [a, b])
        [[3.0, 2.0], [1.0, 1.0]]
    """
    if not isinstance(ys, Iterable):
        raise ValueTypeError(
            f"jacobian takes a list of Values to differentiate, not {ys!r}; write "
            "jacobian([y], [x])"
        )
    return [grad(y, xs) for y in ys]


def hessian(y: Value, xs: Sequence[Value]) -> list[list[float]]:
    """Compute the matrix of second derivatives of ``y``.

    Args:
        y: The Value to differentiate.
        xs: Values.

    Returns:
        ``len(xs)`` rows of ``len(xs)`` floats; symmetric up to rounding.

    Example:
        >>> a, b = Value(2.0), Value(3.0)
        >>> hessian(a * a * b, [a, b])
        [[6.0, 4.0], [4.0, 0.0]]
    """
    with paused.block(setting=False):  # a second derivative needs the graph of the first
        first = grad(y, xs, create_graph=True)
    return jacobian(first, xs)


def hvp(y: Value, xs: Sequence[Value], v: Sequence[float]) -> list[float]:
    """Multiply the Hessian of ``y`` by a vector, without forming the Hessian.

    Args:
        y: The Value to differentiate.
        xs: Values.
        v: As many numbers.

    Returns:
        One float for each of ``xs``.

    Raises:
        ShapeError: If ``v`` is not as long as ``xs``.
        ValueTypeError: If ``y`` is not a Value, ``xs`` not a list of them, or ``v`` not one of
            numbers.

    Example:
        >>> a, b = Value(2.0), Value(3.0)
        >>> hvp(a * a * b, [a, b], [1.0, 0.0])
        [6.0, 4.0]
    """
    _targets(y, xs, "hvp")
    try:
        vector = list(v)
    except TypeError:
        raise ValueTypeError(
            f"hvp takes a list of numbers, one for each x, not {v!r}; write hvp(y, [x], [1.0])"
        ) from None
    if len(vector) != len(xs):
        raise ShapeError(
            f"hvp needs one number for each x: {len(xs)} xs, but {len(vector)} numbers"
        )
    with paused.block(setting=False):  # a second derivative needs the graph of the first
        first = grad(y, xs, create_graph=True)
        product = dot(first, [real(k, "an entry of v") for k in vector], constant(0.0))
    return grad(product, xs)


def _targets(y: object, xs: object, name: str) -> list[Value]:
    if not isinstance(y, Node):
        raise ValueTypeError(f"{name} differentiates a Value, not {y!r} ({type(y).__name__})")
    if isinstance(xs, Node) or not isinstance(xs, Sequence):
        raise ValueTypeError(f"{name} takes a list of Values, not {xs!r}; write [x] for one")
    for x in xs:
        if not isinstance(x, Node):
            raise ValueTypeError(
                f"{name} differentiates with respect to Values, not {x!r} ({type(x).__name__})"
            )
    return list(xs)


def _adjoint_values(y: Value, targets: set[Value]) -> dict[Value, Any]:
    """Run the backward sweep in Values, over the nodes that lie between targets and ``y``."""
    order = topological_order(y)
    between = set(targets)
    for n in order:
        if n not in between and any(p in between for p in n.parents):
            between.add(n)
    adjoints: dict[Value, Any] = {y: 1.0} if y in between and not y.is_constant else {}
    for n in reversed(order):
        if n not in adjoints or n.is_leaf:
            continue
        for parent, partial in zip(n.parents, local_derivatives(n), strict=True):
            if parent not in between or isinstance(parent, Constant):
                continue
            term = _times(adjoints[n], partial)
            adjoints[parent] = adjoints[parent] + term if parent in adjoints else term
    return adjoints


def _times(upstream: Any, partial: Any) -> Any:
    """Multiply, without a node for a factor of 1."""
    if isinstance(partial, float) and partial == 1.0:
        return upstream
    if isinstance(upstream, float) and upstream == 1.0:
        return partial
    return upstream * partial


def local_derivatives(n: Value) -> list[Any]:
    """Evaluate the partials of a node on its operands themselves: Values, or constant floats.

    Example:
        >>> x = Value(0.5)
        >>> [d.data for d in local_derivatives(x.sin())] == [x.cos().data]
        True
    """
    assert n.op is not None
    op, operands = n.op, n.operands
    if isinstance(op, Reduction):
        rule = _on_values(op.partials[0], ("x", "y", "z", "n"))
        partners = op.partners(operands)
        found = [rule(x, y, n, len(operands)) for x, y in zip(operands, partners, strict=True)]
    else:
        recorded = iter(n.partials)
        found = [
            _partial(op, k, operands, n, next(recorded)) if isinstance(o, Node) else 0.0
            for k, o in enumerate(operands)
        ]
    kept = [d for o, d in zip(operands, found, strict=True) if isinstance(o, Node)]
    for parent, now, then in zip(n.parents, kept, n.partials, strict=True):
        number = _number(now)
        if number != then and not (math.isnan(number) and math.isnan(then)):
            culprit = f", which is {named(now)}," if isinstance(now, Node) and now.label else ""
            raise StaleGraphError(
                f"operands of {op.name!r} were changed after the graph was recorded: the local "
                f"derivative with respect to {named(parent)} was {then!r} and would be "
                f"{number!r}{culprit} now. Compute the result again before differentiating it"
            )
    return kept


def _partial(op: Op, k: int, operands: tuple[Any, ...], n: Value, recorded: float) -> Any:
    """Evaluate one partial of a row; where it chooses, by operations that a replay does again."""
    names = (*op.operands, "z")
    if op.chosen:
        with suppress(DomainError):
            found = _on_values(op.chosen[k], names, macros=False)(*operands, n)
            if _number(found) == recorded:
                return found
    # Here too for nan, infinite numbers, and bounds in the wrong order: decided as they stand.
    return _on_values(op.partials[k], names)(*operands, n)


def _number(x: Any) -> float:
    return x.number if isinstance(x, Node) else float(x)


@cache
def _on_values(
    text: str, arguments: tuple[str, ...], *, macros: bool = True
) -> Callable[..., Any]:
    """Compile an expression of the table for Values."""
    rows = {name: _function(name) for name in TABLE if name not in REDUCTIONS}
    rule: Callable[..., Any] = lifted(text, arguments, macros=macros)({**rows, "number": _number})
    return rule


def _function(name: str) -> Callable[..., Any]:
    """Find the function of a row; a user's row may be replaced, so it is found at each call."""
    found = getattr(arithmetic, name, None)
    return found or (lambda *operands: general(TABLE[name], *operands))
