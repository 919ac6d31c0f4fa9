"""The formulas of the derivative table: a row's texts, with operands put in.

So ``y * x ** (y - 1)``, with the exponent 2 put in for y, is ``2x``.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from engine.formulas.tree import (
    ONE,
    PI,
    ZERO,
    Choice,
    Number,
    Test,
    add,
    call,
    negative,
    power,
    quotient,
    times,
)
from engine.table.language import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from engine.formulas.tree import Formula
    from engine.table.ops import Op

# The table's named constants, as a formula shows them.
_WRITTEN_OUT = {
    "LN2": "log(2)",
    "SQRT1_2": "1 / sqrt(2)",
    "TWO_OVER_SQRT_PI": "2 / sqrt(PI)",
    "INV_SQRT_TAU": "1 / sqrt(2 * PI)",
}

_BINARY: Mapping[type[ast.operator], Callable[[Formula, Formula], Formula]] = {
    ast.Add: add,
    ast.Sub: lambda x, y: add(x, negative(y)),
    ast.Mult: times,
    ast.Div: quotient,
    ast.Pow: power,
}

_RELATIONS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Eq: "=",
    ast.NotEq: "≠",
}


def read(text: str, given: Mapping[str, Formula]) -> Formula:
    """Read an expression of the table with formulas put in for its names.

    Args:
        text: The expression.
        given: What to put in for each of its names.

    Returns:
        The formula, simplified.

    Example:
        >>> from engine.formulas.tree import Name
        >>> read("y * x ** (y - 1.0)", {"x": Name("x"), "y": Number(2.0)})
        Product(coefficient=2.0, factors=((Name(node='x'), 1.0),))
    """
    return _read(parse(text), given)


def _read(tree: ast.expr, given: Mapping[str, Formula]) -> Formula:
    match tree:
        case ast.Constant(value=value):
            return Number(float(value))  # type: ignore[arg-type]  # `parse` lets only numbers through
        case ast.Name(id=name) if name in given:
            return given[name]
        case ast.Name(id="PI"):
            return PI
        case ast.Name(id=name):
            return read(_WRITTEN_OUT[name], {})
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_read(left, given), _read(right, given))
        case ast.UnaryOp(operand=operand):
            return negative(_read(operand, given))
        case ast.IfExp(test=test, body=yes, orelse=no):
            return Choice(_read_test(test, given), _read(yes, given), _read(no, given))
        case ast.Compare() | ast.BoolOp():  # a condition as a number
            return Choice(_read_test(tree, given), ONE, ZERO)
    assert isinstance(tree, ast.Call)  # `parse` lets nothing else through
    assert isinstance(tree.func, ast.Name)
    return call(tree.func.id, *(_read(a, given) for a in tree.args))


def _read_test(tree: ast.expr, given: Mapping[str, Formula]) -> Test:
    match tree:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return Test(_RELATIONS[type(op)], (_read(left, given), _read(right, given)))
        case ast.BoolOp(op=op, values=values):
            word = "and" if isinstance(op, ast.And) else "or"
            return Test(word, tuple(_read_test(value, given) for value in values))
    return Test("≠", (_read(tree, given), ZERO))


_WRITTEN_BETWEEN = {"add", "sub", "mul", "div", "pow", "neg"}


def output(op: Op, operands: Sequence[Formula]) -> Formula:
    """Write the output of an operation.

    Args:
        op: The row.
        operands: A formula for each operand.

    Returns:
        Its formula: the arithmetic written out, any other function as a call.

    Example:
        >>> from engine.formulas.tree import Name
        >>> from engine.table.ops import TABLE
        >>> output(TABLE["sub"], [Name("x"), Name("x")])
        Number(value=0.0)
    """
    if op.variadic == "pairs":
        half = len(operands) // 2
        pairs = zip(operands[:half], operands[half : 2 * half], strict=True)
        return add(*(times(x, y) for x, y in pairs), *operands[2 * half :])
    if op.variadic == "each":
        return _OF_A_LIST[op.name](operands)
    if op.name in _WRITTEN_BETWEEN:
        return read(op.forward, dict(zip(op.operands, operands, strict=True)))
    return call(op.name, *operands)


_OF_A_LIST: Mapping[str, Callable[[Sequence[Formula]], Formula]] = {
    "sum": lambda xs: add(*xs),
    "mean": lambda xs: quotient(add(*xs), Number(len(xs))),
    "logsumexp": lambda xs: call("log", add(*(call("exp", x) for x in xs))),
}


def partial(
    op: Op, slot: int, operands: Sequence[Formula], z: Formula, *, exact: bool = False
) -> Formula:
    """Write the local derivative of an operation.

    Args:
        op: The row.
        slot: Which operand to differentiate with respect to, counted from 0.
        operands: A formula for each operand.
        z: A formula for the output.
        exact: True for the row's exact text; False for the text that it shows, which leaves out
            the special cases at kinks.

    Returns:
        The formula, simplified.

    Example:
        >>> from engine.formulas.tree import Name
        >>> from engine.table.ops import TABLE
        >>> partial(TABLE["mul"], 0, [Name("x"), Name("y")], Name("z"))
        Name(node='y')
    """
    texts = op.partials if exact else op.formulas()
    if op.variadic == "each":
        n = Number(float(len(operands)))
        return read(texts[0], {"x": operands[slot], "z": z, "n": n})
    if op.variadic == "pairs":
        half = len(operands) // 2
        return ONE if slot == 2 * half else operands[(slot + half) % (2 * half)]
    return read(texts[slot], {**dict(zip(op.operands, operands, strict=True)), "z": z})
