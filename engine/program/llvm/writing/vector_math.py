"""Elementary functions on vectors, within 3 units in the last place, on the whole range.

exp, expm1, log, log1p, tanh and sigmoid are polynomials of our own (printed by
scripts/polynomials.py), so every processor gives the same. The others go to the C library, lane by
lane. A nan is never lost: bounds are ordered comparisons and choices, which a nan passes.

The schemes: W. J. Cody and W. Waite, "Software Manual for the Elementary Functions" (1980), for
the reduction of exp; fdlibm (Sun Microsystems, 1993), e_log.c and s_log1p.c, for the logarithms.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from engine.program.llvm.writing.ir import over_blocks
from engine.table.floats import FLOATS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from engine.program.llvm.writing.ir import Function


def _floats(text: str) -> tuple[float, ...]:
    return tuple(map(float.fromhex, text.split()))


_EXP = _floats("""
    0x1.0000000000001p-1 0x1.5555555555556p-3 0x1.5555555553d63p-5 0x1.11111111109b3p-7
    0x1.6c16c1788bd90p-10 0x1.a01a01a7c41d5p-13 0x1.a019b90d2ae7ap-16 0x1.71de0dae63bb3p-19
    0x1.289185613a3d6p-22 0x1.af38a9b0ec855p-26
""")
"""(exp(r) - 1 - r) / r**2 for r within ln(2) / 2 of 0."""

_LOG = _floats("""
    0x1.5555555555558p-1 0x1.99999999952b2p-2 0x1.2492492df6947p-2 0x1.c71c62debf86bp-3
    0x1.7462b69705382p-3 0x1.39fe208c33457p-3 0x1.2b5b5fb2eac92p-3
""")
"""(log((1 + s) / (1 - s)) - 2 * s) / s**3 as a polynomial in s**2."""

_LN2_HIGH = float.fromhex("0x1.62e42fee00000p-1")  # so short that k * _LN2_HIGH is exact
_LN2_LOW = float.fromhex("0x1.a39ef35793c76p-33")
_ROUNDER = 1.5 * 2.0**52  # added to a number, it leaves its nearest whole number in the low bits
_SMALLEST_NORMAL = 2.0**-1022
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD


def polynomial(f: Function, coefficients: tuple[float, ...], x: Any) -> Any:
    """Evaluate a polynomial by Horner's rule; the lowest coefficient comes first."""
    result: Any = f.number(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        result = f.fma(result, x, f.number(c))
    return result


def _reduced(f: Function, x: Any) -> tuple[Any, Any]:
    """Write x = k * ln(2) + r; give k (in the low bits of whole numbers) and exp(r) - 1."""
    rounded = f.fma(x, f.number(1.0 / math.log(2.0)), f.number(_ROUNDER))
    k = f.sub(rounded, f.number(_ROUNDER))
    r = f.fma(k, f.number(-_LN2_HIGH), x)
    r = f.fma(k, f.number(-_LN2_LOW), r)
    less_one = f.fma(f.mul(r, r), polynomial(f, _EXP, r), r)
    return f.to_bits(rounded), less_one


def _power_of_two(f: Function, k: Any) -> Any:
    biased = f.bits("add", k, f.width.whole(1023))
    return f.from_bits(f.bits("shl", biased, f.width.whole(52)))


def _below(f: Function, x: Any, bound: float) -> Any:
    return f.choose(f.compare("ogt", x, f.number(bound)), f.number(bound), x)


def _above(f: Function, x: Any, bound: float) -> Any:
    return f.choose(f.compare("olt", x, f.number(bound)), f.number(bound), x)


def exp(f: Function, x: Any) -> Any:
    """Write the exponential of x."""
    k, less_one = _reduced(f, _below(f, _above(f, x, -746.0), 710.0))
    # Scaled in two steps: overflow to inf and gradual underflow come out by themselves.
    k = f.bits("ashr", f.bits("shl", k, f.width.whole(12)), f.width.whole(12))
    half = f.bits("ashr", k, f.width.whole(1))
    scaled = f.mul(f.add(less_one, f.number(1.0)), _power_of_two(f, half))
    return f.mul(scaled, _power_of_two(f, f.bits("sub", k, half)))


def expm1(f: Function, x: Any) -> Any:
    """Write the exponential of x less 1, exact near 0."""
    k, less_one = _reduced(f, _below(f, _above(f, x, -50.0), 710.0))
    # Half of the result, then twice that: 2**1024 would not fit.
    half = _power_of_two(f, f.bits("sub", k, f.width.whole(1)))
    result = f.fma(half, less_one, f.sub(half, f.number(0.5)))
    result = f.intrinsic("copysign", f.add(result, result), x)
    tiny = f.compare("olt", f.intrinsic("fabs", x), f.number(2.0**-60))
    return f.choose(tiny, x, result)  # half of the least number would be 0


def tanh(f: Function, x: Any) -> Any:
    """Write tanh as m / (m + 2) with m = exp(2 * x) - 1, of the magnitude of x."""
    twice = f.mul(f.intrinsic("fabs", x), f.number(2.0))
    k, less_one = _reduced(f, _below(f, twice, 40.0))
    scale = _power_of_two(f, k)
    m = f.fma(scale, less_one, f.sub(scale, f.number(1.0)))
    return f.intrinsic("copysign", f.div(m, f.add(m, f.number(2.0))), x)


def sigmoid(f: Function, x: Any) -> Any:
    """Write 1 / (1 + exp(-x)) without overflow."""
    e = exp(f, f.neg(f.intrinsic("fabs", x)))
    above = f.choose(f.compare("oge", x, f.number(0.0)), f.number(1.0), e)
    return f.div(above, f.add(e, f.number(1.0)))


def log(f: Function, x: Any) -> Any:
    """Write the logarithm of x."""
    tiny = f.compare("olt", x, f.number(_SMALLEST_NORMAL))
    scaled = f.choose(tiny, f.mul(x, f.number(2.0**54)), x)
    k, mantissa = _split(f, scaled)
    k = f.sub(k, f.choose(tiny, f.number(54.0), f.number(0.0)))
    u = f.sub(mantissa, f.number(1.0))
    return _log_edges(f, x, x, _log_of_parts(f, k, u, None))


def log1p(f: Function, x: Any) -> Any:
    """Write the logarithm of 1 + x, exact near 0."""
    whole = f.add(x, f.number(1.0))
    k, mantissa = _split(f, whole)
    # What rounding 1 + x lost; where x is small, x itself is exact.
    large = f.compare("ogt", k, f.number(0.0))
    lost = f.choose(
        large, f.sub(f.number(1.0), f.sub(whole, x)), f.sub(x, f.sub(whole, f.number(1.0)))
    )
    near = f.compare("oeq", k, f.number(0.0))
    u = f.choose(near, x, f.sub(mantissa, f.number(1.0)))
    lost = f.choose(near, f.number(0.0), f.div(lost, whole))
    result = _log_edges(f, x, whole, _log_of_parts(f, k, u, lost))
    return f.choose(f.compare("oeq", x, f.number(0.0)), x, result)


def _split(f: Function, x: Any) -> tuple[Any, Any]:
    """Write x = 2**k * mantissa, the mantissa between sqrt(1/2) and sqrt(2)."""
    bits = f.to_bits(x)
    k = f.bits("ashr", f.bits("sub", bits, f.width.whole(_SQRT_HALF_BITS)), f.width.whole(52))
    mantissa = f.from_bits(f.bits("sub", bits, f.bits("shl", k, f.width.whole(52))))
    return f.to_numbers(k), mantissa


def _log_of_parts(f: Function, k: Any, u: Any, lost: Any) -> Any:
    """Write k * ln(2) + log(1 + u) + lost."""
    s = f.div(u, f.add(u, f.number(2.0)))
    z = f.mul(s, s)
    half = f.mul(f.mul(u, u), f.number(0.5))
    tail = f.mul(k, f.number(_LN2_LOW))
    if lost is not None:
        tail = f.add(tail, lost)
    small = f.fma(s, f.add(half, f.mul(z, polynomial(f, _LOG, z))), tail)
    return f.sub(f.mul(k, f.number(_LN2_HIGH)), f.sub(f.sub(half, small), u))


def _log_edges(f: Function, x: Any, of: Any, result: Any) -> Any:
    """Put in what logarithms are at 0, below, at infinity and at nan."""
    result = f.choose(f.compare("oeq", of, f.number(0.0)), f.number(-math.inf), result)
    result = f.choose(f.compare("olt", of, f.number(0.0)), f.number(math.nan), result)
    return f.choose(f.compare("olt", of, f.number(math.inf)), result, x)


def _intrinsic(name: str) -> Callable[..., str]:
    return lambda f, *x: f.intrinsic(name, *x)


OWN: Mapping[str, Callable[..., str]] = {
    "exp": exp,
    "expm1": expm1,
    "log": log,
    "log1p": log1p,
    "tanh": tanh,
    "sigmoid": sigmoid,
    "sqrt": _intrinsic("sqrt"),
    "abs": _intrinsic("fabs"),
}
"""Functions written here; a row of the table of such a name is not lowered from its text."""

LIBRARY = FLOATS.keys() - OWN.keys()
"""Functions that the C library computes."""


@over_blocks
def from_library(f: Function, name: str, *operands: str) -> str:
    """Write a call of the C library for each lane."""
    width = f.width
    if width.lanes == 1:
        return f.call(f"double @c_{name}", ["double"] * len(operands), *operands)
    helper = f"each_{name}"
    if not f.module.has(helper):
        _write_each(f, helper, name, len(operands))
    given = ", ".join(f"{width.vector} {x}" for x in operands)
    return f.let(f"call {width.vector} @{helper}({given})", "v")


def _write_each(f: Function, helper: str, name: str, count: int) -> None:
    """Write a function that calls one of the C library's on every lane in turn."""
    width = f.width
    arguments = ", ".join(f"{width.vector} %x{k}" for k in range(count))
    h = f.module.function(helper, arguments, f"internal {width.vector}")
    places = [h.let(f"alloca {width.vector}, align 64", "lanes") for _ in range(count)]
    for k, place in enumerate(places):
        h.store(f"%x{k}", place)

    def lane(i: str) -> None:
        numbers = [h.load_double(h.at(place, i)) for place in places]
        found = h.call(f"double @c_{name}", ["double"] * count, *numbers)
        h.store_double(found, h.at(places[0], i))

    h.each(str(width.lanes), lane)
    h.do(f"ret {width.vector} {h.load(places[0])}")
