"""`viz.svg.theme`: colours that can be read, and told apart by everyone."""

import itertools
import math
from dataclasses import FrozenInstanceError, replace

import pytest

from engine import UnknownNameError
from engine.errors import RenderError
from viz.svg.theme import DARK, KINDS, LIGHT, Shade, theme

BOTH = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=lambda colours: colours.name)
# Pages that pictures are seen on: white and off-white ones, those of GitHub, JupyterLab, VS Code.
PAGES = {"light": ("#ffffff", "#f8fafc"), "dark": ("#11151b", "#0d1117", "#111111", "#1e1e1e")}

# Machado, Oliveira and Fernandes (2009), table 1, severity 1.0; on linear RGB.
VISION = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def linear(colour):
    """Decode sRGB into linear RGB."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def contrast(first, second):
    """Compute the contrast ratio of WCAG 2.1."""
    weights = (0.2126, 0.7152, 0.0722)
    lights = sorted(
        sum(map(math.prod, zip(weights, linear(c), strict=True))) for c in (first, second)
    )
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def oklab(rgb):
    """Convert linear RGB into Oklab (Ottosson 2020), where distances are about as seen."""
    r, g, b = (min(max(channel, 0.0), 1.0) for channel in rgb)
    l = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    m = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    s = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
        1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
        0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
    )


def closest(colours, vision):
    """Measure how far apart the two most similar of some colours are in a kind of vision."""
    rows = VISION[vision]
    seen = [
        oklab([sum(map(math.prod, zip(row, linear(colour), strict=True))) for row in rows])
        for colour in colours
    ]
    return min(math.dist(*pair) for pair in itertools.combinations(seen, 2))


def test_contrast_of_black_on_white():
    """The measure itself gives WCAG's 21 to 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0, rel=1e-12)


@BOTH
def test_every_text_can_be_read(colours):
    """Text of every role has 4.5 to 1 on the page, and on whatever it is written on."""
    texts = [colours.ink, colours.muted, colours.highlight, colours.positive, colours.negative]
    for text, page in itertools.product([*texts, *colours.routes], PAGES[colours.name]):
        assert contrast(text, page) >= 4.5, (text, page)
    fills = [shade.fill for shade in colours.shades.values() if shade.fill != "none"]
    for text, fill in itertools.product(texts[:2], [*fills, colours.panel, colours.paper]):
        assert contrast(text, fill) >= 4.5, (text, fill)
    assert contrast(colours.highlight, colours.highlight_fill) >= 4.5


@BOTH
def test_outlines_can_be_seen(colours):
    """The outline of every kind of node has the 3 to 1 that WCAG asks of graphics."""
    for kind, shade in colours.shades.items():
        for page in PAGES[colours.name]:
            assert contrast(shade.line, page) >= 3.0, kind


@BOTH
@pytest.mark.parametrize("vision", VISION)
def test_routes_can_be_told_apart(colours, vision):
    """Routes and the highlight are further apart than Okabe's and Ito's own colours are."""
    okabe_ito = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442")
    worst = min(closest(okabe_ito, kind) for kind in VISION)
    assert closest((*colours.routes, colours.highlight), vision) > worst
    assert closest((colours.positive, colours.negative), vision) > 2 * worst


def test_a_picture_can_change_from_light_to_dark():
    """Both themes have the same roles, and colours that are one in light are one in dark."""
    light, dark = dict(LIGHT.colours()), dict(DARK.colours())
    assert list(light) == list(dict(LIGHT.colours()))
    assert list(light) == list(dark)
    assert len(set(zip(light.values(), dark.values(), strict=True))) == len(set(light.values()))


def test_routes_and_dashes():
    """There are at least six colours and as many dash patterns, and both start anew after them."""
    for colours in (LIGHT, DARK):
        assert len(set(colours.routes)) >= 6
        assert len(set(colours.dashes)) == len(colours.routes)
        count = len(colours.routes)
        assert [colours.route(k) for k in (0, count - 1, count)] == [
            *(colours.routes[0], colours.routes[-1]),
            colours.routes[0],
        ]
        assert colours.dash(count + 1) == colours.dashes[1]


def test_backgrounds_are_transparent_and_fonts_known():
    """Pictures let the page show, and are measured in a font that every renderer knows."""
    for colours in (LIGHT, DARK):
        assert colours.background == "transparent"
        assert colours.font == "Helvetica"
        assert colours.fonts.startswith("Helvetica,Arial")


def test_themes_by_name():
    """A theme is found by its name; a theme passes; another name lists the known ones."""
    assert theme("light") is LIGHT
    assert theme("dark") is DARK
    assert theme(LIGHT) is LIGHT
    with pytest.raises(UnknownNameError, match=r"no theme 'sepia'.*'dark', 'light'"):
        theme("sepia")


def test_themes_are_values():
    """A theme cannot be changed, compares by its colours, and can be a key."""
    with pytest.raises(FrozenInstanceError):
        LIGHT.ink = "#000000"
    with pytest.raises(TypeError):
        LIGHT.shades["loss"] = Shade("#000000", "#000000")
    assert replace(LIGHT) == LIGHT != DARK
    assert {LIGHT: 1}[replace(LIGHT)] == 1
    assert set(LIGHT.shades) == set(KINDS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"ink": "red"}, "ink='red'"),
        ({"line": '"/><script>'}, "line='\"/><script>'"),
        ({"routes": ("#0072b2", "#FFF")}, "route_1='#FFF'"),
        ({"shades": {**LIGHT.shades, "loss": Shade("#000000", "")}}, "loss_line=''"),
        ({"shades": {"loss": LIGHT.shades["loss"]}}, r"lacks 'constant'.*'weight'"),
        ({"routes": ()}, "lacks a route colour"),
        ({"dashes": ()}, "lacks a route colour, or a dash pattern"),
    ],
)
def test_what_is_no_theme_is_refused(change, message):
    """A colour that is none, and a missing one, are named."""
    with pytest.raises(RenderError, match=message):
        replace(LIGHT, **change)
