"""`viz.plots.figure`: figures in the colours of a theme, that leave matplotlib as it was."""

import sys

import matplotlib as mpl
import pytest

from engine.errors import MissingExtraError, UnknownNameError
from viz.plots.figure import dashes, legend, new_figure
from viz.svg.theme import DARK, LIGHT


def test_without_matplotlib(monkeypatch):
    """The missing package is named with its command."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'everypath\[plot\]'"), new_figure():
        pass


def test_a_figure_and_its_plots():
    """Plots come in the order of reading, in the colours of the theme."""
    before = dict(mpl.rcParams)
    with new_figure(2, 3, theme="dark", width=5, height=3) as (figure, axes, theme):
        assert len(axes) == 6
        assert theme is DARK
    assert mpl.colors.to_hex(figure.get_facecolor()) == DARK.paper
    assert mpl.colors.to_hex(axes[0].xaxis.label.get_color()) == DARK.ink
    assert tuple(figure.get_size_inches()) == (5, 3)
    assert dict(mpl.rcParams) == before, "the user's settings are left alone"
    with pytest.raises(UnknownNameError, match="'dark', 'light'"), new_figure(theme="blue"):
        pass


def test_pyplot_is_not_touched():
    """No window, no backend, no list of open figures."""
    loaded = "matplotlib.pyplot" in sys.modules
    with new_figure():
        pass
    assert ("matplotlib.pyplot" in sys.modules) == loaded


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_files_are_the_same_every_time(tmp_path, suffix):
    """A figure has no date in it, so the same figure is the same file."""
    for name in ("one", "two"):
        with new_figure() as (figure, (ax,), theme):
            ax.plot([1, 2], [3, 4], color=theme.route(0), label="a")
            ax.legend()
        figure.savefig(tmp_path / f"{name}.{suffix}")
    one, two = ((tmp_path / f"{name}.{suffix}").read_bytes() for name in ("one", "two"))
    assert one == two
    assert b"Matplotlib v" not in one


def test_shows_itself():
    """In a notebook a figure is an SVG on the theme's paper."""
    with new_figure() as (figure, _, theme):
        pass
    assert theme is LIGHT
    svg = figure._repr_svg_()
    assert svg.startswith("<svg")
    assert f"fill: {LIGHT.paper}" in svg
    assert svg == figure._repr_svg_()


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
