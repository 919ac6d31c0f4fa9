"""Softmax in the documents: as a logistic function, with cross-entropy, and its Jacobian."""

from __future__ import annotations

from collections.abc import Sequence

import engine
from engine.core.value import Value
from engine.errors import ShapeError
from nn.textbook.matrices import vector_leaves
from nn.textbook.network import Network, named
from nn.textbook.paths import softmax_in_full, squared_error


def logistic_of_two(a_21: float = 1.66, a_22: float = 0.45) -> Network:
    """Write the first share of a softmax over two as 1 / (1 + e^-(a_21 - a_22)).

    S0, "Partial Derivatives", part 2, items iii to vi: the derivative is yhat_1 (1 - yhat_1). The
    default numbers are the lecture's rounded ones.

    Args:
        a_21: The first pre-activation.
        a_22: The second.

    Returns:
        The graph a_21, a_22 -> d -> e -> yhat_1, with d the difference and e = e^-d.

    Example:
        >>> net = logistic_of_two()
        >>> share = net["yhat_1"].data
        >>> round(share, 10), round(net.gradient("a_21") - share * (1 - share), 15)
        (0.770298949, 0.0)
    """
    d = named("d", Value(a_21, "a_21") - Value(a_22, "a_22"))
    e = named("e", engine.exp(-d))
    yhat = named("yhat_1", 1.0 / (1.0 + e))
    return Network("softmax of two is a logistic", "S0, Partial Derivatives, part 2", yhat, "a_21")


def softmax_cross_entropy(a: Sequence[float] = (1.0, 2.0, 3.0, 4.0), right: int = 2) -> Network:
    """Put -log of the right class's share on a softmax: the derivative is -(one-hot - yhat).

    S0, "Computing derivatives w.r.t Output Layer", with its example of k = 4 classes, the second
    of them right; S1, items 1 to 9. In S0 the layer's index is L, so the nodes are a_L1, a_L2, ...

    Args:
        a: The pre-activations of the output layer.
        right: The number l of the right class, counted from 1.

    Returns:
        The graph a_L1, ..., a_Lk -> yhat_1, ..., yhat_k -> L.

    Raises:
        ShapeError: If there is no such class.

    Example:
        >>> net = softmax_cross_entropy()
        >>> [round(net.gradient(f"a_L{i}"), 4) for i in (1, 2, 3, 4)]
        [0.0321, -0.9129, 0.2369, 0.6439]
    """
    if not 1 <= right <= len(a):
        raise ShapeError(f"there is no class {right}; the classes are 1 to {len(a)}")
    logits = [Value(number, f"a_L{i}") for i, number in enumerate(a, start=1)]
    yhat = softmax_in_full(logits)
    loss = named("L", -engine.log(yhat[right - 1]))
    source = "S0, Computing derivatives w.r.t Output Layer"
    return Network("softmax with cross-entropy", source, loss, f"a_L{right}", tuple(yhat))


def every_knob(
    z: Sequence[float] = (1.0, 2.0, 0.5), y: Sequence[float] = (0.0, 1.0, 0.0)
) -> Network:
    """Draw the mental model of S3: every Z_k turns every A_j, and every A_j turns the loss.

    L = -sum over j of y_j log A_j. The chain rule multiplies along each arrow and adds up the
    routes: ∂L/∂Z_k = sum over j of ∂L/∂A_j · ∂A_j/∂Z_k = A_k - y_k, where the cross terms do not
    cancel but add up (E22).

    Args:
        z: The pre-activations.
        y: The target, as many numbers.

    Returns:
        The graph Z_1, Z_2, ... -> A_1, A_2, ... -> L.

    Raises:
        ShapeError: If the lengths differ.

    Example:
        >>> from engine import count_paths
        >>> net = every_knob()
        >>> count_paths(net.L, net["Z_1"])
        3
        >>> abs(net.gradient("Z_2") - (net["A_2"].data - net["y_2"].data)) < 1e-15
        True
    """
    if len(z) != len(y):
        raise ShapeError(f"there are {len(z)} pre-activations but {len(y)} targets")
    shares = softmax_in_full(vector_leaves("Z", z), "A")
    loss = named("L", -engine.dot(vector_leaves("y", y), [*map(engine.log, shares)]))
    return Network("every Z turns every A", "S3, Mental Model", loss, "Z_1")


def squared_error_of_softmax(
    a: Sequence[float] = (1.0, 2.0, 3.0), y: Sequence[float] = (1.0, 0.0, 0.0)
) -> Network:
    """Put the squared error on a softmax, to see what leaving out the cross routes costs.

    With two classes and a one-hot target the routes a_i -> yhat_i make up exactly half of the
    gradient, as in S0. With three classes they make up another part of each, and for one of them
    even the sign is wrong.

    Args:
        a: The pre-activations.
        y: The target, as many numbers.

    Returns:
        The graph a_1, a_2, ... -> yhat_1, yhat_2, ... -> L.

    Raises:
        ShapeError: If the lengths differ.

    Example:
        >>> net = squared_error_of_softmax()
        >>> [round(net.gradient(f"a_{i}") / own_route(net, i), 4) for i in (1, 2, 3)]
        [1.6068, -0.951, 1.0989]
    """
    if len(a) != len(y):
        raise ShapeError(f"there are {len(a)} pre-activations but {len(y)} targets")
    loss = squared_error(vector_leaves("y", y), softmax_in_full(vector_leaves("a", a)))
    return Network("squared error of a softmax", "S0, Multiple Paths", named("L", loss), "a_1")


def own_route(net: Network, i: int) -> float:
    """Give the contribution of the route a_i -> yhat_i -> L alone, the one that S0 keeps.

    Args:
        net: A network of `squared_error_of_softmax`.
        i: The number of the class, counted from 1.

    Returns:
        -2 (y_i - yhat_i) · yhat_i (1 - yhat_i).

    Example:
        >>> round(own_route(squared_error_of_softmax(), 1), 6)
        -0.149099
    """
    y, yhat = net.values(f"y_{i}", f"yhat_{i}")
    return -2.0 * (y - yhat) * yhat * (1.0 - yhat)


def softmax_jacobian(a: Sequence[float]) -> list[list[float]]:
    """Differentiate each share of a softmax by each pre-activation, through the recorded graph.

    S3 (and S0, item 8): A_j (1 - A_j) on the diagonal, -A_j A_k beside it, so that each column
    adds up to 0; S3 prints the second without its sign (E21).

    Args:
        a: The pre-activations.

    Returns:
        A row for each share.

    Example:
        >>> [[round(x, 4) for x in row] for row in softmax_jacobian([0.0, 0.0])]
        [[0.25, -0.25], [-0.25, 0.25]]
    """
    leaves = vector_leaves("a", a)
    return engine.jacobian(softmax_in_full(leaves), leaves)
