"""Make figures of matplotlib in the colours of a theme, without touching matplotlib's own state.

matplotlib is an extra (``pip install 'everypath[plot]'``) and is imported when the first figure is
made. Its global settings, ``pyplot`` and its windows are left alone: a figure belongs to who asked
for it, shows itself in a notebook, and is written with ``figure.savefig("loss.svg")``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from io import BytesIO
from typing import Any

from engine.errors import MissingExtraError
from viz.svg.theme import Theme
from viz.svg.theme import theme as theme_named

WITHOUT_DATE: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}
"""What to leave out of a file so that the same figure is the same file."""


@contextmanager
def new_figure(
    rows: int = 1,
    columns: int = 1,
    *,
    theme: str | Theme = "light",
    width: float = 6.4,
    height: float = 4.2,
    **options: Any,
) -> Iterator[tuple[Any, list[Any], Theme]]:
    """Make an empty figure, and keep the theme's settings while it is painted."""
    chosen = theme_named(theme)
    with require_matplotlib().rc_context(style(chosen)):
        figure = _figure_class()(figsize=(width, height), layout="constrained", dpi=100)
        figure.get_layout_engine().set(w_pad=0.1, h_pad=0.1)
        figure.everypath_style = style(chosen)
        yield figure, list(figure.subplots(rows, columns, squeeze=False, **options).flat), chosen


def style(theme: Theme) -> dict[str, Any]:
    """Give matplotlib's settings for a theme."""
    return {
        "figure.facecolor": theme.paper,
        "savefig.facecolor": theme.paper,
        "axes.facecolor": theme.paper,
        "axes.edgecolor": theme.muted,
        "axes.labelcolor": theme.ink,
        "axes.titlecolor": theme.ink,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.titlesize": 12,
        "axes.titlepad": 10,
        "axes.labelsize": 11,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.grid": True,
        "axes.unicode_minus": True,
        "grid.color": theme.line,
        "grid.alpha": 0.35,
        "grid.linewidth": 0.6,
        "text.color": theme.ink,
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
        "xtick.labelsize": 10,
        "ytick.labelsize": 10,
        "axes.formatter.limits": (-3, 5),
        "axes.formatter.use_mathtext": True,
        "legend.frameon": False,
        "legend.labelcolor": theme.ink,
        "legend.fontsize": 10,
        "lines.linewidth": 2.0,
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],  # it comes with matplotlib, so it is everywhere
        "mathtext.fontset": "dejavusans",
        "svg.hashsalt": "everypath",
        "savefig.dpi": 144,
    }


def dashes(theme: Theme, k: int) -> Any:
    """Give matplotlib the theme's dashes, which it measures in widths of the line."""
    lengths = [float(length) / 2.0 for length in theme.dash(k).split()]
    return (0, lengths) if lengths else "-"


def legend(ax: Any, columns: int) -> None:
    """Tell the lines apart in the row of the title, where nothing is covered."""
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=columns, borderpad=0.2)


def require_matplotlib() -> Any:
    """Import matplotlib."""
    try:
        return import_module("matplotlib")
    except ImportError:
        raise MissingExtraError(
            "plots need the package matplotlib: pip install 'everypath[plot]'"
        ) from None


@cache
def _figure_class() -> type:
    """Derive our figure, which is written without a date and shows itself."""
    matplotlib = require_matplotlib()
    base: type[Any] = import_module("matplotlib.figure").Figure

    class Figure(base):  # type: ignore[misc]  # a class of an optional package
        """A figure of matplotlib in the colours of a theme."""

        everypath_style: dict[str, Any]

        def savefig(self, fname: Any, **options: Any) -> None:
            """Write the figure into a file, as matplotlib does, but without the date."""
            suffix = str(options.get("format") or fname).rpartition(".")[2].lower()
            options.setdefault("metadata", WITHOUT_DATE.get(suffix))
            with matplotlib.rc_context(self.everypath_style):
                super().savefig(fname, **options)

        def _repr_svg_(self) -> str:
            """Show the figure in a notebook."""
            buffer = BytesIO()
            self.savefig(buffer, format="svg")
            text = buffer.getvalue().decode()
            return text[text.index("<svg") :]

    return Figure
