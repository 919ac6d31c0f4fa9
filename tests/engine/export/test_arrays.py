"""Flat programs as statements on vectors."""

import pytest

import engine
from engine import Value
from engine.export.arrays import (
    Dense,
    Elementwise,
    GatheredMatrix,
    NumberMatrix,
    Submatrix,
    Sum,
    View,
)
from engine.export.graphs import exported
from engine.export.operands import Column, Number, Numbers, Part, Pick, Scalar
from nn import MLP


def leaves(count):
    """Make some leaves."""
    return [Value(0.5, f"p_{k}") for k in range(count)]


def dense(rows, biases, *, frozen=False):
    """Export a layer whose weights and biases are some of nine parameters."""
    p, x = leaves(9), leaves(2)
    sums = [
        engine.dot([p[a], p[b]], x, *[p[biases[k]]] if biases else [])
        for k, (a, b) in enumerate(rows)
    ]
    used = [v for v in p if any(v in engine.topological_order(y) for y in sums)]
    assert used == p[: len(used)]
    return exported(sums, x, used, frozen=frozen).program.statements


X = Part("x", 0, 2, whole=True)


@pytest.mark.parametrize(
    ("rows", "biases", "view", "columns", "bias"),
    [
        ([(0, 1), (3, 4)], (2, 5), (0, 2, 3), (0, 2, False), Column("m1", 2)),
        ([(1, 2), (4, 5)], (0, 3), (0, 2, 3), (1, 3, False), Column("m1", 0)),
        ([(0, 1), (2, 3)], (4, 5), (0, 2, 2), (0, 2, True), Part("params", 4, 6, whole=False)),
        ([(0, 1), (2, 3)], (5, 4), (0, 2, 2), (0, 2, True), Pick("params", (5, 4))),
        ([(2, 3), (4, 5)], (0, 1), (2, 2, 2), (0, 2, True), Part("params", 0, 2, whole=False)),
        ([(0, 1), (2, 3)], (0, 2), (0, 2, 2), (0, 2, True), Column("m1", 0)),
        ([(0, 1), (2, 3)], (), (0, 2, 2), (0, 2, True), None),
    ],
)
def test_a_block_of_parameters_is_seen_as_a_matrix(rows, biases, view, columns, bias):
    """Its rows may hold the biases, before or behind the weights."""
    assert dense(rows, biases) == (
        View("m1", *view),
        Dense("v1", Submatrix("m1", *columns), X, bias),
    )


@pytest.mark.parametrize(
    "rows", [[(0, 2), (1, 3)], [(2, 3), (0, 1)], [(0, 1), (1, 2)], [(0, 1), (2, 3), (5, 4)]]
)
def test_scattered_weights_are_a_grid(rows):
    """Columns first, rows in another order, rows that overlap, a row turned round."""
    p = leaves(6)
    x = leaves(2)
    sums = [engine.dot([p[a], p[b]], x) for a, b in rows]
    used = [p[k] for k in sorted({k for row in rows for k in row})]
    (statement,) = exported(sums, x, used).program.statements
    assert statement == Dense("v1", GatheredMatrix(tuple(rows)), X, None)


def test_a_block_that_would_end_behind_the_parameters_is_a_grid():
    """The last row has no bias behind it."""
    p, x = leaves(5), leaves(2)
    sums = [engine.dot([p[0], p[1]], x), engine.dot([p[3], p[4]], x)]
    statements = exported([*sums, p[2] * x[0]], x, p).program.statements
    assert [s for s in statements if isinstance(s, Dense)] == [
        Dense("v1", GatheredMatrix(((0, 1), (3, 4))), X, None)
    ]


def test_frozen_weights_are_a_table():
    """All numbers are in the statements then."""
    assert dense([(0, 1), (3, 4)], (2, 5), frozen=True) == (
        Dense("v1", NumberMatrix(((0.5, 0.5), (0.5, 0.5))), X, Numbers((0.5, 0.5))),
    )


def test_a_network_has_a_statement_for_each_part_of_a_layer():
    """However many neurons there are."""
    model, x = MLP(3, [20, 20, 2], "tanh", seed=1), leaves(3)
    program = exported(model(x), x, model.parameters()).program
    kinds = [View, Dense, Elementwise, View, Dense, Elementwise, View, Dense]
    assert [type(s) for s in program.statements] == kinds
    assert program.result == Part("v5", 0, 2, whole=True)


def test_scalars_stay_scalars():
    """What no vector holds is not forced into one."""
    a, b = leaves(2)
    program = exported((a * b).exp().sin(), [a], [b]).program
    assert program.statements == (
        Elementwise("s1", engine.TABLE["mul"], (Scalar("x", 0), Scalar("params", 0)), None),
        Elementwise("s2", engine.TABLE["exp"], (Scalar("s1", None),), None),
        Elementwise("s3", engine.TABLE["sin"], (Scalar("s2", None),), None),
    )
    assert program.result == Scalar("s3", None)


def test_a_matrix_may_begin_behind_other_parameters():
    """Its biases are in a column of the rows that it has."""
    p, x = leaves(9), leaves(2)
    sums = [engine.dot([p[a], p[a + 1]], x, p[a + 2]) for a in (3, 6)]
    first, *rest = exported([*sums, p[0] * p[1], p[2]], x, p).program.statements
    assert first == View("m1", 3, 2, 3)
    assert Dense("v1", Submatrix("m1", 0, 2, whole=False), X, Column("m1", 2)) in rest


def test_a_layer_of_one_input_is_a_matrix_too():
    """Of parameters, and of numbers."""
    p, (x,) = leaves(4), leaves(1)
    sums = [engine.dot([p[a]], [x], p[a + 1]) for a in (0, 2)]
    for wrt in (p, ()):
        found = exported(sums, [x], wrt).program.statements
        assert not any(isinstance(s, GatheredMatrix) for s in found)


def test_lanes_are_read_in_order():
    """Whatever order they were used in; what is picked is the result."""
    x = leaves(2)
    program = exported([x[1].exp(), x[0].exp()], x).program
    assert program.statements == (Elementwise("v1", engine.TABLE["exp"], (X,), 2),)
    assert program.result == Pick("v1", (1, 0))


def test_lanes_meet_a_number_at_once():
    """One call for all of them."""
    x = leaves(2)
    (statement,) = exported([v.maximum(0.25) for v in x], x).program.statements
    assert statement == Elementwise("v1", engine.TABLE["maximum"], (X, Number(0.25)), 2)


def test_a_dot_of_two_pairs_is_one_of_vectors():
    """That of one pair is a product."""
    x, p = leaves(2), leaves(2)
    (one,) = exported(engine.dot(p[:1], x[:1]), x[:1], p[:1]).program.statements
    (two,) = exported(engine.dot(p, x), x, p).program.statements
    assert one.products == ((Scalar("params", 0), Scalar("x", 0)),)
    assert two.products == ((Part("params", 0, 2, whole=True), X),)


def test_a_long_sum_of_scattered_products_is_stacked():
    """Eight products are written out, nine are the dot of two stacks."""
    x = leaves(9)
    some = [v.exp() for v in x[:1]] + [v.sin() for v in x[1:]]
    for count, products in ((8, 8), (9, 1)):
        y = engine.dot(some[:count], [v.tanh() * 2.0 for v in x[:count]])
        *_, last = exported(y, x[:count]).program.statements
        assert isinstance(last, Sum)
        assert len(last.products) == products


def test_a_setting_is_a_number():
    """What is neither input nor parameter is what it was when exported."""
    x, c = Value(1.0), Value(0.25)
    (statement,) = exported(x + c, [x]).program.statements
    assert statement.operands == (Scalar("x", 0), Number(0.25))


def test_a_mean_of_one_is_nothing_to_do():
    """Nor is the sum of one."""
    x = Value(0.5)
    program = exported(engine.mean([x.exp()]), [x]).program
    assert [s.name for s in program.statements] == ["s1"]
    assert program.result == Scalar("s1", None)
    assert exported([engine.sum([x]), x / 2.0], [x]).program.statements == (
        Elementwise("s1", engine.TABLE["div"], (Scalar("x", 0), Number(2.0)), None),
    )
