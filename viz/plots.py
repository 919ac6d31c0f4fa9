"""Plots of a training and of a model, each by one call: figures of matplotlib, an extra.

>>> from viz import plots
>>> sorted(name for name in plots.__all__)[:3]
['decision_boundary', 'gradient_flow', 'gradient_histograms']

``plots.loss_curves(history).savefig("loss.svg")`` writes a file; in a notebook a figure shows
itself. Every plot takes ``theme="light"`` or ``"dark"``. Lines and marks differ in more than their
colour, and the colours are told apart in every kind of colour blindness (`viz.theme`).
"""

# ruff: noqa: N803 - X is what everyone calls a table of samples

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, isfinite
from typing import Any, NamedTuple

from engine.domain import real
from engine.errors import ShapeError, ValueTypeError
from nn.history import History
from nn.module import Module
from viz.boundary import OPACITY, SHADES
from viz.figure import new_figure
from viz.plane import Plane, Surface
from viz.theme import Theme

__all__ = [
    "decision_boundary", "gradient_flow", "gradient_histograms", "loss_curves",
    "weight_histograms",
]  # fmt: skip

MARKS = ("o", "s", "^", "D", "v", "h")
"""The mark of each class."""

STEEP = 30.0
"""Losses that fall by a larger factor are shown on a logarithmic axis."""


# ---------------------------------------------------------------- training


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
                ax.plot(range(1, len(numbers) + 1), numbers, color=colours.route(k), label=name,
                        linestyle=_dashes(colours, k), marker=mark)  # fmt: skip
            ax.set_ylabel(label)
        if _is_steep(panels["loss"]):
            axes[0].set_yscale("log")
        else:
            axes[0].set_ylim(bottom=min(0.0, axes[0].get_ylim()[0]))
        axes[0].set_title(title)
        if len(panels["loss"]) > 1:
            _legend(axes[0], len(panels["loss"]))
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


def _dashes(theme: Theme, k: int) -> Any:
    """Give matplotlib the theme's dashes, which it measures in widths of the line."""
    lengths = [float(length) / 2.0 for length in theme.dash(k).split()]
    return (0, lengths) if lengths else "-"


# ---------------------------------------------------------------- boundary


def decision_boundary(
    model: Module,
    X: Any,
    y: Any,
    *,
    theme: str | Theme = "light",
    title: str = "Decision boundary",
    cells: int = 120,
    threshold: float | None = None,
) -> Any:
    """Plot where a model of two inputs decides for which class, with samples on top.

    The same as `viz.draw_boundary` draws, as a figure of matplotlib.

    Args:
        model: Takes two numbers, and returns one score, or one for each class.
        X: Samples of two numbers.
        y: The class of each (see `viz.plane.Plane`).
        theme: ``"light"``, ``"dark"``, or a theme.
        title: What stands above.
        cells: How finely the model is asked: so many cells along the longer side.
        threshold: Where a single score changes from one class to the other; None for 0, or, if
            the model gives nothing but numbers between 0 and 1, for 0.5.

    Returns:
        The figure (`matplotlib.figure.Figure`).

    Raises:
        MissingExtraError: If matplotlib is not installed.
        ShapeError: If the samples do not have two numbers each, or the labels do not fit.
        ValueTypeError: If the model is none, or something is no number.
        UnknownNameError: If there is no such theme.

    Example:
        >>> from nn import MLP, data
        >>> figure = decision_boundary(MLP(2, [4, 1], seed=1), *data.moons(50))
        >>> figure.axes[0].get_xlabel()
        '$x_1$'
    """
    plane = Plane(model, X, y, cells=cells, threshold=threshold)
    surface = plane.surface()
    with new_figure(theme=theme, height=4.8) as (figure, (ax,), colours):
        paint_samples(ax, plane, colours, wrong=not all(surface.right))
        paint_surface(ax, plane, surface, colours)
        ax.set_title(title)
    return figure


def paint_samples(ax: Any, plane: Plane, colours: Theme, *, wrong: bool) -> list[Any]:
    """Paint the samples onto a plot, with axes and legend.

    Args:
        ax: The plot.
        plane: The samples.
        colours: The theme.
        wrong: Whether the legend explains the rings around samples that the model gets wrong.

    Returns:
        What was painted: a line without a line for each class.
    """
    frame = plane.frame
    ax.set(xlim=(frame.left, frame.right), ylim=(frame.bottom, frame.top),
           aspect="equal" if frame.to_scale else "auto", xlabel="$x_1$",
           ylabel="$x_2$")  # fmt: skip
    ax.grid(visible=False)
    ax.spines[["top", "right"]].set_visible(True)
    painted = []
    for k, name in enumerate([f"class {name}" for name in plane.classes]):
        members = [x for x, label in zip(plane.X, plane.labels, strict=True) if label == k]
        painted += ax.plot(*_columns(members), linestyle="", marker=MARKS[k % len(MARKS)],
                           color=colours.route(k), markeredgecolor=colours.paper, markersize=7,
                           label=name)  # fmt: skip
    if wrong:
        _rings(ax, [], colours)
    ax.figure.legend(loc="outside lower center", ncols=len(plane.classes) + wrong,
                     handletextpad=0.1, columnspacing=1.0)  # fmt: skip
    return painted


def paint_surface(ax: Any, plane: Plane, surface: Surface, colours: Theme) -> list[Any]:
    """Paint the regions, the boundary, and rings around what the model gets wrong.

    Args:
        ax: The plot.
        plane: The samples, and where the grid is.
        surface: What the model said.
        colours: The theme.

    Returns:
        What was painted, the rings last.
    """
    painted = []
    for k, margin in enumerate(surface.margins):
        top = max(map(max, margin))
        # One shade at a time, each laid over the ones before, as `viz.boundary` does.
        for shade in SHADES:
            if top > shade * surface.scale:
                levels = [shade * surface.scale, top + 1.0]
                painted.append(ax.contourf(plane.xs, plane.ys, margin, levels=levels,
                                           colors=[colours.route(k)], alpha=OPACITY))  # fmt: skip
    painted += [
        ax.contour(plane.xs, plane.ys, margin, levels=[0.0], colors=[colours.ink], linewidths=1.4)
        for margin in surface.margins[1:]
        if min(map(min, margin)) < 0.0 < max(map(max, margin))
    ]
    wrong = [x for x, right in zip(plane.X, surface.right, strict=True) if not right]
    return painted + _rings(ax, wrong, colours)


def _rings(ax: Any, points: Sequence[Sequence[float]], colours: Theme) -> list[Any]:
    found: list[Any] = ax.plot(*_columns(points), linestyle="", marker="o", markersize=13,
                               markerfacecolor="none", markeredgecolor=colours.ink,
                               label="wrong")  # fmt: skip
    return found


def _legend(ax: Any, columns: int) -> None:
    """Tell the lines apart in the row of the title, where nothing is covered."""
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=columns, borderpad=0.2)


def _columns(points: Sequence[Sequence[float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]


# ---------------------------------------------------------------- inside the model


class _Layer(NamedTuple):
    """The numbers of a layer."""

    name: str
    weights: list[float]
    biases: list[float]


def weight_histograms(model: Module, *, theme: str | Theme = "light") -> Any:
    """Plot how the weights of each layer are spread; its biases as ticks below.

    Args:
        model: The model.
        theme: ``"light"``, ``"dark"``, or a theme.

    Returns:
        The figure (`matplotlib.figure.Figure`), with a plot for each layer.

    Raises:
        MissingExtraError: If matplotlib is not installed.
        ShapeError: If the model has no parameters.
        ValueTypeError: If it is no model.
        UnknownNameError: If there is no such theme.

    Example:
        >>> from nn import MLP
        >>> len(weight_histograms(MLP(2, [16, 16, 1], seed=1)).axes)
        3
    """
    numbers = [p.data for p in _parameters(model)]
    return _histograms(
        _layers(model, numbers), "Weights of each layer (ticks: biases)", "weight", theme
    )


def gradient_histograms(
    model: Module, gradient: Sequence[float] | None = None, *, theme: str | Theme = "light"
) -> Any:
    """Plot how the gradients of each layer are spread.

    Args:
        model: The model, after ``loss.backward()``.
        gradient: The derivative by each parameter, as a compiled program gives it; None for the
            ``grad`` of the parameters.
        theme: ``"light"``, ``"dark"``, or a theme.

    Returns:
        The figure (`matplotlib.figure.Figure`), with a plot for each layer.

    Raises:
        MissingExtraError: If matplotlib is not installed.
        ShapeError: If all gradients are 0, the model has no parameters, or ``gradient`` is not as
            long as they are many.
        ValueTypeError: If it is no model.
        UnknownNameError: If there is no such theme.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [4, 1], seed=1)
        >>> model([1.0, -2.0]).backward()
        >>> gradient_histograms(model).axes[0].get_xlabel()
        'gradient'
    """
    layers = _layers(model, _gradient(model, gradient))
    return _histograms(layers, "Gradients of each layer (ticks: of biases)", "gradient", theme)


def gradient_flow(
    model: Module, gradient: Sequence[float] | None = None, *, theme: str | Theme = "light"
) -> Any:
    """Plot how large the gradients of each layer are: the mean and the maximum of abs(g).

    Gradients that become smaller and smaller towards the first layer vanish; larger and larger
    ones explode (Hochreiter, 1991; Bengio, Simard and Frasconi, "Learning long-term dependencies
    with gradient descent is difficult", 1994).

    Args:
        model: The model, after ``loss.backward()``.
        gradient: As for `gradient_histograms`.
        theme: ``"light"``, ``"dark"``, or a theme.

    Returns:
        The figure (`matplotlib.figure.Figure`).

    Raises:
        MissingExtraError: If matplotlib is not installed.
        ShapeError: If all gradients are 0, the model has no parameters, or ``gradient`` is not as
            long as they are many.
        ValueTypeError: If it is no model.
        UnknownNameError: If there is no such theme.

    Example:
        >>> from nn import MLP
        >>> model = MLP(2, [4, 1], seed=1)
        >>> model([1.0, -2.0]).backward()
        >>> [line.get_label() for line in gradient_flow(model).axes[0].lines]
        ['mean of $|g|$', 'maximum of $|g|$']
    """
    layers = _layers(model, _gradient(model, gradient))
    sizes = [[abs(g) for g in layer.weights + layer.biases] for layer in layers]
    means = [sum(each) / len(each) for each in sizes]
    maxima = [max(each) for each in sizes]
    with new_figure(theme=theme) as (figure, (ax,), colours):
        places = range(1, len(layers) + 1)
        ax.vlines(places, means, maxima, colors=colours.line, linewidth=6, alpha=0.6)
        for k, (label, line) in enumerate((("mean", means), ("maximum", maxima))):
            ax.plot(places, line, marker="os"[k], markersize=9, color=colours.route(k),
                    linestyle=_dashes(colours, k), label=f"{label} of $|g|$")  # fmt: skip
        ax.set_yscale("log")
        ax.set_xlim(0.6, len(layers) + 0.4)
        ax.set_xticks(places, [layer.name for layer in layers])
        ax.grid(visible=False, axis="x")
        ax.set_ylabel("size of the gradient")
        ax.set_title("Gradient flow")
        _legend(ax, 2)
    return figure


def _histograms(layers: list[_Layer], title: str, label: str, theme: str | Theme) -> Any:
    columns = min(3, len(layers))
    rows = ceil(len(layers) / columns)
    size = {"width": max(3.1 * columns, 4.5), "height": 2.7 * rows + 0.6}
    with new_figure(rows, columns, theme=theme, **size) as (figure, axes, colours):
        for ax, layer in zip(axes, layers, strict=False):
            every = layer.weights or layer.biases
            ax.hist(every, bins=_bins(every), color=colours.route(0), alpha=0.85,
                    edgecolor=colours.paper, linewidth=0.6)  # fmt: skip
            ax.axvline(0.0, color=colours.muted, linewidth=0.8)
            if layer.weights:
                ax.plot(layer.biases, [0.0] * len(layer.biases), linestyle="", marker="|",
                        markersize=11, markeredgewidth=1.6, color=colours.route(1),
                        clip_on=False, zorder=3)  # fmt: skip
            ax.set_title(layer.name, fontsize=11, fontweight="normal")
            ax.set_xlabel(label)
            ax.xaxis.get_major_locator().set_params(nbins=4)
            ax.yaxis.get_major_locator().set_params(integer=True)
            ax.grid(visible=False, axis="x")
        for ax in axes[len(layers) :]:
            ax.remove()
        axes[0].set_ylabel("how many")
        figure.suptitle(title, x=0.02, ha="left", fontweight="bold", color=colours.ink)
    return figure


def _bins(numbers: Sequence[float]) -> int:
    """Choose how many bars to draw: twice what Sturges' rule says, at least 5."""
    return max(5, len(numbers).bit_length() * 2)


def _parameters(model: Any) -> list[Any]:
    if not isinstance(model, Module):
        raise ValueTypeError(f"this plot shows a model, such as nn.MLP(2, [16, 1]), not {model!r}")
    found = model.parameters()
    if not found:
        raise ShapeError(f"{type(model).__name__} has no parameters, so there is nothing to plot")
    return found


def _gradient(model: Any, gradient: Sequence[float] | None) -> list[float]:
    parameters = _parameters(model)
    found = [p.grad for p in parameters] if gradient is None else [float(g) for g in gradient]
    if len(found) != len(parameters):
        raise ShapeError(
            f"the model has {len(parameters)} parameters, but {len(found)} derivatives were given"
        )
    if not any(found):
        raise ShapeError(
            "all gradients are 0; call loss.backward() first, or give the gradient of a compiled "
            "program"
        )
    return found


def _layers(model: Module, numbers: Sequence[float]) -> list[_Layer]:
    """Sort numbers, one for each parameter, by the layer that the parameter belongs to."""
    of = dict(zip(model.parameters(), numbers, strict=True))
    parts = getattr(model, "layers", [model])
    found = []
    for k, part in enumerate(parts, start=1):
        named = part.named_parameters().items()
        biases = [of[p] for name, p in named if name.rpartition(".")[2].startswith("b")]
        weights = [of[p] for name, p in named if not name.rpartition(".")[2].startswith("b")]
        found.append(_Layer(f"layer {k}" if len(parts) > 1 else "parameters", weights, biases))
    return found
