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
    """A training that was done: on what, and what came of it."""

    name: str
    data: Data
    model: MLP
    history: History
    loss: float  # after the last step
    right: int  # so many samples
    seconds: float
    compiled: bool

    @property
    def title(self) -> str:
        """What a picture of it is called."""
        return f"{self.name.capitalize()} after {self.history.epochs} epochs"

    def report(self) -> str:
        """Tell what came of it."""
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
    """Draw one of the sets."""
    if name not in TOYS:
        raise UnknownNameError(f"there is no toy set {name!r}; known are {known(TOYS)}")
    given = {"samples": samples, "noise": noise}
    return SETS[name](seed=seed, **{key: x for key, x in given.items() if x is not None})


def announced(name: str, data: Data, hidden: Sequence[int], lr: float) -> str:
    """Say what is about to be trained on what."""
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
    """Train a network with tanh and Adam on samples in the plane, all of them in each step."""
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
