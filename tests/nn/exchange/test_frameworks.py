"""Networks as JAX functions and as ONNX models."""

import numpy as np
import pytest
from program_examples import close

from engine import ValueTypeError, constant
from nn import MLP, Layer, to_jax, to_onnx

pytestmark = pytest.mark.oracle

BATCH = np.random.default_rng(0).normal(size=(5, 2))


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_network_in_jax(outputs):
    """Values over a batch and gradients by every parameter; one output is a scalar."""
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    model = MLP(2, [4, outputs], "gelu", seed=1)
    f = to_jax(model)
    assert f.names == tuple(model.named_parameters())
    values = jax.vmap(f, (None, 0))(f.params, BATCH)
    expected = [model(row) for row in BATCH.tolist()]
    flat = [y for some in expected for y in (some if outputs > 1 else [some])]
    assert values.shape == ((5,) if outputs == 1 else (5, 3))
    assert close(values.ravel(), [y.data for y in flat])
    for y in flat:
        y.backward()
    found = jax.grad(lambda p: jax.vmap(f, (None, 0))(p, BATCH).sum())(f.params)
    assert close(found, [p.grad for p in model.parameters()])


@pytest.mark.parametrize("outputs", [1, 3])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_network_in_onnx(tmp_path, outputs, dtype):
    """A matrix of outputs for any batch, in either precision."""
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    model = MLP(2, [4, outputs], "gelu", "softmax" if outputs > 1 else "sigmoid", seed=1)
    path = to_onnx(model, tmp_path / "m.onnx", dtype=dtype)
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (values,) = session.run(None, {"x": BATCH.astype(dtype)})
    expected = [model(row) for row in BATCH.tolist()]
    numbers = [[y.data for y in some] if outputs > 1 else [some.data] for some in expected]
    assert values.shape == (5, outputs)
    assert close(values, numbers, 1e-12 if dtype == "float64" else 1e-6)


def test_an_activation_that_is_not_defined_at_zero():
    """Recording happens at zeros, and only the graph counts."""
    model = MLP(1, [1], output_activation=lambda a: (a - a * 2).log(), seed=1)
    assert "jnp.log" in to_jax(model).source


def test_only_networks_are_exported(tmp_path):
    """A layer is told the way by its graph."""
    with pytest.raises(ValueTypeError, match=r"takes an MLP, not a Layer; .*engine\.to_jax"):
        to_jax(Layer(2, 1))
    with pytest.raises(ValueTypeError, match=r"engine\.to_onnx"):
        to_onnx(Layer(2, 1), tmp_path / "m.onnx")


def test_a_constant_weight_is_no_parameter():
    """It keeps its number in the exported function."""
    pytest.importorskip("jax")
    model = MLP.from_weights([[[0.5, constant(2.0)]]])
    f = to_jax(model)
    assert f.params.shape == (2,)
    assert float(f(f.params, np.array([1.0, 3.0]))) == 6.5
