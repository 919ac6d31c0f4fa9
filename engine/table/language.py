"""The language of the derivative table: small arithmetic expressions, one text for every reader.

A row of the table is written as text, for example ``"z * (1 - z)"``. The same text is compiled to
fast float code, evaluated on Values for higher derivatives, on arrays for batches, printed as a
formula, and lowered to machine code. This file says what the text may contain, and has the one
`Reader` that all those are: a new one says what numbers, names, calls and choices become.

The language: numbers; names (the operands, ``z`` for the output, the constants below); ``+ - * /
**`` and unary minus; ``A if TEST else B`` with comparisons of two, ``and`` and ``or``; calls of
the elementary functions, of other rows, and of the macros below.
"""

from __future__ import annotations

import ast
import math
from abc import ABC, abstractmethod
from functools import cache, reduce
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from engine.errors import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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


ERRORS = (ValueError, OverflowError, ZeroDivisionError)
"""What functions of `math` and float division raise outside their domain."""


@cache
def parse(text: str) -> ast.expr:
    """Parse an expression of the table.

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


_SIGNS: Mapping[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.And: "and",
    ast.Or: "or",
}
_CLASSES: Mapping[str, type[Any]] = {sign: made for made, sign in _SIGNS.items()}
_ALLOWED = (
    ast.BinOp,
    ast.UnaryOp,
    ast.USub,
    ast.IfExp,
    ast.BoolOp,
    ast.Compare,
    ast.Call,
    ast.Name,
    ast.Constant,
    ast.Load,
    *_SIGNS,
)

Value = TypeVar("Value")
Condition = TypeVar("Condition")


class Reader(ABC, Generic[Value, Condition]):
    """Reads an expression from the inside out: a subclass says what each part of it becomes.

    `Value` is what an expression becomes, `Condition` what a comparison becomes. The signs of
    operators and relations are those that Python writes.
    """

    @abstractmethod
    def number(self, value: float) -> Value:
        """Read a number."""

    @abstractmethod
    def name(self, name: str) -> Value:
        """Read an operand or a constant."""

    @abstractmethod
    def negative(self, x: Value) -> Value:
        """Read ``-x``."""

    @abstractmethod
    def arithmetic(self, sign: str, x: Value, y: Value) -> Value:
        """Read a sum, difference, product, quotient or power."""

    @abstractmethod
    def call(self, name: str, operands: Sequence[Value]) -> Value:
        """Read a call of a function or of a row."""

    @abstractmethod
    def choice(self, test: Condition, yes: Value, no: Value) -> Value:
        """Read ``yes if test else no``."""

    @abstractmethod
    def comparison(self, sign: str, x: Value, y: Value) -> Condition:
        """Read a comparison of two."""

    @abstractmethod
    def logic(self, word: str, tests: Sequence[Condition]) -> Condition:
        """Read conditions joined by ``and`` or ``or``."""

    def value(self, tree: ast.expr) -> Value:
        """Read a tree as a value; a condition counts as 1 or 0."""
        match tree:
            case ast.Constant(value=int() | float() as number):
                return self.number(number)
            case ast.Name(id=name):
                return self.name(name)
            case ast.UnaryOp(operand=x):
                return self.negative(self.value(x))
            case ast.BinOp(left=x, op=op, right=y):
                return self.arithmetic(_SIGNS[type(op)], self.value(x), self.value(y))
            case ast.IfExp(test=test, body=yes, orelse=no):
                return self.choice(self.condition(test), self.value(yes), self.value(no))
            case ast.Call(func=ast.Name(id=name), args=operands):
                return self.call(name, [self.value(x) for x in operands])
        return self.choice(self.condition(tree), self.number(1.0), self.number(0.0))

    def condition(self, tree: ast.expr) -> Condition:
        """Read a tree as a condition; a number is true if it is not 0."""
        match tree:
            case ast.Compare(left=x, ops=[op], comparators=[y]):
                return self.comparison(_SIGNS[type(op)], self.value(x), self.value(y))
            case ast.BoolOp(op=op, values=tests):
                return self.logic(_SIGNS[type(op)], [self.condition(test) for test in tests])
        return self.comparison("!=", self.value(tree), self.number(0.0))


class Rewriter(Reader[ast.expr, ast.expr]):
    """Rewrites an expression as Python: ``names`` says how a name is written.

    ``operators`` says which signs become calls, and of what; the sign of a choice is ``if``.
    """

    def __init__(
        self,
        names: Callable[[str], str] = str,
        operators: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.names, self.operators = names, operators

    def number(self, value: float) -> ast.expr:
        """Keep a number."""
        return ast.Constant(value)

    def name(self, name: str) -> ast.expr:
        """Rename."""
        return ast.Name(self.names(name), ast.Load())

    def negative(self, x: ast.expr) -> ast.expr:
        """Keep a minus."""
        return ast.UnaryOp(ast.USub(), x)

    def arithmetic(self, sign: str, x: ast.expr, y: ast.expr) -> ast.expr:
        """Keep an operator, or write it as a call."""
        if sign in self.operators:
            return self.call(self.operators[sign], [x, y])
        return ast.BinOp(x, _CLASSES[sign](), y)

    def call(self, name: str, operands: Sequence[ast.expr]) -> ast.expr:
        """Rename the function."""
        return ast.Call(ast.Name(self.names(name), ast.Load()), list(operands), [])

    def choice(self, test: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
        """Keep a choice, or write it as a call."""
        if "if" in self.operators:
            return self.call(self.operators["if"], [test, yes, no])
        return ast.IfExp(test, yes, no)

    def comparison(self, sign: str, x: ast.expr, y: ast.expr) -> ast.expr:
        """Keep a comparison."""
        return ast.Compare(x, [_CLASSES[sign]()], [y])

    def logic(self, word: str, tests: Sequence[ast.expr]) -> ast.expr:
        """Keep ``and`` and ``or``, or write them as calls on two."""
        if word in self.operators:
            return reduce(lambda x, y: self.call(self.operators[word], [x, y]), tests)
        return ast.BoolOp(_CLASSES[word](), list(tests))


def rewrite(
    text: str,
    names: Callable[[str], str] = str,
    operators: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Rewrite an expression, its macros written out, as Python; see `Rewriter`.

    Example:
        >>> rewrite("heaviside(x) ** 2", str.upper, {"**": "pow"})
        'POW(1.0 if X > 0 else 0.0 if X <= 0 else X, 2)'
    """
    return ast.unparse(Rewriter(names, operators).value(expand(parse(text))))


class _Macros(Rewriter):
    """Writes macros out, and what is given for names."""

    def __init__(self, given: Mapping[str, ast.expr] = MappingProxyType({})) -> None:
        super().__init__()
        self.given = given

    def name(self, name: str) -> ast.expr:
        return self.given.get(name) or super().name(name)

    def call(self, name: str, operands: Sequence[ast.expr]) -> ast.expr:
        if name not in MACROS:
            return super().call(name, operands)
        parameters, text = MACROS[name]
        return _Macros(dict(zip(parameters, operands, strict=True))).value(parse(text))


def expand(tree: ast.expr) -> ast.expr:
    """Write the macros of an expression out.

    Example:
        >>> ast.unparse(expand(parse("heaviside(x)")))
        '1.0 if x > 0 else 0.0 if x <= 0 else x'
    """
    return _Macros().value(tree)


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
    """Name the functions that an expression calls, its macros written out.

    Example:
        >>> calls("0.5 * erfc(-x)")
        {'erfc'}
    """
    return {
        p.func.id
        for p in ast.walk(expand(parse(text)))
        if isinstance(p, ast.Call) and isinstance(p.func, ast.Name)
    }


class _Lifted(Rewriter):
    """Lets conditions look at numbers: ``x > 0`` becomes ``number(x) > 0``."""

    def condition(self, tree: ast.expr) -> ast.expr:
        return _OfNumbers().condition(tree)


class _OfNumbers(Rewriter):
    def name(self, name: str) -> ast.expr:
        return self.call("number", [super().name(name)])


@cache
def lifted(text: str, arguments: tuple[str, ...], *, macros: bool = True) -> Any:
    """Compile an expression once, for operands of any kind that has arithmetic.

    Example:
        >>> square = lifted("x * x if x > 0 else 0.0", ("x",))({"number": float})
        >>> square(3), square(-3)
        (9, 0.0)
    """
    tree = _Lifted().value(expand(parse(text)) if macros else parse(text))
    code = compile(f"lambda {', '.join(arguments)}: {ast.unparse(tree)}", f"<{text}>", "eval")
    return lambda namespace: eval(code, dict(CONSTANTS) | dict(namespace))  # noqa: S307 - our text
