"""From an expression of the derivative table to a Python function of floats.

Two kinds: `on_floats` is as fast as Python is, and raises outside the domain of what it calls;
`total` gives the IEEE 754 answer everywhere, infinity or nan. `reduction` is for the rows of any
number of operands.
"""

from __future__ import annotations

import math
from functools import cache
from textwrap import indent
from typing import TYPE_CHECKING, Any

from engine.table.language import CONSTANTS, MACROS, names, rewrite
from engine.table.ops import REDUCTIONS, TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.table.ops import Reduction

FLOATS: Mapping[str, Callable[..., float]] = {
    name: getattr(math, name)
    for name, row in TABLE.items()
    if row.forward.startswith(f"{name}(") and name not in {"abs", *MACROS}
} | {"abs": math.fabs, "pow": math.pow}
"""The elementary functions, those that rows are made of, on floats: all of them are in `math`."""

_POWER = {"**": "pow"}  # Python's own would make complex numbers


@cache
def on_floats(text: str, arguments: tuple[str, ...]) -> Callable[..., float]:
    """Compile an expression of the table to fast float code that raises outside its domain.

    Example:
        >>> on_floats("1 / x", ("x",))(4.0)
        0.25
    """
    return _compile(arguments, f"return {_python(text)}", namespace(FLOATS, on_floats))


@cache
def total(text: str, arguments: tuple[str, ...]) -> Callable[..., float]:
    """Compile an expression of the table to float code with IEEE 754 answers everywhere.

    Example:
        >>> total("1 / x", ("x",))(-0.0)
        -inf
    """
    operators = {**_POWER, "/": "divide"}  # Python's own raises at 0
    return _compile(
        arguments, f"return {rewrite(text, operators=operators)}", namespace(_totals(), total)
    )


@cache
def reduction(row: Reduction) -> Callable[[Sequence[float]], float]:
    """Compile a row of any number of operands to fast float code on a list of them.

    Example:
        >>> f = reduction(REDUCTIONS["logsumexp"])
        >>> f([1000.0, 1000.0]) == 1000.0 + math.log(2.0), f([0.0, math.inf])
        (True, inf)
    """
    begin, loop = "total = 0.0", "for x in operands"
    if row.variadic == "pairs":
        begin = "half, odd = divmod(len(operands), 2)\ntotal = operands[-1] if odd else 0.0"
        loop = "for x, y in zip(operands[:half], operands[half:])"
    if row.is_shifted:
        begin += "\nm = max(operands)\nif m - m:\n    return limit(operands)"
    body = f"{begin}\nn = len(operands)\n{loop}:\n    total = total + {_python(row.term)}"
    scope = {**namespace(FLOATS, on_floats), "limit": _limit}
    return _compile(("operands",), f"{body}\nreturn {_python(row.forward)}", scope)


@cache
def reduction_partials(row: Reduction) -> Callable[[Sequence[float], float], list[float]]:
    """Compile the partials of a row of any number of operands: of a list of them and the result.

    Example:
        >>> reduction_partials(REDUCTIONS["mean"])([1.0, 3.0], 2.0)
        [0.5, 0.5]
    """
    (text,) = row.partials
    reads, each = names(text), _python(text)
    if "y" in reads:
        body = f"return [{each} for x, y in zip(operands, partners(operands), strict=True)]"
    elif "x" in reads:
        body = f"return [{each} for x in operands]"
    else:
        body = f"return [{each}] * n"
    scope = {**namespace(FLOATS, on_floats), "partners": row.partners}
    return _compile(("operands", "z"), f"n = len(operands)\n{body}", scope)


def _python(text: str) -> str:
    return rewrite(text, operators=_POWER)


def _compile(parameters: tuple[str, ...], body: str, scope: dict[str, Any]) -> Callable[..., Any]:
    source = f"def rule({', '.join(parameters)}):\n{indent(body, '    ')}"
    exec(source, scope)  # noqa: S102 - our own language, checked
    made: Callable[..., Any] = scope["rule"]
    return made


def _limit(operands: Sequence[float]) -> float:
    """Find the largest of operands that are not all finite; nan if one is."""
    return math.nan if any(map(math.isnan, operands)) else max(operands)


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


def namespace(functions: Mapping[str, Any], compiler: Callable[..., Any]) -> dict[str, Any]:
    """Gather what a text may use. Rows may call rows: those are compiled when they are called."""
    rows = {name: _late(name, compiler) for name in TABLE if name not in REDUCTIONS}
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
