"""`explain`: the gradient of one node with respect to another as a worked derivation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.arguments import whole
from engine.teaching.notation import LatexNotation, Notation
from engine.teaching.worked import Factor, Route, Worked, distinct, worked
from engine.teaching.written import Block, Blocks, as_latex, as_markdown, as_text

if TYPE_CHECKING:
    from engine.routes.reading import By

LIMIT = 10
"""How many paths are worked out, unless more are asked for."""


class Derivation:
    """A worked derivation, made by `explain`; prints as text and shows itself in a notebook.

    Attributes:
        y: What is differentiated.
        x: With respect to what.
        routes: The paths that are worked out: nodes, factors, contribution.
        count: How many paths there are in all.
        gradient: The sum over all of them; with rounding, from the rounded numbers.
    """

    def __init__(self, work: Worked, limit: int) -> None:
        self._work = work
        self.y = work.y
        self.x = work.x
        self.count = work.view.count
        self.gradient = work.total
        self.routes: list[Route] = work.routes(limit)

    @property
    def factors(self) -> list[Factor]:
        """The local derivatives on the paths, each once, from ``y`` down."""
        return distinct(self.routes)

    def text(self) -> str:
        """Write the derivation as plain text."""
        return as_text(self._blocks(Notation))

    def markdown(self) -> str:
        """Write the derivation as Markdown with LaTeX formulas, for notebooks and GitHub."""
        return as_markdown(self._blocks(LatexNotation))

    def latex(self) -> str:
        """Write the derivation as one ``align*`` environment (LaTeX needs amsmath)."""
        return as_latex(self._blocks(LatexNotation))

    def _blocks(self, notation: type[Notation]) -> list[Block]:
        return Blocks(self._work, self.routes, notation(self._work)).all()

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def _repr_latex_(self) -> str:
        return self.latex()


def explain(
    y: Any, x: Any, digits: int | None = None, by: By = "milestones", limit: int = LIMIT
) -> Derivation:
    """Derive the gradient of ``y`` with respect to ``x`` as a teacher does on the board.

    The paths from ``x`` to ``y``; on each the local derivatives, in symbols and in numbers; their
    product along each path; the sum over the paths. The formulas come from the derivative table,
    and each is checked against the recorded number before it is shown.

    Args:
        y: The Value to differentiate.
        x: A Value, or the label of one below ``y``.
        digits: None for full precision. Else every computed milestone is rounded to so many
            decimals first, and the derivatives are evaluated from the rounded numbers, as a
            lecture does; leaves are given numbers and stay as they are.
        by: "milestones" for paths through named nodes, "nodes" for every recorded node.
        limit: How many paths to work out; if there are more, the largest.

    Returns:
        The derivation: print it, or take its ``text()``, ``markdown()`` or ``latex()``.

    Raises:
        UnknownNameError: If a label or ``by`` is not known.
        ValueTypeError: If ``y`` is not a Value, or ``digits`` or ``limit`` not a whole number.
        ShapeError: If ``digits`` or ``limit`` is negative, or ``digits`` beyond 15.
        DomainError: If the rounded numbers leave an operation's domain.
        StaleGraphError: With ``digits``, if a leaf was changed after ``y`` was computed.

    Example:
        >>> from engine import Value
        >>> x, y = Value(3.0, "x"), Value(2.0, "y")
        >>> explain(x**2 * y, "x")
        Wanted: ∂f/∂x
        <BLANKLINE>
        f depends on x along one path.
        <BLANKLINE>
        The values on the way:
          f = x²y = 18
        <BLANKLINE>
        The local derivative:
          ∂f/∂x = 2xy
                = 2 · 3 · 2 = 12
    """
    return Derivation(worked(y, x, digits, by), max(1, whole(limit, "limit")))
