"""Make one SVG that follows the reader's light or dark mode.

The file carries the light theme's colours as attributes, which is all that a strict viewer keeps;
a media query gives each of them its dark counterpart. Browsers, GitHub and notebooks follow it.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from viz.svg.theme import DARK, LIGHT
from viz.svg.tree import SVG, parse, write


def adaptive(svg: str) -> str:
    """Add the dark theme's colours to a picture in the light theme."""
    root = parse(svg)
    used = {(name, value) for element in root.iter() for name, value in element.items()}
    dark: dict[str, str] = {}
    for (_, here), (_, there) in zip(LIGHT.colours(), DARK.colours(), strict=True):
        dark.setdefault(here, there)  # of roles with one light colour, the first decides
    rules = [
        f'[{attribute}="{here}"]{{{attribute}:{there}}}'
        for here, there in dark.items()
        for attribute in ("fill", "stroke")
        if (attribute, here) in used and here != there
    ]
    style = ET.Element(f"{SVG}style")
    style.text = f"@media (prefers-color-scheme: dark){{{''.join(rules)}}}"
    root.insert(0, style)
    return write(root) + "\n"
