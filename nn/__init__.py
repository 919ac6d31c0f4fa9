"""Small neural networks of scalar Values: every weight, product and sum can be looked at.

>>> from nn import MLP
>>> MLP(2, [16, 16, 1])([1.0, -2.0]).backward()
"""

from nn import data, schedules
from nn.callbacks import Callback, EarlyStopping
from nn.clipping import clip_norm, clip_value, gradient_norm
from nn.csv_files import load_csv
from nn.data import Data
from nn.export import to_jax, to_onnx
from nn.fit import Evaluation, evaluate, fit
from nn.history import History
from nn.init import Init, he, normal, uniform, xavier, zeros
from nn.interchange import (
    from_torch,
    from_torch_state_dict,
    load_torch_state_dict,
    to_torch,
    to_torch_state_dict,
)
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
from nn.schedules import (
    Schedule,
    cosine,
    exponential_decay,
    linear_decay,
    one_cycle,
    step_decay,
    warmup,
)
from nn.training import DivergedError
from nn.why import Movement, why

__all__ = [
    "MLP", "SGD", "Adam", "AdamW", "Callback", "Data", "DivergedError", "EarlyStopping",
    "Evaluation", "History", "Init", "Layer", "Module", "Movement", "Neuron", "Optimizer",
    "Schedule", "binary_cross_entropy", "clip_norm", "clip_value", "cosine", "cross_entropy",
    "data", "evaluate", "exponential_decay", "fit", "from_torch", "from_torch_state_dict",
    "gradient_norm", "half_squared_error", "he", "hinge", "linear_decay", "load", "load_csv",
    "load_torch_state_dict", "mse", "normal", "one_cycle", "schedules", "squared_error",
    "step_decay", "textbook_name", "to_jax", "to_onnx", "to_torch", "to_torch_state_dict",
    "uniform", "warmup", "why", "xavier", "zeros",
]  # fmt: skip
