"""`viz.plots.curves`: the loss over the epochs, read back from matplotlib's figures."""

import pytest

from engine.errors import ShapeError, UnknownNameError, ValueTypeError
from nn import MLP, binary_cross_entropy, data, fit
from nn.learning.history import History
from viz import plots
from viz.plots import loss_curves
from viz.svg.theme import LIGHT


@pytest.fixture(scope="module")
def trained():
    """A history of a few epochs, with validation."""
    X, y = data.moons(40)
    return fit(
        MLP(2, [3, 1], "tanh", seed=2),
        X,
        y,
        loss=binary_cross_entropy,
        epochs=5,
        validation=0.25,
        progress=False,
    )


def lines(ax):
    """The numbers of each line by its label."""
    return {line.get_label(): list(line.get_ydata()) for line in ax.lines}


def test_loss_and_metric_of_a_history(trained):
    """Two plots share the epochs: loss and accuracy, for training and validation data."""
    history = trained
    figure = loss_curves(history)
    above, below = figure.axes
    assert lines(above) == {"training": history["loss"], "validation": history["validation loss"]}
    assert lines(below)["training"] == history["metric"]
    assert below.get_ylabel() == "accuracy"
    assert list(above.lines[0].get_xdata()) == [1, 2, 3, 4, 5]
    assert [t.get_text() for t in above.get_legend().get_texts()] == ["training", "validation"]
    assert above.lines[0].get_color() == LIGHT.route(0)
    assert above.lines[0].get_linestyle() != above.lines[1].get_linestyle()


def test_a_list_of_losses():
    """A plain list is one line, from 0 up if it does not fall steeply, without a legend."""
    (ax,) = loss_curves([0.5, 0.4, 0.3]).axes
    assert lines(ax) == {"loss": [0.5, 0.4, 0.3]}
    assert ax.get_yscale() == "linear"
    assert ax.get_ylim()[0] == 0.0
    assert ax.get_legend() is None


def test_several_lists_by_name():
    """Runs are compared by name; a steep fall is shown on a logarithmic axis."""
    (ax,) = loss_curves({"SGD": [1.0, 0.5], "Adam": [1.0, 0.01]}, title="Two").axes
    assert list(lines(ax)) == ["SGD", "Adam"]
    assert ax.get_yscale() == "log"
    assert ax.get_title(loc="left") == "Two"


def test_losses_below_zero_and_one_epoch():
    """Negative losses have room; a single epoch is a mark, since a line needs two."""
    (ax,) = loss_curves([-2.0, -3.0]).axes
    assert ax.get_ylim()[0] < -3.0
    (ax,) = loss_curves([1.0]).axes
    assert ax.lines[0].get_marker() == "o"


def test_losses_that_are_not_finite():
    """A run that diverged is plotted as far as it goes."""
    (ax,) = loss_curves([1.0, 100.0, float("inf")]).axes
    assert ax.get_yscale() == "log"
    (ax,) = loss_curves([float("nan")]).axes
    assert ax.get_yscale() == "linear"


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ([], ShapeError, "no loss"),
        ({}, ShapeError, "no loss"),
        ({"a": []}, ShapeError, "no loss"),
        (History(MLP(1, [1], seed=0)), ShapeError, "no epoch"),
        (3.0, ValueTypeError, "list of numbers"),
        ("loss", ValueTypeError, "list of numbers"),
        ([1.0, None], ValueTypeError, r"loss\[1\]"),
    ],
)
def test_no_losses(given, error, said):
    """What is no history is named."""
    with pytest.raises(error, match=said):
        loss_curves(given)


def test_a_history_plots_itself(trained):
    """`history.plot()` is `loss_curves`, once viz is imported."""
    assert len(trained.plot().axes) == 2


def test_themes():
    """Every plot is exported, and a theme is checked."""
    assert set(plots.__all__) <= set(dir(plots))
    with pytest.raises(UnknownNameError, match="blue"):
        loss_curves([1.0], theme="blue")
