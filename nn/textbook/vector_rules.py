"""The vector rules of S0, S2 and S3, each beside the gradient of the scalar graph.

A vector rule such as ∂L/∂W_1 = δ x^T states many scalar derivatives at once. Every function here
builds a small network and states its rules; `VectorRule` keeps what the rule gives, computed from
forward values alone, and what the backward sweep of the scalar graph gives, entry by entry.

>>> net, rules = relu_regression()
>>> print(rules[0])
∂L/∂W_2 = (f - y) h^T   S2 (14)   agrees
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from operator import sub
from typing import NamedTuple

import engine
from engine.core.value import Value
from nn.textbook.matrices import (
    Matrix,
    Vector,
    applied,
    elementwise,
    leaves,
    matrix,
    matrix_gradient,
    outer,
    product,
    step,
    transposed,
    vector,
    vector_gradient,
    vector_leaves,
)
from nn.textbook.network import Network, all_named, named
from nn.textbook.paths import softmax_in_full, w131

Rows = Sequence[Sequence[float]]


@dataclass(frozen=True)
class VectorRule:
    """A rule for a whole vector or matrix, and what the scalar graph says about it.

    Attributes:
        equation: The rule in symbols.
        source: The document and the number of the equation there.
        by_rule: Rows of numbers, computed by the rule.
        by_graph: The same, from the scalar graph.
    """

    equation: str
    source: str
    by_rule: Matrix
    by_graph: Matrix

    @property
    def error(self) -> float:
        """The largest difference between two entries."""
        pairs = zip(chain(*self.by_rule), chain(*self.by_graph), strict=True)
        return max(abs(a - b) for a, b in pairs)

    def __str__(self) -> str:
        verdict = "agrees" if self.error < 1e-12 else f"is off by {self.error:.3g}"
        return f"{self.equation}   {self.source}   {verdict}"


class Worked(NamedTuple):
    """An example with its rules."""

    net: Network
    rules: list[VectorRule]


def matrix_rule(
    net: Network, equation: str, source: str, by_rule: Matrix, symbol: str, *place: int
) -> VectorRule:
    """Set a rule beside the gradient of a named matrix."""
    return VectorRule(equation, source, by_rule, matrix_gradient(net, symbol, *place))


def vector_rule(
    net: Network, equation: str, source: str, by_rule: Vector, symbol: str, *place: int
) -> VectorRule:
    """Set a rule beside the gradient of a named vector."""
    return VectorRule(equation, source, [by_rule], [vector_gradient(net, symbol, *place)])


def layer(
    k: int, rows: Rows, biases: Sequence[float], inputs: Sequence[Value], symbol: str, *place: int
) -> list[Value]:
    """Record W_k x + b_k, its entries named after a symbol and its place."""
    ws, bs = leaves("w", rows, k), vector_leaves("b", biases, k)
    sums = [engine.dot(row, inputs, b) for row, b in zip(ws, bs, strict=True)]
    return all_named(sums, symbol, *place)


def relu_layer(a: Sequence[Value], symbol: str, *place: int) -> list[Value]:
    """Record the relu of every entry."""
    return all_named(map(engine.relu, a), symbol, *place)


def half_square(y: Sequence[float], f: Sequence[Value]) -> Value:
    """Record L = 1/2 sum (y_i - f_i)², whose derivative by f is f - y (S2 (4))."""
    targets = vector_leaves("y", y)
    squares = [(y_i - f_i) ** 2 for y_i, f_i in zip(targets, f, strict=True)]
    return named("L", 0.5 * engine.sum(squares))


def matrix_product(
    b: Rows = ((1.0, 2.0, -1.0), (0.5, -0.5, 3.0)), c: Rows = ((2.0, 1.0), (0.0, -1.0), (1.5, 0.5))
) -> Worked:
    """Differentiate through A = B C: ∂L/∂B = ∂L/∂A C^T, ∂L/∂C = B^T ∂L/∂A (S2 (1), (2)).

    Args:
        b: The rows of B.
        c: The rows of C.

    Returns:
        The graph of L = 1/2 sum A_ij² (any scalar function of A would do), and the rules.
    """
    left, right = leaves("B", b), leaves("C", c)
    a = [
        all_named([engine.dot(row, column) for column in zip(*right, strict=True)], "A", i)
        for i, row in enumerate(left, start=1)
    ]
    loss = named("L", 0.5 * engine.sum([a_ij**2 for row in a for a_ij in row]))
    net = Network("A = B C", "S2 (1)-(2)", loss, "B_11")
    d_a = matrix(net, "A")  # the derivative of half the sum of squares
    rules = [
        matrix_rule(net, "∂L/∂B = ∂L/∂A C^T", "S2 (1)", product(d_a, transposed(c)), "B"),
        matrix_rule(net, "∂L/∂C = B^T ∂L/∂A", "S2 (2)", product(transposed(b), d_a), "C"),
    ]
    return Worked(net, rules)


W_1 = ((1.0, -0.5), (0.25, 0.75), (-1.0, -0.5))
B_1 = (0.5, -0.25, 0.1)
W_2 = ((2.0, -1.0, 0.5), (0.5, 1.5, -1.0))
B_2 = (0.25, -0.5)
X = (1.0, 2.0)
Y = (1.0, -1.0)
# The notes give no numbers; with these the third neuron of the hidden layer is dead.


def linear_regression() -> Worked:
    """Differentiate through two linear layers, h = W_1 x + b_1 and f = W_2 h + b_2.

    S2 (3)-(11).

    Returns:
        The network and its rules.
    """
    x = vector_leaves("x", X)
    h = layer(1, W_1, B_1, x, "h")
    f = layer(2, W_2, B_2, h, "f")
    net = Network("two linear layers", "S2 (5)-(11)", half_square(Y, f), "w_111")
    d_f = _minus(vector(net, "f"), Y)
    d_h = applied(transposed(W_2), d_f)
    d_w2 = outer(d_f, vector(net, "h"))
    rules = [
        vector_rule(net, "∂L/∂f = f - y", "S2 (4)", d_f, "f"),
        matrix_rule(net, "∂L/∂W_2 = (f - y) h^T", "S2 (7)", d_w2, "w", 2),
        vector_rule(net, "∂L/∂h = W_2^T (f - y)", "S2 (8)", d_h, "h"),
        vector_rule(net, "∂L/∂b_2 = f - y", "S2 (9)", d_f, "b", 2),
        matrix_rule(net, "∂L/∂W_1 = W_2^T (f - y) x^T", "S2 (3), (10)", outer(d_h, X), "w", 1),
        vector_rule(net, "∂L/∂b_1 = W_2^T (f - y)", "S2 (11)", d_h, "b", 1),
    ]
    return Worked(net, rules)


def relu_regression() -> Worked:
    """Differentiate through h = relu(W_1 x + b_1), f = W_2 h + b_2, L = 1/2 |y - f|².

    S2 (12)-(20), with the bias of (19) and (20) read as b_1 (E16).

    Returns:
        The network and its rules.
    """
    x = vector_leaves("x", X)
    h = relu_layer(layer(1, W_1, B_1, x, "a"), "h")
    f = layer(2, W_2, B_2, h, "f")
    net = Network("two layers with relu", "S2 (12)-(20)", half_square(Y, f), "w_111")
    d_f = _minus(vector(net, "f"), Y)
    d_w2 = outer(d_f, vector(net, "h"))
    rules = [
        matrix_rule(net, "∂L/∂W_2 = (f - y) h^T", "S2 (14)", d_w2, "w", 2),
        *_hidden_rules(net, d_f, "(15)", "(16)", "(17)-(18)", "(19)-(20), E16"),
    ]
    return Worked(net, rules)


def relu_classifier(right: int = 2) -> Worked:
    """Differentiate through a classifier: relu layer, softmax over three classes, log-loss.

    S2 (21)-(31), with one name h for the hidden layer (E17).

    Args:
        right: The right class, 1 to 3.

    Returns:
        The network and its rules.
    """
    x = vector_leaves("x", X)
    h = relu_layer(layer(1, W_1, B_1, x, "a"), "h")
    f = layer(2, (*W_2, (-0.5, 0.25, 1.0)), (*B_2, 0.0), h, "f")
    p = softmax_in_full(f, "p")
    loss = named("L", -engine.log(p[right - 1]))
    net = Network("a classifier", "S2 (21)-(31)", loss, "w_111", tuple(p))
    d_f = [p_i - (i == right) for i, p_i in enumerate(vector(net, "p"), start=1)]
    d_w2 = outer(d_f, vector(net, "h"))
    rules = [
        vector_rule(net, "∂L/∂f = p - 1(y)", "S2 (24)", d_f, "f"),
        matrix_rule(net, "∂L/∂W_2 = ∂L/∂f h^T", "S2 (25)", d_w2, "w", 2),
        *_hidden_rules(net, d_f, "(26)", "(27)", "(28)-(29)", "(30)-(31)"),
    ]
    return Worked(net, rules)


def relu_three_layers() -> Worked:
    """Differentiate through three layers, the exercise that S2 leaves to its reader.

    The handwritten solution in S2 forgets the masks 1(h > 0) (E19) and, in one line, h_1^T (E20);
    these rules have them.

    Returns:
        The network and its rules.
    """
    x = vector_leaves("x", X)
    h_1 = relu_layer(layer(1, W_1, B_1, x, "a", 1), "h", 1)
    h_2 = relu_layer(layer(2, W_2, B_2, h_1, "a", 2), "h", 2)
    f = layer(3, ((1.5, 0.5), (-0.5, 1.0)), (0.1, 0.2), h_2, "f")
    source = "S2, handwritten"
    net = Network("three layers with relu", source, half_square(Y, f), "w_111")
    d_f = _minus(vector(net, "f"), Y)
    d_w3 = outer(d_f, vector(net, "h", 2))
    d_h2 = applied(transposed(matrix(net, "w", 3)), d_f)
    d_a2 = elementwise(step(vector(net, "h", 2)), d_h2)
    d_w2 = outer(d_a2, vector(net, "h", 1))
    d_h1 = applied(transposed(W_2), d_a2)
    d_a1 = elementwise(step(vector(net, "h", 1)), d_h1)
    masked = f"{source}, E19"
    rules = [
        vector_rule(net, "∂L/∂b_3 = f - y", source, d_f, "b", 3),
        matrix_rule(net, "∂L/∂W_3 = (f - y) h_2^T", source, d_w3, "w", 3),
        vector_rule(net, "∂L/∂h_2 = W_3^T (f - y)", source, d_h2, "h", 2),
        vector_rule(net, "∂L/∂b_2 = 1(h_2 > 0) ⊙ ∂L/∂h_2", masked, d_a2, "b", 2),
        matrix_rule(net, "∂L/∂W_2 = (1(h_2 > 0) ⊙ ∂L/∂h_2) h_1^T", f"{source}, E20", d_w2, "w", 2),
        vector_rule(net, "∂L/∂h_1 = W_2^T (1(h_2 > 0) ⊙ ∂L/∂h_2)", masked, d_h1, "h", 1),
        vector_rule(net, "∂L/∂b_1 = 1(h_1 > 0) ⊙ ∂L/∂h_1", masked, d_a1, "b", 1),
        matrix_rule(net, "∂L/∂W_1 = (1(h_1 > 0) ⊙ ∂L/∂h_1) x^T", masked, outer(d_a1, X), "w", 1),
    ]
    return Worked(net, rules)


def hidden_layers() -> Worked:
    """State S0's rules for hidden layers on the network of w_131.

    S0, "Computing derivatives w.r.t Hidden Layers", parts 1 to 3: the derivative by h_ij adds up
    all paths from that neuron to the loss, and the vector of them is W^T times the next layer's.

    Returns:
        The network and its rules.
    """
    net = w131()
    y, yhat, h = vector(net, "y"), vector(net, "yhat"), vector(net, "h", 1)
    shares = [[p * ((j == k) - q) for k, q in enumerate(yhat)] for j, p in enumerate(yhat)]
    d_yhat = [-2.0 * (a - b) for a, b in zip(y, yhat, strict=True)]
    d_a2 = applied(transposed(shares), d_yhat)
    d_h = applied(transposed(matrix(net, "w", 2)), d_a2)
    d_a1 = elementwise(d_h, [h_j * (1.0 - h_j) for h_j in h])
    part = "S0, Hidden Layers, part"
    d_w1 = outer(d_a1, vector(net, "x"))
    rules = [
        vector_rule(net, "∂L/∂a_2 = J^T ∂L/∂yhat", "S0, Heavy math, item 4", d_a2, "a", 2),
        vector_rule(net, "∂L/∂h_1 = W_2^T ∂L/∂a_2", f"{part} 2", d_h, "h", 1),
        vector_rule(net, "∂L/∂a_1 = ∂L/∂h_1 ⊙ g'(a_1)", f"{part} 3", d_a1, "a", 1),
        matrix_rule(net, "∂L/∂W_1 = ∂L/∂a_1 x^T", f"{part} 3", d_w1, "w", 1),
    ]
    return Worked(net, rules)


BATCH_X = ((1.0, 2.0), (-1.0, 0.5), (0.5, -1.5))
BATCH_RIGHT = (1, 3, 2)


def batch_classifier(mean: bool = True) -> Worked:
    """Differentiate through a softmax classifier over a batch of three samples, as rows.

    S3: Z1 = X W1 + b1, A1 = relu(Z1), Z2 = A1 W2 + b2, A2 = softmax(Z2), and the loss is the mean
    of -log of the right shares. S3 leaves the 1/N of the mean out of its final rules (E24). In S3
    samples are rows, so W1 here is the transpose of S2's.

    Args:
        mean: False for the sum over the samples, for which S3's rules hold as printed.

    Returns:
        The network and its rules.
    """
    w1, b1 = transposed(W_1), B_1
    w2, b2 = transposed((*W_2, (-0.5, 0.25, 1.0))), (*B_2, 0.0)
    ws1, bs1 = leaves("W", w1, 1), vector_leaves("b", b1, 1)
    ws2, bs2 = leaves("W", w2, 2), vector_leaves("b", b2, 2)
    losses, shares = [], []
    for n, numbers in enumerate(BATCH_X, start=1):
        x = vector_leaves("X", numbers, n)
        z1 = all_named(_row_times(x, ws1, bs1), "Z1", n)
        a1 = relu_layer(z1, "A1", n)
        z2 = all_named(_row_times(a1, ws2, bs2), "Z2", n)
        total = engine.logsumexp(z2)
        a2 = all_named([engine.exp(z - total) for z in z2], "A2", n)
        losses.append(-engine.log(a2[BATCH_RIGHT[n - 1] - 1]))
        shares += a2
    loss = named("L", engine.mean(losses) if mean else engine.sum(losses))
    net = Network("a classifier over a batch", "S3", loss, "W_111", tuple(shares))
    part = 1.0 / len(BATCH_X) if mean else 1.0
    d_z2 = [
        [part * (a - (j == right)) for j, a in enumerate(row, start=1)]
        for row, right in zip(matrix(net, "A2"), BATCH_RIGHT, strict=True)
    ]
    d_a1 = product(d_z2, transposed(w2))
    d_z1 = [elementwise(row, step(z)) for row, z in zip(d_a1, matrix(net, "Z1"), strict=True)]
    d_w2 = product(transposed(matrix(net, "A1")), d_z2)
    d_w1 = product(transposed(BATCH_X), d_z1)
    scale = "1/N " if mean else ""
    rules = [
        matrix_rule(net, f"∂L/∂Z2 = {scale}(A2 - y)", "S3", d_z2, "Z2"),
        matrix_rule(net, "∂L/∂W2 = A1^T ∂L/∂Z2", "S3", d_w2, "W", 2),
        vector_rule(net, "∂L/∂b2 = sum of ∂L/∂Z2", "S3", _column_sums(d_z2), "b", 2),
        matrix_rule(net, "∂L/∂Z1 = ∂L/∂Z2 W2^T ⊙ relu'(Z1)", "S3", d_z1, "Z1"),
        matrix_rule(net, "∂L/∂W1 = X^T ∂L/∂Z1", "S3", d_w1, "W", 1),
        vector_rule(net, "∂L/∂b1 = sum of ∂L/∂Z1", "S3", _column_sums(d_z1), "b", 1),
    ]
    return Worked(net, rules)


def _hidden_rules(
    net: Network, d_f: Vector, to_h: str, to_b2: str, to_w1: str, to_b1: str
) -> list[VectorRule]:
    """State the rules that a relu network with one hidden layer shares, whatever its loss."""
    d_h = applied(transposed(matrix(net, "w", 2)), d_f)
    d_a = elementwise(step(vector(net, "h")), d_h)
    d_w1 = outer(d_a, vector(net, "x"))
    return [
        vector_rule(net, "∂L/∂h = W_2^T ∂L/∂f", f"S2 {to_h}", d_h, "h"),
        vector_rule(net, "∂L/∂b_2 = ∂L/∂f", f"S2 {to_b2}", d_f, "b", 2),
        matrix_rule(net, "∂L/∂W_1 = (1(h > 0) ⊙ W_2^T ∂L/∂f) x^T", f"S2 {to_w1}", d_w1, "w", 1),
        vector_rule(net, "∂L/∂b_1 = 1(h > 0) ⊙ W_2^T ∂L/∂f", f"S2 {to_b1}", d_a, "b", 1),
    ]


def _row_times(row: Sequence[Value], ws: list[list[Value]], bs: list[Value]) -> list[Value]:
    """Record a row of X W + b: in S3 the weights of a neuron are a column."""
    columns = zip(*ws, strict=True)
    return [engine.dot(column, row, b) for column, b in zip(columns, bs, strict=True)]


def _minus(u: Sequence[float], v: Sequence[float]) -> Vector:
    return list(map(sub, u, v))


def _column_sums(rows: Rows) -> Vector:
    return list(map(sum, transposed(rows)))
