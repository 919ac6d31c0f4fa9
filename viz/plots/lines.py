"""What plots of lines share: dashes, and a legend that covers nothing."""

from __future__ import annotations

from typing import Any

from viz.svg.theme import Theme


def dashes(theme: Theme, k: int) -> Any:
    """Give matplotlib the theme's dashes, which it measures in widths of the line."""
    lengths = [float(length) / 2.0 for length in theme.dash(k).split()]
    return (0, lengths) if lengths else "-"


def legend(ax: Any, columns: int) -> None:
    """Tell the lines apart in the row of the title, where nothing is covered."""
    ax.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=columns, borderpad=0.2)
