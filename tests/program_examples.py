"""Graphs that the tests of replay share."""

from __future__ import annotations

import random
from typing import Any

import numpy as np

import engine
from engine import Value

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
