"""Matrices of numbers and of named nodes."""

import pytest

from nn.textbook import matrices, w131


def test_arithmetic_against_numpy():
    """Products, outer products and transposes."""
    numpy = pytest.importorskip("numpy")
    a, b = [[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]], [[2.0, 1.0], [0.0, -1.0], [1.5, 0.5]]
    assert matrices.product(a, b) == (numpy.array(a) @ numpy.array(b)).tolist()
    assert matrices.transposed(a) == numpy.array(a).T.tolist()
    assert matrices.applied(a, [1.0, 2.0, 3.0]) == (numpy.array(a) @ [1.0, 2.0, 3.0]).tolist()
    assert matrices.outer([1.0, 2.0], [3.0, 4.0]) == numpy.outer([1, 2], [3, 4]).tolist()
    assert matrices.elementwise([1.0, 2.0], [3.0, -4.0]) == [3.0, -8.0]
    assert matrices.step([1e-9, 0.0, -1.0]) == [1.0, 0.0, 0.0]


def test_lengths_must_fit():
    """Matrices that cannot be multiplied are not."""
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        matrices.applied([[1.0, 2.0]], [1.0])
    with pytest.raises(ValueError, match="argument 2 is shorter"):
        matrices.transposed([[1.0, 2.0], [3.0]])


def test_named_nodes_are_read_back():
    """Names with row and column find their matrix again, of any size."""
    net = w131()
    assert len(matrices.matrix(net, "w", 1)) == 4
    assert matrices.matrix(net, "w", 2) == [[0.5, 0.8, 0.2, 0.4], [0.5, 0.2, 0.3, -0.5]]
    assert matrices.matrix(net, "q") == []
    assert matrices.vector(net, "q") == []
    assert matrices.vector(net, "x") == [2.0, 5.0, 3.0, 3.0]
    assert matrices.vector_gradient(net, "x")[0] == net.gradient("x_1")
    assert matrices.matrix_gradient(net, "w", 2)[1][2] == net.gradient("w_223")


def test_leaves_are_named_by_place():
    """w_k11, w_k12, ... and b_k1, ..."""
    assert [w.label for row in matrices.leaves("w", [[1.0], [2.0]], 3) for w in row] == [
        "w_311",
        "w_321",
    ]
    assert [b.label for b in matrices.vector_leaves("b", [1.0, 2.0], 3)] == ["b_31", "b_32"]
