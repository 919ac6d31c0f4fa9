"""The derivative table: one frozen row for each operation.

A row says everything the project knows about an operation: its forward rule, one local derivative
for each operand, where it is defined, what was decided at its kinks, and points to try it on. The
rules are short texts in the language of `engine.table.language`, in the names of the operands and
``z``, the output; every reader of a rule (recording, higher derivatives, formulas, replay, the
tests) reads the row. To add an operation, add a row (see CONTRIBUTING.md).

Local derivatives are the textbook's. The subgradients decided at kinks are PyTorch's (JAX has the
same but for abs, where it takes 1), and 0 for hypot at the origin, where PyTorch has nan. Rules:
Griewank and Walther, "Evaluating Derivatives" (2nd ed., 2008), table 1.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import UnknownNameError
from engine.table.language import names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Numbers = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Op:
    """One row of the derivative table.

    Attributes:
        name: The function's name, and the operation's identity.
        symbol: What a diagram writes in the circle of the operation.
        forward: The output as an expression in the operands.
        partials: The derivative of the output with respect to each operand, as expressions in the
            operands and ``z``, the output.
        meaning: One line for the documentation.
        latex: The output as LaTeX, with ``{x}``, ``{y}``, ... where the operands go.
        samples: Operands to test the row on, away from kinks.
        operands: The operands' names, in order.
        domain: Where the operation and its local derivatives are finite, in words.
        kinks: Points without a derivative, each with the partials that were decided there.
        defaults: Operands that may be left out, and what they are then.
        shown: The partials as a formula shows them, where the texts carry special cases.
        chosen: For partials that choose by ``if``: the same written with operations that choose.
            Higher derivatives record these, so that a replay of them chooses again.
        infix: True for the binary operators, which Python writes between their operands.
        variadic: None; of a `Reduction`, how its operands enter.
    """

    name: str
    symbol: str
    forward: str
    partials: tuple[str, ...]
    meaning: str
    latex: str
    samples: tuple[Numbers, ...]
    operands: tuple[str, ...] = ("x",)
    domain: str = "every real number"
    kinks: Mapping[Numbers, Numbers] = field(default_factory=dict)
    defaults: Mapping[str, float] = field(default_factory=dict)
    shown: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    infix: bool = False
    variadic: Literal["each", "pairs"] | None = field(default=None, init=False)

    @property
    def arity(self) -> int | None:
        """The number of operands; None for a reduction, which takes any number of them."""
        return None if self.variadic else len(self.operands)

    def formulas(self) -> tuple[str, ...]:
        """Return the partials as a formula shows them."""
        return self.shown or self.partials

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        # A row is pickled by name: graphs find the table's own row again, so `is` keeps working.
        return find, (self.name,)


@dataclass(frozen=True, eq=False, repr=False)
class Reduction(Op):
    """A row of any number of operands: what each of them becomes is added up.

    Its `forward` is an expression in ``total``, the sum of the terms, ``n``, the number of
    operands, and ``m``, the largest operand. It has one partial, the derivative with respect to
    any operand ``x``, in ``x``, ``y``, ``n`` and ``z``.

    Attributes:
        term: What is added up, as an expression in the operand ``x``, its partner ``y`` and ``m``.
        variadic: ``"each"`` if every operand enters alike, ``"pairs"`` if the first half are the
            partners of the second. A last operand without a partner is added as it is.
    """

    term: str = "x"
    variadic: Literal["each", "pairs"] = "each"

    @cached_property
    def is_shifted(self) -> bool:
        """Whether terms are taken relative to the largest operand, so that none overflows.

        Mathematically that changes nothing; the result at an infinite operand is that operand.
        """
        return "m" in names(self.term)

    def partners(self, operands: Sequence[Any], one: Any = 1.0) -> list[Any]:
        """List the partner ``y`` of each operand; ``one`` for an operand that has none."""
        half = len(operands) // 2 if self.variadic == "pairs" else 0
        rest = len(operands) - 2 * half
        return [*operands[half : 2 * half], *operands[:half], *[one] * rest]


_XY = ("x", "y")

_ROWS = (
    # ------------------------------------------------------------------ arithmetic
    Op("add", symbol="+", forward="x + y", partials=("1.0", "1.0"), operands=_XY, infix=True,
       meaning="The sum x + y.", latex="{x} + {y}", samples=((1.5, -2.0), (0.25, 4.0))),
    Op("sub", symbol="−", forward="x - y", partials=("1.0", "-1.0"), operands=_XY, infix=True,
       meaning="The difference x - y.", latex="{x} - {y}", samples=((1.5, -2.0), (0.25, 4.0))),
    Op("mul", symbol="×", forward="x * y", partials=("y", "x"), operands=_XY, infix=True,
       meaning="The product x * y.", latex="{x} \\cdot {y}", samples=((1.5, -2.0), (0.25, 4.0))),
    Op("div", symbol="÷", forward="x / y", partials=("1.0 / y", "-z / y"), operands=_XY,
       infix=True, meaning="The quotient x / y.", latex="\\frac{{{x}}}{{{y}}}",
       domain="a divisor that is not 0", samples=((1.5, -2.0), (-0.25, 4.0))),
    # At y = 0 the derivative with x is not always 0: there it still changes with y, by 1 / x.
    Op("pow", symbol="^", forward="x ** y",
       partials=("0.0 if y == 0 and abs(x) < 1e-300 else y * x ** (y - 1.0)",
                 "0.0 if x == 0 and y >= 0 else z * log(x)"), operands=_XY, infix=True,
       meaning="The power x ** y; differentiates in both.", latex="{x}^{{{y}}}",
       domain="x > 0; or x < 0 under a fixed whole y; or x = 0 with y = 0 or y >= 1",
       kinks={(0.0, 2.0): (0.0, 0.0), (0.0, 0.0): (0.0, 0.0)},
       shown=("y * x ** (y - 1)", "x ** y * log(x)"),
       chosen=("0.0 if y == 0 and abs(x) < 1e-300 else y * x ** (y - 1.0)",
               "where(x, z * log(where(x, x, 1.0)), 0.0)"),
       samples=((1.5, -2.0), (0.25, 3.0), (2.0, 0.5))),
    Op("neg", symbol="−", forward="-x", partials=("-1.0",), meaning="The negative of x.",
       latex="-{x}", samples=((1.5,), (-2.0,))),
    # ------------------------------------------------------------------ exponentials, logarithms
    Op("exp", symbol="exp", forward="exp(x)", partials=("z",),
       meaning="The exponential of x: e to the power x.", latex="e^{{{x}}}",
       domain="x below 709.78 (it overflows above)", samples=((0.5,), (-3.0,), (2.0,))),
    Op("expm1", symbol="expm1", forward="expm1(x)", partials=("exp(x)",),
       meaning="exp(x) - 1, exact near 0.", latex="e^{{{x}}} - 1",
       domain="x below 709.78 (it overflows above)", samples=((0.5,), (-3.0,), (1e-9,))),
    Op("log", symbol="log", forward="log(x)", partials=("1.0 / x",),
       meaning="The natural logarithm of x.", latex="\\ln {x}", domain="x > 0",
       samples=((0.5,), (3.0,), (40.0,))),
    Op("log1p", symbol="log1p", forward="log1p(x)", partials=("1.0 / (1.0 + x)",),
       meaning="log(1 + x), exact near 0.", latex="\\ln(1 + {x})", domain="x > -1",
       samples=((0.5,), (3.0,), (1e-9,))),
    Op("log2", symbol="log₂", forward="log2(x)", partials=("1.0 / (x * LN2)",),
       meaning="The base-2 logarithm of x.", latex="\\log_2 {x}", domain="x > 0",
       samples=((0.5,), (3.0,))),
    Op("sqrt", symbol="√", forward="sqrt(x)", partials=("0.5 / z",),
       meaning="The square root of x.", latex="\\sqrt{{{x}}}",
       domain="x > 0 (the derivative is infinite at 0)", samples=((0.25,), (3.0,))),
    Op("cbrt", symbol="∛", forward="cbrt(x)", partials=("1.0 / (3.0 * z * z)",),
       meaning="The cube root of x.", latex="\\sqrt[3]{{{x}}}",
       domain="x != 0 (its derivative is infinite)", samples=((0.25,), (-3.0,))),
    # ------------------------------------------------------------------ trigonometry
    Op("sin", symbol="sin", forward="sin(x)", partials=("cos(x)",),
       meaning="The sine of x (radians).", latex="\\sin {x}", domain="finite x",
       samples=((0.5,), (-2.0,))),
    Op("cos", symbol="cos", forward="cos(x)", partials=("-sin(x)",),
       meaning="The cosine of x (radians).", latex="\\cos {x}", domain="finite x",
       samples=((0.5,), (-2.0,))),
    Op("tan", symbol="tan", forward="tan(x)", partials=("1.0 + z * z",),
       meaning="The tangent of x (radians).", latex="\\tan {x}", domain="finite x",
       samples=((0.5,), (-1.0,))),
    Op("asin", symbol="asin", forward="asin(x)", partials=("1.0 / sqrt((1.0 - x) * (1.0 + x))",),
       meaning="The angle whose sine is x.", latex="\\arcsin {x}", domain="-1 < x < 1",
       shown=("1.0 / sqrt(1.0 - x * x)",), samples=((0.5,), (-0.75,))),
    Op("acos", symbol="acos", forward="acos(x)", partials=("-1.0 / sqrt((1.0 - x) * (1.0 + x))",),
       meaning="The angle whose cosine is x.", latex="\\arccos {x}", domain="-1 < x < 1",
       shown=("-1.0 / sqrt(1.0 - x * x)",), samples=((0.5,), (-0.75,))),
    Op("atan", symbol="atan", forward="atan(x)", partials=("1.0 / (1.0 + x * x)",),
       meaning="The angle whose tangent is x.", latex="\\arctan {x}", samples=((0.5,), (-3.0,))),
    Op("atan2", symbol="atan2", forward="atan2(x, y)",
       partials=("y / hypot(x, y) / hypot(x, y)", "-x / hypot(x, y) / hypot(x, y)"), operands=_XY,
       meaning="The angle of the point (y, x), as `math.atan2(x, y)`.",
       latex="\\operatorname{{atan2}}({x}, {y})", domain="not both 0",
       shown=("y / (x * x + y * y)", "-x / (x * x + y * y)"), samples=((0.5, 1.5), (-1.0, -2.0))),
    Op("hypot", symbol="hypot", forward="hypot(x, y)",
       partials=("0.0 if z == 0 else x / z", "0.0 if z == 0 else y / z"), operands=_XY,
       meaning="The length of (x, y).", latex="\\sqrt{{{x}^2 + {y}^2}}",
       kinks={(0.0, 0.0): (0.0, 0.0)}, shown=("x / z", "y / z"),
       chosen=("where(z, x / where(z, z, 1.0), 0.0)", "where(z, y / where(z, z, 1.0), 0.0)"),
       samples=((0.5, 1.5), (-1.0, -2.0))),
    # ------------------------------------------------------------------ hyperbolic functions
    Op("sinh", symbol="sinh", forward="sinh(x)", partials=("cosh(x)",),
       meaning="The hyperbolic sine of x.", latex="\\sinh {x}",
       domain="x within 710.47 of 0 (it overflows beyond)", samples=((0.5,), (-2.0,))),
    Op("cosh", symbol="cosh", forward="cosh(x)", partials=("sinh(x)",),
       meaning="The hyperbolic cosine of x.", latex="\\cosh {x}",
       domain="x within 710.47 of 0 (it overflows beyond)", samples=((0.5,), (-2.0,))),
    Op("tanh", symbol="tanh", forward="tanh(x)", partials=("1.0 - z * z",),
       meaning="The hyperbolic tangent of x.", latex="\\tanh {x}", samples=((0.5,), (-2.0,))),
    Op("asinh", symbol="asinh", forward="asinh(x)", partials=("1.0 / hypot(x, 1.0)",),
       meaning="The inverse hyperbolic sine of x.", latex="\\operatorname{{arsinh}} {x}",
       shown=("1.0 / sqrt(x * x + 1.0)",), samples=((0.5,), (-2.0,))),
    Op("acosh", symbol="acosh", forward="acosh(x)",
       partials=("1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0))",),
       meaning="The inverse hyperbolic cosine of x.", latex="\\operatorname{{arcosh}} {x}",
       domain="x > 1", shown=("1.0 / sqrt(x * x - 1.0)",), samples=((1.5,), (4.0,))),
    Op("atanh", symbol="atanh", forward="atanh(x)", partials=("1.0 / ((1.0 - x) * (1.0 + x))",),
       meaning="The inverse hyperbolic tangent of x.", latex="\\operatorname{{artanh}} {x}",
       domain="-1 < x < 1", shown=("1.0 / (1.0 - x * x)",), samples=((0.5,), (-0.75,))),
    # ------------------------------------------------------------------ activations
    Op("sigmoid", symbol="σ",
       forward="1.0 / (1.0 + exp(-x)) if x >= 0 else exp(x) / (1.0 + exp(x))",
       partials=("z * (1.0 - z)",),
       meaning="The logistic function 1 / (1 + exp(-x)); stable for any x.", latex="\\sigma({x})",
       samples=((0.5,), (-2.0,), (3.0,))),
    Op("softplus", symbol="softplus", forward="x + log1p(exp(-x)) if x > 0 else log1p(exp(x))",
       partials=("sigmoid(x)",), meaning="log(1 + exp(x)); stable for any x.",
       latex="\\ln(1 + e^{{{x}}})", samples=((0.5,), (-2.0,), (3.0,))),
    Op("relu", symbol="ReLU", forward="0.0 if x <= 0 else x", partials=("heaviside(x)",),
       meaning="Keep x where it is positive, else 0.", latex="\\operatorname{{ReLU}}({x})",
       kinks={(0.0,): (0.0,)}, chosen=("sign(z)",), samples=((0.5,), (-2.0,))),
    Op("leaky_relu", symbol="leaky", forward="x if x > 0 else slope * x",
       partials=("1.0 if x > 0 else slope if x <= 0 else x", "0.0 if x > 0 else x"),
       operands=("x", "slope"), meaning="Keep x where it is positive, else slope * x.",
       latex="\\operatorname{{LeakyReLU}}_{{{slope}}}({x})", kinks={(0.0, 0.25): (0.25, 0.0)},
       shown=("1.0 if x > 0 else slope", "0.0 if x > 0 else x"),
       chosen=("where(relu(x), 1.0, slope)", "clamp(x, -1e308, 0.0)"), defaults={"slope": 0.01},
       samples=((0.5, 0.01), (-2.0, 0.25))),
    Op("elu", symbol="ELU", forward="x if x > 0 else alpha * expm1(x)",
       partials=("1.0 if x > 0 else alpha * exp(x)", "0.0 if x > 0 else expm1(x)"),
       operands=("x", "alpha"), meaning="Keep x where it is positive, else alpha * (exp(x) - 1).",
       latex="\\operatorname{{ELU}}_{{{alpha}}}({x})", kinks={(0.0, 0.75): (0.75, 0.0)},
       chosen=("where(relu(x), 1.0, alpha * exp(clamp(x, -1e308, 0.0)))",
               "expm1(clamp(x, -1e308, 0.0))"), defaults={"alpha": 1.0},
       samples=((0.5, 1.0), (-2.0, 0.75))),
    Op("gelu", symbol="GELU", forward="0.5 * x * erfc(-x * SQRT1_2)",
       partials=("0.5 * erfc(-x * SQRT1_2) + x * INV_SQRT_TAU * exp(-0.5 * x * x)",),
       meaning="The product of x and the normal distribution function at x (the exact form).",
       latex="\\operatorname{{GELU}}({x})", samples=((0.5,), (-2.0,), (3.0,))),
    Op("silu", symbol="SiLU", forward="x * sigmoid(x)",
       partials=("sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x)))",),
       meaning="The product x * sigmoid(x), also called swish.", latex="{x} \\cdot \\sigma({x})",
       samples=((0.5,), (-2.0,), (3.0,))),
    # ------------------------------------------------------------------ kinks, choices, errors
    Op("abs", symbol="|·|", forward="abs(x)", partials=("sign(x)",),
       meaning="The absolute value of x.", latex="\\left|{x}\\right|", kinks={(0.0,): (0.0,)},
       chosen=("sign(x)",), samples=((0.5,), (-2.0,))),
    Op("sign", symbol="sign", forward="sign(x)", partials=("0.0",), meaning="-1, 0 or 1, as x is.",
       latex="\\operatorname{{sign}} {x}", kinks={(0.0,): (0.0,)}, samples=((0.5,), (-2.0,))),
    Op("erf", symbol="erf", forward="erf(x)", partials=("TWO_OVER_SQRT_PI * exp(-x * x)",),
       meaning="The error function at x.", latex="\\operatorname{{erf}} {x}",
       samples=((0.5,), (-2.0,))),
    Op("erfc", symbol="erfc", forward="erfc(x)", partials=("-TWO_OVER_SQRT_PI * exp(-x * x)",),
       meaning="1 - erf(x), exact for large x.", latex="\\operatorname{{erfc}} {x}",
       samples=((0.5,), (2.0,))),
    Op("maximum", symbol="max", forward="x if x >= y else y if y >= x else x + y",
       partials=("1.0 if x > y else 0.0 if x < y else 0.5 if x == y else x + y",
                 "1.0 if y > x else 0.0 if y < x else 0.5 if x == y else x + y"), operands=_XY,
       meaning="The larger of x and y; a tie shares the gradient half and half.",
       latex="\\max({x}, {y})", kinks={(2.0, 2.0): (0.5, 0.5)},
       shown=("heaviside(x - y)", "heaviside(y - x)"),
       chosen=("0.5 + 0.5 * sign(x - y)", "0.5 + 0.5 * sign(y - x)"),
       samples=((1.5, -2.0), (0.25, 4.0))),
    Op("minimum", symbol="min", forward="x if x <= y else y if y <= x else x + y",
       partials=("1.0 if x < y else 0.0 if x > y else 0.5 if x == y else x + y",
                 "1.0 if y < x else 0.0 if y > x else 0.5 if x == y else x + y"), operands=_XY,
       meaning="The smaller of x and y; a tie shares the gradient half and half.",
       latex="\\min({x}, {y})", kinks={(2.0, 2.0): (0.5, 0.5)},
       shown=("heaviside(y - x)", "heaviside(x - y)"),
       chosen=("0.5 + 0.5 * sign(y - x)", "0.5 + 0.5 * sign(x - y)"),
       samples=((1.5, -2.0), (0.25, 4.0))),
    # Bounds in the wrong order: high wins, as in NumPy. The last branch also keeps a nan bound.
    Op("clamp", symbol="clamp",
       forward="(low if x < low else high if x > high else x) if low <= high "
               "else high + 0.0 * low",
       partials=("0.0 if x < low else 0.0 if x > high else 1.0 if x == x else x",
                 "1.0 if x < low and low <= high else 0.0",
                 "0.0 if x <= high and low <= high else 1.0"), operands=("x", "low", "high"),
       meaning="Keep x between low and high; at a bound the gradient still goes to x.",
       latex="\\operatorname{{clamp}}({x}, {low}, {high})",
       kinks={(1.0, -1.0, 1.0): (1.0, 0.0, 0.0), (-1.0, -1.0, 1.0): (1.0, 0.0, 0.0)},
       shown=("1.0 if x >= low and x <= high else 0.0", "heaviside(low - x)",
              "heaviside(x - high)"),
       chosen=("(1.0 - sign(relu(low - x))) * (1.0 - sign(relu(x - high)))",
               "sign(relu(low - x)) * (1.0 - sign(relu(low - high)))",
               "1.0 - (1.0 - sign(relu(x - high))) * (1.0 - sign(relu(low - high)))"),
       samples=((0.5, -1.0, 1.0), (-2.0, -1.0, 1.0), (2.0, -1.0, 1.0), (0.5, 2.0, -1.0))),
    Op("where", symbol="where", forward="x if condition != 0 else y",
       partials=("0.0", "1.0 if condition != 0 else 0.0", "0.0 if condition != 0 else 1.0"),
       operands=("condition", "x", "y"), meaning="Choose x where the condition is not 0, else y.",
       latex="\\operatorname{{where}}({condition}, {x}, {y})",
       chosen=("0.0", "where(condition, 1.0, 0.0)", "where(condition, 0.0, 1.0)"),
       samples=((1.0, 2.0, 3.0), (0.0, 2.0, 3.0))),
    # ------------------------------------------------------------------ any number of operands
    Reduction("sum", symbol="Σ", term="x", forward="total", partials=("1.0",),
              meaning="The sum of the values.", latex="\\sum",
              samples=((1.5, -2.0, 0.25), (3.0,))),
    Reduction("mean", symbol="mean", term="x", forward="total / n", partials=("1.0 / n",),
              meaning="The mean of the values.", latex="\\operatorname{{mean}}",
              samples=((1.5, -2.0, 0.25), (3.0,))),
    Reduction("logsumexp", symbol="logΣexp", term="exp(x - m)", forward="m + log(total)",
              partials=("exp(x - z)",),
              meaning="log(exp(x1) + exp(x2) + ...); it never overflows.", latex="\\ln \\sum e",
              samples=((1.5, -2.0, 0.25), (3.0,))),
    Reduction("dot", symbol="·", term="x * y", forward="total", partials=("y",),
              meaning="The sum of the products w * x, plus the bias.", latex="\\sum w x",
              samples=((1.5, -2.0, 0.25, 3.0), (1.5, -2.0, 0.25, 3.0, 0.5)), variadic="pairs"),
)  # fmt: skip

rows: dict[str, Op] = {row.name: row for row in _ROWS}
"""What `TABLE` shows; only `add_row` adds to it."""

TABLE: Mapping[str, Op] = MappingProxyType(rows)
"""Every row by name, the user's own (`engine.define_op`) included. Read-only."""

REDUCTIONS = {row.name: row for row in _ROWS if isinstance(row, Reduction)}
"""The rows of any number of operands."""


def find(name: str) -> Op:
    """Find a row by its name, the one that a pickled graph names for instance."""
    try:
        return rows[name]
    except KeyError:
        raise UnknownNameError(
            f"there is no operation {name!r} in the derivative table; if a program of yours "
            "defines it, define it before loading the graph"
        ) from None


def add_row(row: Op) -> None:
    """Add a user's row, or replace it by another one (`engine.define_op` is the checked way)."""
    if any(row.name == own.name for own in _ROWS):
        raise UnknownNameError(
            f"the operation {row.name!r} is everypath's own; choose another name"
        )
    rows[row.name] = row
