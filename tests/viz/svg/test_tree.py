"""SVG goes through a tree and comes back as it was."""

from xml.etree.ElementTree import ParseError

import pytest

from viz.svg.tree import SVG, parse, write

LINKED = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    '<a xlink:title="ŷ &lt; 1" /></svg>'
)


def test_names_keep_their_spaces():
    """No prefix of its own is written before an element or a link."""
    root = parse(f'<?xml version="1.0"?><!-- version 9 -->{LINKED}')
    assert root.tag == f"{SVG}svg"
    assert write(root) == LINKED


def test_what_is_no_xml_is_refused():
    """A broken text does not become half a tree."""
    with pytest.raises(ParseError):
        parse("<svg><g></svg>")
