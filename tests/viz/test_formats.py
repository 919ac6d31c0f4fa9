"""A drawing in its formats: files, pages, themes, with and without a renderer."""

import sys
import xml.etree.ElementTree as ET
from types import SimpleNamespace

import pytest

import engine.core.value
from engine import (
    MissingExtraError,
    OutputError,
    UnknownNameError,
    Value,
)
from nn.textbook import w131
from viz import draw
from viz.svg.theme import DARK, LIGHT


def square():
    """Record x * x + 2 * x."""
    x = Value(3.0, "x")
    return x * x + 2 * x


@pytest.fixture
def no_renderer(monkeypatch):
    """Hide every renderer."""
    monkeypatch.setenv("EVERYPATH_RENDERER", "no-such-renderer")


@pytest.mark.parametrize("suffix", [".svg", ".png", ".dot", ".mmd", ".html", ".SVG"])
def test_files(tmp_path, suffix):
    """Each format is written whole, and says what it is."""
    path = draw(square(), "nodes").save(tmp_path / f"g{suffix}")
    content = path.read_bytes()
    start = {
        ".svg": b"<svg",
        ".png": b"\x89PNG",
        ".dot": b"digraph everypath",
        ".mmd": b"flowchart LR",
        ".html": b"<!doctype html>",
    }[suffix.lower()]
    assert content.startswith(start)
    assert [p.name for p in tmp_path.iterdir()] == [f"g{suffix}"]


@pytest.mark.parametrize("suffix", [".svg", ".html"])
def test_files_of_the_network_view(tmp_path, suffix):
    """The network view is SVG or a page."""
    path = draw(w131()["L"], "network", highlight="w_131").save(tmp_path / f"g{suffix}")
    assert path.stat().st_size > 1000


def test_the_network_view_as_pixels(tmp_path, monkeypatch):
    """The light or dark picture, on its own page, goes to cairosvg."""
    asked = {}

    def svg2png(svg, **options):
        asked.update(options, svg=svg)
        return b"pixels"

    monkeypatch.setitem(sys.modules, "cairosvg", SimpleNamespace(svg2png=svg2png))
    path = draw(w131()["L"], "network", theme="dark").save(tmp_path / "g.png")
    assert path.read_bytes() == b"pixels"
    assert asked["background_color"] == DARK.paper
    assert DARK.ink in asked["svg"].decode()


def test_unknown_suffixes(tmp_path):
    """The error lists what can be written, and names the view that writes more."""
    with pytest.raises(UnknownNameError, match=r"'\.dot', '\.html', '\.mmd', '\.png', '\.svg'"):
        draw(square()).save(tmp_path / "g.jpeg")
    network = draw(w131()["L"], "network")
    with pytest.raises(UnknownNameError, match="view='milestones' and view='nodes'"):
        network.save(tmp_path / "g.dot")
    with pytest.raises(UnknownNameError, match=r"'\.html', '\.png', '\.svg'$"):
        network.save(tmp_path / "g")
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_written(tmp_path):
    """A folder that is not there is one clear error; nothing is left behind."""
    with pytest.raises(OutputError, match="nowhere"):
        draw(square()).save(tmp_path / "nowhere" / "g.dot")
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("no_renderer")
def test_text_needs_no_renderer(tmp_path):
    """Without any renderer there is still DOT and Mermaid; the rest says what to install."""
    drawing = draw(square())
    drawing.save(tmp_path / "g.dot")
    drawing.save(tmp_path / "g.mmd")
    with pytest.raises(engine.RenderError, match="graphviz-pure"):
        drawing.save(tmp_path / "g.svg")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["g.dot", "g.mmd"]
    assert draw(w131()["L"], "network").svg().startswith("<svg")


def test_themes():
    """Light and dark are fixed; auto has both and brings its page along."""
    y = square()
    light, dark, auto = (draw(y, theme=t).svg() for t in ("light", "dark", "auto"))
    assert LIGHT.ink in light
    assert DARK.ink in dark
    assert "prefers-color-scheme" not in light + dark
    assert "prefers-color-scheme" in auto
    assert f'fill="{LIGHT.paper}"' in auto
    net = w131()["L"]
    assert "prefers-color-scheme" in draw(net, "network").svg()
    assert "prefers-color-scheme" not in draw(net, "network", theme="dark").svg()
    with pytest.raises(UnknownNameError, match="'auto', 'light' or 'dark'"):
        draw(y, theme="pink")


def test_pages(tmp_path):
    """A page holds the picture once, is well-formed, and has the colours of its theme."""
    for theme, paper in (("auto", DARK.paper), ("dark", DARK.paper), ("light", LIGHT.paper)):
        page = draw(square(), theme=theme).save(tmp_path / "g.html").read_text("utf-8")
        assert paper in page
        assert page.count("<svg") == 1
        assert "<script" not in page
        assert ("@media" in page) == (theme == "auto")


def test_a_page_draws_its_picture_once():
    """A renderer is slow, so it is asked once."""
    asked = []

    class Counting:
        name = "counting"

        def draw(self, *_):
            asked.append(1)
            return b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'

    page = draw(square(), renderer=Counting()).html()
    assert "<svg" in page
    assert "<?xml" not in page
    assert len(asked) == 1


def test_a_drawing_says_how_large_it_is():
    """One node, two nodes: a word in the plural only where it is meant."""
    x = Value(3.0, "x")
    assert repr(draw(x, "nodes")) == "<Drawing of 1 node and 0 arrows>"
    assert repr(draw(x.exp())) == "<Drawing of 2 nodes and 1 arrow>"


def test_deterministic():
    """The same graph gives the same bytes."""
    for view in ("milestones", "nodes", "network"):
        assert draw(w131()["L"], view).svg() == draw(w131()["L"], view).svg()


def test_a_network_as_pixels_needs_cairosvg(tmp_path, monkeypatch):
    """Without the package one sentence says what to install, or what needs nothing."""
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    with pytest.raises(MissingExtraError, match=r"pip install .everypath.png."):
        draw(w131()["L"], "network").save(tmp_path / "g.png")
    assert not list(tmp_path.iterdir())


def test_a_renderer_of_ones_own():
    """Whatever has a name and draws can be the renderer."""

    class Blank:
        name = "blank"

        def draw(self, *_):
            return b'<svg xmlns="http://www.w3.org/2000/svg"/>'

    assert ET.fromstring(draw(square(), renderer=Blank(), theme="light").svg()).tag.endswith("svg")
