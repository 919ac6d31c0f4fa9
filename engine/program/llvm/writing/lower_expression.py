"""From a rule of the derivative table to machine code: any row, the user's own included.

A rule is a text in the language of `engine.table.language`; each part of it becomes a line of IR
on vectors. Both sides of a choice are computed, then selected lane by lane.
"""

from __future__ import annotations

import ast
from functools import reduce
from typing import TYPE_CHECKING, Any

from engine.program.llvm.writing.vector_math import LIBRARY, OWN, from_library
from engine.table.language import CONSTANTS, Reader, expand, parse
from engine.table.ops import REDUCTIONS, TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.program.llvm.writing.ir import Function

LOGSUMEXP = REDUCTIONS["logsumexp"]

_ARITHMETIC = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
_RELATIONS = {"<": "olt", "<=": "ole", ">": "ogt", ">=": "oge", "==": "oeq", "!=": "une"}


class Lowering(Reader[Any, Any]):
    """Writes expressions into one function; what occurs twice is computed once."""

    def __init__(self, f: Function, names: Mapping[str, Any]) -> None:
        self.f = f
        self.names = dict(names)
        self._done: dict[str, Any] = {}

    def rule(self, text: str) -> Any:
        """Write an expression of the table in the names given; the name of its value."""
        return self.value(expand(parse(text)))

    def value(self, tree: ast.expr) -> Any:
        """Write an expression, if it has not been written before."""
        key = ast.unparse(tree)
        if key not in self._done:
            self._done[key] = super().value(tree)
        return self._done[key]

    def number(self, value: float) -> Any:
        """Write a number."""
        return self.f.number(float(value))

    def name(self, name: str) -> Any:
        """Find an operand, or write a constant."""
        return self.names[name] if name in self.names else self.number(CONSTANTS[name])

    def negative(self, x: Any) -> Any:
        """Write ``-x``."""
        return self.f.neg(x)

    def arithmetic(self, sign: str, x: Any, y: Any) -> Any:
        """Write an operation; a power is a call of the C library."""
        if sign == "**":
            return from_library(self.f, "pow", x, y)
        return self.f.arithmetic(_ARITHMETIC[sign], x, y)

    def call(self, name: str, operands: Sequence[Any]) -> Any:
        """Write a call."""
        return call(self.f, name, operands)

    def choice(self, test: Any, yes: Any, no: Any) -> Any:
        """Write a choice."""
        return self.f.choose(test, yes, no)

    def comparison(self, sign: str, x: Any, y: Any) -> Any:
        """Write a comparison."""
        return self.f.compare(_RELATIONS[sign], x, y)

    def logic(self, word: str, tests: Sequence[Any]) -> Any:
        """Write ``and`` or ``or``."""
        return reduce(lambda x, y: self.f.logic(word, x, y), tests)


def larger(f: Function, x: Any, y: Any) -> Any:
    """Write the larger of two numbers; what is nan, nothing but a nan replaces."""
    nan = f.compare("uno", x, x)
    return f.choose(f.logic("or", f.compare("ogt", x, y), nan), x, y)


def shifted_result(f: Function, total: Any, largest: Any) -> Any:
    """Write the logarithm of a sum of shifted exponentials: the largest if that is infinite."""
    found = Lowering(f, {"total": total, "m": largest}).rule(LOGSUMEXP.forward)
    return f.choose(f.compare("oeq", f.sub(largest, largest), f.number(0.0)), found, largest)


def call(f: Function, name: str, operands: Sequence[Any]) -> Any:
    """Write a call of an elementary function or of a row; the name of its value."""
    if name in OWN:
        return OWN[name](f, *operands)
    if name in LIBRARY:
        return from_library(f, name, *operands)
    row = TABLE[name]
    return Lowering(f, dict(zip(row.operands, operands, strict=True))).rule(row.forward)
