"""`engine.files`: a file is written whole or not at all."""

import errno
import os
import stat
from pathlib import Path

import pytest

from engine.errors import OutputError
from engine.files import write_atomically


def names(folder):
    """List what a folder holds."""
    return [path.name for path in folder.iterdir()]


def test_text_and_bytes(tmp_path):
    """Text is written as UTF-8 with its line ends as they are, bytes as they come."""
    target = tmp_path / "a.txt"
    assert write_atomically(str(target), "ŷ\r\n") == target
    assert target.read_bytes() == b"\xc5\xb7\r\n"
    write_atomically(target, b"\x89PNG")
    assert target.read_bytes() == b"\x89PNG"
    assert names(tmp_path) == ["a.txt"]


def test_permissions(tmp_path):
    """A new file has the usual permissions, one that is replaced keeps its own."""
    usual = tmp_path / "usual"
    usual.touch()
    target = tmp_path / "a.txt"
    write_atomically(target, "1")
    assert target.stat().st_mode == usual.stat().st_mode
    target.chmod(0o640)
    write_atomically(target, "2")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_links_are_followed(tmp_path):
    """What a link points at is written, and the link stays one."""
    target, link = tmp_path / "a.txt", tmp_path / "link"
    link.symlink_to(target)
    write_atomically(link, "1")
    assert link.is_symlink()
    assert target.read_text() == "1"


def test_devices_are_not_replaced():
    """What is not a regular file is written to and stays what it is."""
    write_atomically(os.devnull, "1")
    assert Path(os.devnull).is_char_device()


def test_a_failure_leaves_everything_as_it_was(tmp_path, monkeypatch):
    """If the disk is full, the old file stays and no half-written one is left."""
    target = tmp_path / "a.txt"
    target.write_text("old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputError, match=r"cannot write .*a\.txt: No space left on device"):
        write_atomically(target, "new")
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing/a.txt", "the folder .*missing does not exist; create it"),
        (".", "it is a folder; add the name of a file"),
        ("a\0.txt", "null"),
        ("x" * 300, "File name too long; choose"),
    ],
)
def test_bad_paths_are_named(tmp_path, name, message):
    """A path that cannot be written is named, with the reason and the way out."""
    with pytest.raises(OutputError, match=message) as caught:
        write_atomically(tmp_path / name, "1")
    assert str(tmp_path) in str(caught.value)
    assert names(tmp_path) == []


def test_text_that_is_none_writes_nothing(tmp_path):
    """A lone surrogate has no UTF-8, so no file appears."""
    with pytest.raises(OutputError, match="surrogates not allowed"):
        write_atomically(tmp_path / "a.txt", "\ud800")
    assert names(tmp_path) == []
