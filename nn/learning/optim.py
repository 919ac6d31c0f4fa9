"""Optimisers: change the parameters so that the loss falls.

An optimiser is made for the parameters of one model, and keeps what it remembers about them
(velocities, averages) in itself, never in the nodes. A step::

    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

Each does what PyTorch's of the same name does, with the same defaults for the same arguments.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from engine.arguments import at_least_0, real
from engine.core.node import assign
from engine.core.value import Value
from engine.errors import ShapeError, ValueTypeError
from nn.model.module import Module


class Optimizer(ABC):
    """What all optimisers share: the parameters, the learning rate, and how to step.

    Args:
        parameters: A `Module`, or a list of Values.
        lr: The learning rate η, at least 0; assign `lr` between steps for a schedule.
        weight_decay: How strongly weights are pulled towards 0, at least 0.

    Attributes:
        parameters: The Values.
        lr: The learning rate.
        weight_decay: The decay.

    Raises:
        ShapeError: If there are no parameters.
        ValueTypeError: If something is not a parameter, or a number not one.
    """

    def __init__(
        self, parameters: Module | Sequence[Value], lr: float, weight_decay: float
    ) -> None:
        self.parameters = _checked(parameters)
        self.lr = at_least_0(lr, "lr")
        self.weight_decay = at_least_0(weight_decay, "weight_decay")

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0, before the next backward."""
        for p in self.parameters:
            p.grad = 0.0

    def step(self, gradient: Sequence[float] | None = None) -> None:
        """Change every parameter once.

        Args:
            gradient: The derivative of the loss with respect to each parameter, as a compiled
                program returns it; None to use the ``grad`` of the parameters.

        Raises:
            ShapeError: If the gradient is not as long as the list of parameters.
        """
        if gradient is None:
            gradient = [p.grad for p in self.parameters]
        elif len(gradient) != len(self.parameters):
            raise ShapeError(
                f"step needs one derivative for each of the {len(self.parameters)} parameters, "
                f"but was given {len(gradient)}"
            )
        self._update([p.number for p in self.parameters], [float(g) for g in gradient])

    @abstractmethod
    def _update(self, data: list[float], gradient: list[float]) -> None:
        """Move the parameters; each optimiser has its own rule."""

    def _decayed(
        self, data: list[float], gradient: list[float]
    ) -> tuple[list[float], list[float]]:
        """Pull weights towards 0 by their gradient."""
        if not self.weight_decay:
            return data, gradient
        return data, [g + self.weight_decay * w for g, w in zip(gradient, data, strict=True)]


class SGD(Optimizer):
    """Gradient descent: w <- w - η g, or with momentum w <- w - η v, v <- momentum * v + g.

    Sutskever et al., "On the importance of initialization and momentum in deep learning" (2013),
    in PyTorch's form.

    Args:
        parameters: A `Module`, or a list of Values.
        lr: The learning rate η.
        momentum: How much of the velocity is kept, at least 0.
        nesterov: True to look ahead along the velocity.
        weight_decay: Added to the gradient as weight_decay * w.

    Example:
        >>> w = Value(0.8)
        >>> optimizer = SGD([w], lr=1.0)
        >>> ((w - 1.0) ** 2).backward()
        >>> optimizer.step()
        >>> round(w.data, 12)
        1.2
    """

    def __init__(
        self,
        parameters: Module | Sequence[Value],
        lr: float = 0.01,
        momentum: float = 0.0,
        *,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.momentum = at_least_0(momentum, "momentum")
        if nesterov and not self.momentum:
            raise ValueTypeError("nesterov looks ahead along the velocity, so it needs a momentum")
        self.nesterov = nesterov
        self.velocity: list[float] = []

    def _update(self, data: list[float], gradient: list[float]) -> None:
        data, gradient = self._decayed(data, gradient)
        if self.momentum:
            old = self.velocity or [0.0] * len(gradient)
            self.velocity = [self.momentum * v + g for v, g in zip(old, gradient, strict=True)]
            if self.nesterov:
                ahead = zip(gradient, self.velocity, strict=True)
                gradient = [g + self.momentum * v for g, v in ahead]
            else:
                gradient = self.velocity
        moved = [w - self.lr * g for w, g in zip(data, gradient, strict=True)]
        assign(self.parameters, moved)

    def __repr__(self) -> str:
        return (
            f"SGD(lr={self.lr!r}, momentum={self.momentum!r}, nesterov={self.nesterov!r}, "
            f"weight_decay={self.weight_decay!r})"
        )


class Adam(Optimizer):
    """Adam: steps scaled by running averages of the gradient and of its square.

    Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.

    Args:
        parameters: A `Module`, or a list of Values.
        lr: The learning rate.
        betas: How much of each average is kept, from 0 up to but not including 1.
        eps: Added to the divisor.
        weight_decay: Added to the gradient as weight_decay * w.

    Example:
        >>> w = Value(0.0)
        >>> optimizer = Adam([w], lr=0.1)
        >>> optimizer.step([123.0])  # the first step has the size of lr, whatever the gradient
        >>> round(w.data, 6)
        -0.1
    """

    def __init__(
        self,
        parameters: Module | Sequence[Value],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        *,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr, weight_decay)
        self.betas = _averages(betas)
        self.eps = at_least_0(eps, "eps")
        self.steps = 0
        self.first = [0.0] * len(self.parameters)
        self.second = [0.0] * len(self.parameters)

    def _update(self, data: list[float], gradient: list[float]) -> None:
        data, gradient = self._decayed(data, gradient)
        self.steps += 1
        keep1, keep2 = self.betas
        new1, new2 = 1.0 - keep1, 1.0 - keep2
        # Both averages start at 0; dividing by these removes that bias.
        part1, part2 = 1.0 - keep1**self.steps, 1.0 - keep2**self.steps
        rate, eps, sqrt = self.lr, self.eps, math.sqrt
        first, second, moved = [], [], []
        for w, g, m, v in zip(data, gradient, self.first, self.second, strict=True):
            average = keep1 * m + new1 * g
            square = keep2 * v + new2 * g * g
            first.append(average)
            second.append(square)
            moved.append(w - rate * (average / part1) / (sqrt(square / part2) + eps))
        self.first, self.second = first, second
        assign(self.parameters, moved)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(lr={self.lr!r}, betas={self.betas!r}, eps={self.eps!r}, "
            f"weight_decay={self.weight_decay!r})"
        )


class AdamW(Adam):
    """Adam with the decay applied to the weight itself: w <- w - lr * weight_decay * w, then Adam.

    Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.

    Args:
        parameters: A `Module`, or a list of Values.
        lr: The learning rate.
        betas: How much of each average is kept.
        eps: Added to the divisor.
        weight_decay: The decay.

    Example:
        >>> w = Value(1.0)
        >>> AdamW([w], lr=0.1, weight_decay=0.5).step([0.0])
        >>> w.data
        0.95
    """

    def __init__(
        self,
        parameters: Module | Sequence[Value],
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        *,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, betas, eps=eps, weight_decay=weight_decay)

    def _decayed(
        self, data: list[float], gradient: list[float]
    ) -> tuple[list[float], list[float]]:
        return [w * (1.0 - self.lr * self.weight_decay) for w in data], gradient


def _checked(parameters: Any) -> list[Value]:
    found = parameters.parameters() if isinstance(parameters, Module) else list(parameters)
    if not found:
        raise ShapeError("an optimiser needs at least one parameter, but the list is empty")
    for k, p in enumerate(found):
        if not isinstance(p, Value) or not p.is_leaf or p.is_constant:
            raise ValueTypeError(
                f"parameter {k} is {p!r}, but a parameter is a Value that no operation made and "
                "that is no constant; give the model itself, or model.parameters()"
            )
    return found


def _averages(betas: Any) -> tuple[float, float]:
    numbers = tuple(real(beta, "each of betas") for beta in betas)
    if len(numbers) != 2 or not all(0.0 <= beta < 1.0 for beta in numbers):
        raise ValueTypeError(f"betas must be two numbers from 0 up to but not 1, not {betas!r}")
    return numbers[0], numbers[1]
