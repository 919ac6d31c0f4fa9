"""Check single numbers and seeds, and say what is wrong with them."""

from __future__ import annotations

import math
import random

from engine.core.domain import real
from engine.errors import DataError, ValueTypeError


def at_least_0(x: object, what: str) -> float:
    """Take a finite number of at least 0.

    Args:
        x: The number.
        what: What it is for; the error message begins with it.

    Returns:
        The float.

    Raises:
        ValueTypeError: If it is anything else.

    Example:
        >>> at_least_0(1, "lr")
        1.0
    """
    number = real(x, what)
    if not 0.0 <= number < math.inf:
        raise ValueTypeError(f"{what} must be a finite number, at least 0, not {x!r}")
    return number


def positive(x: object, what: str) -> float:
    """Take a finite number greater than 0.

    Args:
        x: The number.
        what: What it is for; the error message begins with it.

    Returns:
        The float.

    Raises:
        ValueTypeError: If it is anything else.

    Example:
        >>> positive(2, "the limit")
        2.0
    """
    number = real(x, what)
    if not 0.0 < number < math.inf:
        raise ValueTypeError(f"{what} must be a finite number greater than 0, not {x!r}")
    return number


def fraction(x: object, what: str) -> float:
    """Take a part of a whole: a number between 0 and 1, neither of them.

    Args:
        x: The number.
        what: What it is for; the error message begins with it.

    Returns:
        The float.

    Raises:
        ValueTypeError: If it is anything else.

    Example:
        >>> fraction(0.25, "validation")
        0.25
    """
    number = real(x, what)
    if not 0.0 < number < 1.0:
        raise ValueTypeError(f"{what} must be a number between 0 and 1, not {x!r}")
    return number


def finite(x: object, what: str) -> float:
    """Take a number from a table of data.

    Args:
        x: The number.
        what: Where it stands; the error message begins with it.

    Returns:
        The float.

    Raises:
        DataError: If it is nan or infinite.
        ValueTypeError: If it is no number.

    Example:
        >>> finite(3, "X[0][1]")
        3.0
    """
    number = real(x, what)
    if not math.isfinite(number):
        raise DataError(f"{what} is {number!r}; leave that sample out, or put a number there")
    return number


def seeded(seed: object) -> random.Random:
    """Make a source of random numbers.

    Args:
        seed: A number or a text.

    Returns:
        A source that nothing else draws from.

    Raises:
        ValueTypeError: If it cannot be a seed.

    Example:
        >>> seeded(1).random() == seeded(1).random()
        True
    """
    try:
        return random.Random(seed)  # type: ignore[arg-type]  # noqa: S311 - not for secrets
    except TypeError:
        raise ValueTypeError(
            f"a seed is a number or a text, not {seed!r} ({type(seed).__name__})"
        ) from None
