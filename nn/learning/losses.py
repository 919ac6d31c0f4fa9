"""Losses: one number that says how wrong the outputs are.

Each takes the outputs of a model and what they should have been. Outputs may be a list of Values,
or one Value (then the target is one number). Square roots, logarithms and exponentials are
arranged so that no output is too large for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import engine
from engine.arguments import is_list, is_whole, named_one
from engine.core.node import Node
from engine.errors import ShapeError, ValueTypeError, known

Loss = Callable[[Any, Any], Any]
"""Takes the outputs for one sample and its target, returns a Value."""


def squared_error(yhat: Any, y: Any) -> Any:
    """Add up (y - yhat)**2 over the outputs.

    Args:
        yhat: The outputs.
        y: As many numbers or Values.

    Returns:
        The loss, a Value.

    Raises:
        ShapeError: If the lengths differ.

    Example:
        >>> squared_error([engine.Value(0.75), engine.Value(0.25)], [1, 0]).data
        0.125
    """
    return engine.sum(_squares(yhat, y, "squared_error"))


def half_squared_error(yhat: Any, y: Any) -> Any:
    """Compute half the squared error, whose derivative is simply yhat - y.

    Args:
        yhat: The outputs.
        y: As many numbers or Values.

    Returns:
        The loss, a Value.

    Raises:
        ShapeError: If the lengths differ.

    Example:
        >>> f = engine.Value(3.0)
        >>> half_squared_error(f, 2.0).backward()
        >>> f.grad
        1.0
    """
    return 0.5 * engine.sum(_squares(yhat, y, "half_squared_error"))


def mse(yhat: Any, y: Any) -> Any:
    """Average (y - yhat)**2 over the outputs.

    Args:
        yhat: The outputs.
        y: As many numbers or Values.

    Returns:
        The loss, a Value.

    Raises:
        ShapeError: If the lengths differ.

    Example:
        >>> mse([engine.Value(0.75), engine.Value(0.25)], [1, 0]).data
        0.0625
    """
    return engine.mean(_squares(yhat, y, "mse"))


def cross_entropy(logits: Sequence[Any], target: Any) -> Any:
    """Compute -log of the softmax share of the right class, from the logits; no overflow.

    The softmax is inside: give the outputs before it. For a batch, average with `engine.mean`.

    Args:
        logits: The outputs a_1, a_2, ..., one for each class.
        target: The number of the right class, counted from 0; or a list with the share of each
            class, such as one-hot [0, 1, 0, 0].

    Returns:
        The loss, a Value: logsumexp(a) - a_target. Its derivative is softmax(a) - one-hot.

    Raises:
        ShapeError: If there is no such class, the lengths differ, or the logits are no list.
        ValueTypeError: If the target is neither.

    Example:
        >>> logits = [engine.Value(a) for a in (1.0, 2.0, 3.0, 4.0)]
        >>> cross_entropy(logits, 1).backward()
        >>> [round(a.grad, 4) for a in logits]
        [0.0321, -0.9129, 0.2369, 0.6439]
    """
    if not is_list(logits):
        raise ShapeError(
            f"cross_entropy takes a list of logits, one for each class, not {logits!r}; for a "
            "single logit there is binary_cross_entropy"
        )
    if is_list(target):
        _check_lengths(logits, target, "cross_entropy")
        total = engine.logsumexp(logits)
        return engine.dot(target, [total - a for a in logits])
    if not is_whole(target):
        raise ValueTypeError(
            "the target of cross_entropy is the number of the right class or a list with the "
            f"share of each, not {target!r} ({type(target).__name__})"
        )
    right = int(target.__index__())
    if not 0 <= right < len(logits):
        raise ShapeError(
            f"there is no class {right}: cross_entropy was given {len(logits)} logits, so the "
            f"classes are 0 to {len(logits) - 1}"
        )
    return engine.logsumexp(logits) - logits[right]


def binary_cross_entropy(logits: Any, y: Any) -> Any:
    """Average -y log p - (1 - y) log(1 - p) over the outputs, with p = sigmoid(logit); stable.

    The sigmoid is inside: give the outputs before it.

    Args:
        logits: The outputs.
        y: As many numbers: 1 for yes, 0 for no, or a probability.

    Returns:
        The loss, a Value: the mean of softplus(a) - y a. Its derivative is (p - y) / n.

    Raises:
        ShapeError: If the lengths differ.

    Example:
        >>> round(binary_cross_entropy(engine.Value(0.0), 1).data, 6)
        0.693147
    """
    pairs = _pairs(logits, y, "binary_cross_entropy")
    return engine.mean([engine.softplus(a) - a * target for a, target in pairs])


def hinge(scores: Any, y: Any) -> Any:
    """Average max(0, 1 - y * score) over the outputs: the loss of support vector machines.

    Args:
        scores: The outputs.
        y: As many numbers, 1 or -1.

    Returns:
        The loss, a Value; 0 where the score is right by at least 1.

    Raises:
        ShapeError: If the lengths differ.

    Example:
        >>> hinge([engine.Value(0.5), engine.Value(2.0)], [1, 1]).data
        0.25
    """
    return engine.mean([engine.relu(1.0 - a * side) for a, side in _pairs(scores, y, "hinge")])


LOSSES: dict[str, Loss] = {
    "squared_error": squared_error,
    "half_squared_error": half_squared_error,
    "mse": mse,
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
    "hinge": hinge,
}
"""The losses by name."""


def find_loss(loss: Loss | str) -> Loss:
    """Take a loss, or the name of one."""
    if callable(loss):
        return loss
    if not isinstance(loss, str):
        raise ValueTypeError(
            f"a loss is a function of the outputs and the target of one sample, or one of "
            f"{known(LOSSES)}, not {loss!r} ({type(loss).__name__})"
        )
    advice = ", or give a function of the outputs and the target of one sample"
    return named_one(loss, LOSSES, "loss", advice)


def _squares(yhat: Any, y: Any, loss: str) -> list[Any]:
    return [(target - output) ** 2 for output, target in _pairs(yhat, y, loss)]


def _pairs(outputs: Any, targets: Any, loss: str) -> list[tuple[Any, Any]]:
    if isinstance(outputs, Node) and not hasattr(targets, "__len__"):
        return [(outputs, targets)]
    _check_lengths(outputs, targets, loss)
    return list(zip(outputs, targets, strict=True))


def _check_lengths(outputs: Any, targets: Any, loss: str) -> None:
    for given, what in ((outputs, "outputs"), (targets, "targets")):
        if not is_list(given):
            raise ShapeError(f"{loss} needs a list of {what}, one for each output, not {given!r}")
    if len(outputs) != len(targets) or not len(outputs):
        raise ShapeError(
            f"{loss} needs one target for each output, but there are {len(outputs)} outputs and "
            f"{len(targets)} targets"
        )
