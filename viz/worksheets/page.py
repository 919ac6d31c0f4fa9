"""Worksheets: a page with blanks for a student, and the same page with the numbers as its key.

What stands on it, `viz.worksheets.sections` says; here it is asked for, drawn and written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

from engine.arguments import real, whole
from engine.errors import ShapeError, UnknownNameError, ValueTypeError, known
from engine.files import write_atomically
from nn.textbook import Network, softmax, story, w121, w131, w212, w222
from viz.drawing import draw
from viz.formats import Drawing, GraphDrawing, NetworkDrawing
from viz.graph.diagram import Diagram
from viz.network import model
from viz.network.from_graph import describe_network
from viz.worksheets.numbers import renumbered
from viz.worksheets.sections import Sections
from viz.worksheets.text import Part, latex, markdown

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
        return markdown(self._parts(key=key, picture=picture))

    def latex(self, *, key: bool = False) -> str:
        """Write the page as a LaTeX document (it needs amsmath).

        Args:
            key: True for the answers, False for the blanks.

        Returns:
            The text of a file.
        """
        return latex(self._parts(key=key), self.net.nodes)

    def _parts(self, *, key: bool, picture: str = "") -> Iterator[Part]:
        return Sections(self.net, self.digits, self.eta, self.seed, key=key).parts(picture)

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


def _shows(network: model.Network, name: str) -> bool:
    """Tell whether a node has a circle, or a link that is its weight."""
    circled = {label for circle in network.circles for label, _ in circle.parts}
    return name in circled or any(link.style == "highlight" for link in network.links)


def _unsolved_graph(graph: Diagram) -> Diagram:
    """Take out of a graph what the page asks for: all numbers but those of the leaves."""
    boxes = [
        replace(box, rows=(), tooltip=box.title)
        if box.kind in {"inner", "output"}
        else replace(box, rows=box.rows[:1])
        for box in graph.boxes
    ]
    return replace(graph, boxes=tuple(boxes))


def _unsolved(network: model.Network, given: Callable[[str], bool]) -> model.Network:
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
    """Write a worksheet and its key into files that begin so; in Markdown with a picture each."""
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
