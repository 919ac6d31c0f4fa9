"""Data sets: their geometry, their balance, and that a seed gives the same again."""

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ShapeError, UnknownNameError, ValueTypeError
from nn import Data, data

CLASSIFIED = ["moons", "circles", "spirals", "xor", "blobs"]
PARTS = {"moons": 2, "circles": 2, "spirals": 3, "xor": 4, "blobs": 3}


@pytest.mark.parametrize("name", CLASSIFIED)
@given(samples=st.integers(4, 60), seed=st.integers(0, 5))
def test_shape_and_balance(name, samples, seed):
    """As many samples as asked for, two finite floats each, the parts as even as can be."""
    X, y = data.find_set(name)(samples, seed=seed)
    assert len(X) == len(y) == samples
    assert all(len(row) == 2 and all(map(math.isfinite, row)) for row in X)
    assert {type(x) for row in X for x in row} == {float}
    assert {type(label) for label in y} == {int}
    counts = [y.count(label) for label in sorted(set(y))]
    if name != "xor":
        assert len(counts) == PARTS[name]
        assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize("name", [*CLASSIFIED, "regression"])
def test_a_seed_gives_the_same_again(name):
    """And another seed gives others; random's own state plays no part, and keeps its own."""
    draw = data.find_set(name)
    random.seed(7)
    before = random.getstate()
    one = draw(30, seed=1)
    assert random.getstate() == before
    assert draw(30, seed=1) == one
    assert draw(30, seed=2) != one
    assert draw(30, seed="a text") == draw(30, seed="a text")


def test_the_order_is_mixed():
    """The classes do not come one after the other."""
    for name in CLASSIFIED:
        y = data.find_set(name)(60).y
        assert y != sorted(y)


def test_moons_are_two_half_circles():
    """Without noise: radius 1 around (0, 0), upper half; around (1, 0.5), lower half."""
    for (x, y), label in zip(*data.moons(101, noise=0), strict=True):
        if label == 0:
            assert math.hypot(x, y) == pytest.approx(1.0, rel=1e-14)
            assert y >= 0.0
        else:
            assert math.hypot(x - 1.0, y - 0.5) == pytest.approx(1.0, rel=1e-14)
            assert y <= 0.5
    assert data.moons(101).y.count(0) == 51
    ends = sorted(row[0] for row, label in zip(*data.moons(20, noise=0), strict=True) if not label)
    assert (ends[0], ends[-1]) == (-1.0, 1.0)  # both ends of the arc are among the points


def test_circles():
    """Without noise: radius 1 and the factor, evenly around."""
    X, y = data.circles(40, noise=0, factor=0.3)
    radii = {
        label: {round(math.hypot(*row), 12) for row, of in zip(X, y, strict=True) if of == label}
        for label in (0, 1)
    }
    assert radii == {0: {1.0}, 1: {0.3}}
    angles = sorted(
        math.atan2(b, a) % math.tau for (a, b), label in zip(X, y, strict=True) if label
    )
    gaps = [later - earlier for earlier, later in pairwise(angles)]
    assert gaps == pytest.approx([math.tau / 20] * 19, rel=1e-9)


def test_spirals():
    """Without noise: the angle grows by 4 along the radius, the arms evenly turned."""
    for (x, y), arm in zip(*data.spirals(60, noise=0, classes=4), strict=True):
        radius = math.hypot(x, y)
        if radius > 0:
            turned = math.atan2(x, y) - math.tau * arm / 4 - 4.0 * radius
            assert math.sin(turned / 2) == pytest.approx(0.0, abs=1e-12)
    radii = sorted(math.hypot(*row) for row in data.spirals(9, noise=0, classes=3).X)
    assert radii == pytest.approx([0, 0, 0, 0.5, 0.5, 0.5, 1, 1, 1])
    assert len(data.spirals(3).X) == 3


def test_xor_is_the_truth_table():
    """Without noise and with four samples."""
    truth = sorted(zip(*data.xor(4, noise=0), strict=True))
    assert truth == [([0, 0], 0), ([0, 1], 1), ([1, 0], 1), ([1, 1], 0)]


def test_blobs_have_their_centres_on_a_circle():
    """Without noise all points of a class are its centre."""
    points = dict(zip(*reversed(list(data.blobs(8, noise=0, classes=4))), strict=True))
    assert points[0] == [4.0, 0.0]
    assert points[1] == pytest.approx([0.0, 4.0], abs=1e-14)
    assert points[2] == pytest.approx([-4.0, 0.0], abs=1e-14)


def test_noise_has_its_deviation():
    """Of many samples at one place, the standard deviation is what was asked for."""
    X, _ = data.blobs(4000, noise=0.5, classes=1)
    for column, centre in zip(zip(*X, strict=True), (4.0, 0.0), strict=True):
        variance = sum((x - centre) ** 2 for x in column) / len(column)
        assert math.sqrt(variance) == pytest.approx(0.5, rel=0.05)


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=4), st.floats(-5, 5))
def test_regression_is_on_the_plane_without_noise(weights, bias):
    """The heights are bias + w · x, with coordinates between -1 and 1."""
    X, y = data.regression(10, noise=0, weights=weights, bias=bias)
    for row, height in zip(X, y, strict=True):
        assert all(-1.0 <= x <= 1.0 for x in row)
        assert len(row) == len(weights)
        expected = bias + sum(w * x for w, x in zip(weights, row, strict=True))
        assert height == pytest.approx(expected, rel=1e-12, abs=1e-12)


@given(st.integers(2, 40), st.floats(0.05, 0.95), st.integers(0, 3))
def test_splitting_loses_nothing(samples, part, seed):
    """Every sample is in one of the two, with its own target; the same for the same seed."""
    whole = Data([[float(k)] for k in range(samples)], list(range(samples)), ("a",), ("k",))
    aside = round(part * samples)
    if not 0 < aside < samples:
        with pytest.raises(ShapeError, match=f"of {samples} samples is {aside}, but both"):
            whole.split(part, seed)
        return
    training, validation = whole.split(part, seed)
    assert len(validation.X) == aside
    assert sorted(training.y + validation.y) == whole.y
    assert all(
        row == [label] for d in (training, validation) for row, label in zip(*d, strict=True)
    )
    assert (training.classes, training.columns) == (("a",), ("k",))
    assert whole.split(part, seed) == (training, validation)


def test_a_split_is_at_random():
    """Not the first or last samples, and another choice for another seed."""
    whole = Data([[float(k)] for k in range(100)], list(range(100)))
    one, other = whole.split(0.2, 0)[1].y, whole.split(0.2, 1)[1].y
    assert one != other
    assert one not in (list(range(20)), list(range(80, 100)))


def test_scaling():
    """Mean 0 and deviation 1; test data are scaled as the training data; a flat column is safe."""
    training = Data([[1.0, 5.0], [3.0, 5.0]], [0, 1])
    assert training.scaled().X == [[-1.0, 0.0], [1.0, 0.0]]
    assert Data([[5.0, 6.0]], [0]).scaled(like=training).X == [[3.0, 1.0]]
    with pytest.raises(ShapeError, match="have 1 columns, but those to scale like have 2"):
        Data([[5.0]], [0]).scaled(like=training)


def test_how_data_print():
    """With their size, and the names of their classes."""
    assert repr(data.moons(10)) == "<Data of 10 samples with 2 numbers each>"
    named = Data([[1.0]], [0], ("cat", "dog"))
    assert repr(named) == "<Data of 1 samples with 1 numbers each, classes 'cat', 'dog'>"
    assert repr(Data([], [])) == "<Data of 0 samples with 0 numbers each>"


def test_signs_and_one_hot():
    """Targets of other kinds; classes outside are named with their row."""
    assert data.signs([0, 1]) == [-1, 1]
    assert data.one_hot([1, 0], 3) == [[0, 1, 0], [1, 0, 0]]
    assert data.one_hot([]) == []
    with pytest.raises(ShapeError, match=r"classes 0 and 1, but y\[1\] is 2"):
        data.signs([1, 2])
    with pytest.raises(ShapeError, match=r"y\[1\] is class 3, but the classes are 0 to 2"):
        data.one_hot([0, 3], 3)


def test_bad_arguments():
    """Each says what it needs."""
    for name, parts in PARTS.items():
        with pytest.raises(ShapeError, match=f"{name} needs at least {parts} samples"):
            data.find_set(name)(parts - 1)
        with pytest.raises(ShapeError, match="number of samples must be a whole number"):
            data.find_set(name)(10.0)
        with pytest.raises(ValueTypeError, match="noise must be a finite number, at least 0"):
            data.find_set(name)(10, noise=-1)
    with pytest.raises(ValueTypeError, match="factor of circles must be a number between 0 and 1"):
        data.circles(factor=1.5)
    with pytest.raises(ShapeError, match="number of classes must be at least 1"):
        data.spirals(classes=0)
    for bad in ([], 3.0, "12"):
        with pytest.raises(ShapeError, match="weights must be a list"):
            data.regression(weights=bad)
    with pytest.raises(UnknownNameError, match="unknown data set 'moon'; known are 'blobs'"):
        data.find_set("moon")


def test_one_hot_takes_classes_read_as_floats():
    """As NumPy reads them from a file."""
    assert data.one_hot([0.0, 1.0]) == [[1.0, 0.0], [0.0, 1.0]]


def test_the_points_of_a_regression_spread_over_the_square():
    """Coordinates between -1 and 1, on both sides of 0."""
    for column in zip(*data.regression(200, weights=[1.0, 2.0]).X, strict=True):
        assert -1.0 <= min(column) < -0.9
        assert 0.9 < max(column) <= 1.0


def test_data_are_not_changed_by_hand():
    """Splitting and scaling give others."""
    with pytest.raises(AttributeError):
        data.xor(4).y = []


def test_a_seed_is_a_promise():
    """Whoever has the seed has the points, in every version."""
    assert [f(4, noise=0.1, seed=0).y for f in (data.moons, data.circles)] == [[1, 0, 0, 1]] * 2
    found = [f(4, noise=0.1, seed=0).X[0] for f in (data.moons, data.circles, data.blobs)]
    assert found == [
        pytest.approx([-0.1016348894188071, 0.49278799772149284], rel=1e-12),
        pytest.approx([0.3983651105811929, -0.007212002278507135], rel=1e-12),
        pytest.approx([-2.1016348894188064, 3.4568896128592477], rel=1e-12),
    ]
