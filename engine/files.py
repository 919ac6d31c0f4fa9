"""Write files whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from engine.errors import OutputError


def write_atomically(path: str | os.PathLike[str], content: str | bytes) -> Path:
    r"""Write a file so that nobody ever sees half of it.

    A new file in the same folder takes the place of the old one, which is as it was if anything
    fails. What is not a regular file, such as ``/dev/stdout``, is written to directly.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_atomically(f"{folder}/note.txt", "ŷ").read_bytes()
        b'\xc5\xb7'
    """
    given = Path(path)
    try:
        data = content.encode() if isinstance(content, str) else content
        target = given.resolve()
        if target.exists() and not (target.is_file() or target.is_dir()):
            target.write_bytes(data)
        else:
            _replace(target, data)
    except (OSError, ValueError, RuntimeError) as error:  # also a NUL, a loop of links
        raise OutputError(f"cannot write {given}: {_reason(error, given)}") from None
    return given


def _replace(target: Path, data: bytes) -> None:
    scratch = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        with scratch.open("xb") as file:
            file.write(data)
        if target.is_file():
            shutil.copymode(target, scratch)
        scratch.replace(target)
    finally:
        scratch.unlink(missing_ok=True)


def _reason(error: Exception, path: Path) -> str:
    """Say what is wrong and what to do about it."""
    if isinstance(error, FileNotFoundError):
        return f"the folder {path.parent} does not exist; create it, or choose another"
    if isinstance(error, IsADirectoryError):
        return "it is a folder; add the name of a file"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}; choose a folder where you may write"
    return str(error)
