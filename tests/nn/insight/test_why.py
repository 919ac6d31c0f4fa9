"""Why a weight moves."""

import pytest

from engine import ShapeError, UnknownNameError, Value, ValueTypeError, grad
from nn import MLP, Module, mse, why


def test_the_paths_are_the_gradient():
    """Their steps add up to -lr times the derivative, for every parameter."""
    model = MLP(2, [3, 2], "tanh", seed=1)
    x, target = [0.5, -1.0], [1.0, 0.0]
    derivatives = grad(mse(model(x), target), model.parameters())
    for (name, p), derivative in zip(model.named_parameters().items(), derivatives, strict=True):
        found = why(model, x, target, name, lr=0.25)
        assert found.step == pytest.approx(-0.25 * derivative, rel=1e-12)
        assert sum(found.steps) == pytest.approx(found.step, rel=1e-12)
        assert (found.name, found.before) == (name, p.data)
        assert found.table.count == (2 if name.startswith(("w_1", "b_1")) else 1)
        assert why(model, x, target, p, lr=0.25).name == name


def test_how_it_prints():
    """The paths, the step, and what the largest path would do alone."""
    text = str(why(MLP(2, [3, 2], seed=1), [1.0, 2.0], 0, "w_111", loss="cross_entropy"))
    assert text.startswith("∂L/∂w₁₁₁ is the sum over 2 paths")
    assert text.endswith(
        "a step of gradient descent with η = 0.1 moves w₁₁₁ by 0.03809, from −0.7313 to −0.6932\n"
        "path 1 alone moves it by 0.02883"
    )
    dead = repr(why(MLP(2, [3, 2], seed=1), [1.0, 2.0], 0, "w_121", loss="cross_entropy"))
    assert dead.splitlines()[-1].endswith("moves w₁₂₁ by 0, from 0.5275 to 0.5275")


def test_any_module():
    """What has a label is on the paths."""

    class Line(Module):
        def __init__(self):
            self.slope = Value(2.0, "m")

        def __call__(self, x):
            product = self.slope * x[0]
            product.label = "p"
            return product

    found = why(Line(), [3.0], 0.0, "slope")
    assert found.table.rows[0].path.names == ("m", "p", "L")
    assert found.step == -0.1 * 36.0


def test_bad_questions():
    """One error each."""
    model = MLP(2, [3, 2], seed=1)
    for bad in ("w_999", Value(1.0), 3, [1]):
        with pytest.raises(
            UnknownNameError, match=r"no parameter .*; it has 17, such as 'b_11', "
        ):
            why(model, [1.0, 2.0], 0, bad, loss="cross_entropy")
    with pytest.raises(ShapeError, match="MLP needs 2 inputs"):
        why(model, [1.0], 0, "w_111")
    with pytest.raises(ValueTypeError, match=r"x\[1\] must be a real number, not 'a'"):
        why(model, [1.0, "a"], 0, "w_111")
    with pytest.raises(ValueTypeError, match="lr must be"):
        why(model, [1.0, 2.0], [0, 1], "w_111", lr=0.0)
    with pytest.raises(UnknownNameError, match="unknown loss"):
        why(model, [1.0, 2.0], 0, "w_111", loss="l2")
