"""Read samples and targets from whatever people have, and say which one is bad.

X and y may be lists, tuples, arrays or data frames. Rows and columns are counted
from 0, as in ``X[3][1]``.
"""

# ruff: noqa: N803 - X is what everyone calls a table of samples

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.arguments import finite, is_list
from engine.errors import DataError, ShapeError, ValueTypeError
from nn.learning.losses import LOSSES, Loss, binary_cross_entropy, cross_entropy, hinge


class Sides(NamedTuple):
    """What the targets of a loss that tells two sides apart may be."""

    loss: Loss  # its outputs are scores, above 0 for one side and below for the other
    wanted: str
    allows: Callable[[float], bool]
    middle: float  # between the targets of the two sides


_SIDES = (
    Sides(binary_cross_entropy, "a number from 0 to 1", lambda t: 0.0 <= t <= 1.0, 0.5),
    Sides(hinge, "1 or -1 (nn.data.signs makes them of 1 and 0)", lambda t: t in {-1.0, 1.0}, 0.0),
)


def sides_of(loss: Loss) -> Sides | None:
    """Find what the targets of a loss may be; None if it does not tell two sides apart."""
    return next((sides for sides in _SIDES if sides.loss is loss), None)


def read_inputs(X: Any, name: str = "X") -> list[list[float]]:
    """Read the inputs of samples."""
    rows: list[list[float]] = []
    for k, row in enumerate(_listed(X, name)):
        if not is_list(row):
            raise ShapeError(
                f"{name}[{k}] is {row!r}, but each sample is a list of numbers; for samples of "
                f"one number write [[x] for x in {name}]"
            )
        numbers = _numbers(row, f"{name}[{k}]", "sample")
        if rows and len(numbers) != len(rows[0]):
            raise ShapeError(
                f"{name}[{k}] has {len(numbers)} numbers, but {name}[0] has {len(rows[0])}; "
                "every sample needs as many"
            )
        rows.append(numbers)
    return rows


def read_targets(
    y: Any, loss: Loss, outputs: int | None, samples: int, name: str = "y"
) -> list[Any]:
    """Read targets, as the loss needs them."""
    targets = _listed(y, name)
    if len(targets) != samples:
        raise ShapeError(
            f"there are {samples} samples but {len(targets)} targets; "
            f"each sample needs one entry of {name}"
        )
    if loss is cross_entropy:
        if outputs is None:
            raise ShapeError(
                "cross_entropy needs a model with an output for each class, but this one returns "
                "a single Value; give it more outputs, or use binary_cross_entropy for two classes"
            )
        return [_class(t, outputs, f"{name}[{k}]") for k, t in enumerate(targets)]
    if not any(loss is known for known in LOSSES.values()):
        return [_free(t, f"{name}[{k}]") for k, t in enumerate(targets)]
    read = [_target(t, outputs, f"{name}[{k}]") for k, t in enumerate(targets)]
    sides = sides_of(loss)
    if sides is not None:
        for k, t in enumerate(read):
            for number in t if isinstance(t, list) else [t]:
                if not sides.allows(number):
                    raise DataError(
                        f"{name}[{k}] is {targets[k]!r}, but a target of {sides.loss.__name__} "
                        f"is {sides.wanted}"
                    )
    return read


def _listed(given: Any, name: str) -> list[Any]:
    """Take a list, or anything that can be one; not an empty one."""
    if hasattr(given, "to_numpy"):  # a table of pandas or polars
        given = given.to_numpy()
    if hasattr(given, "tolist"):
        given = given.tolist()
    if not is_list(given):
        raise ValueTypeError(
            f"{name} must be a list with an entry for each sample, not {given!r} "
            f"({type(given).__name__})"
        )
    if not len(given):
        raise DataError(f"{name} is empty; training needs at least one sample")
    return list(given)


def _numbers(row: Any, name: str, whole: str) -> list[float]:
    if not len(row):
        raise ShapeError(f"{name} is empty; every {whole} needs at least one number")
    return [
        x if type(x) is float and x - x == 0.0 else finite(x, f"{name}[{j}]")
        for j, x in enumerate(row)
    ]


def _target(t: Any, outputs: int | None, name: str) -> Any:
    """Read a number, or a list of numbers."""
    if not is_list(t):
        if outputs is not None and outputs > 1:
            raise ShapeError(
                f"{name} is {t!r}, but the model has {outputs} outputs, so a target is a list of "
                f"{outputs} numbers; for the number of a class use loss=nn.cross_entropy"
            )
        number = finite(t, name)
        return number if outputs is None else [number]
    numbers = _numbers(t, name, "target")
    if len(numbers) != (outputs or 1):
        raise ShapeError(
            f"{name} has {len(numbers)} numbers, but the model has {outputs or 1} outputs; "
            "each needs a target"
        )
    return numbers[0] if outputs is None else numbers


def _free(t: Any, name: str) -> Any:
    """Read a target of unknown meaning; whole numbers stay so, they may be numbers of classes."""
    if is_list(t):
        return _numbers(t, name, "target")
    return t if type(t) is int else finite(t, name)


def _class(t: Any, outputs: int, name: str) -> Any:
    """Read the number of a class, or the share of each class."""
    if is_list(t):
        return _target(t, outputs, name)
    if isinstance(t, str):
        raise ValueTypeError(
            f"{name} is {t!r}, but a class is a number, counted from 0; number them with "
            "names = sorted(set(y)) and y = [names.index(label) for label in y]"
        )
    number = finite(t, name)
    if number not in range(outputs):
        raise DataError(
            f"{name} is {t!r}, but the model has {outputs} outputs, so the classes are the whole "
            f"numbers 0 to {outputs - 1}"
        )
    return int(number)
