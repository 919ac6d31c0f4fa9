"""What a training leaves: columns, the best epoch, a table, a picture."""

import sys
from types import ModuleType

import pytest

from engine import ShapeError, UnknownNameError
from engine.displays import DISPLAYS
from engine.errors import MissingExtraError
from nn import MLP, History
from nn.learning.history import COLUMNS, Epoch


def course(losses, validation=None, metric_name="accuracy"):
    """A history with given losses."""
    made = History(MLP(1, [1]), metric_name)
    for k, loss in enumerate(losses, start=1):
        other = None if validation is None else validation[k - 1]
        metric = 0.5 if metric_name else None
        made.rows.append(Epoch(k, loss, metric, other, None, 0.1, 2.0, 0.25))
    return made


def test_columns():
    """By name, a number for each epoch; those without numbers are not among the columns."""
    made = course([3.0, 2.0])
    assert (made.epochs, made["loss"], made["epoch"]) == (2, [3.0, 2.0], [1, 2])
    assert made["validation loss"] == [None, None]
    assert list(made.columns) == [
        "epoch",
        "loss",
        "metric",
        "learning rate",
        "gradient norm",
        "seconds",
    ]
    assert "validation loss" in course([3.0], [4.0]).columns
    with pytest.raises(UnknownNameError, match="no column 'acc'; its columns are 'epoch', 'grad"):
        made["acc"]


def test_the_best_epoch():
    """By the validation loss, if there is one; the first of several."""
    assert course([3.0, 1.0, 1.0, 2.0]).best.epoch == 2
    assert course([3.0]).best.epoch == 1
    assert course([3.0, 1.0, 1.0, 2.0], [1.0, 2.0, 3.0, 0.5]).best.epoch == 4
    with pytest.raises(ShapeError, match="no epoch was finished"):
        _ = course([]).best


def test_the_table():
    """One line for each epoch, and a title with the time."""
    assert repr(course([3.0, 0.123456])) == (
        "2 epochs in 0.5 s\n"
        "epoch    loss  accuracy  learning rate  gradient norm  seconds\n"
        "    1       3       0.5            0.1              2     0.25\n"
        "    2  0.1235       0.5            0.1              2     0.25"
    )
    one = course([3.0], [4.0], None)
    one.stopped = "interrupted"
    assert repr(one).startswith("1 epoch in 0.25 s, interrupted\nepoch  loss  validation loss")


def test_a_long_table_is_thinned():
    """The first and the last epoch are there, and the rest evenly."""
    lines = repr(course([1.0] * 100)).splitlines()[2:]
    epochs = [int(line.split()[0]) for line in lines]
    assert epochs == [1, 12, 23, 34, 45, 56, 67, 78, 89, 100]


def test_nothing_yet():
    """A history without epochs prints its head."""
    title, head = repr(course([])).splitlines()
    assert title == "0 epochs in 0 s"
    assert head.split()[0] == "epoch"
    assert len(COLUMNS) == 8


def test_a_new_history_has_made_no_steps():
    """They are counted from 0."""
    assert History(MLP(1, [1])).steps == 0


def test_a_notebook_gets_html():
    """With the names escaped."""
    shown = course([3.0], metric_name="<f1>")._repr_mimebundle_(include=None)
    assert shown["text/plain"].startswith("1 epoch")
    assert "<caption>1 epoch in 0.25 s</caption>" in shown["text/html"]
    assert "<th>&lt;f1&gt;</th>" in shown["text/html"]
    assert "<td>3</td>" in shown["text/html"]


def test_plotting_is_up_to_viz(monkeypatch):
    """Without it, the message says what to install."""
    made = course([3.0])
    drawn = ModuleType("drawn")
    drawn.curves = lambda given, theme: (theme, given)
    monkeypatch.setitem(sys.modules, "drawn", drawn)
    monkeypatch.setitem(DISPLAYS, "History", ("drawn", "curves"))
    assert made.plot(theme="dark") == ("dark", made)
    monkeypatch.setitem(sys.modules, "drawn", None)
    with pytest.raises(MissingExtraError, match="by viz, which cannot be imported here; pip ins"):
        made.plot()
