"""Circles and columns find their places."""

from itertools import combinations, pairwise
from math import hypot

import pytest
from network_examples import EXAMPLES, w131

from engine.errors import ShapeError
from viz.network.circles import Disc
from viz.network.layout import arrange
from viz.network.model import Circle, Link, Network
from viz.svg.text import width


@pytest.mark.parametrize("rows", [-1, 0, 2])
def test_too_few_rows_are_refused(rows):
    """An elided column takes three rows."""
    with pytest.raises(ShapeError, match=f"max_rows is {rows}"):
        arrange(w131(), rows)


@pytest.mark.parametrize("network", EXAMPLES.values(), ids=EXAMPLES)
def test_circles_keep_apart(network):
    """No two circles come nearer than 12, and columns stand from left to right."""
    discs = arrange(network, 8).discs
    for one, other in combinations(discs, 2):
        assert hypot(one.x - other.x, one.y - other.y) > one.radius + other.radius + 12
        if one.circle.column < other.circle.column:
            assert one.x < other.x


@pytest.mark.parametrize("network", EXAMPLES.values(), ids=EXAMPLES)
def test_columns_stand_about_the_middle(network):
    """What a column shows is spread evenly above and below y = 0, unless it asks for rows."""
    arrangement = arrange(network, 8)
    for x in arrangement.xs:
        column = [each for each in (*arrangement.discs, *arrangement.dots) if each.x == x]
        if not any(isinstance(each, Disc) and each.circle.row is not None for each in column):
            ys = sorted(each.y for each in column)
            assert sum(ys) == pytest.approx(0, abs=1e-9)
            steps = [below - above for above, below in pairwise(ys)]
            assert steps == pytest.approx(steps[:1] * len(steps))


def test_a_column_may_be_empty():
    """A heading without circles takes its place and nothing else."""
    network = Network(
        ("a", "", "b"),
        (Circle("x", 0, (("x", "1"),)), Circle("y", 2, (("y", "1"),))),
        (Link("x", "y", "w"),),
    )
    arrangement = arrange(network, 8)
    assert len(arrangement.xs) == 3
    assert arrangement.edges[0].columns == (0, 2)


def test_headings_keep_apart():
    """Long headings push their columns apart, very long ones are cut."""
    heading = "a heading of many words that goes on"
    columns = tuple(Circle(f"{i}", i, (("x", "1"),)) for i in range(2))
    arrangement = arrange(Network((heading, heading), columns), 8)
    left, right = arrangement.xs
    halves = sum(width(line, 13.5) for line in arrangement.headings) / 2
    assert right - left == pytest.approx(halves + 24)
    assert right - left < 300


@pytest.mark.parametrize(("rows", "pitch"), [(2, 132.0), (3, 132.0), (4, 126.0), (6, 114.0)])
def test_tall_columns_stand_closer(rows, pitch):
    """Past three circles the rows come nearer to each other."""
    circles = [Circle(f"{c}{k}", c, (("x", "1"),)) for c in (0, 1) for k in range(rows)]
    arrangement = arrange(Network(("a", "b"), tuple(circles), ()), 8)
    ys = sorted(each.y for each in arrangement.discs if each.x == arrangement.xs[0])
    assert {below - above for above, below in pairwise(ys)} == {pitch}


def test_rows_are_counted_about_the_middle():
    """Circles that ask for the first and the second of two rows stand above and below y = 0."""
    discs = {disc.circle.name: disc for disc in arrange(EXAMPLES["relu"], 8).discs}
    assert (discs["f"].y, discs["y"].y) == (-66, 66)
