"""Small neural networks of scalar Values: every weight, product and sum can be looked at.

>>> from nn import MLP
>>> MLP(2, [16, 16, 1])([1.0, -2.0]).backward()
"""

from nn import data
from nn.data.csv_files import load_csv
from nn.data.sets import Data
from nn.exchange.frameworks import to_jax, to_onnx
from nn.exchange.torch import (
    from_torch,
    from_torch_state_dict,
    load_torch_state_dict,
    to_torch,
    to_torch_state_dict,
)
from nn.insight.why import Movement, why
from nn.learning import schedules
from nn.learning.callbacks import Callback, EarlyStopping
from nn.learning.clipping import clip_norm, clip_value, gradient_norm
from nn.learning.fit import Evaluation, evaluate, fit
from nn.learning.history import History
from nn.learning.losses import (
    binary_cross_entropy,
    cross_entropy,
    half_squared_error,
    hinge,
    mse,
    squared_error,
)
from nn.learning.optim import SGD, Adam, AdamW, Optimizer
from nn.learning.schedules import (
    Schedule,
    cosine,
    exponential_decay,
    linear_decay,
    one_cycle,
    step_decay,
    warmup,
)
from nn.learning.training import DivergedError
from nn.model.init import Init, he, normal, uniform, xavier, zeros
from nn.model.layers import Layer, Neuron
from nn.model.loading import load
from nn.model.mlp import MLP
from nn.model.module import Module
from nn.names import textbook_name

__all__ = ["MLP", "Layer", "Module", "Neuron", "load", "textbook_name"]
__all__ += ["Init", "he", "normal", "uniform", "xavier", "zeros"]
__all__ += ["Data", "data", "load_csv"]
__all__ += ["Evaluation", "History", "evaluate", "fit"]
__all__ += ["Callback", "DivergedError", "EarlyStopping"]
__all__ += ["binary_cross_entropy", "cross_entropy", "hinge"]
__all__ += ["half_squared_error", "mse", "squared_error"]
__all__ += ["SGD", "Adam", "AdamW", "Optimizer", "clip_norm", "clip_value", "gradient_norm"]
__all__ += ["Schedule", "cosine", "exponential_decay", "linear_decay"]
__all__ += ["one_cycle", "schedules", "step_decay", "warmup"]
__all__ += ["Movement", "why"]
__all__ += ["from_torch", "from_torch_state_dict", "load_torch_state_dict"]
__all__ += ["to_jax", "to_onnx", "to_torch", "to_torch_state_dict"]
