"""Compiled objects on disk, so that a machine compiles each of them once.

A file's name is a digest of all that decides what is in it: the IR, the version of llvmlite, the
processor and its features. Its content begins with a digest of the rest; if that does not match,
the file is as good as absent. A folder that cannot be written to is no error: then nothing is
kept. The folder is ``EVERYPATH_CACHE``, or the user's cache folder by the custom of the system;
``EVERYPATH_CACHE=`` (empty) keeps nothing.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import OutputError
from engine.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable

_DIGEST_BYTES = 32


def folder() -> Path | None:
    """Find the cache folder, which need not exist; None if nothing is to be kept."""
    chosen = os.environ.get("EVERYPATH_CACHE")
    if chosen is not None:
        return Path(chosen) if chosen else None
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - never raises, unlike Path.home
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "everypath"


def cached(what: tuple[str, ...], compile_object: Callable[[], bytes]) -> bytes:
    """Return a compiled object, from the cache if one of all that decides what it is is there."""
    place = folder()
    if place is None:
        return compile_object()
    digest = hashlib.sha256("\0".join(what).encode()).digest()
    path = place / f"{digest.hex()}.o"
    found = _read(path, digest)
    if found is None:
        found = compile_object()
        _keep(path, _seal(digest, found) + found)
    return found


def _seal(digest: bytes, content: bytes) -> bytes:
    """Digest a content together with what it should be."""
    return hashlib.sha256(digest + content).digest()


def _read(path: Path, digest: bytes) -> bytes | None:
    try:
        stored = path.read_bytes()
    except OSError:
        return None
    content = stored[_DIGEST_BYTES:]
    return content if stored[:_DIGEST_BYTES] == _seal(digest, content) else None


def _keep(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(path, content)
    except (OSError, OutputError):
        return  # an unwritable folder: the object is compiled again next time
