"""Displays: viz draws what engine and nn make, and is imported when a picture is wanted."""

import subprocess
import sys

import pytest

from engine.displays import DISPLAYS, display
from viz.drawing import picture
from viz.plots import loss_curves


def test_each_is_drawn_by_viz():
    """The functions are there, under the names that the register has."""
    assert {of: display(of) for of in DISPLAYS} == {"Value": picture, "History": loss_curves}


@pytest.mark.parametrize("of", sorted(DISPLAYS))
def test_without_viz_there_is_none(monkeypatch, of):
    """As with engine alone, or where something that viz needs is not installed."""
    monkeypatch.setitem(sys.modules, DISPLAYS[of][0], None)
    assert display(of) is None


def test_viz_is_imported_when_a_picture_is_asked_for():
    """Not with engine and nn, and not for a text; then it needs no other import."""
    code = """
import sys
import nn
from engine import Value
y = Value(2.0, "x") * 3
repr(y), y.backward()
assert "viz" not in sys.modules
shown = y._repr_mimebundle_()
assert sorted(shown) == ["image/svg+xml", "text/plain"], shown
assert "viz" in sys.modules
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
