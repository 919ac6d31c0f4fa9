"""The rules of the derivative table, written in another framework's words."""

from __future__ import annotations

import ast
import re
from itertools import chain, count
from typing import TYPE_CHECKING

from engine.export.dialects import Rule
from engine.table.language import CONSTANTS, expand, parse
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from engine.export.dialects import Dialect
    from engine.table.ops import Op

RESERVED = {"ctx", "g", "jax", "jnp", "t", "torch"}
"""Names that a written rule uses itself."""


class Rules:
    """The functions that a text needs beside the framework's own, each written once."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self.rules: dict[tuple[Op, tuple[bool, ...]], Rule] = {}

    def call(self, op: Op, fixed: tuple[bool, ...]) -> str:
        """Say how a row is called.

        Args:
            op: The row.
            fixed: For each operand whether it is a number, which no derivative is asked for.

        Returns:
            A template with a place for each operand: ``{0}``, ``{1}``, ...
        """
        if op.name in self.dialect.native:
            return self.dialect.native[op.name]
        places = ", ".join(f"{{{k}}}" for k in range(len(op.operands)))
        key = (op, fixed)
        if key not in self.rules:
            self.rules[key] = self.written(op, fixed)
        return self.dialect.call.format(name=self.rules[key].name, operands=places)

    def written(self, op: Op, fixed: tuple[bool, ...]) -> Rule:
        """Write a row as a function with its own derivative rule."""
        stem = re.sub(r"\W", "_", op.name) + "_op"
        taken = {rule.name for rule in self.rules.values()}
        numbered = (f"{stem}{k}" for k in count(2))
        names = tuple(f"{n}_" if n in RESERVED else n for n in op.operands)
        renamed = dict(zip(op.operands, names, strict=True))
        translate = _Translate(self, names[0], renamed)
        return Rule(
            next(name for name in chain([stem], numbered) if name not in taken),
            names,
            translate.text(op.forward),
            tuple(
                None if known else translate.text(partial)
                for partial, known in zip(op.partials, fixed, strict=True)
            ),
        )

    def source(self) -> list[str]:
        """Write the functions, those that others call first."""
        return [self.dialect.rule(rule) for rule in self.rules.values()]


class _Translate(ast.NodeTransformer):
    """Rewrite an expression of the table's language in a framework's words."""

    def __init__(self, rules: Rules, first: str, renamed: dict[str, str]) -> None:
        self.rules, self.first, self.renamed = rules, first, renamed

    def text(self, expression: str) -> str:
        """Translate an expression."""
        tree = self.visit(expand(parse(expression)))
        return ast.unparse(ast.fix_missing_locations(tree))

    def filled(self, template: str, *parts: ast.expr) -> ast.expr:
        """Put expressions into the places of a template."""
        texts = [f"({ast.unparse(ast.fix_missing_locations(part))})" for part in parts]
        return ast.parse(template.format(*texts, first=self.first), mode="eval").body

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in CONSTANTS:
            return ast.Constant(CONSTANTS[node.id])
        return ast.Name(self.renamed.get(node.id, node.id), ast.Load())

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        test, yes, no = self.visit(node.test), self.visit(node.body), self.visit(node.orelse)
        numbers = isinstance(yes, ast.Constant) and isinstance(no, ast.Constant)
        dialect = self.rules.dialect
        return self.filled(dialect.constants if numbers else dialect.where, test, yes, no)

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        sign: Callable[[], ast.operator] = (
            ast.BitAnd if isinstance(node.op, ast.And) else ast.BitOr
        )
        tests: Sequence[ast.expr] = [self.visit(test) for test in node.values]
        joined = tests[0]
        for test in tests[1:]:
            joined = ast.BinOp(joined, sign(), test)
        return joined

    def visit_Call(self, node: ast.Call) -> ast.expr:
        assert isinstance(node.func, ast.Name)  # `parse` has checked it
        name, parts = node.func.id, [self.visit(part) for part in node.args]
        if name in self.rules.dialect.elementary:
            return self.filled(self.rules.dialect.elementary[name], *parts)
        row = TABLE[name]
        return self.filled(self.rules.call(row, (False,) * len(row.operands)), *parts)
