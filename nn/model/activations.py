"""The activations that neurons know by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import engine
from engine.errors import UnknownNameError, ValueTypeError, known

Activation = str | Callable[[Any], Any] | None

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "relu": engine.relu,
    "tanh": engine.tanh,
    "sigmoid": engine.sigmoid,
    "softplus": engine.softplus,
    "leaky_relu": engine.leaky_relu,
    "gelu": engine.gelu,
    "silu": engine.silu,
    "elu": engine.elu,
}
"""The activations of one neuron by name; "linear" is none, and "softmax" needs a whole layer."""

_SPELLINGS = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "gelu": "GELU",
    "silu": "SiLU",
    "elu": "ELU",
}


def find_activation(activation: str | Callable[[Any], Any]) -> Callable[[Any], Any] | None:
    """Find the function that a neuron applies; None for "linear"."""
    if callable(activation):
        if getattr(activation, "__module__", None) == "math":
            raise ValueTypeError(
                f"math.{activation.__name__} gives a plain number, through which no gradient "
                "flows; use the function of everypath, such as engine.tanh"
            )
        return activation
    if not isinstance(activation, str):
        raise ValueTypeError(
            f"an activation is a name or a function, not {activation!r} "
            f"({type(activation).__name__}); known names are {known([*ACTIVATIONS, 'linear'])}"
        )
    if activation == "linear":
        return None
    if activation not in ACTIVATIONS:
        raise UnknownNameError(
            f"unknown activation {activation!r}; known are {known([*ACTIVATIONS, 'linear'])}, "
            "and 'softmax' for a whole layer; or give a function of one Value"
        )
    return ACTIVATIONS[activation]


def spelled(activation: str | Callable[[Any], Any]) -> str:
    """Write an activation as part of a neuron's name."""
    name = activation if isinstance(activation, str) else getattr(activation, "__name__", "Own")
    return _SPELLINGS.get(name, name[:1].upper() + name[1:])
