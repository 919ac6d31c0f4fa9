"""From an expression of the derivative table to a Python function of floats.

Two kinds: `on_floats` is as fast as Python is, and raises outside the domain of what it calls;
`total` gives the IEEE 754 answer everywhere, infinity or nan.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.table.language import CONSTANTS, FLOATS, rewrite
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@cache
def on_floats(text: str, arguments: tuple[str, ...]) -> Callable[..., float]:
    """Compile an expression of the table to fast float code that raises outside its domain.

    Example:
        >>> on_floats("1 / x", ("x",))(4.0)
        0.25
    """
    return _compile(rewrite(text, operators=_POWER), arguments, _scope(FLOATS, on_floats))


@cache
def total(text: str, arguments: tuple[str, ...]) -> Callable[..., float]:
    """Compile an expression of the table to float code with IEEE 754 answers everywhere.

    Example:
        >>> total("1 / x", ("x",))(-0.0)
        -inf
    """
    operators = {**_POWER, "/": "divide"}  # Python's own raises at 0
    return _compile(rewrite(text, operators=operators), arguments, _scope(_totals(), total))


_POWER = {"**": "pow"}  # Python's own would make complex numbers


def _compile(text: str, arguments: tuple[str, ...], scope: dict[str, Any]) -> Callable[..., float]:
    made: Callable[..., float] = eval(f"lambda {', '.join(arguments)}: {text}", scope)  # noqa: S307 - our own language, checked
    return made


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
    "log": {0.0: -math.inf},
    "log2": {0.0: -math.inf},
    "log1p": {-1.0: -math.inf},
    "atanh": {1.0: math.inf, -1.0: -math.inf},
}


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
