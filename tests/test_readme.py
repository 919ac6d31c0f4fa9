"""The README: its examples run, its commands are there, its picture is the current one."""

import doctest
from pathlib import Path

import pytest

from nn.textbook import w131
from viz import draw
from viz.command.lecture import footnote, omitted

ROOT = Path(__file__).resolve().parents[1]


def test_examples():
    """Every example in the README gives what it shows."""
    found = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert found.attempted > 5
    assert found.failed == 0


@pytest.mark.parametrize("word", ["everypath w131", "pytest"])
def test_commands(word):
    """The README has one installing line for the main job, and one for the tests."""
    lines = (ROOT / "README.md").read_text("utf-8").splitlines()
    assert [line for line in lines if word in line and "pip install" in line]


def test_picture():
    """The picture at the top is what the main job writes today."""
    net = w131()
    drawing = draw(
        net.L, "network", highlight="w_131", omitted=omitted(net), footnote=footnote(net)
    )
    assert (ROOT / "docs" / "w131.svg").read_text("utf-8") == drawing.svg()
