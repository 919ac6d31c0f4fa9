"""From a rule of the derivative table to machine code: any row, the user's own included.

A rule is a text in the language of `engine.table.language`; each part of it becomes a line of IR
on vectors. Both sides of a choice are computed, then selected lane by lane.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from engine.program.llvm.writing.vector_math import LIBRARY, OWN, from_library
from engine.table.language import CONSTANTS, expand, parse
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.program.llvm.writing.ir import Function

_ARITHMETIC = {ast.Add: "fadd", ast.Sub: "fsub", ast.Mult: "fmul", ast.Div: "fdiv"}
_RELATIONS = {
    ast.Lt: "olt",
    ast.LtE: "ole",
    ast.Gt: "ogt",
    ast.GtE: "oge",
    ast.Eq: "oeq",
    ast.NotEq: "une",
}


class Lowering:
    """Writes expressions into one function; what occurs twice is computed once."""

    def __init__(self, f: Function, names: Mapping[str, Any]) -> None:
        self.f = f
        self.names = dict(names)
        self._done: dict[str, Any] = {}

    def rule(self, text: str) -> Any:
        """Write an expression of the table.

        Args:
            text: The expression, in the names given.

        Returns:
            The name of its value.
        """
        return self._value(expand(parse(text)))

    def _value(self, node: ast.expr) -> Any:
        key = ast.unparse(node)
        if key not in self._done:
            self._done[key] = self._write(node)
        return self._done[key]

    def _write(self, node: ast.expr) -> Any:
        f = self.f
        if isinstance(node, ast.Constant):
            assert isinstance(node.value, int | float)  # `parse` has checked it
            return f.number(float(node.value))
        if isinstance(node, ast.Name):
            if node.id in self.names:
                return self.names[node.id]
            return f.number(CONSTANTS[node.id])
        if isinstance(node, ast.UnaryOp):
            return f.neg(self._value(node.operand))
        if isinstance(node, ast.BinOp):
            a, b = self._value(node.left), self._value(node.right)
            if isinstance(node.op, ast.Pow):
                return from_library(f, "pow", a, b)
            return f.arithmetic(_ARITHMETIC[type(node.op)], a, b)
        if isinstance(node, ast.IfExp):
            test = self._test(node.test)
            return f.choose(test, self._value(node.body), self._value(node.orelse))
        assert isinstance(node, ast.Call), node
        assert isinstance(node.func, ast.Name)
        return call(f, node.func.id, [self._value(x) for x in node.args])

    def _test(self, node: ast.expr) -> Any:
        f = self.f
        if isinstance(node, ast.BoolOp):
            both = "and" if isinstance(node.op, ast.And) else "or"
            first, *others = (self._test(x) for x in node.values)
            for other in others:
                first = f.logic(both, first, other)
            return first
        if isinstance(node, ast.Compare):
            a, b = self._value(node.left), self._value(node.comparators[0])
            return f.compare(_RELATIONS[type(node.ops[0])], a, b)
        return f.compare("une", self._value(node), f.number(0.0))  # a number: true if not 0


def call(f: Function, name: str, operands: list[Any]) -> Any:
    """Write a call of an elementary function or of a row of the table.

    Args:
        f: Where to write.
        name: Its name.
        operands: Their values.

    Returns:
        The name of the result.
    """
    if name in OWN:
        return OWN[name](f, *operands)
    if name in LIBRARY:
        return from_library(f, name, *operands)
    row = TABLE[name]
    return Lowering(f, dict(zip(row.operands, operands, strict=True))).rule(row.forward)
