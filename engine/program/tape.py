"""The tape: a recorded graph as two columns, what capture writes and what the passes rewrite.

Row ``k`` of a tape is one operation: ``ops[k]`` is its row of the derivative table, ``args[k]``
are references to its operands (see `engine.program.instructions`: a slot, or ``~uniform``), and
its result is slot ``inputs + k``. Rows come after the rows they read. Two plain lists are what
pure Python reads and writes fastest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.ops import Op

FUSED = Op("dot", "·", "sum of terms and of products", ("y",), "Terms and products, added up.",
           "\\sum w x", (), variadic="pairs")  # fmt: skip
"""The row of a fused dot; its ``args`` are ``(plain, left, right)``, as in `Dot`."""


@dataclass
class Tape:
    """A graph as columns.

    Attributes:
        inputs: The number of inputs.
        parameters: The number of parameters.
        live: The number of parameters and settings.
        constants: The constants, the uniforms from ``live`` on.
        ops: For each row its operation; None for a row that a pass has removed.
        args: For each row the references it reads.
        outputs: References to the results.
        differentiated: How many of ``outputs``, from the first on, have gradients.
        wrt: What the gradients are with respect to, as references.
        checks_from: The rows from here on serve only the guards.
        groups: Rows (by position) that are one dense layer; the `group` pass fills it.
    """

    inputs: int
    parameters: int
    live: int
    constants: list[float]
    ops: list[Op | None]
    args: list[Any]
    outputs: list[int]
    differentiated: int
    wrt: tuple[int, ...]
    checks_from: int
    groups: list[list[int]] = field(default_factory=list)
