"""From a tape to the flat program: number the slots, and write the instructions.

Slots are numbered in the order in which they are written: the inputs, the uniforms that a row
reads as a number (each gets its `Load`), then the rows that passes have left; the rows of a dense
layer, one `Group`, side by side. Rows that were removed or absorbed leave no trace.

The instructions themselves are written when somebody reads them. Machine code does not: it is
encoded from the columns of the tape.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, compress, count, repeat
from typing import TYPE_CHECKING, Any

from engine.program.instructions import (
    Apply,
    Dot,
    FlatProgram,
    Group,
    Instruction,
    Load,
    LogSumExp,
)
from engine.program.recording.tape import DOT, FUSED, LOGSUMEXP, SUM, terms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.program.recording.tape import Tape, Terms


def schedule(tape: Tape, *, exact: bool = False, loading: bool = False) -> FlatProgram:
    """Number the slots of a tape, which must not be changed any more.

    With ``exact`` every operand keeps its order, and the order of eager sweeps is noted; with
    ``loading`` every parameter is read as a slot, so that it has a gradient for each sample.
    """
    instructions = Scheduled(tape, exact=exact, loading=loading)
    places, roots = instructions.places, tape.outputs[: tape.differentiated]
    return FlatProgram(
        inputs=tape.inputs,
        parameters=tape.parameters,
        live=tape.live,
        constants=tuple(tape.constants),
        instructions=instructions,
        outputs=tuple([places[r] for r in tape.outputs]),
        differentiated=tape.differentiated,
        wrt=tape.wrt,
        slots=tape.inputs + len(instructions.loads) + len(instructions.order),
        sweeps=tuple(map(instructions.eager_order, roots)) if exact else None,
    )


class Scheduled(Sequence[Instruction]):
    """The instructions of a tape: first the loads, then its rows.

    Attributes:
        tape: The tape.
        sums: The terms of each row that is a sum, a dot or a fused dot, in the order of the rows:
            plain ones, left factors, right factors; of a uniform and a slot the uniform is left.
        layers: The rows of each dense layer, by the first of them; none if its weights are slots.
        order: The rows in the order in which their results are numbered.
        loads: The uniforms that are loaded, ascending.
        places: The slot of each reference of the tape: of inputs and rows, and from the end,
            where negative references point, those that uniforms are loaded into.
        direct: Dots and layers read references below this one as uniforms, all others as slots.
    """

    def __init__(self, tape: Tape, *, exact: bool = False, loading: bool = False) -> None:
        self.tape, self.exact = tape, exact
        self.direct = -tape.parameters if loading else 0
        rows = tape.rows
        self.sums: dict[int, Terms] = {}
        self._factors: set[int] = set()
        self._read_sums()
        grouped = set(chain.from_iterable(tape.groups.values()))
        self.layers = {} if loading else {layer[0]: layer for layer in tape.groups.values()}
        self._inside = set() if loading else grouped
        self.order = array("i", compress(count(), rows.codes))
        if grouped:  # the rows of a layer move to where it is to be computed
            order = array("i")
            for row in self.order:
                order.extend(tape.groups.get(row, ()))
                if row not in grouped:
                    order.append(row)
            self.order = order
        self.loads = sorted([~r for r in self._uniforms()])
        self.places = self._places()

    def _read_sums(self) -> None:
        """Read the sums; note which uniforms are right factors."""
        rows = self.tape.rows
        fused, others = rows.code[FUSED], {rows.code[op]: op for op in (SUM, DOT)}
        for row in sorted(rows.lists):
            code, args = rows.codes[row], rows.lists[row]
            if code == fused:
                plain, left, right = self.sums[row] = args
            elif code in others:
                plain, left, right = self.sums[row] = terms(others[code], args)
            else:
                continue
            if right and min(right) < 0:
                if not self.exact:
                    pairs = zip(left, right, strict=True)
                    swapped = [(b, a) if b < 0 <= a else (a, b) for a, b in pairs]
                    left, right = zip(*swapped, strict=True)
                    self.sums[row] = plain, left, right
                self._factors.update(right)

    def _uniforms(self) -> set[int]:
        """Find the references to uniforms that are read as slots."""
        rows, outputs = self.tape.rows, self.tape.outputs
        used = [row for row in rows.lists if row not in self.sums and rows.codes[row]]
        columns = [compress(column, rows.codes) for column in (rows.first, rows.second)]
        lists = [rows.lists[row] for row in used]
        read = chain(*columns, outputs, self._factors, *lists)
        return {*range(self.direct, 0), *(r for r in read if r < 0)}

    def _places(self) -> array[int]:
        """Number the slots."""
        inputs, tape, loads = self.tape.inputs, self.tape, self.loads
        uniforms = tape.live + len(tape.constants)
        places = array("i", range(inputs))
        places.extend(repeat(-1, len(tape.rows) + uniforms))
        for slot, reference in enumerate([~uniform for uniform in loads], inputs):
            places[reference] = slot
        for slot, row in enumerate(self.order, inputs + len(loads)):
            places[inputs + row] = slot
        return places

    def __len__(self) -> int:
        return len(self.loads) + len(self.order) + len(self.layers) - len(self._inside)

    def __getitem__(self, at: Any) -> Any:
        return self._written[at]

    def __iter__(self) -> Iterator[Instruction]:
        return iter(self._written)

    @cached_property
    def _written(self) -> list[Instruction]:
        rows = [row for row in self.order if row in self.layers or row not in self._inside]
        loads = [Load(self.places[~uniform], uniform) for uniform in self.loads]
        return [*loads, *map(self._instruction, rows)]

    def _instruction(self, row: int) -> Instruction:
        """Write the instruction of a row, or of a layer that begins with it."""
        rows, places = self.tape.rows, self.places
        out = places[self.tape.inputs + row]
        if row in self.layers:
            return self._group(out, self.layers[row])
        if row in self.sums:
            plain, left, right = self.sums[row]
            factors = tuple([places[r] for r in right])
            return Dot(out, self._slots(plain), self._slots(left), factors)
        op = rows.code.ops[rows.codes[row]]
        operands = tuple([places[r] for r in rows.args(row)])
        return LogSumExp(out, operands) if op is LOGSUMEXP else Apply(out, op, operands)

    def _slots(self, references: Sequence[int]) -> tuple[int, ...]:
        """Turn references into those of the program: uniforms are what they were."""
        return tuple([r if r < self.direct else self.places[r] for r in references])

    def _group(self, first: int, layer: list[int]) -> Group:
        """Write a dense layer."""
        sums = [self.sums[row] for row in layer]
        return Group(
            outs=tuple(range(first, first + len(layer))),
            columns=tuple([self.places[r] for r in sums[0][2]]),
            weights=tuple([~w for _, weights, _ in sums for w in weights]),
            biases=tuple([~b for bias, _, _ in sums for b in bias]),
        )

    def eager_order(self, root: int) -> tuple[int, ...]:
        """List the positions of instructions as an eager sweep from an output visits them."""
        tape, order, seen = self.tape, list[int](), set[int]()
        stack = [root]
        while stack:
            node = stack.pop()
            if node < 0:  # a row's operands are behind it: now it is its turn
                order.append(self.places[tape.inputs + ~node] - tape.inputs)
            elif node >= tape.inputs and node not in seen:
                seen.add(node)
                row = node - tape.inputs
                stack.append(~row)
                stack += [r for r in reversed(tape.rows.args(row)) if r >= 0]
        order.reverse()
        return tuple(order)
