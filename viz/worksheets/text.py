r"""Write the parts of a worksheet as Markdown or as LaTeX.

A page is a list of parts: titles, sentences, tables and aligned formulas. Formulas are LaTeX in
both; in a sentence they stand between dollar signs. `markdown` is for GitHub, notebooks and
whatever else sets formulas; `latex` is a document of its own, which plain ``pdflatex`` with
amsmath compiles.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from engine.labels import to_latex, typeset


@dataclass(frozen=True)
class Title:
    """The title of the page."""

    text: str


@dataclass(frozen=True)
class Heading:
    """The title of a section."""

    text: str


@dataclass(frozen=True)
class Sentence:
    """A paragraph; formulas in it stand between dollar signs."""

    text: str


@dataclass(frozen=True)
class Picture:
    """A picture, by the name of its file; LaTeX leaves it out."""

    file: str
    text: str


@dataclass(frozen=True)
class Table:
    """Formulas in rows; the first cell of a row heads it."""

    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Formulas:
    """Lines aligned between their two halves."""

    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Points:
    """Sentences set apart, each a point of a list."""

    points: Sequence[str]


Part = Title | Heading | Sentence | Picture | Table | Formulas | Points


def markdown(parts: Iterable[Part]) -> str:
    """Write a page as Markdown."""
    return "\n\n".join(_MARKDOWN[type(part)](part) for part in parts) + "\n"


def latex(parts: Iterable[Part], names: Iterable[str] = ()) -> str:
    """Write a page as a LaTeX document."""
    setter = _Prose(names)
    written = [_LATEX[type(part)](part, setter) for part in parts if not isinstance(part, Picture)]
    return "\n".join([_PREAMBLE, *written, "\\end{document}", ""])


class _Prose:
    """Set a terminal's characters in sentences so that plain LaTeX knows them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._pairs = {typeset(name): _inline(to_latex(name)) for name in names} | _CHARACTERS
        words = sorted(self._pairs.keys() - _CHARACTERS.keys(), key=len, reverse=True)
        alone = [rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])" for word in words]
        self._pattern = re.compile("|".join([*alone, *_CHARACTERS]))

    def __call__(self, text: str) -> str:
        """Set a sentence; what stands between dollar signs is LaTeX already."""
        pieces = text.split("$")
        pieces[::2] = [self._pattern.sub(lambda m: self._pairs[m[0]], p) for p in pieces[::2]]
        return "$".join(pieces)


def _inline(formula: str) -> str:
    return rf"\ensuremath{{{formula}}}"


_CHARACTERS = {
    "→": _inline(r"\to"),
    "∂": _inline(r"\partial "),
    "−": _inline("-"),
    "·": _inline(r"\cdot"),
    "×": _inline(r"\times"),
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    **{
        raised: _inline(f"^{{{plain}}}")
        for raised, plain in zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True)
    },
}


def _rows(lines: Sequence[tuple[str, str]], gap: str = "") -> str:
    return f" \\\\{gap}\n".join(f"{left} & {right}" for left, right in lines)


def _markdown_table(part: Table) -> str:
    width = max(map(len, part.rows))
    head = "|" + " |" * width
    rule = "|" + "---|" * width
    rows = [
        "| " + " | ".join(f"${cell}$" if cell else "" for cell in _filled(row, width)) + " |"
        for row in part.rows
    ]
    return "\n".join([head, rule, *rows])


def _filled(row: Sequence[str], width: int) -> list[str]:
    return [*row, *[""] * (width - len(row))]


_MARKDOWN: Mapping[type[Part], Callable[..., str]] = {
    Title: lambda part: f"# {part.text}",
    Heading: lambda part: f"## {part.text}",
    Sentence: lambda part: part.text,
    Picture: lambda part: f"![{part.text}]({part.file})",
    Table: _markdown_table,
    Formulas: lambda part: f"$$\n\\begin{{aligned}}\n{_rows(part.lines)}\n\\end{{aligned}}\n$$",
    Points: lambda part: "\n".join(f"- {point}" for point in part.points),
}


def _latex_table(part: Table, _: _Prose) -> str:
    width = max(map(len, part.rows))
    rows = " \\\\\n".join(" & ".join(_filled(row, width)) for row in part.rows)
    return f"\\[\n\\begin{{array}}{{{'l' * width}}}\n{rows}\n\\end{{array}}\n\\]"


def _latex_points(part: Points, setter: _Prose) -> str:
    items = "\n".join(f"\\item {setter(point)}" for point in part.points)
    return f"\\begin{{itemize}}\n{items}\n\\end{{itemize}}"


_LATEX: Mapping[type[Part], Callable[..., str]] = {
    Title: lambda part, setter: f"\\begin{{center}}\\Large {setter(part.text)}\\end{{center}}\n",
    Heading: lambda part, setter: f"\\section*{{{setter(part.text)}}}",
    Sentence: lambda part, setter: f"{setter(part.text)}\n",
    Table: _latex_table,
    Formulas: lambda part, _: f"\\begin{{align*}}\n{_rows(part.lines, '[3pt]')}\n\\end{{align*}}",
    Points: _latex_points,
}

_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage[margin=22mm]{geometry}
\usepackage{amsmath}
\allowdisplaybreaks
\setlength{\parindent}{0pt}
\pagestyle{empty}
\begin{document}"""
