"""`viz.boundary`: the picture of a decision boundary."""

import re
import sys
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from engine.errors import MissingExtraError, UnknownNameError
from nn import MLP, data
from viz.boundary.picture import draw_boundary, mark_number, ticks
from viz.svg.theme import DARK, LIGHT

SVG = "{http://www.w3.org/2000/svg}"
UPHILL = MLP.from_weights([[[1.0, 0.0]]])


def picture(**options):
    """A picture with a right sample of each class and a wrong one."""
    X, y = [[-1.0, 0.0], [1.0, 1.0], [0.5, 0.5]], [0, 1, 0]
    return draw_boundary(UPHILL, X, y, cells=8, **options)


def test_regions_samples_and_words():
    """Each class has three shades and marks, the wrong sample a ring; the boundary is drawn."""
    root = ET.fromstring(picture(theme="light", title="Uphill of x_1").svg())
    inner = root.find(f"{SVG}svg")
    paths = inner.findall(f"{SVG}path")
    shades = [p.get("fill") for p in paths if p.get("fill-opacity")]
    assert shades == [LIGHT.routes[0]] * 3 + [LIGHT.routes[1]] * 3
    (border,) = [p for p in paths if p.get("stroke") == LIGHT.ink]
    # x = 0 lies halfway between left and right of the frame, where the score changes sign
    places = [pair.split()[0] for pair in border.get("d").strip("MZ").split("L")]
    middle = float(inner.get("width")) / 2
    assert any(float(place) == pytest.approx(middle, abs=0.1) for place in places)
    discs = inner.findall(f"{SVG}circle")
    assert [d.get("r") for d in discs] == ["9", "4.6", "4.6"]
    assert len(inner.findall(f"{SVG}polygon")) == 1
    words = "".join(root.itertext())
    for word in ("2 of 3 samples right", "class 0", "class 1", "Uphill of"):
        assert word in words
    assert root.get("aria-label") == "Uphill of x_1"
    left, top = float(inner.get("x")), float(inner.get("y"))
    bottom = top + float(inner.get("height"))
    strokes = [re.findall(r"-?[\d.]+", p.get("d")) for p in root.findall(f"{SVG}path")]
    for x0, y0, x1, y1 in (map(float, stroke) for stroke in strokes):
        down = (y0, y1) == pytest.approx((bottom, bottom + 5), abs=0.02)
        aside = (x0, x1) == pytest.approx((left - 5, left), abs=0.02)
        assert down != aside, "ticks stand outside the map"
    axes = [e for e in root.findall(f"{SVG}text") if "".join(e.itertext()) in {"x1", "x2"}]
    assert [e.get("font-size") for e in axes] == ["15", "15"]


def test_a_model_that_knows_one_class_has_no_boundary():
    """A region that is empty is left out, and so is the line."""
    model = MLP.from_weights([[[0.0, 0.0]]], [[1.0]])
    svg = draw_boundary(model, [[0.0, 0.0], [1.0, 1.0]], [0, 1], theme="light", cells=4).svg()
    assert svg.count("fill-opacity") == 3 - 1, "all of it is at the usual margin, none above"
    assert f'stroke="{LIGHT.ink}" stroke-width="1.6" stroke-linejoin' in svg


def test_many_classes_have_marks_of_their_own():
    """Six classes look different without any colour."""
    model = MLP(2, [6], seed=1)
    root = ET.fromstring(draw_boundary(model, *data.blobs(60, classes=6), cells=10).svg())
    marks = root.findall(f"{SVG}polygon")  # those of the legend
    assert sorted(len(m.get("points").split()) for m in marks) == [3, 3, 4, 4, 6]


@pytest.mark.parametrize("classes", [2, 3, 6, 7, 12, 20])
def test_the_legend_has_room_for_many_classes(classes):
    """Its words overprint neither each other nor what stands beside it, nor the map."""
    drawing = draw_boundary(MLP(2, [classes], seed=1), *data.blobs(60, classes=classes), cells=4)
    root = ET.fromstring(drawing.svg())
    places = [
        (float(text.get("y")), float(text.get("x")), float(text.get("textLength")))
        for text in root.findall(f"{SVG}text")
        if not text.get("text-anchor")
    ]
    top = float(root.find(f"{SVG}svg").get("y"))
    heading = sorted(place for place in places if place[0] < top - 5)
    assert len(heading) == 2 + classes
    if classes > 7:  # the legend has rows of its own, its columns flush with the title
        assert min(x for _, x, _ in heading[2:]) == heading[0][1] + 16
    for (y, x, wide), (below, right, _) in pairwise(heading):
        assert below > y + 15 or right > x + wide + 12
    assert all(x + wide < float(root.get("width")) for _, x, wide in heading)


def test_marks_are_paired_with_other_colours_when_used_up():
    """Class 6 has the colour of class 0, but another mark."""
    seen = {(mark_number(label), LIGHT.route(label)) for label in range(36)}
    assert len(seen) == 36


def test_columns_of_other_units_fill_a_square():
    """What is no plane of one unit is not drawn to scale."""
    X, y = [[-100.0, 0.0], [100.0, 1.0]], [0, 1]
    root = ET.fromstring(draw_boundary(UPHILL, X, y, cells=8, theme="light").svg())
    inner = root.find(f"{SVG}svg")
    assert inner.get("width") == inner.get("height")


def test_themes():
    """A picture is light, dark, or both; a picture for both carries the dark colours in a rule."""
    both = picture().svg()
    assert f"prefers-color-scheme:dark){{.boundary-fill-ink{{fill:{DARK.ink}}}" in both
    assert f'fill="{LIGHT.paper}"' in both
    dark = picture(theme="dark").svg()
    assert "prefers" not in dark
    assert LIGHT.routes[0] not in dark
    with pytest.raises(UnknownNameError, match="'auto', 'light' or 'dark'"):
        picture(theme="blue")


def test_files(tmp_path):
    """The picture is written as SVG, as a page, and as pixels; the same every time."""
    drawing = picture()
    assert drawing.save(tmp_path / "b.svg").read_text("utf-8") == picture().source
    assert "<svg" in drawing.save(tmp_path / "b.html").read_text("utf-8")
    pytest.importorskip("cairosvg")
    assert drawing.save(tmp_path / "b.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(UnknownNameError, match=r"b\.gif"):
        drawing.save(tmp_path / "b.gif")


def test_png_without_cairosvg(monkeypatch):
    """The missing package is named with its command."""
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    with pytest.raises(MissingExtraError, match=r"of a boundary needs .*everypath\[png\]"):
        picture().png()


def test_shows_itself():
    """In a notebook it is a picture, elsewhere a line."""
    drawing = picture()
    assert repr(drawing) == "<BoundaryDrawing of 3 samples in 2 classes>"
    assert drawing._repr_mimebundle_()["image/svg+xml"] == drawing.svg()


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (0.0, 1.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-3.0, 0.5, [-3.0, -2.0, -1.0, 0.0]),
        (0.0, 30.0, [0, 5, 10, 15, 20, 25, 30]),
        (99.0, 101.1, [99.0, 99.5, 100.0, 100.5, 101.0]),
    ],
)
def test_ticks(low, high, found):
    """Ticks are round numbers within the axis."""
    assert ticks(low, high) == pytest.approx(found)


def test_a_long_title_is_cut_and_ticks_differ():
    """A title stays in the picture; numbers that lie close to each other get more digits."""
    points = [[12000 + k / 10, float(k)] for k in range(10)]
    svg = draw_boundary(MLP(2, [1], seed=0), points, [0, 1] * 5, title="A long title " * 9).svg()
    drawn = svg.partition("</title>")[2]
    assert "A long title A long title" in drawn
    assert ("A long title " * 9).strip() not in drawn
    assert all(f">12000{text}<" in svg for text in ("", ".2", ".4"))
