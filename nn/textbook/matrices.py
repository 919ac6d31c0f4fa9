"""Matrices as the lectures write them: lists of rows, and nodes called w_k11, w_k12, ...

Just enough of matrix arithmetic to state the vector rules of the documents on plain numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.core.value import Value
from nn.names import textbook_name
from nn.textbook.network import Network

Vector = list[float]
Matrix = list[list[float]]


def outer(u: Sequence[float], v: Sequence[float]) -> Matrix:
    """Multiply a column by a row: u v^T.

    Example:
        >>> outer([1.0, 2.0], [3.0, 4.0])
        [[3.0, 4.0], [6.0, 8.0]]
    """
    return [[a * b for b in v] for a in u]


def transposed(rows: Sequence[Sequence[float]]) -> Matrix:
    """Swap rows and columns.

    Example:
        >>> transposed([[1.0, 2.0], [3.0, 4.0]])
        [[1.0, 3.0], [2.0, 4.0]]
    """
    return [list(column) for column in zip(*rows, strict=True)]


def product(rows: Sequence[Sequence[float]], others: Sequence[Sequence[float]]) -> Matrix:
    """Multiply two matrices.

    Example:
        >>> product([[1.0, 2.0]], [[3.0], [4.0]])
        [[11.0]]
    """
    return [
        [sum(a * b for a, b in zip(row, column, strict=True)) for column in transposed(others)]
        for row in rows
    ]


def applied(rows: Sequence[Sequence[float]], v: Sequence[float]) -> Vector:
    """Multiply a matrix by a column.

    Example:
        >>> applied([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0])
        [3.0, 7.0]
    """
    return [sum(a * b for a, b in zip(row, v, strict=True)) for row in rows]


def elementwise(u: Sequence[float], v: Sequence[float]) -> Vector:
    """Multiply entry by entry: u ⊙ v.

    Example:
        >>> elementwise([1.0, 2.0], [3.0, 0.0])
        [3.0, 0.0]
    """
    return [a * b for a, b in zip(u, v, strict=True)]


def step(v: Sequence[float]) -> Vector:
    """Mark the positive entries: 1(v > 0), the derivative of relu.

    Example:
        >>> step([2.0, 0.0, -1.0])
        [1.0, 0.0, 0.0]
    """
    return [float(x > 0) for x in v]


def leaves(symbol: str, rows: Sequence[Sequence[float]], *place: int) -> list[list[Value]]:
    """Make a matrix of named leaves: w_111, w_112, ... for the place 1.

    Example:
        >>> [w.label for row in leaves("w", [[0.5, 0.25], [1.0, 2.0]], 1) for w in row]
        ['w_111', 'w_112', 'w_121', 'w_122']
    """
    return [
        [Value(x, textbook_name(symbol, *place, i, j)) for j, x in enumerate(row, start=1)]
        for i, row in enumerate(rows, start=1)
    ]


def vector_leaves(symbol: str, numbers: Sequence[float], *place: int) -> list[Value]:
    """Make a vector of named leaves: x_1, x_2, ...

    Example:
        >>> [x.label for x in vector_leaves("x", [1.0, 2.0])]
        ['x_1', 'x_2']
    """
    return [Value(x, textbook_name(symbol, *place, i)) for i, x in enumerate(numbers, start=1)]


def vector(net: Network, symbol: str, *place: int) -> Vector:
    """Read the numbers of a named vector: ``vector(net, "h", 1)`` is h_11, h_12, ...

    Example:
        >>> from nn.textbook import w131
        >>> vector(w131(), "x")
        [2.0, 5.0, 3.0, 3.0]
    """
    return [net[name].data for name in _names(net, symbol, *place)]


def vector_gradient(net: Network, symbol: str, *place: int) -> Vector:
    """Read the derivative of the root by each entry of a named vector.

    Example:
        >>> from nn.textbook import w131
        >>> [round(g, 6) for g in vector_gradient(w131(), "yhat")]
        [-0.459328, 0.459328]
    """
    return [net.gradient(name) for name in _names(net, symbol, *place)]


def matrix(net: Network, symbol: str, *place: int) -> Matrix:
    """Read the numbers of a named matrix: ``matrix(net, "w", 2)`` is w_211, w_212, ...

    Example:
        >>> from nn.textbook import w131
        >>> matrix(w131(), "w", 2)
        [[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]]
    """
    return [vector(net, symbol, *place, i) for i in _rows(net, symbol, *place)]


def matrix_gradient(net: Network, symbol: str, *place: int) -> Matrix:
    """Read the derivative of the root by each entry of a named matrix (S0, the table of item 5).

    Example:
        >>> from nn.textbook import w131
        >>> [round(g, 6) for g in matrix_gradient(w131(), "w", 1)[2]]
        [0.003159, 0.007898, 0.004739, 0.004739]
    """
    return [vector_gradient(net, symbol, *place, i) for i in _rows(net, symbol, *place)]


def _names(net: Network, symbol: str, *place: int) -> Iterator[str]:
    i = 1
    while (name := textbook_name(symbol, *place, i)) in net.nodes:
        yield name
        i += 1


def _rows(net: Network, symbol: str, *place: int) -> Iterator[int]:
    i = 1
    while textbook_name(symbol, *place, i, 1) in net.nodes:
        yield i
        i += 1
