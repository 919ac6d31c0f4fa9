"""Reading batches and parameters: arrays where NumPy is installed, lists of floats where not."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from functools import cache
from numbers import Real
from typing import Any

from engine.arguments import real
from engine.errors import ShapeError, ValueTypeError


@cache
def numpy() -> Any:
    """Import NumPy; None if it is not installed."""
    try:
        import numpy as np  # noqa: PLC0415 - an optional extra
    except ImportError:
        return None
    return np


def read_batch(batch: Any, columns: int, *, arrays: bool) -> tuple[Any, bool]:
    """Read one sample, or a batch: the samples (batch, columns), and True if it was only one.

    Example:
        >>> read_batch([1, 2], 2, arrays=False)
        ([[1.0, 2.0]], True)
    """
    np = numpy()
    if np is not None and (arrays or isinstance(batch, np.ndarray)):
        table = _array(batch, "a batch")
        one = table.ndim == 1 and (columns == 0 or len(table) > 0)
        if table.ndim == 1 and not one:
            table = table.reshape(0, columns)
        samples = table[None] if one else table
        if samples.ndim != 2 or samples.shape[1] != columns:
            raise _misfit(columns, f"of shape {table.shape}")
        return (samples if arrays else samples.tolist()), one
    if isinstance(batch, Real):  # as NumPy takes it
        batch = [batch]
    if not isinstance(batch, Sequence) or isinstance(batch, str):
        raise ValueTypeError(
            f"a batch is a sequence of numbers, or of such sequences, not {batch!r} "
            f"({type(batch).__name__})"
        )
    one = not any(map(_is_row, batch)) and (columns == 0 or len(batch) > 0)
    rows = [batch] if one else batch
    for k, row in enumerate(rows):
        if not isinstance(row, Sequence) or len(row) != columns:
            size = len(row) if isinstance(row, Sequence) else "no"
            raise _misfit(columns, f"with {size} numbers" + ("" if one else f" in sample {k}"))
    return [[real(x, "a number in a batch") for x in row] for row in rows], one


def read_vector(params: Any, count: int, *, arrays: bool) -> Any:
    """Read ``count`` parameters, as a float64 array (the given one, if it is one) or a list."""
    np = numpy()
    if np is not None and (arrays or isinstance(params, np.ndarray)):
        vector = _array(params, "params")
        shape = vector.shape
    elif isinstance(params, Sequence) and not isinstance(params, str):
        vector, shape = [real(x, "a parameter") for x in params], (len(params),)
    else:
        raise ValueTypeError(f"params is a sequence of numbers, not {params!r}")
    if shape != (count,):
        raise ShapeError(
            f"params must hold {count} numbers, one for each Value in program.params, but it has "
            f"the shape {shape}"
        )
    return vector if arrays or isinstance(vector, list) else vector.tolist()


def read_values(leaves: Sequence[Any], *, arrays: bool) -> Any:
    """Read the numbers of Values, a thousand in about 20 µs: as a float64 array, or a list."""
    numbers = [leaf.number for leaf in leaves]
    if not arrays:
        return numbers
    packed = _packer(len(numbers))(*numbers)  # twice as fast as NumPy
    return numpy().frombuffer(bytearray(packed))


@cache
def _packer(count: int) -> Any:
    return struct.Struct(f"{count}d").pack


def _array(given: Any, what: str) -> Any:
    np = numpy()
    try:
        array = np.asarray(given)
        if array.dtype.kind not in "bifu" and 1 <= array.ndim <= 2:
            rows = array.reshape(-1, array.shape[-1]).tolist()
            numbers = [[real(x, f"a number in {what}") for x in row] for row in rows]
            array = np.array(numbers, dtype=float).reshape(array.shape)
        return np.ascontiguousarray(array, dtype=np.float64)
    except ValueTypeError:
        raise
    except (TypeError, ValueError):
        raise ShapeError(
            f"{what} must be a table of numbers, each row as long as the others, not "
            f"{type(given).__name__} {str(given)[:60]}"
        ) from None


def _misfit(columns: int, given: str) -> ShapeError:
    return ShapeError(
        f"expected one sample of {columns} numbers, or a batch of shape (batch, {columns}): one "
        f"column for each input; given was one {given}"
    )


def width(batch: Any) -> int:
    """Count the columns of a batch, or the numbers of one sample.

    Example:
        >>> width([1.0, 2.0]), width([[1.0], [2.0]])
        (2, 1)
    """
    if hasattr(batch, "shape"):
        return int(batch.shape[-1]) if batch.shape else 0
    if not isinstance(batch, Sequence) or isinstance(batch, str):
        return 0
    first: Any = batch[0] if batch else 0.0
    return len(first) if _is_row(first) else len(batch)


def _is_row(x: Any) -> bool:
    if isinstance(x, str):
        return False
    return isinstance(x, Sequence) or bool(getattr(x, "shape", ()))


def scaled(numbers: Any, factor: float) -> Any:
    """Multiply an array, or nested lists, by a number.

    Example:
        >>> scaled([[1.0], [2.0]], 0.5)
        [[0.5], [1.0]]
    """
    if isinstance(numbers, list):
        return [scaled(x, factor) for x in numbers]
    return numbers * factor


def added(one: Any, other: Any) -> Any:
    """Add two arrays, or two nested lists of the same shape.

    Example:
        >>> added([[1.0], [2.0]], [[3.0], [4.0]])
        [[4.0], [6.0]]
    """
    if isinstance(one, list):
        return [added(a, b) for a, b in zip(one, other, strict=True)]
    return one + other


def finite(numbers: Any) -> bool:
    """Tell whether every number of an array, or of nested lists, is finite.

    Example:
        >>> finite([[1.0], [float("inf")]])
        False
    """
    if isinstance(numbers, list | tuple):
        return all(map(finite, numbers))
    if isinstance(numbers, float):
        return math.isfinite(numbers)
    return bool(numpy().isfinite(numbers).all())
