"""Schedules: how the learning rate changes while training.

A schedule is a function of the time, counted in epochs, to the factor that the optimiser's own
learning rate is multiplied by. Time moves on with every step: in an epoch of four steps it is 0,
0.25, 0.5 and 0.75. At whole epochs the factors are those of PyTorch's schedulers of similar names.

>>> cosine(epochs=100)(50)
0.5
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.arguments import at_least_0, fraction, named_one, positive
from engine.errors import ValueTypeError, known


@dataclass(frozen=True)
class Schedule:
    """A factor for the learning rate at every time.

    Attributes:
        text: What it prints as.
        factor: Takes the time in epochs, returns the factor.
    """

    text: str
    factor: Callable[[float], float]

    def __call__(self, time: float) -> float:
        """Tell the factor at a time."""
        return self.factor(time)

    def __repr__(self) -> str:
        return self.text


def constant() -> Schedule:
    """Keep the learning rate as it is.

    Example:
        >>> constant()(7.5)
        1.0
    """
    return Schedule("constant()", lambda time: 1.0)


def step_decay(every: float = 30, factor: float = 0.1) -> Schedule:
    """Multiply the rate by a factor every few epochs, as PyTorch's StepLR does.

    Args:
        every: How many epochs apart.
        factor: The factor.

    Returns:
        The schedule.

    Raises:
        ValueTypeError: If ``every`` is not positive, or ``factor`` negative.

    Example:
        >>> [step_decay(2, 0.5)(t) for t in range(5)]
        [1.0, 1.0, 0.5, 0.5, 0.25]
    """
    apart, drop = positive(every, "every"), at_least_0(factor, "factor")
    return Schedule(
        f"step_decay({every!r}, {factor!r})", lambda time: drop ** math.floor(time / apart)
    )


def exponential_decay(factor: float = 0.95) -> Schedule:
    """Multiply the rate by a factor in every epoch, as PyTorch's ExponentialLR does.

    Args:
        factor: The factor.

    Returns:
        The schedule.

    Raises:
        ValueTypeError: If ``factor`` is negative.

    Example:
        >>> exponential_decay(0.5)(3)
        0.125
    """
    drop = at_least_0(factor, "factor")
    return Schedule(f"exponential_decay({factor!r})", lambda time: drop**time)


def linear_decay(epochs: float, floor: float = 0.0) -> Schedule:
    """Let the rate fall in a straight line, as PyTorch's LinearLR can.

    Args:
        epochs: How long it falls; then it stays.
        floor: The factor it falls to.

    Returns:
        The schedule.

    Raises:
        ValueTypeError: If ``epochs`` is not positive, or ``floor`` negative.

    Example:
        >>> [linear_decay(4)(t) for t in (0, 1, 4, 9)]
        [1.0, 0.75, 0.0, 0.0]
    """
    return Schedule(f"linear_decay({epochs!r}, {floor!r})", _ramp(epochs, 1.0, floor))


def cosine(epochs: float, floor: float = 0.0) -> Schedule:
    """Let the rate fall along half a cosine, as PyTorch's CosineAnnealingLR does.

    Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017),
    equation 5; there are no restarts here.

    Args:
        epochs: How long it falls; then it stays.
        floor: The factor it falls to.

    Returns:
        The schedule.

    Raises:
        ValueTypeError: If ``epochs`` is not positive, or ``floor`` negative.

    Example:
        >>> cosine(10, floor=0.5)(5)
        0.75
    """
    length, least = positive(epochs, "epochs"), at_least_0(floor, "floor")
    return Schedule(
        f"cosine({epochs!r}, {floor!r})", lambda time: _between(1.0, least, time / length)
    )


def warmup(
    epochs: float, start: float = 0.0, then: Callable[[float], float] | None = None
) -> Schedule:
    """Let the rate rise in a straight line first.

    Args:
        epochs: How long it rises.
        start: The factor it rises from, to 1.
        then: The schedule to go on with, its time counted from the end of the rise; None to stay.

    Returns:
        The schedule.

    Raises:
        ValueTypeError: If ``epochs`` is not positive, or ``start`` negative.

    Example:
        >>> schedule = warmup(4, then=cosine(10))
        >>> [schedule(t) for t in (0, 1, 4, 9)]
        [0.0, 0.25, 1.0, 0.5]
    """
    rise, following = _ramp(epochs, start, 1.0), constant() if then is None else then
    return Schedule(
        f"warmup({epochs!r}, {start!r}{'' if then is None else f', then={then!r}'})",
        lambda time: rise(time) if time < epochs else following(time - epochs),
    )


def one_cycle(
    epochs: float, peak: float = 0.3, start: float = 0.04, end: float = 4e-6
) -> Schedule:
    """Let the rate rise along half a cosine and then fall along another, as PyTorch's OneCycleLR.

    Smith and Topin, "Super-convergence: very fast training of neural networks using large learning
    rates" (2019).

    Args:
        epochs: How long it all takes; then the rate stays.
        peak: The share of that time before the peak, where the factor is 1.
        start: The factor at the beginning.
        end: The factor at the end.

    Returns:
        The schedule.

    Raises:
        ValueTypeError: If ``epochs`` is not positive, ``peak`` not between 0 and 1, or a factor
            negative.

    Example:
        >>> schedule = one_cycle(10)
        >>> schedule(0), schedule(3), schedule(10)
        (0.04, 1.0, 4e-06)
    """
    top = positive(epochs, "epochs") * fraction(peak, "peak")
    first, last = at_least_0(start, "start"), at_least_0(end, "end")

    def factor(time: float) -> float:
        if time < top:
            return _between(first, 1.0, time / top)
        return _between(1.0, last, (time - top) / (epochs - top))

    return Schedule(f"one_cycle({epochs!r}, {peak!r}, {start!r}, {end!r})", factor)


SCHEDULES: dict[str, Callable[[float], Schedule]] = {
    "constant": lambda epochs: constant(),
    "step_decay": lambda epochs: step_decay(epochs / 3),
    "exponential_decay": lambda epochs: exponential_decay(0.01 ** (1.0 / epochs)),
    "linear_decay": linear_decay,
    "cosine": cosine,
    "warmup": lambda epochs: warmup(epochs / 10),
    "one_cycle": one_cycle,
}
"""What each name stands for in a training of so many epochs."""

_MAKERS: tuple[object, ...] = (constant, step_decay, exponential_decay, linear_decay)
_MAKERS += (cosine, warmup, one_cycle)


def find_schedule(schedule: Callable[[float], float] | str | None, epochs: int) -> Any:
    """Take a schedule, or the name of one."""
    if schedule is None:
        return constant()
    if callable(schedule):
        if schedule in _MAKERS:
            name = schedule.__name__
            raise ValueTypeError(
                f"{name} makes a schedule: write schedule=nn.schedules.{name}(...), or {name!r}"
            )
        return schedule
    if not isinstance(schedule, str):
        raise ValueTypeError(
            f"a schedule is a function of the time in epochs or one of {known(SCHEDULES)}, not "
            f"{schedule!r} ({type(schedule).__name__}); for example schedule=nn.cosine(epochs=100)"
        )
    return named_one(schedule, SCHEDULES, "schedule")(epochs)


def _ramp(epochs: float, first: float, last: float) -> Callable[[float], float]:
    length = positive(epochs, "epochs")
    start, end = at_least_0(first, "start"), at_least_0(last, "floor")
    return lambda time: start + (end - start) * min(time / length, 1.0)


def _between(first: float, last: float, part: float) -> float:
    """Go from one number to another along half a cosine."""
    share = (1.0 + math.cos(math.pi * min(part, 1.0))) / 2.0
    return first * share + last * (1.0 - share)
