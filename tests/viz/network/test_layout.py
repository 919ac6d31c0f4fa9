"""Circles and links find their places."""

from itertools import combinations
from math import hypot

import pytest
from network_examples import EXAMPLES, w131, wide

from engine.errors import ShapeError
from viz.network.layout import arrange, elide
from viz.network.model import Circle, Link, Network
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


def test_strokes_run_from_rim_to_rim():
    """Every stroke starts and ends just outside its circles, parallel ones too."""
    arrangement = arrange(w131(), 8)
    discs = {disc.circle.name: disc for disc in arrangement.discs}
    for edge in arrangement.edges:
        source, target = (discs[name] for name in edge.link.ends)
        for track in edge.tracks:
            (line,) = track.lines
            gaps = (
                hypot(line.x0 - source.x, line.y0 - source.y) - source.radius,
                hypot(line.x1 - target.x, line.y1 - target.y) - target.radius,
            )
            assert gaps == pytest.approx((1.5, 1.5), rel=1e-9)


def test_routes_that_share_a_link_run_side_by_side():
    """Each look of a route has a stroke of its own, at the same distance from the next."""
    edges = {edge.link.ends: edge for edge in arrange(w131(), 8).edges}
    shared = edges["y1", "L"]
    assert [(track.colour, track.dashed) for track in shared.tracks] == [(0, False), (1, True)]
    first, second = (track.lines[0] for track in shared.tracks)
    (ux, uy), length = (first.x1 - first.x0, first.y1 - first.y0), first.length
    apart = abs(ux * (second.y0 - first.y0) - uy * (second.x0 - first.x0)) / length
    assert apart == pytest.approx(5.6, rel=1e-9)
    assert shared.spread == pytest.approx(2.8, rel=1e-12)
    assert len(edges["x1", "h3"].tracks) == 1, "a highlighted link is one stroke"
    assert not edges["x2", "h3"].on_route


def test_links_of_hidden_circles_are_not_drawn():
    """An elided circle takes its links along, but never one on a route."""
    arrangement = arrange(wide(), 8)
    shown = {disc.circle.name for disc in arrangement.discs}
    assert {"h17", "h25"} <= shown
    assert {dots.count for dots in arrangement.dots} == {2, 8, 9}
    assert all(set(edge.link.ends) <= shown for edge in arrangement.edges)


def test_a_column_may_be_empty():
    """A heading without circles takes its place and nothing else."""
    network = Network(
        ("a", "", "b"),
        (Circle("x", 0, (("x", "1"),)), Circle("y", 2, (("y", "1"),))),
        (Link("x", "y", "w"),),
    )
    arrangement = arrange(network, 8)
    assert len(arrangement.columns) == 3
    assert arrangement.edges[0].columns == (0, 2)


def test_headings_keep_apart():
    """Long headings push their columns apart, very long ones are cut."""
    heading = "a heading of many words that goes on"
    columns = tuple(Circle(f"{i}", i, (("x", "1"),)) for i in range(2))
    arrangement = arrange(Network((heading, heading), columns), 8)
    left, right = arrangement.columns
    assert right - left > sum(width(line, 13.5) for line in arrangement.headings) / 2
    assert right - left < 300


@pytest.mark.parametrize("value", ["−0.0309", "−1.23×10⁻³⁰⁸"])
def test_numbers_are_never_cut(value):
    """9.37… for 9.37×10⁹⁷ would be another number."""
    circle = Circle("h", 0, (("a_11", value), ("h_11", value)), "hidden")
    (disc,) = arrange(Network(("",), (circle,)), 8).discs
    assert ["".join(run.text for run in line) for _, line in disc.texts] == [value, value]


def chained(*skips, rows=(None, None)):
    """Return a chain of circles in four columns, with links past some of them."""
    circles = [Circle(f"c{k}", k, ((f"c_{k}", "1"),)) for k in (0, 3)]
    for k, places in zip((1, 2), rows, strict=True):
        for j, row in enumerate(places or [None]):
            circles.append(Circle(f"c{k}" + "'" * j, k, ((f"c_{k}", "1"),), row=row))
    ends = [("c0", "c1"), ("c1", "c2"), ("c2", "c3"), *skips]
    return Network(("",) * 4, tuple(circles), tuple(Link(*pair) for pair in ends))


def test_a_link_past_a_layer_bends_around_its_circles():
    """No stroke runs through a circle between its ends, and no two bends lie on each other."""
    skips = [("c0", "c2"), ("c0", "c3"), ("c1", "c3")]
    arrangement = arrange(chained(*skips), 8)
    bends = {edge.link.ends: edge for edge in arrangement.edges if len(edge.lines) > 1}
    assert list(bends) == skips
    for edge in bends.values():
        (track,) = edge.tracks
        passed = [disc for disc in arrangement.discs if disc.circle.name not in edge.link.ends]
        assert all(line.away(d.x, d.y) > d.radius + 4 for line in track.lines for d in passed)
        assert edge.line == max(edge.lines, key=lambda line: line.length)
    middles = [edge.lines[1] for edge in bends.values()]
    assert all(a.away(*b.at(t)) > 8 for a, b in combinations(middles, 2) for t in (0, 0.5, 1))


def test_a_link_bends_around_the_dots_of_a_long_column():
    """Dots that stand for circles are in the way like these."""
    column = [Circle(f"h{k}", 1, (("h", "1"),)) for k in range(9)]
    ends = Circle("x", 0, (("x", "1"),), row=3), Circle("y", 2, (("y", "1"),), row=3)
    network = Network(("",) * 3, (ends[0], *column, ends[1]), (Link("x", "y"),))
    arrangement = arrange(network, 6)
    (edge,) = arrangement.edges
    assert all(
        line.away(place.x, place.y) > place.radius
        for line in edge.lines
        for place in (*arrangement.discs[1:-1], *arrangement.dots)
    )


def test_a_link_that_finds_no_way_around_stays_straight():
    """Two tall columns whose circles stand in each other's gaps leave no room for a bend."""
    rows = (list(range(24)), [row + 0.5 for row in range(24)])
    edges = {edge.link.ends: edge for edge in arrange(chained(("c0", "c3"), rows=rows), 8).edges}
    assert len(edges["c0", "c3"].lines) == 1
