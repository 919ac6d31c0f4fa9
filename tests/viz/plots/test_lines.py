"""`viz.plots.lines`: what plots of lines share."""

from viz.plots.figure import new_figure
from viz.plots.lines import dashes, legend
from viz.svg.theme import LIGHT


def test_dashes():
    """Each line has the theme's dashes, in widths of a line of two pixels; the first is solid."""
    assert dashes(LIGHT, 0) == "-"
    assert dashes(LIGHT, 2) == (0, [1.0, 1.5])
    styles = [str(dashes(LIGHT, k)) for k in range(len(LIGHT.dashes))]
    assert len(set(styles)) == len(styles)


def test_legend():
    """The legend stands above the plot, in one row."""
    with new_figure() as (figure, (ax,), _):
        ax.plot([1, 2], label="a")
        ax.plot([2, 1], label="b")
        legend(ax, 2)
    figure.draw_without_rendering()
    assert ax.get_legend().get_window_extent().y0 >= ax.get_window_extent().y1 - 1
