"""Gradient clipping: keep one step from throwing away what many have learned.

Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks" (2013). The
numbers are those of PyTorch's ``clip_grad_norm_`` and ``clip_grad_value_``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from engine.arguments import positive, real
from nn.model.module import Module

_SLACK = 1e-6  # PyTorch adds it to the length before dividing, against a division by 0


def gradient_norm(gradient: Module | Sequence[float]) -> float:
    """Measure the length of a gradient.

    Args:
        gradient: A model whose parameters have gradients, or the derivatives themselves.

    Returns:
        The square root of the sum of the squares.

    Raises:
        ValueTypeError: If something is no number.

    Example:
        >>> gradient_norm([3.0, 4.0])
        5.0
    """
    return math.hypot(*_read(gradient))


def clip_norm(gradient: Module | Sequence[float], limit: float) -> list[float]:
    """Shorten a gradient that is longer than a limit, and keep its direction.

    Args:
        gradient: A model, between ``backward`` and the step of the optimiser: its parameters get
            the clipped gradients. Or the derivatives themselves, as a compiled program returns
            them: give the result to ``optimizer.step``.
        limit: The greatest length.

    Returns:
        The clipped derivatives.

    Raises:
        ValueTypeError: If the limit is not a positive number, or a derivative no number.

    Example:
        >>> [round(g, 5) for g in clip_norm([3.0, 4.0], 1.0)]
        [0.6, 0.8]
    """
    most = positive(limit, "the limit of a gradient's length")
    numbers = _read(gradient)
    factor = min(1.0, most / (math.hypot(*numbers) + _SLACK))
    return _write(gradient, [g * factor for g in numbers])


def clip_value(gradient: Module | Sequence[float], limit: float) -> list[float]:
    """Cut every derivative off at a limit, on either side of 0.

    Args:
        gradient: As for `clip_norm`.
        limit: The greatest absolute value.

    Returns:
        The clipped derivatives.

    Raises:
        ValueTypeError: If the limit is not a positive number, or a derivative no number.

    Example:
        >>> clip_value([3.0, -0.5, -4.0], 1.0)
        [1.0, -0.5, -1.0]
    """
    most = positive(limit, "the limit of a derivative")
    # A nan must come first to stay: min and max keep the first of what they cannot compare.
    return _write(gradient, [max(min(g, most), -most) for g in _read(gradient)])


Clip = float | Callable[[list[float]], list[float]] | None


def find_clip(clip: Clip) -> Callable[[list[float]], list[float]] | None:
    """Take a limit of the gradient's length, or a function that clips."""
    if clip is None or callable(clip):
        return clip
    limit = positive(clip, "clip, the greatest length of a gradient,")
    return lambda gradient: clip_norm(gradient, limit)


def _read(gradient: Any) -> list[float]:
    if isinstance(gradient, Module):
        return [p.grad for p in gradient.parameters()]
    return [real(g, "a derivative") for g in gradient]


def _write(gradient: Any, clipped: list[float]) -> list[float]:
    if isinstance(gradient, Module):
        for p, g in zip(gradient.parameters(), clipped, strict=True):
            p.grad = g
    return clipped
