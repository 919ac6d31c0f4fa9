"""The computational graphs of S4: each inner node one operation, under the letter of the slide."""

from __future__ import annotations

from collections.abc import Sequence

import engine
from engine.core.value import Value
from engine.errors import ShapeError
from nn.names import textbook_name
from nn.textbook.matrices import Matrix, leaves, vector_leaves
from nn.textbook.network import Network, named

SLIDES = "S4, slides"


def dot_product(x: Sequence[float] = (1.0, 2.0), z: Sequence[float] = (3.0, -1.0)) -> Network:
    """Draw y = x · z as one node with an edge for each entry (S4, slide 5).

    Args:
        x: A vector.
        z: Another, as long.

    Returns:
        The graph: ∂y/∂x is z, ∂y/∂z is x.

    Example:
        >>> dot_product().gradient("x_1")
        3.0
    """
    y = engine.dot(vector_leaves("x", x), vector_leaves("z", z))
    return Network("y = x · z", f"{SLIDES} 5", named("y", y), "x_1")


def softplus(x: float = 1.0) -> Network:
    """Take softplus apart: b = e^x, a = 1 + b, y = log a (S4, slides 5 and 8, E26).

    Args:
        x: Where.

    Returns:
        The chain x -> b -> a -> y; ∂y/∂x = e^x ∂y/∂b.

    Example:
        >>> net = softplus(1.0)
        >>> [round(net.gradient(name), 10) for name in "abx"]
        [0.2689414214, 0.2689414214, 0.7310585786]
    """
    b = named("b", engine.exp(Value(x, "x")))
    a = named("a", 1.0 + b)
    return Network("y = log(1 + e^x)", f"{SLIDES} 5 and 8", named("y", engine.log(a)), "x")


def sigmoid_of_dot(w: Sequence[float] = (0.5, -1.0), x: Sequence[float] = (1.0, 2.0)) -> Network:
    """Take σ(w · x) apart: e = w · x, c = -e, b = e^c, a = 1 + b, y = 1/a.

    S4, slides 6, 9 and 10; the gradient by w is +y (1 - y) x, printed with a minus (E26c).

    Args:
        w: The weights.
        x: The inputs, as many.

    Returns:
        The graph w, x -> e -> c -> b -> a -> y.

    Example:
        >>> net = sigmoid_of_dot()
        >>> [round(net.gradient(name), 6) for name in ("a", "c", "e", "w_1", "w_2")]
        [-0.033279, -0.149146, 0.149146, 0.149146, 0.298293]
    """
    e = named("e", engine.dot(vector_leaves("w", w), vector_leaves("x", x)))
    c = named("c", -e)
    b = named("b", engine.exp(c))
    a = named("a", 1.0 + b)
    return Network("y = σ(w · x)", f"{SLIDES} 6, 9 and 10", named("y", 1.0 / a), "w_1")


def relu_layer(
    w: Sequence[Sequence[float]] = ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)),
    x: Sequence[float] = (1.0, 1.0, 1.0),
    b: Sequence[float] = (-1.0, -20.0),
) -> Network:
    """Build a layer as S4 draws it: c = W x, a = c + b, h = relu(a), and l a function of h.

    S4, slides 6 and 13-14: ∂l/∂a = 1(a > 0) ⊙ ∂l/∂h, ∂l/∂c = ∂l/∂a, ∂l/∂x = W^T ∂l/∂c,
    ∂l/∂W = ∂l/∂c x^T. W is not square, so that every product has only one order that fits.

    Args:
        w: The rows of W.
        x: The input.
        b: The biases.

    Returns:
        The graph; l is half the sum of the squares of h, so that ∂l/∂h = h.

    Raises:
        ShapeError: If the lengths differ.

    Example:
        >>> net = relu_layer()
        >>> net.values("h_1", "h_2"), net.gradient("w_12"), net.gradient("w_22")
        ([5.0, 0.0], 5.0, 0.0)
    """
    if len(w) != len(b):
        raise ShapeError(f"there are {len(w)} rows of weights, but {len(b)} biases")
    xs, bs = vector_leaves("x", x), vector_leaves("b", b)
    hs = []
    for i, row in enumerate(leaves("w", w), start=1):
        c = named(textbook_name("c", i), engine.dot(row, xs))
        a = named(textbook_name("a", i), c + bs[i - 1])
        hs.append(named(textbook_name("h", i), engine.relu(a)))
    loss = named("l", 0.5 * engine.sum([h**2 for h in hs]))
    return Network("h = relu(W x + b)", f"{SLIDES} 6, 13 and 14", loss, "w_11")


def chain_rule(x: Sequence[float] = (1.0, 2.0)) -> Network:
    """Show the chain rule for vectors: ∂z/∂x_i = sum over j of ∂z/∂y_j · ∂y_j/∂x_i (S4, slide 7).

    Here y_1 = x_1 x_2, y_2 = sin x_1, y_3 = x_2², and z = y_1 + y_1 y_2 y_3: from each x_i to z a
    path through each y_j that depends on it.

    Args:
        x: The two coordinates.

    Returns:
        The graph x -> y -> z.

    Example:
        >>> net = chain_rule()
        >>> by_sum = sum(net.gradient(f"y_{j}") * d for j, d in ((1, 2.0), (3, 0.0)))
        >>> round(net.gradient("x_1") - by_sum - net.gradient("y_2") * 0.5403023058681398, 12)
        0.0
    """
    x_1, x_2 = vector_leaves("x", x)
    y_1 = named("y_1", x_1 * x_2)
    y_2 = named("y_2", engine.sin(x_1))
    y_3 = named("y_3", x_2**2)
    z = named("z", y_1 + y_1 * y_2 * y_3)
    return Network("the chain rule for vectors", f"{SLIDES} 7", z, "x_1")


def tensor_derivative(
    w: Sequence[Sequence[float]] = ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0)),
    x: Sequence[float] = (1.0, 1.0, 1.0),
) -> list[Matrix]:
    """Differentiate every entry of c = W x by every weight: row k of matrix k is x^T, the rest 0.

    S4, slides 15 to 18: an h × m × h tensor, given as h matrices; the sum over m inputs, not h
    (E28). Adding up ∂l/∂c_k times matrix k gives ∂l/∂W = ∂l/∂c x^T (E29).

    Args:
        w: The rows of W.
        x: The input.

    Returns:
        ∂c_k/∂W for each k.

    Example:
        >>> tensor_derivative()[1]
        [[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    """
    rows, xs = leaves("w", w), vector_leaves("x", x)
    return [
        [engine.grad(c_k, row) for row in rows] for c_k in (engine.dot(row, xs) for row in rows)
    ]
