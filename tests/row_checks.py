"""Three independent judges of a row of the derivative table; each raises AssertionError.

`tests/engine/table/test_ops.py` and the oracle tests try them on every row, and on rows with
planted errors: a judge that lets a wrong row pass is no judge.
"""

from __future__ import annotations

import operator
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import engine
from engine.calculus.check import central_difference
from engine.core.domain import general
from engine.core.functions import reduce_operands
from engine.table.floats import on_floats, reduction_partials
from engine.table.language import Reader, expand, parse
from engine.table.ops import TABLE, Op, Reduction

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TOLERANCE = 1e-12
"""How far two exact derivatives may be apart, relative to max(1, abs)."""

RANGES = {
    "expm1": (-40, 40),
    "log1p": (-0.99, 50),
    "log2": (0.01, 50),
    "cbrt": (-50, 50),
    "tan": (-1.5, 1.5),
    "sinh": (-30, 30),
    "cosh": (-30, 30),
    "asinh": (-1e3, 1e3),
    "acosh": (1.001, 1e3),
    "atanh": (-0.99, 0.99),
    "atan": (-1e3, 1e3),
    "asin": (-0.99, 0.99),
    "acos": (-0.99, 0.99),
    "erf": (-7, 7),
    "erfc": (-7, 10),
    "gelu": (-8, 8),
    "softplus": (-800, 800),
}
"""Where rows that an export writes as formulas are tried."""


def wrong(row: Op, slot: int) -> Op:
    """Plant an error of one in a thousand in a partial."""
    partials = list(row.partials)
    partials[slot] = f"1.001 * ({partials[slot]})"
    return replace(row, partials=tuple(partials))


def assert_close(found: float, expected: float, what: object, tolerance: float) -> None:
    """Compare relative to max(1, abs(expected))."""
    error = abs(found - expected)
    assert error <= tolerance * max(1.0, abs(expected)), (what, found, expected)


def own(row: Op) -> bool:
    """Tell everypath's own rows from those that doctests and tests have defined."""
    return hasattr(engine.core.arithmetic, row.name) or row.variadic is not None


def function(row: Op) -> Callable[..., Any]:
    """Make the operation as a function of its operands one by one, from the row's texts."""
    return partial(reduce_operands if isinstance(row, Reduction) else general, row)


def partials(row: Op, sample: tuple[float, ...]) -> list[float]:
    """Evaluate the texts of a row's partials at a sample, one for each operand."""
    z = function(row)(*sample)
    if isinstance(row, Reduction):
        return reduction_partials(row)(sample, z)
    return [on_floats(text, (*row.operands, "z"))(*sample, z) for text in row.partials]


# ---------------------------------------------------------------- central differences


def by_differences(row: Op) -> None:
    """Judge a row by central differences on its own samples."""
    f = function(row)
    for sample in row.samples:
        for k, found in enumerate(partials(row, sample)):
            expected = central_difference(
                lambda x, k=k, s=sample: f(*s[:k], x, *s[k + 1 :]), sample[k]
            )
            assert_close(found, expected, (row.name, sample, k), 1e-9)


# ---------------------------------------------------------------- SymPy


class _ToSympy(Reader[Any, Any]):
    """Translate the language of the table into SymPy, exactly: 0.5 becomes one half."""

    def __init__(self, sympy: Any, variables: dict[str, Any]) -> None:
        self.sympy = sympy
        half = sympy.Rational(1, 2)
        self.names = variables | {
            "PI": sympy.pi,
            "LN2": sympy.log(2),
            "SQRT1_2": sympy.sqrt(half),
            "TWO_OVER_SQRT_PI": 2 / sympy.sqrt(sympy.pi),
            "INV_SQRT_TAU": 1 / sympy.sqrt(2 * sympy.pi),
        }
        self.functions = {
            "expm1": lambda x: sympy.exp(x) - 1,
            "log1p": lambda x: sympy.log(1 + x),
            "log2": lambda x: sympy.log(x) / sympy.log(2),
            "abs": sympy.Abs,
            "cbrt": lambda x: sympy.sign(x) * sympy.Abs(x) ** sympy.Rational(1, 3),
            "hypot": lambda x, y: sympy.sqrt(x * x + y * y),
        }

    def number(self, value: float) -> Any:
        return self.sympy.Rational(str(value))

    def name(self, name: str) -> Any:
        return self.names[name]

    def negative(self, x: Any) -> Any:
        return -x

    def arithmetic(self, sign: str, x: Any, y: Any) -> Any:
        return _PYTHON[sign](x, y)

    def choice(self, test: Any, yes: Any, no: Any) -> Any:
        return self.sympy.Piecewise((yes, test), (no, True))

    def comparison(self, sign: str, x: Any, y: Any) -> Any:
        return self.sympy.Rel(x, y, sign)

    def logic(self, word: str, tests: Sequence[Any]) -> Any:
        return (self.sympy.And if word == "and" else self.sympy.Or)(*tests)

    def call(self, name: str, operands: Sequence[Any]) -> Any:
        if name in self.functions:
            return self.functions[name](*operands)
        if hasattr(self.sympy, name):
            return getattr(self.sympy, name)(*operands)
        row = TABLE[name]
        inner = _ToSympy(self.sympy, dict(zip(row.operands, operands, strict=True)))
        return inner.value(expand(parse(row.forward)))


_PYTHON = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": operator.pow,
}


def _symbolic(row: Op, count: int) -> tuple[list[Any], Any, list[Any]]:
    """Translate a row: its symbols, the forward rule, and the partials with z written out."""
    import sympy

    if not isinstance(row, Reduction):
        xs = list(sympy.symbols(row.operands, real=True))
        variables = dict(zip(row.operands, xs, strict=True))
        z = _ToSympy(sympy, variables).value(expand(parse(row.forward)))
        translate = _ToSympy(sympy, variables | {"z": z})
        return xs, z, [translate.value(expand(parse(text))) for text in row.partials]
    xs = list(sympy.symbols(f"x:{count}", real=True))
    half = count // 2 if row.variadic == "pairs" else 0
    pairs = [*zip(xs, row.partners(xs, sympy.Integer(1)), strict=True)]
    known = {"n": sympy.Integer(count), "m": sympy.Integer(0)}  # a shift changes nothing

    def read(text: str, **names: Any) -> Any:
        return _ToSympy(sympy, known | names).value(parse(text))

    added = [read(row.term, x=x, y=y) for x, y in pairs[:half] + pairs[2 * half :]]
    z = read(row.forward, total=sum(added))
    return xs, z, [read(row.partials[0], x=x, y=y, z=z) for x, y in pairs]


def by_sympy(row: Op, *, symbolically: bool = True) -> None:
    """Judge a row by SymPy's derivative of its forward rule, at its samples and as formulas."""
    import sympy

    for sample in row.samples:
        xs, z, given = _symbolic(row, len(sample))
        at = {x: sympy.Rational(str(value)) for x, value in zip(xs, sample, strict=True)}
        for x, rule in zip(xs, given, strict=True):
            true = sympy.diff(z, x)
            exact, written = (
                sympy.N(sympy.sympify(formula).subs(at).doit(), 30) for formula in (true, rule)
            )
            assert_close(written, exact, (row.name, sample, x), 1e-25)
            difference = true - rule
            cases = (sympy.Piecewise, sympy.sign, sympy.DiracDelta)  # these do not simplify away
            if symbolically and not difference.has(*cases):
                assert sympy.simplify(difference) == 0, (row.name, true, rule)


# ---------------------------------------------------------------- JAX


@cache
def jax_function(name: str) -> Callable[..., Any]:
    """Find JAX's own function, in float64: by its name, but where JAX's name or use is another."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    special = jax.scipy.special
    others = {
        "add": jnp.add,
        "sub": jnp.subtract,
        "mul": jnp.multiply,
        "div": jnp.divide,
        "neg": jnp.negative,
        "gelu": lambda x: jax.nn.gelu(x, approximate=False),
        "clamp": jnp.clip,
        "where": lambda c, x, y: jnp.where(c != 0, x, y),
        "sum": lambda *xs: jnp.sum(jnp.stack(xs)),
        "mean": lambda *xs: jnp.mean(jnp.stack(xs)),
        "logsumexp": lambda *xs: special.logsumexp(jnp.stack(xs)),
        "dot": _dot_by_hand,
    }
    if name in others:
        return others[name]
    for module in (jnp, jax.nn, special):
        if hasattr(module, name):
            found: Callable[..., Any] = getattr(module, name)
            return found
    pytest.skip(f"JAX has no function called {name}: SymPy and differences judge it")


def _dot_by_hand(*xs: Any) -> Any:
    half = len(xs) // 2
    return sum((xs[k] * xs[half + k] for k in range(half)), start=sum(xs[2 * half :]))


class Judgement(NamedTuple):
    """What JAX says of a function at a point."""

    value: float
    gradient: list[float]
    hessian: list[list[float]]


@cache
def _judge(name: str) -> Callable[..., Any]:
    """Compile value, gradient and Hessian together: one compilation is what takes the time."""
    import jax

    def f(xs: Any) -> Any:
        return jax_function(name)(*xs)

    return jax.jit(lambda xs: (f(xs), jax.grad(f)(xs), jax.hessian(f)(xs)))


def jax_says(name: str, point: tuple[float, ...]) -> Judgement:
    """Evaluate JAX's function, its gradient and its Hessian at a point."""
    jax_function(name)  # first: it sets the precision
    import jax.numpy as jnp

    value, gradient, hessian = _judge(name)(jnp.array(point))
    return Judgement(float(value), gradient.tolist(), hessian.tolist())


def by_jax(row: Op) -> None:
    """Judge a row by JAX's value and gradient of the same function."""
    for sample in row.samples:
        said = jax_says(row.name, sample)
        assert_close(function(row)(*sample), said.value, (row.name, sample), TOLERANCE)
        for k, (found, expected) in enumerate(
            zip(partials(row, sample), said.gradient, strict=True)
        ):
            assert_close(found, expected, (row.name, sample, k), TOLERANCE)
