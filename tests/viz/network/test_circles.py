"""Circles hold their texts, and a long column is elided."""

from math import hypot

import pytest
from network_examples import EXAMPLES

from viz.network.circles import elide
from viz.network.layout import arrange
from viz.network.model import Circle, Network
from viz.svg.text import width


def circles(count):
    """Return a column of circles named 0, 1, ..."""
    return [Circle(f"{i}", 0, (("x", "1"),)) for i in range(count)]


def read(slots):
    """Return the names of the circles shown, and the numbers of those left out."""
    return [slot if isinstance(slot, int) else slot.name for slot in slots]


def test_a_short_column_is_shown_whole():
    """Up to the limit nothing is left out."""
    assert read(elide(circles(8), set(), 8)) == list("01234567")


def test_a_long_column_is_elided():
    """The first circles, the last and those on a route stay."""
    assert read(elide(circles(16), set(), 8)) == ["0", "1", "2", "3", "4", "5", 9, "15"]
    assert read(elide(circles(16), {"7"}, 8)) == ["0", "1", "2", "3", 3, "7", 7, "15"]


@pytest.mark.parametrize("wanted", [set(), {"0"}, {"4"}, {"9", "10"}, {"18", "2"}])
@pytest.mark.parametrize("limit", [5, 6, 8, 19])
def test_eliding_loses_no_circle(wanted, limit):
    """Circles shown and left out add up, the wanted are shown, and the rows suffice."""
    slots = elide(circles(20), wanted, limit)
    names = [slot.name for slot in slots if not isinstance(slot, int)]
    assert len(names) + sum(slot for slot in slots if isinstance(slot, int)) == 20
    assert wanted <= set(names)
    assert names[0] == "0" or isinstance(slots[0], int)
    assert len(slots) <= limit
    assert all(slot > 1 for slot in slots if isinstance(slot, int))


def test_more_wanted_circles_than_rows_are_all_shown():
    """A route through every circle keeps every circle."""
    assert read(elide(circles(12), {f"{i}" for i in range(12)}, 8)) == [f"{i}" for i in range(12)]


def test_circles_with_rows_of_their_own_are_not_elided():
    """Who gives the rows has decided."""
    column = [Circle(f"{i}", 0, (("x", "1"),), row=i) for i in range(10)]
    assert len(elide(column, set(), 8)) == 10


LONG = Network(
    ("", ""),
    (
        Circle("x", 0, (("n" * 50, "1" * 50), ("y", "2"))),
        Circle("y", 1, (("w_1,13,22", "-0.003159356"),)),
    ),
)


@pytest.mark.parametrize("network", [*EXAMPLES.values(), LONG], ids=[*EXAMPLES, "long"])
def test_texts_fit_their_circles(network):
    """The corners of every text lie inside the rim."""
    for disc in arrange(network, 8).discs:
        halves = len(disc.texts)
        for label, value in disc.texts:
            half = max(width(label, 15), width(value, 12.5)) / 2
            reach = half if halves == 1 else 0.46 * disc.radius + half
            assert hypot(reach, 14) < disc.radius


def test_long_texts_are_cut():
    """A label or a value of any length leaves the circle its size."""
    disc = arrange(LONG, 8).discs[0]
    assert disc.radius < 60
    assert disc.texts[0][0][-1].text.endswith("…")


@pytest.mark.parametrize("value", ["−0.0309", "−1.23×10⁻³⁰⁸"])
def test_numbers_are_never_cut(value):
    """9.37… for 9.37×10⁹⁷ would be another number."""
    circle = Circle("h", 0, (("a_11", value), ("h_11", value)), "hidden")
    (disc,) = arrange(Network(("",), (circle,)), 8).discs
    assert ["".join(run.text for run in line) for _, line in disc.texts] == [value, value]
