"""`viz.plots.boundary`: the decision boundary, read back from matplotlib's figures."""

import pytest

from engine.errors import DataError
from nn import MLP, data, fit
from viz.plots import decision_boundary
from viz.svg.theme import DARK


@pytest.fixture(scope="module")
def trained():
    """A small network that is not yet good, and its samples."""
    model = MLP(2, [3, 1], "tanh", seed=2)
    X, y = data.moons(40)
    fit(model, X, y, loss="binary_cross_entropy", epochs=5, progress=False)
    return model, X, y


def test_boundary(trained):
    """The samples of each class, a ring around the wrong ones, regions and the boundary."""
    model, X, y = trained
    figure = decision_boundary(model, X, y, title="Moons", theme="dark", cells=20)
    (ax,) = figure.axes
    marks = {line.get_label(): len(line.get_xdata()) for line in ax.lines}
    wrong = sum((model(x).data > 0) != (t == 1) for x, t in zip(X, y, strict=True))
    assert marks == {"class 0": 20, "class 1": 20, "wrong": wrong}
    places = list(zip(*ax.lines[0].get_data(), strict=True))
    assert places == [tuple(x) for x, t in zip(X, y, strict=True) if t == 0]
    assert wrong
    assert explained(figure) == ["class 0", "class 1", "wrong"]
    assert ax.lines[0].get_marker() != ax.lines[1].get_marker()
    assert ax.lines[0].get_color() == DARK.route(0)
    assert len(ax.collections) >= 3
    assert ax.get_aspect() == 1.0


def test_boundary_of_a_model_that_is_right_and_of_one_without_boundary():
    """Nothing is drawn where there is nothing."""
    uphill = MLP.from_weights([[[1.0, 0.0]]])
    figure = decision_boundary(uphill, [[-1, 0], [1, 0]], [0, 1], cells=4)
    assert explained(figure) == ["class 0", "class 1"]
    regions = len(figure.axes[0].collections)
    flat = MLP.from_weights([[[0.0, 0.0]]], [[1.0]])
    (ax,) = decision_boundary(flat, [[-1, 0], [1, 0]], [0, 1], cells=4).axes
    assert len(ax.collections) == 2 < regions


def test_a_boundary_across_the_plot_is_drawn():
    """Also where whole rows of the grid are on one side."""
    upward = MLP.from_weights([[[0.0, 1.0]]])
    (ax,) = decision_boundary(upward, [[0, -1], [0, 1]], [0, 1], cells=4).axes
    (paths,) = (c.get_paths() for c in ax.collections if not c.get_facecolor().size)
    assert all(y == pytest.approx(0.0, abs=1e-12) for path in paths for _, y in path.vertices)


def explained(figure):
    """What the legend of a boundary explains."""
    return [text.get_text() for text in figure.legends[0].get_texts()]


def test_columns_of_other_units_fill_the_plot():
    """Samples that are a hundred times as wide as high are not drawn to scale."""
    model = MLP.from_weights([[[1.0, 0.0]]])
    (ax,) = decision_boundary(model, [[-100, 0], [100, 1]], [0, 1], cells=4).axes
    assert ax.get_aspect() == "auto"


def test_bad_samples():
    """The plot checks what it is given as the drawing does."""
    with pytest.raises(DataError, match="empty"):
        decision_boundary(MLP(2, [1], seed=0), [], [])


def test_the_legend_of_many_classes_takes_several_lines():
    """Twelve entries in a line would leave the figure."""
    figure = decision_boundary(MLP(2, [12], seed=1), *data.blobs(60, classes=12), cells=4)
    figure.draw_without_rendering()
    box = figure.legends[0].get_window_extent()
    assert 0 <= box.x0 < box.x1 <= figure.bbox.width
    marks = {(line.get_marker(), line.get_color()) for line in figure.axes[0].lines[:12]}
    assert len(marks) == 12
