"""Check sizes and lengths, and say what is wrong with them."""

from __future__ import annotations

from typing import Any

from engine.errors import ShapeError


def positive_size(n: object, what: str) -> int:
    """Take a whole number of at least 1.

    Args:
        n: The size; NumPy's whole numbers are taken too.
        what: What it is the size of; the error message begins with it.

    Returns:
        The size.

    Raises:
        ShapeError: If it is anything else.

    Example:
        >>> positive_size(3, "the number of inputs")
        3
    """
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise ShapeError(f"{what} must be a whole number, not {n!r} ({type(n).__name__})")
    size = int(n.__index__())
    if size < 1:
        raise ShapeError(f"{what} must be at least 1, not {size}")
    return size


def is_list(given: object) -> bool:
    """Tell whether something holds one thing for each neuron: a list, a tuple, an array.

    Example:
        >>> is_list([1, 2]), is_list("12"), is_list(12)
        (True, False, False)
    """
    indexable = hasattr(given, "__len__") and hasattr(given, "__getitem__")
    return indexable and not isinstance(given, str)


def row_lengths(rows: Any, where: str) -> list[int]:
    """Measure the rows of a matrix.

    Args:
        rows: What should be a list of rows.
        where: How the error message begins.

    Returns:
        The length of each row.

    Raises:
        ShapeError: If it is no list of rows.

    Example:
        >>> row_lengths([[1, 2], [3, 4]], "")
        [2, 2]
    """
    if not is_list(rows) or not len(rows) or not all(map(is_list, rows)):
        raise ShapeError(
            f"{where}the weights of a layer must be a list with a row of numbers for each neuron, "
            f"not {rows!r}"
        )
    return [len(row) for row in rows]


def check_inputs(name: str, expected: int, x: Any) -> None:
    """Complain about inputs that do not fit.

    Args:
        name: What they were given to, such as ``"Neuron"``.
        expected: How many it needs.
        x: The inputs.

    Raises:
        ShapeError: If there are more or fewer, or it is no list.
    """
    if not hasattr(x, "__len__"):
        raise ShapeError(f"{name} needs a list of {expected} inputs, not {x!r}")
    if len(x) != expected:
        raise ShapeError(
            f"{name} needs {expected} inputs, one for each weight of a neuron, but was given "
            f"{len(x)}"
        )
