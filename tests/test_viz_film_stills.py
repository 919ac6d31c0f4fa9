"""`viz.film.stills`: a still in words."""

from viz.film import Still
from viz.plane import Surface


def test_told():
    """Epoch, loss, and how many samples are right."""
    still = Still(12, 0.0123456, Surface([], 1.0, [True, True, False]))
    assert still.told == "epoch 12: loss 0.01235, 2 of 3 samples right"
