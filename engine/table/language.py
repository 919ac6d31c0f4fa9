"""The language of the derivative table: small arithmetic expressions, one text for every reader.

A row of the table is written as text, for example ``"z * (1 - z)"``. The same text is compiled to
fast float code, evaluated on Values for higher derivatives, on arrays for batches, printed as a
formula, and lowered to machine code. This file says what the text may contain and holds what all
those readers share.

The language: numbers; names (the operands, ``z`` for the output, the constants below); ``+ - * /
**`` and unary minus; ``A if TEST else B`` with comparisons of two, ``and`` and ``or``; calls of
the functions in `FLOATS`, of other rows, and of the macros below.
"""

from __future__ import annotations

import ast
import math
from functools import cache
from typing import TYPE_CHECKING, Any

from engine.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONSTANTS: Mapping[str, float] = {
    "PI": math.pi,
    "LN2": math.log(2.0),
    "SQRT1_2": math.sqrt(0.5),
    "TWO_OVER_SQRT_PI": 2.0 / math.sqrt(math.pi),
    "INV_SQRT_TAU": 1.0 / math.sqrt(math.tau),
}
"""Named constants, so that a row reads like its formula."""

MACROS: Mapping[str, tuple[tuple[str, ...], str]] = {
    # The indicator of x > 0. At a nan it is nan: a nan is never swallowed.
    "heaviside": (("x",), "1.0 if x > 0 else 0.0 if x <= 0 else x"),
    "sign": (("x",), "1.0 if x > 0 else -1.0 if x < 0 else 0.0 if x == 0 else x"),
}
"""Names that stand for an expression; `expand` writes them out."""


FLOATS: Mapping[str, Callable[..., float]] = {
    name: getattr(math, name)
    for name in [
        "exp",
        "expm1",
        "log",
        "log1p",
        "log2",
        "sqrt",
        "cbrt",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "atan2",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "acosh",
        "atanh",
        "erf",
        "erfc",
        "hypot",
        "pow",
    ]
} | {"abs": math.fabs}
"""The elementary functions on floats; all from the standard library's `math`."""

ERRORS = (ValueError, OverflowError, ZeroDivisionError)
"""What the functions of `FLOATS` and float division raise outside their domain."""


@cache
def parse(text: str) -> ast.expr:
    """Parse an expression of the table.

    Args:
        text: The expression.

    Returns:
        Its syntax tree, with macros still in place. Treat it as read-only: it is cached.

    Raises:
        ExpressionError: If the text is not in this language; the message names the part at fault.

    Example:
        >>> ast.unparse(parse("z*(1-z)"))
        'z * (1 - z)'
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"{text!r} is not an expression: {error.msg}") from None
    for part in ast.walk(tree):
        if not isinstance(part, _ALLOWED):
            what = ast.unparse(part) if isinstance(part, ast.expr) else type(part).__name__
            raise ExpressionError(
                f"{text!r} uses {what!r}, which the language of the derivative "
                "table does not have (see engine.table.language)"
            )
        if isinstance(part, ast.Constant) and not isinstance(part.value, int | float):
            raise ExpressionError(f"{text!r} uses {part.value!r}, which is not a number")
        if isinstance(part, ast.Compare) and len(part.ops) > 1:
            raise ExpressionError(f"{text!r} compares more than two; join comparisons with `and`")
        if isinstance(part, ast.Call) and (part.keywords or not isinstance(part.func, ast.Name)):
            raise ExpressionError(f"{text!r} may only call functions by name, without keywords")
    return tree


_ALLOWED = (
    ast.BinOp,
    ast.Add,
    ast.Sub,
    ast.Mult,
    ast.Div,
    ast.Pow,
    ast.UnaryOp,
    ast.USub,
    ast.IfExp,
    ast.BoolOp,
    ast.And,
    ast.Or,
    ast.Compare,
    ast.Lt,
    ast.LtE,
    ast.Gt,
    ast.GtE,
    ast.Eq,
    ast.NotEq,
    ast.Call,
    ast.Name,
    ast.Constant,
    ast.Load,
)


class _Substitute(ast.NodeTransformer):
    """Replace names by expressions."""

    def __init__(self, by: Mapping[str, ast.expr]) -> None:
        self.by = by

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.by.get(node.id, node)


class _Expand(ast.NodeTransformer):
    """Write macros out."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        assert isinstance(node.func, ast.Name)  # `parse` has checked it
        if node.func.id not in MACROS:
            return node
        names, text = MACROS[node.func.id]
        body = ast.parse(text, mode="eval").body
        written: ast.expr = _Substitute(dict(zip(names, node.args, strict=True))).visit(body)
        return written


def expand(tree: ast.expr) -> ast.expr:
    """Write the macros of an expression out.

    Example:
        >>> ast.unparse(expand(parse("heaviside(x)")))
        '1.0 if x > 0 else 0.0 if x <= 0 else x'
    """
    # Copied twice: the cached tree stays as it is, and an operand that a macro uses several times
    # is not the same object several times, which later rewriting would rewrite repeatedly.
    return _copy(_Expand().visit(_copy(tree)))


def _copy(tree: ast.expr) -> ast.expr:
    return ast.parse(ast.unparse(tree), mode="eval").body


def names(text: str) -> set[str]:
    """Name the variables of an expression: operands, ``z``, and never functions or constants.

    Example:
        >>> sorted(names("z * log(x) + PI"))
        ['x', 'z']
    """
    tree = parse(text)
    called = {id(p.func) for p in ast.walk(tree) if isinstance(p, ast.Call)}
    found = {p.id for p in ast.walk(tree) if isinstance(p, ast.Name) and id(p) not in called}
    return found - set(CONSTANTS)


def calls(text: str) -> set[str]:
    """Name the functions that an expression calls.

    Example:
        >>> calls("0.5 * erfc(-x)")
        {'erfc'}
    """
    return {
        p.func.id
        for p in ast.walk(parse(text))
        if isinstance(p, ast.Call) and isinstance(p.func, ast.Name)
    }


class _Lift(ast.NodeTransformer):
    """Let tests look at numbers: ``x > 0`` becomes ``number(x) > 0``."""

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        node.test = _OnNumbers().visit(node.test)
        return node


class _OnNumbers(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Call(ast.Name("number", ast.Load()), [node], [])


@cache
def lifted(text: str, arguments: tuple[str, ...], *, macros: bool = True) -> Any:
    """Compile an expression once, for operands of any kind that has arithmetic.

    Args:
        text: The expression.
        arguments: The names it is a function of.
        macros: False to call what has the name of a macro, instead of writing the macro out.

    Returns:
        A factory: given a namespace of functions (and ``number``, which turns an operand into the
        number that tests look at), it returns the function of the arguments.

    Example:
        >>> square = lifted("x * x if x > 0 else 0.0", ("x",))({"number": float})
        >>> square(3), square(-3)
        (9, 0.0)
    """
    tree = _Lift().visit(expand(parse(text)) if macros else _copy(parse(text)))
    source = f"lambda {', '.join(arguments)}: {ast.unparse(ast.fix_missing_locations(tree))}"
    code = compile(source, f"<{text}>", "eval")
    return lambda namespace: eval(code, dict(CONSTANTS) | dict(namespace))  # noqa: S307 - our text
