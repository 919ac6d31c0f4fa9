"""`viz.plots.layers`: weights and gradients, read back from matplotlib's figures."""

import pytest

from engine import Value, mean
from engine.errors import ShapeError, ValueTypeError
from nn import MLP, Module, binary_cross_entropy, data
from viz.plots import gradient_flow, gradient_histograms, weight_histograms


@pytest.fixture(scope="module")
def trained():
    """A small network with its gradients."""
    model = MLP(2, [3, 2, 1], "tanh", seed=2)
    X, y = data.moons(20)
    mean([binary_cross_entropy(model(x), t) for x, t in zip(X, y, strict=True)]).backward()
    return model


def test_weights(trained):
    """A plot for each layer: a histogram of its weights, ticks for its biases."""
    model = trained
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
    model = trained
    (first, *_) = gradient_histograms(model, theme="dark").axes
    biases = [p.grad for name, p in model.named_parameters().items() if name.startswith("b_1")]
    assert list(first.lines[1].get_xdata()) == biases
    given = [float(k) for k in range(len(model.parameters()))]
    (first, *_) = gradient_histograms(model, given).axes
    assert list(first.lines[1].get_xdata()) == [2.0, 5.0, 8.0]


def test_gradient_flow(trained):
    """Mean and maximum of each layer, on a logarithmic axis."""
    model = trained
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


@pytest.mark.parametrize("gone", [float("nan"), float("inf")])
def test_numbers_that_are_not_finite_are_counted(gone):
    """A training that diverged is just when one looks at its weights."""
    model = MLP(2, [3, 1], seed=2)
    for p in model.parameters()[:3]:
        p.data = gone
    first, second = weight_histograms(model).axes
    assert first.get_title(loc="left") == "layer 1, 2 not finite"
    assert sum(bar.get_height() for bar in first.patches) == 4
    assert second.get_title(loc="left") == "layer 2"
    for p in model.parameters():
        p.data = gone
    assert not weight_histograms(model).axes[0].patches


@pytest.mark.parametrize(
    ("weights", "title"),
    [
        ([1e308] * 4, "parameters, 4 too large"),
        ([1e308, -1e308, 1.0, 2.0], "parameters, 2 too large"),
        ([float("nan"), -1e308, 1.0, 2.0], "parameters, 2 too large"),
        ([1e16, 1e16 + 2, 1e16 + 4, 1e16], "parameters"),
        ([5e-324, 1e-323, 0.0, 0.0], "parameters"),
    ],
)
def test_numbers_at_the_ends_of_the_range(weights, title, tmp_path):
    """What matplotlib cannot draw is counted, or given room."""
    model = MLP.from_weights([[weights]], [[1e308]])
    figure = weight_histograms(model)
    figure.savefig(tmp_path / "weights.svg")
    (ax,) = figure.axes
    assert ax.get_title(loc="left") == title
    drawn = sum(bar.get_height() for bar in ax.patches)
    assert drawn == sum(abs(w) <= 1e300 for w in weights)
