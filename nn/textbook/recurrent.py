"""The recurrent weight in the unnumbered figure of S4."""

from __future__ import annotations

from collections.abc import Sequence

import engine
from nn.names import textbook_name
from nn.textbook.matrices import leaves, vector_leaves
from nn.textbook.network import Network, named


def recurrent_weight(
    r: Sequence[float] = (1.0, 2.0),
    w_rec: Sequence[Sequence[float]] = ((1.0, -1.0), (0.5, 0.5)),
    w_out: Sequence[float] = (1.0, 1.0),
) -> Network:
    """Take one step of a recurrent network: s = relu(W_rec r), z = w_out · s, L = z².

    s is r at the next step. ∂L/∂W_rec = (2 z w_out ⊙ 1(s > 0)) r^T: the mask asks whether the NEW
    state is positive, where the figure asks the old one (E27).

    Args:
        r: The state r_t.
        w_rec: The rows of the recurrent weights.
        w_out: The weights of the output.

    Returns:
        The graph: r_1, ..., the weights w_11, ..., the pre-activations a_1, ..., the new state
        s_1, ..., then z and L.

    Example:
        >>> net = recurrent_weight()
        >>> [[net.gradient(f"w_{i}{j}") for j in (1, 2)] for i in (1, 2)]
        [[0.0, 0.0], [3.0, 6.0]]
    """
    state = vector_leaves("r", r)
    following = []
    for i, row in enumerate(leaves("w", w_rec), start=1):
        a = named(textbook_name("a", i), engine.dot(row, state))
        following.append(named(textbook_name("s", i), engine.relu(a)))
    z = named("z", engine.dot(vector_leaves("u", w_out), following))
    return Network("a recurrent weight", "S4, figure after slide 11", named("L", z**2), "w_21")


def printed_mask(net: Network) -> list[list[float]]:
    """Compute ∂L/∂W_rec with the mask that the figure prints: 1(r_t >= 0).

    Args:
        net: A network of `recurrent_weight`.

    Returns:
        The rows of (2 z w_out ⊙ 1(r >= 0)) r^T.

    Example:
        >>> printed_mask(recurrent_weight())
        [[3.0, 6.0], [3.0, 6.0]]
    """
    (z,) = net.values("z")
    r, u = net.values("r_1", "r_2"), net.values("u_1", "u_2")
    return [[2.0 * z * u_i * (r_i >= 0) * r_j for r_j in r] for u_i, r_i in zip(u, r, strict=True)]
