"""`viz.plots`: what the plots show, read back from matplotlib's figures."""

import pytest

from engine import Value, mean
from engine.errors import DataError, ShapeError, UnknownNameError, ValueTypeError
from nn import MLP, Module, binary_cross_entropy, data, fit
from nn.history import History
from viz import plots
from viz.plots import (
    decision_boundary,
    gradient_flow,
    gradient_histograms,
    loss_curves,
    weight_histograms,
)
from viz.theme import DARK, LIGHT

pytest.importorskip("matplotlib")


@pytest.fixture(scope="module")
def trained():
    """A small network, trained for a few epochs, with its gradients."""
    model = MLP(2, [3, 2, 1], "tanh", seed=2)
    X, y = data.moons(40)
    history = fit(model, X, y, loss=binary_cross_entropy, epochs=5, validation=0.25,
                  progress=False)  # fmt: skip
    model.zero_grad()
    mean([binary_cross_entropy(model(x), t) for x, t in zip(X, y, strict=True)]).backward()
    return model, history, X, y


def lines(ax):
    """The numbers of each line by its label."""
    return {line.get_label(): list(line.get_ydata()) for line in ax.lines}


def test_loss_and_metric_of_a_history(trained):
    """Two plots share the epochs: loss and accuracy, for training and validation data."""
    _, history, _, _ = trained
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
    assert len(trained[1].plot().axes) == 2


def test_boundary(trained):
    """The samples of each class, a ring around the wrong ones, regions and the boundary."""
    model, _, X, y = trained
    figure = decision_boundary(model, X, y, title="Moons", theme="dark", cells=20)
    (ax,) = figure.axes
    marks = {line.get_label(): len(line.get_xdata()) for line in ax.lines}
    wrong = sum((model(x).data > 0) != (t == 1) for x, t in zip(X, y, strict=True))
    assert marks == {"class 0": 20, "class 1": 20, "wrong": wrong}
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


def test_weights(trained):
    """A plot for each layer: a histogram of its weights, ticks for its biases."""
    model, *_ = trained
    figure = weight_histograms(model)
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["layer 1", "layer 2", "layer 3"]
    for ax, layer in zip(figure.axes, model.layers, strict=True):
        names = layer.named_parameters()
        biases = [p.data for name, p in names.items() if name.startswith("b")]
        assert sum(bar.get_height() for bar in ax.patches) == len(names) - len(biases)
        assert list(ax.lines[1].get_xdata()) == biases


def test_many_layers_stand_in_rows_of_three():
    """Seven layers are three rows, without empty plots."""
    figure = weight_histograms(MLP(2, [2] * 7, seed=0))
    assert len(figure.axes) == 7
    assert figure.axes[0].get_gridspec().get_geometry() == (3, 3)


class Plain(Module):
    """A model without layers."""

    def __init__(self):
        self.slope, self.b = Value(2.0), Value(1.0)


class Shift(Module):
    """A model with a bias alone."""

    def __init__(self):
        self.b = Value(1.0)


def test_models_without_layers():
    """All parameters are one plot; where there are biases only, they are the histogram."""
    (ax,) = weight_histograms(Plain()).axes
    assert ax.get_title(loc="left") == "parameters"
    assert list(ax.lines[1].get_xdata()) == [1.0]
    (ax,) = weight_histograms(Shift()).axes
    assert sum(bar.get_height() for bar in ax.patches) == 1
    assert len(ax.lines) == 1


def test_gradients(trained):
    """The gradients of each layer; given ones take the place of the recorded."""
    model, *_ = trained
    (first, *_) = gradient_histograms(model, theme="dark").axes
    biases = [p.grad for name, p in model.named_parameters().items() if name.startswith("b_1")]
    assert list(first.lines[1].get_xdata()) == biases
    given = [float(k) for k in range(len(model.parameters()))]
    (first, *_) = gradient_histograms(model, given).axes
    assert list(first.lines[1].get_xdata()) == [2.0, 5.0, 8.0]


def test_gradient_flow(trained):
    """Mean and maximum of each layer, on a logarithmic axis."""
    model, *_ = trained
    (ax,) = gradient_flow(model).axes
    sizes = [[abs(p.grad) for p in layer.parameters()] for layer in model.layers]
    found = [list(line.get_ydata()) for line in ax.lines]
    assert found[0] == pytest.approx([sum(s) / len(s) for s in sizes])
    assert found[1] == [max(s) for s in sizes]
    assert ax.get_yscale() == "log"
    assert [t.get_text() for t in ax.get_xticklabels()] == ["layer 1", "layer 2", "layer 3"]


def test_a_dead_layer_does_not_disturb(tmp_path):
    """A layer whose gradients are all 0 has no place on a logarithmic axis, and is left out."""
    model = MLP(1, [1, 1], seed=0)
    gradient_flow(model, [0.0, 0.0, 1.0, 0.5]).savefig(tmp_path / "flow.png")
    assert (tmp_path / "flow.png").stat().st_size > 1000


class Empty(Module):
    """A model without parameters."""


@pytest.mark.parametrize("plot", [weight_histograms, gradient_histograms, gradient_flow])
def test_what_is_no_model(plot):
    """A model without parameters, and what is no model, are named."""
    with pytest.raises(ShapeError, match="Empty has no parameters"):
        plot(Empty())
    with pytest.raises(ValueTypeError, match="model"):
        plot([1.0])


@pytest.mark.parametrize("plot", [gradient_histograms, gradient_flow])
def test_no_gradient(plot):
    """Before backward there is nothing to see; a gradient must be as long as the parameters."""
    with pytest.raises(ShapeError, match="backward"):
        plot(MLP(1, [1], seed=0))
    with pytest.raises(ShapeError, match="2 parameters, but 1"):
        plot(MLP(1, [1], seed=0), [1.0])


def test_names():
    """Every plot is exported, and every theme is checked."""
    assert set(plots.__all__) <= set(dir(plots))
    with pytest.raises(UnknownNameError, match="blue"):
        loss_curves([1.0], theme="blue")
