"""A network on its way out: as a JAX function, as an ONNX model.

For PyTorch see `nn.exchange.torch`: there a network becomes plain layers. These functions do for a
network what those of `engine.export` do for any graph.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from engine.core.domain import ieee
from engine.core.value import Value
from engine.export import JaxFunction
from engine.export import to_jax as graph_to_jax
from engine.export import to_onnx as graph_to_onnx
from nn.model.mlp import MLP, check_is_network
from nn.names import textbook_name


def to_jax(model: MLP) -> JaxFunction:
    """Turn a network into a JAX function of its parameters and one sample.

    Args:
        model: The network.

    Returns:
        A pure function ``f(params, x)``: ``params`` is an array of all parameters, in the order
        of ``model.parameters()``; ``x`` is one sample, and `jax.vmap` takes a batch. It returns a
        scalar for one output, an array for more. ``f.params`` are the parameters as they are now,
        ``f.source`` is its text; see `engine.export.to_jax`.

    Raises:
        ValueTypeError: If the model is no `MLP`.

    Example:
        >>> f = to_jax(MLP(2, [16, 1], "tanh", seed=1))
        >>> print(f.source[f.source.index("def"):])
        def f(params, x):
            # x: x_1, x_2
            # params: w_111, w_112, b_11, ..., b_21
            m1 = params[0:48].reshape(16, 3)
            v1 = m1[:, 0:2] @ x + m1[:, 2]
            v2 = jnp.tanh(v1)
            s1 = params[48:64] @ v2 + params[64]
            return s1
        <BLANKLINE>
    """
    y, inputs = _recorded(model, "to_jax")
    return graph_to_jax(y, inputs, model.parameters())


def to_onnx(
    model: MLP,
    path: str | os.PathLike[str],
    *,
    dtype: Literal["float64", "float32"] = "float64",
) -> Path:
    """Write a network as an ONNX model: a Gemm for each layer, and the activations.

    Args:
        model: The network.
        path: The file; one that exists is replaced.
        dtype: The type of all numbers, ``"float64"`` or ``"float32"``.

    Returns:
        The path. The model has one input ``x`` (batch, inputs) and one output ``y``
        (batch, outputs), of any batch.

    Raises:
        MissingExtraError: If onnx is not installed.
        UnknownNameError: If there is no such type.
        ValueTypeError: If the model is no `MLP`.
        OutputError: If the file cannot be written.

    Example:
        >>> import pytest; onnx = pytest.importorskip("onnx")
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model = onnx.load(to_onnx(MLP(2, [16, 1], "tanh", seed=1), f"{folder}/m.onnx"))
        >>> [node.op_type for node in model.graph.node]
        ['Gemm', 'Tanh', 'Gemm', 'Identity']
    """
    y, inputs = _recorded(model, "to_onnx")
    return graph_to_onnx(y if isinstance(y, list) else [y], inputs, path, dtype=dtype)


def _recorded(model: MLP, taker: str) -> tuple[Any, list[Value]]:
    """Record a network once, on any numbers: only the graph counts."""
    check_is_network(model, taker)
    size = len(model.layers[0].neurons[0].w)
    inputs = [Value(0.0, textbook_name("x", k)) for k in range(1, size + 1)]
    with ieee():
        return model(inputs), inputs
