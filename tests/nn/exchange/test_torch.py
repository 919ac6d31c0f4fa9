"""Networks and weights from and to PyTorch."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from program_examples import close

from engine import DataError, ShapeError, UnknownNameError, ValueTypeError
from nn import (
    MLP,
    Layer,
    from_torch,
    from_torch_state_dict,
    load_torch_state_dict,
    mse,
    to_torch,
    to_torch_state_dict,
)
from nn.model.activations import ACTIVATIONS

pytestmark = pytest.mark.oracle

NAMES = (*ACTIVATIONS, "softmax", "linear")


def network(sizes, names, seed):
    """Make a network with an activation for each layer."""
    return MLP.from_layers(
        [
            Layer(inputs, outputs, activation=name, seed=seed)
            for inputs, outputs, name in zip(sizes, sizes[1:], names, strict=False)
        ]
    )


def double(numbers):
    """Make a tensor of double precision."""
    return torch.tensor(numbers, dtype=torch.float64)


@given(
    sizes=st.lists(st.integers(1, 4), min_size=2, max_size=4),
    names=st.lists(st.sampled_from(NAMES), min_size=3, max_size=3),
    seed=st.integers(0, 9),
)
@settings(max_examples=30)
def test_any_network_goes_there_and_back(sizes, names, seed):
    """The same outputs there; the same network, bit for bit, when it comes back."""
    model = network(sizes, names, seed)
    module = to_torch(model)
    x = [0.5 - 0.3 * k for k in range(sizes[0])]
    outputs = model(x) if sizes[-1] > 1 else [model(x)]
    assert close(module(double([x, x])).detach(), [[y.data for y in outputs]] * 2)
    again = from_torch(module)
    assert repr(again) == repr(model)
    assert again.state_dict() == model.state_dict()
    state = to_torch_state_dict(model)
    assert list(state) == list(module.state_dict())
    other = network(sizes, names, seed + 1)
    assert load_torch_state_dict(other, state) is other
    assert other.state_dict() == model.state_dict()


@pytest.mark.parametrize("name", NAMES)
def test_gradients_agree_for_every_activation(name):
    """By every parameter, from a loss over a batch, also where an activation is at its kink."""
    model = MLP(2, [3, 2], name, "tanh", seed=3)
    for neuron in model.layers[0].neurons[:1]:
        for p in neuron.parameters():
            p.data = 0.0
    batch, targets = [[0.5, -1.0], [30.0, 20.0], [-40.0, 1.5]], [[0.0, 1.0]] * 3
    loss = mse([y for x in batch for y in model(x)], [t for row in targets for t in row])
    loss.backward()
    module = to_torch(model)
    theirs = torch.nn.functional.mse_loss(module(double(batch)), double(targets))
    theirs.backward()
    assert close(theirs.item(), loss.data)
    for layer, k in zip(model.layers, (0, 1 if name == "linear" else 2), strict=True):
        weights = [[w.grad for w in neuron.w] for neuron in layer.neurons]
        assert close(module[k].weight.grad, weights)
        assert close(module[k].bias.grad, [neuron.b.grad for neuron in layer.neurons])


def test_a_sequential_made_by_a_user_comes_in():
    """Single precision, Identity, missing biases and other names are all right."""
    nn = torch.nn
    module = nn.Sequential(
        nn.Linear(2, 4, bias=False), nn.SiLU(), nn.Identity(), nn.Linear(4, 3), nn.Softmax(1)
    )
    model = from_torch(module)
    assert [layer.activation for layer in model.layers] == ["silu", "softmax"]
    assert [neuron.b.data for neuron in model.layers[0].neurons] == [0.0] * 4
    expected = module(torch.tensor([[0.5, -1.0]]))[0].detach()
    assert close([y.data for y in model([0.5, -1.0])], expected, 1e-6)
    alone = from_torch(nn.Linear(2, 1))
    assert repr(alone) == "MLP of [Layer of [LinearNeuron(2)]]"
    named = {f"net.{key}": value for key, value in module.state_dict().items()}
    assert from_torch_state_dict(named, "silu", "softmax").state_dict() == model.state_dict()
    assert from_torch_state_dict(named, None).layers[1].activation == "linear"
    fresh = MLP(2, [4, 3], seed=1)
    assert load_torch_state_dict(fresh, named).state_dict() == model.state_dict()


def test_a_function_of_the_users_own_has_no_module():
    """The message names the layer, and the way out works."""
    model = MLP(1, [2, 1], lambda a: a * a, seed=1)
    with pytest.raises(UnknownNameError, match=r"layer 1 applies .* engine\.to_torch\(model"):
        to_torch(model)


@pytest.mark.parametrize(
    ("parts", "complaint"),
    [
        (lambda nn: [nn.Linear(2, 2), nn.Dropout()], "module 1 is a Dropout; .* 'ELU', 'GELU'"),
        (lambda nn: [nn.ReLU(), nn.Linear(2, 2)], "module 0 is a ReLU"),
        (lambda nn: [nn.Linear(2, 2), nn.ReLU(), nn.Tanh()], "module 2 is a Tanh"),
        (
            lambda nn: [nn.Linear(2, 2), nn.LeakyReLU(0.2)],
            r"module 1 is a LeakyReLU with negative_slope=0\.2; .* negative_slope=0\.01",
        ),
        (lambda nn: [nn.Linear(2, 2), nn.GELU("tanh")], "GELU with approximate='tanh'"),
    ],
)
def test_a_module_that_is_no_network_of_layers(parts, complaint):
    """Each misfit is named with its place."""
    with pytest.raises(DataError, match=complaint):
        from_torch(torch.nn.Sequential(*parts(torch.nn)))


def test_misfits():
    """Each has its sentence, and a network keeps its parameters."""
    with pytest.raises(DataError, match="not from a ReLU; give its state_dict"):
        from_torch(torch.nn.ReLU())
    with pytest.raises(ShapeError, match="at least one Layer"):
        from_torch(torch.nn.Sequential())
    with pytest.raises(ShapeError, match="layer 2 has rows of 2 weights, but layer 1 has 3"):
        from_torch(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(2, 1)))
    model = MLP(2, [3, 1], seed=1)
    before = model.state_dict()
    with pytest.raises(ShapeError, match=r"= \[\(3, 2\)\], but the network has \[\(3, 2\), \(1,"):
        load_torch_state_dict(model, torch.nn.Linear(2, 3).state_dict())
    assert model.state_dict() == before


@pytest.mark.parametrize(
    ("state", "complaint"),
    [
        ({}, "the state dict is empty"),
        ({"0.weight": [[1.0]], "0.scale": [1.0]}, "has the entry '0.scale'"),
        ({"0.bias": [1.0]}, "has the entry '0.bias'"),
        ({"0.weight": [1.0]}, r"0\.weight must be a matrix"),
        ({"0.weight": 1.0}, r"0\.weight must be a matrix"),
        ({"0.weight": []}, r"0\.weight must be a matrix"),
        ({"0.weight": [[]]}, r"0\.weight must be a matrix"),
        ({"0.weight": [[1.0], [1.0, 2.0]]}, r"0\.weight must be a matrix"),
        ({"0.weight": [[1.0]], "0.bias": [1.0, 2.0]}, r"0\.weight has 1 rows, but there are not"),
        ({"0.weight": [[1.0]], "0.bias": 2.0}, r"0\.weight has 1 rows"),
    ],
)
def test_a_state_dict_that_is_none(state, complaint):
    """Lists of numbers do as well as tensors; what does not fit is named."""
    with pytest.raises(DataError, match=complaint):
        from_torch_state_dict(state)


def test_what_is_no_dict_at_all():
    """A module given in place of its state is the usual slip."""
    with pytest.raises(ValueTypeError, match=r"this is a Linear; module\.state_dict\(\)"):
        from_torch_state_dict(torch.nn.Linear(1, 1))


@pytest.mark.parametrize("strange", ["1.0", 1j, None])
def test_a_state_dict_holds_numbers(strange):
    """Anything else is refused, and the model stays as it was."""
    model = MLP(1, [1], seed=1)
    before = model.state_dict()
    with pytest.raises(ValueTypeError, match=r"0\.weight"):
        load_torch_state_dict(model, {"0.weight": [[strange]], "0.bias": [0.0]})
    assert model.state_dict() == before
    load_torch_state_dict(model, {"0.weight": [[2]], "0.bias": [0.0]})
    assert type(model.parameters()[0].data) is float


class Doubled(MLP):
    """A network that computes something of its own."""

    def __call__(self, x, names=False):  # noqa: D102 - of a test's own model
        return 2.0 * super().__call__(x, names)


@pytest.mark.parametrize("model", [Layer(2, 1), Doubled(2, [1])])
def test_what_is_no_plain_network_is_refused(model):
    """PyTorch would compute something else."""
    with pytest.raises(ValueTypeError, match=r"engine\.to_torch"):
        to_torch(model)
