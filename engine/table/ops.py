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
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from engine.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Mapping

Numbers = tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Op:
    """One row of the derivative table.

    Attributes:
        name: The function's name, and the operation's identity.
        symbol: What a diagram writes in the circle of the operation.
        forward: The output as an expression in the operands.
        partials: The derivative of the output with respect to each operand, as expressions in the
            operands and ``z``, the output. For a variadic operation there is one text, the
            derivative with respect to any one operand ``x``; see `variadic`.
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
        inplace: True for the binary operators, which Python writes between their operands.
        variadic: None, or how operands form the output: ``"each"`` (every operand ``x`` enters
            alike; ``n`` is their number) or ``"pairs"`` (first half times second half, and a last
            odd operand is added; ``y`` is the partner of ``x``).
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
    inplace: bool = False
    variadic: Literal["each", "pairs"] | None = None

    @property
    def arity(self) -> int | None:
        """The number of operands; None for a variadic operation."""
        return None if self.variadic else len(self.operands)

    def formulas(self) -> tuple[str, ...]:
        """Return the partials as a formula shows them."""
        return self.shown or self.partials

    def __repr__(self) -> str:
        return f"<Op {self.name}>"

    def __reduce__(self) -> tuple[object, tuple[str]]:
        # A row is pickled by name: graphs find the table's own row again, so `is` keeps working.
        return find, (self.name,)


_XY = ("x", "y")

_ROWS = (
    # ------------------------------------------------------------------ arithmetic
    Op("add", "+", "x + y", ("1.0", "1.0"), "The sum x + y.", "{x} + {y}",
       ((1.5, -2.0), (0.25, 4.0)), _XY, inplace=True),
    Op("sub", "−", "x - y", ("1.0", "-1.0"), "The difference x - y.", "{x} - {y}",
       ((1.5, -2.0), (0.25, 4.0)), _XY, inplace=True),
    Op("mul", "×", "x * y", ("y", "x"), "The product x * y.", "{x} \\cdot {y}",
       ((1.5, -2.0), (0.25, 4.0)), _XY, inplace=True),
    Op("div", "÷", "x / y", ("1.0 / y", "-z / y"), "The quotient x / y.", "\\frac{{{x}}}{{{y}}}",
       ((1.5, -2.0), (-0.25, 4.0)), _XY, "a divisor that is not 0", inplace=True),
    Op("pow", "^", "x ** y",
       # Not 0 for every y = 0: there the derivative still changes with y, by 1 / x.
       ("0.0 if y == 0 and abs(x) < 1e-300 else y * x ** (y - 1.0)",
        "0.0 if x == 0 and y >= 0 else z * log(x)"),
       "The power x ** y; differentiates in both.", "{x}^{{{y}}}",
       ((1.5, -2.0), (0.25, 3.0), (2.0, 0.5)), _XY,
       "x > 0; or x < 0 under a fixed whole y; or x = 0 with y = 0 or y >= 1",
       {(0.0, 2.0): (0.0, 0.0), (0.0, 0.0): (0.0, 0.0)},
       shown=("y * x ** (y - 1)", "x ** y * log(x)"),
       chosen=("0.0 if y == 0 and abs(x) < 1e-300 else y * x ** (y - 1.0)",
               "where(x, z * log(where(x, x, 1.0)), 0.0)"), inplace=True),
    Op("neg", "−", "-x", ("-1.0",), "The negative of x.", "-{x}", ((1.5,), (-2.0,))),
    # ------------------------------------------------------------------ exponentials, logarithms
    Op("exp", "exp", "exp(x)", ("z",), "The exponential of x: e to the power x.", "e^{{{x}}}",
       ((0.5,), (-3.0,), (2.0,)), domain="x below 709.78 (it overflows above)"),
    Op("expm1", "expm1", "expm1(x)", ("exp(x)",), "exp(x) - 1, exact near 0.", "e^{{{x}}} - 1",
       ((0.5,), (-3.0,), (1e-9,)), domain="x below 709.78 (it overflows above)"),
    Op("log", "log", "log(x)", ("1.0 / x",), "The natural logarithm of x.", "\\ln {x}",
       ((0.5,), (3.0,), (40.0,)), domain="x > 0"),
    Op("log1p", "log1p", "log1p(x)", ("1.0 / (1.0 + x)",), "log(1 + x), exact near 0.",
       "\\ln(1 + {x})", ((0.5,), (3.0,), (1e-9,)), domain="x > -1"),
    Op("log2", "log₂", "log2(x)", ("1.0 / (x * LN2)",), "The base-2 logarithm of x.",
       "\\log_2 {x}", ((0.5,), (3.0,)), domain="x > 0"),
    Op("sqrt", "√", "sqrt(x)", ("0.5 / z",), "The square root of x.", "\\sqrt{{{x}}}",
       ((0.25,), (3.0,)), domain="x > 0 (the derivative is infinite at 0)"),
    Op("cbrt", "∛", "cbrt(x)", ("1.0 / (3.0 * z * z)",), "The cube root of x.",
       "\\sqrt[3]{{{x}}}", ((0.25,), (-3.0,)), domain="x != 0 (its derivative is infinite)"),
    # ------------------------------------------------------------------ trigonometry
    Op("sin", "sin", "sin(x)", ("cos(x)",), "The sine of x (radians).", "\\sin {x}",
       ((0.5,), (-2.0,)), domain="finite x"),
    Op("cos", "cos", "cos(x)", ("-sin(x)",), "The cosine of x (radians).", "\\cos {x}",
       ((0.5,), (-2.0,)), domain="finite x"),
    Op("tan", "tan", "tan(x)", ("1.0 + z * z",), "The tangent of x (radians).", "\\tan {x}",
       ((0.5,), (-1.0,)), domain="finite x"),
    Op("asin", "asin", "asin(x)", ("1.0 / sqrt((1.0 - x) * (1.0 + x))",),
       "The angle whose sine is x.", "\\arcsin {x}", ((0.5,), (-0.75,)), domain="-1 < x < 1",
       shown=("1.0 / sqrt(1.0 - x * x)",)),
    Op("acos", "acos", "acos(x)", ("-1.0 / sqrt((1.0 - x) * (1.0 + x))",),
       "The angle whose cosine is x.", "\\arccos {x}", ((0.5,), (-0.75,)), domain="-1 < x < 1",
       shown=("-1.0 / sqrt(1.0 - x * x)",)),
    Op("atan", "atan", "atan(x)", ("1.0 / (1.0 + x * x)",), "The angle whose tangent is x.",
       "\\arctan {x}", ((0.5,), (-3.0,))),
    Op("atan2", "atan2", "atan2(x, y)",
       ("y / hypot(x, y) / hypot(x, y)", "-x / hypot(x, y) / hypot(x, y)"),
       "The angle of the point (y, x), as `math.atan2(x, y)`.",
       "\\operatorname{{atan2}}({x}, {y})", ((0.5, 1.5), (-1.0, -2.0)), _XY, "not both 0",
       shown=("y / (x * x + y * y)", "-x / (x * x + y * y)")),
    Op("hypot", "hypot", "hypot(x, y)", ("0.0 if z == 0 else x / z", "0.0 if z == 0 else y / z"),
       "The length of (x, y).", "\\sqrt{{{x}^2 + {y}^2}}", ((0.5, 1.5), (-1.0, -2.0)), _XY,
       kinks={(0.0, 0.0): (0.0, 0.0)}, shown=("x / z", "y / z"),
       chosen=("where(z, x / where(z, z, 1.0), 0.0)", "where(z, y / where(z, z, 1.0), 0.0)")),
    # ------------------------------------------------------------------ hyperbolic functions
    Op("sinh", "sinh", "sinh(x)", ("cosh(x)",), "The hyperbolic sine of x.", "\\sinh {x}",
       ((0.5,), (-2.0,)), domain="x within 710.47 of 0 (it overflows beyond)"),
    Op("cosh", "cosh", "cosh(x)", ("sinh(x)",), "The hyperbolic cosine of x.", "\\cosh {x}",
       ((0.5,), (-2.0,)), domain="x within 710.47 of 0 (it overflows beyond)"),
    Op("tanh", "tanh", "tanh(x)", ("1.0 - z * z",), "The hyperbolic tangent of x.", "\\tanh {x}",
       ((0.5,), (-2.0,))),
    Op("asinh", "asinh", "asinh(x)", ("1.0 / hypot(x, 1.0)",),
       "The inverse hyperbolic sine of x.", "\\operatorname{{arsinh}} {x}", ((0.5,), (-2.0,)),
       shown=("1.0 / sqrt(x * x + 1.0)",)),
    Op("acosh", "acosh", "acosh(x)", ("1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0))",),
       "The inverse hyperbolic cosine of x.", "\\operatorname{{arcosh}} {x}", ((1.5,), (4.0,)),
       domain="x > 1", shown=("1.0 / sqrt(x * x - 1.0)",)),
    Op("atanh", "atanh", "atanh(x)", ("1.0 / ((1.0 - x) * (1.0 + x))",),
       "The inverse hyperbolic tangent of x.", "\\operatorname{{artanh}} {x}", ((0.5,), (-0.75,)),
       domain="-1 < x < 1", shown=("1.0 / (1.0 - x * x)",)),
    # ------------------------------------------------------------------ activations
    Op("sigmoid", "σ", "1.0 / (1.0 + exp(-x)) if x >= 0 else exp(x) / (1.0 + exp(x))",
       ("z * (1.0 - z)",), "The logistic function 1 / (1 + exp(-x)); stable for any x.",
       "\\sigma({x})", ((0.5,), (-2.0,), (3.0,))),
    Op("softplus", "softplus", "x + log1p(exp(-x)) if x > 0 else log1p(exp(x))", ("sigmoid(x)",),
       "log(1 + exp(x)); stable for any x.", "\\ln(1 + e^{{{x}}})", ((0.5,), (-2.0,), (3.0,))),
    Op("relu", "ReLU", "0.0 if x <= 0 else x", ("heaviside(x)",),
       "Keep x where it is positive, else 0.", "\\operatorname{{ReLU}}({x})", ((0.5,), (-2.0,)),
       kinks={(0.0,): (0.0,)}, chosen=("sign(z)",)),
    Op("leaky_relu", "leaky", "x if x > 0 else slope * x",
       ("1.0 if x > 0 else slope if x <= 0 else x", "0.0 if x > 0 else x"),
       "Keep x where it is positive, else slope * x.",
       "\\operatorname{{LeakyReLU}}_{{{slope}}}({x})",
       ((0.5, 0.01), (-2.0, 0.25)), ("x", "slope"), kinks={(0.0, 0.25): (0.25, 0.0)},
       defaults={"slope": 0.01}, shown=("1.0 if x > 0 else slope", "0.0 if x > 0 else x"),
       chosen=("where(relu(x), 1.0, slope)", "clamp(x, -1e308, 0.0)")),
    Op("elu", "ELU", "x if x > 0 else alpha * expm1(x)",
       ("1.0 if x > 0 else alpha * exp(x)", "0.0 if x > 0 else expm1(x)"),
       "Keep x where it is positive, else alpha * (exp(x) - 1).",
       "\\operatorname{{ELU}}_{{{alpha}}}({x})", ((0.5, 1.0), (-2.0, 0.75)), ("x", "alpha"),
       kinks={(0.0, 0.75): (0.75, 0.0)}, defaults={"alpha": 1.0},
       chosen=("where(relu(x), 1.0, alpha * exp(clamp(x, -1e308, 0.0)))",
               "expm1(clamp(x, -1e308, 0.0))")),
    Op("gelu", "GELU", "0.5 * x * erfc(-x * SQRT1_2)",
       ("0.5 * erfc(-x * SQRT1_2) + x * INV_SQRT_TAU * exp(-0.5 * x * x)",),
       "The product of x and the normal distribution function at x (the exact form).",
       "\\operatorname{{GELU}}({x})", ((0.5,), (-2.0,), (3.0,))),
    Op("silu", "SiLU", "x * sigmoid(x)", ("sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x)))",),
       "The product x * sigmoid(x), also called swish.", "{x} \\cdot \\sigma({x})",
       ((0.5,), (-2.0,), (3.0,))),
    # ------------------------------------------------------------------ kinks, choices, errors
    Op("abs", "|·|", "abs(x)", ("sign(x)",), "The absolute value of x.", "\\left|{x}\\right|",
       ((0.5,), (-2.0,)), kinks={(0.0,): (0.0,)}, chosen=("sign(x)",)),
    Op("sign", "sign", "sign(x)", ("0.0",), "-1, 0 or 1, as x is.", "\\operatorname{{sign}} {x}",
       ((0.5,), (-2.0,)), kinks={(0.0,): (0.0,)}),
    Op("erf", "erf", "erf(x)", ("TWO_OVER_SQRT_PI * exp(-x * x)",), "The error function at x.",
       "\\operatorname{{erf}} {x}", ((0.5,), (-2.0,))),
    Op("erfc", "erfc", "erfc(x)", ("-TWO_OVER_SQRT_PI * exp(-x * x)",),
       "1 - erf(x), exact for large x.", "\\operatorname{{erfc}} {x}", ((0.5,), (2.0,))),
    Op("maximum", "max", "x if x >= y else y if y >= x else x + y",
       ("1.0 if x > y else 0.0 if x < y else 0.5 if x == y else x + y",
        "1.0 if y > x else 0.0 if y < x else 0.5 if x == y else x + y"),
       "The larger of x and y; a tie shares the gradient half and half.", "\\max({x}, {y})",
       ((1.5, -2.0), (0.25, 4.0)), _XY, kinks={(2.0, 2.0): (0.5, 0.5)},
       shown=("heaviside(x - y)", "heaviside(y - x)"),
       chosen=("0.5 + 0.5 * sign(x - y)", "0.5 + 0.5 * sign(y - x)")),
    Op("minimum", "min", "x if x <= y else y if y <= x else x + y",
       ("1.0 if x < y else 0.0 if x > y else 0.5 if x == y else x + y",
        "1.0 if y < x else 0.0 if y > x else 0.5 if x == y else x + y"),
       "The smaller of x and y; a tie shares the gradient half and half.", "\\min({x}, {y})",
       ((1.5, -2.0), (0.25, 4.0)), _XY, kinks={(2.0, 2.0): (0.5, 0.5)},
       shown=("heaviside(y - x)", "heaviside(x - y)"),
       chosen=("0.5 + 0.5 * sign(y - x)", "0.5 + 0.5 * sign(x - y)")),
    # Bounds in the wrong order: high wins, as in NumPy. The last branch also keeps a nan bound.
    Op("clamp", "clamp",
       "(low if x < low else high if x > high else x) if low <= high else high + 0.0 * low",
       ("0.0 if x < low else 0.0 if x > high else 1.0 if x == x else x",
        "1.0 if x < low and low <= high else 0.0", "0.0 if x <= high and low <= high else 1.0"),
       "Keep x between low and high; at a bound the gradient still goes to x.",
       "\\operatorname{{clamp}}({x}, {low}, {high})", ((0.5, -1.0, 1.0), (-2.0, -1.0, 1.0),
       (2.0, -1.0, 1.0), (0.5, 2.0, -1.0)), ("x", "low", "high"),
       kinks={(1.0, -1.0, 1.0): (1.0, 0.0, 0.0), (-1.0, -1.0, 1.0): (1.0, 0.0, 0.0)},
       shown=("1.0 if x >= low and x <= high else 0.0", "heaviside(low - x)",
              "heaviside(x - high)"),
       chosen=("(1.0 - sign(relu(low - x))) * (1.0 - sign(relu(x - high)))",
               "sign(relu(low - x)) * (1.0 - sign(relu(low - high)))",
               "1.0 - (1.0 - sign(relu(x - high))) * (1.0 - sign(relu(low - high)))")),
    Op("where", "where", "x if condition != 0 else y",
       ("0.0", "1.0 if condition != 0 else 0.0", "0.0 if condition != 0 else 1.0"),
       "Choose x where the condition is not 0, else y.",
       "\\operatorname{{where}}({condition}, {x}, {y})", ((1.0, 2.0, 3.0), (0.0, 2.0, 3.0)),
       ("condition", "x", "y"),
       chosen=("0.0", "where(condition, 1.0, 0.0)", "where(condition, 0.0, 1.0)")),
    # ------------------------------------------------------------------ any number of operands
    Op("sum", "Σ", "sum of the operands", ("1.0",), "The sum of the values.", "\\sum",
       ((1.5, -2.0, 0.25), (3.0,)), variadic="each"),
    Op("mean", "mean", "their sum divided by n", ("1.0 / n",), "The mean of the values.",
       "\\operatorname{{mean}}", ((1.5, -2.0, 0.25), (3.0,)), variadic="each"),
    Op("logsumexp", "logΣexp", "logarithm of the sum of their exponentials", ("exp(x - z)",),
       "log(exp(x1) + exp(x2) + ...); it never overflows.", "\\ln \\sum e",
       ((1.5, -2.0, 0.25), (3.0,)), variadic="each"),
    Op("dot", "·", "sum of the products of the pairs", ("y",),
       "The sum of the products w * x, plus the bias.", "\\sum w x",
       ((1.5, -2.0, 0.25, 3.0), (1.5, -2.0, 0.25, 3.0, 0.5)), variadic="pairs"),
)  # fmt: skip

_table: dict[str, Op] = {row.name: row for row in _ROWS}

TABLE: Mapping[str, Op] = MappingProxyType(_table)
"""Every row by name, the user's own (`engine.define_op`) included. Read-only."""


def find(name: str) -> Op:
    """Find a row by its name.

    Args:
        name: The operation's name.

    Returns:
        The row.

    Raises:
        UnknownNameError: If no row has that name, for instance when a pickled graph uses an
            operation that its author defined and this process did not.

    Example:
        >>> find("tanh").partials
        ('1.0 - z * z',)
    """
    try:
        return _table[name]
    except KeyError:
        raise UnknownNameError(
            f"there is no operation {name!r} in the derivative table; if a program of yours "
            "defines it, define it before loading the graph"
        ) from None


def add_row(row: Op) -> None:
    """Add a user's row to the table (`engine.define_op` is the checked way).

    Args:
        row: The row; it replaces a user's earlier one of the same name.

    Raises:
        UnknownNameError: If a row of everypath's own has that name.
    """
    if any(row.name == own.name for own in _ROWS):
        raise UnknownNameError(
            f"the operation {row.name!r} is everypath's own; choose another name"
        )
    _table[row.name] = row
