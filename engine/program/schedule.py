"""From a tape to the flat program: number the slots, and write the instructions.

Rows that passes have removed or absorbed leave no trace here; a uniform that a row reads as a
number gets its `Load`; the rows of a dense layer become one `Group`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.ops import TABLE
from engine.program.instructions import (
    Apply,
    Dot,
    FlatProgram,
    Group,
    Instruction,
    Load,
    LogSumExp,
)
from engine.program.tape import FUSED

if TYPE_CHECKING:
    from engine.program.tape import Tape

ADD, SUM, DOT, LOGSUMEXP = (TABLE[name] for name in ("add", "sum", "dot", "logsumexp"))


def schedule(tape: Tape, *, exact: bool = False) -> FlatProgram:
    """Write the instructions of a tape.

    Args:
        tape: The tape.
        exact: True to keep the order of every operand, and to note in which order eager sweeps
            visit the instructions.

    Returns:
        The flat program.
    """
    writer = _Writer(tape, exact)
    writer.write_rows()
    outputs = tuple(writer.slot(r) for r in tape.outputs)
    flat = FlatProgram(
        inputs=tape.inputs,
        parameters=tape.parameters,
        live=tape.live,
        constants=tuple(tape.constants),
        instructions=writer.instructions,
        outputs=outputs,
        differentiated=tape.differentiated,
        wrt=tape.wrt,
        slots=writer.slots,
        sweeps=tuple(writer.eager_order(r) for r in tape.outputs[: tape.differentiated])
        if exact
        else None,
    )
    return flat  # noqa: RET504 - named for the reader


class _Writer:
    """Writes rows one after the other, and remembers where their results went."""

    def __init__(self, tape: Tape, exact: bool) -> None:
        self.tape, self.exact = tape, exact
        self.slots = tape.inputs
        self.instructions: list[Instruction] = []
        # The slot of each reference of the tape: inputs, then the results of rows; and from the
        # end, where negative references point, the slots that uniforms are loaded into.
        uniforms = tape.live + len(tape.constants)
        self.places: list[int] = [*range(tape.inputs), *([-1] * (len(tape.ops) + uniforms))]
        self.rows_of = {first: rows for rows in tape.groups for first in rows[:1]}
        self.grouped = {row for rows in tape.groups for row in rows}
        # The rows whose group wrote only their products: where, and the terms still to be added.
        self.unfinished: dict[int, tuple[int, tuple[int, ...]]] = {}

    def write_rows(self) -> None:
        """Write every row that is left."""
        places, grouped = self.places, self.grouped
        write, new = self.instructions.append, tuple.__new__
        special = {SUM, DOT, FUSED, LOGSUMEXP}
        at = self.tape.inputs - 1
        for op, args in zip(self.tape.ops, self.tape.args, strict=True):
            at += 1
            if op is None:
                continue
            if op in special:
                row = at - self.tape.inputs
                if row not in grouped:
                    self.write_special(op, args, row)
                elif row in self.rows_of:
                    self.write_group(self.rows_of[row])
                if row in self.unfinished:
                    self.finish(row)
                continue
            operands: tuple[int, ...]
            if len(args) == 2:
                operands = (places[args[0]], places[args[1]])
            else:
                operands = tuple(map(places.__getitem__, args))
            if -1 in operands:
                operands = tuple([self.slot(r) for r in args])
            out = places[at] = self.slots
            self.slots = out + 1
            write(new(Apply, (out, op, operands)))

    def write_special(self, op: Any, args: Any, row: int) -> None:
        """Write a row of many operands."""
        if op is LOGSUMEXP:
            operands = tuple([self.slot(r) for r in args])
            self.instructions.append(LogSumExp(self.result(row), operands))
            return
        plain, left, right = terms(op, args)
        places, first, second = self.places, [], []
        for a, b in zip(left, right, strict=True):
            x, y = (b, a) if b < 0 <= a and not self.exact else (a, b)
            first.append(x if x < 0 else places[x])
            second.append(places[y] if places[y] >= 0 else self.slot(y))
        if plain:
            plain = tuple([r if r < 0 else places[r] for r in plain])
        out = self.result(row)
        self.instructions.append(tuple.__new__(Dot, (out, plain, tuple(first), tuple(second))))

    def write_group(self, rows: list[int]) -> None:
        """Write the rows of a dense layer as one instruction.

        A row that has other slots to add, as where a layer's input is added to its output, is
        finished in its own place: those slots need not be written yet.
        """
        parts = [terms(self.tape.ops[row], self.tape.args[row]) for row in rows]
        pairs = [
            [(b, a) if b < 0 <= a else (a, b) for a, b in zip(left, right, strict=True)]
            for _, left, right in parts
        ]
        columns = tuple([self.places[column] for _, column in pairs[0]])
        weights = tuple([~weight for row in pairs for weight, _ in row])
        biases = tuple([~r for plain, _, _ in parts for r in plain if r < 0])
        outs = tuple(range(self.slots, self.slots + len(rows)))
        self.slots += len(rows)
        for out, row, (plain, _, _) in zip(outs, rows, parts, strict=True):
            slots = tuple([r for r in plain if r >= 0])
            if slots:
                self.unfinished[row] = out, slots
            else:
                self.places[self.tape.inputs + row] = out
        self.instructions.append(Group(outs, columns, weights, biases))

    def finish(self, row: int) -> None:
        """Add to the products of a row what its group has left out."""
        products, slots = self.unfinished[row]
        added = (products, *(self.places[r] for r in slots))
        out = self.result(row)
        self.instructions.append(
            Apply(out, ADD, added) if len(added) == 2 else Dot(out, added, (), ())
        )

    def result(self, row: int) -> int:
        """Give the result of a row its slot."""
        self.places[self.tape.inputs + row] = self.slots
        self.slots += 1
        return self.slots - 1

    def slot(self, reference: int) -> int:
        """Turn a reference into a slot; load it if it is a uniform."""
        if self.places[reference] < 0:
            self.places[reference] = self.slots
            self.instructions.append(Load(self.slots, ~reference))
            self.slots += 1
        return self.places[reference]

    def eager_order(self, root: int) -> tuple[int, ...]:
        """List the instructions as an eager backward sweep from one output visits them."""
        writer = {
            out: position
            for position, step in enumerate(self.instructions)
            for out in (step.outs if isinstance(step, Group) else (step.out,))
        }
        tape, order, seen = self.tape, list[int](), set[int]()
        stack = [root]
        while stack:
            node = stack.pop()
            if node < 0:  # a row's operands are behind it: now it is its turn
                order.append(writer[self.places[tape.inputs + ~node]])
            elif node >= tape.inputs and node not in seen:
                seen.add(node)
                row = node - tape.inputs
                stack.append(~row)
                stack += [r for r in reversed(tape.args[row]) if r >= 0]
        order.reverse()
        return tuple(order)


def terms(op: Any, args: Any) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
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
