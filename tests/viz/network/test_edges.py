"""Links run from circle to circle, around those in their way."""

from itertools import combinations
from math import hypot

import pytest
from network_examples import w131, wide

from viz.network.layout import arrange
from viz.network.model import Circle, Link, Network
from viz.svg.text import width


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
    for track in (first, second):
        assert shared.line.away(*track.at(0.5)) == pytest.approx(2.8, rel=1e-9)
    assert len(edges["x1", "h3"].tracks) == 1, "a highlighted link is one stroke"
    assert not edges["x2", "h3"].on_route


def test_links_of_hidden_circles_are_not_drawn():
    """An elided circle takes its links along, but never one on a route."""
    arrangement = arrange(wide(), 8)
    shown = {disc.circle.name for disc in arrangement.discs}
    assert {"h17", "h25"} <= shown
    assert {dots.count for dots in arrangement.dots} == {2, 8, 9}
    assert all(set(edge.link.ends) <= shown for edge in arrangement.edges)


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


def test_a_label_takes_room_for_its_frame():
    """A plain label has a narrow margin; a framed one is bold, and wide enough for any font."""
    edges = {edge.link.ends: edge for edge in arrange(w131(), 8).edges}
    framed = edges["x1", "h3"]
    assert framed.label_size == (width(framed.label, 14, bold=True) * 1.17 + 14, 25)
    plain = edges["x2", "h3"]
    routed = next(edge for edge in edges.values() if edge.on_route)
    assert plain.label_size == (width(plain.label, 12.5) + 5, 13.5)
    assert routed.label_size == (width(routed.label, 12.5, bold=True) + 5, 13.5)
