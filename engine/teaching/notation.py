"""How a worked gradient is written: its names, numbers and derivatives, as text or in LaTeX."""

from __future__ import annotations

from typing import Any

from engine.formulas.text import LatexWriter, TextWriter, Writer, latex_number
from engine.labels import SUBSCRIPTS, SUPERSCRIPTS, number, to_latex, typeset
from engine.routes.reading import FormulaNames
from engine.teaching.worked import Worked

FIGURES = 4
"""Significant digits of the numbers."""


class Notation:
    """How the names, numbers and derivatives of a worked gradient are written; in plain text."""

    writer: type[Writer] = TextWriter
    dot, minus, arrow, dots, plus_minus = " · ", "−", " → ", " ⋯ ", (" + ", " − ")
    label = staticmethod(typeset)
    inline = "{}".format  # puts a formula into a sentence
    remark = "   ({})".format  # puts a sentence into a formula
    tag = "({})".format  # numbers a path

    def __init__(self, work: Worked) -> None:
        self._value = work.value
        self._names = FormulaNames(work.exact, self.label, self.numbered)
        self.shared = self._names.shared
        self.symbols = self.writer(self.name)
        self.figures = self.writer(lambda node: self.number(work.value(node)))

    def name(self, node: Any) -> str:
        """Write the name of a node; a leaf without one by its number."""
        return self._names[node] or self.number(self._value(node))

    def numbered(self, label: str, place: int) -> str:
        """Set a name that several nodes share, with something to tell them apart."""
        return f"{self.label(label)}⁽{str(place).translate(SUPERSCRIPTS)}⁾"

    def number(self, x: float, digits: int = FIGURES) -> str:
        """Write a number."""
        return number(x, digits)

    def factor(self, x: float, *, first: bool) -> str:
        """Write a number in a product."""
        text = self.number(x)
        return f"({text})" if text.startswith(self.minus) and not first else text

    def derivative(self, node: Any, source: Any, slot: int | None = None) -> str:
        """Write a partial derivative."""
        text = f"∂{self.name(node)}/∂{self.name(source)}"
        return text if slot is None else f"({text}){str(slot + 1).translate(SUBSCRIPTS)}"


class LatexNotation(Notation):
    """The same in LaTeX."""

    writer = LatexWriter
    dot, minus, arrow, dots = " \\cdot ", "-", " \\to ", " \\cdots "
    plus_minus = (" + ", " - ")
    label = staticmethod(to_latex)
    inline = "${}$".format
    remark = " \\quad \\text{{({})}}".format
    tag = "({})\\quad".format

    def numbered(self, label: str, place: int) -> str:
        """Set a name that several nodes share, with something to tell them apart."""
        return f"{{{self.label(label)}^{{({place})}}}}"

    def number(self, x: float, digits: int = FIGURES) -> str:
        """Write a number."""
        return latex_number(number(x, digits))

    def derivative(self, node: Any, source: Any, slot: int | None = None) -> str:
        """Write a partial derivative."""
        text = f"\\frac{{\\partial {self.name(node)}}}{{\\partial {self.name(source)}}}"
        return text if slot is None else f"\\left({text}\\right)_{{{slot + 1}}}"
