"""PyTorch modules: parameters under their names, one sample or a batch."""

import numpy as np
import pytest
import torch
from program_examples import close, network

import engine
from engine import ShapeError, Value
from engine.export import to_torch
from nn import MLP

pytestmark = pytest.mark.oracle


def double(numbers):
    """Make a tensor of double precision."""
    return torch.tensor(numbers, dtype=torch.float64)


def test_a_batch_gives_the_gradients_of_the_program():
    """The sum over a batch, under the parameters' names; a list of outputs too."""
    inputs, parameters, loss = network(5, dots=True)
    module = to_torch(loss, inputs, parameters)
    batch = np.random.default_rng(0).normal(size=(7, 3))
    values = module(double(batch))
    values.sum().backward()
    program = engine.compile(loss, inputs, parameters, tier="python")
    expected = program.value_and_grad(batch)
    assert close(values.detach(), expected[0])
    named = dict(module.named_parameters())
    assert list(named) == [p.label for p in parameters]
    assert close([named[p.label].grad for p in parameters], expected[1])
    assert to_torch([loss, loss * 2.0], inputs, parameters)(double(batch)).shape == (7, 2)


def test_rules_of_the_table_work_on_a_batch():
    """A derivative rule that the text brings along goes through `torch.vmap`."""
    x, w = Value(0.5, "x"), Value(-1.5, "w")
    module = to_torch(engine.hypot(w * x, x) + engine.leaky_relu(w * x, 0.5), [x], [w])
    batch = [[0.5], [-2.0], [0.0]]
    module(double(batch)).sum().backward()
    total = 0.0
    for ((number,),) in zip(batch, strict=True):
        x.data = number
        y = engine.hypot(w * x, x) + engine.leaky_relu(w * x, 0.5)
        total += engine.gradients(y)[w]
    assert close(module.w.grad.item(), total)


def test_names_that_pytorch_does_not_take():
    """Dots, nothing, twice the same, and what a module has already."""
    x = Value(0.5, "x")
    labels = ["a.b", "", "w", "w", "forward", "w_1,13,2"]
    leaves = [Value(float(k), label) for k, label in enumerate(labels)]
    module = to_torch(engine.sum(leaves) * x, [x], leaves)
    names = ["a_b", "p_1", "w", "w_", "forward_", "w_1,13,2"]
    assert {name: p.item() for name, p in module.named_parameters()} == {
        name: float(k) for k, name in enumerate(names)
    }
    assert module(double([2.0])).item() == 30.0


def test_a_graph_without_parameters():
    """It is a function of its inputs."""
    x = Value(0.5, "x")
    module = to_torch(x * 2.0 + 1.0, [x])
    assert module(double([[1.0], [2.0]])).tolist() == [3.0, 5.0]
    assert module(double([3.0])).item() == 7.0


@pytest.mark.parametrize("shape", [(1,), (), (2, 3), (2, 2, 2)])
def test_other_shapes_are_refused(shape):
    """One sample, or a batch of them."""
    x, y = Value(0.5, "x"), Value(0.5, "y")
    with pytest.raises(
        ShapeError, match=r"\(2,\) or a batch of shape \(batch, 2\), but was given"
    ):
        to_torch(x * y, [x, y])(torch.zeros(shape))


def test_a_module_trains():
    """An optimiser of PyTorch finds its parameters."""
    model = MLP(1, [3, 1], "tanh", seed=1)
    x = Value(0.5, "x")
    module = to_torch((model([x]) - 0.25) ** 2, [x], model.parameters())
    optimizer = torch.optim.Adam(module.parameters(), lr=0.1)
    before = module(double([0.5])).item()
    for _ in range(20):
        optimizer.zero_grad()
        module(double([0.5])).backward()
        optimizer.step()
    assert module(double([0.5])).item() < 0.1 * before
    assert "def f(params, x):" in module.source
