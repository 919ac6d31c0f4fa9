"""The errata of the lecture notes as a table for a terminal; every number in it is computed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from engine.labels import number
from nn.textbook.errata import Erratum, errata
from viz.command.options import number_of

DIGITS = 10
HEADINGS = ("quantity", "printed", "engine", "differences", "verdict")


def errata_table(rows: Sequence[Erratum] | None = None) -> str:
    """Set the errata, all or those given, as a table: a block for each place in the documents."""
    found = errata() if rows is None else list(rows)
    cells = [_cells(row) for row in found]
    widths = [max(map(len, column)) for column in zip(HEADINGS, *cells, strict=True)]
    lines = []
    blocks = groupby(zip(found, cells, strict=True), lambda pair: (pair[0].number, pair[0].where))
    for (label, where), block in blocks:
        members = list(block)
        lines += [f"{label:<5}{where}"]
        lines += [f"     {why}" for why in dict.fromkeys(row.why for row, _ in members)]
        # Bare figures are in the table anyway.
        formulas = (row.printed for row, _ in members if number_of(row.printed) is None)
        lines += [f"     printed: {text}" for text in dict.fromkeys(formulas)]
        lines += [_line(HEADINGS, widths)]
        lines += [_line(row, widths) for _, row in members]
        lines += [""]
    agree = sum(row.confirmed for row in found)
    last = f"{len(found)} numbers; central differences confirm the engine in {agree} of them."
    return "\n".join([*lines, last])


def _cells(row: Erratum) -> tuple[str, ...]:
    printed = row.by_formula if row.figure is None else row.figure
    return (
        row.quantity,
        "" if printed is None else number(printed, DIGITS),
        number(row.engine, DIGITS),
        "" if row.differences is None else number(row.differences, DIGITS),
        row.verdict,
    )


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    quantity, *numbers, verdict = cells
    aligned = (f"{cell:>{width}}" for cell, width in zip(numbers, widths[1:-1], strict=True))
    return f"     {quantity:<{widths[0]}}  {'  '.join(aligned)}  {verdict}".rstrip()
