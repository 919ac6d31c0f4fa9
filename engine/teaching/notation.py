"""How a worked gradient is written: its names, numbers and derivatives, as text or in LaTeX."""

from __future__ import annotations

from collections import Counter
from typing import Any

from engine.formulas.text import LatexWriter, TextWriter, Writer, latex_number
from engine.labels import number, to_latex, typeset
from engine.teaching.worked import Worked

FIGURES = 4
"""Significant digits of the numbers."""


class Notation:
    """How the names, numbers and derivatives of a worked gradient are written; in plain text."""

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


class LatexNotation(Notation):
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
