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
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from numbers import Real
from typing import TYPE_CHECKING, Any

from engine.errors import DomainError, ValueTypeError
from engine.expressions import CONSTANTS, ERRORS, FLOATS, expand, parse
from engine.node import Node, link, recording_is_on, unrecorded
from engine.ops import TABLE, Op

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

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
            return float(x)  # type: ignore[arg-type]  # that is what is tried
        except OverflowError:
            raise DomainError(
                f"{what} is too large for a float: it has {_digits(x)} digits before the point"
            ) from None
    if isinstance(x, Node):
        way_out = "write .data to take its number, or detach(...) to cut it off"
    elif hasattr(x, "__array__") or isinstance(x, list | tuple):
        way_out = "make one Value for each number: [Value(x) for x in ...]"
    elif isinstance(x, str):
        way_out = "convert it with float(...)"
    else:
        way_out = "give an int, a float, a bool, a Fraction or a NumPy scalar"
    shown = repr(x)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    raise ValueTypeError(
        f"{what} must be a real number, not {shown} ({type(x).__name__}); {way_out}"
    )


def _is_numpy_bool(x: object) -> bool:
    return type(x).__module__ == "numpy" and type(x).__name__ in {"bool", "bool_"}


def _digits(x: Any) -> int:
    return int(int(abs(x)).bit_length() * math.log10(2)) + 1


def operand(x: object, op: Op, other: Node) -> Any:
    """Turn the plain operand beside a node into a float.

    Args:
        x: The operand.
        op: The operation, for the message.
        other: The operand that is a node, for the message.

    Returns:
        The float.

    Raises:
        ValueTypeError: If it is not a real number.
    """
    return real(x, f"the other operand of {op.name!r} (beside {named(other)})")


def operator_operand(x: object, op: Op, other: Node) -> Any:
    """Turn the plain operand of an operator such as ``+`` into a float.

    Args:
        x: The operand.
        op: The operation, for the message.
        other: The operand that is a node, for the message.

    Returns:
        The float; ``NotImplemented`` for an array, so that NumPy applies the operator to each
        of its elements.

    Raises:
        ValueTypeError: If it is neither.
    """
    if hasattr(x, "__array__") and getattr(x, "shape", None):
        return NotImplemented
    return operand(x, op, other)


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
    values = _values(operands)
    if not recording_is_on():  # then only the result counts, not its derivatives
        return unrecorded(_settled(op, operands, values))
    _check(op, operands, values)
    z, partials = _evaluate(op, operands, values, total)
    return link(z, operands, partials, op)


def general(op: Op, *operands: Any) -> Any:
    """Apply an operation to any mixture of nodes and numbers, without specialised code.

    Args:
        op: A row with a fixed number of operands.
        *operands: Nodes and real numbers.

    Returns:
        A node; a float if all operands are numbers.

    Raises:
        ValueTypeError: If an operand is neither.
        DomainError: Outside the domain, unless `ieee` is on.

    Example:
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
    return tuple(o.data if isinstance(o, Node) else o for o in operands)


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
    if _ieee.get() or not all(map(math.isfinite, values)):
        return
    given = ", ".join(f"{n}: {named(o)}" for o, n in zip(operands, op.operands, strict=True))
    raise DomainError(
        f"{op.name}({', '.join(op.operands)}) at {given} {_fault(op, operands, values)}. "
        "Change the operand, or use `with engine.ieee():` to go on with inf and nan"
    )


def _fault(op: Op, operands: tuple[Any, ...], values: tuple[float, ...]) -> str:
    """Say what is wrong: outside the domain, an overflow, or a derivative that is not finite."""
    try:
        z = on_floats(op.forward, op.operands)(*values)
    except OverflowError:
        z = math.inf
    except ERRORS:
        return f"is outside the domain: it needs {op.domain}"
    if not math.isfinite(z):
        return "overflows: the result is beyond 1.8e308, the largest float"
    partials = [total(text, (*op.operands, "z"))(*values, z) for text in op.partials]
    at_fault = next(name for o, name, d in zip(operands, op.operands, partials, strict=True)
                    if isinstance(o, Node) and not math.isfinite(d))  # fmt: skip
    return f"has no finite derivative with respect to {at_fault}; it needs {op.domain}"


# ---------------------------------------------------------------- compiled texts


@cache
def on_floats(text: str, arguments: tuple[str, ...]) -> Callable[..., float]:
    """Compile an expression of the table to fast float code that raises outside its domain.

    Example:
        >>> on_floats("1 / x", ("x",))(4.0)
        0.25
    """
    return _compile(_PowCalls().visit(expand(parse(text))), arguments, _scope(FLOATS, on_floats))


@cache
def total(text: str, arguments: tuple[str, ...]) -> Callable[..., float]:
    """Compile an expression of the table to float code with IEEE 754 answers everywhere.

    Example:
        >>> total("1 / x", ("x",))(-0.0)
        -inf
    """
    tree = _TotalCalls().visit(_PowCalls().visit(expand(parse(text))))
    return _compile(tree, arguments, _scope(_totals(), total))


def _compile(
    tree: ast.expr, arguments: tuple[str, ...], scope: dict[str, Any]
) -> Callable[..., float]:
    source = f"lambda {', '.join(arguments)}: {ast.unparse(ast.fix_missing_locations(tree))}"
    made: Callable[..., float] = eval(source, scope)  # noqa: S307 - our own language, checked
    return made


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
        if math.isnan(x) or x == 0:
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


def _scope(functions: Mapping[str, Any], compiler: Callable[..., Any]) -> dict[str, Any]:
    """Gather what a text may use. Rows may call rows: those are compiled when they are called."""
    rows = {name: _late(name, compiler) for name, row in TABLE.items() if not row.variadic}
    return {**rows, **CONSTANTS, **functions}


def _late(name: str, compiler: Callable[..., Any]) -> Callable[..., float]:
    def apply(*operands: float) -> float:
        row = TABLE[name]
        z: float = compiler(row.forward, row.operands)(*operands)
        return z

    return apply


def _totals() -> dict[str, Any]:
    safe = {name: _total_function(name, f) for name, f in FLOATS.items()}
    return safe | {"pow": _power, "divide": _divide}


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
    values = _values(operands)
    if not _ieee.get() and all(map(math.isfinite, values)):
        worst = max(operands, key=lambda o: abs(o.data if isinstance(o, Node) else o))
        raise DomainError(
            f"{op.name} of {len(operands)} operands overflowed; the largest operand is "
            f"{named(worst)}. Scale the operands down, or use `with engine.ieee():`"
        )
    if op.name == "logsumexp":
        return _logsumexp_at_the_edge(values)
    return z, partials


def _logsumexp_at_the_edge(values: tuple[float, ...]) -> tuple[float, list[float]]:
    """Take the limits: nan stays nan, a single +inf takes all the gradient, else it is nan."""
    largest = math.nan if any(map(math.isnan, values)) else max(values)
    if largest == math.inf and values.count(math.inf) == 1:
        return largest, [float(v == math.inf) for v in values]
    return largest, [math.nan] * len(values)
