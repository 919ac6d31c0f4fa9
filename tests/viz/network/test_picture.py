"""The network picture: well-formed, legible, nothing over anything else, nothing cut off."""

import re
from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_examples import EXAMPLES, chain, w131, wide

from viz.network.picture import Circle, Link, Network, Route, describe, network_svg
from viz.svg.geometry import Rect, Segment
from viz.svg.text import Run, width
from viz.svg.theme import DARK, LIGHT

SVG = "{http://www.w3.org/2000/svg}"


def drawn(network, *args, **options):
    """Return the root element of a picture."""
    return ET.fromstring(network_svg(network, *args, **options))


def frame(root):
    """Return the visible area."""
    left, top, wide_, high = map(float, root.get("viewBox").split())
    return Rect(left, top, left + wide_, top + high)


def said(element):
    """Return the text of an element."""
    return "".join(element.itertext())


def text_box(element):
    """Return the room a text element takes, measured in Helvetica."""
    size, bold = float(element.get("font-size")), element.get("font-weight") == "bold"
    length = width((Run(element.text or ""),), size, bold=bold)
    for span in element:
        span_size = float(span.get("font-size", size))
        length += width((Run(span.text),), span_size, bold=bold) + float(span.get("dx", 0))
        length += width((Run(span.tail or ""),), size, bold=bold)
    x, y = float(element.get("x")), float(element.get("y"))
    if element.get("text-anchor") == "middle":
        x -= length / 2
    return Rect(x, y - 0.72 * size, x + length, y)


def strokes(root):
    """Return each straight stroke with its element."""
    found = []
    for element in root.iter(f"{SVG}path"):
        numbers = [float(n) for n in re.findall(r"-?[\d.]+", element.get("d"))]
        if len(numbers) == 4:
            found.append((Segment(*numbers), element))
    return found


@pytest.mark.parametrize("network", EXAMPLES.values(), ids=EXAMPLES)
def test_no_two_texts_overlap(network):
    """No text of the picture touches another, and none leaves the frame."""
    root = drawn(network)
    texts = list(root.iter(f"{SVG}text"))
    rects = [text_box(text) for text in texts]
    for (one, a), (other, b) in combinations(zip(rects, texts, strict=True), 2):
        assert not one.meets(other), (said(a), said(b))
    page = frame(root)
    for rect in rects:
        assert page.holds(rect.left, rect.top)
        assert page.holds(rect.right, rect.bottom)


@pytest.mark.parametrize("network", EXAMPLES.values(), ids=EXAMPLES)
def test_nothing_is_drawn_outside_the_frame(network):
    """Circles, frames and strokes lie inside the viewBox with their outlines."""
    root = drawn(network)
    page = frame(root).grown(-4)
    for circle in root.iter(f"{SVG}circle"):
        x, y, r = (float(circle.get(name)) for name in ("cx", "cy", "r"))
        assert page.holds(x - r, y - r)
        assert page.holds(x + r, y + r)
    for line, _ in strokes(root):
        assert page.holds(line.x0, line.y0)
        assert page.holds(line.x1, line.y1)


@pytest.mark.parametrize("network", EXAMPLES.values(), ids=EXAMPLES)
def test_no_stroke_runs_through_a_text(network):
    """Links are broken where a label stands; only a framed label may lie over one."""
    root = drawn(network)
    frames = [
        Rect.around(
            float(rect.get("x")) + float(rect.get("width")) / 2,
            float(rect.get("y")) + float(rect.get("height")) / 2,
            float(rect.get("width")),
            float(rect.get("height")),
        )
        for rect in root.iter(f"{SVG}rect")
    ]
    for text in root.iter(f"{SVG}text"):
        rect = text_box(text)
        if not any(frame_.meets(rect) for frame_ in frames):
            for line, _ in strokes(root):
                assert line.inside(rect) is None, said(text)


@pytest.mark.parametrize("network", EXAMPLES.values(), ids=EXAMPLES)
def test_the_file_stands_alone(network):
    """No ids, scripts, references, or style attributes; the same bytes every time."""
    svg = network_svg(network)
    assert svg == network_svg(network)
    for element in ET.fromstring(svg).iter():
        assert element.tag.removeprefix(SVG) in {
            "svg",
            "title",
            "desc",
            "g",
            "path",
            "circle",
            "rect",
            "text",
            "tspan",
        }
        assert not {"id", "style", "class", "href"} & set(element.attrib)


def test_routes_are_drawn_in_their_colours():
    """Each of the four routes of w_131 is seen on every link it has to itself or shares."""
    root = drawn(w131())
    looks = [
        (element.get("stroke"), element.get("stroke-dasharray") is not None)
        for _, element in strokes(root)
    ]
    teal, orange = LIGHT.route(0), LIGHT.route(1)
    # Three links each; a label breaks h13 -> a2 in two; and one sample in the table.
    for look in ((teal, False), (orange, True), (teal, True), (orange, False)):
        assert looks.count(look) == 5
    assert looks.count((LIGHT.highlight, False)) == 2
    rims = {circle.get("stroke") for circle in root.iter(f"{SVG}circle")}
    assert {teal, orange} < rims


def test_the_table_shows_each_route_as_it_is_drawn():
    """A sample of its colour, dashed or not, stands before its name."""
    network = w131()
    samples = [
        (element.get("stroke"), element.get("stroke-dasharray") is not None)
        for stroke, element in strokes(drawn(network))
        if stroke.y0 == stroke.y1 and stroke.length == pytest.approx(36)
    ]
    assert samples == [(LIGHT.route(route.colour), route.dashed) for route in network.routes]


def test_three_dots_stand_for_circles_left_out():
    """They stand evenly above the words that count them."""
    root = drawn(wide())
    dots = [circle for circle in root.iter(f"{SVG}circle") if circle.get("r") == "2"]
    words = [t for t in root.iter(f"{SVG}text") if "".join(t.itertext()).endswith(" more")]
    assert len(dots) == 3 * len(words) > 3
    for text, *three in zip(words, dots[::3], dots[1::3], dots[2::3], strict=True):
        below = [float(text.get("y")) - float(dot.get("cy")) for dot in three]
        # The baseline lies 13 + 0.36 * 11 below the middle of the mark.
        assert below == pytest.approx([34.96, 26.96, 18.96], abs=0.02)


def test_numbers_have_true_minus_signs():
    """No hyphen stands for a minus anywhere in the picture of w_131."""
    texts = [said(text) for text in drawn(w131()).iter(f"{SVG}text")]
    assert "w131 = −0.3" in texts
    assert "−0.9" in texts
    assert not any("-" in text for text in texts)


def test_the_two_themes_differ_in_colours_only():
    """Light and dark have the same shapes at the same places."""
    colours = re.compile(r' (?:fill|stroke)="[^"]*"')
    light, dark = network_svg(w131()), network_svg(w131(), DARK)
    assert light != dark
    assert colours.sub("", light) == colours.sub("", dark)


def test_one_file_can_follow_the_readers_theme():
    """With dark colours given, the file is the light one plus classes and a media query."""
    both = network_svg(w131(), dark=DARK, prefix="n1-")
    assert re.sub(r' class="[^"]*"|<style>.*?</style>', "", both) == network_svg(w131())
    style = re.search("<style>(.*?)</style>", both)[1]
    assert style.startswith("@media (prefers-color-scheme:dark){.n1-")
    rules = dict(re.findall(r"\.([\w-]+)\{(?:fill|stroke):([^}]+)\}", style))
    used = {name for names in re.findall('class="([^"]*)"', both) for name in names.split()}
    assert used == set(rules)
    assert rules["n1-fill-ink"] == DARK.ink
    assert rules["n1-stroke-route-0"] == DARK.route(0)


def test_weights_become_colours_where_labels_have_no_room():
    """A dense layer shows signs by colour, with a key; beside routes by width alone."""
    plain = drawn(wide(routes=False))
    signs = {LIGHT.positive, LIGHT.negative}
    colours = [element.get("stroke") for _, element in strokes(plain)]
    assert signs <= set(colours)
    network = wide(routes=False)
    heavy = [replace(link, weight=link.weight and 3 * link.weight) for link in network.links]
    shaded = [
        float(element.get("stroke-width"))
        for stroke, element in strokes(drawn(replace(network, links=tuple(heavy))))
        if element.get("stroke") in signs and stroke.length > 28  # those of the key are shorter
    ]
    assert max(shaded) == 2, "the heaviest weight"
    assert min(shaded) >= 0.4
    texts = [said(text) for text in plain.iter(f"{SVG}text")]
    assert texts[-2:] == ["positive weight", "negative weight"]
    widths = {element.get("stroke-width") for _, element in strokes(drawn(wide()))}
    assert len(widths) > 20
    beside_routes = [element.get("stroke") for _, element in strokes(drawn(wide()))]
    assert LIGHT.negative not in beside_routes
    # The one route: a link broken by its label and a sample; the highlight has its own colour.
    assert beside_routes.count(LIGHT.route(0)) == 3


def test_weights_that_are_no_numbers_stay_plain():
    """Infinite and missing weights in a dense layer are drawn as plain links."""
    network = wide(routes=False)
    odd = replace(
        network,
        links=tuple(
            replace(link, weight=(None, float("inf"), float("nan"))[index % 3])
            for index, link in enumerate(network.links)
        ),
    )
    assert {element.get("stroke") for _, element in strokes(drawn(odd))} == {LIGHT.line}


def test_zero_weights_are_drawn():
    """A dense layer of zeros divides by nothing."""
    network = wide(routes=False)
    zeros = replace(network, links=tuple(replace(link, weight=0.0) for link in network.links))
    assert "0.4" in {element.get("stroke-width") for _, element in strokes(drawn(zeros))}


def test_a_link_with_routes_of_two_colours_has_a_neutral_label():
    """A label that belongs to two colours has neither."""
    network = replace(
        chain(),
        routes=tuple(Route(colour, (("x", "h_1"),), "r", "1") for colour in (0, 1)),
    )
    (label,) = [t for t in drawn(network).iter(f"{SVG}text") if said(t) == "w1 = 0.8"]
    assert label.get("fill") == LIGHT.ink
    assert label.get("font-weight") == "bold"


def test_a_circle_with_one_text_has_it_in_the_middle():
    """Without a value, the name stands in the middle of the circle."""
    root = drawn(Network(("",), (Circle("x", 0, (("x", ""),)), Circle("y", 0, (("", "2"),)))))
    rims = [float(circle.get("cy")) for circle in root.iter(f"{SVG}circle")]
    texts = [text_box(text) for text in root.iter(f"{SVG}text") if said(text)]
    assert [rect.y for rect in texts] == pytest.approx(rims, abs=0.1)


def test_the_picture_can_be_heard():
    """The title and the description name what is seen."""
    root = drawn(w131())
    assert said(root.find(f"{SVG}title")) == "The gradient of w 131, route by route"
    description = said(root.find(f"{SVG}desc"))
    assert description == describe(w131())
    assert "inputs: x 1 = 2, x 2 = 5" in description
    assert "a 22 → ŷ 1 (dashed): +0.004739." in description
    assert "Sum: +0.003159." in description
    assert root.get("role") == "img"


def test_long_columns_are_not_read_in_full():
    """The description counts what it does not list."""
    assert "and 8 more circles" in describe(wide())
    gap = Network(("in", ""), (Circle("x", 0, (("x", "2"),)),))
    assert describe(gap) == "in: x = 2."
    assert describe(chain()).startswith("column 1: x = 0.5. column 2: h 1 = 0.5.")


HOSTILE = ["<script>alert(1)</script>", "]]>", "a & b", "\x00\x1b", "\ud800", "\"'", "数" * 40]


@pytest.mark.parametrize("label", HOSTILE)
def test_hostile_labels_stay_text(label):
    """Whatever a label holds, it is text, and the file is well-formed."""
    network = Network(
        (label, label),
        (Circle(label, 0, ((label, label),)), Circle("y", 1, (("y", label), (label, "1")))),
        (Link(label, "y", label, style="highlight"),),
        (Route(0, ((label, "y"),), label, label),),
        label,
        label,
        label,
        label,
    )
    svg = network_svg(network, dark=DARK)
    root = ET.fromstring(svg.encode())
    assert "<script" not in svg
    page = frame(root)
    for text in root.iter(f"{SVG}text"):
        assert page.meets(text_box(text))


@settings(max_examples=10)
@given(st.lists(st.integers(1, 10), min_size=1, max_size=3), st.text(max_size=12))
def test_any_network_gives_a_picture(sizes, label):
    """Layers of any size and labels of any kind give a well-formed picture without overlap."""
    layers = [[f"{c}.{i}" for i in range(size)] for c, size in enumerate(sizes)]
    circles = tuple(
        Circle(name, c, ((label, "0.5"),)) for c, layer in enumerate(layers) for name in layer
    )
    links = tuple(
        Link(a, b, label, 0.5) for left, right in pairwise(layers) for a in left for b in right
    )
    root = drawn(Network((label,) * len(sizes), circles, links))
    rects = [text_box(text) for text in root.iter(f"{SVG}text") if said(text)]
    assert not any(one.meets(other) for one, other in combinations(rects, 2))


def test_a_label_interrupts_a_link_that_bends():
    """The stroke goes around the circle in one piece up to the label, and on behind it."""
    network = Network(
        ("", "", ""),
        tuple(Circle(name, k, ((name, "1"),)) for k, name in enumerate("xhy")),
        (Link("x", "h"), Link("h", "y"), Link("x", "y", "0.5")),
    )
    pieces = [element.get("d").count("L") for element in drawn(network).iter(f"{SVG}path")]
    heads = [2, 2, 2]
    assert sorted(pieces) == sorted([1, 1, *heads, 1, 3])


def test_circles_on_a_route_have_thicker_rims():
    """The circles that a route passes stand out against the others."""
    network = replace(chain(), routes=(Route(0, (("x", "h_1"), ("h_1", "h_2")), "r", "1"),))
    rims = [circle.get("stroke-width") for circle in drawn(network).iter(f"{SVG}circle")]
    assert rims == ["2.2"] * 3 + ["1.5"] * 2


def test_written_weights_are_not_shown_by_colour():
    """Where every label of a layer has room, its links stay plain and there is no key."""
    network = Network(
        ("", ""),
        (Circle("x", 0, (("x", "1"),)), Circle("y", 1, (("y", "1"),))),
        (Link("x", "y", "w", 0.5),),
    )
    root = drawn(network)
    assert {element.get("stroke") for _, element in strokes(root)} == {LIGHT.line}
    assert "positive weight" not in [said(text) for text in root.iter(f"{SVG}text")]


def test_the_frame_follows_what_is_drawn():
    """A link that bends past three circles makes the frame of a rising chain no larger."""
    names = "xabcy"
    circles = (Circle(n, k, ((n, "1"),), row=4 - k) for k, n in enumerate(names))
    links = [*(Link(*ends) for ends in pairwise(names)), Link("x", "y")]
    root = drawn(Network(("",) * 5, tuple(circles), tuple(links)))
    rims = [
        Rect.around(float(c.get("cx")), float(c.get("cy")), *[2 * float(c.get("r"))] * 2)
        for c in root.iter(f"{SVG}circle")
    ]
    page, hull = frame(root), Rect.hull(rims).grown(26)
    assert (page.left, page.top) == pytest.approx((hull.left, hull.top), abs=0.1)
    assert (page.right, page.bottom) == pytest.approx((hull.right, hull.bottom), abs=0.1)
