"""The formulas of the derivative table: a row's texts, with operands put in.

So ``y * x ** (y - 1)``, with the exponent 2 put in for y, is ``2x``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.formulas import tree
from engine.formulas.tree import ONE, PI, ZERO, Choice, Formula, Number, Test
from engine.table.language import Reader, parse
from engine.table.ops import Reduction

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.table.ops import Op

# The table's named constants, as a formula shows them.
_WRITTEN_OUT = {
    "LN2": "log(2)",
    "SQRT1_2": "1 / sqrt(2)",
    "TWO_OVER_SQRT_PI": "2 / sqrt(PI)",
    "INV_SQRT_TAU": "1 / sqrt(2 * PI)",
}


def read(text: str, given: Mapping[str, Formula]) -> Formula:
    """Read an expression of the table with formulas put in for its names.

    Example:
        >>> from engine.formulas.tree import Name
        >>> read("y * x ** (y - 1.0)", {"x": Name("x"), "y": Number(2.0)})
        Product(coefficient=2.0, factors=((Name(node='x'), 1.0),))
    """
    return _FormulaReader(given).value(parse(text))


class _FormulaReader(Reader[Formula, Test]):
    def __init__(self, given: Mapping[str, Formula]) -> None:
        self.given = given

    def number(self, value: float) -> Formula:
        return Number(float(value))

    def name(self, name: str) -> Formula:
        if name in self.given:
            return self.given[name]
        return PI if name == "PI" else read(_WRITTEN_OUT[name], {})

    def negative(self, x: Formula) -> Formula:
        return tree.negative(x)

    def arithmetic(self, sign: str, x: Formula, y: Formula) -> Formula:
        return _ARITHMETIC[sign](x, y)

    def call(self, name: str, operands: Sequence[Formula]) -> Formula:
        return tree.call(name, *operands)

    def choice(self, test: Test, yes: Formula, no: Formula) -> Formula:
        return Choice(test, yes, no)

    def comparison(self, sign: str, x: Formula, y: Formula) -> Test:
        return Test(_RELATIONS.get(sign, sign), (x, y))

    def logic(self, word: str, tests: Sequence[Test]) -> Test:
        return Test(word, tuple(tests))


_ARITHMETIC: Mapping[str, Callable[[Formula, Formula], Formula]] = {
    "+": tree.add,
    "-": lambda x, y: tree.add(x, tree.negative(y)),
    "*": tree.times,
    "/": tree.quotient,
    "**": tree.power,
}

_RELATIONS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}


def output(op: Op, operands: Sequence[Formula]) -> Formula:
    """Write the output of an operation.

    Example:
        >>> from engine.formulas.tree import Name
        >>> from engine.table.ops import TABLE
        >>> output(TABLE["sub"], [Name("x"), Name("x")])
        Number(value=0.0)
    """
    if isinstance(op, Reduction):
        # The shift by the largest operand changes nothing but rounding: a formula has none.
        half = len(operands) // 2 if op.variadic == "pairs" else 0
        pairs = [*zip(operands, op.partners(operands, ONE), strict=True)]
        added = [
            read(op.term, {"x": x, "y": y, "m": ZERO}) for x, y in pairs[:half] + pairs[2 * half :]
        ]
        known = {"total": tree.add(*added), "n": Number(float(len(operands))), "m": ZERO}
        return read(op.forward, known)
    if op.infix or op.forward == "-x":
        return read(op.forward, dict(zip(op.operands, operands, strict=True)))
    return tree.call(op.name, *operands)


def partial(
    op: Op, slot: int, operands: Sequence[Formula], z: Formula, *, exact: bool = False
) -> Formula:
    """Write the local derivative of an operation.

    Example:
        >>> from engine.formulas.tree import Name
        >>> from engine.table.ops import TABLE
        >>> partial(TABLE["mul"], 0, [Name("x"), Name("y")], Name("z"))
        Name(node='y')
    """
    texts = op.partials if exact else op.formulas()
    if isinstance(op, Reduction):
        y, n = op.partners(operands, ONE)[slot], Number(float(len(operands)))
        return read(texts[0], {"x": operands[slot], "y": y, "z": z, "n": n})
    return read(texts[slot], {**dict(zip(op.operands, operands, strict=True)), "z": z})
