"""Print formulas: as a line of text, as LaTeX, and with numbers put in for the names.

`TextWriter` and `LatexWriter` share one idea of precedence, of order (number, names, functions,
sums) and of where a multiplication sign is needed; they differ in the marks they write. How a
function is written is read from its row of the derivative table.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from string import Formatter
from typing import Any, NamedTuple

from engine.formulas import tree
from engine.formulas.tree import Call, Choice, Formula, Name, Number, Power, Product, Sum, Symbol
from engine.labels import SUPERSCRIPTS, number
from engine.table.ops import TABLE

SUM, PRODUCT, APPLIED, POWER, ATOM = range(5)
"""How tightly a text holds together; below what a place needs, it gets parentheses."""

DIGITS = 6
"""Significant digits of the plain numbers in a formula."""


class Written(NamedTuple):
    """A text, and how tightly it holds together."""

    text: str
    level: int = ATOM


class Writer(ABC):
    """Write formulas, with ``name`` for each node; what the two dialects share."""

    minus = "−"
    dot = " · "
    indicator = "1"

    def __init__(self, name: Callable[[Any], str], digits: int = DIGITS) -> None:
        self._name = name
        self._digits = digits

    def __call__(self, formula: Formula) -> str:
        """Write a formula."""
        return self._write(formula).text

    # ------------------------------------------------------------ what a dialect decides

    def number(self, value: float) -> str:
        """Write a plain number."""
        return number(value, self._digits)

    def parenthesised(self, text: str) -> str:
        """Put a text in parentheses."""
        return f"({text})"

    def symbol(self, symbol: Symbol) -> str:
        """Write a mathematical constant."""
        return symbol.text

    def relation(self, relation: str) -> str:
        """Write a comparison, ``and`` or ``or``."""
        return relation

    def is_word(self, text: str) -> bool:
        """Tell a name of several letters, which must not touch the next one."""
        return any(c.isascii() and (c.isalnum() or c in "_ ") for c in text[1:])

    @abstractmethod
    def joined(self, left: Written, right: Written) -> str:
        """Put two factors side by side."""

    @abstractmethod
    def fraction(self, above: Written, below: Written) -> Written:
        """Write a quotient."""

    @abstractmethod
    def raised(self, base: Written, exponent: Formula) -> Written:
        """Write a power."""

    @abstractmethod
    def function(self, name: str, arguments: Sequence[Written]) -> Written:
        """Write a row of the table applied to something."""

    @abstractmethod
    def choice(self, test: str, yes: str, no: str) -> Written:
        """Write a formula in two cases."""

    # ------------------------------------------------------------ what they share

    def at(self, level: int, formula: Formula) -> str:
        """Write a formula, in parentheses if the place asks for a tighter one."""
        return self.tight(level, self._write(formula))

    def tight(self, level: int, written: Written) -> str:
        """Put parentheses around a text if the place asks for a tighter one."""
        return written.text if written.level >= level else self.parenthesised(written.text)

    def _write(self, formula: Formula) -> Written:
        match formula:
            case Number(value=value):
                return self._signed(self.number(value))
            case Name(node=node):
                return self._signed(self._name(node))
            case Symbol():
                return Written(self.symbol(formula))
            case Sum():
                return Written(self._sum(formula), SUM)
            case Product(coefficient=1.0, factors=((base, exponent),)) if exponent > 0:
                return self.raised(self._write(base), Number(exponent))
            case Product():
                return self._product(formula)
            case Power(base=base, exponent=exponent):
                return self.raised(self._write(base), exponent)
            case Call(name="heaviside", arguments=(argument,)):
                return Written(self.indicator + self.parenthesised(self._positive(argument)))
            case Call(name=name, arguments=arguments):
                return self.function(name, [self._write(a) for a in arguments])
        return self.choice(self._test(formula.test), self(formula.yes), self(formula.no))

    def _signed(self, text: str) -> Written:
        return Written(text, SUM if text.startswith(self.minus) else ATOM)

    def _sum(self, formula: Sum) -> str:
        parts = sorted(formula.terms, key=_is_negative) if _is_negative(formula.terms[0]) else None
        text = ""
        for term in parts or formula.terms:
            if text and _is_negative(term):
                text += f" {self.minus} {self.at(PRODUCT, tree.negative(term))}"
            elif text:
                text += f" + {self.at(PRODUCT, term)}"
            else:
                text = self(term)
        return text

    def _product(self, formula: Product) -> Written:
        coefficient, bases = tree.factors(formula)
        if coefficient < 0:
            positive = self.at(PRODUCT, tree.negative(formula))
            return Written(self.minus + positive, SUM)
        above = [tree.power(b, Number(e)) for b, e in bases if e > 0]
        below = [tree.power(b, Number(-e)) for b, e in bases if e < 0]
        if divisor := _divisor(coefficient, alone=not below):
            coefficient, below = 1.0, [Number(divisor), *below]
        if coefficient != 1 or not above:
            above = [Number(coefficient), *above]
        if below:
            return self.fraction(self._side_by_side(above), self._side_by_side(below))
        return self._side_by_side(above)

    def _side_by_side(self, parts: list[Formula]) -> Written:
        """Write factors side by side: numbers, names, functions, then sums."""
        written, *others = [self._write(part) for part in sorted(parts, key=_place)]
        for right in others:
            level = APPLIED if right.level == APPLIED else PRODUCT
            written = Written(self.joined(written, right), level)
        return written

    def _positive(self, argument: Formula) -> str:
        """Write "is positive"; a difference as a comparison."""
        above = [t for t in tree.terms(argument) if not _is_negative(t)]
        below = [tree.negative(t) for t in tree.terms(argument) if _is_negative(t)]
        if len(above) == len(below) == 1:
            return f"{self(above[0])} {self.relation('>')} {self(below[0])}"
        return f"{self(argument)} {self.relation('>')} 0"

    def _test(self, test: tree.Test) -> str:
        parts = [self._test(p) if isinstance(p, tree.Test) else self(p) for p in test.parts]
        return f" {self.relation(test.relation)} ".join(parts)


def _is_negative(term: Formula) -> bool:
    return tree.factors(term)[0] < 0


def _divisor(coefficient: float, *, alone: bool) -> float:
    """Find n if a coefficient is better written as a division by n: 0.5 / z is 1 / (2z)."""
    inverse = 1.0 / coefficient
    if inverse <= 1 or inverse != round(inverse):
        return 0.0
    is_short = inverse > 4 and len(repr(coefficient)) <= DIGITS
    return 0.0 if alone and is_short else inverse  # 0.1 x stays, x / 3 does not


def _place(part: Formula) -> int:
    """Where a factor stands in a product."""
    match part:
        case Number() | Symbol():
            return 0
        case Name() | Product(factors=((Name(), _),)):
            return 2
        case Sum() | Choice() | Product(factors=((Sum(), _),)):
            return 4
        case Call(name="heaviside"):
            return 5
    return 3


class TextWriter(Writer):
    """Write formulas as a line of text.

    Example:
        >>> from engine.formulas.tree import Name
        >>> from engine.formulas.rows import read
        >>> TextWriter(str)(read("z * (1.0 - z)", {"z": Name("h")}))
        'h(1 − h)'
    """

    def joined(self, left: Written, right: Written) -> str:
        """Put two factors side by side, with a dot where they would run together."""
        a, b = self.tight(PRODUCT, left), self.tight(APPLIED, right)
        numeric = b[0].isdigit() or b.startswith("(" + self.minus)
        word = self.is_word(a) and left.level == ATOM and not a[0].isdigit()
        touches = b.startswith("(") or (b[0].isalpha() and not self.is_word(b))
        ends_in_word = bool(re.search(r"[A-Za-z_]{2,}$", a))
        if touches and not numeric and not word and not ends_in_word:
            return a + b
        return a + self.dot + b

    def fraction(self, above: Written, below: Written) -> Written:
        """Write a quotient with a slash."""
        a, b = self.tight(PRODUCT, above), self.tight(POWER, below)
        slash = " / " if len(a) + len(b) > 12 else "/"
        return Written(a + slash + b, PRODUCT)

    def raised(self, base: Written, exponent: Formula) -> Written:
        """Write a power, a whole exponent as a superscript."""
        low = self.tight(ATOM, base)
        high = self.at(ATOM, exponent)
        if re.fullmatch(r"\d+", high):
            return Written(low + high.translate(SUPERSCRIPTS), POWER)
        return Written(f"{low}^{high}", POWER)

    def function(self, name: str, arguments: Sequence[Written]) -> Written:
        """Write a function by the symbol of its row."""
        symbol = TABLE[name].symbol
        inside = ", ".join(a.text for a in arguments)
        if "·" in symbol:  # a symbol that goes around its operand: |·|
            return Written(symbol.replace("·", inside))
        if not symbol[0].isalpha():  # a sign before it: √
            return Written(symbol + self.tight(ATOM, arguments[0]), POWER)
        return Written(f"{symbol}({inside})")

    def choice(self, test: str, yes: str, no: str) -> Written:
        """Write a formula in two cases."""
        return Written(f"({yes} if {test}, else {no})")


class LatexWriter(Writer):
    r"""Write formulas as LaTeX that plain LaTeX (with amsmath), KaTeX and MathJax accept.

    Example:
        >>> from engine.formulas.tree import Name
        >>> from engine.formulas.rows import read
        >>> LatexWriter(str)(read("-z / y", {"z": Name("z"), "y": Name("y")}))
        '-\\frac{z}{y}'
    """

    minus = "-"
    dot = " \\cdot "
    indicator = "\\mathbf{1}"

    def number(self, value: float) -> str:
        """Write a plain number."""
        return latex_number(number(value, self._digits))

    def parenthesised(self, text: str) -> str:
        """Put a text in parentheses that grow with it."""
        if "\\frac" in text or "\\begin" in text:
            return f"\\left({text}\\right)"
        return f"({text})"

    def symbol(self, symbol: Symbol) -> str:
        """Write a mathematical constant."""
        return symbol.latex

    def relation(self, relation: str) -> str:
        """Write a comparison, ``and`` or ``or``."""
        return _LATEX_RELATIONS.get(relation, relation)

    def is_word(self, text: str) -> bool:
        """Tell a name of several letters, which must not touch the next one."""
        return "\\text" in text or "\\mathrm" in text

    def joined(self, left: Written, right: Written) -> str:
        """Put two factors side by side, with a dot where they would run together."""
        a, b = self.tight(PRODUCT, left), self.tight(APPLIED, right)
        numeric = b[0].isdigit() or b.startswith("(" + self.minus)
        if numeric or left.level == APPLIED or self.is_word(a) or self.is_word(b):
            return a + self.dot + b
        return a + ("" if b.startswith(("(", "\\left(")) else " ") + b

    def fraction(self, above: Written, below: Written) -> Written:
        """Write a quotient with a bar."""
        return Written(f"\\frac{{{above.text}}}{{{below.text}}}", PRODUCT)

    def raised(self, base: Written, exponent: Formula) -> Written:
        """Write a power."""
        return Written(f"{self.tight(ATOM, base)}^{{{self(exponent)}}}", POWER)

    def function(self, name: str, arguments: Sequence[Written]) -> Written:
        """Write a function by the LaTeX of its row, with parentheses where the row has none."""
        row = TABLE[name]
        given = dict(zip(row.operands, arguments, strict=True))
        literals = list(Formatter().parse(row.latex))
        after = [literal for literal, *_ in literals[1:]] + [""]
        text, bare = "", False
        for (literal, field, *_), following in zip(literals, after, strict=True):
            text += literal
            if field is not None:
                bare = not text.endswith(("{", "(", "|", ", ")) or following.startswith("^")
                text += self.tight(ATOM, given[field]) if bare else given[field].text
        return Written(text, _level(row.latex, ends_bare=bare))

    def choice(self, test: str, yes: str, no: str) -> Written:
        """Write a formula in two cases."""
        cases = f"{yes} & \\text{{if }} {test} \\\\ {no} & \\text{{otherwise}}"
        return Written(f"\\begin{{cases}} {cases} \\end{{cases}}", SUM)


_LATEX_RELATIONS = {"≤": "\\le", "≥": "\\ge", "≠": "\\ne", "and": "\\land", "or": "\\lor"}


def _level(latex: str, *, ends_bare: bool) -> int:
    """How tightly the LaTeX of a row holds together, from what stands outside its brackets."""
    outside = latex
    while outside != (outside := re.sub(r"\{[^{}]*\}|\([^()]*\)|\[[^\[\]]*\]", "", outside)):
        continue
    if "+" in outside or "-" in outside:
        return SUM
    if ends_bare or "\\cdot" in outside:
        return APPLIED
    return POWER if "^" in outside else ATOM


def latex_number(text: str) -> str:
    r"""Turn a number as `engine.labels.number` writes it into LaTeX.

    Example:
        >>> latex_number("−1.2×10⁻⁷")
        '-1.2 \\times 10^{-7}'
    """
    plain = text.translate(_PLAIN)
    return re.sub(r"×10(-?\d+)$", r" \\times 10^{\1}", plain).replace("∞", "\\infty")


_PLAIN = str.maketrans("−⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "--0123456789")
