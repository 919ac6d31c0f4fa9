"""Statements on arrays as a function that a person can read, and paste into a project."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from engine.export.arrays import POW, Dense, Elementwise, GatheredMatrix, Submatrix, Sum, View
from engine.export.operands import Column, Number, Numbers, Part, Pick, Scalar
from engine.export.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from engine.export.arrays import ArrayProgram, Statement
    from engine.export.dialects import Dialect
    from engine.export.graphs import Exported
    from engine.export.operands import Operand
    from engine.table.ops import Op


MOST_FACTORS = 16
"""Smaller whole exponents are written as whole numbers, which the frameworks multiply out."""


def source(graph: Exported, dialect: Dialect) -> str:
    """Write a graph as a module with one function, ``f(params, x)``."""
    program = graph.program
    writer = _Writer(program, dialect)
    body = [_comment("x", graph.inputs), _comment("params", graph.params)]
    body += map(writer.statement, program.statements)
    body.append(f"return {writer.operand(program.result)}")
    function = "def f(params, x):\n" + "".join(f"    {line}\n" for line in body)
    return "\n\n".join([dialect.imports, *writer.rules.source(), function])


def function(text: str, framework: str) -> Callable[[Any, Any], Any]:
    """Compile what `source` wrote."""
    scope: dict[str, Any] = {}
    exec(compile(text, f"<exported to {framework}>", "exec"), scope)  # noqa: S102 - our own text
    made: Callable[[Any, Any], Any] = scope["f"]
    return made


def _comment(name: str, leaves: Sequence[Any]) -> str:
    """Say what the entries of an array are; a label may hold anything, a comment may not."""
    labels = ["".join(c if c.isprintable() else " " for c in leaf.label) for leaf in leaves]
    labels = [label or f"{name}[{k}]" for k, label in enumerate(labels)]
    shown = labels if len(labels) <= 6 else [*labels[:3], "...", labels[-1]]
    return f"# {name}: {', '.join(shown) or '(none)'}"


class _Writer:
    def __init__(self, program: ArrayProgram, dialect: Dialect) -> None:
        self.dialect, self.rules = dialect, Rules(dialect)
        self.vectors = {"x", "params"} | {
            s.name
            for s in program.statements
            if isinstance(s, Dense) or (isinstance(s, Elementwise) and s.width)
        }

    # ------------------------------------------------------------ operands

    def operand(self, operand: Operand) -> str:
        """Write what a statement reads, as a text that stands for itself in any formula."""
        match operand:
            case Number(value):
                return number(value)
            case Scalar(name, lane):
                return name if lane is None else f"{name}[{lane}]"
            case Numbers(values):
                return self.dialect.numbers.format(_listed(map(_entry, values)))
            case Part(name, start, stop, whole):
                return name if whole else f"{name}[{start}:{stop}]"
            case Pick(name, lanes):
                return f"{name}[{self.dialect.indices.format(list(lanes))}]"
            case Column(name, column):
                return f"{name}[:, {column}]"
            case _:
                stack = f"{self.dialect.module}.hstack([{{0}}])"
                return stack.format(", ".join(self.argument(p, stack) for p in operand.pieces))

    # ------------------------------------------------------------ statements

    def statement(self, statement: Statement) -> str:
        """Write one statement."""
        return f"{statement.name} = {self.right_side(statement)}"

    def right_side(self, statement: Statement) -> str:
        """Write what a statement computes."""
        match statement:
            case View(_, start, rows, columns):
                return f"params[{start}:{start + rows * columns}].reshape({rows}, {columns})"
            case Elementwise(_, op, operands, _):
                return self.elementwise(op, operands)
            case Dense(_, matrix, vector, biases):
                end = "" if biases is None else f" + {self.operand(biases)}"
                return f"{self.matrix(matrix)} @ {self.operand(vector)}{end}"
            case Sum(_, terms, products):
                parts = [self.product(left, right) for left, right in products]
                return " + ".join([*parts, *map(self.total, terms)])
            case _:
                return self.dialect.logsumexp.format(self.operand(statement.vector))

    def elementwise(self, op: Op, operands: tuple[Operand, ...]) -> str:
        """Write a row on its operands."""
        fixed = tuple(isinstance(operand, Number | Numbers) for operand in operands)
        exponent = operands[-1]
        if op is POW and isinstance(exponent, Number) and exponent.value:
            small = exponent.value.is_integer() and abs(exponent.value) <= MOST_FACTORS
            written = number(exponent.value).replace(".0", "") if small else number(exponent.value)
            return f"{self.operand(operands[0])} ** {written}"
        template = self.rules.call(op, fixed)
        return template.format(*[self.argument(o, template) for o in operands])

    def argument(self, operand: Operand, template: str) -> str:
        """Write an operand of a call; in formulas a number can stay one."""
        written = self.operand(operand)
        if isinstance(operand, Number) and template not in _FORMULAS:
            return self.dialect.number.format(written)
        return written

    def matrix(self, matrix: Any) -> str:
        """Write the weights of a dense layer."""
        match matrix:
            case Submatrix(name, start, stop, whole):
                return name if whole else f"{name}[:, {start}:{stop}]"
            case GatheredMatrix(lanes):
                return f"params[{self.dialect.indices.format(list(map(list, lanes)))}]"
            case _:
                rows = ",\n        ".join(_listed(map(_entry, row)) for row in matrix.values)
                return self.dialect.numbers.format(f"[\n        {rows},\n    ]")

    def product(self, left: Operand, right: Operand) -> str:
        """Write a product of scalars, or the dot of two vectors."""
        scalars = isinstance(left, Number | Scalar)
        return f"{self.operand(left)} {'*' if scalars else '@'} {self.operand(right)}"

    def total(self, term: Operand) -> str:
        """Write a term of a sum."""
        written = self.operand(term)
        is_scalar = isinstance(term, Number | Scalar)
        return written if is_scalar else f"{self.dialect.module}.sum({written})"


_FORMULAS = {"{0} + {1}", "{0} - {1}", "{0} * {1}", "{0} / {1}"}


def number(x: float) -> str:
    """Write a number so that it stands for itself in any formula.

    Example:
        >>> number(0.5), number(-2.0), number(math.inf)
        ('0.5', '(-2.0)', "float('inf')")
    """
    text = _entry(x)
    return f"({text})" if text.startswith("-") else text


def _entry(x: float) -> str:
    return repr(x) if math.isfinite(x) else f"float('{x!r}')"


def _listed(texts: Iterable[str]) -> str:
    return f"[{', '.join(texts)}]"
