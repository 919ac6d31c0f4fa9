"""Small neural networks of scalar Values: every weight, product and sum can be looked at.

>>> from nn import MLP
>>> MLP(2, [16, 16, 1])([1.0, -2.0]).backward()
"""

from nn.init import Init, he, normal, uniform, xavier, zeros
from nn.layers import Layer, Neuron
from nn.loading import load
from nn.losses import (
    binary_cross_entropy,
    cross_entropy,
    half_squared_error,
    hinge,
    mse,
    squared_error,
)
from nn.mlp import MLP
from nn.module import Module
from nn.names import textbook_name
from nn.optim import SGD, Adam, AdamW, Optimizer

__all__ = [
    "MLP", "SGD", "Adam", "AdamW", "Init", "Layer", "Module", "Neuron", "Optimizer",
    "binary_cross_entropy", "cross_entropy", "half_squared_error", "he", "hinge", "load", "mse",
    "normal", "squared_error", "textbook_name", "uniform", "xavier", "zeros",
]  # fmt: skip
