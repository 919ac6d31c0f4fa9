"""Make a user's text harmless in DOT and in XML: it shows as typed, and does nothing else."""

from __future__ import annotations

import re
from html import escape
from unicodedata import bidirectional

from engine.errors import ShapeError
from engine.labels import one_line

LONGEST_LABEL = 64
_IN_RECORD = re.compile(r'[{}|<>\\" ]')
_IN_LABEL = re.compile(r'[\\"]')


def clean(label: str, limit: int = LONGEST_LABEL) -> str:
    """Make a label printable, one line, and no longer than a diagram can bear."""
    if limit < 1:
        raise ShapeError(f"limit={limit}: a label is cut to 1 character or more")
    text = one_line(label)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def isolated(text: str) -> str:
    """Keep a text that is read from right to left from turning around what stands beside it."""
    # FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (Unicode's UAX 9), which nobody sees.
    turns = any(bidirectional(letter) in {"R", "AL", "AN"} for letter in text)
    return f"\u2068{text}\u2069" if turns else text


def escape_record(text: str) -> str:
    """Escape a clean text for a field of a DOT record."""
    return _IN_RECORD.sub(r"\\\g<0>", _escape_entities(text))


def escape_label(text: str) -> str:
    """Escape a clean text for any other DOT text: an edge's label, a heading."""
    return _IN_LABEL.sub(r"\\\g<0>", _escape_entities(text))


def escape_tooltip(text: str) -> str:
    """Escape a clean text for a DOT tooltip."""
    # Graphviz resolves backslashes in tooltips twice.
    return escape_label(text.replace("\\", r"\\"))


def escape_xml(text: str) -> str:
    """Escape a text for XML and HTML: between tags, or in an attribute in double quotes."""
    return escape(one_line(text), quote=True)


def _escape_entities(text: str) -> str:
    # Graphviz decodes HTML entities in every label, so the ampersand must be one itself.
    return text.replace("&", "&amp;")
