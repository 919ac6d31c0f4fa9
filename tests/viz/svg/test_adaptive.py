"""One SVG follows the reader's light or dark mode."""

from xml.etree.ElementTree import fromstring as parse

from viz.svg.adaptive import adaptive
from viz.svg.theme import DARK, LIGHT

SVG = "http://www.w3.org/2000/svg"


def test_only_colours_in_use_have_rules():
    """Each colour that occurs gets its dark counterpart, for the attribute that it stands in."""
    given = f'<svg xmlns="{SVG}"><path stroke="{LIGHT.line}" fill="none"/></svg>'
    style = parse(adaptive(given)).find(f"{{{SVG}}}style").text
    assert style == (
        f'@media (prefers-color-scheme: dark){{[stroke="{LIGHT.line}"]{{stroke:{DARK.line}}}}}'
    )


def test_the_light_colours_stay_as_attributes():
    """A viewer that drops style sheets shows the light picture."""
    given = f'<svg xmlns="{SVG}"><text fill="{LIGHT.ink}">x</text></svg>'
    assert parse(adaptive(given)).find(f"{{{SVG}}}text").get("fill") == LIGHT.ink


def test_no_light_colour_would_need_two_dark_ones():
    """Where roles share a light colour and part in the dark, the first role's is taken: text and
    lines stay legible in any case, since all inks are light in the dark.
    """
    by_light = {}
    for (role, light), (_, dark) in zip(LIGHT.colours(), DARK.colours(), strict=True):
        by_light.setdefault(light, {}).setdefault(dark, role)
    split = {light: darks for light, darks in by_light.items() if len(darks) > 1}
    assert not split, split
