"""`load`: a whole model from a file that `Module.save` wrote."""

from __future__ import annotations

import os
from itertools import pairwise
from typing import Any

from engine.arguments import shortened
from engine.errors import DataError, EngineError, known
from nn.model.activations import ACTIVATIONS
from nn.model.mlp import MLP, placed_layers
from nn.model.model_files import read_model

KNOWN = (*ACTIVATIONS, "linear", "softmax")
"""The activations that a file may name."""


def load(path: str | os.PathLike[str]) -> MLP:
    """Build the model of a file that `save` wrote: architecture and parameters.

    Args:
        path: The file.

    Returns:
        The network; its numbers are those that were saved, to the last bit.

    Raises:
        DataError: If the file cannot be read, is no model file or a damaged one, is of a later
            version, or does not say how to build the model.

    Example:
        >>> import tempfile
        >>> model = MLP(2, [3, 1], "tanh", seed=1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model.save(f"{folder}/m.json")
        ...     again = load(f"{folder}/m.json")
        >>> again([0.5, -1.0]).data == model([0.5, -1.0]).data
        True
    """
    file = read_model(path)
    if file.architecture is None:
        raise DataError(
            f"{path} holds the parameters of {shortened(file.model)}, but not how to build it "
            "(it was saved by an early everypath, or with a class, a function or shared weights "
            f"of your own); make the model first, then model.load({os.fspath(path)!r})"
        )
    model = _built(file.architecture, len(file.parameters), f"{path} is damaged: ")
    try:
        model.load_state_dict(file.parameters)
    except EngineError as error:
        raise DataError(f"{path} is damaged: {error}") from None
    return model


def _built(architecture: Any, parameters: int, damaged: str) -> MLP:
    """Build the model that a file describes, with zeros for parameters."""
    found = architecture if isinstance(architecture, dict) else {}
    if found.get("class") != "MLP":
        raise DataError(f"{damaged}it describes {found.get('class')!r}, and only 'MLP' is known")
    layers = found.get("layers")
    if not isinstance(layers, list) or not layers or not all(isinstance(x, dict) for x in layers):
        raise DataError(f'{damaged}"layers" must be a list with at least one layer')
    sizes = [_size(found.get("inputs"), f'{damaged}"inputs"')]
    for k, layer in enumerate(layers, start=1):
        sizes.append(_size(layer.get("neurons"), f'{damaged}"neurons" of layer {k}'))
        if layer.get("activation") not in KNOWN:
            raise DataError(
                f"{damaged}layer {k} has the unknown activation {layer.get('activation')!r}; "
                f"known are {known(KNOWN)}"
            )
    needed = sum(outputs * (inputs + 1) for inputs, outputs in pairwise(sizes))
    if needed != parameters:  # checked before anything of that size is made
        raise DataError(
            f"{damaged}layers of {sizes} have {needed} parameters, but there are {parameters}"
        )
    weights = [[[0.0] * inputs] * outputs for inputs, outputs in pairwise(sizes)]
    activations = [layer["activation"] for layer in layers]
    expanded = found.get("expanded") is True
    zeros = [0.0] * len(layers)
    return MLP.from_layers([*placed_layers(weights, zeros, activations, expanded=expanded)])


def _size(given: Any, what: str) -> int:
    if type(given) is not int or given < 1:
        raise DataError(f"{what} must be a whole number of at least 1, not {given!r}")
    return given
