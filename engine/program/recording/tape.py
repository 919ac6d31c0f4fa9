"""The tape: a recorded graph as columns of numbers, what capture writes and the passes rewrite.

Row ``k`` of a tape is one operation, and its result is slot ``inputs + k``. Rows come after the
rows they read. Operands are references (see `engine.program.instructions`: a slot, or
``~uniform``).

The columns are arrays of the standard library: four bytes a number, however large the graph; pure
Python reads and writes them, NumPy and machine code see the same memory (`view`).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from engine.program.numbers import numpy
from engine.table.ops import TABLE, Reduction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from engine.table.ops import Op

SUM, DOT, LOGSUMEXP = TABLE["sum"], TABLE["dot"], TABLE["logsumexp"]
FUSED = Reduction(
    "dot",
    symbol="·",
    term="x * y",
    forward="total",
    partials=("y",),
    meaning="Terms and products, added up.",
    latex="\\sum w x",
    samples=(),
    variadic="pairs",
)
"""The row of a fused dot; its operands are ``(plain, left, right)``, as in `Dot`."""

REMOVED = 0
"""The code of a row that a pass has removed."""

NONE = 2**31 - 1
"""Stands where there is no operand."""


def constant_key(number: float) -> Any:
    """Say what two numbers share that are one constant: 0.0 and -0.0 are two, every nan is one.

    Example:
        >>> constant_key(-0.0) == constant_key(0.0), constant_key(2.0)
        (False, 2.0)
    """
    return number if number > 0.0 or number < 0.0 else str(number)


class Codes(dict[Any, int]):
    """Numbers operations as they come, from 1 on: ``codes[op]``.

    Attributes:
        ops: The operation of each number; None for `REMOVED`.
    """

    def __init__(self) -> None:
        self.ops: list[Any] = [None]

    def __missing__(self, op: Op) -> int:
        self[op] = len(self.ops)
        self.ops.append(op)
        return self[op]


class Rows:
    """The rows of a tape.

    Attributes:
        codes: For each row the code of its operation, or `REMOVED`.
        first: For each row its first operand; `NONE` if its operands are in ``lists``.
        second: For each row its second operand; `NONE` if it has one operand.
        lists: The operands of sums, of dots and of rows of three operands or more, by row; for a
            fused dot ``(plain, left, right)``.
        code: The code of each operation.
    """

    def __init__(self) -> None:
        self.codes, self.first, self.second = array("i"), array("i"), array("i")
        self.lists: dict[int, Any] = {}
        self.code = Codes()

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        """Run through code, first and second operand."""
        return zip(self.codes, self.first, self.second, strict=True)

    def append(self, op: Op, args: tuple[int, int]) -> None:
        """Write one more row, of two operands."""
        self.codes.append(self.code[op])
        self.first.append(args[0])
        self.second.append(args[1])

    def args(self, row: int) -> Any:
        """Read the operands of a row, whether it is removed or not."""
        first, second = self.first[row], self.second[row]
        if first == NONE:
            return self.lists[row]
        return (first,) if second == NONE else (first, second)

    def rename(self, new: Sequence[int], below: int) -> None:
        """Give reference ``below``, the one below it, and so on, the numbers of a list."""
        for column in (self.first, self.second):
            column[:] = array("i", [r if r > below else new[below - r] for r in column])
        for row, args in self.lists.items():
            self.lists[row] = tuple([r if r > below else new[below - r] for r in args])


Terms = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def terms(op: Any, args: Any) -> Terms:
    """Read a sum, a dot or a fused dot as (plain terms, left factors, right factors).

    Example:
        >>> terms(DOT, (3, 4, 5, 6, ~0))
        ((-1,), (3, 4), (5, 6))
    """
    if op is FUSED:
        return args  # type: ignore[no-any-return]
    if op is SUM:
        return args, (), ()
    half = len(args) // 2
    return args[2 * half :], args[:half], args[half : 2 * half]


def operands(args: Any) -> Iterable[int]:
    """Run through a list of operands, that of a fused dot too."""
    return chain(*args) if args and type(args[0]) is tuple else args


def renamed(args: Any, rename: Callable[[int], int]) -> Any:
    """Rename the members of a list of operands, that of a fused dot too."""
    if args and type(args[0]) is tuple:
        return tuple([tuple(map(rename, part)) for part in args])
    return tuple(map(rename, args))


def view(column: array[int]) -> Any:
    """See a column as a NumPy array of the same memory."""
    np = numpy()
    return np.frombuffer(column, dtype=np.intc)


@dataclass
class Tape:
    """A graph as columns.

    Attributes:
        inputs: The number of inputs.
        parameters: The number of parameters.
        live: The number of parameters and settings.
        constants: The constants, the uniforms from ``live`` on.
        rows: The operations.
        outputs: References to the results.
        differentiated: How many of ``outputs``, from the first on, have gradients.
        wrt: What the gradients are with respect to, as references.
        checks_from: The rows from here on serve only the guards.
        groups: The rows of each dense layer, by the row before which it is computed; the `group`
            pass fills it.
    """

    inputs: int
    parameters: int
    live: int
    constants: list[float]
    rows: Rows
    outputs: list[int]
    differentiated: int
    wrt: tuple[int, ...]
    checks_from: int
    groups: dict[int, list[int]] = field(default_factory=dict)
