"""Graphs that the tests of replay share."""

from __future__ import annotations

import random
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import engine
from engine import Value
from engine.program.instructions import Apply, Dot, Group, Load
from engine.program.passes import fuse, merge
from engine.program.passes.passes import run_passes
from engine.program.passes.schedule import schedule
from engine.program.recording.capture import capture
from engine.program.recording.tape import FUSED, NONE, Rows, Tape

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from engine.program.instructions import FlatProgram, Instruction
    from engine.table.ops import Op

TIERS = ("python", "numpy")


def network(hidden: int = 3, *, dots: bool = False) -> tuple[list[Value], list[Value], Value]:
    """Record a 2-hidden-hidden-1 tanh network with a squared loss: inputs, parameters, loss."""
    rng = random.Random(5)
    inputs = [Value(0.5, "x_1"), Value(-0.25, "x_2"), Value(0.75, "t")]
    parameters: list[Value] = []

    def parameter() -> Value:
        parameters.append(Value(rng.uniform(-0.5, 0.5), f"p_{len(parameters)}"))
        return parameters[-1]

    layer: list[Any] = inputs[:2]
    for size, last in ((hidden, False), (hidden, False), (1, True)):
        sums = []
        for _ in range(size):
            bias = parameter()
            weights = [parameter() for _ in layer]
            if dots:
                total = engine.dot(weights, layer, bias)
            else:
                total = bias
                for w, x in zip(weights, layer, strict=True):
                    total = total + w * x
            sums.append(total if last else total.tanh())
        layer = sums
    error = layer[0] - inputs[2]
    return inputs, parameters, error * error


def eager(
    inputs: list[Value], wrt: list[Value], outputs: list[Value], batch: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Evaluate a recorded graph again, sample by sample: values (B, K), gradients (B, K, N)."""
    from engine.program.rerun import rerun

    values, gradients = [], []
    with engine.ieee():
        for row in batch:
            twins = rerun(
                [*outputs, *inputs, *wrt], dict(zip(inputs, map(float, row), strict=True))
            )
            results = [twins[y] for y in outputs]
            values.append([y.data for y in results])
            found = [engine.gradients(y) for y in results]
            gradients.append([[g.get(twins[x], 0.0) for x in wrt] for g in found])
    return np.array(values), np.array(gradients)


def close(found: Any, expected: Any, tolerance: float = 1e-12) -> bool:
    """Compare to a relative tolerance, on the scale of the largest number; nan equals nan."""
    a, b = np.asarray(found, dtype=float), np.asarray(expected, dtype=float)
    finite = b[np.isfinite(b)]
    scale = max(1.0, float(np.abs(finite).max())) if finite.size else 1.0
    return bool(np.allclose(a, b, rtol=tolerance, atol=tolerance * scale, equal_nan=True))


def tape_of(outputs: Any, inputs: Any, wrt: Any = (), passes: Any = ()) -> Tape:
    """Capture and run some passes."""
    tape = capture(outputs, inputs, wrt).tape
    run_passes(tape, passes)
    return tape


def ops_of(tape: Tape) -> list[Op | None]:
    """List the operation of each row; None for one that a pass has removed."""
    return [tape.rows.code.ops[code] for code in tape.rows.codes]


def args_of(tape: Tape) -> list[Any]:
    """List the operands of each row."""
    return list(map(tape.rows.args, range(len(tape.rows))))


def left(tape: Tape) -> list[str]:
    """List the names of the rows that are left."""
    return [op.name for op in ops_of(tape) if op is not None]


@contextmanager
def without_numpy() -> Iterator[None]:
    """Let passes run as if NumPy were not installed."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (fuse, merge):
            patch.setattr(module, "numpy", lambda: None)
        yield


def on_blocks(flat: FlatProgram, straight: Any = "never", **limits: Any) -> Any:
    """Prepare a program as machine code, encoded within other limits."""
    from engine.program.llvm.encoding.limits import Limits as Encoding
    from engine.program.llvm.plan import Limits
    from engine.program.llvm.tiers import BlockTier

    return BlockTier("blocks", straight, Limits(encoding=Encoding(**limits))).prepare(flat)


def program_of(
    uniforms: tuple[int, int, tuple[float, ...]],
    inputs: int,
    instructions: Sequence[Instruction],
    outputs: Sequence[int],
    differentiated: int,
    wrt: Sequence[int],
) -> FlatProgram:
    """Schedule instructions written by hand; uniforms: parameters, live ones, constants."""
    rows, groups = Rows(), {}
    reference = {slot: slot for slot in range(inputs)}

    def write(op: Op, slots: tuple[int, ...]) -> None:
        for slot in slots:
            reference[slot] = inputs + len(rows)
            rows.append(op, (NONE, NONE))

    def found(slots: Sequence[int]) -> tuple[int, ...]:
        return tuple(reference.get(r, r) for r in slots)

    for step in instructions:
        row = len(rows)
        if isinstance(step, Load):
            reference[step.out] = ~step.uniform
        elif isinstance(step, Apply):
            write(step.op, (step.out,))
            rows.first[row] = reference[step.operands[0]]
            rows.second[row] = reference[step.operands[1]] if len(step.operands) > 1 else NONE
        elif isinstance(step, Dot):
            write(FUSED, (step.out,))
            rows.lists[row] = found(step.plain), found(step.left), found(step.right)
        elif isinstance(step, Group):
            write(FUSED, step.outs)
            groups[row] = list(range(row, len(rows)))
            width = len(step.columns)
            for k in range(len(step.outs)):
                weights = tuple(~w for w in step.weights[k * width : (k + 1) * width])
                biases = tuple(~b for b in step.biases[k : k + 1])
                rows.lists[row + k] = biases, weights, found(step.columns)
        else:
            write(engine.TABLE["logsumexp"], (step.out,))
            rows.lists[row] = found(step.operands)
    parameters, live, constants = uniforms
    return schedule(
        Tape(
            inputs=inputs,
            parameters=parameters,
            live=live,
            constants=list(constants),
            rows=rows,
            outputs=list(found(outputs)),
            differentiated=differentiated,
            wrt=tuple(wrt),
            checks_from=len(rows),
            groups=groups,
        )
    )
