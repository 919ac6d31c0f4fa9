"""Export: a recorded graph as a JAX function, a PyTorch module, an ONNX model."""

from engine.export.jax_function import JaxFunction, to_jax
from engine.export.onnx_model import to_onnx
from engine.export.torch_module import to_torch

__all__ = ["JaxFunction", "to_jax", "to_onnx", "to_torch"]
