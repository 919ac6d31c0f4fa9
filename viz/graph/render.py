"""Run a renderer: DOT text in, a picture out.

The only place where another program is started. The renderer that is installed with everypath
comes first, a system-wide Graphviz second; :func:`resolve` says which it is. DOT and Mermaid text
need neither.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, overload
from xml.etree.ElementTree import ParseError

from engine.errors import MissingRendererError, RenderError, UnknownNameError, known
from viz.svg.tree import SVG, parse, write

ENVIRONMENT_VARIABLE = "EVERYPATH_RENDERER"
FORMATS = {"svg": True, "dot": True, "json": True, "plain": True, "png": False, "pdf": False}
"""What a picture can be written as, and whether that is text."""

_KNOWN = ("graphviz-pure", "dot")
_INSTALL = (
    "install one: 'pip install graphviz-pure' (no system packages needed), or Graphviz itself "
    "('apt install graphviz', 'brew install graphviz', 'winget install graphviz'). "
    "DOT (.dot) and Mermaid (.mmd) text need no renderer"
)
_LONGEST_COMPLAINT = 1000


class Renderer(Protocol):
    """Whatever turns DOT into a picture."""

    @property
    def name(self) -> str:
        """What error messages call it."""

    def draw(self, source: str, fmt: str, timeout: float) -> bytes:
        """Draw a graph.

        Args:
            source: DOT.
            fmt: The format, one of :data:`FORMATS`.
            timeout: How many seconds it may take.

        Returns:
            The file's content.

        Raises:
            RenderError: If it cannot.
        """


@dataclass(frozen=True, slots=True)
class Program:
    """A program that understands Graphviz's command line."""

    name: str
    path: str

    def draw(self, source: str, fmt: str, timeout: float) -> bytes:
        """Run the program on a graph; see :class:`Renderer`."""
        try:
            done = subprocess.run(  # noqa: S603 - a list, no shell; the graph goes in by a pipe
                [self.path, "-Kdot", f"-T{fmt}"],
                input=source.encode(),
                capture_output=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise RenderError(
                f"{self.name} was stopped: it had not laid out the graph after {timeout:g} s; "
                'draw less of it (view="milestones", only=a node), or allow more time (timeout=)'
            ) from None
        except OSError as error:
            raise RenderError(
                f"{self.name} at {self.path} does not start: {error.strerror}; choose another "
                f"with the environment variable {ENVIRONMENT_VARIABLE}"
            ) from None
        except UnicodeEncodeError as error:
            raise RenderError(
                f"the DOT text holds {source[error.start]!r}, which is no character; "
                "clean labels with viz.svg.escape.clean"
            ) from None
        if done.returncode or not done.stdout:
            raise RenderError(
                f"{self.name} could not draw this as {fmt}: {_complaint(done.stderr)} "
                f"(exit code {done.returncode})"
            )
        return done.stdout


def _complaint(stderr: bytes) -> str:
    """Take the errors from what a renderer says, or all of it if there are only warnings."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines()]
    errors = [line for line in lines if line and not line.startswith("Warning")]
    text = "; ".join(errors or lines) or "it gave no reason"
    return text if len(text) <= _LONGEST_COMPLAINT else f"{text[:_LONGEST_COMPLAINT]}…"


def resolve(renderer: Renderer | str | os.PathLike[str] | None = None) -> Renderer:
    """Decide what draws.

    Args:
        renderer: A renderer; or the name of one, ``"graphviz-pure"`` or ``"dot"``; or the path of
            a program with Graphviz's command line. None takes what the environment variable
            ``EVERYPATH_RENDERER`` says in the same way, else ``graphviz-pure``, else ``dot``.

    Returns:
        The renderer.

    Raises:
        MissingRendererError: If it is not installed, or none is.

    Example:
        >>> resolve("graphviz-pure").name
        'graphviz-pure'
    """
    if renderer is not None and not isinstance(renderer, (str, os.PathLike)):
        return renderer
    wanted = os.fspath(renderer) if renderer else os.environ.get(ENVIRONMENT_VARIABLE)
    names = (wanted,) if wanted else _KNOWN
    for name in names:
        path = _locate(name)
        if path:
            return Program(Path(name).name, path)
    if wanted:
        source = "" if renderer else f" (from the environment variable {ENVIRONMENT_VARIABLE})"
        raise MissingRendererError(f"there is no renderer {wanted!r}{source}; {_INSTALL}")
    raise MissingRendererError(f"no renderer is installed, so there is no picture; {_INSTALL}")


def _locate(name: str) -> str | None:
    """Find a program: first beside this Python, which Jupyter's PATH may lack."""
    user = sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))
    folders = (sysconfig.get_path("scripts"), user, None)
    found = (shutil.which(name, path=folder) for folder in folders)
    return next(filter(None, found), None)


@overload
def render(
    source: str,
    fmt: Literal["svg", "dot", "json", "plain"] = "svg",
    *,
    renderer: Renderer | str | os.PathLike[str] | None = None,
    timeout: float = 20.0,
) -> str: ...
@overload
def render(
    source: str,
    fmt: Literal["png", "pdf"],
    *,
    renderer: Renderer | str | os.PathLike[str] | None = None,
    timeout: float = 20.0,
) -> bytes: ...
def render(
    source: str,
    fmt: str = "svg",
    *,
    renderer: Renderer | str | os.PathLike[str] | None = None,
    timeout: float = 20.0,
) -> str | bytes:
    """Draw DOT.

    Args:
        source: The text of the graph.
        fmt: ``"svg"``, ``"png"``, ``"pdf"``, ``"dot"``, ``"json"`` or ``"plain"``. Not every
            renderer knows all of them: ``graphviz-pure`` writes no PDF.
        renderer: What draws; see :func:`resolve`.
        timeout: After how many seconds the renderer is stopped. No other is tried then.

    Returns:
        Text, or bytes for PNG and PDF. SVG is well-formed, without the renderer's version and
        comments, so one renderer gives the same text in every run.

    Raises:
        RenderError: If the renderer refuses the graph, fails, or takes too long.
        MissingRendererError: If there is no renderer.
        UnknownNameError: If the format is not known.

    Example:
        >>> render("digraph { a -> b }").startswith("<svg")
        True
    """
    if fmt not in FORMATS:
        raise UnknownNameError(f"fmt={fmt!r} is not known; choose one of {known(FORMATS)}")
    chosen = resolve(renderer)
    made = chosen.draw(source, fmt, timeout)
    if not FORMATS[fmt]:
        return made
    text = made.decode("utf-8", "replace")
    return _well_formed(text, chosen.name) if fmt == "svg" else text


def _well_formed(svg: str, renderer: str) -> str:
    """Check SVG and write it anew; comments, among them the renderer's version, are left out."""
    try:
        root = parse(svg)
    except ParseError as error:
        raise RenderError(f"the output of {renderer} is not well-formed XML: {error}") from None
    if root.tag != f"{SVG}svg":
        raise RenderError(f"the output of {renderer} is not SVG: its root element is {root.tag!r}")
    return write(root) + "\n"
