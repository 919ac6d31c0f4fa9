"""Graphs to measure on, written for any scalars: Values, CasADi's symbols, plain floats.

Each builder takes `Scalars`, so that every peer records the very same operations. A builder gives
one loss; inputs and parameters come from the caller, as many as the graph says.
"""

from __future__ import annotations

import importlib
import math
import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

import engine
from engine import Value


class Scalars(NamedTuple):
    """A kind of scalar: its elementary functions. Arithmetic is Python's."""

    tanh: Callable[[Any], Any]
    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    sqrt: Callable[[Any], Any]
    relu: Callable[[Any], Any]
    maximum: Callable[[Any, Any], Any]


VALUES = Scalars(engine.tanh, engine.exp, engine.log, engine.sqrt, engine.relu, engine.maximum)


def casadi_scalars() -> Scalars:
    """CasADi's symbols."""
    ca = importlib.import_module("casadi")
    return Scalars(ca.tanh, ca.exp, ca.log, ca.sqrt, lambda x: ca.fmax(x, 0.0), ca.fmax)


class Graph(NamedTuple):
    """A graph that can be built from any scalars, and numbers to run it on.

    Attributes:
        name: What tables call it.
        build: Makes the loss from scalars, inputs and parameters.
        samples: A batch of inputs (batch, inputs).
        weights: Parameters.
    """

    name: str
    build: Callable[[Scalars, Sequence[Any], Sequence[Any]], Any]
    samples: Any
    weights: Any

    def record(self) -> tuple[Any, list[Value], list[Value]]:
        """Record it with Values, on the first sample: loss, inputs, parameters."""
        inputs = [Value(x, f"x{k}") for k, x in enumerate(self.samples[0].tolist())]
        weights = [Value(w) for w in self.weights.tolist()]
        return self.build(VALUES, inputs, weights), inputs, weights


def total(terms: Sequence[Any]) -> Any:
    """Add up terms, a node for each addition."""
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


# ---------------------------------------------------------------- networks


def layer_sizes(hidden: int) -> list[tuple[int, bool]]:
    """List the layers of 2-hidden-hidden-1: neurons, and whether tanh follows."""
    return [(hidden, True), (hidden, True), (1, False)]


def network(hidden: int, batch: int) -> Graph:
    """A 2-hidden-hidden-1 tanh network with squared loss; inputs x1, x2 and the target."""

    def build(of: Scalars, inputs: Sequence[Any], weights: Sequence[Any]) -> Any:
        layer, rest = list(inputs[:2]), iter(weights)
        for width, bent in layer_sizes(hidden):
            sums = []
            for _ in range(width):
                result = next(rest)
                for x in layer:
                    result = result + next(rest) * x
                sums.append(of.tanh(result) if bent else result)
            layer = sums
        error = layer[0] - inputs[2]
        return error * error

    rng = np.random.default_rng(1)
    samples = rng.normal(size=(batch, 3))
    weights = rng.normal(size=hidden * (hidden + 5) + 1) / math.sqrt(hidden)
    return Graph(f"2-{hidden}-{hidden}-1", build, samples, weights)


# ---------------------------------------------------------------- a transformer


class _Transformer:
    """One training step of a transformer on characters, written scalar by scalar.

    Characters come as one-hot inputs, so that every sample of a batch is another text: ``length``
    characters, then the ``length`` that should follow each. One block: attention with several
    heads that look back only, a hidden layer of four times the width, normalisation by the root
    of the mean square before each, and the mean cross entropy.
    """

    def __init__(self, width: int, heads: int, length: int, letters: int) -> None:
        self.width, self.heads, self.length, self.letters = width, heads, length, letters
        self.shapes = [
            *[(width, letters), (width, length)],  # embeddings of characters and of positions
            *[(width, width)] * 4,  # queries, keys, values, and the way out of attention
            *[(4 * width, width), (width, 4 * width), (letters, width)],
        ]
        self.size = sum(rows * columns for rows, columns in self.shapes)

    def matrices(self, weights: Sequence[Any]) -> list[list[Sequence[Any]]]:
        """Cut the parameters into matrices, lists of rows."""
        found, start = [], 0
        for rows, columns in self.shapes:
            end = start + rows * columns
            found.append([weights[k : k + columns] for k in range(start, end, columns)])
            start = end
        return found

    def build(self, of: Scalars, inputs: Sequence[Any], weights: Sequence[Any]) -> Any:
        """Write the loss."""
        letter, place, query, key, value, out, widen, narrow, read = self.matrices(weights)
        keys: list[Any] = []
        values: list[Any] = []
        losses = []
        for t in range(self.length):
            seen, wanted = self.one_hot(inputs, t), self.one_hot(inputs, self.length + t)
            x = [e + row[t] for e, row in zip(matrix(letter, seen), place, strict=True)]
            normed = unit(of, x)
            keys.append(matrix(key, normed))
            values.append(matrix(value, normed))
            mixed = self.attend(of, matrix(query, normed), keys, values)
            x = [a + b for a, b in zip(matrix(out, mixed), x, strict=True)]
            hidden = [of.relu(h) for h in matrix(widen, unit(of, x))]
            x = [a + b for a, b in zip(matrix(narrow, hidden), x, strict=True)]
            chances = softmax(of, matrix(read, x))
            losses.append(-of.log(total([c * w for c, w in zip(chances, wanted, strict=True)])))
        return total(losses) / self.length

    def one_hot(self, inputs: Sequence[Any], t: int) -> Sequence[Any]:
        """Take the inputs that say which character number ``t`` is."""
        return inputs[t * self.letters : (t + 1) * self.letters]

    def attend(self, of: Scalars, query: list[Any], keys: list[Any], values: list[Any]) -> Any:
        """Mix the values of the characters so far, by how well their keys fit the query."""
        size, mixed = self.width // self.heads, []
        for start in range(0, self.width, size):
            part = slice(start, start + size)
            fits = [matrix([key[part]], query[part])[0] / math.sqrt(size) for key in keys]
            shares = softmax(of, fits)
            mixed += [
                total([s * v[k] for s, v in zip(shares, values, strict=True)])
                for k in range(start, start + size)
            ]
        return mixed

    def texts(self, batch: int, rng: Any) -> Any:
        """Make random texts, as one-hot rows."""
        drawn = rng.integers(self.letters, size=(batch, self.length + 1))
        wanted = np.concatenate([drawn[:, :-1], drawn[:, 1:]], axis=1)
        return np.ascontiguousarray(np.eye(self.letters)[wanted].reshape(batch, -1))


def matrix(rows: Sequence[Sequence[Any]], vector: Sequence[Any]) -> list[Any]:
    """Multiply a matrix by a vector, scalar by scalar."""
    return [total([a * b for a, b in zip(row, vector, strict=True)]) for row in rows]


def unit(of: Scalars, x: list[Any]) -> list[Any]:
    """Divide by the root of the mean square."""
    scale = 1.0 / of.sqrt(total([a * a for a in x]) / len(x) + 1e-5)
    return [a * scale for a in x]


def softmax(of: Scalars, x: list[Any]) -> list[Any]:
    """Exponentials over their sum, shifted by the largest."""
    largest = x[0]
    for a in x[1:]:
        largest = of.maximum(largest, a)
    powers = [of.exp(a - largest) for a in x]
    summed = total(powers)
    return [p / summed for p in powers]


def transformer(batch: int, *, width: int = 16, length: int = 7) -> Graph:
    """A training step of a small transformer on characters; about 60,000 operations."""
    model = _Transformer(width, 4, length, 27)
    rng = np.random.default_rng(2)
    weights = rng.normal(size=model.size) * 0.3
    return Graph(f"transformer {width}x{length}", model.build, model.texts(batch, rng), weights)


# ---------------------------------------------------------------- graphs without structure


def tangle(size: int, batch: int) -> Graph:
    """A random graph of additions, subtractions, products and tanh: no layers, hardly a dot.

    Operands are drawn from a pool that the results go back to, those of two operands twice, so
    that everything is used; what is left is subtracted, pair by pair. The graph is drawn together
    with the numbers of a batch, and takes tanh where one grows large.
    """
    draw, rng = random.Random(size), np.random.default_rng(size)
    leaves = max(20, size // 20)
    samples, weights = rng.uniform(-1, 1, (batch, leaves)), rng.uniform(-1, 1, leaves)
    numbers = [*samples.T, *(np.full(batch, w) for w in weights)]
    pool = [*range(2 * leaves)] * 2
    recipe: list[tuple[str, int, int]] = []

    def take() -> int:
        k = draw.randrange(len(pool))
        pool[k], pool[-1] = pool[-1], pool[k]
        return pool.pop()

    def put(kind: str, i: int, j: int, found: Any) -> int:
        recipe.append((kind, i, j))
        numbers.append(found)
        return len(numbers) - 1

    while len(recipe) < size - len(pool):
        i, j, kind = take(), take(), draw.choice("+-*t")
        a, b = numbers[i], numbers[j]
        found = np.tanh(a) if kind == "t" else _combine(kind, a, b)
        if kind == "t" or np.abs(found).max() > 2:
            pool += [put("t", i, i, np.tanh(a)), j]
        else:
            pool += [put(kind, i, j, found)] * 2
    while len(pool) > 1:
        i, j = pool.pop(), pool.pop()
        pool.insert(0, put("-", i, j, numbers[i] - numbers[j]))

    def build(of: Scalars, inputs: Sequence[Any], weights: Sequence[Any]) -> Any:
        made = [*inputs, *weights]
        for kind, i, j in recipe:
            a = made[i]
            made.append(of.tanh(a) if kind == "t" else _combine(kind, a, made[j]))
        return made[-1]

    return Graph(f"tangle {size}", build, samples, weights)


def _combine(kind: str, a: Any, b: Any) -> Any:
    return a + b if kind == "+" else a - b if kind == "-" else a * b


def chain(size: int, batch: int) -> Graph:
    """A chain of ``tanh(w * x + x)``: as deep as it is large."""

    def build(of: Scalars, inputs: Sequence[Any], weights: Sequence[Any]) -> Any:
        x = inputs[0]
        for k in range(size // 3):
            x = of.tanh(weights[k % len(weights)] * x + x)
        return x

    rng = np.random.default_rng(3)
    return Graph(f"chain {size}", build, rng.uniform(-1, 1, (batch, 1)), rng.uniform(-1, 1, 8))
