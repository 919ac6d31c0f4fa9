"""The calculus recap and the chain rule of S0, as graphs of a few nodes.

Each function builds one example of "Revisiting Basic Calculus", "Why do we care about the chain
rule of derivatives" or "Intuition behind backpropagation" at a point.
"""

from __future__ import annotations

import engine
from engine.core.value import Value
from nn.textbook.matrices import vector_leaves
from nn.textbook.network import Network, named

RECAP = "S0, Revisiting Basic Calculus"


def exponential(x: float = 1.0) -> Network:
    """Show that e^x is its own derivative (S0, item 1a).

    Args:
        x: Where.

    Returns:
        The graph x -> y.

    Example:
        >>> net = exponential(2.0)
        >>> net.gradient("x") == net["y"].data
        True
    """
    return Network("y = e^x", RECAP, named("y", engine.exp(Value(x, "x"))), "x")


def square(x: float = 1.0) -> Network:
    """Show that x² has the derivative 2x (S0, item 1b; also the recap before the story).

    Args:
        x: Where.

    Returns:
        The graph x -> y.

    Example:
        >>> square(3.0).gradient("x")
        6.0
    """
    return Network("y = x²", RECAP, named("y", Value(x, "x") ** 2), "x")


def reciprocal(x: float = 1.0) -> Network:
    """Show that 1/x has the derivative -1/x² (S0, item 1c).

    Args:
        x: Where, not 0.

    Returns:
        The graph x -> y.

    Example:
        >>> reciprocal(2.0).gradient("x")
        -0.25
    """
    return Network("y = 1/x", RECAP, named("y", 1.0 / Value(x, "x")), "x")


def exp_of_square(x: float = 1.0) -> Network:
    """Take e^(x²) apart into h = x² and y = e^h: its derivative is 2x e^(x²) (S0, item 2).

    Args:
        x: Where.

    Returns:
        The chain x -> h -> y.

    Example:
        >>> round(exp_of_square(1.0).gradient("x"), 9)
        5.436563657
    """
    h = named("h", Value(x, "x") ** 2)
    return Network("y = e^(x²)", RECAP, named("y", engine.exp(h)), "x")


def exp_of_exp_of_square(x: float = 1.0) -> Network:
    """Take the chain h_1 = x², h_2 = e^h_1, y = e^h_2, whose title S0 misprints (item 2h-j, E7).

    The function of this chain is e^(e^(x²)), and its derivative 2x e^(x²) e^(e^(x²)).

    Args:
        x: Where.

    Returns:
        The chain x -> h_1 -> h_2 -> y.

    Example:
        >>> round(exp_of_exp_of_square(1.0).gradient("x"), 8)
        82.38711135
    """
    h_1 = named("h_1", Value(x, "x") ** 2)
    h_2 = named("h_2", engine.exp(h_1))
    return Network("y = e^(e^(x²))", RECAP, named("y", engine.exp(h_2)), "x")


def reciprocal_of_exp_of_square(x: float = 1.0) -> Network:
    """Take 1/e^(x²) apart into h_1 = x², h_2 = e^h_1, y = 1/h_2 (S0, item 2k-m).

    Args:
        x: Where.

    Returns:
        The chain x -> h_1 -> h_2 -> y.

    Example:
        >>> round(reciprocal_of_exp_of_square(1.0).gradient("x"), 10)
        -0.7357588823
    """
    h_1 = named("h_1", Value(x, "x") ** 2)
    h_2 = named("h_2", engine.exp(h_1))
    return Network("y = 1/e^(x²)", RECAP, named("y", 1.0 / h_2), "x")


def chain_network(
    x: float = 1.0, w: tuple[float, float, float] = (0.5, -0.25, 2.0), y: float = 1.0
) -> Network:
    """Build the chain x -> h_1 -> h_2 -> yhat -> L: one path, so one product for each weight.

    S0, "Why do we care about the chain rule": ∂L/∂w_2 = ∂L/∂yhat · ∂yhat/∂h_2 · ∂h_2/∂w_2. The
    lecture gives no numbers and no functions; here both neurons are sigmoids.

    Args:
        x: The input.
        w: The three weights.
        y: The target.

    Returns:
        The network.

    Example:
        >>> from engine import count_paths
        >>> net = chain_network()
        >>> count_paths(net.L, net["w_2"])
        1
    """
    w_1, w_2, w_3 = vector_leaves("w", w)
    h_1 = named("h_1", engine.sigmoid(w_1 * Value(x, "x")))
    h_2 = named("h_2", engine.sigmoid(w_2 * h_1))
    yhat = named("yhat", w_3 * h_2)
    loss = named("L", (Value(y, "y") - yhat) ** 2)
    return Network("a chain of three weights", "S0, Why do we care", loss, "w_2")


def sum_of_squares(x: float = 1.0, y: float = 2.0) -> Network:
    """Give f(x, y) = x² + y² and its gradient [2x, 2y] (S0, "Intuition", item 1).

    Args:
        x: The first coordinate.
        y: The second.

    Returns:
        The graph of f.

    Example:
        >>> net = sum_of_squares(1.0, 2.0)
        >>> net.gradient("x"), net.gradient("y")
        (2.0, 4.0)
    """
    f = named("f", Value(x, "x") ** 2 + Value(y, "y") ** 2)
    return Network("f = x² + y²", "S0, Intuition behind backpropagation", f, "x")


def quotient(x: float = 3.0) -> Network:
    """Divide g = x² by h = x, to see the quotient rule g'/h - g h'/h² (S0 and S1, item 4a, E13).

    Args:
        x: Where, not 0.

    Returns:
        The graph: two paths lead from x to y, one through g and one through h.

    Example:
        >>> quotient(3.0).gradient("x")
        1.0
    """
    leaf = Value(x, "x")
    g = named("g", leaf**2)
    h = named("h", 1.0 * leaf)
    return Network("y = g/h", "S1, item 4a", named("y", g / h), "x")
