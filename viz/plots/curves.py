"""The loss and the metric over the epochs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from engine.arguments import real
from engine.errors import ShapeError, ValueTypeError
from nn.learning.history import History
from viz.plots.figure import dashes, legend, new_figure
from viz.svg.theme import Theme

STEEP = 30.0
"""Losses that fall by a larger factor are shown on a logarithmic axis."""


def loss_curves(
    history: History | Mapping[str, Sequence[float]] | Sequence[float],
    *,
    theme: str | Theme = "light",
    title: str = "Loss while training",
) -> Any:
    """Plot the loss over the epochs; and the metric below it, if one was measured.

    Args:
        history: What `nn.fit` returns; or a list of losses, or several of them by name.
        theme: ``"light"``, ``"dark"``, or a theme.
        title: What stands above.

    Returns:
        The figure (`matplotlib.figure.Figure`).

    Raises:
        MissingExtraError: If matplotlib is not installed.
        ShapeError: If there is nothing to plot.
        ValueTypeError: If something is no number.
        UnknownNameError: If there is no such theme.

    Example:
        >>> figure = loss_curves([0.5, 0.25, 0.125])
        >>> figure.axes[0].get_ylabel()
        'loss'
    """
    panels = _panels(history)
    ratios = [2, 1][: len(panels)]
    with new_figure(
        len(panels), theme=theme, height=3.2 + len(panels), sharex=True, height_ratios=ratios
    ) as (figure, axes, colours):
        for ax, (label, lines) in zip(axes, panels.items(), strict=True):
            for k, (name, numbers) in enumerate(lines.items()):
                mark = "o" if len(numbers) == 1 else None
                ax.plot(
                    range(1, len(numbers) + 1),
                    numbers,
                    color=colours.route(k),
                    label=name,
                    linestyle=dashes(colours, k),
                    marker=mark,
                )
            ax.set_ylabel(label)
        if _is_steep(panels["loss"]):
            axes[0].set_yscale("log")
        else:
            axes[0].set_ylim(bottom=min(0.0, axes[0].get_ylim()[0]))
        axes[0].set_title(title)
        if len(panels["loss"]) > 1:
            legend(axes[0], len(panels["loss"]))
        axes[-1].set_xlabel("epoch")
        axes[-1].xaxis.get_major_locator().set_params(integer=True)
    return figure


def _panels(history: Any) -> dict[str, dict[str, list[float]]]:
    """Sort what is to be plotted: for each axis its lines by name."""
    if isinstance(history, History):
        columns, metric = history.columns, history.metric_name or "metric"
        panels = {
            "loss": {"training": "loss", "validation": "validation loss"},
            metric: {"training": "metric", "validation": "validation metric"},
        }
        found = {
            label: {name: _numbers(columns[c], c) for name, c in lines.items() if c in columns}
            for label, lines in panels.items()
        }
        if not history.epochs:
            raise ShapeError("no epoch was finished, so there is no loss to plot")
        return {label: lines for label, lines in found.items() if lines}
    lines = history if isinstance(history, Mapping) else {"loss": history}
    read = {str(name): _numbers(numbers, str(name)) for name, numbers in lines.items()}
    if not any(read.values()):
        raise ShapeError("there is no loss to plot; give a history, or a list of numbers")
    return {"loss": read}


def _numbers(given: Any, name: str) -> list[float]:
    if isinstance(given, str) or not hasattr(given, "__iter__"):
        raise ValueTypeError(
            f"{name} must be what nn.fit returns or a list of numbers, not {given!r}"
        )
    return [real(number, f"{name}[{k}]") for k, number in enumerate(given)]


def _is_steep(lines: Mapping[str, Sequence[float]]) -> bool:
    every = [x for numbers in lines.values() for x in numbers if isfinite(x)]
    return bool(every) and min(every) > 0.0 and max(every) > STEEP * min(every)
