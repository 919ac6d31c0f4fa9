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
    r"""Make a label printable, one line, and no longer than a diagram can bear.

    Args:
        label: Any text.
        limit: How many characters it may have.

    Returns:
        The label as `engine.labels.one_line` gives it; a longer one ends in an ellipsis.

    Raises:
        ShapeError: If ``limit`` is below 1.

    Example:
        >>> clean("a\tvery long label", limit=7)
        'a very…'
    """
    if limit < 1:
        raise ShapeError(f"limit={limit}: a label is cut to 1 character or more")
    text = one_line(label)
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def isolated(text: str) -> str:
    """Keep a text that is read from right to left from turning around what stands beside it.

    Args:
        text: A clean text.

    Returns:
        The text; one with letters of such a script between FIRST STRONG ISOLATE and POP
        DIRECTIONAL ISOLATE of the Unicode bidirectional algorithm (UAX 9), which nobody sees.

    Example:
        >>> isolated("w"), len(isolated(chr(0x5D0)))
        ('w', 3)
    """
    turns = any(bidirectional(letter) in {"R", "AL", "AN"} for letter in text)
    return f"\u2068{text}\u2069" if turns else text


def escape_record(text: str) -> str:
    r"""Escape a clean text for a field of a DOT record.

    Args:
        text: The text; :func:`clean` it first, for a record drops line breaks.

    Returns:
        DOT in which braces, bars, angle brackets, quotes, backslashes and spaces stand for
        themselves, and so does an HTML entity.

    Example:
        >>> print(escape_record("{a|b} &lt;"))
        \{a\|b\}\ &amp;lt;
    """
    return _IN_RECORD.sub(r"\\\g<0>", _escape_entities(text))


def escape_label(text: str) -> str:
    r"""Escape a clean text for any other DOT text: an edge's label, a heading.

    Args:
        text: The text; :func:`clean` it first.

    Returns:
        DOT in which quotes, backslashes and HTML entities stand for themselves.

    Example:
        >>> print(escape_label(r'a "new" \N'))
        a \"new\" \\N
    """
    return _IN_LABEL.sub(r"\\\g<0>", _escape_entities(text))


def escape_tooltip(text: str) -> str:
    r"""Escape a clean text for a DOT tooltip.

    Args:
        text: The text; :func:`clean` it first.

    Returns:
        DOT in which quotes, backslashes and HTML entities stand for themselves. Graphviz resolves
        backslashes in tooltips twice, so there are four for each.

    Example:
        >>> print(escape_tooltip(r'a "new" \N'))
        a \"new\" \\\\N
    """
    return escape_label(text.replace("\\", r"\\"))


def escape_xml(text: str) -> str:
    """Escape a text for XML and HTML: between tags, or in an attribute in double quotes.

    Args:
        text: Any text.

    Returns:
        The text on one line with everything escaped that could end it.

    Example:
        >>> escape_xml('<b> & "c"')
        '&lt;b&gt; &amp; &quot;c&quot;'
    """
    return escape(one_line(text), quote=True)


def _escape_entities(text: str) -> str:
    # Graphviz decodes HTML entities in every label, so the ampersand must be one itself.
    return text.replace("&", "&amp;")
