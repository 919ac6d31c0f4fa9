"""Numbers at the edge: what is a real number, and what happens outside an operation's domain.

Recording runs on plain float arithmetic at full speed. Only when Python raises, or a result is not
finite, does control come here. Then one rule decides: *finite operands must give finite results*;
if they do not, that is a `DomainError` at the operation itself, never later in the sweep. Inside
``with ieee():``, or when an operand was infinite or nan to begin with, the IEEE 754 answer is
recorded instead.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from numbers import Real
from typing import Any

from engine.errors import DomainError, ValueTypeError
from engine.expressions import CONSTANTS, ERRORS, FLOATS, expand, parse
from engine.node import Node, link
from engine.ops import TABLE, Op

_ieee: ContextVar[bool] = ContextVar("ieee", default=False)


@contextmanager
def ieee() -> Iterator[None]:
    """Give inf and nan outside an operation's domain, as NumPy does, instead of an error.

    Example:
        >>> from engine import Value, ieee, log
        >>> with ieee():
        ...     log(Value(0.0)).data
        -inf
    """
    token = _ieee.set(True)
    try:
        yield
    finally:
        _ieee.reset(token)


def real(x: object, what: str) -> float:
    """Turn a real number of any kind into a float.

    Args:
        x: An int, float, bool, Fraction, or a NumPy scalar.
        what: What the number is for; the error message begins with it.

    Returns:
        The float.

    Raises:
        ValueTypeError: If it is anything else: a text, None, a complex number, an array.
        DomainError: If it is too large for a float.

    Example:
        >>> from fractions import Fraction
        >>> real(Fraction(1, 4), "data")
        0.25
    """
    if isinstance(x, Real) or _is_numpy_bool(x):
        try:
            return float(x)  # type: ignore[arg-type]
        except OverflowError:
            raise DomainError(f"{what} is too large for a float: it has {_digits(x)} digits") from None  # fmt: skip
    if isinstance(x, Node):
        way_out = "write .data to take its number, or detach(...) to cut it off"
    elif hasattr(x, "__array__") or isinstance(x, list | tuple):
        way_out = "make one Value for each number: [Value(x) for x in ...]"
    elif isinstance(x, str):
        way_out = "convert it with float(...)"
    else:
        way_out = "give an int, a float, a bool, a Fraction or a NumPy scalar"
    shown = repr(x) if len(repr(x)) <= 60 else repr(x)[:57] + "..."
    raise ValueTypeError(
        f"{what} must be a real number, not {shown} ({type(x).__name__}); {way_out}"
    )


def _is_numpy_bool(x: object) -> bool:
    return type(x).__module__ == "numpy" and type(x).__name__ in {"bool", "bool_"}


def _digits(x: object) -> int:
    return int(int(abs(x)).bit_length() * math.log10(2)) + 1  # type: ignore[arg-type, call-overload]


def operand(x: object, op: Op, other: Node) -> Any:
    """Turn the plain operand beside a node into a float.

    Args:
        x: The operand.
        op: The operation, for the message.
        other: The operand that is a node, for the message.

    Returns:
        The float; ``NotImplemented`` for an array, so that NumPy applies the operator to each
        of its elements.

    Raises:
        ValueTypeError: If it is not a real number.
    """
    if op.inplace and hasattr(x, "__array__") and getattr(x, "shape", ()):
        return NotImplemented
    return real(x, f"the other operand of {op.name!r} (beside {named(other)})")


def named(x: object) -> str:
    """Write an operand for a message: its label, if it has one, and its value.

    Example:
        >>> from engine import Value
        >>> named(Value(2.0, "w_1")), named(2.0)
        ('w_1 = 2.0', '2.0')
    """
    if not isinstance(x, Node):
        return repr(x)
    return f"{x.label} = {x.data!r}" if x.label else repr(x.data)


def troubled(op: Op, *operands: Any) -> Any:
    """Record an operation that raised or gave a result that is not finite.

    Args:
        op: The row.
        *operands: Its operands, nodes and plain numbers.

    Returns:
        The node with the IEEE 754 result and partials.

    Raises:
        DomainError: If all operands are finite and `ieee` is off.
    """
    values = tuple(o.data if isinstance(o, Node) else o for o in operands)
    _check(op, operands, values)
    z = total(op.forward, op.operands)(*values)
    partials = tuple(total(p, (*op.operands, "z"))(*values, z) for p in op.partials)
    return link(z, operands, partials, op)


def general(op: Op, *operands: Any) -> Any:
    """Record an operation on any mixture of nodes and numbers, without specialised code.

    Args:
        op: A row with a fixed number of operands.
        *operands: Nodes and real numbers.

    Returns:
        The node.

    Raises:
        ValueTypeError: If an operand is neither.
        DomainError: Outside the domain, unless `ieee` is on.
    """
    given = tuple(
        o if isinstance(o, Node) else real(o, f"operand {name} of {op.name!r}")
        for o, name in zip(operands, op.operands, strict=True)
    )
    values = tuple(o.data if isinstance(o, Node) else o for o in given)
    try:
        z = on_floats(op.forward, op.operands)(*values)
        partials = tuple(on_floats(p, (*op.operands, "z"))(*values, z) for p in op.partials)
    except ERRORS:
        return troubled(op, *given)
    if not all(map(math.isfinite, (z, *partials))):
        return troubled(op, *given)
    return link(z, given, partials, op)


def plain(op: Op, *operands: object) -> float:
    """Apply an operation to plain numbers.

    Args:
        op: The row.
        *operands: Real numbers.

    Returns:
        The float.

    Raises:
        ValueTypeError: If an operand is not a real number.
        DomainError: Outside the domain, unless `ieee` is on.

    Example:
        >>> plain(TABLE["hypot"], 3, 4)
        5.0
    """
    values = tuple(
        real(o, f"operand {name} of {op.name!r}")
        for o, name in zip(operands, op.operands, strict=True)
    )
    try:
        z = on_floats(op.forward, op.operands)(*values)
    except ERRORS:
        z = math.nan
    if math.isfinite(z):
        return z
    _check(op, values, values)
    return total(op.forward, op.operands)(*values)


def _check(op: Op, operands: tuple[Any, ...], values: tuple[float, ...]) -> None:
    if _ieee.get() or not all(map(math.isfinite, values)):
        return
    given = ", ".join(
        f"{name}: {named(o)}" for o, name in zip(operands, op.operands, strict=True)
    )
    raise DomainError(
        f"{op.name}({', '.join(op.operands)}) has no finite result or derivative at {given}; it "
        f"needs {op.domain}{'' if 'overflow' in op.domain else ', and a result below 1.8e308'}. "
        "Change the operand, or use `with engine.ieee():` to go on with inf and nan"
    )


# ---------------------------------------------------------------- compiled texts


@lru_cache(maxsize=None)
def on_floats(text: str, arguments: tuple[str, ...]) -> Callable[..., float]:
    """Compile an expression of the table to fast float code that raises outside its domain.

    Example:
        >>> on_floats("1 / x", ("x",))(4.0)
        0.25
    """
    return _compile(_PowCalls().visit(expand(parse(text))), arguments, _floats())


@lru_cache(maxsize=None)
def total(text: str, arguments: tuple[str, ...]) -> Callable[..., float]:
    """Compile an expression of the table to float code with IEEE 754 answers everywhere.

    Example:
        >>> total("1 / x", ("x",))(-0.0)
        -inf
    """
    tree = _TotalCalls().visit(_PowCalls().visit(expand(parse(text))))
    return _compile(tree, arguments, _totals())


def _compile(tree: ast.expr, arguments: tuple[str, ...], scope: dict[str, Any]) -> Any:
    source = f"lambda {', '.join(arguments)}: {ast.unparse(ast.fix_missing_locations(tree))}"
    return eval(source, scope)  # noqa: S307 - a text of our own language, parsed and checked


class _PowCalls(ast.NodeTransformer):
    """Write ``x ** y`` as ``pow(x, y)``: Python's own would make complex numbers."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Pow):
            return _call("pow", node.left, node.right)
        return node


class _TotalCalls(ast.NodeTransformer):
    """Write ``x / y`` as ``divide(x, y)``: Python's own raises at 0."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Div):
            return _call("divide", node.left, node.right)
        return node


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])


def _divide(x: float, y: float) -> float:
    try:
        return x / y
    except ZeroDivisionError:
        if x != x or x == 0:
            return math.nan
        return math.copysign(math.inf, x) * math.copysign(1.0, y)


def _power(x: float, y: float) -> float:
    """Raise to a power as C99's pow does (annex F)."""
    try:
        return math.pow(x, y)
    except (OverflowError, ValueError):
        odd = y == math.floor(y) and math.fmod(y, 2.0) != 0
        if x == 0:  # to a negative power
            return math.copysign(math.inf, x) if odd else math.inf
        if y != math.floor(y):
            return math.nan
        return -math.inf if x < 0 and odd else math.inf


# What to answer where the standard library raises: an overflow has the sign of the operand for
# these (the others overflow to +inf); the poles are listed with their limits.
_ODD = {"expm1", "sinh"}
_POLES = {
    "log": {0.0: -math.inf}, "log2": {0.0: -math.inf}, "log1p": {-1.0: -math.inf},
    "atanh": {1.0: math.inf, -1.0: -math.inf},
}  # fmt: skip


def _total_function(name: str, function: Callable[..., float]) -> Callable[..., float]:
    poles = _POLES.get(name, {})

    def answer(*operands: float) -> float:
        try:
            return function(*operands)
        except OverflowError:
            return math.copysign(math.inf, operands[0]) if name in _ODD else math.inf
        except ValueError:
            return poles.get(operands[0], math.nan)

    return answer


class _Scope(dict[str, Any]):
    """A namespace that finds the table's rows when they are called for (rows may call rows)."""

    def __init__(self, base: dict[str, Any], compiler: Callable[..., Any]) -> None:
        super().__init__(base)
        self._compiler = compiler

    def add_rows(self) -> dict[str, Any]:
        for row in TABLE.values():
            if row.name not in self and not row.variadic:
                self[row.name] = _late(row, self._compiler)
        return self


def _late(row: Op, compiler: Callable[..., Any]) -> Callable[..., float]:
    return lambda *operands: compiler(row.forward, row.operands)(*operands)


def _floats() -> dict[str, Any]:
    return _Scope({**CONSTANTS, **FLOATS}, on_floats).add_rows()


def _totals() -> dict[str, Any]:
    safe = {name: _total_function(name, f) for name, f in FLOATS.items()}
    return _Scope({**CONSTANTS, **safe, "pow": _power, "divide": _divide}, total).add_rows()


def troubled_list(
    op: Op, operands: tuple[Any, ...], z: float, partials: list[float]
) -> tuple[float, list[float]]:
    """Decide what a function of a whole list gives when its result is not finite.

    Args:
        op: The row.
        operands: Its operands, nodes and plain numbers.
        z: The result.
        partials: The local derivatives.

    Returns:
        The result and the partials to record.

    Raises:
        DomainError: If all operands are finite and `ieee` is off.
    """
    values = [o.data if isinstance(o, Node) else o for o in operands]
    if not _ieee.get() and all(map(math.isfinite, values)):
        worst = max(operands, key=lambda o: abs(o.data if isinstance(o, Node) else o))
        raise DomainError(
            f"{op.name} of {len(operands)} operands overflowed; the largest operand is "
            f"{named(worst)}. Scale the operands down, or use `with engine.ieee():`"
        )
    if op.name == "logsumexp":
        return _logsumexp_at_the_edge(values)
    return z, partials


def _logsumexp_at_the_edge(values: list[float]) -> tuple[float, list[float]]:
    """Take the limits: +inf wins and takes all the gradient, equal infinities give nan."""
    if any(v != v for v in values):
        return math.nan, [math.nan] * len(values)
    largest = max(values)
    if largest == -math.inf or values.count(math.inf) > 1:
        return largest, [math.nan] * len(values)
    if largest == math.inf:
        return largest, [float(v == math.inf) for v in values]
    raise AssertionError("finite values do not come here")
