"""The decision boundary as a figure, and the parts that a film is made of."""

# ruff: noqa: N803 - X is what everyone calls a table of samples

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.model.module import Module
from viz.boundary.picture import OPACITY, SHADES, mark_number
from viz.boundary.plane import Plane, Surface
from viz.plots.figure import new_figure
from viz.svg.theme import Theme

MARKS = ("o", "s", "^", "D", "v", "h")
"""The mark of each class."""

_MOST_IN_A_ROW = 6


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
        y: The class of each (see `viz.boundary.plane.Plane`).
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
    """Paint the samples onto a plot, with axes and legend."""
    frame = plane.frame
    ax.set(
        xlim=(frame.left, frame.right),
        ylim=(frame.bottom, frame.top),
        aspect="equal" if frame.to_scale else "auto",
        xlabel="$x_1$",
        ylabel="$x_2$",
    )
    ax.grid(visible=False)
    ax.spines[["top", "right"]].set_visible(True)
    painted = []
    for k, name in enumerate(plane.classes):
        members = [x for x, label in zip(plane.X, plane.labels, strict=True) if label == k]
        painted += ax.plot(
            *_columns(members),
            linestyle="",
            marker=MARKS[mark_number(k)],
            color=colours.route(k),
            markeredgecolor=colours.paper,
            markersize=7,
            label=f"class {name}",
        )
    if wrong:
        _rings(ax, [], colours)
    columns = min(len(plane.classes) + wrong, _MOST_IN_A_ROW)
    ax.figure.legend(
        loc="outside lower center", ncols=columns, handletextpad=0.1, columnspacing=1.0
    )
    return painted


def paint_surface(ax: Any, plane: Plane, surface: Surface, colours: Theme) -> list[Any]:
    """Paint the regions, the boundary, and rings around what the model gets wrong."""
    painted = []
    for k, margin in enumerate(surface.margins):
        top = max(map(max, margin))
        # One shade at a time, each laid over the ones before, as `viz.boundary` does.
        for shade in SHADES:
            if top > shade * surface.scale:
                look = {"colors": [colours.route(k)], "alpha": OPACITY}
                levels = [shade * surface.scale, top + 1.0]
                painted.append(ax.contourf(plane.xs, plane.ys, margin, levels=levels, **look))
    painted += [
        ax.contour(plane.xs, plane.ys, margin, levels=[0.0], colors=[colours.ink], linewidths=1.4)
        for margin in surface.margins[1:]
        if min(map(min, margin)) < 0.0 < max(map(max, margin))
    ]
    wrong = [x for x, right in zip(plane.X, surface.right, strict=True) if not right]
    return painted + _rings(ax, wrong, colours)


def _rings(ax: Any, points: Sequence[Sequence[float]], colours: Theme) -> list[Any]:
    found: list[Any] = ax.plot(
        *_columns(points),
        linestyle="",
        marker="o",
        markersize=13,
        markerfacecolor="none",
        markeredgecolor=colours.ink,
        label="wrong",
    )
    return found


def _columns(points: Sequence[Sequence[float]]) -> tuple[list[float], list[float]]:
    return [x for x, _ in points], [y for _, y in points]
