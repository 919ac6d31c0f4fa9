"""The computational graphs of S4."""

import math

import pytest

from engine import ShapeError, paths
from nn.textbook import graphs
from nn.textbook.matrices import (
    applied,
    elementwise,
    matrix,
    matrix_gradient,
    outer,
    step,
    transposed,
    vector,
    vector_gradient,
)


def test_a_dot_product():
    """The gradient by each factor is the other."""
    net = graphs.dot_product()
    assert net.root.data == 1.0
    assert vector_gradient(net, "x") == vector(net, "z")
    assert vector_gradient(net, "z") == vector(net, "x")


def test_softplus():
    """X = 1 and x = 0, every node."""
    net = graphs.softplus(1.0)
    assert net.values("b", "a", "y") == pytest.approx(
        [math.e, 3.718281828459045, 1.3132616875182228], rel=1e-14
    )
    assert [net.gradient(n) for n in ("a", "b", "x")] == pytest.approx(
        [0.2689414213699951, 0.2689414213699951, 0.7310585786300049], rel=1e-13
    )
    at_0 = graphs.softplus(0.0)
    assert (at_0.root.data, at_0.gradient("x")) == (math.log(2.0), 0.5)


def test_the_sigmoid_of_a_dot_product():
    """The example w = (0.5, -1), x = (1, 2), every node of the slide."""
    net = graphs.sigmoid_of_dot()
    assert net.values("e", "c", "b", "a", "y") == pytest.approx(
        [-1.5, 1.5, 4.48168907, 5.48168907, 0.1824255238], rel=1e-9
    )
    assert [net.gradient(n) for n in ("a", "b", "c", "e")] == pytest.approx(
        [-0.03327907174, -0.03327907174, -0.1491464521, 0.1491464521], rel=1e-9
    )
    assert vector_gradient(net, "w") == pytest.approx([0.1491464521, 0.2982929041], rel=1e-9)
    assert vector_gradient(net, "x") == pytest.approx([0.07457322604, -0.1491464521], rel=1e-9)


def test_the_rules_of_a_relu_layer():
    """∂l/∂a, ∂l/∂c, ∂l/∂x = W^T ∂l/∂c and ∂l/∂W = ∂l/∂c x^T, with a W that is not square."""
    net = graphs.relu_layer()
    d_h = vector(net, "h")  # l is half the sum of their squares
    d_a = elementwise(step(vector(net, "a")), d_h)
    assert vector_gradient(net, "h") == d_h
    assert vector_gradient(net, "a") == d_a == vector_gradient(net, "c")
    assert vector_gradient(net, "x") == applied(transposed(matrix(net, "w")), d_a)
    assert matrix_gradient(net, "w") == outer(d_a, vector(net, "x"))
    assert vector_gradient(net, "b") == d_a


def test_biases_are_counted():
    """One for each row."""
    with pytest.raises(ShapeError, match="2 rows of weights, but 1 biases"):
        graphs.relu_layer(b=(1.0,))


def test_the_chain_rule_for_vectors():
    """The gradient is J^T times the gradient by y, where y_1 also feeds z twice."""
    net = graphs.chain_rule()
    x_1, x_2 = net.values("x_1", "x_2")
    jacobian = [[x_2, x_1], [math.cos(x_1), 0.0], [0.0, 2 * x_2]]
    expected = applied(transposed(jacobian), vector_gradient(net, "y"))
    assert vector_gradient(net, "x") == pytest.approx(expected, rel=1e-13)
    assert net.difference("x_2") == pytest.approx(net.gradient("x_2"), rel=1e-8)
    assert net.root.data == pytest.approx(2.0 + 2.0 * math.sin(1.0) * 4.0)
    assert {p.nodes[1].label for p in paths(net.root, net["x_1"])} == {"y_1", "y_2"}


def test_the_tensor_derivative_by_rows():
    """Row k of ∂c_k/∂W is x^T and the rest is 0; weighted by ∂l/∂c it is the outer product."""
    x = (2.0, -1.0, 0.5)
    tensor = graphs.tensor_derivative(x=x)
    assert tensor == [[list(x), [0.0] * 3], [[0.0] * 3, list(x)]]
    d_c = [3.0, -4.0]
    summed = [
        [sum(d * layer[i][j] for d, layer in zip(d_c, tensor, strict=True)) for j in range(3)]
        for i in range(2)
    ]
    assert summed == outer(d_c, x)
