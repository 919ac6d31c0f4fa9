"""`viz.film.stills`: a still in words."""

from viz.boundary.plane import Surface
from viz.film import Still


def test_told():
    """Epoch, loss, and how many samples are right."""
    still = Still(12, 0.0123456, Surface([], 1.0, [True, True, False]))
    assert still.told == "epoch 12: loss 0.01235, 2 of 3 samples right"
