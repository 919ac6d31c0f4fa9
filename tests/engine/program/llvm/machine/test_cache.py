"""Compiled objects on disk: found again, never mixed up, and never a must."""

import sys
from pathlib import Path

import pytest

from engine.program.llvm.machine.cache import cached, folder


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Keep the cache in a folder of the test, which is made when it is needed."""
    monkeypatch.setenv("EVERYPATH_CACHE", str(tmp_path / "not" / "yet"))
    return tmp_path / "not" / "yet"


def never():
    """Fail if anything is compiled."""
    raise AssertionError


def test_an_object_is_compiled_once(place):
    """The second time it comes from the file."""
    assert cached(("ir", "cpu"), lambda: b"code") == b"code"
    assert cached(("ir", "cpu"), never) == b"code"
    assert len(list(place.iterdir())) == 1


@pytest.mark.parametrize("other", [("ir", "cpu2"), ("ir2", "cpu"), ("irc", "pu")])
def test_another_processor_or_text_has_another_object(place, other):
    """Whatever differs, the object is not shared."""
    cached(("ir", "cpu"), lambda: b"code")
    assert cached(other, lambda: b"other") == b"other"
    assert len(list(place.iterdir())) == 2


@pytest.mark.parametrize("damage", [b"", b"x" * 40, None])
def test_a_damaged_or_foreign_file_is_compiled_anew(place, damage):
    """A file is loaded only if the digest in it fits its content and its name."""
    cached(("ir",), lambda: b"code")
    (path,) = place.iterdir()
    cached(("foreign",), lambda: b"bad")
    (foreign,) = set(place.iterdir()) - {path}
    path.write_bytes(foreign.read_bytes() if damage is None else damage)
    assert cached(("ir",), lambda: b"code") == b"code"
    assert cached(("ir",), never) == b"code"


def test_an_unwritable_folder_does_no_harm(tmp_path, monkeypatch):
    """Where a file is in the way of the folder, nothing is kept."""
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("EVERYPATH_CACHE", str(tmp_path / "file" / "cache"))
    assert cached(("ir",), lambda: b"one") == b"one"
    assert cached(("ir",), lambda: b"two") == b"two"


def test_an_empty_setting_keeps_nothing(monkeypatch):
    """``EVERYPATH_CACHE=`` turns the cache off."""
    monkeypatch.setenv("EVERYPATH_CACHE", "")
    assert folder() is None
    assert cached(("ir",), lambda: b"one") == b"one"


@pytest.mark.parametrize(
    ("system", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", Path("/somewhere/everypath")),
        ("linux", "", Path("~/.cache/everypath").expanduser()),
        ("win32", "LOCALAPPDATA", Path("/somewhere/everypath")),
        ("win32", "", Path("~/AppData/Local/everypath").expanduser()),
        ("darwin", "", Path("~/Library/Caches/everypath").expanduser()),
    ],
)
def test_the_folder_is_where_the_system_keeps_caches(monkeypatch, system, variable, expected):
    """Each system has its custom, and a place for those who have not set anything."""
    for name in ("EVERYPATH_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", system)
    if variable:
        monkeypatch.setenv(variable, "/somewhere")
    assert folder() == expected
