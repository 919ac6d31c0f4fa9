"""Export: a recorded graph as a JAX function, a PyTorch module, an ONNX model.

In come outputs, inputs and parameters; out comes source text, or a model, that computes the same
elsewhere. Open `graphs` first (a graph as statements on vectors), then `jax_function`,
`torch_module` and `onnx_model`; `dialects` and `rules` write a row in each framework's words.
"""

from engine.export.jax_function import JaxFunction, to_jax
from engine.export.onnx_model import to_onnx
from engine.export.torch_module import to_torch

__all__ = ["JaxFunction", "to_jax", "to_onnx", "to_torch"]
