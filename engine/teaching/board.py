"""Write a worked gradient down as a teacher does on the board.

One order of things for every output: the paths, the values on them, the local derivatives (a line
of symbols, a line of numbers), the product along each path, the sum over the paths. What differs
is the hand it is written in: plain text, or LaTeX with prose around it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.formulas.text import LatexWriter, TextWriter, Writer, latex_number
from engine.formulas.tree import size
from engine.labels import number, to_latex, typeset
from engine.routes.listing import approximately, exact_sum
from engine.routes.table import ROUNDING
from engine.teaching.worked import Factor, Route, Worked, distinct

MOST_FACTORS = 60
"""So many local derivatives are written down; a longer derivation says how many more there are."""

LONGEST_PRODUCT = 12
"""A product of more factors is written without its middle."""

LONGEST_FORMULA = 24
"""Names and numbers in the longest formula that is written down."""

LONGEST_DEFINITION = 16
"""Names and numbers in the longest formula of a value."""

FIGURES = 4
"""Significant digits of the numbers."""

ALL_FIGURES = 10
"""Significant digits of the result where it is given in full."""


@dataclass
class Block:
    """A part of a derivation: a heading or sentence, and lines aligned at their middle."""

    prose: str
    lines: list[tuple[str, str]] = field(default_factory=list)


class Hand:
    """How names, numbers and derivatives are written; for plain text.

    Args:
        work: What is written down.
    """

    writer: type[Writer] = TextWriter
    dot, minus, arrow, dots, plus_minus = " · ", "−", " → ", " ⋯ ", (" + ", " − ")

    def __init__(self, work: Worked) -> None:
        graph = work.view.graph
        self._work = work
        self._place = graph.index
        self._counts = Counter(self.label(n.label) for n in graph.nodes if n.label)
        self._letters = self._unused_letters()
        self.symbols = self.writer(self.name)
        self.figures = self.writer(lambda node: self.number(work.value(node)))

    def _unused_letters(self) -> dict[Any, str]:
        """Find names for ``y`` and ``x`` if they have none."""
        taken = set(self._counts)
        letters: dict[Any, str] = {}
        for node, choice in ((self._work.y, "fFyY"), (self._work.x, "xtuX")):
            if not node.label and node not in letters:
                free = [c for c in choice if c not in taken]
                letters[node] = free[0] if free else f"v_{self._place.get(node, 0)}"
                taken.add(letters[node])
        return letters

    # ------------------------------------------------------------ names and numbers

    def name(self, node: Any) -> str:
        """Write the name of a node; a leaf without one by its number."""
        label = node.label or self._letters.get(node)
        if not label and node.is_leaf:
            return self.number(self._work.value(node))
        place = self._place.get(node)
        label = label or f"v_{place}"
        name = self.label(label)
        is_taken = self._counts[name] > bool(node.label)  # by another node
        return name if place is None or not is_taken else self.numbered(label, place)

    def label(self, label: str) -> str:
        """Set a label."""
        return typeset(label)

    def numbered(self, label: str, place: int) -> str:
        """Set a name that several nodes share, with something to tell them apart."""
        return f"{typeset(label)}⁽{str(place).translate(_RAISED)}⁾"

    @property
    def shared(self) -> dict[str, int]:
        """The names that several nodes have by their labels, and how many have each."""
        return {name: count for name, count in self._counts.items() if count > 1}

    def number(self, x: float, digits: int = FIGURES) -> str:
        """Write a number."""
        return number(x, digits)

    def factor(self, x: float, *, first: bool) -> str:
        """Write a number in a product."""
        text = self.number(x)
        return f"({text})" if text.startswith(self.minus) and not first else text

    def inline(self, formula: str) -> str:
        """Put a formula into a sentence."""
        return formula

    def remark(self, text: str) -> str:
        """Put a sentence into a formula."""
        return f"   ({text})"

    def derivative(self, node: Any, source: Any, slot: int | None = None) -> str:
        """Write a partial derivative."""
        text = f"∂{self.name(node)}/∂{self.name(source)}"
        return text if slot is None else f"({text}){str(slot + 1).translate(_LOWERED)}"

    def tag(self, k: int) -> str:
        """Number a path."""
        return f"({k})"


_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class LatexHand(Hand):
    """The same in LaTeX."""

    writer = LatexWriter
    dot, minus, arrow, dots = " \\cdot ", "-", " \\to ", " \\cdots "
    plus_minus = (" + ", " - ")

    def label(self, label: str) -> str:
        """Set a label."""
        return to_latex(label)

    def numbered(self, label: str, place: int) -> str:
        """Set a name that several nodes share, with something to tell them apart."""
        return f"{{{to_latex(label)}^{{({place})}}}}"

    def number(self, x: float, digits: int = FIGURES) -> str:
        """Write a number."""
        return latex_number(number(x, digits))

    def inline(self, formula: str) -> str:
        """Put a formula into a sentence."""
        return f"${formula}$"

    def remark(self, text: str) -> str:
        """Put a sentence into a formula."""
        return f" \\quad \\text{{({text})}}"

    def derivative(self, node: Any, source: Any, slot: int | None = None) -> str:
        """Write a partial derivative."""
        text = f"\\frac{{\\partial {self.name(node)}}}{{\\partial {self.name(source)}}}"
        return text if slot is None else f"\\left({text}\\right)_{{{slot + 1}}}"

    def tag(self, k: int) -> str:
        """Number a path."""
        return f"({k})\\quad"


# ---------------------------------------------------------------- what is written


def blocks(work: Worked, hand: Hand, limit: int) -> list[Block]:
    """Write a derivation, part by part.

    Args:
        work: The gradient worked out.
        hand: How to write.
        limit: How many paths to work out at most.

    Returns:
        The parts, in order.
    """
    wanted = hand.derivative(work.y, work.x)
    if not work.view.count:
        return [_goal(work, hand, wanted), _no_path(work, hand, wanted)]
    routes = work.routes(limit)
    factors = distinct(routes)
    if not factors:
        return [Block(f"Wanted: {hand.inline(wanted)}", [(wanted, "= 1")])]
    written = [_goal(work, hand, wanted), _paths(work, hand, routes)]
    written += [_values(work, hand, routes), _locals(hand, factors)]
    if len(factors) > 1:
        written.append(_products(hand, routes))
    if work.view.count > 1:
        written.append(_sum(work, hand, wanted, routes))
    return [*written, *_remarks(work, hand, factors)]


def _goal(work: Worked, hand: Hand, wanted: str) -> Block:
    goal = f"Wanted: {hand.inline(wanted)}"
    if work.digits is not None:
        plural = "" if work.digits == 1 else "s"
        goal += f", from values rounded to {work.digits} decimal{plural}"
    return Block(goal)


def _no_path(work: Worked, hand: Hand, wanted: str) -> Block:
    x, y = hand.inline(hand.name(work.x)), hand.inline(hand.name(work.y))
    if work.x.is_constant:
        reason = f"{x} is a constant, which gradients do not enter"
    else:
        reason = f"No path leads from {x} to {y}: changing {x} does not change {y}"
    return Block(f"{reason}.", [(wanted, "= 0")])


def _paths(work: Worked, hand: Hand, routes: Sequence[Route]) -> Block:
    x, y = hand.inline(hand.name(work.x)), hand.inline(hand.name(work.y))
    count = work.view.count
    if count == 1:
        lines = [("", _arrows(hand, routes[0]))] if len(routes[0].factors) > 1 else []
        return Block(f"{y} depends on {x} along one path" + (":" if lines else "."), lines)
    lines = [(hand.tag(k), _arrows(hand, route)) for k, route in enumerate(routes, 1)]
    shown = ":" if len(routes) == count else f"; the {len(routes)} largest are worked out here:"
    return Block(f"{y} depends on {x} along {approximately(count)}{shown}", lines)


def _arrows(hand: Hand, route: Route) -> str:
    names = [n if n is None else hand.name(n) for n in _without_middle(route.nodes)]
    return hand.arrow.join(name or hand.dots.strip() for name in names)


def _values(work: Worked, hand: Hand, routes: Sequence[Route]) -> Block:
    on_the_way = {node: None for route in routes for node in route.nodes[1:]}
    order = sorted(on_the_way, key=work.view.graph.index.__getitem__)
    lines = [(hand.name(n), _value(work, hand, n)) for n in order[:MOST_FACTORS]]
    return Block("The values on the way:", lines)


def _value(work: Worked, hand: Hand, node: Any) -> str:
    value = hand.number(work.value(node))
    formula = work.formulas.definition(node)
    if size(formula) <= LONGEST_DEFINITION and work.formulas.is_in_names(formula):
        return f"= {hand.symbols(formula)} = {value}"
    return f"= {value}"


def _locals(hand: Hand, factors: Sequence[Factor]) -> Block:
    lines: list[tuple[str, str]] = []
    for factor in factors[:MOST_FACTORS]:
        left = hand.derivative(factor.node, factor.source, factor.slot)
        rights = _derived(hand, factor)
        lines += [(left if k == 0 else "", right) for k, right in enumerate(rights)]
    if len(factors) > MOST_FACTORS:
        lines.append(("", hand.remark(f"and {len(factors) - MOST_FACTORS:,} more")))
    return Block(f"The local derivative{'s' * (len(factors) > 1)}:", lines)


def _derived(hand: Hand, factor: Factor) -> list[str]:
    """Write the symbols line and the numbers line of one local derivative."""
    value = hand.number(factor.value)
    formula = factor.formula
    if formula is None or size(formula) > LONGEST_FORMULA:
        return [f"= {value}{hand.remark(_why_no_formula(factor))}"]
    symbols, figures = hand.symbols(formula), hand.figures(formula)
    if figures != value:
        return [f"= {symbols}", f"= {figures} = {value}"]
    return [f"= {symbols} = {value}" if symbols != value else f"= {value}"]


def _why_no_formula(factor: Factor) -> str:
    if factor.inner > 1:
        return f"the sum over {approximately(factor.inner)} through unnamed nodes"
    if factor.source in factor.node.parents:
        return "a special case that the derivative table decides"
    return "the product along a path through unnamed nodes"


def _products(hand: Hand, routes: Sequence[Route]) -> Block:
    lines: list[tuple[str, str]] = []
    for k, route in enumerate(routes, 1):
        dots = hand.dots.strip()
        shown = _without_middle(route.factors)
        symbols = [hand.derivative(f.node, f.source, f.slot) if f else dots for f in shown]
        figures = [hand.factor(f.value, first=not j) if f else dots for j, f in enumerate(shown)]
        tag = hand.tag(k) if len(routes) > 1 else hand.derivative(route.nodes[-1], route.nodes[0])
        equals = "" if len(routes) > 1 else "= "
        result = hand.number(route.contribution)
        if len(figures) == 1:
            lines.append((tag, f"{symbols[0]} = {result}"))
            continue
        lines.append((tag, equals + hand.dot.join(symbols)))
        lines.append(("", f"= {hand.dot.join(figures)} = {result}"))
    return Block("Along each path, multiply:" if len(routes) > 1 else "Multiply them:", lines)


def _without_middle(parts: Sequence[Any]) -> list[Any]:
    """Shorten what is long: a None stands for its middle."""
    half = LONGEST_PRODUCT // 2
    return [*parts[:half], None, *parts[-half:]] if len(parts) > LONGEST_PRODUCT else [*parts]


def _sum(work: Worked, hand: Hand, wanted: str, routes: Sequence[Route]) -> Block:
    total = _added(hand, [route.contribution for route in routes])
    others = work.view.count - len(routes)
    if others:
        rest = work.total - exact_sum(route.contribution for route in routes)
        note = hand.remark(f"the last number is that of the other {approximately(others)}")
        total = _added(hand, [*(route.contribution for route in routes), rest])
        lines = [(wanted, f"= {total}"), ("", f"= {hand.number(work.total)}{note}")]
    else:
        lines = [(wanted, f"= {total} = {hand.number(work.total)}")]
    return Block("Over the paths, add:", lines)


def _added(hand: Hand, terms: Sequence[float]) -> str:
    plus, minus = hand.plus_minus
    text = hand.number(terms[0])
    for term in terms[1:]:
        figure = hand.number(term)
        negative = figure.startswith(hand.minus)
        text += minus + figure[len(hand.minus) :] if negative else plus + figure
    return text


def _remarks(work: Worked, hand: Hand, factors: Sequence[Factor]) -> list[Block]:
    """Say what a reader should notice: cancellation, rounding, labels that several nodes share."""
    found = []
    magnitude = work.view.total_magnitude()
    if magnitude > 2 * abs(work.total):
        found.append(_cancellation(work, hand, magnitude))
    exact = hand.number(work.gradient, ALL_FIGURES)
    if work.digits is not None:
        found.append(f"Without rounding it is {hand.inline(exact)}{_rounding_error(work, hand)}.")
    elif exact != hand.number(work.gradient):
        found.append(f"With more digits, as the backward sweep adds it up: {hand.inline(exact)}.")
    if any(factor.slot is not None for factor in factors):
        found.append("An index at a derivative says which operand is meant, the first or another.")
    found += [
        f"{count} nodes are labelled {hand.inline(name)}; a raised number tells them apart."
        for name, count in hand.shared.items()
    ]
    return [Block(sentence) for sentence in found]


def _cancellation(work: Worked, hand: Hand, magnitude: float) -> str:
    without_signs = hand.inline(hand.number(magnitude))
    total = hand.inline(hand.number(work.total))
    if work.total == 0:
        return f"The paths cancel: without their signs they add up to {without_signs}."
    if abs(work.total) <= ROUNDING * magnitude:
        return (
            f"The paths cancel: without their signs they add up to {without_signs}; "
            f"{total} is left by rounding."
        )
    return (
        f"The paths partly cancel: without their signs they add up to {without_signs}, "
        f"with them to {total}."
    )


def _rounding_error(work: Worked, hand: Hand) -> str:
    if not work.gradient:
        return ""
    error = 100 * (work.total / work.gradient - 1)
    return f"; rounding has changed it by {hand.inline(hand.number(error, 2))} percent"


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
            rows = _rows(part.lines)
            written.append(f"$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$")
    return "\n\n".join(written)


def as_latex(parts: Sequence[Block]) -> str:
    """Lay a derivation out as one align* environment, for LaTeX, KaTeX and MathJax alike."""
    written = []
    for part in parts:
        prose = f"&\\text{{{part.prose}}}"
        written.append(f"{prose} \\\\\n{_rows(part.lines)}" if part.lines else prose)
    return "\\begin{align*}\n" + " \\\\[1ex]\n".join(written) + "\n\\end{align*}"


def _rows(lines: Sequence[tuple[str, str]]) -> str:
    return " \\\\\n".join(f"{left} & {right}" for left, right in lines)
