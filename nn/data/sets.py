"""Data to learn from: the classic toy sets, drawn with the standard library and a seed.

>>> from nn import data
>>> X, y = data.moons(samples=100, noise=0.1, seed=0)
>>> len(X), len(X[0]), sorted(set(y))
(100, 2, [0, 1])

The shapes are those of scikit-learn's ``make_moons``, ``make_circles`` and ``make_blobs``
(Pedregosa et al., "Scikit-learn: machine learning in Python", 2011) and, for the spirals, of the
notes to Stanford's course CS231n. Samples come in random order.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import mul
from statistics import fmean, pstdev
from typing import Any

from engine.arguments import (
    at_least_0,
    finite,
    fraction,
    is_list,
    named_one,
    positive_size,
    real,
    seeded,
)
from engine.errors import ShapeError, known


@dataclass(frozen=True)
class Data:
    """Samples and what a model should say about each; unpacks as ``X, y = data``.

    Attributes:
        X: For each sample a list of numbers.
        y: For each sample its target: the number of a class, or a number.
        classes: The names of the classes, if they have names.
        columns: The names of the columns of ``X``, if they have names.

    Example:
        >>> X, y = Data([[0.0], [1.0]], [0, 1])
        >>> y
        [0, 1]
    """

    X: list[list[float]]
    y: list[Any]
    classes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[list[Any]]:
        return iter((self.X, self.y))

    def __repr__(self) -> str:
        names = f", classes {known(self.classes)}" if self.classes else ""
        width = len(self.X[0]) if self.X else 0
        return f"<Data of {len(self.X)} samples with {width} numbers each{names}>"

    def split(self, part: float = 0.2, seed: float | str = 0) -> tuple[Data, Data]:
        """Set a part of the samples aside, chosen at random.

        Args:
            part: How much to set aside, between 0 and 1.
            seed: The seed of the choice.

        Returns:
            The rest, to train on; and the part set aside, to validate with.

        Raises:
            ShapeError: If one of the two would be empty.
            ValueTypeError: If ``part`` is not between 0 and 1.

        Example:
            >>> training, validation = moons(100).split(0.2)
            >>> len(training.X), len(validation.X)
            (80, 20)
        """
        aside = round(fraction(part, "the part to set aside") * len(self.X))
        if not 0 < aside < len(self.X):
            raise ShapeError(
                f"{part!r} of {len(self.X)} samples is {aside}, but both parts need at least one "
                "sample; choose another part, or more samples"
            )
        order = list(range(len(self.X)))
        seeded(seed).shuffle(order)
        return self._chosen(sorted(order[aside:])), self._chosen(sorted(order[:aside]))

    def _chosen(self, rows: list[int]) -> Data:
        return replace(self, X=[self.X[k] for k in rows], y=[self.y[k] for k in rows])

    def scaled(self, like: Data | None = None) -> Data:
        """Shift and scale every column to mean 0 and standard deviation 1.

        Args:
            like: The data whose mean and deviation to use, so that test data are scaled as the
                training data were; None for these themselves.

        Returns:
            The scaled data; a column that never changes is only shifted.

        Raises:
            ShapeError: If ``like`` has another number of columns.

        Example:
            >>> Data([[1.0], [3.0]], [0, 1]).scaled().X
            [[-1.0], [1.0]]
        """
        of = self if like is None else like
        columns = list(zip(*of.X, strict=True))
        if self.X and len(self.X[0]) != len(columns):
            raise ShapeError(
                f"these data have {len(self.X[0])} columns, but those to scale like have "
                f"{len(columns)}"
            )
        centres = [(fmean(column), pstdev(column) or 1.0) for column in columns]
        rows = [
            [(x - mean) / deviation for x, (mean, deviation) in zip(row, centres, strict=True)]
            for row in self.X
        ]
        return replace(self, X=rows)


def moons(samples: int = 100, noise: float = 0.1, seed: float | str = 0) -> Data:
    """Draw two half circles that reach into each other.

    Args:
        samples: How many; half of them in each moon.
        noise: The standard deviation of what is added to each coordinate.
        seed: The seed of the random numbers.

    Returns:
        Points of class 0 on the upper half of the unit circle, and of class 1 on the lower half of
        one around (1, 0.5).

    Raises:
        ShapeError: If there are fewer than 2 samples.
        ValueTypeError: If ``noise`` is no number of at least 0.

    Example:
        >>> moons(4, noise=0.0).y.count(1)
        2
    """
    upper, lower = _shares(samples, 2, "moons")
    arcs = [(math.cos(t), math.sin(t), 0) for t in _from_to(0.0, math.pi, upper)]
    arcs += [(1.0 - math.cos(t), 0.5 - math.sin(t), 1) for t in _from_to(0.0, math.pi, lower)]
    return _shaken(arcs, noise, seed)


def circles(
    samples: int = 100, noise: float = 0.05, seed: float | str = 0, factor: float = 0.5
) -> Data:
    """Draw a circle inside another.

    Args:
        samples: How many; half of them on each circle.
        noise: The standard deviation of what is added to each coordinate.
        seed: The seed of the random numbers.
        factor: The radius of the inner circle, between 0 and 1.

    Returns:
        Points of class 0 on the unit circle, and of class 1 on the inner one.

    Raises:
        ShapeError: If there are fewer than 2 samples.
        ValueTypeError: If ``noise`` is no number of at least 0, or ``factor`` not between 0 and 1.

    Example:
        >>> circles(100, seed=1).y.count(1)
        50
    """
    inner = fraction(factor, "the factor of circles")
    both = zip((1.0, inner), _shares(samples, 2, "circles"), strict=True)
    points = [
        (radius * math.cos(math.tau * k / n), radius * math.sin(math.tau * k / n), label)
        for label, (radius, n) in enumerate(both)
        for k in range(n)
    ]
    return _shaken(points, noise, seed)


def spirals(
    samples: int = 150, noise: float = 0.2, seed: float | str = 0, classes: int = 3
) -> Data:
    """Draw the arms of a spiral, one for each class.

    Arm j of c runs outwards to radius 1, from the angle 4j to 4j + 4 if there are three; for other
    numbers the arms are turned so that they are evenly apart. See Stanford's CS231n, "Putting it
    together: minimal neural network case study".

    Args:
        samples: How many; as many on each arm.
        noise: The standard deviation of what is added to the angle, in radians.
        seed: The seed of the random numbers.
        classes: How many arms.

    Returns:
        Points, and the number of the arm of each.

    Raises:
        ShapeError: If there is less than a sample for each class.
        ValueTypeError: If ``noise`` is no number of at least 0.

    Example:
        >>> sorted(set(spirals(classes=4).y))
        [0, 1, 2, 3]
    """
    shares = _shares(samples, positive_size(classes, "the number of classes"), "spirals")
    spread, source = at_least_0(noise, "noise"), seeded(seed)
    points = []
    for arm, n in enumerate(shares):
        start = math.tau * arm / classes
        for k, radius in enumerate(_from_to(0.0, 1.0, n)):
            angle = start + 4.0 * k / max(n - 1, 1) + source.gauss(0.0, spread)
            points.append((radius * math.sin(angle), radius * math.cos(angle), arm))
    return _shuffled(points, source)


def xor(samples: int = 100, noise: float = 0.1, seed: float | str = 0) -> Data:
    """Draw the corners of a square, with opposite ones in the same class: exclusive or.

    Args:
        samples: How many; a quarter at each corner.
        noise: The standard deviation of what is added to each coordinate.
        seed: The seed of the random numbers.

    Returns:
        Points around (0, 0), (0, 1), (1, 0) and (1, 1), of class 1 where the coordinates differ;
        ``xor(4, noise=0)`` is the truth table.

    Raises:
        ShapeError: If there are fewer than 4 samples.
        ValueTypeError: If ``noise`` is no number of at least 0.

    Example:
        >>> data = xor(4, noise=0)
        >>> all((a != b) == label for (a, b), label in zip(*data))
        True
    """
    points = [
        (float(corner // 2), float(corner % 2), corner // 2 ^ corner % 2)
        for corner, n in enumerate(_shares(samples, 4, "xor"))
        for _ in range(n)
    ]
    return _shaken(points, noise, seed)


def blobs(samples: int = 100, noise: float = 1.0, seed: float | str = 0, classes: int = 3) -> Data:
    """Draw round clouds of points, one for each class, with centres evenly on a circle.

    Args:
        samples: How many; as many in each cloud.
        noise: The standard deviation of each coordinate within a cloud.
        seed: The seed of the random numbers.
        classes: How many clouds.

    Returns:
        Points around centres that are at distance 4 from the origin.

    Raises:
        ShapeError: If there is less than a sample for each class.
        ValueTypeError: If ``noise`` is no number of at least 0.

    Example:
        >>> [blobs(90, classes=3).y.count(label) for label in range(3)]
        [30, 30, 30]
    """
    shares = _shares(samples, positive_size(classes, "the number of classes"), "blobs")
    points = []
    for label, n in enumerate(shares):
        angle = math.tau * label / classes
        points += [(4.0 * math.cos(angle), 4.0 * math.sin(angle), label)] * n
    return _shaken(points, noise, seed)


def regression(
    samples: int = 100,
    noise: float = 0.1,
    seed: float | str = 0,
    weights: Sequence[float] = (2.0,),
    bias: float = 1.0,
) -> Data:
    """Draw points near a line (or a plane): y = bias + w_1 x_1 + w_2 x_2 + ... + noise.

    Args:
        samples: How many.
        noise: The standard deviation of what is added to y.
        seed: The seed of the random numbers.
        weights: The slope for each column.
        bias: The height at 0.

    Returns:
        Points with coordinates between -1 and 1, and y as a number.

    Raises:
        ShapeError: If there is no sample, or no weight.
        ValueTypeError: If something is no number.

    Example:
        >>> X, y = regression(10, noise=0.0, weights=[3.0, -1.0], bias=0.5)
        >>> abs(y[0] - (0.5 + 3.0 * X[0][0] - X[0][1])) < 1e-15
        True
    """
    if not is_list(weights) or not len(weights):
        raise ShapeError(f"weights must be a list with a number for each column, not {weights!r}")
    slopes, height = [real(w, "a weight") for w in weights], real(bias, "bias")
    spread, source = at_least_0(noise, "noise"), seeded(seed)
    rows = [
        [source.uniform(-1.0, 1.0) for _ in slopes]
        for _ in range(positive_size(samples, "the number of samples"))
    ]
    heights = [height + sum(map(mul, slopes, row)) + source.gauss(0.0, spread) for row in rows]
    return Data(rows, heights)


SETS: dict[str, Callable[..., Data]] = {
    "moons": moons,
    "circles": circles,
    "spirals": spirals,
    "xor": xor,
    "blobs": blobs,
    "regression": regression,
}
"""The sets by name."""


def find_set(name: str) -> Callable[..., Data]:
    """Find the function that draws a set.

    Args:
        name: Its name.

    Returns:
        The function; it takes ``samples``, ``noise`` and ``seed``.

    Raises:
        UnknownNameError: If there is no such set.

    Example:
        >>> find_set("moons") is moons
        True
    """
    return named_one(name, SETS, "data set")


def signs(y: Sequence[float]) -> list[int]:
    """Turn two classes into the signs that `hinge` wants: 0 into -1, and 1 into 1.

    Args:
        y: The number of the class of each sample, 0 or 1.

    Returns:
        -1 or 1 for each sample.

    Raises:
        ShapeError: If there is another class.

    Example:
        >>> signs([0, 1, 1])
        [-1, 1, 1]
    """
    for row, label in enumerate(y):
        if label not in {0, 1}:
            raise ShapeError(f"signs are for classes 0 and 1, but y[{row}] is {label!r}")
    return [1 if label else -1 for label in y]


def one_hot(y: Sequence[int], classes: int | None = None) -> list[list[float]]:
    """Turn class numbers into lists with a 1 at the place of the class.

    Args:
        y: The number of the class of each sample, counted from 0.
        classes: How many classes there are; None for one more than the largest number.

    Returns:
        A list of ``classes`` numbers for each sample.

    Raises:
        ShapeError: If there is a class outside.

    Example:
        >>> one_hot([0, 2])
        [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    """
    for row, label in enumerate(y):
        finite(label, f"y[{row}]")
    count = int(max(y, default=-1)) + 1 if classes is None else positive_size(classes, "classes")
    for row, label in enumerate(y):
        if label not in range(count):
            raise ShapeError(f"y[{row}] is class {label!r}, but the classes are 0 to {count - 1}")
    return [[float(k == label) for k in range(count)] for label in y]


def _shares(samples: int, classes: int, name: str) -> list[int]:
    """Divide samples among classes as evenly as possible."""
    count = positive_size(samples, "the number of samples")
    if count < classes:
        raise ShapeError(
            f"{name} needs at least {classes} samples, one for each part, not {count}"
        )
    return [count // classes + (k < count % classes) for k in range(classes)]


def _from_to(start: float, stop: float, count: int) -> list[float]:
    """List evenly spaced numbers, both ends among them."""
    return [start + (stop - start) * k / max(count - 1, 1) for k in range(count)]


def _shaken(points: list[tuple[float, float, int]], noise: float, seed: float | str) -> Data:
    spread, source = at_least_0(noise, "noise"), seeded(seed)
    moved = [
        (x + source.gauss(0.0, spread), y + source.gauss(0.0, spread), label)
        for x, y, label in points
    ]
    return _shuffled(moved, source)


def _shuffled(points: list[tuple[float, float, int]], source: random.Random) -> Data:
    source.shuffle(points)
    return Data([[x, y] for x, y, _ in points], [label for _, _, label in points])
