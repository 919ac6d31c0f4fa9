"""Matrices as the lectures write them: lists of rows, and nodes called w_k11, w_k12, ...

Just enough of matrix arithmetic to state the vector rules of the documents on plain numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count, takewhile

from engine.core.value import Value
from nn.names import textbook_name
from nn.textbook.network import Network

Vector = list[float]
Matrix = list[list[float]]


def outer(u: Sequence[float], v: Sequence[float]) -> Matrix:
    """Multiply a column by a row: u v^T."""
    return [[a * b for b in v] for a in u]


def transposed(rows: Sequence[Sequence[float]]) -> Matrix:
    """Swap rows and columns."""
    return [list(column) for column in zip(*rows, strict=True)]


def product(rows: Sequence[Sequence[float]], others: Sequence[Sequence[float]]) -> Matrix:
    """Multiply two matrices."""
    return [
        [sum(a * b for a, b in zip(row, column, strict=True)) for column in transposed(others)]
        for row in rows
    ]


def applied(rows: Sequence[Sequence[float]], v: Sequence[float]) -> Vector:
    """Multiply a matrix by a column."""
    return [sum(a * b for a, b in zip(row, v, strict=True)) for row in rows]


def elementwise(u: Sequence[float], v: Sequence[float]) -> Vector:
    """Multiply entry by entry: u ⊙ v."""
    return [a * b for a, b in zip(u, v, strict=True)]


def step(v: Sequence[float]) -> Vector:
    """Mark the positive entries: 1(v > 0), the derivative of relu."""
    return [float(x > 0) for x in v]


def leaves(symbol: str, rows: Sequence[Sequence[float]], *place: int) -> list[list[Value]]:
    """Make a matrix of named leaves: w_111, w_112, ... for the place 1."""
    return [vector_leaves(symbol, row, *place, i) for i, row in enumerate(rows, start=1)]


def vector_leaves(symbol: str, numbers: Sequence[float], *place: int) -> list[Value]:
    """Make a vector of named leaves: x_1, x_2, ..."""
    return [Value(x, textbook_name(symbol, *place, i)) for i, x in enumerate(numbers, start=1)]


def vector(net: Network, symbol: str, *place: int) -> Vector:
    """Read the numbers of a named vector: ``vector(net, "h", 1)`` is h_11, h_12, ..."""
    return [net[name].data for name in _names(net, symbol, *place)]


def vector_gradient(net: Network, symbol: str, *place: int) -> Vector:
    """Read the derivative of the root by each entry of a named vector."""
    return [net.gradient(name) for name in _names(net, symbol, *place)]


def matrix(net: Network, symbol: str, *place: int) -> Matrix:
    """Read the numbers of a named matrix: ``matrix(net, "w", 2)`` is w_211, w_212, ..."""
    return _rows(vector(net, symbol, *place, i) for i in count(1))


def matrix_gradient(net: Network, symbol: str, *place: int) -> Matrix:
    """Read the derivative of the root by each entry of a named matrix (S0, item 5's table)."""
    return _rows(vector_gradient(net, symbol, *place, i) for i in count(1))


def _names(net: Network, symbol: str, *place: int) -> Iterator[str]:
    """List the entries of a vector that the network has."""
    every = (textbook_name(symbol, *place, i) for i in count(1))
    return takewhile(net.nodes.__contains__, every)


def _rows(vectors: Iterator[Vector]) -> Matrix:
    """Take vectors up to the first that has no entries."""
    return list(takewhile(bool, vectors))
