"""The rules of the table as templates: what the tiers that write Python paste their names into."""

from __future__ import annotations

import ast
from functools import cache
from typing import Any

from engine.table.floats import FLOATS, on_floats
from engine.table.language import CONSTANTS, parse, rewrite
from engine.table.ops import TABLE

NUMPY_NAMES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}
"""What NumPy, and whoever follows it, calls functions that the table calls as `math` does."""


@cache
def template(text: str, operands: tuple[str, ...]) -> str:
    """Write an expression of the table with places for its operands.

    Example:
        >>> template("z * log(x)", ("x", "z"))
        '({z} * _log({x}))'
    """
    written = rewrite(
        text, lambda name: f"{{{name}}}" if name in operands else f"_{name}", {"**": "pow"}
    )
    return written if isinstance(parse(text), ast.Name | ast.Constant) else f"({written})"


class FloatScope(dict[str, Any]):
    """What templates call, as float functions: elementary functions, rows, constants."""

    def __missing__(self, name: str) -> Any:
        plain = name[1:]
        if plain in CONSTANTS:
            found: Any = CONSTANTS[plain]
        elif plain in FLOATS:
            found = FLOATS[plain]
        elif plain in TABLE:
            found = on_floats(TABLE[plain].forward, TABLE[plain].operands)
        else:
            raise KeyError(name)
        self[name] = found
        return found
