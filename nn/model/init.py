"""Starting weights: each initialiser says how to draw one weight.

An initialiser is called with a source of random numbers and the size of the layer, once for each
weight; it prints as it was written. Biases start at 0. Sources: Glorot and Bengio (2010) for
`xavier`, He et al. (2015) for `he`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from engine.arguments import named_one, real, seeded
from engine.errors import ValueTypeError


class Source(Protocol):
    """What an initialiser draws from: a `random.Random`, or the module `random` itself."""

    def uniform(self, a: float, b: float, /) -> float:
        """Draw a number between a and b."""

    def gauss(self, mu: float, sigma: float, /) -> float:
        """Draw a number from a normal distribution."""


@dataclass(frozen=True)
class Init:
    """How to draw one starting weight.

    Attributes:
        text: What it prints as.
        draw: Takes the source of random numbers, the number of inputs and the number of outputs
            of the layer; returns the weight.
    """

    text: str
    draw: Callable[[Source, int, int], float]

    def __call__(self, source: Source, fan_in: int, fan_out: int) -> float:
        """Draw one weight."""
        return self.draw(source, fan_in, fan_out)

    def __repr__(self) -> str:
        return self.text


def uniform(low: float = -1.0, high: float = 1.0) -> Init:
    """Draw each weight evenly between two bounds, as micrograd does between -1 and 1.

    Args:
        low: The lower bound.
        high: The upper bound.

    Returns:
        The initialiser.

    Example:
        >>> uniform(-0.5, 0.5)
        uniform(-0.5, 0.5)
    """
    a, b = real(low, "low"), real(high, "high")
    return Init(f"uniform({a!r}, {b!r})", lambda source, fan_in, fan_out: source.uniform(a, b))


def normal(mean: float = 0.0, deviation: float = 1.0) -> Init:
    """Draw each weight from a normal distribution.

    Args:
        mean: Its centre.
        deviation: Its standard deviation.

    Returns:
        The initialiser.

    Example:
        >>> normal(0.0, 0.1)
        normal(0.0, 0.1)
    """
    mu, sigma = real(mean, "mean"), real(deviation, "deviation")
    return Init(
        f"normal({mu!r}, {sigma!r})", lambda source, fan_in, fan_out: source.gauss(mu, sigma)
    )


def xavier() -> Init:
    """Draw evenly within sqrt(6 / (inputs + outputs)): keeps tanh and sigmoid layers in range.

    Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks"
    (2010), equation 16.

    Returns:
        The initialiser.

    Example:
        >>> abs(xavier()(random.Random(0), 3, 3)) <= 1.0
        True
    """

    def draw(source: Source, fan_in: int, fan_out: int) -> float:
        bound = math.sqrt(6.0 / (fan_in + fan_out))
        return source.uniform(-bound, bound)

    return Init("xavier()", draw)


def he() -> Init:
    """Draw from a normal distribution of deviation sqrt(2 / inputs): made for relu layers.

    He et al., "Delving deep into rectifiers" (2015), equation 10.

    Returns:
        The initialiser.

    Example:
        >>> he()
        he()
    """
    return Init("he()", lambda source, fan_in, fan_out: source.gauss(0.0, math.sqrt(2.0 / fan_in)))


def zeros() -> Init:
    """Start every weight at 0, to see why nobody does: the neurons of a layer stay alike.

    Returns:
        The initialiser.

    Example:
        >>> zeros()(random.Random(0), 3, 3)
        0.0
    """
    return Init("zeros()", lambda source, fan_in, fan_out: 0.0)


INITS: dict[str, Callable[[], Init]] = {
    "uniform": uniform,
    "normal": normal,
    "xavier": xavier,
    "he": he,
    "zeros": zeros,
}
"""The initialisers by name."""


def find_init(init: Init | str | None) -> Init:
    """Take an initialiser, or the name of one."""
    if init is None:
        return uniform()
    if isinstance(init, Init):
        return init
    if not isinstance(init, str):
        raise ValueTypeError(
            f"init must be an initialiser or the name of one, not {init!r} "
            f"({type(init).__name__}); for example init=nn.uniform(-0.1, 0.1), or init='he'"
        )
    return named_one(init, INITS, "initialiser")()


def find_source(seed: float | str | None) -> Source:
    """Make a source of random numbers; the module `random` itself without a seed, as micrograd."""
    return random if seed is None else seeded(seed)
