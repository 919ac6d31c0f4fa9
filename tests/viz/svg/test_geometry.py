"""Boxes and strokes, and what they hit."""

from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.svg.geometry import Rect, Segment

UNIT = Rect(0, 0, 2, 1)
number = st.integers(-40, 40).map(lambda n: n / 8)


def test_a_box_has_a_size_and_a_middle():
    """Size and middle give back the rectangle."""
    rect = Rect.around(1, 2, 4, 6)
    assert (rect.width, rect.height, rect.x, rect.y) == (4, 6, 1, 2)
    assert rect.grown(1) == Rect(-2, -2, 4, 6)
    assert Rect.hull([rect, Rect(10, 0, 11, 1)]) == Rect(-1, -1, 11, 5)


def test_boxes_that_touch_do_not_meet():
    """A shared border is no overlap."""
    assert UNIT.meets(Rect(1, 0.5, 3, 3))
    assert not UNIT.meets(Rect(2, 0, 3, 1))
    assert not UNIT.meets(Rect(0, 1, 2, 2))
    assert UNIT.holds(2, 1)
    assert not UNIT.holds(2.1, 1)


def test_a_disc_reaches_into_a_box():
    """The nearest point of the rectangle decides."""
    assert UNIT.meets_disc(1, 0.5, 0.1)
    assert UNIT.meets_disc(3, 2, 1.5)
    assert not UNIT.meets_disc(3, 2, 1.4)


def test_a_stroke_is_clipped():
    """A stroke enters and leaves a rectangle where it should."""
    assert Segment(-1, 0.5, 3, 0.5).inside(UNIT) == (0.25, 0.75)
    assert Segment(1, -1, 1, 3).inside(UNIT) == (0.25, 0.5)
    assert Segment(-1, 2, 3, 2).inside(UNIT) is None
    assert Segment(-3, 0, 0, 3).inside(UNIT) is None
    assert Segment(0.5, 0.5, 1, 0.5).inside(UNIT) == (0, 1)


@given(number, number, number, number)
def test_clipping_agrees_with_sampling(x0, y0, x1, y1):
    """Points of the stroke in the rectangle are those between entry and exit."""
    stroke = Segment(x0, y0, x1, y1)
    found = stroke.inside(UNIT)
    for step in range(65):
        t = step / 64
        if UNIT.grown(-1e-9).holds(*stroke.at(t)):
            assert found is not None
            assert found[0] - 1e-9 <= t <= found[1] + 1e-9
        elif not UNIT.grown(1e-9).holds(*stroke.at(t)) and found is not None:
            assert not found[0] + 1e-9 < t < found[1] - 1e-9


def test_strokes_cross_in_one_point():
    """Two strokes cross within their length, or not at all."""
    assert Segment(0, 0, 4, 4).crossing(Segment(0, 2, 2, 0)) == (1, 1)
    assert Segment(0, 0, 1, 1).crossing(Segment(0, 4, 4, 0)) is None
    assert Segment(0, 4, 4, 0).crossing(Segment(0, 0, 1, 1)) is None
    assert Segment(0, 0, 1, 1).crossing(Segment(1, 0, 2, 1)) is None


def test_a_shifted_stroke_keeps_its_distance():
    """Shifting moves both ends across the stroke, to the right of its direction."""
    stroke = Segment(0, 0, 3, 4)
    shifted = stroke.shifted(2)
    assert stroke.length == 5
    assert hypot(shifted.x0, shifted.y0) == pytest.approx(2, rel=1e-12)
    assert 3 * shifted.x0 + 4 * shifted.y0 == pytest.approx(0, abs=1e-12)
    assert shifted.y0 > 0
    assert stroke.part(0.2, 0.4) == Segment(*stroke.at(0.2), *stroke.at(0.4))


def test_how_far_a_point_is_from_a_stroke():
    """Beside the stroke the distance is across it, beyond an end it is from the end."""
    stroke = Segment(0, 0, 4, 0)
    assert stroke.away(1, 3) == 3
    assert stroke.away(-3, 4) == 5
    assert stroke.away(7, -4) == 5
