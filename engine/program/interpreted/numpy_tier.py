"""The NumPy tier: the whole batch at once, and many instructions at once.

Instructions of the same level (as far from the leaves) and the same operation become one *step*
over an index array, so that NumPy's loop runs over instructions and samples alike; a dense layer
is one matrix product. Numbers live in one array, a row for each slot, a column for each sample.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.program.instructions import Apply, Dot, FlatProgram, Group, Load, LogSumExp
from engine.program.interpreted.texts import NUMPY_NAMES
from engine.table.floats import FLOATS, total
from engine.table.language import CONSTANTS, rewrite
from engine.table.ops import REDUCTIONS, TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from engine.program.instructions import Instruction

    Array = NDArray[np.float64]
    Index = NDArray[np.intp] | slice


@dataclass(frozen=True)
class NumpyTier:
    """Grouped NumPy over the batch.

    A larger batch is cut into blocks of about ``block`` numbers, so that they stay near the cache.
    """

    block: int = 1 << 21
    name = "numpy"
    arrays = True

    def prepare(self, flat: FlatProgram) -> NumpyRunner:
        """Group the instructions."""
        return NumpyRunner(flat, self.block)


NUMPY = NumpyTier()


class NumpyRunner:
    """Runs a batch in blocks. See `engine.program.instructions.Runner`."""

    def __init__(self, flat: FlatProgram, block: int) -> None:
        self.flat = flat
        self.layout = _Layout(flat)
        self._samples = max(1, block // self.layout.rows)
        levels = flat.levels()
        forward = _grouped(flat, range(len(flat.instructions)), levels, self.layout)
        self._forward = forward
        whole = len(flat.outputs) == 1
        self._backward = [
            (forward if whole else _grouped(flat, flat.sweep(k)[::-1], levels, self.layout))[::-1]
            for k in range(flat.differentiated)
        ]

    def value(self, inputs: Array, live: Array) -> Array:
        """Run forward."""
        with np.errstate(all="ignore"):
            blocks = [
                self._run(block, live).numbers[list(self.flat.outputs)].T
                for block in self.blocks(inputs)
            ]
        return np.concatenate(blocks)

    def value_and_grad(self, inputs: Array, live: Array, per_sample: bool) -> tuple[Array, Array]:
        """Run forward and backward."""
        flat = self.flat
        values, gradients = [], []
        with np.errstate(all="ignore"):
            for block in self.blocks(inputs):
                state = self._run(block, live)
                values.append(state.numbers[list(flat.outputs)].T)
                sweeps = [self._sweep(k, state, per_sample) for k in range(flat.differentiated)]
                gradients.append(np.stack(sweeps, axis=-2))
        every = np.concatenate(gradients) if per_sample else np.sum(gradients, axis=0)
        return np.concatenate(values), every

    def blocks(self, inputs: Array) -> list[Array]:
        """Cut a batch into blocks."""
        size = self._samples
        return [inputs[k : k + size] for k in range(0, len(inputs), size)]

    def _run(self, inputs: Array, live: Array) -> _State:
        """Run forward: every number of every sample."""
        layout = self.layout
        numbers = np.empty((layout.rows, len(inputs)))
        numbers[: self.flat.inputs] = inputs.T
        uniforms = np.concatenate([live, layout.constants])
        numbers[layout.uniform_rows] = uniforms[layout.uniforms, None]
        state = _State(numbers, uniforms)
        for step in self._forward:
            step.forward(state)
        return state

    def _sweep(self, output: int, state: _State, per_sample: bool) -> Array:
        """Run backward from one output: (wrt,), or (samples, wrt)."""
        flat, layout = self.flat, self.layout
        count = len(state.uniforms)
        gradient = np.zeros_like(state.numbers)
        gradient[flat.outputs[output]] = 1.0
        of_uniforms = np.zeros((count, gradient.shape[1]) if per_sample else count)
        state = state._replace(gradient=gradient, of_uniforms=of_uniforms)
        for step in self._backward[output]:
            step.backward(state)
        rows = gradient if per_sample else gradient.sum(axis=1)
        layout.collect.add(of_uniforms, rows[layout.uniform_rows])
        found = np.concatenate([rows[: flat.inputs], of_uniforms[: flat.parameters]])
        return found[layout.wrt].T


class _State(NamedTuple):
    """What steps read and write: the numbers of a block of samples, and in a sweep gradients."""

    numbers: Array
    uniforms: Array
    gradient: Any = None
    of_uniforms: Any = None


class _Layout:
    """Where the numbers are: a row for each slot, and one for each uniform that a dot reads."""

    def __init__(self, flat: FlatProgram) -> None:
        self.constants = np.array(flat.constants, dtype=float)
        uniforms: dict[int, int] = {}  # row -> uniform
        self.row_of: dict[int, int] = {}  # reference to a uniform -> row
        for step in flat.instructions:
            if isinstance(step, Load):
                uniforms[step.out] = step.uniform
            elif isinstance(step, Dot):
                for r in (*step.plain, *step.left):
                    if r < 0 and r not in self.row_of:
                        self.row_of[r] = flat.slots + len(self.row_of)
                        uniforms[self.row_of[r]] = ~r
        self.rows = flat.slots + len(self.row_of)
        self.uniform_rows = np.array(list(uniforms), dtype=np.intp)
        self.uniforms = np.array(list(uniforms.values()), dtype=np.intp)
        self.collect = _Scatter(self.uniforms)
        places = [r if r >= 0 else flat.inputs + ~r for r in flat.wrt]
        self.wrt = np.array(places, dtype=np.intp)

    def of_rows(self, step: Dot) -> Dot:
        """Write a dot with rows for the uniforms that it reads."""
        plain, left = (tuple(map(self.row_of.get, part, part)) for part in step[1:3])
        return Dot(step.out, plain, left, step.right)


class _Scatter:
    """Adds rows to the rows of an array, also where one row is meant several times."""

    def __init__(self, rows: Iterable[int]) -> None:
        target = np.array(rows if isinstance(rows, np.ndarray) else list(rows), dtype=np.intp)
        self.rows = np.unique(target)
        self.unique = len(self.rows) == len(target)
        if self.unique:
            self.rows = target
        else:
            self.order = np.argsort(target, kind="stable")
            self.starts = np.searchsorted(target[self.order], self.rows)

    def add(self, array: Array, terms: Array) -> None:
        """Add ``terms[k]`` to the row that was ``rows[k]``."""
        if not len(self.rows):
            return
        if not self.unique:
            terms = np.add.reduceat(terms[self.order], self.starts, axis=0)
        array[self.rows] += terms


def _index(rows: Sequence[int]) -> Index:
    """Make an index of rows: a slice where they are consecutive, which copies nothing."""
    first = rows[0]
    if list(rows) == list(range(first, first + len(rows))):
        return slice(first, first + len(rows))
    return np.array(rows, dtype=np.intp)


# ---------------------------------------------------------------- steps


class _ApplyStep:
    """One row of the derivative table on many operands."""

    def __init__(self, steps: list[Apply]) -> None:
        op = steps[0].op
        self.outs = _index([step.out for step in steps])
        columns = list(zip(*[step.operands for step in steps], strict=True))
        self.operands = [_index(column) for column in columns]
        self.targets = [_Scatter(column) for column in columns]
        self.rule = on_arrays(op.forward, op.operands)
        self.partials = [
            None if text == "0.0" else on_arrays(text, (*op.operands, "z")) for text in op.partials
        ]

    def forward(self, state: _State) -> None:
        numbers = state.numbers
        numbers[self.outs] = self.rule(*[numbers[rows] for rows in self.operands])

    def backward(self, state: _State) -> None:
        numbers, _, gradient, _ = state
        upstream = gradient[self.outs]
        known = [*(numbers[rows] for rows in self.operands), numbers[self.outs]]
        for partial, target in zip(self.partials, self.targets, strict=True):
            if partial is not None:
                target.add(gradient, partial(*known) * upstream)


class _DotStep:
    """Many dots of any lengths."""

    def __init__(self, steps: list[Dot]) -> None:
        first, second, paired, starts = list[int](), list[int](), list[int](), []
        for step in steps:
            starts.append(len(first))
            first += step.plain
            paired += range(len(first), len(first) + len(step.left))
            first += step.left
            second += step.right
        self.outs = _index([step.out for step in steps])
        self.first = np.array(first, dtype=np.intp)
        self.second = np.array(second, dtype=np.intp)
        self.paired = np.array(paired, dtype=np.intp)
        self.starts = np.array(starts)
        self.lengths = np.diff([*starts, len(first)])
        self.to_first, self.to_second = _Scatter(first), _Scatter(second)

    def forward(self, state: _State) -> None:
        numbers = state.numbers
        terms = numbers[self.first]
        terms[self.paired] *= numbers[self.second]
        numbers[self.outs] = np.add.reduceat(terms, self.starts, axis=0)

    def backward(self, state: _State) -> None:
        numbers, _, gradient, _ = state
        upstream = np.repeat(gradient[self.outs], self.lengths, axis=0)
        to_second = upstream[self.paired] * numbers[self.first[self.paired]]
        upstream[self.paired] *= numbers[self.second]
        self.to_first.add(gradient, upstream)
        self.to_second.add(gradient, to_second)


class _GroupStep:
    """One dense layer: a matrix product."""

    def __init__(self, steps: list[Group]) -> None:
        (step,) = steps
        self.outs, self.columns = _index(step.outs), _index(step.columns)
        self.weights = np.array(step.weights, dtype=np.intp).reshape(len(step.outs), -1)
        self.biases = np.array(step.biases, dtype=np.intp)
        self.to_columns = _Scatter(step.columns)
        self.to_weights, self.to_biases = _Scatter(self.weights.ravel()), _Scatter(step.biases)

    def forward(self, state: _State) -> None:
        numbers, uniforms = state[:2]
        result = uniforms[self.weights] @ numbers[self.columns]
        if len(self.biases):
            result += uniforms[self.biases, None]
        numbers[self.outs] = result

    def backward(self, state: _State) -> None:
        numbers, uniforms, gradient, into = state
        upstream, columns = gradient[self.outs], numbers[self.columns]
        self.to_columns.add(gradient, uniforms[self.weights].T @ upstream)
        if into.ndim == 1:
            self.to_weights.add(into, (upstream @ columns.T).ravel())
            self.to_biases.add(into, upstream.sum(axis=1))
        else:
            products = upstream[:, None, :] * columns[None, :, :]
            self.to_weights.add(into, products.reshape(-1, products.shape[-1]))
            self.to_biases.add(into, upstream)


class _LogSumExpStep:
    """Many logarithms of sums of exponentials, of the same number of operands."""

    def __init__(self, steps: list[LogSumExp]) -> None:
        self.outs = _index([step.out for step in steps])
        self.operands = np.array([step.operands for step in steps], dtype=np.intp).T
        self.targets = _Scatter(self.operands.ravel())
        row = REDUCTIONS["logsumexp"]
        self.term = on_arrays(row.term, ("x", "m"))
        self.result = on_arrays(row.forward, ("total", "m"))
        self.partial = on_arrays(row.partials[0], ("x", "z"))

    def forward(self, state: _State) -> None:
        numbers = state.numbers
        operands = numbers[self.operands]
        largest = operands.max(axis=0)
        found = self.result(self.term(operands, largest).sum(axis=0), largest)
        numbers[self.outs] = np.where(np.isinf(largest), largest, found)

    def backward(self, state: _State) -> None:
        numbers, _, gradient, _ = state
        shares = self.partial(numbers[self.operands], numbers[self.outs]) * gradient[self.outs]
        self.targets.add(gradient, shares.reshape(-1, shares.shape[-1]))


_STEPS: dict[type, Callable[..., Any]] = {
    Apply: _ApplyStep,
    Dot: _DotStep,
    Group: _GroupStep,
    LogSumExp: _LogSumExpStep,
}


def _grouped(
    flat: FlatProgram, positions: Iterable[int], levels: Sequence[int], layout: _Layout
) -> list[Any]:
    """Group instructions of the same level and kind into steps, in an order that works."""
    found: defaultdict[Any, list[Instruction]] = defaultdict(list)
    for position in positions:
        step = flat.instructions[position]
        if isinstance(step, Load):
            continue
        if isinstance(step, Apply):
            kind: Any = step.op
        elif isinstance(step, Group):
            kind = position
        else:
            kind = len(step.operands) if isinstance(step, LogSumExp) else None
        read = layout.of_rows(step) if isinstance(step, Dot) else step
        found[levels[position], type(step), kind].append(read)
    ordered = sorted(found.items(), key=lambda item: item[0][0])
    return [_STEPS[key[1]](steps) for key, steps in ordered]


# ---------------------------------------------------------------- rules on arrays


_ELEMENTWISE = {"if": "where", "and": "logical_and", "or": "logical_or", "**": "pow"}


@cache
def on_arrays(text: str, arguments: tuple[str, ...]) -> Callable[..., Any]:
    """Compile an expression of the table to code that works on arrays, elementwise.

    Example:
        >>> on_arrays("x if x > 0 else 0.0", ("x",))(np.array([1.0, -1.0])).tolist()
        [1.0, 0.0]
    """
    source = f"lambda {', '.join(arguments)}: {rewrite(text, operators=_ELEMENTWISE)}"
    return eval(source, _Scope())  # type: ignore[no-any-return]  # noqa: S307 - our own text


class _Scope(dict[str, Any]):
    """What rules call: NumPy's functions, rows of the table, constants."""

    def __missing__(self, name: str) -> Any:
        known = NUMPY_NAMES.get(name, "power" if name == "pow" else name)
        if name in CONSTANTS:
            return CONSTANTS[name]
        if name in {"where", "logical_and", "logical_or"} or (
            name in FLOATS and hasattr(np, known)
        ):
            return getattr(np, known)
        if name in FLOATS:  # erf, erfc: not in NumPy
            return np.vectorize(total(f"{name}(x)", ("x",)), otypes=[float])
        return on_arrays(TABLE[name].forward, TABLE[name].operands)
