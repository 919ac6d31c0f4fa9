"""`stepper`: one self-contained page that walks a forward pass and a backward sweep.

The page, its style and its script are the plain files beside this one; here they are put together
with the pictures and the numbers of a graph.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import isfinite
from os import PathLike
from pathlib import Path as File
from typing import Any, Literal, get_args

from engine.core.graph import WeightedGraph
from engine.errors import ShapeError, TooLargeError, UnknownNameError, known
from engine.files import write_atomically
from engine.labels import number, one_line, typeset
from engine.routes.reading import Reading, read
from viz.graph.diagram import size
from viz.graph.render import Renderer
from viz.pages import Page, palette, script_safe, target_of, write_page
from viz.stepping.data import DIGITS, Texts, ViewData
from viz.stepping.picture import page_diagram, picture
from viz.svg.escape import escape_xml

View = Literal["milestones", "nodes"]

VIEWS: tuple[str, ...] = get_args(View)

MAX_NODES = 600
"""Boxes and circles of the largest view that a page can hold and a reader can follow."""

_HEADINGS = {"milestones": "Milestones", "nodes": "Every node"}


@dataclass(frozen=True, repr=False)
class Stepper(Page):
    """A step page, made by :func:`stepper`; in a notebook it shows itself.

    Attributes:
        title: The heading of the page.
        steps: How many steps each view has.
        page: The page.
    """

    title: str
    steps: dict[str, int]
    page: str
    height: int = 820

    def html(self) -> str:
        """Give the page: a complete HTML document that needs nothing else."""
        return self.page

    def save(self, path: str | PathLike[str]) -> File:
        """Write the page into a file; it appears whole or not at all.

        Args:
            path: Where to: ``.html`` or ``.htm``.

        Returns:
            The path.

        Raises:
            UnknownNameError: If the suffix is another.
            OutputError: If the file cannot be written.
        """
        complaint = (
            "a step page is an .html file; for a picture without steps use draw(y).save(...)"
        )
        return write_atomically(target_of(path, {".html", ".htm"}, complaint), self.page)

    def __repr__(self) -> str:
        counts = ", ".join(f"{count} steps by {view}" for view, count in self.steps.items())
        return f"<Stepper {self.title!r}: {counts}>"


def stepper(
    y: Any,
    view: View = "milestones",
    *,
    title: str | None = None,
    highlight: Any = None,
    updates: Iterable[Any] = (),
    max_nodes: int = MAX_NODES,
    renderer: Renderer | str | None = None,
) -> Stepper:
    """Make a page that steps through the forward pass and the backward sweep of a result.

    Args:
        y: The Value to differentiate, or a `WeightedGraph`, which is then the only view.
        view: Which view the page opens with: ``"milestones"`` or ``"nodes"``; the page has both.
        title: The heading; None for one that names the root.
        highlight: A Value or its label, whose derivation and paths the page shows first.
        updates: The same result after each update of the weights, recorded anew: the page then
            also plays the training.
        max_nodes: The most boxes and circles of a view. The nodes are left out if they are more.
        renderer: Which renderer to use (see `viz.graph.render`).

    Returns:
        The page: `Stepper.save` writes it, in a notebook it shows itself.

    Raises:
        UnknownNameError: If the view or a label is not known.
        ShapeError: If an update is not a recording of the same graph.
        TooLargeError: If even the milestones are too many.
        ValueTypeError: If ``y`` is not a Value or a graph.
        RenderError: If the renderer is missing, fails or takes too long.

    Example:
        >>> from engine import Value
        >>> w, x = Value(0.5, "w"), Value(2.0, "x")
        >>> stepper((w * x).tanh(), title="tanh(wx)")
        <Stepper 'tanh(wx)': 3 steps by milestones, 5 steps by nodes>
    """
    if view not in VIEWS:
        raise UnknownNameError(f"view={view!r} is not known; choose one of {known(VIEWS)}")
    frames = [read(y), *map(read, updates)]
    _refuse_other_graphs([frame.graph for frame in frames])
    chosen = None if highlight is None else frames[0].find(highlight)
    texts = Texts()
    shown = {
        key: ViewData(readings, texts, operations=key == "nodes")
        for key, readings in _views(frames, chosen, max_nodes).items()
    }
    root = typeset(frames[0].graph.root.label) or "y"
    heading = one_line(title) if title is not None else f"The gradient of {root}, step by step"
    return _Writer(heading, root, view, shown, texts, chosen, renderer).stepper()


def _views(frames: Sequence[Reading], chosen: Any, max_nodes: int) -> dict[str, Sequence[Reading]]:
    """The frames in each view that is shown; a graph that was given is shown as it is."""
    first, *others = frames
    found = {"milestones": frames}
    if not first.is_view:
        condensed = first.by("milestones", *([] if chosen is None else [chosen]))
        kept = [first.graph.index[node] for node in condensed.graph.nodes]
        later = [each.condensed([each.graph.nodes[k] for k in kept]) for each in others]
        found = {"milestones": [condensed, *later], "nodes": frames}
    sizes = {key: size(readings[0].graph, key) for key, readings in found.items()}
    fitting = {key: readings for key, readings in found.items() if sizes[key] <= max_nodes}
    if not fitting:
        raise TooLargeError(
            f"too large to step through: {min(sizes.values()):,} nodes, at most {max_nodes:,}; "
            "name fewer nodes, step through a part (stepper(h) for what lies below a node h), "
            "or raise max_nodes"
        )
    return fitting


def _refuse_other_graphs(frames: Sequence[WeightedGraph]) -> None:
    first = frames[0]
    for place, other in enumerate(frames[1:], start=1):
        same = [node.op for node in other.nodes] == [node.op for node in first.nodes]
        if other.sources != first.sources or not same:
            raise ShapeError(
                f"update {place} has another graph ({other!r}) than the first result "
                f"({first!r}); record the same computation again with the new weights"
            )


@dataclass(frozen=True, slots=True)
class _Writer:
    """A page being put together."""

    title: str
    root: str
    view: str
    views: dict[str, ViewData]
    texts: Texts
    chosen: Any
    renderer: Renderer | str | None

    def stepper(self) -> Stepper:
        data = self.data()
        written = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        prefix = f"s{sha256((self.title + written).encode()).hexdigest()[:6]}-"
        parts = {
            "title": escape_xml(self.title),
            "prefix": prefix,
            "data": script_safe(written),
            "pictures": "\n".join(self.pictures(prefix)),
        }
        page = write_page("viz.stepping", palette(), parts)
        steps = {key: len(shown.steps[0]) for key, shown in self.views.items()}
        return Stepper(self.title, steps, page)

    def data(self) -> dict[str, Any]:
        views = {
            key: {"heading": _HEADINGS[key], **shown.data()} for key, shown in self.views.items()
        }
        return {
            "root": self.root,
            "view": self.view if self.view in self.views else next(iter(self.views)),
            "views": views,
            "chosen": {  # where the chosen node stands; -1 for no node
                key: shown.graph.index.get(self.chosen, -1) for key, shown in self.views.items()
            },
            "updates": self.updates(),
            "texts": self.texts.all(),
        }

    def updates(self) -> list[dict[str, Any]]:
        """The training: the loss and the weights of every frame; nothing for a single one."""
        shown = next(iter(self.views.values()))
        if len(shown.frames) == 1:
            return []
        graphs = [reading.graph for reading in shown.frames]
        learned = [
            k
            for k, sources in enumerate(shown.graph.sources)
            if not sources
            and any(graph.nodes[k].data != shown.graph.nodes[k].data for graph in graphs)
        ]
        return [
            {
                # JSON has no infinity and no nan.
                "loss": graph.root.data if isfinite(graph.root.data) else None,
                "text": number(graph.root.data, DIGITS),
                "weights": [
                    [
                        shown.name(k),
                        number(graph.nodes[k].data, DIGITS),
                        number(reading.adjoints[k], DIGITS),
                    ]
                    for k in learned
                ],
            }
            for graph, reading in zip(graphs, shown.frames, strict=True)
        ]

    def pictures(self, prefix: str) -> Iterator[str]:
        for key, shown in self.views.items():
            values, gradients = shown.longest()
            diagram = page_diagram(
                shown.reading, operations=key == "nodes", values=values, gradients=gradients
            )
            label = f"The graph of {self.root}: {_HEADINGS[key].lower()}"
            svg = picture(diagram, shown.final(), f"{prefix}{key[0]}-", label, self.renderer)
            yield f'<div class="sheet" id="{prefix}{key}" hidden>{svg}</div>'
