"""The film as a GIF, drawn by matplotlib and written by Pillow, which comes with it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from importlib import import_module
from io import BytesIO
from typing import Any

from engine.arguments import real
from engine.errors import ValueTypeError
from viz.boundary.plane import Plane
from viz.film.stills import Still
from viz.plots.boundary import paint_samples, paint_surface
from viz.plots.figure import new_figure
from viz.svg.theme import Theme

COLOURS = 96
"""So many colours each still has; its large areas keep theirs exactly."""

LAST = 2.0
"""For how many seconds the last still stays."""


def gif(plane: Plane, stills: Sequence[Still], title: str, theme: Theme, seconds: float) -> bytes:
    """Draw a film."""
    length = real(seconds, "seconds")
    if not 0.0 < length < math.inf:
        raise ValueTypeError(f"seconds must be a finite number above 0, not {seconds!r}")
    frames = [picture.quantize(COLOURS) for picture in _pictures(plane, stills, title, theme)]
    each = max(20, round(1000 * length / len(frames)))
    buffer = BytesIO()
    frames[0].save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=frames[1:],
        loop=0,
        duration=[*[each] * (len(frames) - 1), round(1000 * LAST)],
    )
    return buffer.getvalue()


def _pictures(plane: Plane, stills: Sequence[Still], title: str, theme: Theme) -> Iterator[Any]:
    """Draw the stills on one figure, of which only what changes is painted again."""
    with new_figure(theme=theme, height=4.8) as (figure, (ax,), colours):
        image = import_module("PIL.Image")
        canvas = import_module("matplotlib.backends.backend_agg").FigureCanvasAgg(figure)
        samples = paint_samples(ax, plane, colours, wrong=True)
        ax.set_title(title)
        caption = ax.set_xlabel("$x_1$\n ", linespacing=1.6)
        for each in samples:
            each.set_animated(True)
        canvas.draw()
        figure.set_layout_engine("none")
        empty = canvas.copy_from_bbox(figure.bbox)
        place = caption.get_window_extent().ymin
        caption = figure.text(
            ax.get_position().x0,
            place / figure.bbox.height,
            "",
            color=colours.muted,
            animated=True,
        )
        for still in stills:
            canvas.restore_region(empty)
            *grounds, rings = paint_surface(ax, plane, still.surface, colours)
            caption.set_text(still.told)
            for each in (*grounds, *samples, rings, caption):
                figure.draw_artist(each)
            yield image.frombuffer(
                "RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1
            ).convert("RGB")
            for each in (*grounds, rings):
                each.remove()
