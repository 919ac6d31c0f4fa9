"""Random programs of every kind of instruction, and how machine code is compared with Python's."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
from program_examples import close

import engine
from engine import Value
from engine.program.interpreted.python_tier import PYTHON

UNARY = (engine.sin, engine.tanh, engine.exp, engine.relu, engine.erf, engine.sigmoid)


def recorded(seed: int, size: int = 12) -> tuple[list[Value], list[Value], list[Value]]:
    """Record rows, dots, layers and logsumexp on anything before: inputs, wrt, outputs."""
    draw = random.Random(seed)
    inputs = [Value(draw.uniform(-1, 1)) for _ in range(draw.randint(2, 10))]
    weights = [Value(draw.uniform(-1, 1)) for _ in range(24)]
    nodes: list[Value] = [*inputs]

    def some(least: int, most: int, among: list[Value]) -> list[Value]:
        return draw.choices(among, k=draw.randint(least, most))

    for _ in range(size):
        kind = draw.choice("urbdglm")
        if kind == "u":
            nodes.append(draw.choice(UNARY)(draw.choice(nodes)))
        elif kind == "r":  # a parameter that a row reads
            nodes.append(draw.choice(weights) * engine.sin(draw.choice(weights)))
        elif kind == "b":
            a, b = draw.choice(nodes), draw.choice(nodes)
            nodes.append(draw.choice([a + b, a - b, a * b, a / (b * b + 0.5), abs(a)]))
        elif kind == "d":
            right = some(1, 5, nodes)
            left = [draw.choice([*nodes, *weights]) for _ in right]
            nodes.append(engine.dot(left, right) + sum(some(0, 3, [*nodes, *weights])))
        elif kind == "l":
            nodes.append(engine.logsumexp(some(2, 4, nodes)))
        else:  # a layer, with biases or without, its weights shared or not
            columns, rows = some(2, 5, nodes), draw.randint(2, 6)
            biases = some(rows, rows, weights) if kind == "g" else [0.0] * rows
            layer = [engine.dot(draw.sample(weights, len(columns)), columns) for _ in biases]
            nodes += [y + bias for y, bias in zip(layer, biases, strict=True)]
    outputs = [engine.tanh(nodes[-1]), engine.sin(sum(nodes))]
    read = {x for y in outputs for x in engine.topological_order(y)}
    wrt = [x for x in (*draw.sample(inputs, len(inputs) // 2), *weights) if x in read]
    return inputs, wrt, outputs


def check(tier: Any, program: Any, *batches: int, seed: int = 0) -> None:
    """Compare a tier with the Python tier on a flat program: values, sums, each sample."""
    flat, rng = program.flat, np.random.default_rng(seed)
    plain, runner = PYTHON.prepare(flat), tier.prepare(flat)
    for batch in batches:
        inputs = rng.uniform(-1, 1, (batch, flat.inputs))
        live = rng.uniform(-1, 1, flat.live)
        for per_sample in (False, True):
            expected = plain.value_and_grad(inputs.tolist(), live.tolist(), per_sample)
            found = runner.value_and_grad(inputs, live, per_sample)
            for one, other in zip(found, expected, strict=True):
                assert close(one, other, 1e-10)
        assert close(runner.value(inputs, live), expected[0])
