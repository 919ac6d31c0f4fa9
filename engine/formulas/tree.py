"""Formulas: small trees, simplified for reading.

A formula is a small tree. It is built from other formulas (`add`, `times`, `power`), and building
simplifies as a textbook does: numbers are multiplied out, like terms and equal factors collected,
``1 * x`` is ``x``. Sums are never expanded, and where an operation is and is not defined stays the
business of its row.

`engine.formulas.rows` reads formulas from the derivative table, `engine.formulas.text` prints
them, as text or as LaTeX; `evaluate` computes the value of one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeAlias

from engine.table.floats import total


@dataclass(frozen=True)
class Number:
    """A plain number."""

    value: float


@dataclass(frozen=True)
class Name:
    """A node, printed by its name or by its number; nodes are told apart by identity."""

    node: Any


@dataclass(frozen=True)
class Symbol:
    """A mathematical constant that is printed by its letter."""

    text: str
    latex: str
    value: float


@dataclass(frozen=True, eq=False)
class Sum:
    """A sum of at least two terms, none of them a sum; equal to the same terms in any order."""

    terms: tuple[Formula, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sum) and frozenset(self.terms) == frozenset(other.terms)

    def __hash__(self) -> int:
        return hash(frozenset(self.terms))


@dataclass(frozen=True, eq=False)
class Product:
    """A number times powers of different bases; equal to the same factors in any order."""

    coefficient: float
    factors: tuple[tuple[Formula, float], ...]

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Product)
            and self.coefficient == other.coefficient
            and frozenset(self.factors) == frozenset(other.factors)
        )

    def __hash__(self) -> int:
        return hash((self.coefficient, frozenset(self.factors)))


@dataclass(frozen=True)
class Power:
    """A power whose exponent is not a plain number."""

    base: Formula
    exponent: Formula


@dataclass(frozen=True)
class Call:
    """A row of the table, or the indicator ``heaviside``, applied to formulas."""

    name: str
    arguments: tuple[Formula, ...]


@dataclass(frozen=True)
class Test:
    """A condition: ``relation`` is a comparison, or ``"and"`` or ``"or"`` between conditions."""

    __test__ = False  # this is no test case, whatever pytest makes of the name

    relation: str
    parts: tuple[Formula | Test, ...]


@dataclass(frozen=True)
class Choice:
    """One formula where a condition holds, another where it does not."""

    test: Test
    yes: Formula
    no: Formula


Formula: TypeAlias = Number | Name | Symbol | Sum | Product | Power | Call | Choice

ZERO, ONE = Number(0.0), Number(1.0)
PI = Symbol("π", "\\pi", math.pi)


# ---------------------------------------------------------------- building


def add(*formulas: Formula) -> Formula:
    """Add formulas; like terms are collected.

    Example:
        >>> x = Name("x")
        >>> add(x, x) == times(Number(2.0), x)
        True
    """
    collected: dict[Formula, float] = {}
    for formula in formulas:
        for term in terms(formula):
            coefficient, body = _split(term)
            collected[body] = collected.get(body, 0.0) + coefficient
    kept = [times(Number(c), body) for body, c in collected.items() if c != 0]
    if len(kept) > 1:
        return Sum(tuple(kept))
    return kept[0] if kept else ZERO


def times(*formulas: Formula) -> Formula:
    """Multiply formulas; numbers are multiplied out and equal factors become powers.

    Example:
        >>> x = Name("x")
        >>> times(x, Number(3.0), x, power(x, Number(-2.0)))
        Number(value=3.0)
    """
    coefficient = 1.0
    collected: dict[Formula, float] = {}
    for formula in formulas:
        factor, bases = factors(formula)
        coefficient *= factor
        for base, exponent in bases:
            collected[base] = collected.get(base, 0.0) + exponent
    kept = tuple((base, e) for base, e in collected.items() if e != 0)
    if coefficient == 0 or not kept:
        return Number(coefficient)
    if coefficient == 1 and len(kept) == 1 and kept[0][1] == 1:
        return kept[0][0]
    return Product(coefficient, kept)


def power(base: Formula, exponent: Formula) -> Formula:
    """Raise a formula to a power.

    Example:
        >>> power(Name("x"), ONE)
        Name(node='x')
    """
    if not isinstance(exponent, Number):
        return Power(base, exponent)
    n = exponent.value
    if n in {0.0, 1.0}:
        return base if n else ONE
    if isinstance(base, Product | Number) and n == math.floor(n):
        coefficient, bases = factors(base)
        number = Number(_power(coefficient, n))
        return times(number, *(Product(1.0, ((b, e * n),)) for b, e in bases))
    # (x ** 2) ** 0.5 is not x: with other exponents a product stays one base.
    return Product(1.0, ((base, n),))


def call(name: str, *arguments: Formula) -> Formula:
    """Apply a row to formulas; exp(a - log(b)) becomes exp(a) / b, as softmax is written."""
    if name == "exp":
        rest: list[Formula] = []
        divisors: list[Formula] = []
        for term in terms(arguments[0]):
            coefficient, body = _split(term)
            is_log = isinstance(body, Call) and body.name == "log" and coefficient == -1
            (divisors if is_log else rest).append(body.arguments[0] if is_log else term)  # type: ignore[union-attr]
        if divisors and rest:
            return quotient(Call(name, (add(*rest),)), times(*divisors))
    return Call(name, arguments)


def negative(formula: Formula) -> Formula:
    """Negate a formula."""
    return times(Number(-1.0), formula)


def quotient(above: Formula, below: Formula) -> Formula:
    """Divide formulas."""
    return times(above, power(below, Number(-1.0)))


def terms(formula: Formula) -> tuple[Formula, ...]:
    """Split a formula into what it adds up."""
    return formula.terms if isinstance(formula, Sum) else (formula,)


def factors(formula: Formula) -> tuple[float, tuple[tuple[Formula, float], ...]]:
    """Split a formula into its number and its bases with their exponents."""
    if isinstance(formula, Number):
        return formula.value, ()
    if isinstance(formula, Product):
        return formula.coefficient, formula.factors
    return 1.0, ((formula, 1.0),)


def _split(term: Formula) -> tuple[float, Formula]:
    """Split a term into its number and the rest (1 for a plain number)."""
    coefficient, bases = factors(term)
    return coefficient, times(*(Product(1.0, (b,)) for b in bases))


def factored(formula: Formula) -> Formula:
    """Take a term out of a sum that divides all of it: z - z**2 is z * (1 - z).

    Example:
        >>> z = Name("z")
        >>> factored(add(z, negative(power(z, Number(2.0))))) == times(z, add(ONE, negative(z)))
        True
    """
    if not isinstance(formula, Sum):
        return formula
    parts = [factors(term) for term in formula.terms]
    shared = dict(parts[0][1])
    for _, bases in parts[1:]:
        exponents = dict(bases)
        shared = {b: min(e, exponents.get(b, 0.0)) for b, e in shared.items()}
    shared = {b: e for b, e in shared.items() if e > 0}
    divisor = times(*(Product(1.0, (b,)) for b in shared.items()))
    rest = [quotient(term, divisor) for term in formula.terms]
    if shared and any(isinstance(r, Number) for r in rest):
        return times(divisor, add(*rest))
    return formula


# ---------------------------------------------------------------- values and sizes


def evaluate(formula: Formula, value: Callable[[Any], float]) -> float:
    """Compute the value of a formula.

    Example:
        >>> evaluate(times(Number(2.0), Name("x"), Name("x")), {"x": 3.0}.__getitem__)
        18.0
    """
    match formula:
        case Number(value=number) | Symbol(value=number):
            return number
        case Name(node=node):
            return value(node)
        case Sum(terms=parts):
            return sum(evaluate(part, value) for part in parts)
        case Product(coefficient=coefficient, factors=parts):
            raised = (_power(evaluate(base, value), exponent) for base, exponent in parts)
            return math.prod(raised, start=coefficient)
        case Power(base=base, exponent=exponent):
            return _power(evaluate(base, value), evaluate(exponent, value))
        case Call(name=name, arguments=arguments):
            names = tuple(f"x{k}" for k in range(len(arguments)))
            function = total(f"{name}({', '.join(names)})", names)
            return function(*(evaluate(a, value) for a in arguments))
    return evaluate(formula.yes if holds(formula.test, value) else formula.no, value)


def _power(base: float, exponent: float) -> float:
    return total("x ** y", ("x", "y"))(base, exponent)


_HOLDS: Mapping[str, Callable[[float, float], bool]] = {
    "<": lt,
    "≤": le,
    ">": gt,
    "≥": ge,
    "=": eq,
    "≠": ne,
}


def holds(test: Test, value: Callable[[Any], float]) -> bool:
    """Decide a condition."""
    if test.relation in {"and", "or"}:
        decided = (holds(part, value) for part in test.parts if isinstance(part, Test))
        return all(decided) if test.relation == "and" else any(decided)
    left, right = (evaluate(part, value) for part in test.parts if not isinstance(part, Test))
    return _HOLDS[test.relation](left, right)


def pieces(formula: Formula | Test) -> Iterator[Formula]:
    """Run through a formula and everything in it, outermost first."""
    stack: list[Formula | Test] = [formula]
    while stack:
        part = stack.pop()
        if not isinstance(part, Test):
            yield part
        stack.extend(reversed(_inside(part)))


def _inside(part: Formula | Test) -> tuple[Formula | Test, ...]:
    match part:
        case Sum(terms=parts) | Call(arguments=parts) | Test(parts=parts):
            return parts
        case Product(factors=parts):
            return tuple(base for base, _ in parts)
        case Power(base=base, exponent=exponent):
            return (base, exponent)
        case Choice(test=test, yes=yes, no=no):
            return (test, yes, no)
    return ()


def size(formula: Formula) -> int:
    """Count the names, numbers and functions in a formula: how long it is to read."""
    return sum(not isinstance(part, Sum | Product) for part in pieces(formula))
