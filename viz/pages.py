"""Pages that need nothing else: one HTML document with one script and one style.

Nothing is fetched: the content security policy of a page allows its own script and style by their
hashes, and nothing else. In a notebook a page stands in a frame that cannot reach the notebook.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files
from os import PathLike, fspath
from pathlib import Path

from engine.errors import UnknownNameError
from viz.svg.escape import escape_xml
from viz.svg.theme import DARK, LIGHT

_PLACE = re.compile(r"\{\{(\w+)\}\}")


class Page(ABC):
    """What is shown as a page."""

    title: str
    height: int

    @abstractmethod
    def html(self) -> str:
        """Write the page: a complete HTML document that needs nothing else."""

    def _repr_html_(self) -> str:
        """Show the page in a notebook, in a frame of its own: it cannot reach the notebook."""
        # Its line ends stay, so this is not `escape_xml`.
        inside = self.html().replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
        return (
            f'<iframe title="{escape_xml(self.title)}" sandbox="allow-scripts" '
            f'style="width:100%;height:{self.height}px;border:0" srcdoc="{inside}"></iframe>'
        )


def target_of(path: str | PathLike[str], suffixes: Iterable[str], complaint: str) -> Path:
    """Check that something can be saved under a name: its suffix says in which format."""
    target = Path(fspath(path))
    if target.suffix.lower() not in suffixes:
        raise UnknownNameError(f"cannot save {str(target)!r}: {complaint}")
    return target


def write_page(room: str, colours: str, parts: dict[str, str]) -> str:
    """Fill in the page of a room: its script, its style below the colours, and the parts."""
    style, script = colours + _read(room, "style.css"), _read(room, "script.js")
    parts = {"policy": _policy(script, style), "style": style, "script": script, **parts}
    # One pass: what is put in is not searched again, whatever a label or a title contains.
    return _PLACE.sub(lambda place: parts[place[1]], _read(room, "page.html"))


def _read(room: str, name: str) -> str:
    return (files(room) / name).read_text(encoding="utf-8")


def _policy(script: str, style: str) -> str:
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def script_safe(data: str) -> str:
    """Write JSON so that nothing in it can end the script element that it stands in."""
    return data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def palette() -> str:
    """Write the colours of the two themes as variables of the style sheet."""
    pairs = zip(LIGHT.colours(), DARK.colours(), strict=True)
    lines = [
        f"  --{role.replace('_', '-')}: light-dark({light}, {dark});"
        for (role, light), (_, dark) in pairs
    ]
    return "\n".join([":root {", *lines, "}", ""])
