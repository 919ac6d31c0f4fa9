"""The story of S0, in which the loss asks who is responsible, and the algorithm it belongs to."""

from __future__ import annotations

from typing import NamedTuple

import engine
from engine.arguments import real
from engine.errors import ShapeError
from nn.textbook.matrices import vector_leaves
from nn.textbook.network import Network, named
from nn.textbook.paths import activations, softmax_in_full, weighted_sums


class Talk(NamedTuple):
    """One step of the story.

    Attributes:
        speaker: Who speaks.
        says: What it says.
        nodes: The names that its nodes begin with, in `three_layers`.
    """

    speaker: str
    says: str
    nodes: tuple[str, ...]


STORY = (
    Talk("the loss", "You had better take responsibility for the poor output!", ("L",)),
    Talk(
        "the output activation layer",
        "I simply apply the softmax to what the output pre-activation layer gives me.",
        ("yhat_",),
    ),
    Talk(
        "the output pre-activation layer",
        "I take responsibility for my part, but I am only as "
        "good as the hidden layer and the weights below me.",
        ("a_3",),
    ),
    Talk("W_3 and b_3", "It is our mistake, please update our values.", ("w_3", "b_3")),
    Talk(
        "the second hidden activation layer",
        "I simply apply the sigmoid to what the second hidden pre-activation layer gives me.",
        ("h_2",),
    ),
    Talk(
        "the second hidden pre-activation layer",
        "I am only as good as the hidden layer and the weights below me.",
        ("a_2",),
    ),
    Talk("W_2 and b_2", "It is our mistake, please update our values.", ("w_2", "b_2")),
    Talk(
        "the first hidden activation layer",
        "I simply apply the sigmoid to what the first hidden pre-activation layer gives me.",
        ("h_1",),
    ),
    Talk(
        "the first hidden pre-activation layer",
        "I am only as good as the weights below me; we cannot blame the input layer.",
        ("a_1",),
    ),
    Talk("W_1 and b_1", "It is our mistake, please update our values.", ("w_1", "b_1")),
)
"""The ten steps of S0, "Intuition behind backpropagation", item 6, in the order of the sweep."""

TALKS = (
    ("talk to the output layer", ("L", "yhat_", "a_3")),
    ("talk to the previous hidden layer", ("a_3", "h_2", "a_2")),
    ("talk to the previous hidden layer", ("a_2", "h_1", "a_1")),
    ("talk to the weights", ("a_1", "w_111")),
)
"""The factors of ∂L/∂w_111 as S0's table groups them (item 8e): each a stretch of the path."""


def three_layers() -> Network:
    """Build the network of the story: two inputs, two sigmoid layers, softmax, cross-entropy.

    S0, "Intuition behind backpropagation". The lecture gives no numbers; these are ours.

    Returns:
        The network, with the focus on w_111.

    Example:
        >>> from engine import count_paths
        >>> net = three_layers()
        >>> count_paths(net.L, net["w_111"])  # two neurons, then two pre-activations
        4
    """
    x = vector_leaves("x", (1.0, -1.0))
    h1 = activations("h", 1, weighted_sums(1, ((0.6, -0.2), (-0.4, 0.5)), x, (0.1, -0.1)))
    h2 = activations("h", 2, weighted_sums(2, ((0.7, 0.3), (-0.5, 0.8)), h1, (0.0, 0.2)))
    a3 = weighted_sums(3, ((1.0, -0.6), (0.4, 0.9)), h2, (-0.1, 0.3))
    yhat = softmax_in_full(a3)
    loss = named("L", -engine.log(yhat[0]))
    source = "S0, Intuition behind backpropagation"
    return Network("talking to the layers", source, loss, "w_111", tuple(yhat))


class Learned(NamedTuple):
    """What `learn` gives back.

    Attributes:
        net: The network with its last weights.
        losses: The loss before each pass, and at the end.
        why: Why it stopped.
    """

    net: Network
    losses: list[float]
    why: str


def learn(net: Network, eta: float = 1.0, epochs: int = 1000, epsilon: float = 0.0) -> Learned:
    """Run the algorithm of S0: compute the loss, update every w and b, until satisfied.

    S0, "Setting the context", item 3: w <- w - η Δw and (with the sign put right, E5)
    b <- b - η Δb; stop after so many epochs, or when the loss is below ε.

    Args:
        net: A network whose parameters are the leaves called w_... and b_....
        eta: The learning rate η.
        epochs: The largest number of passes.
        epsilon: The loss to be satisfied with.

    Returns:
        The network, the losses, and why it stopped.

    Raises:
        ShapeError: If the network has no such leaves.

    Example:
        >>> from nn.textbook import w131
        >>> learned = learn(w131(), epochs=3)
        >>> [round(loss, 4) for loss in learned.losses], learned.why
        ([0.1055, 0.0148, 0.0103, 0.0079], 'number of epochs reached')
    """
    names = [name for name, node in net.nodes.items() if node.is_leaf and name[0] in "wbW"]
    if not names:
        raise ShapeError(f"{net.title} has no leaves called w_... or b_..., so nothing can learn")
    rate, enough = real(eta, "eta"), real(epsilon, "epsilon")
    losses = [net.root.data]
    for _ in range(epochs):
        if losses[-1] < enough:
            return Learned(net, losses, f"loss below {enough:g}")
        net = net.at({name: net.update(name, rate) for name in names})
        losses.append(net.root.data)
    return Learned(net, losses, "number of epochs reached")
