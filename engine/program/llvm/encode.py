"""From a flat program to the words that the block interpreter reads.

Forward code is one stretch per instruction; runs of the same row share one. Backward code names
only the terms that need a gradient, and clears a gradient just before its first use, or not at all
where the first use can write instead of add.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from engine.program.instructions import Apply, Dot, FlatProgram, Group, Load, LogSumExp

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from engine.program.instructions import Instruction

Key = tuple[Any, ...]
"""Names a handler: ``("dot",)``; ``("row", op)``; ``("row_back", op, active operands, fresh)``."""


@dataclass
class Code:
    """What the interpreter reads.

    Attributes:
        handlers: The handlers, by number.
        forward: Words.
        backward: Words for each differentiated output.
        packed: The uniform that each packed place holds.
        summed: How many of the packed places, from the first on, are parameters.
    """

    handlers: list[Key] = field(default_factory=list)
    forward: list[int] = field(default_factory=list)
    backward: list[list[int]] = field(default_factory=list)
    packed: list[int] = field(default_factory=list)
    summed: int = 0


def encode(flat: FlatProgram, wrt_slots: Sequence[int], *, summed: bool = True) -> Code:
    """Write the code of a program.

    Args:
        flat: The program.
        wrt_slots: Slots whose gradients are read after a sweep.
        summed: True to sum the gradients of parameters over the samples.

    Returns:
        Its code.
    """
    return _Encoder(flat, wrt_slots, flat.parameters if summed else 0).encode()


class _Encoder:
    def __init__(self, flat: FlatProgram, wrt_slots: Sequence[int], parameters: int) -> None:
        self.flat, self.wrt_slots, self.parameters = flat, wrt_slots, parameters
        self.code = Code()
        self.numbers: dict[Hashable, int] = {}
        self.places: dict[int, int] = {}  # uniform -> packed place
        self.weights: dict[int, int] = {}  # id of a group -> its first weight
        self.active = flat.active()

    def encode(self) -> Code:
        self.pack()
        self.write_forward()
        for output in range(self.flat.differentiated):
            self.code.backward.append(self.write_backward(output))
        return self.code

    def number(self, key: Key) -> int:
        """Number a handler."""
        found = self.numbers.get(key)
        if found is None:
            found = self.numbers[key] = len(self.numbers)
            self.code.handlers.append(key)
        return found

    def pack(self) -> None:
        """Give every uniform a place: parameters first, a group's weights in one piece."""
        single: dict[int, None] = {}
        groups: list[Group] = []
        for step in self.flat.instructions:
            if isinstance(step, Load):
                single[step.uniform] = None
            elif isinstance(step, Dot):
                for r in step.plain + step.left:
                    if r < 0:
                        single[~r] = None
            elif isinstance(step, Group):
                groups.append(step)
                for u in step.biases:
                    single[u] = None
        packed, parameters = self.code.packed, self.parameters
        for summed in (True, False):
            for group in groups:
                if (group.weights[0] < parameters) is summed:
                    self.weights[id(group)] = len(packed)
                    packed += group.weights
            for u in single:
                if (u < parameters) is summed:
                    self.places[u] = len(packed)
                    packed.append(u)
            if summed:
                self.code.summed = len(packed)

    # ------------------------------------------------------------ forward

    def write_forward(self) -> None:
        """Write the forward code."""
        words = self.code.forward
        places, number = self.places, self.number
        last: Any = None  # the row of the run being written
        start = 0  # where the run begins
        for step in self.flat.instructions:
            if isinstance(step, Apply | Load):
                row: Any = step.op if isinstance(step, Apply) else Load
                if row is not last:
                    self.close(words, last, start)
                    last, start = row, len(words)
                    words += (number(("load",) if row is Load else ("row", row)), 0, 0)
                words.append(step.out)
                if isinstance(step, Apply):
                    words += step.operands
                else:
                    words.append(places[step.uniform])
                continue
            self.close(words, last, start)
            last, start = None, len(words)
            self.write_other(words, step)
            words[start + 1] = len(words) - start
        self.close(words, last, start)

    @staticmethod
    def close(words: list[int], row: Any, start: int) -> None:
        """Write the length and the count of a run."""
        if row is not None:
            words[start + 1] = length = len(words) - start
            words[start + 2] = (length - 3) // (2 if row is Load else 1 + len(row.operands))

    def write_other(self, words: list[int], step: Instruction) -> None:
        """Write an instruction that is not part of a run."""
        places = self.places
        if isinstance(step, Dot):
            uniforms = [places[~r] for r in step.plain if r < 0]
            slots = [r for r in step.plain if r >= 0]
            mixed: list[int] = []
            pairs: list[int] = []
            for a, b in zip(step.left, step.right, strict=True):
                if a < 0:
                    mixed += (places[~a], b)
                else:
                    pairs += (a, b)
            words += (self.number(("dot",)), 0, step.out, len(uniforms), len(slots),
                      len(mixed) // 2, len(pairs) // 2, *uniforms,
                      *slots, *mixed, *pairs)  # fmt: skip
        elif isinstance(step, Group):
            words += (self.number(("group",)), 0, len(step.outs), len(step.columns),
                      self.weights[id(step)], step.outs[0], len(step.biases), *step.columns,
                      *[places[u] for u in step.biases])  # fmt: skip
        else:
            assert isinstance(step, LogSumExp), step
            words += (self.number(("logsumexp",)), 0, step.out, len(step.operands),
                      *step.operands)  # fmt: skip

    # ------------------------------------------------------------ backward

    def write_backward(self, output: int) -> list[int]:
        """Write the code of one sweep."""
        sweep = _Sweep(self)
        flat, active, instructions = self.flat, self.active, self.flat.instructions
        sweep.seed(flat.outputs[output])
        for position in flat.sweep(output):
            step = instructions[position]
            if isinstance(step, Group):
                if any(active[slot] for slot in step.outs):
                    sweep.group(step)
            elif active[step.out]:
                if isinstance(step, Apply):
                    sweep.apply(step)
                elif isinstance(step, Dot):
                    sweep.dot(step)
                elif isinstance(step, Load):
                    sweep.load(step)
                else:
                    sweep.logsumexp(step)
        sweep.clear(self.wrt_slots)
        sweep.close()
        return sweep.words


class _Sweep:
    """Writes the backward code of one output."""

    def __init__(self, encoder: _Encoder) -> None:
        self.words: list[int] = []
        self.number, self.places = encoder.number, encoder.places
        self.weights, self.active = encoder.weights, encoder.active
        self.parameters = encoder.parameters
        self.written = bytearray(encoder.flat.slots)
        self.run: Key | None = None
        self.start = 0
        self.width = 0
        self.keys: dict[Any, Key] = {}

    def begin(self, key: Key, width: int) -> None:
        """Begin an instruction, or go on with the run of the last one."""
        if key is not self.run:
            self.close()
            self.run, self.width, self.start = key, width, len(self.words)
            self.words += (self.number(key), 0, 0)

    def close(self) -> None:
        """Write the length and the count of a run."""
        if self.run is not None:
            self.words[self.start + 1] = length = len(self.words) - self.start
            self.words[self.start + 2] = (length - 3) // self.width
            self.run = None

    def whole(self, key: Key, *words: int) -> None:
        """Write an instruction that is not part of a run."""
        self.close()
        self.words += (self.number(key), 2 + len(words), *words)

    def key(self, *key: Any) -> Key:
        """Return the same object for equal keys."""
        return self.keys.setdefault(key, key)

    def seed(self, slot: int) -> None:
        self.whole(("seed",), slot)
        self.written[slot] = 1

    def clear(self, slots: Any) -> None:
        """Clear what nothing was written to yet."""
        for slot in slots:
            if not self.written[slot]:
                self.begin(self.key("zero"), 1)
                self.words.append(slot)
                self.written[slot] = 1

    def load(self, step: Load) -> None:
        if step.uniform < self.parameters:
            self.begin(self.key("load_back"), 2)
            self.words += (step.out, self.places[step.uniform])

    def apply(self, step: Apply) -> None:
        operands, active, written = step.operands, self.active, self.written
        wanted = tuple([active[slot] for slot in operands])
        targets = [slot for slot in operands if active[slot]]
        fresh = len(set(targets)) == len(targets)
        for slot in targets:
            if written[slot]:
                fresh = False
        if fresh:
            for slot in targets:
                written[slot] = 1
        else:
            self.clear(targets)
        self.begin(self.key("row_back", step.op, wanted, fresh), 1 + len(operands))
        self.words.append(step.out)
        self.words += operands

    def dot(self, step: Dot) -> None:
        active, places, parameters = self.active, self.places, self.parameters
        plain = [places[~r] for r in step.plain if r < 0 and ~r < parameters]
        slots = [r for r in step.plain if r >= 0 and active[r]]
        both: list[int] = []
        of_parameter: list[int] = []
        of_slot: list[int] = []
        pairs: list[int] = []
        for a, b in zip(step.left, step.right, strict=True):
            if a < 0:
                if ~a >= parameters:
                    if active[b]:
                        of_slot += (places[~a], b)
                elif active[b]:
                    both += (places[~a], b)
                else:
                    of_parameter += (places[~a], b)
            else:
                if active[a]:
                    pairs += (a, b)
                if active[b]:
                    pairs += (b, a)
        self.clear(slots)
        self.clear(both[1::2])
        self.clear(of_slot[1::2])
        self.clear(pairs[::2])
        self.whole(("dot_back",), step.out, len(plain), len(slots), len(both) // 2,
                   len(of_parameter) // 2, len(of_slot) // 2, len(pairs) // 2,
                   *plain, *slots, *both, *of_parameter, *of_slot, *pairs)  # fmt: skip

    def group(self, step: Group) -> None:
        outs, columns, written = step.outs, step.columns, self.written
        self.clear(outs)
        used = any(self.active[slot] for slot in columns)
        fresh = used and not any(written[slot] for slot in columns)
        fresh = fresh and len(set(columns)) == len(columns)
        if fresh:
            for slot in columns:
                written[slot] = 1
        elif used:
            self.clear(columns)
        biases: list[int] = []
        for row, u in enumerate(step.biases):
            if u < self.parameters:
                biases += (row, self.places[u])
        summed = step.weights[0] < self.parameters
        self.whole(
            ("group_back_fresh",) if fresh else ("group_back",),
            len(outs), len(columns), self.weights[id(step)], outs[0],
            len(outs) if summed else 0, len(columns) if used else 0, len(biases) // 2,
            *columns, *biases,
        )  # fmt: skip

    def logsumexp(self, step: LogSumExp) -> None:
        targets = [slot for slot in step.operands if self.active[slot]]
        self.clear(targets)
        self.whole(("logsumexp_back",), step.out, len(targets), *targets)


def with_slots_for_parameters(flat: FlatProgram) -> tuple[FlatProgram, list[int]]:
    """Rewrite a program so that each parameter is loaded to a slot: gradients per sample.

    Args:
        flat: The program.

    Returns:
        A program of the same results, and the slot of each reference in ``wrt``.
    """
    loads = {s.uniform: s for s in flat.instructions if isinstance(s, Load)}
    slots = flat.slots

    def moved(reference: int) -> int:
        nonlocal slots
        uniform = ~reference
        if reference >= 0 or uniform >= flat.parameters:
            return reference
        if uniform not in loads:
            loads[uniform] = Load(slots, uniform)
            slots += 1
        return loads[uniform].out

    def all_moved(references: Iterable[int]) -> tuple[int, ...]:
        return tuple([moved(r) for r in references])

    steps: list[Instruction] = []
    for step in flat.instructions:
        if isinstance(step, Dot):
            steps.append(Dot(step.out, all_moved(step.plain), all_moved(step.left), step.right))
        elif isinstance(step, Group):
            width = len(step.columns)
            for row, out in enumerate(step.outs):
                left = all_moved(~w for w in step.weights[row * width : (row + 1) * width])
                plain = all_moved(~u for u in step.biases[row : row + 1])
                steps.append(Dot(out, plain, left, step.columns))
        elif not isinstance(step, Load):
            steps.append(step)
    wrt_slots = list(all_moved(flat.wrt))
    return replace(flat, instructions=[*loads.values(), *steps], slots=slots), wrt_slots
