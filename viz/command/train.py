"""``everypath train``: a small network learns one of the classic toy sets.

Pure work and text: `viz.command.cli` shows it and writes the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from time import perf_counter
from typing import Any, NamedTuple

from engine.errors import UnknownNameError, known
from engine.labels import number
from nn.data.sets import SETS, Data
from nn.learning.fit import evaluate, fit
from nn.learning.history import History
from nn.learning.losses import binary_cross_entropy, cross_entropy
from nn.learning.optim import Adam
from nn.model.mlp import MLP

TOYS = tuple(name for name in SETS if name != "regression")
"""The sets with classes in the plane."""


class Run(NamedTuple):
    """A training that was done.

    Attributes:
        name: Of the set.
        data: The samples.
        model: What was trained.
        history: How it went.
        loss: The loss after the last step.
        right: How many samples the model gets right.
        seconds: How long training took.
        compiled: Whether the graph was compiled.
    """

    name: str
    data: Data
    model: MLP
    history: History
    loss: float
    right: int
    seconds: float
    compiled: bool

    @property
    def title(self) -> str:
        """What a picture of it is called."""
        return f"{self.name.capitalize()} after {self.history.epochs} epochs"

    def report(self) -> str:
        """Tell what came of it.

        Returns:
            The text, for a terminal.
        """
        samples = len(self.data.y)
        lines = [
            f"Accuracy {number(100 * self.right / samples)} % ({self.right} of {samples} samples)",
            f"Loss {number(self.loss)} after {self.history.epochs} epochs",
            f"Trained {'compiled' if self.compiled else 'eagerly'} in {number(self.seconds, 3)} s",
        ]
        if self.right == samples:
            epochs = enumerate(self.history["metric"], start=1)
            last_wrong = max((k for k, accuracy in epochs if accuracy < 1.0), default=0)
            lines[0] += f", all of them right after epoch {last_wrong}"
        if self.history.stopped:
            lines[1] += f" ({self.history.stopped})"
        return "\n".join(lines)


def toy(name: str, samples: int | None, noise: float | None, seed: int) -> Data:
    """Draw one of the sets.

    Args:
        name: One of `TOYS`.
        samples: How many; None for as many as usual.
        noise: How noisy; None for as noisy as usual.
        seed: The seed of the random numbers.

    Returns:
        The samples.

    Raises:
        UnknownNameError: If there is no such set.
        ShapeError: If there are too few samples.
        ValueTypeError: If the noise is negative.

    Example:
        >>> toy("moons", None, None, seed=0)
        <Data of 100 samples with 2 numbers each>
    """
    if name not in TOYS:
        raise UnknownNameError(f"there is no toy set {name!r}; known are {known(TOYS)}")
    given = {"samples": samples, "noise": noise}
    return SETS[name](seed=seed, **{key: x for key, x in given.items() if x is not None})


def announced(name: str, data: Data, hidden: Sequence[int], lr: float) -> str:
    """Say what is about to be trained on what.

    Args:
        name: What the set is called.
        data: The samples.
        hidden: The size of each hidden layer.
        lr: The learning rate.

    Returns:
        A line for a terminal.

    Example:
        >>> announced("xor", toy("xor", 40, None, 0), [8], 0.1)
        'xor: 40 samples in 2 classes; MLP 2-8-1, tanh, 33 parameters; Adam, learning rate 0.1'
    """
    sizes = [2, *hidden, _outputs(data)]
    parameters = sum((before + 1) * after for before, after in pairwise(sizes))
    return (
        f"{name}: {len(data.y)} samples in {max(data.y) + 1} classes; "
        f"MLP {'-'.join(map(str, sizes))}, tanh, {parameters:,} parameters; "
        f"Adam, learning rate {number(lr)}"
    )


def _outputs(data: Data) -> int:
    classes: int = max(data.y) + 1
    return 1 if classes == 2 else classes


def train_toy(
    name: str,
    data: Data,
    *,
    hidden: Sequence[int] = (16, 16),
    epochs: int = 100,
    lr: float = 0.05,
    seed: int = 0,
    compiled: bool = True,
    callbacks: Sequence[Any] = (),
    progress: bool = True,
) -> Run:
    """Train a network with tanh and Adam on samples in the plane, all of them in each step.

    Args:
        name: What the set is called.
        data: The samples and their classes.
        hidden: The size of each hidden layer.
        epochs: How many steps.
        lr: The learning rate.
        seed: The seed of the weights.
        compiled: Whether to compile the graph.
        callbacks: As for `nn.fit`.
        progress: Whether to show a bar.

    Returns:
        What came of it.

    Raises:
        ShapeError: If a size is not positive.
        ValueTypeError: If the learning rate is negative.
        DivergedError: If the loss becomes infinite.

    Example:
        >>> run = train_toy("xor", toy("xor", 40, None, 0), hidden=[8], epochs=60, progress=False)
        >>> run.right
        40
    """
    outputs = _outputs(data)
    model = MLP(2, [*hidden, outputs], "tanh", init="xavier", seed=seed)
    loss = binary_cross_entropy if outputs == 1 else cross_entropy
    optimizer = Adam(model, lr=lr)
    started = perf_counter()
    history = fit(
        model,
        data.X,
        data.y,
        loss=loss,
        optimizer=optimizer,
        epochs=epochs,
        compiled=compiled,
        callbacks=callbacks,
        progress=progress,
    )
    seconds = perf_counter() - started
    after = evaluate(model, data.X, data.y, loss=loss)
    assert after.metric is not None
    right = round(after.metric * len(data.y))
    return Run(name, data, model, history, after.loss, right, seconds, compiled)
