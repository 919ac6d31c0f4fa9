"""The rules of the derivative table, written in another framework's words."""

from __future__ import annotations

import ast
import re
from functools import reduce
from itertools import chain, count
from typing import TYPE_CHECKING

from engine.export.dialects import Rule, places
from engine.table.language import CONSTANTS, Rewriter, expand, parse
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        """Give a template for the call of a row; a ``fixed`` operand has no derivative."""
        if op.name in self.dialect.native:
            return self.dialect.native[op.name]
        key = (op, fixed)
        if key not in self.rules:
            self.rules[key] = self.written(op, fixed)
        return self.dialect.call.format(name=self.rules[key].name, operands=places(op))

    def written(self, op: Op, fixed: tuple[bool, ...]) -> Rule:
        """Write a row as a function with its own derivative rule."""
        stem = re.sub(r"\W", "_", op.name) + "_op"
        taken = {rule.name for rule in self.rules.values()}
        numbered = (f"{stem}{k}" for k in count(2))
        names = {n: f"{n}_" if n in RESERVED else n for n in op.operands}
        translate = _Translate(self, names)

        def written(text: str) -> str:
            return ast.unparse(translate.value(expand(parse(text))))

        name = next(name for name in chain([stem], numbered) if name not in taken)
        pairs = zip(op.partials, fixed, strict=True)
        partials = tuple(None if known else written(partial) for partial, known in pairs)
        return Rule(name, tuple(names.values()), written(op.forward), partials)

    def source(self) -> list[str]:
        """Write the functions, those that others call first."""
        return [self.dialect.rule(rule) for rule in self.rules.values()]


class _Translate(Rewriter):
    """Rewrites an expression of the table's language in a framework's words."""

    def __init__(self, rules: Rules, names: Mapping[str, str]) -> None:
        super().__init__(lambda name: names.get(name, name))
        self.rules, self.first = rules, next(iter(names.values()))

    def filled(self, template: str, *parts: ast.expr) -> ast.expr:
        """Put expressions into the places of a template."""
        texts = [f"({ast.unparse(part)})" for part in parts]
        return ast.parse(template.format(*texts, first=self.first), mode="eval").body

    def name(self, name: str) -> ast.expr:
        return ast.Constant(CONSTANTS[name]) if name in CONSTANTS else super().name(name)

    def choice(self, test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
        numbers = isinstance(yes, ast.Constant) and isinstance(no, ast.Constant)
        dialect = self.rules.dialect
        where = f"{dialect.module}.where({{0}}, {{1}}, {{2}})"
        return self.filled(dialect.constants if numbers else where, test, yes, no)

    def logic(self, word: str, tests: Sequence[ast.expr]) -> ast.expr:
        sign = ast.BitAnd() if word == "and" else ast.BitOr()
        return reduce(lambda x, y: ast.BinOp(x, sign, y), tests)

    def call(self, name: str, operands: Sequence[ast.expr]) -> ast.expr:
        if name in self.rules.dialect.elementary:
            return self.filled(self.rules.dialect.elementary[name], *operands)
        row = TABLE[name]
        return self.filled(self.rules.call(row, (False,) * len(row.operands)), *operands)
