"""The network of S0: four inputs, four sigmoid neurons, two softmax outputs, squared error.

The lecture works out two of its gradients: ∂L/∂w_212 ("Partial Derivatives with respect to a",
parts 1 to 3) and ∂L/∂w_131 ("Multiple Paths"). Both end in a softmax whose outputs depend on BOTH
pre-activations; the lecture keeps only the routes a_21 -> yhat_1 and a_22 -> yhat_2 and so gets
exactly half of each (errata E1, E2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import engine
from engine.arguments import named_one
from engine.core.value import Value
from engine.errors import ShapeError
from nn.names import textbook_name
from nn.textbook.matrices import leaves, vector_leaves
from nn.textbook.network import Network, all_named, named

W1 = ((0.1, 0.3, 0.8, -0.4), (-0.3, -0.2, 0.5, 0.5), (-0.3, 0.0, 0.5, 0.4), (0.2, 0.5, -0.9, 0.7))
"""The weights of layer 1, a row for each neuron (S0)."""

W2 = ((0.5, 0.8, 0.2, 0.4), (0.5, 0.2, 0.3, -0.5))
"""The weights of layer 2 (S0)."""

X = (2.0, 5.0, 3.0, 3.0)
"""The inputs (S0)."""

Y = (1.0, 0.0)
"""The true distribution (S0)."""

PRINTED_BIAS = (0.5, 0.3)
"""The biases that S0 states for w_212, although the values it prints are those of (0, 0) (E3)."""

Bias = float | Sequence[float]


def w131(bias: tuple[Bias, Bias] = (0.0, 0.0), loss: str = "squared_error") -> Network:
    """Build the network of S0 for the gradient of w_131: four routes lead from it to the loss.

    Every node is labelled as the lecture names it, except the exponentials of the softmax, their
    sum and the squares, which the lecture does not draw: between named nodes there are four
    routes, between all recorded nodes six. S0, "Multiple Paths".

    Args:
        bias: The bias of each layer: one number shared by its neurons (nodes b_1, b_2), as the
            lecture has it, or a list with one for each neuron (nodes b_11, b_12, ...).
        loss: ``"squared_error"``, as in the lecture, or ``"cross_entropy"``.

    Returns:
        The network: ``net["w_131"]``, ``net["a_13"]``, ``net["L"]``.

    Raises:
        UnknownNameError: If there is no such loss.
        ShapeError: If a list of biases does not fit its layer.

    Example:
        >>> net = w131()
        >>> round(net.gradient("w_131"), 12), round(net.update("w_131"), 10)
        (0.003159356764, -0.3031593568)
        >>> round(w131(bias=(0.5, 0.3)).gradient("w_131"), 11)
        0.00191370198
    """
    root = _lecture_loss(bias, loss)
    return Network("the gradient of w_131", "S0, Multiple Paths", root, "w_131")


def w212(bias: tuple[Bias, Bias] = (0.0, 0.0), loss: str = "squared_error") -> Network:
    """Build the network of S0 for the gradient of w_212: two routes lead from it to the loss.

    The lecture states the biases `PRINTED_BIAS` here, but every value it prints is that of zero
    biases (E3), so zero is the default.

    Args:
        bias: As for `w131`.
        loss: As for `w131`.

    Returns:
        The network.

    Raises:
        UnknownNameError: If there is no such loss.
        ShapeError: If a list of biases does not fit its layer.

    Example:
        >>> net = w212()
        >>> round(net.gradient("w_212"), 10), round(net.update("w_212"), 10)
        (-0.1303767062, 0.9303767062)
    """
    root = _lecture_loss(bias, loss)
    return Network("the gradient of w_212", "S0, Partial Derivatives", root, "w_212")


def w121() -> Network:
    """Build a network in which three parallel paths lead from w_121 to the loss.

    S0, "Applying chain rule across multiple paths" (the figure in cyan, orange and pink): two
    inputs, two neurons, three neurons, one output. The lecture gives no numbers, so these are
    ours; any would do.

    Returns:
        The network.

    Example:
        >>> from engine import count_paths
        >>> net = w121()
        >>> count_paths(net.L, net["w_121"])
        3
    """
    source = "S0, Applying chain rule across multiple paths"
    return Network("three paths from w_121", source, _deep(), "w_121")


def w222() -> Network:
    """Build the same network for w_222, from which a single path leads to the loss.

    S0, "Applying chain rule in a neural network": ∂L/∂w_222 = ∂L/∂yhat · ∂yhat/∂a_31 ·
    ∂a_31/∂h_22 · ∂h_22/∂a_22 · ∂a_22/∂w_222, and w_222 <- w_222 - η ∂L/∂w_222.

    Returns:
        The network.

    Example:
        >>> from engine import count_paths
        >>> net = w222()
        >>> count_paths(net.L, net["w_222"])
        1
    """
    source = "S0, Applying chain rule in a neural network"
    return Network("one path from w_222", source, _deep(), "w_222")


def _lecture_loss(bias: tuple[Bias, Bias], loss: str) -> Value:
    """Record the forward pass of S0, line by line; everything else hangs on the loss."""
    measure = named_one(loss, LOSSES, "loss")
    x = vector_leaves("x", X)
    a1 = weighted_sums(1, W1, x, bias[0])
    h1 = activations("h", 1, a1)
    a2 = weighted_sums(2, W2, h1, bias[1])
    yhat = softmax_in_full(a2)
    return named("L", measure(vector_leaves("y", Y), yhat))


def _deep() -> Value:
    """Record the 2-2-3-1 network of the figures with three layers."""
    inputs = vector_leaves("x", (1.0, -0.5))
    a1 = weighted_sums(1, ((0.5, -0.3), (0.8, 0.4)), inputs, 0.1)
    h1 = activations("h", 1, a1)
    a2 = weighted_sums(2, ((0.3, 0.6), (-0.2, 0.9), (0.7, -0.4)), h1, -0.2)
    h2 = activations("h", 2, a2)
    (a3,) = weighted_sums(3, ((0.9, -0.6, 0.5),), h2, 0.3)
    yhat = named("yhat", engine.sigmoid(a3))
    return named("L", (Value(1.0, "y") - yhat) ** 2)


def activations(symbol: str, k: int, a: Sequence[Value]) -> list[Value]:
    """Record the sigmoid of each pre-activation of a layer, named h_k1, h_k2, ..."""
    return all_named(map(engine.sigmoid, a), symbol, k)


def weighted_sums(
    k: int, rows: Sequence[Sequence[float]], inputs: Sequence[Value], bias: Bias
) -> list[Value]:
    """Record a_k1, a_k2, ...: each a sum of weights times inputs, plus a bias."""
    biases = _biases(k, bias, len(rows))
    weights = leaves("w", rows, k)
    sums = [engine.dot(row, inputs, b) for row, b in zip(weights, biases, strict=True)]
    return all_named(sums, "a", k)


def _biases(k: int, bias: Bias, count: int) -> list[Value]:
    """Make one bias shared by the neurons (b_k), or one for each (b_k1, ...)."""
    if not isinstance(bias, Sequence):
        return [Value(bias, textbook_name("b", k))] * count
    if len(bias) != count:
        raise ShapeError(f"layer {k} has {count} neurons, but {len(bias)} biases were given")
    return vector_leaves("b", bias, k)


def softmax_in_full(a: Sequence[Any], symbol: str = "yhat") -> list[Value]:
    """Write softmax out as the lecture does: exponentials, their sum, a division for each output.

    For large numbers this overflows; `engine.softmax` does not.
    """
    exponentials = [engine.exp(a_i) for a_i in a]
    total = engine.sum(exponentials)
    return all_named([e / total for e in exponentials], symbol)


def squared_error(y: list[Value], yhat: list[Value]) -> Any:
    """Add up (y_i - yhat_i)² over the outputs."""
    return engine.sum([(y_i - yhat_i) ** 2 for y_i, yhat_i in zip(y, yhat, strict=True)])


def _cross_entropy(y: list[Value], yhat: list[Value]) -> Any:
    right = max(range(len(y)), key=lambda i: y[i].data)
    return -engine.log(yhat[right])


LOSSES = {"squared_error": squared_error, "cross_entropy": _cross_entropy}
"""The losses that the lecture names."""
