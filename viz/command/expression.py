"""Read an expression that a user typed, such as ``tanh(w*x + b)``, into a recorded graph.

The text is parsed and walked; nothing is ever evaluated as Python.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

import engine
from engine import TABLE, UnknownNameError, Value, ValueTypeError
from engine.errors import known

_BINARY: Mapping[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("add", operator.add),
    ast.Sub: ("sub", operator.sub),
    ast.Mult: ("mul", operator.mul),
    ast.Div: ("div", operator.truediv),
    ast.Pow: ("pow", operator.pow),
}
_LISTS = ("sum", "mean", "logsumexp")
_FUNCTIONS = sorted([row.name for row in TABLE.values() if not row.infix and not row.variadic])
_MOST_DEEP = 200
_AS_TYPED = str.maketrans({"^": "**", "·": "*", "⋅": "*", "×": "*", "−": "-"})
"""What everypath itself prints, and people paste, as the operators that it means."""


def read_expression(text: str, numbers: Mapping[str, float]) -> tuple[Value, dict[str, Value]]:
    """Build the graph of an expression at given numbers."""
    try:
        tree = ast.parse(text.strip().translate(_AS_TYPED), mode="eval").body
    except (SyntaxError, RecursionError, MemoryError, ValueError):
        raise ValueTypeError(
            f'{text!r} is not an expression; write it like "tanh(w*x + b)"'
        ) from None
    leaves = {name: Value(number, name) for name, number in numbers.items()}
    result = _Reader(text, leaves).read(tree, 0)
    if not isinstance(result, Value):
        raise ValueTypeError(f"{text!r} has no names in it, so there is nothing to differentiate")
    return result, leaves


class _Reader:
    """Walk a syntax tree and apply its operations to Values."""

    def __init__(self, text: str, leaves: Mapping[str, Value]) -> None:
        self.text = text
        self.leaves = leaves

    def read(self, part: ast.expr, depth: int) -> Any:
        if depth > _MOST_DEEP:
            raise ValueTypeError(f"the expression is nested more than {_MOST_DEEP} deep")
        match part:
            case ast.Constant(value=number) if type(number) in {int, float}:
                return number
            case ast.Name(id=name):
                return self._leaf(name)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self.read(inner, depth + 1)
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self.read(inner, depth + 1)
            case ast.BinOp(op=op, left=left, right=right) if type(op) in _BINARY:
                return self._binary(op, self.read(left, depth + 1), self.read(right, depth + 1))
            case ast.Call(func=ast.Name(id=name), args=given, keywords=[]):
                return self._call(name, [self.read(g, depth + 1) for g in given])
        raise ValueTypeError(
            f"{ast.unparse(part)!r} in {self.text!r} is not arithmetic; use names, numbers, "
            f"+ - * / **, and the functions {known([*_FUNCTIONS, *_LISTS])}"
        )

    def _leaf(self, name: str) -> Value:
        if name not in self.leaves:
            raise UnknownNameError(f"{name!r} has no number; add {name}=1.0 after the expression")
        return self.leaves[name]

    @staticmethod
    def _binary(op: ast.operator, left: Any, right: Any) -> Any:
        row, record = _BINARY[type(op)]
        if isinstance(left, Value) or isinstance(right, Value):
            return record(left, right)
        return engine.core.domain.plain(TABLE[row], left, right)

    @staticmethod
    def _call(name: str, given: list[Any]) -> Any:
        if name in _LISTS:
            return getattr(engine, name)(given)
        if name not in _FUNCTIONS:
            raise UnknownNameError(
                f"there is no function {name!r}; known are {known([*_FUNCTIONS, *_LISTS])}"
            )
        row = TABLE[name]
        fewest = len(row.operands) - len(row.defaults)
        if not fewest <= len(given) <= len(row.operands):
            raise ValueTypeError(
                f"{name} takes {', '.join(row.operands)}; {len(given)} operands were given"
            )
        return getattr(engine.core.arithmetic, name)(*given)
