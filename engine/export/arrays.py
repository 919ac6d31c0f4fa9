"""From a flat program to a few statements on vectors: what every export writes.

A flat program is thousands of scalar instructions; the same program in another framework should be
the few lines that a person would write. A dense layer is one matrix product already. `vectorise`
also gathers what is done to each lane of a vector alike, so that the activations of a layer are
one call, and a squared error over ten outputs is one difference and one dot.

Statements are for one sample; vectors have one axis. A framework's own batching (`jax.vmap`,
`torch.vmap`, a batch axis in ONNX) does the rest.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.export.operands import Column, Many, Number, One, Operand, Scalar, Stack, gather
from engine.program.instructions import Apply, Dot, Group, Load, LogSumExp
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.program.instructions import FlatProgram, Instruction
    from engine.table.ops import Op

DIV, POW = TABLE["div"], TABLE["pow"]
WRITTEN_OUT = 8
"""A sum of at most so many scattered terms is written out; a longer one is stacked first."""


class View(NamedTuple):
    """``name = params[start : start + rows * columns]`` as a matrix."""

    name: str
    start: int
    rows: int
    columns: int


class Elementwise(NamedTuple):
    """Apply a row of the derivative table; ``width`` is None for scalars alone."""

    name: str
    op: Op
    operands: tuple[Operand, ...]
    width: int | None


class Submatrix(NamedTuple):
    """Columns ``start`` up to ``stop`` of a matrix that a `View` made."""

    name: str
    start: int
    stop: int
    whole: bool


class GatheredMatrix(NamedTuple):
    """A matrix gathered from anywhere in ``params``."""

    lanes: tuple[tuple[int, ...], ...]


class NumberMatrix(NamedTuple):
    """A matrix of numbers."""

    values: tuple[tuple[float, ...], ...]


class Dense(NamedTuple):
    """``name = matrix @ vector + biases``."""

    name: str
    matrix: Submatrix | GatheredMatrix | NumberMatrix
    vector: Many
    biases: Many | None


class Sum(NamedTuple):
    """Add up terms (a vector counts with all its lanes) and products (of vectors: dots)."""

    name: str
    terms: tuple[Operand, ...]
    products: tuple[tuple[Operand, Operand], ...]


class LogSum(NamedTuple):
    """The logarithm of the sum of the exponentials of a vector."""

    name: str
    vector: Many


Statement = View | Elementwise | Dense | Sum | LogSum


@dataclass(frozen=True)
class ArrayProgram:
    """Statements on vectors, and what they lead to.

    Attributes:
        statements: In an order in which everything is made before it is read.
        result: What to return: a scalar, or a vector for several outputs.
    """

    statements: tuple[Statement, ...]
    result: Operand


def vectorise(
    flat: FlatProgram, parameters: int, numbers: Sequence[float], *, several: bool
) -> ArrayProgram:
    """Turn a flat program without guards into statements on vectors.

    Its first ``parameters`` uniforms stay lanes of ``params``; ``numbers`` are those behind them.
    """
    writer = _Writer(flat, parameters, numbers)
    for level in _levels(flat):
        writer.write(level)
    results = [writer.one(slot) for slot in flat.outputs]
    result = gather(results, writer.widths) if several else results[0]
    return ArrayProgram(tuple(writer.statements), result)


def _levels(flat: FlatProgram) -> list[list[Instruction]]:
    """Sort instructions by how far they are from the leaves; loads are no work."""
    levels: defaultdict[int, list[Instruction]] = defaultdict(list)
    for level, step in zip(flat.levels(), flat.instructions, strict=True):
        if not isinstance(step, Load):
            levels[level].append(step)
    return [levels[level] for level in sorted(levels)]


class _Writer:
    """Writes one level after the other, and remembers where results are."""

    def __init__(self, flat: FlatProgram, parameters: int, numbers: Sequence[float]) -> None:
        self.parameters, self.numbers = parameters, numbers
        self.widths = {"params": parameters, "x": flat.inputs}
        self.places: dict[int, One] = {slot: Scalar("x", slot) for slot in range(flat.inputs)}
        for step in flat.instructions:
            if isinstance(step, Load):
                self.places[step.out] = self.one(~step.uniform)
        self.statements: list[Statement] = []
        self.counts: defaultdict[str, int] = defaultdict(int)

    def one(self, reference: int) -> One:
        """Read a reference."""
        if reference >= 0:
            return self.places[reference]
        if ~reference < self.parameters:
            return Scalar("params", ~reference)
        return Number(self.numbers[~reference - self.parameters])

    def many(self, references: Sequence[int]) -> Many:
        """Read references as a vector."""
        return gather([self.one(r) for r in references], self.widths)

    def new(self, letter: str) -> str:
        """Make a name."""
        self.counts[letter] += 1
        return f"{letter}{self.counts[letter]}"

    def scalar(self, slot: int) -> str:
        """Name the scalar that becomes a slot."""
        name = self.new("s")
        self.places[slot] = Scalar(name, None)
        return name

    def vector(self, slots: Sequence[int]) -> str:
        """Name the vector that becomes some slots."""
        name = self.new("v")
        self.widths[name] = len(slots)
        self.places.update((slot, Scalar(name, lane)) for lane, slot in enumerate(slots))
        return name

    # ------------------------------------------------------------ statements

    def write(self, level: list[Instruction]) -> None:
        """Write instructions that do not read each other."""
        alike: defaultdict[Any, list[Apply]] = defaultdict(list)
        for step in level:
            if isinstance(step, Apply):
                alike[self.pattern(step)].append(step)
            elif isinstance(step, Group):
                self.write_dense(step)
            elif isinstance(step, Dot):
                self.write_sum(step)
            else:
                assert isinstance(step, LogSumExp)  # loads are not in a level
                vector = self.many(step.operands)
                self.statements.append(LogSum(self.scalar(step.out), vector))
        for steps in alike.values():
            self.write_elementwise(steps)

    def pattern(self, step: Apply) -> Any:
        """Say what must be the same for steps to be done at once."""
        found = [self.one(slot) for slot in step.operands]
        kinds = tuple(self.kind(one, step.op) for one in found)
        together = any(isinstance(one, Scalar) and one.lane is not None for one in found)
        return step.op, kinds, None if together else step.out

    @staticmethod
    def kind(one: One, op: Op) -> Any:
        """Say what must be the same of an operand: lanes and numbers may differ."""
        if isinstance(one, Number):
            return one if op is POW else "number"  # x ** 2 is a formula, x ** [2, 3] is none
        return one if one.lane is None else one.name

    def write_elementwise(self, steps: list[Apply]) -> None:
        """Apply a row, to one scalar or to many lanes at once."""
        op = steps[0].op
        steps.sort(key=lambda step: [self.lane(slot) for slot in step.operands])
        lanes = zip(*(step.operands for step in steps), strict=True)
        operands = tuple(self.alike_or_many(slots) for slots in lanes)
        scalars = [operand for operand in operands if isinstance(operand, Number | Scalar)]
        if len(scalars) < len(operands):
            name = self.vector([step.out for step in steps])
            self.statements.append(Elementwise(name, op, operands, len(steps)))
            return
        result = scalars[0]
        if op is not DIV or scalars[1] != Number(1.0):  # unless it is the mean of one
            name = self.new("s")
            result = Scalar(name, None)
            self.statements.append(Elementwise(name, op, operands, None))
        self.places.update((step.out, result) for step in steps)  # several may do the same

    def lane(self, slot: int) -> int:
        """Tell where in its vector a slot is; lanes in order are simple to write."""
        one = self.one(slot)
        return one.lane or 0 if isinstance(one, Scalar) else 0

    def alike_or_many(self, slots: Sequence[int]) -> Operand:
        """Read operands as a vector, or as a scalar where all are the same."""
        found = [self.one(slot) for slot in slots]
        return found[0] if len(set(map(repr, found))) == 1 else gather(found, self.widths)

    def write_dense(self, step: Group) -> None:
        """Write a dense layer, its weights as a matrix that is cut out of the parameters."""
        size = len(step.columns)
        rows = [step.weights[k : k + size] for k in range(0, len(step.weights), size)]
        vector = self.many(step.columns)
        biases: Many | None = self.many([~u for u in step.biases]) if step.biases else None
        matrix: Submatrix | GatheredMatrix | NumberMatrix
        if rows[0][0] >= self.parameters:
            numbers, first = self.numbers, self.parameters
            matrix = NumberMatrix(tuple(tuple(numbers[u - first] for u in row) for row in rows))
        else:
            view = _view(rows, step.biases, self.parameters)
            if view is None:
                matrix = GatheredMatrix(tuple(rows))
            else:
                start, width, beside = view
                name = self.new("m")
                self.statements.append(View(name, start, len(rows), width))
                column = rows[0][0] - start
                matrix = Submatrix(name, column, column + size, size == width)
                if beside is not None:
                    biases = Column(name, beside)
        self.statements.append(Dense(self.vector(step.outs), matrix, vector, biases))

    def write_sum(self, step: Dot) -> None:
        """Write a sum of terms and products."""
        left, right = self.many(step.left), self.many(step.right)
        scattered = isinstance(left, Stack) or isinstance(right, Stack)
        products: list[tuple[Operand, Operand]] = [(left, right)] if step.left else []
        if len(step.left) == 1 or (scattered and len(step.left) <= WRITTEN_OUT):
            products = [
                (self.one(a), self.one(b)) for a, b in zip(step.left, step.right, strict=True)
            ]
        plain = self.many(step.plain)
        terms: list[Operand] = [plain] if step.plain else []
        if len(step.plain) <= (WRITTEN_OUT if isinstance(plain, Stack) else 2):
            terms = [self.one(r) for r in step.plain]
        if products or terms[1:] or not isinstance(terms[0], Number | Scalar):
            self.statements.append(Sum(self.scalar(step.out), tuple(terms), tuple(products)))
        else:  # the sum of one
            self.places[step.out] = terms[0]


def _view(
    rows: list[tuple[int, ...]], biases: tuple[int, ...], parameters: int
) -> tuple[int, int, int | None] | None:
    """Find where weights lie in ``params`` as a matrix.

    The answer is the start, the length of a row and the column of the biases, if there is one: a
    row of an `nn.MLP` is a neuron's weights and its bias.
    """
    first, width, size = rows[0][0], rows[1][0] - rows[0][0], len(rows[0])
    if width < size or any(
        row != tuple(range(first + r * width, first + r * width + size))
        for r, row in enumerate(rows)
    ):
        return None
    start, column = first, None
    beside = {b - r * width for r, b in enumerate(biases)}
    if len(beside) == 1 and first - (width - size) <= min(beside) < first + width:
        start = min(first, *beside)
        column = min(beside) - start
    return (start, width, column) if start + len(rows) * width <= parameters else None
