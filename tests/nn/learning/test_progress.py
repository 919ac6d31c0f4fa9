"""The progress bar."""

import sys

import pytest

from engine.errors import MissingExtraError
from nn.learning.history import Epoch
from nn.learning.progress import progress_bar

ROW = Epoch(2, 0.123456, 0.75, None, None, 0.1, 1.0, 0.1)


def test_what_it_shows(capsys):
    """The epoch, steps, loss and metric, on standard error; validation if there is."""
    with progress_bar(True, 4, 2, "accuracy") as bar:
        for _ in range(4):
            bar.step()
        bar.epoch(ROW)
    shown = capsys.readouterr()
    assert shown.out == ""
    last = shown.err.split("\r")[-1]
    assert "epoch 2/2" in last
    assert "4/4" in last
    assert "loss=0.1235, accuracy=0.75]" in last
    with progress_bar(True, 4, 2, "accuracy") as bar:
        bar.epoch(ROW._replace(validation_loss=2.0, validation_metric=0.5))
    assert "validation loss=2, validation accuracy=0.5" in capsys.readouterr().err


def test_no_bar(capsys, monkeypatch):
    """Nothing is shown, and tqdm is not needed."""
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with progress_bar(False, 4, 2, None) as bar:
        bar.step()
        bar.epoch(ROW)
    assert capsys.readouterr() == ("", "")


def test_a_missing_tqdm(monkeypatch):
    """One sentence with the way out."""
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with (
        pytest.raises(MissingExtraError, match=r"pip install tqdm, or fit\(..., progress=False\)"),
        progress_bar(True, 4, 2, None),
    ):
        pass
