"""Compute the polynomials of `engine.program.llvm.writing.vector_math`, and print them.

Near-minimax by Chebyshev interpolation in 60 digits (mpmath), then rounded to doubles.
"""

from __future__ import annotations

import mpmath


def main() -> None:
    """Print the coefficients, lowest first, as hexadecimal floats."""
    mpmath.mp.dps = 60
    half = mpmath.log(2) / 2 * mpmath.mpf("1.0001")
    show("EXP", fit(exp_tail, -half, half, 9))
    show("LOG", fit(log_tail, 0, mpmath.mpf("0.02945"), 6))
    high = mpmath.mpf(float.fromhex("0x1.62e42fee00000p-1"))
    show("LN2_LOW", [mpmath.log(2) - high])


def exp_tail(r: mpmath.mpf) -> mpmath.mpf:
    """Compute (exp(r) - 1 - r) / r**2."""
    return (mpmath.exp(r) - 1 - r) / r**2 if abs(r) > 1e-12 else mpmath.mpf(1) / 2


def log_tail(z: mpmath.mpf) -> mpmath.mpf:
    """Compute (log((1 + s) / (1 - s)) - 2 * s) / s**3 for s = sqrt(z)."""
    if z < 1e-14:
        return mpmath.mpf(2) / 3
    s = mpmath.sqrt(z)
    return (mpmath.log((1 + s) / (1 - s)) - 2 * s) / s**3


def fit(function: object, low: mpmath.mpf, high: mpmath.mpf, degree: int) -> list[mpmath.mpf]:
    """Fit a polynomial, lowest coefficient first."""
    return list(reversed(mpmath.chebyfit(function, [low, high], degree + 1)))


def show(name: str, coefficients: list[mpmath.mpf]) -> None:
    """Print coefficients as they stand in the source."""
    print(name, *[float(c).hex() for c in coefficients])


if __name__ == "__main__":
    main()
