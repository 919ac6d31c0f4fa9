"""SVG as a tree of elements, read and written in one way."""

from __future__ import annotations

import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"
ET.register_namespace("", SVG.strip("{}"))
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def parse(svg: str) -> ET.Element:
    """Read SVG; comments, among them a renderer's version, are left out."""
    return ET.fromstring(svg)  # noqa: S314 - our own renderer's output


def write(root: ET.Element) -> str:
    """Write SVG without a prologue, ready to stand in a page."""
    return ET.tostring(root, encoding="unicode")
