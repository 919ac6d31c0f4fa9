"""Check what a function is given, and say what is wrong with it.

In comes an argument of any kind and the words that an error message begins with; out comes a plain
number, a list's length or the thing that a name stands for. All three packages check with these.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from numbers import Complex, Real
from operator import index
from typing import Any, TypeVar

from engine.errors import (
    DataError,
    DomainError,
    ShapeError,
    UnknownNameError,
    ValueTypeError,
    known,
)

_Named = TypeVar("_Named")


def real(x: object, what: str) -> float:
    """Turn a real number of any kind into a float.

    Example:
        >>> from fractions import Fraction
        >>> real(Fraction(1, 4), "data")
        0.25
    """
    if isinstance(x, Real) or _is_numpy_bool(x):
        try:
            return float(x)  # type: ignore[arg-type]  # that is what is tried
        except OverflowError:
            raise DomainError(
                f"{what} is too large for a float: it has {_digits(x)} digits before the point"
            ) from None
    if isinstance(x, Complex):
        way_out = "complex numbers are not taken: give its .real, its .imag or abs(...)"
    elif hasattr(x, "partials"):  # a node of a graph
        way_out = "write .data to take its number, or detach(...) to cut it off"
    elif isinstance(x, str):
        way_out = "convert it with float(...)"
    elif hasattr(x, "__array__") or isinstance(x, list | tuple):
        way_out = "make one Value for each number: [Value(x) for x in ...]"
    else:
        way_out = "give an int, a float, a bool, a Fraction or a NumPy scalar"
    raise ValueTypeError(
        f"{what} must be a real number, not {shortened(repr(x))} ({type(x).__name__}); {way_out}"
    )


def _is_numpy_bool(x: object) -> bool:
    return type(x).__module__ == "numpy" and type(x).__name__ in {"bool", "bool_"}


def _digits(x: Any) -> int:
    return int(int(abs(x)).bit_length() * math.log10(2)) + 1


def shortened(text: str) -> str:
    """Cut a long text off, for a message.

    Example:
        >>> len(shortened("x" * 60)), len(shortened("x" * 61)), shortened("x" * 61)[-4:]
        (60, 60, 'x...')
    """
    return text if len(text) <= 60 else text[:57] + "..."


def at_least_0(x: object, what: str) -> float:
    """Take a finite number of at least 0."""
    number = real(x, what)
    if not 0.0 <= number < math.inf:
        raise ValueTypeError(f"{what} must be a finite number, at least 0, not {x!r}")
    return number


def positive(x: object, what: str) -> float:
    """Take a finite number greater than 0."""
    number = real(x, what)
    if not 0.0 < number < math.inf:
        raise ValueTypeError(f"{what} must be a finite number greater than 0, not {x!r}")
    return number


def fraction(x: object, what: str) -> float:
    """Take a part of a whole: a number between 0 and 1, neither of them."""
    number = real(x, what)
    if not 0.0 < number < 1.0:
        raise ValueTypeError(f"{what} must be a number between 0 and 1, not {x!r}")
    return number


def finite(x: object, what: str) -> float:
    """Take a number from a table of data."""
    number = real(x, what)
    if not math.isfinite(number):
        raise DataError(f"{what} is {number!r}; leave that sample out, or put a number there")
    return number


def whole(number: Any, what: str) -> int:
    """Take a whole number of at least 0; not one is a `ValueTypeError`, a negative one too small.

    Example:
        >>> whole(0, "limit")
        0
    """
    try:
        found = index(number)
    except TypeError:
        raise ValueTypeError(
            f"{what} must be a whole number, not {number!r} ({type(number).__name__})"
        ) from None
    if found < 0:
        raise ShapeError(f"{what} must not be negative, but it is {found}")
    return found


def is_whole(n: object) -> bool:
    """Tell whether something is a whole number, also NumPy's; True is not meant as 1."""
    return hasattr(n, "__index__") and not isinstance(n, bool)


def positive_size(n: Any, what: str) -> int:
    """Take a whole number of at least 1; all else is a `ShapeError`."""
    if not is_whole(n):
        raise ShapeError(f"{what} must be a whole number, not {n!r} ({type(n).__name__})")
    size = int(index(n))
    if size < 1:
        raise ShapeError(f"{what} must be at least 1, not {size}")
    return size


def is_list(given: object) -> bool:
    """Tell whether something holds one thing for each of several: a list, a tuple, an array.

    Example:
        >>> is_list([1, 2]), is_list("12"), is_list(12)
        (True, False, False)
    """
    indexable = hasattr(given, "__len__") and hasattr(given, "__getitem__")
    return indexable and not isinstance(given, str)


def named_one(name: str, of: Mapping[str, _Named], what: str, advice: str = "") -> _Named:
    """Find what a name stands for, or list the names that are known.

    Example:
        >>> named_one("two", {"one": 1, "two": 2}, "number")
        2
    """
    if name not in of:
        raise UnknownNameError(f"unknown {what} {name!r}; known are {known(of)}{advice}")
    return of[name]


def seeded(seed: object) -> random.Random:
    """Make a source of random numbers that nothing else draws from."""
    try:
        return random.Random(seed)  # type: ignore[arg-type]  # noqa: S311 - not for secrets
    except TypeError:
        raise ValueTypeError(
            f"a seed is a number or a text, not {seed!r} ({type(seed).__name__})"
        ) from None
