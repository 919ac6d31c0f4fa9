"""`viz.svg.escape`: a user's text shows as typed, in DOT and in XML, and does nothing else."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ShapeError
from engine.labels import one_line
from viz.svg.escape import (
    clean,
    escape_label,
    escape_record,
    escape_tooltip,
    escape_xml,
    isolated,
)


def test_clean_cuts_long_labels():
    """A label of the limit's length stays; a longer one ends in an ellipsis, not in a space."""
    assert clean("x" * 64) == "x" * 64
    assert clean("x" * 65) == "x" * 63 + "…"
    assert clean("abc def", limit=5) == "abc…"
    assert clean("abc", limit=1) == "…"
    with pytest.raises(ShapeError, match="limit=0"):
        clean("abc", limit=0)


@given(st.text(), st.integers(1, 80))
def test_clean_is_short_and_final(label, limit):
    """The result is one line within the limit, and cleaning it again changes nothing."""
    result = clean(label, limit)
    assert len(result) <= limit
    assert clean(result, limit) == result == one_line(result)


def test_escapes():
    """Every character with a meaning gets its backslash, the ampersand its entity."""
    assert escape_record(r'{a|b}<p>"\ &lt;') == r"\{a\|b\}\<p\>\"\\\ &amp;lt;"
    assert escape_label(r'a|b "c" \N &#x3c;') == r"a|b \"c\" \\N &amp;#x3c;"
    assert escape_tooltip(r'a|b "c" \N &#x3c;') == r"a|b \"c\" \\\\N &amp;#x3c;"


@given(st.text())
def test_xml_gives_the_text_back(text):
    """A text comes back from XML whole, between tags and in an attribute."""
    escaped = escape_xml(text)
    element = ET.fromstring(f'<a b="{escaped}">{escaped}</a>')
    assert (element.text or "") == element.get("b") == one_line(text)


@pytest.mark.parametrize("text", ["משקל", "وزن", "w משקל", "٣"])
def test_what_is_read_from_right_to_left_is_isolated(text):
    """Else a minus sign behind it would jump to the other side of its number."""
    assert isolated(text) == f"\u2068{text}\u2069"


def test_other_texts_are_not_isolated():
    """Most pages need no such characters."""
    assert isolated("ŷ₁ = −3 重み") == "ŷ₁ = −3 重み"
