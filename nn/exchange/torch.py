"""Networks and weights from and to PyTorch.

A network becomes what a PyTorch user would have written: a `torch.nn.Sequential` of `Linear`
layers and activations, in double precision, and comes back. State dicts have PyTorch's names
(``0.weight``, ``0.bias``, ``2.weight``, ...).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from engine.arguments import is_list, real
from engine.errors import DataError, ShapeError, UnknownNameError, ValueTypeError, known
from engine.export.extras import optional
from nn.model.activations import Activation
from nn.model.mlp import MLP, activation_name, check_is_network, placed_layers

ACTIVATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("ReLU", {}),
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
    # PyTorch's softplus is x from 20 on, unless told otherwise: wrong in the tenth digit.
    "softplus": ("Softplus", {"beta": 1.0, "threshold": 40.0}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.01}),
    "gelu": ("GELU", {"approximate": "none"}),
    "silu": ("SiLU", {}),
    "elu": ("ELU", {"alpha": 1.0}),
    "softmax": ("Softmax", {"dim": -1}),
}
"""PyTorch's module for each activation, with the settings that make it the same function."""

_FREE = {"threshold", "dim"}
"""Settings that may be others in a module that is read: they hardly matter, or not here."""


def to_torch(model: MLP) -> Any:
    """Turn a network into a plain `torch.nn.Sequential`, in double precision.

    Args:
        model: The network; its weights are copied.

    Returns:
        A module of `torch.nn.Linear` layers and activations; it takes (batch, inputs) and gives
        (batch, outputs), with the same numbers to 1e-12.

    Raises:
        MissingExtraError: If PyTorch is not installed.
        UnknownNameError: If a layer applies a function of the user's own.
        ValueTypeError: If the model is no `MLP`, or one that computes something of its own.

    Example:
        >>> import pytest; torch = pytest.importorskip("torch")
        >>> to_torch(MLP(2, [3, 1], "tanh", seed=1))
        Sequential(
          (0): Linear(in_features=2, out_features=3, bias=True)
          (1): Tanh()
          (2): Linear(in_features=3, out_features=1, bias=True)
        )
    """
    check_is_network(model, "to_torch")
    if type(model).__call__ is not MLP.__call__:
        raise ValueTypeError(
            f"{type(model).__name__} computes something of its own, for which PyTorch has no "
            "module; export the recorded graph instead: engine.to_torch(model(xs), xs, "
            "model.parameters())"
        )
    torch = optional("torch", "torch")
    modules: list[Any] = []
    for k, layer in enumerate(model.layers, start=1):
        name = activation_name(layer.activation)
        if name is None:
            raise UnknownNameError(
                f"layer {k} applies a function of your own, for which PyTorch has no module; "
                "export the recorded graph instead: engine.to_torch(model(xs), xs, "
                "model.parameters())"
            )
        weights = [[w.data for w in neuron.w] for neuron in layer.neurons]
        linear = torch.nn.Linear(len(weights[0]), len(weights), dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(weights, dtype=torch.float64))
            biases = [neuron.b.data for neuron in layer.neurons]
            linear.bias.copy_(torch.tensor(biases, dtype=torch.float64))
        modules.append(linear)
        if name != "linear":
            theirs, settings = ACTIVATIONS[name]
            modules.append(getattr(torch.nn, theirs)(**settings))
    return torch.nn.Sequential(*modules)


def to_torch_state_dict(model: MLP) -> dict[str, Any]:
    """Copy the weights of a network as a PyTorch state dict.

    Args:
        model: The network.

    Returns:
        Double tensors under the names that `to_torch` gives: ``0.weight``, ``0.bias``, ...

    Raises:
        MissingExtraError: If PyTorch is not installed.
        UnknownNameError: If a layer applies a function of the user's own.

    Example:
        >>> import pytest; torch = pytest.importorskip("torch")
        >>> to_torch_state_dict(MLP.from_weights([[[1.0, 2.0]]], [[0.5]]))["0.weight"].tolist()
        [[1.0, 2.0]]
    """
    return dict(to_torch(model).state_dict())


def from_torch(module: Any) -> MLP:
    """Turn a `torch.nn.Sequential` of linear layers and activations into a network.

    Args:
        module: The module; its weights are copied.

    Returns:
        The network.

    Raises:
        DataError: If the module holds something else, or an activation has other settings.
        ShapeError: If a layer does not fit the one before it.

    Example:
        >>> import pytest; torch = pytest.importorskip("torch")
        >>> from torch.nn import Linear, Sequential, Tanh
        >>> from_torch(Sequential(Linear(2, 2), Tanh(), Linear(2, 1)))
        MLP of [Layer of [TanhNeuron(2), TanhNeuron(2)], Layer of [LinearNeuron(2)]]
    """
    names = {theirs: name for name, (theirs, _) in ACTIVATIONS.items()}
    linears: list[_Linear] = []
    activations: list[str] = []
    for place, part in enumerate(_parts(module)):
        kind = type(part).__name__
        if kind == "Linear":
            linears.append(_linear(part.weight, part.bias, f"module {place} (Linear)"))
            activations.append("linear")
        elif kind in names and linears and activations[-1] == "linear":
            _check_settings(part, place, ACTIVATIONS[names[kind]][1])
            activations[-1] = names[kind]
        elif kind != "Identity":
            raise DataError(
                f"module {place} is a {kind}; a network is read from Linear layers, each followed "
                f"by at most one of {known(names)}"
            )
    return _network(linears, activations)


def from_torch_state_dict(
    state: Mapping[str, Any],
    activation: Activation = "relu",
    output_activation: Activation = None,
) -> MLP:
    """Make a network with the weights of a PyTorch state dict.

    Args:
        state: Tensors by name: a ``...weight`` (outputs, inputs) for each linear layer, in order,
            and its ``...bias`` (outputs,) if it has one. Any names before that will do.
        activation: What the hidden layers apply; a state dict does not say.
        output_activation: What the last layer applies; None for linear.

    Returns:
        The network.

    Raises:
        DataError: If there are other entries, or one of another shape.
        ShapeError: If a layer does not fit the one before it.

    Example:
        >>> import pytest; torch = pytest.importorskip("torch")
        >>> from torch.nn import Linear, Sequential, Tanh
        >>> module = Sequential(Linear(2, 2), Tanh(), Linear(2, 1))
        >>> from_torch_state_dict(module.state_dict(), "tanh")
        MLP of [Layer of [TanhNeuron(2), TanhNeuron(2)], Layer of [LinearNeuron(2)]]
    """
    linears = _linears(state)
    return _network(linears, [*[activation] * (len(linears) - 1), output_activation])


def load_torch_state_dict(model: MLP, state: Mapping[str, Any]) -> MLP:
    """Set the parameters of a network to those of a PyTorch state dict.

    Args:
        model: The network; if something does not fit, it stays as it was.
        state: As in `from_torch_state_dict`; a missing bias is 0.

    Returns:
        The network itself.

    Raises:
        DataError: If there are other entries, or one of another shape.
        ShapeError: If the layers have other sizes.

    Example:
        >>> import pytest; torch = pytest.importorskip("torch")
        >>> state = torch.nn.Linear(2, 1, dtype=torch.float64).state_dict()
        >>> model = load_torch_state_dict(MLP(2, [1]), state)
        >>> model.layers[0].neurons[0].b.data == state["bias"].item()
        True
    """
    linears = _linears(state)
    sizes = [(len(linear.weights), len(linear.weights[0])) for linear in linears]
    mine = [(len(layer.neurons), len(layer.neurons[0].w)) for layer in model.layers]
    if sizes != mine:
        raise ShapeError(
            f"the state dict has linear layers of (outputs, inputs) = {sizes}, but the network "
            f"has {mine}; make the network with the same sizes, or use from_torch_state_dict"
        )
    for layer, linear in zip(model.layers, linears, strict=True):
        for neuron, row, bias in zip(layer.neurons, linear.weights, linear.biases, strict=True):
            for w, number in zip((*neuron.w, neuron.b), [*row, bias], strict=True):
                w.data = number
    return model


class _Linear(NamedTuple):
    weights: list[list[float]]
    biases: list[float]


def _parts(module: Any) -> list[Any]:
    """List the modules of a Sequential; a Linear alone is one too."""
    if type(module).__name__ == "Linear":
        return [module]
    if type(module).__name__ != "Sequential":
        raise DataError(
            f"a network is read from a torch.nn.Sequential, not from a {type(module).__name__}; "
            "give its state_dict() to from_torch_state_dict"
        )
    return list(module)


def _check_settings(part: Any, place: int, expected: Mapping[str, Any]) -> None:
    for setting, value in expected.items():
        given = getattr(part, setting)
        if setting not in _FREE and given != value:
            raise DataError(
                f"module {place} is a {type(part).__name__} with {setting}={given!r}; the same "
                f"activation here has {setting}={value!r}"
            )


def _linears(state: Mapping[str, Any]) -> list[_Linear]:
    """Read the layers of a state dict, in order."""
    if not isinstance(state, Mapping):
        raise ValueTypeError(
            f"a state dict holds tensors by name, but this is a {type(state).__name__}; "
            "module.state_dict() makes one"
        )
    found: list[_Linear] = []
    used: set[str] = set()
    for name, weight in state.items():
        stem = name.removesuffix("weight")
        if stem == name:
            continue
        bias = f"{stem}bias"
        used |= {name, bias}
        found.append(_linear(weight, state.get(bias), name))
    strange = [name for name in state if name not in used]
    if strange or not found:
        entry = f"has the entry {strange[0]!r}" if strange else "is empty"
        raise DataError(
            f"the state dict {entry}; linear layers have a '...weight' each, and a '...bias'"
        )
    return found


def _linear(weight: Any, bias: Any, name: str) -> _Linear:
    """Copy a layer's tensors as numbers, all of them to the last bit."""
    weights = _numbers(weight, name)
    rows = weights if isinstance(weights, list) else []
    widths = {len(row) if isinstance(row, list) else 0 for row in rows}
    if len(widths) != 1 or 0 in widths:
        raise DataError(f"{name} must be a matrix (outputs, inputs) of numbers")
    biases = [0.0] * len(weights) if bias is None else _numbers(bias, f"the bias of {name}")
    if not isinstance(biases, list) or len(biases) != len(weights):
        raise DataError(
            f"{name} has {len(weights)} rows, but there are not as many numbers in its bias"
        )
    return _Linear(weights, biases)


def _numbers(tensor: Any, name: str) -> Any:
    held = tensor.tolist() if hasattr(tensor, "tolist") else tensor
    return [_numbers(part, name) for part in held] if is_list(held) else real(held, name)


def _network(linears: Sequence[_Linear], activations: Sequence[Activation]) -> MLP:
    weights, biases = [part.weights for part in linears], [part.biases for part in linears]
    return MLP.from_layers([*placed_layers(weights, biases, activations)])
