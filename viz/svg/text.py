"""Set the words of a network diagram: names with real subscripts, and how wide they come out.

A label is typed as plain text (``w_131``, ``yhat_1``, ``dL/dw`` is left alone). :func:`typeset`
turns it into a line of runs, as a typesetter does: variables in italics, indices as subscripts
in upright figures, a true minus sign before numbers. :func:`width` measures a line with the
widths that Adobe publishes for Helvetica, so that a layout needs no font at hand; Arial and
Liberation Sans have the same widths by design.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from engine.labels import NAME, is_letter, one_line, parse_symbol

SUBSCRIPT_SIZE = 0.72
SUBSCRIPT_DROP = 0.2
ITALIC_CORRECTION = 0.1  # keeps a slanted letter clear of an upright one after it
ELLIPSIS = "…"

# Adobe's font metrics for Helvetica (AFM 003.001), in thousandths of the font size. The oblique
# faces have the widths of the upright ones.
_REGULAR = {
    191: "'",
    222: "ijl’",
    260: "|",
    278: " !,./:;I[\\]ft·",
    333: "()-`r",
    334: "{}",
    355: '"',
    389: "*",
    469: "^",
    500: "Jcksvxyz",
    556: "#$0123456789?L_abdeghnopqu–∂",
    584: "+<=>~−×±",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "—…→",
    1015: "@",
}
_BOLD = {
    238: "'",
    278: " ,./I\\ijl·’",
    280: "|",
    333: "!()-:;[]`ft",
    389: "*r{}",
    474: '"',
    500: "z",
    556: "#$0123456789J_aceksvxy–∂",
    584: "+<=>^~−×±",
    611: "?FLTZbdghnopqu",
    667: "EPSVXY",
    722: "&ABCDHKNRU",
    778: "GOQw",
    833: "M",
    889: "%m",
    944: "W",
    975: "@",
    1000: "—…→",
}
_WIDTHS = {
    bold: {character: width for width, characters in table.items() for character in characters}
    for bold, table in ((False, _REGULAR), (True, _BOLD))
}
_UNKNOWN = 600  # near the average of Helvetica's letters, Greek ones included

_FOUND = re.compile(rf"(?<![^\W_])(?P<partial>∂|(?<=/)d|d(?=\w+/d))?{NAME}(?!\w)")
_HYPHEN_AS_MINUS = re.compile(r"(?<![\w.)\]])-(?=[\d.∞])")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style: upright or italic, on the line or lowered."""

    text: str
    italic: bool = False
    lowered: bool = False


Line = tuple[Run, ...]


def typeset(text: str, *, prose: bool = False) -> Line:
    """Set a label as a line of runs: names in italics, their indices lowered."""
    text = _HYPHEN_AS_MINUS.sub("−", one_line(text))
    runs: list[Run] = []
    end = 0
    for match in _FOUND.finditer(text):
        name = _name(match, prose=prose)
        if name:
            runs += [Run(text[end : match.start()]), *name]
            end = match.end()
    runs.append(Run(text[end:]))
    return tuple(run for run in runs if run.text)


def _name(match: re.Match[str], *, prose: bool) -> Line:
    """Set one word as a variable, or return nothing where it is an ordinary word."""
    partial = match["partial"] or ""
    word = match[0].removeprefix(partial)
    name = parse_symbol(word)
    # Unlike a label, a text has ordinary words, some of which end in "hat".
    is_word = word.isalpha() and word != "yhat" and (prose or not is_letter(word))
    if name is None or (is_word and not partial):
        return ()
    index = name.subscript.replace("-", "−")
    lowered = Run(index, italic=index.isalpha(), lowered=True)
    return tuple(run for run in (Run(partial), Run(name.letter, italic=True), lowered) if run.text)


def width(line: Line, size: float, *, bold: bool = False) -> float:
    """Measure a line in Helvetica."""
    letters = sum(
        sum(_advance(character, bold=bold) for character in run.text)
        * (SUBSCRIPT_SIZE if run.lowered else 1.0)
        for run in line
    )
    corrections = sum(_is_corrected(*pair) for pair in pairwise(line))
    return size * (letters / 1000 + corrections * ITALIC_CORRECTION)


def _is_corrected(before: Run, run: Run) -> bool:
    """Tell whether a run stands off the slanted one before it."""
    return before.italic and not run.italic and not run.lowered and run.text[0] != " "


def _advance(character: str, *, bold: bool) -> int:
    """Return the width of one character in thousandths of the font size."""
    known = _WIDTHS[bold].get(character)
    if known is not None:
        return known
    if unicodedata.combining(character):
        return 0
    if unicodedata.east_asian_width(character) in "WF":
        return 1000
    form, *_ = unicodedata.decomposition(character).split() or [""]
    plain = unicodedata.normalize("NFKD", character)[0]
    if plain != character:
        return round(_advance(plain, bold=bold) * (0.6 if form in {"<super>", "<sub>"} else 1))
    return _UNKNOWN


def shorten(line: Line, size: float, limit: float, *, bold: bool = False) -> Line:
    """Cut a line that is too wide and end it with an ellipsis."""
    if width(line, size, bold=bold) <= limit:
        return line
    letters = [replace(run, text=character) for run in line for character in run.text]
    while letters and width((*letters, Run(ELLIPSIS)), size, bold=bold) > limit:
        letters.pop()
    while letters and letters[-1].text == " ":
        letters.pop()
    return _joined((*letters, Run(ELLIPSIS)))


def _joined(runs: Line) -> Line:
    """Merge neighbours of one style."""
    merged = [runs[0]]
    for before, run in pairwise(runs):
        if (run.italic, run.lowered) == (before.italic, before.lowered):
            merged[-1] = replace(merged[-1], text=merged[-1].text + run.text)
        else:
            merged.append(run)
    return tuple(merged)


def wrap(text: str, size: float, limit: float) -> tuple[Line, ...]:
    """Break a sentence into lines at spaces."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(typeset(longer, prose=True), size) <= limit:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(shorten(typeset(line, prose=True), size, limit) for line in lines)


def plain(text: str, *, prose: bool = False) -> str:
    """Write a label on one line without subscripts, for a screen reader."""
    return "".join(
        f" {run.text}" if run.lowered else run.text for run in typeset(text, prose=prose)
    )


def tspans(line: Line, size: float) -> str:
    """Write a line as the content of an SVG ``text`` element."""
    parts: list[str] = []
    drop = number(size * SUBSCRIPT_DROP)
    lowered = False
    for before, run in pairwise((Run(" "), *line)):
        attributes = ' font-style="italic"' if run.italic else ""
        if _is_corrected(before, run):
            attributes += f' dx="{number(size * ITALIC_CORRECTION)}"'
        if run.lowered:
            attributes += f' font-size="{number(size * SUBSCRIPT_SIZE)}"'
        if run.lowered != lowered:
            attributes += f' dy="{drop if run.lowered else f"-{drop}"}"'
        lowered = run.lowered
        text = escape(run.text, quote=False)
        parts.append(f"<tspan{attributes}>{text}</tspan>" if attributes else text)
    return "".join(parts)


def number(value: float) -> str:
    """Write a coordinate with at most two decimals, so that files are short and stable."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
