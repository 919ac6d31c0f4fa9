"""Print the paths of a gradient as a table.

Each row is a route with its factors, its contribution and its share. Below the table stands
whether they add up to the gradient, and how much of them cancels.
"""

from __future__ import annotations

import html
import math
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.arguments import whole
from engine.errors import TooLargeError
from engine.labels import number, typeset
from engine.routes.listing import Path, approximately, arrows, exact_sum
from engine.routes.ranking import largest
from engine.routes.reading import By, View, view

ROWS = 20
"""How many rows a table has, unless more are asked for."""

MOST_ROWS = 1_000_000
"""A table without a limit may have so many rows."""

MOST_FACTORS = 10
"""A product of more factors is written with its middle left out."""

ROUNDING = 1e-12
"""What is smaller than this, relative to the sum of absolute contributions, is rounding."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a path table.

    Attributes:
        rank: 1 for the largest absolute contribution.
        path: The whole path.
        share: Its contribution as a part of the sum of all absolute contributions, with its sign.
    """

    rank: int
    path: Path
    share: float

    @property
    def contribution(self) -> float:
        """The product of the local derivatives along the path."""
        return self.path.contribution


class PathTable:
    """The paths of a gradient, largest first; prints itself, also in a notebook.

    Attributes:
        view: Where the paths run.
        count: How many paths there are, exactly.
        rows: The largest of them.
        total: The sum of all contributions, also of those not in ``rows``.
        magnitude: The sum of all absolute contributions.
        gradient: What the backward sweep over the recorded graph gives for the same derivative.
    """

    def __init__(self, view: View, limit: int | None) -> None:
        self.view = view
        self.count = view.count
        self.gradient = view.gradient
        if limit is None and self.count > MOST_ROWS:
            raise TooLargeError(
                f"a table of {approximately(self.count)} is too long; set a limit, the largest "
                "come first and the others are added up"
            )
        found = largest(view, self.count if limit is None else min(limit, self.count))
        found.sort(key=_order)
        self.magnitude = view.magnitude
        self.rows = [
            Row(rank, path, path.contribution / self.magnitude if self.magnitude else 0.0)
            for rank, path in enumerate(found, start=1)
        ]
        self._listed = exact_sum(row.contribution for row in self.rows)
        self.total = view.total if self.remaining else self._listed

    @property
    def remaining(self) -> int:
        """How many paths are not in ``rows``."""
        return self.count - len(self.rows)

    @property
    def remaining_total(self) -> float:
        """The sum of the contributions of the paths that are not in ``rows``."""
        return self.total - self._listed if self.remaining else 0.0

    @property
    def difference(self) -> float:
        """What the paths add up to, minus the gradient: 0 up to rounding."""
        return self.total - self.gradient

    @property
    def agrees(self) -> bool:
        """True if the paths add up to the gradient, up to rounding."""
        both_nan = math.isnan(self.total) and math.isnan(self.gradient)
        if self.total == self.gradient or both_nan:
            return True
        return abs(self.difference) <= ROUNDING * self.view.recorded_magnitude

    @property
    def cancellation(self) -> float:
        """The part of the absolute contributions that opposite signs cancel, from 0 to 1."""
        return 1.0 - abs(self.total) / self.magnitude if self.magnitude else 0.0

    @property
    def cancels(self) -> bool:
        """True if the contributions cancel wholly, up to rounding."""
        return self.magnitude > 0 and abs(self.total) <= ROUNDING * self.magnitude

    # ---------------------------------------------------------------- the table's parts
    @cached_property
    def derivative(self) -> str:
        """What the table is about, such as ``∂L/∂w₁₃₁``."""
        return f"∂{self._root}/∂{self._x}"

    @property
    def _root(self) -> str:
        return self.view.names[len(self.view.graph) - 1]

    @property
    def _x(self) -> str:
        if self.view.start is not None:
            return self.view.names[self.view.start]
        letters = (c for c in "xtuX" if c not in self.view.names.taken)
        return typeset(self.view.x.label) or next(letters, "x")

    @cached_property
    def _ends(self) -> tuple[int, int]:
        """How many nodes all routes share at the start and at the end."""
        found = [row.path for row in self.rows]
        if len(found) < 2:
            return 0, 0
        shortest = min(map(len, found))
        start = _shared(found, range(shortest))
        return start, _shared(found, range(-1, start - shortest - 1, -1))

    def _route(self, path: Path) -> str:
        """Write the part of a route that the others do not share."""
        start, end = self._ends
        return path.route(start, len(path) - end) or "straight on"

    def _cells(self) -> list[tuple[str, ...]]:
        """The table's head and body, as texts."""
        body = [
            (
                str(row.rank),
                self._route(row.path),
                _product(row.path),
                number(row.contribution, 4),
                f"{number(100 * row.share, 3)} %",
            )
            for row in self.rows
        ]
        return [("", "route", "factors, from the root down", "contribution", "share"), *body]

    def _before(self) -> list[str]:
        """What is said above the table."""
        if self.view.x.is_constant:
            return [f"{self.derivative} = 0: {self._x} is a constant, the sweep does not enter it"]
        if not self.count:
            return [f"{self.derivative} = 0: {self._root} does not depend on {self._x}, no path"]
        said = [f"{self.derivative} is the sum over {approximately(self.count)}"]
        start, end = self._ends
        if start + end:
            path = self.rows[0].path
            parts = [path.route(0, start), "…", path.route(len(path) - end)]
            said.append(f"every route: {' → '.join(part for part in parts if part)}")
        return said

    def _after(self) -> list[str]:
        """What is said below the table."""
        said: list[str] = []
        if not self.count:
            return said
        if self.remaining:
            said.append(
                f"... and {approximately(self.remaining).replace(' path', ' more path')} with "
                f"contribution {number(self.remaining_total, 4)} in total"
            )
        said += [self._verdict(), *self._cancelled()]
        shared = {row.path.view.graph.nodes[k].label for row in self.rows for k in row.path.places}
        return said + [
            f"the label {label!r} is shared by {count} nodes; # tells them apart"
            for label, count in self.view.names.shared.items()
            if label in shared
        ]

    def _verdict(self) -> str:
        total = f"sum of all paths: {number(self.total, 10)}"
        if self.agrees:
            return f"{total}; it equals the gradient"
        return (
            f"{total}; the gradient is {number(self.gradient, 10)}, "
            f"so they differ by {number(self.difference, 3)}"
        )

    def _cancelled(self) -> list[str]:
        if self.cancels:
            return [
                f"the paths cancel: their absolute contributions add up to "
                f"{number(self.magnitude, 4)}, and nothing is left but rounding"
            ]
        positive, negative = self.magnitude + self.total, self.total - self.magnitude
        if min(positive, -negative) > 2 * ROUNDING * self.magnitude:
            return [
                f"signs differ: {number(positive / 2, 4)} and {number(negative / 2, 4)}, so "
                f"{number(100 * self.cancellation, 3)} % of the contributions cancel"
            ]
        return []

    # ---------------------------------------------------------------- the forms
    def __str__(self) -> str:
        table = _aligned(self._cells()) if self.rows else []
        return "\n".join([*self._before(), *table, *self._after()])

    __repr__ = __str__

    def markdown(self) -> str:
        """Write the table as Markdown."""
        lines = [f"{_escaped(line)}\n" for line in self._before()]
        if self.rows:
            head, *body = ([_escaped(cell) for cell in row] for row in self._cells())
            rows = [head, ["--:", ":--", ":--", "--:", "--:"], *body]
            lines += ["\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"]
        return "\n".join(lines + [f"{_escaped(line)}\n" for line in self._after()])

    def _repr_html_(self) -> str:
        """Show the table in a notebook."""
        tables = ""
        if self.rows:
            head, *body = self._cells()
            lines = [_html_row("th", head), *(_html_row("td", row) for row in body)]
            tables = f"<table>{''.join(lines)}</table>"
        return _html_lines(self._before()) + tables + _html_lines(self._after())


def path_table(y: Any, x: Any, by: By = "milestones", limit: int | None = ROWS) -> PathTable:
    """Tabulate the paths from ``x`` to ``y``: what each contributes to the gradient.

    The table is ordered by absolute contribution. What is below the limit is added up without
    listing it, so a table of an astronomical number of paths costs what a sweep costs.

    Args:
        y: The root, or a `WeightedGraph`.
        x: A Value, or its label. If ``y`` does not depend on it, the table says so.
        by: "milestones" for routes through named nodes, "nodes" for every recorded node.
        limit: How many rows at most; None for every path.

    Returns:
        The table; print it, or read its ``rows``, ``total`` and ``gradient``.

    Raises:
        UnknownNameError: If ``by`` or a label is not known.
        TooLargeError: Without a limit, if there are more than a million paths.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0, "x")
        >>> y = x * x - 2 * x
        >>> path_table(y, x, by="nodes")
        ∂y/∂x is the sum over 3 paths
        every route: x → … → y
           route           factors, from the root down  contribution   share
        1  ×₁ (operand 1)  1 · 3                                   3  37.5 %
        2  ×₁ (operand 2)  1 · 3                                   3  37.5 %
        3  ×₂              −1 · 2                                 −2   −25 %
        sum of all paths: 4; it equals the gradient
        signs differ: 6 and −2, so 50 % of the contributions cancel
    """
    return PathTable(view(y, x, by), limit if limit is None else whole(limit, "limit"))


# ---------------------------------------------------------------- small parts of the layout


def _order(path: Path) -> tuple[float, tuple[int, ...]]:
    """Sort by size; what differs by rounding only, in the order of the graph."""
    if math.isnan(path.contribution):
        return -math.inf, path.places
    return -abs(float(f"{path.contribution:.12g}")), path.places


def _shared(found: list[Path], steps: range) -> int:
    """Count how many of these steps, one after the other, are the same on all paths."""
    for count, i in enumerate(steps):
        if len({path.step(i) for path in found}) > 1:
            return count
    return len(steps)


def _product(path: Path) -> str:
    """Write the local derivatives, from the root down."""
    factors = path.partials[::-1]
    return arrows(lambda i: number(factors[i], 4), len(factors), " · ", MOST_FACTORS) or "1"


def _aligned(cells: list[tuple[str, ...]]) -> list[str]:
    """Set the columns of a table below each other, numbers to the right."""
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(map(_padded, row, widths, (True, False, False, True, True))).rstrip()
        for row in cells
    ]


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


def _width(text: str) -> int:
    """Count the columns a text takes: marks that are set over a letter take none."""
    return sum(not unicodedata.combining(character) for character in text)


def _escaped(text: str) -> str:
    """Keep a text from being read as Markdown."""
    return "".join(f"\\{c}" if c in "\\|*_`<>[]#" else c for c in text)


def _html_row(tag: str, cells: tuple[str, ...]) -> str:
    return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"


def _html_lines(lines: list[str]) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in lines)
