"""Write a worked gradient down as a teacher does: part by part, as text, Markdown or LaTeX.

One order of things for every output: the paths, the values on them, the local derivatives (a line
of symbols, a line of numbers), the product along each path, the sum over the paths. What differs
is the notation: plain text, or LaTeX with prose around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.formulas.tree import size
from engine.routes.listing import approximately, exact_sum
from engine.routes.table import ROUNDING
from engine.teaching.notation import Notation
from engine.teaching.worked import Factor, Route, Worked, distinct

MOST_FACTORS = 60
"""So many local derivatives are written down; a longer derivation says how many more there are."""

LONGEST_PRODUCT = 12
"""A product of more factors is written without its middle."""

LONGEST_FORMULA = 24
"""Names and numbers in the longest formula that is written down."""

LONGEST_DEFINITION = 16
"""Names and numbers in the longest formula of a value."""

ALL_FIGURES = 10
"""Significant digits of the result where it is given in full."""


@dataclass
class Block:
    """A part of a derivation: a heading or sentence, and lines aligned at their middle."""

    prose: str
    lines: list[tuple[str, str]] = field(default_factory=list)


class Blocks:
    """The parts of a derivation that works some of the routes out."""

    def __init__(self, work: Worked, routes: Sequence[Route], notation: Notation) -> None:
        self._work = work
        self._routes = routes
        self._factors = distinct(routes)
        self._write = notation
        self._wanted = notation.derivative(work.y, work.x)
        self._x = notation.inline(notation.name(work.x))
        self._y = notation.inline(notation.name(work.y))

    def all(self) -> list[Block]:
        """List the parts, in order."""
        if not self._work.view.count:
            return [self._goal(), self._no_path()]
        if not self._factors:
            return [Block(f"Wanted: {self._write.inline(self._wanted)}", [(self._wanted, "= 1")])]
        written = [self._goal(), self._paths(), self._values(), self._locals()]
        if len(self._factors) > 1:
            written.append(self._products())
        if self._work.view.count > 1:
            written.append(self._sum())
        return [*written, *map(Block, self._remarks())]

    def _goal(self) -> Block:
        goal = f"Wanted: {self._write.inline(self._wanted)}"
        digits = self._work.digits
        if digits is not None:
            goal += f", from values rounded to {digits} decimal{'' if digits == 1 else 's'}"
        return Block(goal)

    def _no_path(self) -> Block:
        x, y = self._x, self._y
        if self._work.x.is_constant:
            reason = f"{x} is a constant, which gradients do not enter"
        else:
            reason = f"No path leads from {x} to {y}: changing {x} does not change {y}"
        return Block(f"{reason}.", [(self._wanted, "= 0")])

    def _paths(self) -> Block:
        routes, count = self._routes, self._work.view.count
        if count == 1:
            lines = [("", self._arrows(routes[0]))] if len(routes[0].factors) > 1 else []
            end = ":" if lines else "."
            return Block(f"{self._y} depends on {self._x} along one path{end}", lines)
        lines = [(self._write.tag(k), self._arrows(route)) for k, route in enumerate(routes, 1)]
        shown = (
            ":" if len(routes) == count else f"; the {len(routes)} largest are worked out here:"
        )
        return Block(f"{self._y} depends on {self._x} along {approximately(count)}{shown}", lines)

    def _arrows(self, route: Route) -> str:
        nodes = _without_middle(route.nodes)
        dots = self._write.dots.strip()
        return self._write.arrow.join(
            dots if node is None else self._write.name(node) for node in nodes
        )

    def _values(self) -> Block:
        on_the_way = {node: None for route in self._routes for node in route.nodes[1:]}
        order = sorted(on_the_way, key=self._work.view.graph.index.__getitem__)
        lines = [(self._write.name(node), self._value(node)) for node in order[:MOST_FACTORS]]
        return Block("The values on the way:", lines)

    def _value(self, node: Any) -> str:
        formulas, value = self._work.formulas, self._write.number(self._work.value(node))
        formula = formulas.definition(node)
        if size(formula) <= LONGEST_DEFINITION and formulas.is_in_names(formula):
            return f"= {self._write.symbols(formula)} = {value}"
        return f"= {value}"

    def _locals(self) -> Block:
        lines: list[tuple[str, str]] = []
        for factor in self._factors[:MOST_FACTORS]:
            left = self._write.derivative(factor.node, factor.source, factor.slot)
            first, *others = self._derived(factor)
            lines += [(left, first), *(("", right) for right in others)]
        more = len(self._factors) - MOST_FACTORS
        if more > 0:
            lines.append(("", self._write.remark(f"and {more:,} more")))
        return Block(f"The local derivative{'s' * (len(self._factors) > 1)}:", lines)

    def _derived(self, factor: Factor) -> list[str]:
        """Write the symbols line and the numbers line of one local derivative."""
        value = self._write.number(factor.value)
        formula = factor.formula
        if formula is None or size(formula) > LONGEST_FORMULA:
            return [f"= {value}{self._write.remark(_why_no_formula(factor))}"]
        symbols, figures = self._write.symbols(formula), self._write.figures(formula)
        if figures != value:
            return [f"= {symbols}", f"= {figures} = {value}"]
        return [f"= {symbols} = {value}" if symbols != value else f"= {value}"]

    def _products(self) -> Block:
        if len(self._routes) == 1:
            (route,) = self._routes
            return Block("Multiply them:", self._product(self._wanted, "= ", route))
        lines: list[tuple[str, str]] = []
        for k, route in enumerate(self._routes, 1):
            lines += self._product(self._write.tag(k), "", route)
        return Block("Along each path, multiply:", lines)

    def _product(self, left: str, equals: str, route: Route) -> list[tuple[str, str]]:
        write, dots = self._write, self._write.dots.strip()
        shown = _without_middle(route.factors)
        symbols = [write.derivative(f.node, f.source, f.slot) if f else dots for f in shown]
        figures = [write.factor(f.value, first=not j) if f else dots for j, f in enumerate(shown)]
        result = write.number(route.contribution)
        if len(figures) == 1:
            return [(left, f"{symbols[0]} = {result}")]
        return [
            (left, equals + write.dot.join(symbols)),
            ("", f"= {write.dot.join(figures)} = {result}"),
        ]

    def _sum(self) -> Block:
        total = self._work.total
        contributions = [route.contribution for route in self._routes]
        others = self._work.view.count - len(self._routes)
        result = self._write.number(total)
        if not others:
            lines = [(self._wanted, f"= {self._added(contributions)} = {result}")]
        else:
            added = self._added([*contributions, total - exact_sum(contributions)])
            note = f"the last number is that of the other {approximately(others)}"
            lines = [(self._wanted, f"= {added}"), ("", f"= {result}{self._write.remark(note)}")]
        return Block("Over the paths, add:", lines)

    def _added(self, contributions: Sequence[float]) -> str:
        plus, minus = self._write.plus_minus
        sign = self._write.minus
        first, *others = map(self._write.number, contributions)
        return first + "".join(
            minus + figure.removeprefix(sign) if figure.startswith(sign) else plus + figure
            for figure in others
        )

    # ------------------------------------------------------------ what a reader should notice

    def _remarks(self) -> list[str]:
        """Speak of cancellation, of rounding, of labels that several nodes share."""
        write, work = self._write, self._work
        found = []
        if work.view.magnitude > 2 * abs(work.total):
            found.append(self._cancellation())
        exact = write.number(work.gradient, ALL_FIGURES)
        if work.digits is not None:
            found.append(f"Without rounding it is {write.inline(exact)}{self._rounding_error()}.")
        elif exact != write.number(work.gradient):
            found.append(
                f"With more digits, as the backward sweep adds it up: {write.inline(exact)}."
            )
        if any(factor.slot is not None for factor in self._factors):
            found.append(
                "An index at a derivative says which operand is meant, the first or another."
            )
        return found + [
            f"{count} nodes are labelled {write.inline(name)}; a raised number tells them apart."
            for name, count in write.shared.items()
        ]

    def _cancellation(self) -> str:
        total, magnitude = self._work.total, self._work.view.magnitude
        without_signs = self._write.inline(self._write.number(magnitude))
        left = self._write.inline(self._write.number(total))
        cancel = f"cancel: without their signs they add up to {without_signs}"
        if total == 0:
            return f"The paths {cancel}."
        if abs(total) <= ROUNDING * magnitude:
            return f"The paths {cancel}; {left} is left by rounding."
        return f"The paths partly {cancel}, with them to {left}."

    def _rounding_error(self) -> str:
        if not self._work.gradient:
            return ""
        error = 100 * (self._work.total / self._work.gradient - 1)
        written = self._write.inline(self._write.number(error, 2))
        return f"; rounding has changed it by {written} percent"


def _why_no_formula(factor: Factor) -> str:
    if factor.inner > 1:
        return f"the sum over {approximately(factor.inner)} through unnamed nodes"
    if factor.source in factor.node.parents:
        return "a special case that the derivative table decides"
    return "the product along a path through unnamed nodes"


def _without_middle(parts: Sequence[Any]) -> list[Any]:
    """Shorten what is long: a None stands for its middle."""
    half = LONGEST_PRODUCT // 2
    return [*parts[:half], None, *parts[-half:]] if len(parts) > LONGEST_PRODUCT else [*parts]


# ---------------------------------------------------------------- how it is laid out


def as_text(parts: Sequence[Block]) -> str:
    """Lay a derivation out as plain text, aligned at the equals signs."""
    return "\n\n".join("\n".join([part.prose, *_aligned(part.lines)]) for part in parts)


def _aligned(lines: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(left) for left, _ in lines), default=0)
    if not width:
        return [f"  {right}" for _, right in lines]
    return [f"  {left:<{width}} {right}" for left, right in lines]


def as_markdown(parts: Sequence[Block]) -> str:
    """Lay a derivation out as Markdown with formulas between dollar signs."""
    written = []
    for part in parts:
        written.append(part.prose)
        if part.lines:
            lines = _aligned_in_latex(part.lines)
            written.append(f"$$\n\\begin{{aligned}}\n{lines}\n\\end{{aligned}}\n$$")
    return "\n\n".join(written)


def as_latex(parts: Sequence[Block]) -> str:
    """Lay a derivation out as one align* environment, for LaTeX, KaTeX and MathJax alike."""
    written = []
    for part in parts:
        prose = f"&\\text{{{part.prose}}}"
        lines = _aligned_in_latex(part.lines)
        written.append(f"{prose} \\\\\n{lines}" if lines else prose)
    return "\\begin{align*}\n" + " \\\\[1ex]\n".join(written) + "\n\\end{align*}"


def _aligned_in_latex(lines: Sequence[tuple[str, str]]) -> str:
    return " \\\\\n".join(f"{left} & {right}" for left, right in lines)
