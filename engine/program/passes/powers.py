"""Powers with a fixed exponent as rows of their own: products, quotients and square roots.

A general power is a call of the C library for every sample, and another one for its derivative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.program.recording.tape import NONE
from engine.table.ops import TABLE, Op

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.program.recording.tape import Tape

MUL, POW, SQRT = (TABLE[name] for name in ("mul", "pow", "sqrt"))

_RULES = {
    3.0: ("x * x * x", "3.0 * (x * x)"),
    4.0: ("(x * x) * (x * x)", "4.0 * (x * x * x)"),
    5.0: ("(x * x) * (x * x) * x", "5.0 * ((x * x) * (x * x))"),
    6.0: ("(x * x * x) * (x * x * x)", "6.0 * ((x * x) * (x * x) * x)"),
    1.5: ("x * sqrt(x)", "1.5 * sqrt(x)"),
    -0.5: ("1.0 / sqrt(x)", "-0.5 * (z / x)"),
    -1.0: ("1.0 / x", "-(z * z)"),
    -2.0: ("(1.0 / x) * (1.0 / x)", "-2.0 * (z / x)"),
    -3.0: ("(1.0 / x) * (1.0 / x) * (1.0 / x)", "-3.0 * (z / x)"),
}
"""Forward and derivative; each within 3 units in the last place."""

_ROWS = {
    exponent: Op(
        f"power {exponent:g}",
        "^",
        forward,
        (partial,),
        f"x to the power {exponent:g}.",
        f"{{x}}^{{{{{exponent:g}}}}}",
        ((1.5,),),
        domain=TABLE["pow"].domain,
    )
    for exponent, (forward, partial) in _RULES.items()
}


def power_row(exponent: float | None) -> Op | None:
    """Find the row that raises to a fixed power.

    Example:
        >>> power_row(-1.0).forward, power_row(0.3)
        ('1.0 / x', None)
    """
    return _ROWS.get(exponent) if exponent is not None else None


def powers(tape: Tape) -> None:
    """Write powers with small constant exponents as products, quotients and roots."""
    rows = tape.rows
    for row in _rows_of(tape, POW):
        x, y = rows.first[row], rows.second[row]
        exponent = tape.constants[~y - tape.live] if y <= ~tape.live else None
        if exponent == 2.0:
            rows.codes[row], rows.second[row] = rows.code[MUL], x
        elif exponent == 0.5:
            rows.codes[row], rows.second[row] = rows.code[SQRT], NONE
        elif (fixed := power_row(exponent)) is not None:
            rows.codes[row], rows.second[row] = rows.code[fixed], NONE


def _rows_of(tape: Tape, op: Op) -> Iterator[int]:
    """Find the rows of one operation."""
    codes = tape.rows.codes
    wanted, row, left = tape.rows.code[op], -1, codes.count(tape.rows.code[op])
    for _ in range(left):
        row = codes.index(wanted, row + 1)
        yield row
