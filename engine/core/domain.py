"""Numbers at the edge: what happens outside an operation's domain.

Recording runs on plain float arithmetic at full speed. Only when Python raises, or a result is not
finite, does control come here. Then one rule decides: *finite operands must give finite results*;
if they do not, that is a `DomainError` at the operation itself, never later in the sweep. Inside
``with ieee():``, or when an operand was infinite or nan to begin with, the IEEE 754 answer is
recorded instead.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from engine.arguments import real
from engine.core.linking import link, paused, unrecorded
from engine.core.node import Node
from engine.core.scopes import Scope
from engine.errors import DomainError
from engine.table.floats import on_floats, total
from engine.table.language import ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from engine.table.ops import Op, Reduction

_ieee = Scope("ieee", default=False)


def ieee() -> AbstractContextManager[None]:
    """Give inf and nan outside an operation's domain, as NumPy does, instead of an error.

    That holds for the thread or the task that is inside the block.

    Example:
        >>> from engine import Value, ieee, log
        >>> with ieee():
        ...     log(Value(0.0)).data
        -inf
    """
    return _ieee.block(setting=True)


def operand(x: object, op: Op, other: Node) -> Any:
    """Turn the plain operand beside a node into a float."""
    return real(x, f"the other operand of {op.name!r} (beside {named(other)})")


def operator_operand(x: object, op: Op, other: Node) -> Any:
    """Do so for an operator such as ``+``; an array is left to NumPy, element by element."""
    return NotImplemented if is_array(x) else operand(x, op, other)


def is_array(x: object) -> bool:
    """Tell what NumPy applies an operator to by itself, element by element: not its scalars."""
    return hasattr(x, "__array_ufunc__")


def named(x: object) -> str:
    """Write an operand for a message: its label, if it has one, and its value.

    Example:
        >>> from engine import Value
        >>> named(Value(2.0, "w_1")), named(2.0)
        ('w_1 = 2.0', '2.0')
    """
    if not isinstance(x, Node):
        return repr(x)
    return f"{x.label} = {x.number!r}" if x.label else repr(x.number)


def troubled(op: Op, *operands: Any) -> Any:
    """Decide about an operation that raised or gave a result that is not finite."""
    values = _values(operands)
    if paused.setting():  # then only the result counts, not its derivatives
        return unrecorded(_settled(op, operands, values))
    _check(op, operands, values)
    z, partials = _evaluate(op, operands, values, total)
    return link(z, operands, partials, op)


def general(op: Op, *operands: Any) -> Any:
    """Apply a row to any mixture of nodes and numbers, without code of its own.

    Example:
        >>> from engine.table.ops import TABLE
        >>> general(TABLE["clamp"], 7.0, 0.0, 1.0)
        1.0
    """
    if not any(isinstance(o, Node) for o in operands):
        return plain(op, *operands)
    given = tuple(
        o if isinstance(o, Node) else real(o, f"operand {name} of {op.name!r}")
        for o, name in zip(operands, op.operands, strict=True)
    )
    try:
        z, partials = _evaluate(op, given, _values(given), on_floats)
    except ERRORS:
        return troubled(op, *given)
    if not all(map(math.isfinite, (z, *partials))):
        return troubled(op, *given)
    return link(z, given, partials, op)


def _values(operands: tuple[Any, ...]) -> tuple[float, ...]:
    return tuple(o.number if isinstance(o, Node) else o for o in operands)


def _evaluate(
    op: Op, operands: tuple[Any, ...], values: tuple[float, ...], compiler: Callable[..., Any]
) -> tuple[float, tuple[float, ...]]:
    """Evaluate the output and the partials; one that belongs to a plain number is left at 0."""
    z = compiler(op.forward, op.operands)(*values)
    partials = tuple(
        compiler(text, (*op.operands, "z"))(*values, z) if isinstance(o, Node) else 0.0
        for o, text in zip(operands, op.partials, strict=True)
    )
    return z, partials


def plain(op: Op, *operands: object) -> float:
    """Apply a row to plain numbers.

    Example:
        >>> from engine.table.ops import TABLE
        >>> plain(TABLE["hypot"], 3, 4)
        5.0
    """
    values = tuple(
        real(o, f"operand {name} of {op.name!r}")
        for o, name in zip(operands, op.operands, strict=True)
    )
    return _settled(op, values, values)


def _settled(op: Op, operands: tuple[Any, ...], values: tuple[float, ...]) -> float:
    """Compute the result alone, and decide about it if it is not finite."""
    try:
        z = on_floats(op.forward, op.operands)(*values)
    except ERRORS:
        z = math.nan
    if math.isfinite(z):
        return z
    _check(op, operands, values)
    return total(op.forward, op.operands)(*values)


def _check(op: Op, operands: tuple[Any, ...], values: tuple[float, ...]) -> None:
    """Raise for finite operands, unless `ieee` is on."""
    if _ieee.setting() or not all(map(math.isfinite, values)):
        return
    given = ", ".join(f"{n}: {named(o)}" for o, n in zip(operands, op.operands, strict=True))
    raise DomainError(
        f"{op.name}({', '.join(op.operands)}) at {given} {_fault(op, operands, values)}. "
        "Change the operand, or use `with engine.ieee():` to go on with inf and nan"
    )


def _fault(op: Op, operands: tuple[Any, ...], values: tuple[float, ...]) -> str:
    """Say what is wrong: outside the domain, an overflow, or a derivative that is not finite."""
    z = _tried(op.forward, op.operands, values)
    if z is None:
        return f"is outside the domain: it needs {op.domain}"
    if not math.isfinite(z):
        return "overflows: the result is beyond 1.8e308, the largest float"
    given = (*op.operands, "z")
    partials = (
        (name, _tried(text, given, (*values, z)))
        for o, name, text in zip(operands, op.operands, op.partials, strict=True)
        if isinstance(o, Node)
    )
    at_fault, partial = next((n, d) for n, d in partials if d is None or not math.isfinite(d))
    fault = f"has no finite derivative with respect to {at_fault}"
    if partial is None:
        return f"{fault}; it needs {op.domain}"
    return f"{fault}: that overflows, beyond 1.8e308, the largest float"


def _tried(text: str, names: tuple[str, ...], values: tuple[float, ...]) -> float | None:
    """Evaluate an expression: inf for an overflow, None outside its domain."""
    try:
        return on_floats(text, names)(*values)
    except OverflowError:
        return math.inf
    except ERRORS:
        return None


def troubled_list(op: Reduction, operands: tuple[Any, ...], partials: list[float]) -> list[float]:
    """Decide which partials a reduction has when its result is not finite.

    Of a shifted row they are the limits: a single +inf takes all the gradient, else they are nan.
    """
    values = _values(operands)
    if not _ieee.setting() and all(map(math.isfinite, values)):
        worst = max(operands, key=lambda o: abs(o.number if isinstance(o, Node) else o))
        raise DomainError(
            f"{op.name} of {len(operands)} operands overflowed; the largest operand is "
            f"{named(worst)}. Scale the operands down, or use `with engine.ieee():`"
        )
    if not op.is_shifted:
        return partials
    if not any(map(math.isnan, values)) and values.count(math.inf) == 1:
        return [float(v == math.inf) for v in values]
    return [math.nan] * len(values)
