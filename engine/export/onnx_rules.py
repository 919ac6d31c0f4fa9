"""Elementary functions in ONNX: which operators there are, and what the others are made of.

onnxruntime 1.31 has kernels for double precision of about half of the operators that ONNX
defines. What has none is written as a formula of operators that have one, in the language of the
derivative table; single precision uses the operators themselves. Each formula keeps its relative
accuracy near 0.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

OPERATORS: Mapping[str, str] = {
    "add": "Add",
    "sub": "Sub",
    "mul": "Mul",
    "div": "Div",
    "neg": "Neg",
    "pow": "Pow",
    "exp": "Exp",
    "log": "Log",
    "sqrt": "Sqrt",
    "sin": "Sin",
    "cos": "Cos",
    "tanh": "Tanh",
    "sigmoid": "Sigmoid",
    "relu": "Relu",
    "abs": "Abs",
    "sign": "Sign",
    "maximum": "Max",
    "minimum": "Min",
}
"""Operators that have a kernel for double precision."""

SINGLE: Mapping[str, str] = {
    name: name.capitalize()
    for name in (
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "asinh",
        "acosh",
        "atanh",
        "erf",
        "softplus",
    )
}
"""Operators that have one for single precision only."""


def _horner(coefficients: list[float], x: str) -> str:
    text = repr(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        text = f"{c!r} + {x} * ({text})"
    return text


# The Maclaurin series, for |x| < 1.
_ERF = "TWO_OVER_SQRT_PI * x * ({})".format(
    _horner([(-1) ** n / (math.factorial(n) * (2 * n + 1)) for n in range(20)], "(x * x)")
)

# The trapezoidal rule with its correction, for x >= 1: Matta and Reichel, "Uniform computation of
# the error function and other related functions", Mathematics of Computation 25 (1971). With a
# step of 1/2 the error is about exp(-4 pi**2), far below the last digit. From 2 pi on there is no
# correction.
_STEP = 0.5
_SQUARES = [(n * _STEP) ** 2 for n in range(1, 13)]
_ERFC = "{} * x * exp(-x * x) * (1.0 / (x * x) + {}) - ({})".format(
    repr(_STEP / math.pi),
    " + ".join(f"{2.0 * math.exp(-square)!r} / ({square!r} + x * x)" for square in _SQUARES),
    f"2.0 / (exp({2.0 * math.pi / _STEP!r} * x) - 1.0) if x < 6 else 0.0",
)

FORMULAS: Mapping[str, str] = {
    "expm1": "2.0 * tanh(0.5 * x) / (1.0 - tanh(0.5 * x)) if abs(x) < 1 else exp(x) - 1.0",
    # Kahan's: the rounding error of 1 + x cancels.
    "log1p": "x if 1.0 + x == 1.0 else log(1.0 + x) * (x / ((1.0 + x) - 1.0))",
    "log2": "log(x) / LN2",
    "cbrt": f"sign(x) * abs(x) ** {1.0 / 3.0!r}",
    "tan": "sin(x) / cos(x)",
    "sinh": "0.5 * (expm1(x) - expm1(-x))",
    "cosh": "0.5 * (exp(x) + exp(-x))",
    "asinh": "sign(x) * log1p(abs(x) + x * x / (1.0 + sqrt(1.0 + x * x)))",
    "acosh": "log(x + sqrt(x - 1.0) * sqrt(x + 1.0))",
    "atanh": "0.5 * log1p(2.0 * x / (1.0 - x))",
    # One step from the single precision result: atan(x) - a = atan((x - tan a) / (1 + x tan a)),
    # and of so small a number the arc tangent is the number.
    "atan": "atan32(x) + (x * cos(atan32(x)) - sin(atan32(x)))"
    " / (cos(atan32(x)) + x * sin(atan32(x)))",
    "asin": "atan(x / sqrt((1.0 - x) * (1.0 + x)))",
    "acos": "0.5 * PI - asin(x)",
    "atan2": "atan(x / y) + (0.0 if y > 0 else PI if x >= 0 else -PI) if y != 0 "
    "else 0.5 * PI * sign(x)",
    "hypot": "0.0 if x == 0 and y == 0 else maximum(abs(x), abs(y)) * sqrt(1.0 + "
    "minimum(abs(x), abs(y)) / maximum(abs(x), abs(y)) * "
    "(minimum(abs(x), abs(y)) / maximum(abs(x), abs(y))))",
    "erf": "erf_series(x) if abs(x) < 1 else sign(x) * (1.0 - erfc_tail(abs(x)))",
    "erfc": "1.0 - erf_series(x) if abs(x) < 1 else erfc_tail(x) if x > 0 "
    "else 2.0 - erfc_tail(-x)",
    "erf_series": _ERF,
    "erfc_tail": _ERFC,
}
"""Functions as formulas, in their operands ``x`` and ``y``."""
