"""Training: `fit` a model to data, `evaluate` it on others.

>>> from nn import MLP, Adam, binary_cross_entropy, data, fit
>>> model = MLP(2, [8, 1], "tanh", seed=1)
>>> X, y = data.xor(40, seed=1)
>>> history = fit(model, X, y, loss=binary_cross_entropy, optimizer=Adam(model, lr=0.1),
...               epochs=40, progress=False)
>>> history["metric"][-1]
1.0
"""

# ruff: noqa: N803 - X is what everyone calls a table of samples

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.arguments import fraction, named_one, positive_size, seeded
from engine.errors import ShapeError, ValueTypeError, known
from nn.data.sets import Data
from nn.learning.callbacks import Hooks
from nn.learning.clipping import Clip, find_clip
from nn.learning.history import History
from nn.learning.losses import Loss, find_loss, mse
from nn.learning.metrics import Metric, find_metric, mean_metric
from nn.learning.objectives import check_loss, check_model, objective_of
from nn.learning.optim import SGD, Adam, AdamW, Optimizer
from nn.learning.samples import read_inputs, read_targets
from nn.learning.schedules import find_schedule
from nn.learning.training import Settings, Training
from nn.model.module import Module

OPTIMIZERS: dict[str, Callable[[Module], Optimizer]] = {
    "sgd": SGD,
    "adam": lambda model: Adam(model, lr=0.01),
    "adamw": lambda model: AdamW(model, lr=0.01),
}
"""The optimisers by name, with rates that suit small models."""


def fit(
    model: Module,
    X: Any,
    y: Any,
    *,
    loss: Loss | str = mse,
    optimizer: Optimizer | str | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    validation: Any = None,
    metric: Metric | str | None = None,
    callbacks: Any = (),
    seed: float | str = 0,
    shuffle: bool = True,
    compiled: bool = False,
    progress: bool = True,
    schedule: Callable[[float], float] | str | None = None,
    clip: Clip = None,
    account: bool = False,
) -> History:
    """Train a model: make the mean of a loss over samples small.

    Eager and compiled training go through the same steps and give the same parameters: after
    dozens of epochs they agree to 1e-8 (relative; absolute of numbers near 0), and usually to
    1e-12. Only the last digits of the gradients differ; Adam magnifies those of a derivative that
    is 0 but for rounding. For a given seed, training is the same to the last bit every time.

    Ctrl-C ends the training and keeps what was learned.

    Args:
        model: The model: a `Module` that takes the numbers of one sample, and returns a Value or
            a list of Values. Its parameters are changed.
        X: The samples: a row of numbers for each.
        y: For each sample a target: the number of a class for `cross_entropy`, otherwise a number,
            or a list of numbers for a model of several outputs.
        loss: The loss of one sample: a function of the outputs and the target, or its name.
        optimizer: An optimiser made for the model, or a name; None for Adam(model, lr=0.01). L2
            regularisation is its ``weight_decay``.
        epochs: How many times to go through all samples.
        batch_size: How many samples each step takes: 1 for one at a time, None for all.
        validation: Data to measure the loss on after each epoch: a pair (X, y), or a number
            between 0 and 1 for a part of the samples, which are then not trained on.
        metric: What to report beside the loss: a function of the outputs and the target of one
            sample that gives a number, or ``"accuracy"``; None for accuracy if the loss
            classifies.
        callbacks: Functions of the history, called after every epoch, that return True to stop;
            or objects such as `EarlyStopping`; or a single one.
        seed: The seed of the order of the samples.
        shuffle: False to keep the order of the samples when they are taken in batches.
        compiled: True to record one sample, compile that and replay it, which is much faster for
            more than a few steps. It needs nothing to be installed, but is machine code only with
            ``pip install 'everypath[fast]'``. A loss of your own gets the target as Values; what
            a model chooses at random, it chooses once, and a plain number among its attributes
            stays what it was at first.
        progress: False for no progress bar.
        schedule: A function of the time in epochs that gives a factor for the learning rate
            (`nn.schedules`), or a name.
        clip: The greatest length of a gradient, or a function that clips one
            (`nn.learning.clipping`).
        account: True to keep, for every step, what it was predicted to change and did change.

    Returns:
        The history: it prints as a table, and ``.plot()`` draws it.

    Raises:
        DataError: If there are no data, or a number is nan or infinite, or a label is outside the
            classes; the message names its row and column.
        ShapeError: If the data do not fit each other or the model.
        ValueTypeError: If an argument is of the wrong kind.
        UnknownNameError: If there is no loss, metric, optimiser or schedule of a name.
        DivergedError: If the loss becomes nan or infinite. The parameters are then those of the
            last step before that whose loss was finite.

    Example:
        >>> from nn import MLP, data
        >>> line = MLP(1, [1], seed=0)
        >>> history = fit(line, *data.regression(20, noise=0.0), epochs=200, progress=False,
        ...               optimizer=Adam(line, lr=0.1))
        >>> [round(p.data, 2) for p in line.parameters()]
        [2.0, 1.0]
    """
    measure = find_loss(loss)
    given, outputs = _read(model, X, y, measure)
    held_out: Data | None = None
    if isinstance(validation, float | int):
        given, held_out = given.split(fraction(validation, "validation"), seed)
    elif validation is not None:
        held_out = _pair(validation, given, measure, outputs)
    samples = len(given.X)
    settings = Settings(
        loss=measure,
        metric=find_metric(metric, measure, given.y),
        optimizer=_find_optimizer(optimizer, model),
        batch_size=samples
        if batch_size is None
        else min(positive_size(batch_size, "batch_size"), samples),
        epochs=positive_size(epochs, "epochs"),
        shuffler=seeded(seed) if shuffle else None,
        schedule=find_schedule(schedule, epochs),
        clip=find_clip(clip),
        hooks=Hooks(callbacks),
        compiled=compiled,
        account=account,
        progress=progress,
    )
    return Training(model, given, held_out, settings).run()


class Evaluation(NamedTuple):
    """How good a model is on some data.

    Attributes:
        loss: The mean of the loss.
        metric: The mean of the metric; None if there is none.
    """

    loss: float
    metric: float | None


def evaluate(
    model: Module,
    X: Any,
    y: Any,
    *,
    loss: Loss | str = mse,
    metric: Metric | str | None = None,
    compiled: bool = False,
) -> Evaluation:
    """Measure a model, without training it.

    Args:
        model: As for `fit`, and so are the others.
        X: The samples.
        y: Their targets.
        loss: The loss.
        metric: The metric.
        compiled: True to compile the model first, which is faster for thousands of samples.

    Returns:
        The mean of the loss and of the metric.

    Raises:
        DataError: As `fit` does, and so are the others.
        ShapeError: If the data do not fit.
        ValueTypeError: If an argument is of the wrong kind.
        UnknownNameError: If there is no loss or metric of a name.

    Example:
        >>> from nn import MLP
        >>> model = MLP.from_weights([[[2.0]]])
        >>> evaluate(model, [[1.0], [3.0]], [1, 6], metric=lambda yhat, target: yhat == target)
        Evaluation(loss=0.5, metric=0.5)
    """
    measure = find_loss(loss)
    given, _ = _read(model, X, y, measure)
    named = find_metric(metric, measure, given.y)
    objective = objective_of(
        model, measure, model.parameters(), outputs=named is not None, compiled=compiled
    )
    found = objective.value(objective.table(given.X, given.y))
    if named is None:
        return Evaluation(found.loss, None)
    return Evaluation(found.loss, mean_metric(named.measure, found.outputs, given.y))


def _read(model: Any, X: Any, y: Any, loss: Loss) -> tuple[Data, int | None]:
    """Read the samples; try the model and the loss on the first, and count the outputs."""
    rows = read_inputs(X)
    outputs = check_model(model, rows[0])
    targets = read_targets(y, loss, outputs, len(rows))
    check_loss(loss, model, rows[0], targets[0])
    return Data(rows, targets), outputs


def _pair(validation: Any, given: Data, loss: Loss, outputs: int | None) -> Data:
    """Read validation data."""
    pair = tuple(validation) if isinstance(validation, Data | list | tuple) else ()
    if len(pair) != 2:
        raise ValueTypeError(
            "validation is a pair (X, y), or a number between 0 and 1 for a part of the samples, "
            f"not {validation!r} ({type(validation).__name__})"
        )
    rows = read_inputs(pair[0], "the X of validation")
    if len(rows[0]) != len(given.X[0]):
        raise ShapeError(
            f"the validation samples have {len(rows[0])} numbers each, but those to train on have "
            f"{len(given.X[0])}"
        )
    return Data(rows, read_targets(pair[1], loss, outputs, len(rows), "the y of validation"))


def _find_optimizer(optimizer: Any, model: Module) -> Optimizer:
    """Take an optimiser of the model, or the name of one."""
    if optimizer is None:
        optimizer = "adam"
    if isinstance(optimizer, str):
        advice = ", or make one for the model: optimizer=nn.Adam(model, lr=0.01)"
        return named_one(optimizer, OPTIMIZERS, "optimiser", advice)(model)
    if not isinstance(optimizer, Optimizer):
        raise ValueTypeError(
            f"an optimiser is made for a model, such as nn.Adam(model, lr=0.01), or one of "
            f"{known(OPTIMIZERS)}; it is not {optimizer!r} ({type(optimizer).__name__})"
        )
    if set(optimizer.parameters).isdisjoint(model.parameters()):
        raise ValueTypeError(
            "the optimiser was made for other parameters than those of this model; make it with "
            "the model that is trained: nn.Adam(model)"
        )
    return optimizer
