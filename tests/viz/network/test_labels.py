"""Labels of links cover nothing they should not."""

from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_examples import EXAMPLES, w131, wide

from viz.network.labels import place_labels
from viz.network.layout import arrange
from viz.network.model import Circle, Link, Network, Route


def placed(network, max_rows=8):
    """Return the arrangement of a network and its labels."""
    arrangement = arrange(network, max_rows)
    return arrangement, place_labels(arrangement.edges, arrangement.discs)


def check(arrangement, labels):
    """Assert that no label covers another, a circle, a foreign link or a crossing."""
    for one, other in combinations(labels, 2):
        assert not one.rect.meets(other.rect), (one.edge.link, other.edge.link)
    for label in labels:
        for disc in arrangement.discs:
            assert not label.rect.meets_disc(disc.x, disc.y, disc.radius)
        others = [edge for edge in arrangement.edges if edge is not label.edge]
        if label.edge.link.style != "highlight":
            for edge in others:
                assert not edge.runs_through(label.rect)


def layered(sizes, highlighted=0):
    """Return a network whose layers are fully linked, with some links highlighted."""
    layers = [[f"{c}.{i}" for i in range(size)] for c, size in enumerate(sizes)]
    circles = tuple(
        Circle(name, c, (("h_1", "0.5"),)) for c, layer in enumerate(layers) for name in layer
    )
    pairs = [(a, b) for left, right in pairwise(layers) for a in left for b in right]
    links = tuple(
        Link(a, b, "w_1 = -0.25", style="highlight" if i < highlighted else "plain")
        for i, (a, b) in enumerate(pairs)
    )
    return Network(("",) * len(sizes), circles, links)


@pytest.mark.parametrize("network", EXAMPLES.values(), ids=EXAMPLES)
def test_labels_of_the_examples_are_clear(network):
    """In the networks that lectures draw, every label stands clear."""
    arrangement, labels = placed(network)
    check(arrangement, labels)
    assert labels == placed(network)[1], "the same every time"


@pytest.mark.parametrize("name", ["w131", "chain", "w121", "relu"])
def test_small_networks_keep_all_labels(name):
    """A textbook's network has room for every weight, each on its own link."""
    arrangement, labels = placed(EXAMPLES[name])
    assert {label.edge.link for label in labels} == {
        edge.link for edge in arrangement.edges if edge.label
    }
    assert all(label.edge.line.inside(label.rect) for label in labels)


def test_labels_of_a_layer_stand_in_line():
    """The plain weights between two columns share one x."""
    _, labels = placed(w131())
    for columns in ((0, 1), (1, 2)):
        xs = [
            label.rect.x
            for label in labels
            if label.edge.columns == columns and label.edge.link.style == "plain"
        ]
        assert xs == pytest.approx([xs[0]] * len(xs), rel=1e-12)


def test_the_frame_hides_no_crossing():
    """The framed weight of w_131 lies over no crossing of other links."""
    arrangement, labels = placed(w131())
    (frame,) = (label for label in labels if label.edge.link.style == "highlight")
    others = [edge for edge in arrangement.edges if edge is not frame.edge]
    crossings = [a.line.crossing(b.line) for a, b in combinations(others, 2)]
    assert not any(point and frame.rect.holds(*point) for point in crossings)
    assert sum(edge.line.inside(frame.rect) is not None for edge in others) <= 2


def test_a_dense_layer_keeps_only_what_matters():
    """Where not all weights fit, the plain ones go and the highlighted one stays."""
    arrangement, labels = placed(wide())
    check(arrangement, labels)
    dense = [label.edge.link for label in labels if label.edge.columns == (1, 2)]
    assert [link.style for link in dense] == ["highlight"]
    assert any(label.edge.columns == (2, 3) for label in labels), "the next layer has room"


def test_labels_on_routes_outlive_the_plain_ones():
    """A dense layer drops plain labels and keeps those on a route."""
    network = layered([6, 6])
    route = Route(0, (("0.0", "1.0"),), "r")
    with_route = Network(network.headings, network.circles, network.links, (route,))
    assert placed(network)[1] == ()
    arrangement, labels = placed(with_route)
    check(arrangement, labels)
    assert [label.edge.link.ends for label in labels] == [("0.0", "1.0")]


def test_too_many_frames_are_thinned():
    """Frames that would cover each other are left out."""
    network = layered([5, 5], highlighted=25)
    arrangement, labels = placed(network)
    check(arrangement, labels)
    assert 0 < len(labels) < 25


def test_too_many_labels_on_routes_are_thinned():
    """If even the labels on routes do not all fit, as many stay as do."""
    network = layered([6, 6])
    routes = tuple(Route(i, (link.ends,), "r") for i, link in enumerate(network.links))
    arrangement, labels = placed(Network(network.headings, network.circles, network.links, routes))
    check(arrangement, labels)
    assert 0 < len(labels) < 36


@settings(max_examples=10)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=3), st.integers(0, 3))
def test_labels_never_collide(sizes, highlighted):
    """Whatever the layers, no label covers another, a circle or a foreign link."""
    check(*placed(layered(sizes, highlighted)))


def test_a_label_with_room_stands_in_the_middle():
    """In a chain nothing keeps a label from the middle between its two circles."""
    _, labels = placed(EXAMPLES["chain"])
    assert len(labels) == 3
    for label in labels:
        assert (label.rect.x, label.rect.y) == pytest.approx(label.edge.line.at(0.5))


def test_a_frame_moves_aside_for_a_crossing():
    """The frame would rather lie over two links than over the point where one crosses its own."""
    network = layered([2, 3])
    links = [
        replace(link, style="highlight") if k == 1 else replace(link, label=None)
        for k, link in enumerate(network.links)
    ]
    arrangement, (frame,) = placed(replace(network, links=tuple(links)))
    crossings = [a.line.crossing(b.line) for a, b in combinations(arrangement.edges, 2)]
    assert not any(point and frame.rect.holds(*point) for point in crossings)
