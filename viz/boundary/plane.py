"""What a model of two inputs says all over the plane, and the lines where it changes its mind.

`Plane` asks the model on a grid, and gives for each class its *margin*: by how much its score
exceeds the best of the others. Where the margin is positive the model decides for that class; the
line where it is 0 is the decision boundary. `outlines` turns a level of a margin into closed
curves, by marching squares (Lorensen and Cline, "Marching cubes", 1987, in two dimensions).
Nothing here draws.
"""

# ruff: noqa: N803 - X is what everyone calls a table of samples

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

import engine
from engine.arguments import is_list, positive_size, real
from engine.core.value import Value
from engine.errors import ShapeError
from nn.learning.objectives import check_model
from nn.learning.samples import read_inputs
from nn.model.module import Module

Grid = list[list[float]]
"""A number for each point of a grid: a row for each y, a column for each x."""

Point = tuple[float, float]

SPREAD = 0.12
"""On each side the view is wider than the samples by this part of their extent."""

MOST_OBLONG = 3.0
"""Samples whose extents differ by a larger factor are not drawn to scale, but in a square."""


class Frame(NamedTuple):
    """The part of the plane that is shown."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        """How far it goes from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """How far it goes from bottom to top."""
        return self.top - self.bottom

    @property
    def to_scale(self) -> bool:
        """Whether a step is as long upwards as to the right."""
        return 1.0 / MOST_OBLONG <= self.width / self.height <= MOST_OBLONG


class Surface(NamedTuple):
    """What the model said at one moment.

    Attributes:
        margins: A grid for each class.
        scale: The size of a usual margin at the samples; shades are measured in it.
        right: For each sample whether the model decides for its class.
    """

    margins: list[Grid]
    scale: float
    right: list[bool]

    @property
    def told(self) -> str:
        """How many samples the model gets right, in words."""
        return f"{sum(self.right)} of {len(self.right)} samples right"


class Plane:
    """The plane of a model's two inputs, with samples on it.

    The model is compiled once; every `surface` reads the parameters that it has by then.

    Args:
        model: Takes two numbers, and returns one score, or one for each class.
        X: Samples of two numbers.
        y: The class of each: whole numbers from 0 if the model has several outputs; if it has one,
            any two numbers, of which the greater one is meant by scores above the threshold.
        cells: How many cells the grid has along its longer side.
        threshold: Where a single score changes from one class to the other; None for 0, or, if
            the model gives nothing but numbers between 0 and 1, for 0.5.

    Attributes:
        X: The samples.
        labels: For each sample the place of its class in `classes`.
        classes: The names of the classes, as texts.
        frame: The part of the plane that is to be shown.
        xs: The columns of the grid, which is wider than the frame by a cell on each side.
        ys: Its rows, from bottom to top.

    Raises:
        ShapeError: If the samples do not have two numbers each, or the labels do not fit.
        ValueTypeError: If the model is none, or something is no number.
        DataError: If a number is nan, or there are no samples.

    Example:
        >>> from nn import MLP
        >>> model = MLP.from_weights([[[1.0, 0.0]]])
        >>> plane = Plane(model, [[-1.0, 0.0], [2.0, 3.0]], [0, 1], cells=4)
        >>> plane.surface().told
        '2 of 2 samples right'
    """

    def __init__(
        self, model: Module, X: Any, y: Any, *, cells: int = 80, threshold: float | None = None
    ) -> None:
        self.X = read_inputs(X)
        if len(self.X[0]) != 2:
            raise ShapeError(
                "a decision boundary is drawn in the plane of two inputs, but a sample has "
                f"{len(self.X[0])}; choose two columns, and a model of two inputs"
            )
        outputs = check_model(model, self.X[0])
        self.classes, self.labels = _read_labels(y, len(self.X), outputs)
        self.frame = _frame(self.X)
        wide, high = self.frame.width, self.frame.height
        longer = (max(wide, high),) * 2 if self.frame.to_scale else (wide, high)
        across, up = (length / positive_size(cells, "cells") for length in longer)
        self.xs = _steps(self.frame.left, self.frame.right, across)
        self.ys = _steps(self.frame.bottom, self.frame.top, up)
        self._points = [[x, y] for y in self.ys for x in self.xs] + self.X
        self._threshold = None if threshold is None else real(threshold, "threshold")
        self._single = outputs in {None, 1}

        def scores(x_1: Value, x_2: Value) -> Any:
            found = model([x_1, x_2])  # type: ignore[operator]  # a Module that can be called
            return found[0] if outputs == 1 else found

        self._program = engine.compile(scores)

    def surface(self) -> Surface:
        """Ask the model, as it is now.

        Returns:
            Its margins.
        """
        margins = _margins(self._scores())
        at_samples = [margin[len(margin) - len(self.X) :] for margin in margins]
        own = [at_samples[label][k] for k, label in enumerate(self.labels)]
        usual = median(map(abs, own))
        width = len(self.xs)
        grids = [
            [margin[start : start + width] for start in range(0, width * len(self.ys), width)]
            for margin in margins
        ]
        return Surface(grids, usual or 1.0, [x > 0 for x in own])

    def _scores(self) -> list[list[float]]:
        """Ask for the score of each class at each point of the grid, and then at the samples."""
        found = self._program.value(self._points)
        table = found if isinstance(found, list) else found.tolist()
        if not self._single:
            return [list(column) for column in zip(*table, strict=True)]
        threshold = self._threshold
        if threshold is None:
            threshold = 0.5 if all(0.0 <= s <= 1.0 for s in table) else 0.0
        half = [(s - threshold) / 2.0 for s in table]
        return [[-s for s in half], half]


def _margins(scores: list[list[float]]) -> list[list[float]]:
    """Subtract from each class's score the best of the others'."""
    if len(scores) == 2:
        first, second = scores
        margin = [b - a for a, b in zip(first, second, strict=True)]
        return [[-m for m in margin], margin]
    others = [scores[:k] + scores[k + 1 :] for k in range(len(scores))]
    return [
        [own - max(rest) for own, *rest in zip(mine, *best, strict=True)]
        for mine, best in zip(scores, others, strict=True)
    ]


def _read_labels(y: Any, samples: int, outputs: int | None) -> tuple[list[str], list[int]]:
    """Find the classes, and the class of each sample."""
    given = y.tolist() if hasattr(y, "tolist") else y
    if not is_list(given) or len(given) != samples:
        count = f"{len(given)} labels" if is_list(given) else repr(given)
        raise ShapeError(f"y must have a label for each of the {samples} samples, not {count}")
    labels = [real(label, f"y[{k}]") for k, label in enumerate(given)]
    kinds = sorted(set(labels))
    if outputs in {None, 1}:
        if len(kinds) > 2:
            raise ShapeError(
                f"a model of one output tells two classes apart, but y has {len(kinds)} different "
                "labels; give the model an output for each class"
            )
        if len(kinds) == 1:  # the other class is missing, but 0 and 1 are usual, then -1 and 1
            usual = next((pair for pair in ([0.0, 1.0], [-1.0, 1.0]) if kinds[0] in pair), None)
            kinds = usual or [kinds[0] - 1.0, kinds[0]]
        return [f"{kind:g}" for kind in kinds], [kinds.index(label) for label in labels]
    assert outputs is not None
    for k, label in enumerate(labels):
        if label not in range(outputs):
            raise ShapeError(
                f"y[{k}] is {given[k]!r}, but the model has {outputs} outputs, so the classes are "
                f"0 to {outputs - 1}"
            )
    return [str(k) for k in range(outputs)], list(map(int, labels))


def _frame(X: Sequence[Sequence[float]]) -> Frame:
    """Take the samples' extent and some room around it."""
    (left, right), (bottom, top) = [(min(column), max(column)) for column in zip(*X, strict=True)]
    extents = (right - left, top - bottom)
    alike = max(extents) <= MOST_OBLONG * min(extents)
    across, up = (SPREAD * (max(extents) if alike else extent) or 1.0 for extent in extents)
    return Frame(left - across, right + across, bottom - up, top + up)


def _steps(start: float, stop: float, step: float) -> list[float]:
    """Go in even steps from one before the start to one behind the stop."""
    count = max(1, round((stop - start) / step))
    even = (stop - start) / count
    return [start + even * k for k in range(-1, count + 2)]


def outlines(
    grid: Grid, xs: Sequence[float], ys: Sequence[float], level: float
) -> list[list[Point]]:
    """Find the closed curves around all that is above a level.

    What is above goes on the left of a curve, so with the usual rule of filling (nonzero) the
    curves bound exactly that. At the rim of the grid they follow the rim.
    """
    xs, ys = [xs[0], *xs, xs[-1]], [ys[0], *ys, ys[-1]]
    below = level - 1.0
    rim = [below] * len(xs)
    padded = [rim, *([below, *row, below] for row in grid), rim]
    tracks: dict[_Side, _Side] = {}
    for i, (row, above) in enumerate(pairwise(padded)):
        here = [value > level for value in row]
        there = [value > level for value in above]
        if any(here) or any(there):
            tracks.update(_crossed(i, here, there))

    def crossing(side: _Side) -> Point:
        """Find the place on a side, in proportion to the numbers at its ends."""
        i, j, up = side
        here, there = padded[i][j], padded[i + up][j + (not up)]
        part = (level - here) / (there - here)
        x, y = xs[j], ys[i]
        return (x, y + part * (ys[i + 1] - y)) if up else (x + part * (xs[j + 1] - x), y)

    return list(_walked(tracks, crossing))


_Side = tuple[int, int, bool]
"""A side of a cell: row and column of where it begins, and whether it goes up."""

_SEGMENTS = (
    (),
    ("sw",),
    ("es",),
    ("ew",),
    ("ne",),
    ("sw", "ne"),
    ("ns",),
    ("nw",),
    ("wn",),
    ("sn",),
    ("es", "wn"),
    ("en",),
    ("we",),
    ("se",),
    ("ws",),
    (),
)
"""By which sides a curve enters and leaves a cell: south, east, north, west.

The number of a case has a bit for each corner that is above: 1 in the south west, 2 in the south
east, 4 in the north east, 8 in the north west.
"""


def _crossed(i: int, here: list[bool], there: list[bool]) -> Iterator[tuple[_Side, _Side]]:
    """Go through a row of cells, and tell where curves run through them."""
    for j in range(len(here) - 1):
        case = here[j] + 2 * here[j + 1] + 4 * there[j + 1] + 8 * there[j]
        if case not in {0, 15}:
            sides = {
                "s": (i, j, False),
                "e": (i, j + 1, True),
                "n": (i + 1, j, False),
                "w": (i, j, True),
            }
            for segment in _SEGMENTS[case]:
                yield sides[segment[0]], sides[segment[1]]


def _walked(
    tracks: dict[_Side, _Side], crossing: Callable[[_Side], Point]
) -> Iterator[list[Point]]:
    """Follow the tracks from side to side until they close."""
    while tracks:
        first = side = next(iter(tracks))
        curve = []
        while side in tracks:
            curve.append(crossing(side))
            side = tracks.pop(side)
        assert side == first
        yield curve
