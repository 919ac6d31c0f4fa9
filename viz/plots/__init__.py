"""Plots of a training and of a model, each by one call: figures of matplotlib, an extra.

>>> from viz import plots
>>> sorted(name for name in plots.__all__)[:3]
['decision_boundary', 'gradient_flow', 'gradient_histograms']

``plots.loss_curves(history).savefig("loss.svg")`` writes a file; in a notebook a figure shows
itself. Every plot takes ``theme="light"`` or ``"dark"``. Lines and marks differ in more than their
colour, and the colours are told apart in every kind of colour blindness (`viz.svg.theme`). In the
source, open `curves` first; `figure` and `lines` are what the plots share.
"""

from viz.plots.boundary import decision_boundary
from viz.plots.curves import loss_curves
from viz.plots.layers import gradient_flow, gradient_histograms, weight_histograms

__all__ = [
    "decision_boundary",
    "gradient_flow",
    "gradient_histograms",
    "loss_curves",
    "weight_histograms",
]
