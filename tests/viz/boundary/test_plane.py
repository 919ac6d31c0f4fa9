"""`viz.boundary.plane`: what a model says over the plane, and the outlines of its regions."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Value
from engine.errors import DataError, EngineError, ShapeError, ValueTypeError
from nn import MLP, Module
from viz.boundary.plane import Frame, Plane, outlines

UPHILL = MLP.from_weights([[[1.0, 0.0]]])
"""Its score is the first input."""


class Bent(Module):
    """A model that branches: its score is |x| - 1."""

    def __init__(self):
        self.shift = Value(1.0)

    def __call__(self, x):
        """Compute."""
        return (x[0] if x[0] > 0 else -x[0]) - self.shift


def area(curve):
    """The area inside a curve; positive if it runs counter-clockwise."""
    pairs = zip(curve, [*curve[1:], curve[0]], strict=True)
    return sum(x * v - u * y for (x, y), (u, v) in pairs) / 2


def test_one_output_tells_two_classes_apart():
    """Margins are the score and its negative; the grid is a cell wider than the frame."""
    plane = Plane(UPHILL, [[-1.0, 0.0], [1.0, 1.0], [0.5, 0.0]], [0, 1, 0], cells=4)
    assert plane.classes == ["0", "1"]
    assert plane.labels == [0, 1, 0]
    assert plane.frame == pytest.approx(Frame(-1.24, 1.24, -0.24, 1.24))
    assert len(plane.xs) == 4 + 3
    assert plane.xs[1] == pytest.approx(-1.24)
    assert plane.xs[-2] == pytest.approx(1.24)
    surface = plane.surface()
    for row in surface.margins[1]:
        assert row == pytest.approx(plane.xs, abs=1e-15)
    assert surface.margins[0] == [[-m for m in row] for row in surface.margins[1]]
    assert surface.right == [True, True, False]
    assert surface.scale == 1.0
    assert surface.told == "2 of 3 samples right"


def test_margins_of_several_classes():
    """A margin is what a class's score exceeds the best of the others by."""
    model = MLP.from_weights([[[1.0, 0.0], [0.0, 1.0], [-1.0, -1.0]]])
    plane = Plane(model, [[3.0, 1.0], [0.0, 2.0], [-1.0, -1.0]], [0, 1, 1], cells=2)
    surface = plane.surface()
    for i, y in enumerate(plane.ys):
        for j, x in enumerate(plane.xs):
            scores = [x, y, -x - y]
            for k, margin in enumerate(surface.margins):
                others = scores[:k] + scores[k + 1 :]
                assert margin[i][j] == pytest.approx(scores[k] - max(others), abs=1e-12)
    assert surface.right == [True, True, False]
    assert surface.scale == 2.0, "the median of 3 - 1, 2 - 0 and 2 - -1"
    assert plane.classes == ["0", "1", "2"]


def test_a_model_without_opinions():
    """Where all scores are alike the scale is 1, and nothing is right."""
    surface = Plane(MLP(2, [2], init="zeros"), [[1.0, 0.0], [0.0, 1.0]], [0, 1], cells=2).surface()
    assert surface.scale == 1.0
    assert surface.right == [False, False]


def test_two_outputs_and_one_in_a_list():
    """Two scores are compared; a list of one score is that score."""
    two = MLP.from_weights([[[1.0, 0.0], [0.0, 1.0]]])
    assert Plane(two, [[1.0, 0.0], [0.0, 1.0]], [0, 1], cells=1).surface().right == [True, True]

    class Listed(Module):
        def __init__(self):
            self.slope = Value(2.0)

        def __call__(self, x):
            return [self.slope * x[0]]

    assert Plane(Listed(), [[1.0, 0.0], [-1.0, 1.0]], [1, 0], cells=1).surface().right == [1, 1]


def test_surface_follows_the_parameters():
    """The model is compiled once, and asked again with the parameters it has then."""
    model = MLP.from_weights([[[1.0, 0.0]]])
    plane = Plane(model, [[-1.0, 0.0], [2.0, 0.0]], [0, 1], cells=2)
    assert plane.surface().right == [True, True]
    model.layers[0].neurons[0].w[0].data = -1.0
    assert plane.surface().right == [False, False]


def test_threshold():
    """Probabilities change sides at one half, scores at 0, both if not told otherwise."""
    steep = MLP.from_weights([[[8.0, 0.0]]], output_activation="sigmoid")
    X, y = [[-1.0, 0.0], [1.0, 0.0]], [0, 1]
    assert Plane(steep, X, y, cells=2).surface().right == [True, True]
    assert Plane(steep, X, y, cells=2, threshold=0).surface().right == [False, True]
    assert Plane(UPHILL, X, y, cells=2, threshold=1.5).surface().right == [True, False]


def test_a_model_that_branches():
    """Both ways through the code are compiled."""
    plane = Plane(Bent(), [[-2.0, 0.0], [2.0, 0.0], [0.5, 1.0]], [1, 1, 0], cells=8)
    assert plane.surface().right == [True, True, True]


@pytest.mark.parametrize(
    ("labels", "classes", "places"),
    [
        ([-1, 1], ["-1", "1"], [0, 1]),
        ([1, 1], ["0", "1"], [1, 1]),
        ([-1, -1], ["-1", "1"], [0, 0]),
        ([5, 5], ["4", "5"], [1, 1]),
        ([0.5, 0.25], ["0.25", "0.5"], [1, 0]),
    ],
)
def test_labels_of_two_sides(labels, classes, places):
    """Any two numbers name the sides; of one alone the usual other is guessed."""
    plane = Plane(UPHILL, [[1.0, 0.0], [2.0, 0.0]], labels, cells=1)
    assert (plane.classes, plane.labels) == (classes, places)


def test_columns_of_other_units():
    """Samples that are a hundred times as wide as high have a grid as fine in both directions."""
    plane = Plane(UPHILL, [[-100.0, 0.0], [100.0, 2.0]], [0, 1], cells=10)
    assert not plane.frame.to_scale
    assert plane.frame == pytest.approx(Frame(-124.0, 124.0, -0.24, 2.24))
    assert len(plane.xs) == len(plane.ys) == 10 + 3


def test_arrays_and_samples_in_one_place():
    """NumPy arrays will do, and samples without any extent are given room."""
    np = pytest.importorskip("numpy")
    plane = Plane(UPHILL, np.ones((2, 2)), np.array([1, 1]), cells=2)
    assert plane.frame == Frame(0.0, 2.0, 0.0, 2.0)


@pytest.mark.parametrize(
    ("model", "X", "y", "error", "said"),
    [
        (UPHILL, [[1.0, 2.0, 3.0]], [1], ShapeError, "two inputs"),
        (UPHILL, [[1.0, math.nan]], [1], DataError, r"X\[0\]\[1\]"),
        (UPHILL, [[1.0, 2.0]], [1, 0], ShapeError, "2 labels"),
        (UPHILL, [[1.0, 2.0]], 1, ShapeError, "not 1"),
        (UPHILL, [[1.0, 2.0]] * 3, [0, 1, 2], ShapeError, "3 different"),
        (MLP(2, [3], seed=0), [[1.0, 2.0]], [3], ShapeError, "0 to 2"),
        (UPHILL, [[1.0, 2.0]], ["a"], ValueTypeError, r"y\[0\]"),
        (max, [[1.0, 2.0]], [1], ValueTypeError, "Module"),
        (MLP(3, [1], seed=0), [[1.0, 2.0]], [1], EngineError, "3 inputs"),
    ],
)
def test_what_does_not_fit(model, X, y, error, said):
    """Each is named with what was expected."""
    with pytest.raises(error, match=said):
        Plane(model, X, y, cells=2)


def test_outline_of_a_disc():
    """The curve around a hill is one, counter-clockwise, of the area of the disc."""
    steps = [k / 20 - 2.0 for k in range(81)]
    grid = [[1.0 - x * x - y * y for x in steps] for y in steps]
    (curve,) = outlines(grid, steps, steps, 0.0)
    assert area(curve) == pytest.approx(math.pi, rel=2e-3)
    assert all(math.hypot(x, y) == pytest.approx(1.0, abs=2e-3) for x, y in curve)


def test_outline_of_a_hole_runs_the_other_way():
    """A ring has two curves, and what is not above is on the right of each."""
    steps = [k / 20 - 2.0 for k in range(81)]
    grid = [[0.25 - (math.hypot(x, y) - 1.0) ** 2 for x in steps] for y in steps]
    areas = sorted(area(curve) for curve in outlines(grid, steps, steps, 0.0))
    assert areas == pytest.approx([-math.pi * 0.25, math.pi * 2.25], rel=5e-3)


def test_outline_along_the_rim():
    """Where the grid ends the curve follows it; where nothing is above there is none."""
    xs, ys = [0.0, 1.0, 3.0], [0.0, 2.0]
    (curve,) = outlines([[1.0] * 3] * 2, xs, ys, 0.0)
    assert area(curve) == pytest.approx(6.0)
    assert outlines([[0.0] * 3] * 2, xs, ys, 0.0) == []


@given(
    st.lists(st.lists(st.floats(-5, 5), min_size=4, max_size=4), min_size=3, max_size=6),
    st.floats(-4, 4),
)
def test_outlines_hold_exactly_what_is_above(grid, level):
    """Whatever the numbers: a point of the grid is inside if and only if it is above."""
    xs, ys = [0.0, 1.0, 2.0, 3.0], [float(k) for k in range(len(grid))]
    curves = outlines(grid, xs, ys, level)
    for i, row in enumerate(grid):
        for j, value in enumerate(row):
            if abs(value - level) > 1e-6 and 0 < i < len(grid) - 1 and 0 < j < 3:
                turns = sum(winding(curve, xs[j], ys[i]) for curve in curves)
                assert turns == (value > level)


def winding(curve, x, y):
    """How often a curve goes around a point."""
    total = 0.0
    for (a, b), (c, d) in zip(curve, [*curve[1:], curve[0]], strict=True):
        angle = math.atan2(d - y, c - x) - math.atan2(b - y, a - x)
        total += (angle + math.pi) % math.tau - math.pi
    return round(total / math.tau)


@pytest.mark.parametrize(
    ("width", "height", "to_scale"),
    [(3.0, 1.0, True), (1.0, 3.0, True), (3.01, 1.0, False), (1.0, 3.01, False)],
)
def test_what_is_drawn_to_scale(width, height, to_scale):
    """Up to three times as wide as high, or as high as wide."""
    assert Frame(0.0, width, 0.0, height).to_scale == to_scale
