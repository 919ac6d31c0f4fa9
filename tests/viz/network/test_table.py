"""The table of routes stands near them, in the clear, with its points in line."""

import pytest
from network_examples import EXAMPLES, chain, w131

from viz.network.labels import place_labels
from viz.network.layout import arrange
from viz.network.model import Circle, Link, Network, Route
from viz.network.table import lay_out_table, place_table
from viz.svg.text import width


def read(word):
    """Return the text of a word."""
    return "".join(run.text for run in word.line)


def place(network):
    """Return the arrangement, the labels' rectangles and the table's rectangle."""
    arrangement = arrange(network, 8)
    labels = [label.rect for label in place_labels(arrangement.edges, arrangement.discs)]
    table = lay_out_table(network)
    assert table is not None
    return arrangement, labels, place_table(table, arrangement, labels, network.routes)


def test_the_table_says_all():
    """Title, legends, figures, sum and footnote are all there, in this order."""
    table = lay_out_table(w131())
    words = [read(word) for word in table.words]
    assert words[:3] == ["∂L/∂w131, route by route", "a21 → ŷ1", "−0.003159"]
    assert words[9:11] == ["sum", "+0.003159"]
    assert " ".join(words[11:]) == w131().footnote
    assert [route.colour for route, _ in table.samples] == [0, 1, 0, 1]
    rows = [39.5, 64.5, 89.5, 114.5]
    assert [y for _, y in table.samples] == rows
    assert [word.y for word in table.words[1:9:2]] == rows
    assert (table.rule, table.words[9].y) == (132, 148.5)
    notes = table.words[11:]
    assert [word.y for word in notes] == [173 + 16 * k for k in range(len(notes))]
    assert table.height == 161 + 16 * len(notes) + 4


@pytest.mark.parametrize(
    "figures", [("-0.5", "+0.123"), ("12", "-3.25"), ("1.2×10⁻⁷", "100"), ("", "0.5")]
)
def test_points_line_up(figures):
    """Decimal points of figures of any length stand below each other, inside the table."""
    network = chain()
    routes = tuple(Route(0, (("x", "h_1"),), "route", contribution=figure) for figure in figures)
    table = lay_out_table(
        Network(network.headings, network.circles, network.links, routes, total="7.125")
    )
    points = []
    for word in table.words:
        text = read(word)
        end = word.x + width(word.line, word.size, bold=word.bold)
        assert end <= table.width + 1e-9
        if any(character.isdigit() for character in text):
            tail = word.line[0].text.partition(".")
            bold = word.bold
            after = type(word.line[0])(tail[1] + tail[2])
            points.append(end - width((after,), word.size, bold=bold))
    assert points == pytest.approx([points[0]] * len(points), rel=1e-9)


def test_words_do_not_collide():
    """No two words of a table overlap, and all lie inside it."""
    long = "a legend that goes on for very much longer than anybody would care to read it"
    network = chain()
    route = Route(0, (("x", "h_1"),), long, "-0.123456789012345678901234567890")
    for example in (
        w131(),
        Network(network.headings, network.circles, network.links, (route,) * 2, long * 2, "1"),
    ):
        table = lay_out_table(example)
        rects = [
            (w.x, w.y - 7, w.x + width(w.line, w.size, bold=w.bold), w.y + 7) for w in table.words
        ]
        for i, (left, top, right, bottom) in enumerate(rects):
            assert left >= 0
            assert top >= 0
            assert right <= table.width + 1e-9
            assert bottom <= table.height
            for other in rects[:i]:
                assert (
                    left >= other[2] or right <= other[0] or top >= other[3] or bottom <= other[1]
                )


def test_nothing_to_say_is_no_table():
    """Without routes, title, sum and note there is no table; a note alone makes one."""
    assert lay_out_table(chain()) is None
    assert read(lay_out_table(EXAMPLES["relu"]).words[0]).startswith("The")


def test_a_route_without_words_still_shows_its_look():
    """A route's sample is drawn even if it has neither legend nor figure."""
    network = chain()
    route = Route(2, (("x", "h_1"),), "")
    table = lay_out_table(Network(network.headings, network.circles, network.links, (route,)))
    assert table.words == ()
    assert len(table.samples) == 1


@pytest.mark.parametrize("name", ["w131", "w121", "relu", "wide"])
def test_the_table_stands_in_the_clear(name):
    """The table covers no circle, no label and no link."""
    arrangement, labels, rect = place(EXAMPLES[name])
    assert not any(rect.meets(label) for label in labels)
    assert not any(rect.meets(disc.rect) for disc in arrangement.discs)
    assert not any(rect.meets(dots.rect) for dots in arrangement.dots)
    assert not any(edge.line.inside(rect) for edge in arrangement.edges)


def test_the_table_stands_near_its_routes():
    """For w_131 it is right of the hidden layer and beneath the outputs, flush with a column."""
    arrangement, _, rect = place(w131())
    discs = {disc.circle.name: disc for disc in arrangement.discs}
    assert rect.left > discs["h3"].rect.right
    names = {name for route in w131().routes for ends in route.links[1:] for name in ends}
    assert rect.x == pytest.approx(sum(discs[name].x for name in names) / len(names), abs=20)
    assert 0 < rect.top - discs["a2"].rect.bottom < 60
    edges = [
        edge for disc in arrangement.discs for edge in (disc.rect.left, disc.rect.right, disc.x)
    ]
    assert min(abs(x - edge) for x in (rect.left, rect.right, rect.x) for edge in edges) < 1e-9


def test_a_table_may_end_where_the_drawing_ends():
    """For w_121 it is flush with the last circle."""
    arrangement, _, rect = place(EXAMPLES["w121"])
    assert rect.right == pytest.approx(max(disc.rect.right for disc in arrangement.discs))


def test_a_table_wider_than_the_drawing_is_centred_below():
    """A drawing too narrow for its table has it below, about its middle."""
    network = Network(
        ("", ""),
        (Circle("x", 0, (("x", "1"),)), Circle("y", 1, (("y", "1"),))),
        (Link("x", "y"),),
        (Route(0, (("x", "y"),), "a rather long legend for such a small drawing", "+0.25"),),
    )
    arrangement, _, rect = place(network)
    left, right = (disc.rect for disc in arrangement.discs)
    assert rect.x == pytest.approx((left.left + right.right) / 2, rel=1e-12)
    assert rect.top > left.bottom


def test_a_table_stands_centred_below_its_column():
    """Where the middle column is nearest to the routes, the table has the column's x."""
    names = "xhy"
    circles = tuple(Circle(name, k, ((name, "1"),)) for k, name in enumerate(names))
    route = Route(0, (("x", "h"),), "r", "1")
    links = (Link("x", "h"), Link("h", "y"))
    arrangement, _, rect = place(Network(("",) * 3, circles, links, (route,)))
    assert rect.width < arrangement.xs[2]
    assert rect.x == pytest.approx(arrangement.xs[1])
