"""The weights and the gradients of a model, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite
from typing import Any, NamedTuple

from engine.errors import ShapeError, ValueTypeError
from nn.model.module import Module
from viz.plots.figure import dashes, legend, new_figure
from viz.svg.theme import Theme

_LARGEST = 1e300
"""Beyond it, matplotlib cannot place the ticks of an axis."""


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
    layers = _layers(model, [p.data for p in _parameters(model)])
    return _histograms(layers, "Weights of each layer (ticks: biases)", "weight", theme)


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
            ax.plot(
                places,
                line,
                marker="os"[k],
                markersize=9,
                color=colours.route(k),
                linestyle=dashes(colours, k),
                label=f"{label} of $|g|$",
            )
        ax.set_yscale("log")
        ax.set_xlim(0.6, len(layers) + 0.4)
        ax.set_xticks(places, [layer.name for layer in layers])
        ax.grid(visible=False, axis="x")
        ax.set_ylabel("size of the gradient")
        ax.set_title("Gradient flow")
        legend(ax, 2)
    return figure


def _histograms(layers: list[_Layer], title: str, label: str, theme: str | Theme) -> Any:
    columns = min(3, len(layers))
    rows = ceil(len(layers) / columns)
    size = {"width": max(3.1 * columns, 4.5), "height": 2.7 * rows + 0.6}
    with new_figure(rows, columns, theme=theme, **size) as (figure, axes, colours):
        for ax, layer in zip(axes, layers, strict=False):
            every = layer.weights or layer.biases
            shown = [x for x in every if abs(x) <= _LARGEST]
            if shown:
                ax.hist(
                    shown,
                    bins=_bins(every),
                    range=_range(shown),
                    color=colours.route(0),
                    alpha=0.85,
                    edgecolor=colours.paper,
                    linewidth=0.6,
                )
            ax.axvline(0.0, color=colours.muted, linewidth=0.8)
            if layer.weights:
                biases = [b for b in layer.biases if abs(b) <= _LARGEST]
                ax.plot(
                    biases,
                    [0.0] * len(biases),
                    linestyle="",
                    marker="|",
                    markersize=11,
                    markeredgewidth=1.6,
                    color=colours.route(1),
                    clip_on=False,
                    zorder=3,
                )
            lost = len(every) - len(shown)
            why = "too large" if len(shown) < sum(map(isfinite, every)) else "not finite"
            name = f"{layer.name}, {lost} {why}" if lost else layer.name
            ax.set_title(name, fontsize=11, fontweight="normal")
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


def _range(numbers: Sequence[float]) -> tuple[float, float]:
    """Choose where the bars begin and end; about a number that stands alone, there is room."""
    low, high = min(numbers), max(numbers)
    # Bars between numbers so close would have no width.
    alone = high - low <= max(1e-12 * max(abs(low), abs(high)), 1e-300)
    room = max(0.5, abs(low) / 2) if alone else 0.0
    return low - room, high + room


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
