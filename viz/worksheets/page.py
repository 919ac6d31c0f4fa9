"""Worksheets: a page with blanks for a student, and the same page with the numbers as its key.

The page walks through one gradient as the lectures do: the given numbers, the forward pass, the
routes, the local derivatives, the product along each route, the sum, the update of the weight.
Names, formulas and numbers are those of `engine.explain`; the mistakes of the key are those that
`engine.check_by_hand` recognises.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from os import PathLike
from pathlib import Path
from typing import Any

from engine.arguments import real, whole
from engine.errors import ShapeError, UnknownNameError, ValueTypeError, known
from engine.files import write_atomically
from engine.routes.listing import exact_sum
from engine.teaching.notation import LatexNotation
from engine.teaching.worked import Factor, Route, Worked, distinct, worked
from nn.textbook import Network, softmax, story, w121, w131, w212, w222
from viz.drawing import draw
from viz.formats import Drawing, GraphDrawing, NetworkDrawing
from viz.graph.diagram import Diagram as GraphDiagram
from viz.network.from_graph import describe_network
from viz.network.picture import Network as Diagram
from viz.worksheets.mistakes import mistakes
from viz.worksheets.numbers import renumbered
from viz.worksheets.text import (
    Box,
    Formulas,
    Heading,
    Part,
    Picture,
    Sentence,
    Table,
    Title,
    latex,
    markdown,
)

WORKSHEETS: Mapping[str, Callable[[], Network]] = {
    "w131": w131,
    "w212": w212,
    "w121": w121,
    "w222": w222,
    "w111": story.three_layers,
    "softmax": softmax.squared_error_of_softmax,
    "cross-entropy": softmax.softmax_cross_entropy,
    "logistic": softmax.logistic_of_two,
}
"""What there are worksheets for."""

FEWEST_DIGITS, MOST_DIGITS = 2, 8


@dataclass(frozen=True)
class Worksheet:
    """A worksheet and its key; made by `worksheet`.

    Attributes:
        net: The network, with the numbers of this worksheet.
        digits: How many decimals the work is done with.
        eta: The learning rate of the update.
        seed: Where the numbers come from; None for those of the source document.
    """

    net: Network
    digits: int = 4
    eta: float = 1.0
    seed: int | None = None

    def markdown(self, *, key: bool = False, picture: str = "") -> str:
        """Write the page as Markdown.

        Args:
            key: True for the answers, False for the blanks.
            picture: The name of a file with the network's picture, to be shown; "" for none.

        Returns:
            The text of a file.
        """
        return markdown(_Page(self, key=key).parts(picture))

    def latex(self, *, key: bool = False) -> str:
        """Write the page as a LaTeX document (it needs amsmath).

        Args:
            key: True for the answers, False for the blanks.

        Returns:
            The text of a file.
        """
        return latex(_Page(self, key=key).parts(), self.net.nodes)

    def picture(self, *, key: bool = False) -> Drawing:
        """Draw the network of the page; as milestones where it would not show what is wanted.

        Args:
            key: True for the routes in colour, with all values; False for the given numbers alone.

        Returns:
            The drawing.
        """
        title, root, focus = f"The network: {self.net.title}", self.net.root, self.net.focus
        try:
            network = describe_network(root, focus, digits=3)
        except UnknownNameError:  # a network of one's own, without textbook names
            network = None
        if network is None or not _shows(network, focus):
            drawing = draw(root, highlight=focus if key else None)
            assert isinstance(drawing, GraphDrawing)
            if not key:
                drawing = replace(
                    drawing,
                    diagram=_unsolved_graph(drawing.diagram),
                    options={**drawing.options, "edge_labels": False},
                )
            return replace(drawing, title=title)
        if not key:
            network = _unsolved(network, lambda name: self.net[name].is_leaf)
        return NetworkDrawing(network, title=title)


def worksheet(
    name: str | Network,
    seed: int | None = None,
    digits: int = 4,
    eta: float = 1.0,
) -> Worksheet:
    """Make a worksheet for one gradient of a textbook network.

    Args:
        name: One of `WORKSHEETS`, such as ``"w131"``; or a network that has a focus.
        seed: Draws new numbers, so that each student has their own; None keeps the document's.
        digits: How many decimals the work is done with, from 2 to 8.
        eta: The learning rate of the update.

    Returns:
        The worksheet: ``.markdown()`` and ``.latex()`` with blanks, ``key=True`` with answers.

    Raises:
        UnknownNameError: If there is no such worksheet.
        ShapeError: If ``digits`` is out of range, or no numbers can be found for so few.
        ValueTypeError: If a number is not one, or the network has no focus.

    Example:
        >>> page = worksheet("w222", seed=7)
        >>> r"w_{222} & = 0.5" in page.markdown()
        False
        >>> print(page.markdown(key=True).splitlines()[0])
        # Answer key: the gradient of $w_{222}$
    """
    if isinstance(name, Network):
        net = name
    elif name in WORKSHEETS:
        net = WORKSHEETS[name]()
    else:
        raise UnknownNameError(f"there is no worksheet {name!r}; known are {known(WORKSHEETS)}")
    if not net.focus:
        raise ValueTypeError(f"{net!r} has no focus, the node whose gradient is asked for")
    if not FEWEST_DIGITS <= whole(digits, "digits") <= MOST_DIGITS:
        raise ShapeError(f"digits must be from {FEWEST_DIGITS} to {MOST_DIGITS}, not {digits}")
    rate = real(eta, "eta")
    if seed is not None:
        net = renumbered(net, whole(seed, "seed"), digits)
    return Worksheet(net, digits, rate, seed)


def _shows(network: Diagram, name: str) -> bool:
    """Tell whether a node has a circle, or a link that is its weight."""
    circled = {label for circle in network.circles for label, _ in circle.parts}
    return name in circled or any(link.style == "highlight" for link in network.links)


def _unsolved_graph(graph: GraphDiagram) -> GraphDiagram:
    """Take out of a graph what the page asks for: all numbers but those of the leaves."""
    boxes = [
        replace(box, rows=(), tooltip=box.title)
        if box.kind in {"inner", "output"}
        else replace(box, rows=box.rows[:1])
        for box in graph.boxes
    ]
    return replace(graph, boxes=tuple(boxes))


def _unsolved(network: Diagram, given: Callable[[str], bool]) -> Diagram:
    """Take out of a picture what the page asks for."""
    circles = [
        replace(
            circle, parts=tuple((name, text if given(name) else "") for name, text in circle.parts)
        )
        for circle in network.circles
    ]
    return replace(
        network, circles=tuple(circles), routes=(), table_title="", total="", footnote=""
    )


def write_worksheet(
    sheet: Worksheet, name: str, folder: str | PathLike[str] = ".", *, latex: bool = False
) -> Iterator[Path]:
    """Write a worksheet and its key into files; in Markdown with a picture each.

    Args:
        sheet: The worksheet.
        name: What the files' names begin with; the seed follows.
        folder: Where they go.
        latex: True for LaTeX, False for Markdown.

    Yields:
        Each file that was written.

    Raises:
        OutputError: If a file cannot be written.
    """
    start = name if sheet.seed is None else f"{name}-{sheet.seed}"
    for key, kind in ((False, "worksheet"), (True, "key")):
        file = Path(folder, f"{start}-{kind}")
        if latex:
            yield write_atomically(file.with_suffix(".tex"), sheet.latex(key=key))
        else:
            picture = sheet.picture(key=key).save(file.with_suffix(".svg"))
            page = sheet.markdown(key=key, picture=picture.name)
            yield write_atomically(file.with_suffix(".md"), page)
            yield picture


class _Notation(LatexNotation):
    """Write numbers as the page asks for: so many decimals, and small ones to so many figures."""

    def __init__(self, work: Worked, digits: int) -> None:
        self._digits = digits
        super().__init__(work)

    def number(self, x: float, digits: int = 0) -> str:
        """Write a number with the decimals of the page, whatever is asked for."""
        del digits
        return super().number(x, self._figures(x))

    def rounded(self, x: float) -> float:
        """Give a number as it is written, which is what a student goes on with."""
        return float(f"{x:.{self._figures(x) - 1}e}")

    def _figures(self, x: float) -> int:
        before_the_point = math.floor(math.log10(abs(x))) + 1 if abs(x) >= 1 else 0
        return self._digits + before_the_point


def _blank(width: int) -> str:
    return rf"\underline{{\hspace{{{width}em}}}}"


class _Page:
    """One page, section by section, with answers or with blanks."""

    def __init__(self, sheet: Worksheet, *, key: bool) -> None:
        self._net, self._sheet, self._key = sheet.net, sheet, key
        self._exact = worked(sheet.net.root, sheet.net.focus)
        self._work = self._exact.rounded(sheet.digits)
        self._write = _Notation(self._work, sheet.digits)
        self._routes = self._work.routes(self._work.view.count)
        self._wanted = self._write.derivative(self._work.y, self._work.x)
        # Every number comes from those that the page shows, so that a student finds the same.
        rounded = self._write.rounded
        self._terms = [
            rounded(math.prod(rounded(factor.value) for factor in route.factors))
            for route in self._routes
        ]
        self._total = rounded(exact_sum(self._terms))
        self._x = self._write.name(self._work.x)
        self._y = self._write.name(self._work.y)

    def parts(self, picture: str = "") -> Iterator[Part]:
        """List the parts of the page."""
        yield from self._head()
        if picture:
            yield Picture(picture, f"The network: {self._net.title}")
        sections = [self._given, self._forward, self._paths, self._locals, self._products]
        if len(self._routes) > 1:
            sections.append(self._sum)
        if self._net.focus[0] in "wb":
            sections.append(self._update)
        sections.append(self._mistakes if self._key else self._checklist)
        for k, section in enumerate(sections, start=1):
            title, *parts = section()
            yield Heading(f"{k}. {title}")
            yield from parts

    def _answer(self, text: str, width: int = 5) -> str:
        """Give an answer, or the blank for it."""
        return text if self._key else _blank(width)

    def _number(self, x: float) -> str:
        return self._answer(self._write.number(x))

    # ------------------------------------------------------------ sections

    def _head(self) -> Iterator[Part]:
        yield Title(f"{'Answer key' if self._key else 'Worksheet'}: the gradient of ${self._x}$")
        if not self._key:
            yield Sentence(f"Name ${_blank(14)}$ Date ${_blank(7)}$")
        own = self._sheet.seed is None
        numbers = "their own numbers" if own else f"numbers no. {self._sheet.seed}"
        places = self._sheet.digits
        yield Sentence(
            f"After the lecture notes ({self._net.source}); {numbers}. Wanted: ${self._wanted}$. "
            f"Round every value of the forward pass to {places} decimals and go on with the "
            f"rounded one; of derivatives and products smaller than 0.1 keep {places} significant "
            "digits."
        )

    def _given(self) -> Iterator[Any]:
        yield "Given"
        leaves = [node for node in self._net.nodes.values() if node.is_leaf]
        leaves.sort(key=lambda node: (_row(node.label), node.label))
        yield Table(
            [
                [f"{self._write.name(node)} = {self._write.number(node.data)}" for node in row]
                for _, row in groupby(leaves, lambda node: _row(node.label))
            ]
        )

    def _forward(self) -> Iterator[Any]:
        yield "Forward pass"
        yield Formulas([self._value(n) for n in self._work.view.graph.nodes if not n.is_leaf])

    def _value(self, node: Any) -> tuple[str, str]:
        formula = self._write.symbols(self._work.formulas.definition(node))
        return self._write.name(node), f"= {formula} = {self._number(self._work.value(node))}"

    def _paths(self) -> Iterator[Any]:
        yield "The routes"
        yield Sentence(
            f"Follow every arrow from ${self._x}$ to ${self._y}$. There "
            f"{'is one route' if len(self._routes) == 1 else f'are {len(self._routes)} routes'}:"
        )
        yield Formulas(
            [
                (self._write.tag(k), self._answer(self._arrows(route), 24))
                for k, route in enumerate(self._routes, start=1)
            ]
        )

    def _arrows(self, route: Route) -> str:
        return self._write.arrow.join(map(self._write.name, route.nodes))

    def _locals(self) -> Iterator[Any]:
        yield "The local derivatives"
        yield Sentence("Each as a formula, then as a number.")
        yield Formulas([self._local(factor) for factor in distinct(self._routes)])

    def _local(self, factor: Factor) -> tuple[str, str]:
        write, formula = self._write, factor.formula
        assert formula is not None  # the textbook's networks are worked out on paper
        steps = [write.symbols(formula), write.figures(formula), write.number(factor.value)]
        shown = list(dict.fromkeys(steps)) if self._key else [_blank(9), _blank(5)]
        return write.derivative(factor.node, factor.source, factor.slot), "= " + " = ".join(shown)

    def _products(self) -> Iterator[Any]:
        yield "Along each route, multiply" if len(self._routes) > 1 else "Multiply them"
        yield Formulas([self._product(k, r) for k, r in enumerate(self._routes, start=1)])

    def _product(self, k: int, route: Route) -> tuple[str, str]:
        write = self._write
        numbers = [
            self._answer(write.factor(factor.value, first=not j), 4)
            for j, factor in enumerate(route.factors)
        ]
        left = write.tag(k) if len(self._routes) > 1 else self._wanted + " ="
        # In braces, else a minus at the beginning is set as if something stood before it.
        return left, f"{{{write.dot.join(numbers)}}} = {self._number(self._terms[k - 1])}"

    def _sum(self) -> Iterator[Any]:
        yield "Over the routes, add"
        terms = [self._write.factor(term, first=not k) for k, term in enumerate(self._terms)]
        added = " + ".join(self._answer(term, 4) for term in terms)
        yield Formulas([(self._wanted, f"= {added} = {self._number(self._total)}")])

    def _update(self) -> Iterator[Any]:
        write, x, eta, gradient = self._write, self._x, self._sheet.eta, self._total
        yield "The update"
        yield Sentence(
            rf"One step of gradient descent with the learning rate $\eta = "
            rf"{write.number(eta)}$, and what the gradient says it does to the loss."
        )
        old = self._net[self._net.focus].data
        new = old - eta * gradient
        step = f"{self._answer(write.number(old), 4)} - {write.number(eta)} \\cdot "
        change = -eta * gradient**2
        yield Formulas(
            [
                (
                    rf"{x} - \eta \, {self._wanted}",
                    f"= {step}{self._answer(write.factor(gradient, first=False), 4)} = "
                    f"{self._number(new)}",
                ),
                (rf"-\eta \left({self._wanted}\right)^2", f"= {self._number(change)}"),
            ]
        )
        if self._key:
            before, after = self._net.root.data, self._net.at({self._net.focus: new}).root.data
            yield Sentence(f"The true change of ${self._y}$ is ${write.number(after - before)}$.")

    # ------------------------------------------------------------ mistakes

    def _checklist(self) -> Iterator[Any]:
        yield "Before you hand it in"
        yield Box(_CHECKLIST[len(self._routes) == 1 :])

    def _mistakes(self) -> Iterator[Any]:
        yield "Common mistakes"
        exact = self._write.number(self._net.gradient(self._net.focus))
        yield Sentence(
            f"Without rounding on the way the gradient is ${exact}$; the last digits of a student "
            "may differ. What other answers would mean:"
        )
        yield Box(
            [
                f"${self._write.number(claim)}$: {'; or '.join(sentences)}"
                for claim, sentences in mistakes(self._exact, self._sheet.digits)
            ]
        )


_CHECKLIST = (
    "Is every route there? Count the arrows that leave each node on the way: a softmax output "
    "depends on every pre-activation.",
    "Does each route have a factor for each of its arrows, also for the activations?",
    "Is each sign right, and each constant there, such as the 2 of a square?",
)


def _row(label: str) -> tuple[int, str]:
    """Tell where in the table a leaf belongs: inputs, weights, biases, targets; by neuron."""
    return "xaZwby".find(label[0]), label[:-1] if "_" in label else label
