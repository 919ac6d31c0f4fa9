"""New numbers for a textbook network, so that each student of a class has their own.

They are round, so that a person can work with them, and never end in a gradient so small that
rounding would swallow it.
"""

from __future__ import annotations

import random

from engine.errors import EngineError, ShapeError
from engine.teaching.worked import worked
from nn.textbook import Network

TRIES = 200
"""So many draws are made before giving up; with three decimals or more a few are enough."""

_SPARED = "yt"
"""Targets stay what they are: a one-hot row with other numbers would be none."""


def renumbered(net: Network, seed: int, digits: int) -> Network:
    """Put other numbers into all leaves of a textbook network but its targets."""
    source = random.Random(seed)  # noqa: S311 - not for secrets
    leaves = [name for name, node in net.nodes.items() if node.is_leaf and name[0] not in _SPARED]
    for _ in range(TRIES):
        changed = net.at({name: _drawn(source, name) for name in leaves})
        if _can_be_worked(changed, digits):
            return changed
    raise ShapeError(
        f"with digits={digits} every gradient of {net.title} that was tried is lost in rounding; "
        "work with more digits"
    )


def _drawn(source: random.Random, name: str) -> float:
    """Draw a number other than 0: tenths for weights and biases, halves for the rest."""
    # Dividing whole numbers gives exactly what one would type.
    sign = source.choice((-1, 1))
    if name[0] in "wb":
        return sign * source.randint(1, 9) / 10
    return sign * source.randint(1, 4) / 2


def _can_be_worked(net: Network, digits: int) -> bool:
    """Tell whether the gradient survives rounding to so many decimals on the way."""
    exact = worked(net.root, net.focus)
    try:
        rounded = exact.rounded(digits)
    except EngineError:  # a value was rounded to 0, and something divides by it
        return False
    least = min(abs(route.contribution) for route in exact.routes(exact.view.count))
    close = abs(rounded.total - exact.total) <= 0.05 * abs(exact.total)
    return close and least > 0.5 * 10.0**-digits
