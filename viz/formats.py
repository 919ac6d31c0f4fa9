"""A picture of a graph, in several formats: what `viz.draw` gives.

Making a format is a pure function of the description; `Drawing.save` is the one place that writes
a file, and `viz.graph.render` the one that starts a renderer.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape
from importlib import import_module
from os import PathLike
from pathlib import Path as File
from typing import Any, ClassVar, Literal

import graphviz

from engine.errors import MissingExtraError, RenderError, UnknownNameError, known
from engine.files import write_atomically
from viz.graph.diagram import Diagram
from viz.graph.dot import to_digraph
from viz.graph.mermaid import to_mermaid
from viz.graph.render import Renderer, render
from viz.network.picture import Network, network_svg
from viz.pages import target_of
from viz.svg.adaptive import adaptive
from viz.svg.theme import DARK, LIGHT, Theme
from viz.svg.theme import theme as theme_named

ThemeName = Literal["auto", "light", "dark"]


def fixed_theme(name: str) -> Theme:
    """Find the theme whose colours are written into the file; ``"auto"`` is light at first."""
    if name == "auto":
        return LIGHT
    if name not in {"light", "dark"}:
        raise UnknownNameError(f"theme={name!r} is not known; choose 'auto', 'light' or 'dark'")
    return theme_named(name)


class Drawing(ABC):
    """A picture of a graph, in several formats; made by :func:`draw`.

    Attributes:
        title: What the picture is called where it is heard and not seen.
        theme: ``"auto"``, ``"light"`` or ``"dark"``.
    """

    title: str
    theme: ThemeName

    @property
    @abstractmethod
    def source(self) -> str:
        """The text that the picture is made from."""

    @abstractmethod
    def svg(self) -> str:
        """Draw the picture as SVG.

        Returns:
            The text of the SVG file.

        Raises:
            RenderError: If the renderer is missing, fails or takes too long.
        """

    @abstractmethod
    def formats(self) -> Mapping[str, Callable[[], str | bytes]]:
        """How each kind of file is made, by its suffix."""

    def save(self, path: str | PathLike[str]) -> File:
        """Write the picture into a file; its suffix says in which format.

        The file appears whole or not at all.

        Args:
            path: Where to: ``.svg``, ``.png``, ``.html`` (a page of its own), and for graphs
                ``.dot`` (Graphviz) and ``.mmd`` (Mermaid), which need no renderer.

        Returns:
            The path.

        Raises:
            UnknownNameError: If the suffix is not one of those.
            OutputError: If the file cannot be written.
            RenderError: If the renderer is missing, fails or takes too long.
        """
        made, suffix = self.formats(), File(path).suffix.lower()
        complaint = f"{self!r} knows the suffixes {known(made)}{self.advice(suffix)}"
        target = target_of(path, made, complaint)
        write_atomically(target, made[suffix]())
        return target

    def advice(self, suffix: str) -> str:
        """What else to do about a suffix that is not known."""
        del suffix
        return ""

    def html(self) -> str:
        """Write a page of its own that holds the picture, in light and dark as the theme says."""
        theme, svg = fixed_theme(self.theme), self.svg()
        dark = _DARK_PAGE.format(paper=DARK.paper, ink=DARK.ink) if self.theme == "auto" else ""
        return _PAGE.format(
            title=escape(self.title),
            svg=svg[svg.index("<svg") :],  # a page has its own prologue
            paper=theme.paper,
            ink=theme.ink,
            dark=dark,
        )

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show the picture in a notebook; where no renderer works, the reason."""
        try:
            return {"text/plain": repr(self), "image/svg+xml": self.svg()}
        except RenderError as error:
            return {"text/plain": f"{self!r}: {error}"}


@dataclass(frozen=True, repr=False)
class GraphDrawing(Drawing):
    """A graph of boxes and arrows, laid out by Graphviz.

    Attributes:
        diagram: What is drawn.
        theme: ``"auto"``, ``"light"`` or ``"dark"``.
        options: Direction, colour, width and edge labels, as `viz.graph.dot.to_digraph` takes
            them.
        renderer: Which renderer to use; None for the first that is installed.
    """

    diagram: Diagram
    theme: ThemeName = "auto"
    options: Mapping[str, Any] = field(default_factory=dict)
    renderer: Renderer | str | None = None
    title: str = "Computational graph"

    def digraph(self) -> graphviz.Digraph:
        """Give the graph as an object of the ``graphviz`` package, to be changed further."""
        return to_digraph(self.diagram, theme=fixed_theme(self.theme), **self.options)

    @property
    def source(self) -> str:
        """The text that the picture is made from: DOT."""
        return str(self.digraph().source)

    def svg(self) -> str:  # noqa: D102 - as in Drawing
        if self.theme != "auto":
            return render(self.source, "svg", renderer=self.renderer)
        digraph = self.digraph()
        # A picture that follows the reader's mode brings its own page: the one around it may not.
        digraph.attr("graph", bgcolor=LIGHT.paper)
        return adaptive(render(digraph.source, "svg", renderer=self.renderer))

    def png(self) -> bytes:
        """Draw the picture as pixels, 144 to the inch."""
        digraph = self.digraph()
        digraph.attr("graph", bgcolor=fixed_theme(self.theme).paper, dpi="144")
        return render(digraph.source, "png", renderer=self.renderer)

    def mermaid(self) -> str:
        """Write the graph as Mermaid, for Markdown."""
        chosen = {key: self.options[key] for key in ("direction", "edge_labels")}
        return to_mermaid(self.diagram, theme=fixed_theme(self.theme), **chosen)

    def formats(self) -> Mapping[str, Callable[[], str | bytes]]:  # noqa: D102 - as in Drawing
        return {
            ".svg": self.svg,
            ".png": self.png,
            ".html": self.html,
            ".dot": lambda: self.source,
            ".mmd": self.mermaid,
        }

    def __repr__(self) -> str:
        boxes, arrows = len(self.diagram.boxes), len(self.diagram.arrows)
        nodes = f"{boxes} node{'s' * (boxes != 1)}"
        return f"<Drawing of {nodes} and {arrows} arrow{'s' * (arrows != 1)}>"


class SvgDrawing(Drawing):
    """A picture that this package lays out alone, and writes as SVG."""

    subject: ClassVar[str]
    """What is drawn, for messages."""

    @abstractmethod
    def drawn(self, theme: Theme, dark: Theme | None) -> str:
        """Draw the picture in one theme, or in two that follow the reader."""

    @property
    def source(self) -> str:
        """The text that the picture is made from: SVG."""
        return self.svg()

    def svg(self) -> str:  # noqa: D102 - as in Drawing
        return self.drawn(fixed_theme(self.theme), DARK if self.theme == "auto" else None)

    def png(self) -> bytes:
        """Draw the picture as pixels; this needs the package cairosvg."""
        try:
            cairosvg = import_module("cairosvg")
        except ImportError:
            raise MissingExtraError(
                f"a .png of {self.subject} needs the package cairosvg: "
                "pip install 'everypath[png]'; or save it as .svg or .html, which need nothing"
            ) from None
        theme = fixed_theme(self.theme)
        svg = self.drawn(theme, None).encode()
        return bytes(cairosvg.svg2png(svg, scale=2, background_color=theme.paper))

    def formats(self) -> Mapping[str, Callable[[], str | bytes]]:  # noqa: D102 - as in Drawing
        return {".svg": self.svg, ".png": self.png, ".html": self.html}


@dataclass(frozen=True, repr=False)
class NetworkDrawing(SvgDrawing):
    """The network as a lecture draws it, laid out by this package alone.

    Attributes:
        network: What is drawn.
        theme: ``"auto"``, ``"light"`` or ``"dark"``.
    """

    subject = "the network view"
    network: Network
    theme: ThemeName = "auto"
    title: str = "Network"

    def drawn(self, theme: Theme, dark: Theme | None) -> str:  # noqa: D102 - as in SvgDrawing
        return network_svg(self.network, theme, dark=dark)

    def advice(self, suffix: str) -> str:  # noqa: D102 - as in Drawing
        if suffix in {".dot", ".mmd"}:
            return "; view='milestones' and view='nodes' also know '.dot' and '.mmd'"
        return ""

    def __repr__(self) -> str:
        return f"<Drawing of a network with {len(self.network.circles)} circles>"


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 2rem; background: {paper}; color: {ink}; }}
svg {{ display: block; margin: auto; max-width: 100%; height: auto; }}
{dark}
</style>
</head>
<body>
{svg}
</body>
</html>
"""
_DARK_PAGE = (
    "@media (prefers-color-scheme: dark) {{ body {{ background: {paper}; color: {ink}; }} }}"
)
