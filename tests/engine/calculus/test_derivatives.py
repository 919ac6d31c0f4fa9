"""grad, jacobian, hessian, hvp: numbers, graphs of gradients, and what is refused."""

import math
from itertools import product

import pytest
from hypothesis import assume, given
from strategies import graphs

import engine
from engine import (
    DomainError,
    ShapeError,
    StaleGraphError,
    Value,
    ValueTypeError,
    clamp,
    constant,
    define_op,
    grad,
    gradients,
    hessian,
    hvp,
    ieee,
    jacobian,
    maximum,
    no_grad,
    relu,
)
from engine.calculus.derivatives import _on_values, local_derivatives
from engine.core.domain import general
from engine.table.ops import TABLE


def test_grad_gives_floats_and_touches_nothing():
    """One for each x, 0 for one that y does not depend on."""
    x, y, far = Value(2.0), Value(3.0), Value(1.0)
    z = x * y
    assert grad(z, [x, far, y, z, x]) == [3.0, 0.0, 2.0, 1.0, 3.0]
    assert x.grad == z.grad == 0.0


def test_grad_with_create_graph_can_be_differentiated_again():
    """Down to the fourth derivative of x**4, and no further."""
    x = Value(2.0, "x")
    y = x**4
    for expected in (32.0, 48.0, 48.0, 24.0, 0.0):
        (y,) = grad(y, [x], create_graph=True)
        assert y.data == expected


def test_gradients_by_interior_nodes_and_constants():
    """An interior x is differentiated as it stands; a constant has the gradient 0."""
    x, k = Value(2.0), constant(3.0)
    h = x * x
    y = h * h * k
    dh, dk, dy = grad(y, [h, k, y], create_graph=True)
    assert (dh.data, dk.data, dy.data) == (24.0, 0.0, 1.0)
    assert type(dk) is type(constant(0.0))
    assert grad(dh, [x]) == [2 * 3 * 2 * 2.0]


def test_the_graph_of_a_gradient_has_no_useless_factors():
    """A factor of 1 makes no node."""
    x, w = Value(2.0), Value(3.0)
    (g,) = grad(x * w + 1, [x], create_graph=True)
    assert g is w


def test_jacobian_hessian_and_hvp():
    """Against formulas of x**2 * y + sin(y)."""
    x, y = Value(2.0), Value(3.0)
    z = x * x * y + y.sin()
    assert jacobian([z, x], [x, y]) == [[12.0, 4.0 + math.cos(3.0)], [1.0, 0.0]]
    assert hessian(z, [x, y]) == [[6.0, 4.0], [4.0, -math.sin(3.0)]]
    expected = [6.0 + 8.0, 4.0 - 2 * math.sin(3.0)]
    assert hvp(z, [x, y], [1.0, 2]) == pytest.approx(expected, rel=1e-14)
    assert jacobian([], [x]) == []
    assert hvp(Value(1.0), [x], [1.0]) == [0.0]


@given(graphs(smooth=True))
def test_hvp_is_the_hessian_times_the_vector(graph):
    """To rounding, on random smooth graphs; the Hessian is symmetric."""
    leaves, root = graph
    # Where the base is 0, derivatives of a power are what the table decided, not always limits.
    assume(all(n.op is not TABLE["pow"] or n.a.data for n in engine.topological_order(root)))
    v = [0.5 + k for k in range(len(leaves))]
    try:
        rows = hessian(root, leaves)
        found = hvp(root, leaves, v)
    except DomainError:  # a second derivative may be infinite where the first is not
        return
    scale = max(1.0, *(abs(h) for row in rows for h in row))
    for k, row in enumerate(rows):
        expected = math.fsum(h * c for h, c in zip(row, v, strict=True))
        assert found[k] == pytest.approx(expected, abs=1e-9 * scale)
        assert row == pytest.approx([rows[j][k] for j in range(len(v))], abs=1e-9 * scale)


def test_a_power_with_an_exponent_of_zero():
    """Its slope is 0 there, and yet changes with the exponent: d2/dxdy of x**y is 1 / x."""
    for base in (2.0, 0.5):
        x, y = Value(base), Value(0.0)
        log = math.log(base)
        assert hessian(x**y, [x, y]) == [[0.0, 1 / base], [1 / base, pytest.approx(log * log)]]
    for base in (0.0, 5e-324, -5e-324):
        x = Value(base)
        assert grad(x**0, [x]) == [0.0]


CHANGES = {
    "product": (
        lambda x, w: x * w,
        "respect to w = 0.75 was 0.5 and would be 9.0, which is x = 9.0, now",
    ),
    "dot": (lambda x, w: engine.dot([x, w], [w, x], x), "of 'dot'"),
    "logsumexp": (lambda x, w: engine.logsumexp([x, w, 1.0]), "of 'logsumexp'"),
    "quotient": (lambda x, w: w / x, "operands of 'div' .*w = 0.75 was 2.0 and would be 0.1"),
    "function": (lambda x, w: (x * 1.0 + w).sin() * x.sin(), "of 'sin'"),
    "clamp": (lambda x, w: x.clamp(w - 5, 5.0), "of 'clamp'"),
}


@pytest.mark.parametrize(("f", "message"), CHANGES.values(), ids=CHANGES)
def test_a_stale_graph_is_refused(f, message):
    """A leaf that changed after recording would give a gradient of nothing; numbers are fine."""
    x, w = Value(0.5, "x"), Value(0.75, "w")
    y = f(x, w)
    before = grad(y, [x, w])
    x.data = 9.0
    with pytest.raises(StaleGraphError, match=f"{message}.*Compute the result again"):
        grad(y, [x, w], create_graph=True)
    assert grad(y, [x, w]) == before


def test_a_leaf_that_became_nan_is_stale_too():
    """Nan differs from every number, and from what was recorded."""
    x = Value(0.5, "x")
    y = x.sin()
    x.data = math.nan
    with pytest.raises(StaleGraphError, match="x = nan"):
        grad(y, [x], create_graph=True)


def test_a_recorded_nan_is_not_stale():
    """What was nan when it was recorded is nan again."""
    x = Value(math.nan)
    (g,) = grad(x.sin(), [x], create_graph=True)
    assert math.isnan(g.data)


def test_a_change_back_is_no_change():
    """The check is about numbers, not about assignments."""
    x = Value(0.5)
    y = x.sin()
    x.data = 9.0
    x.data = 0.5
    assert grad(grad(y, [x], create_graph=True)[0], [x]) == [-math.sin(0.5)]


@pytest.mark.parametrize(
    ("y", "xs", "message"),
    [
        (3.0, [Value(1.0)], r"grad differentiates a Value, not 3.0 \(float\)"),
        (Value(1.0), Value(2.0), r"grad takes a list of Values.*write \[x\] for one"),
        (Value(1.0), 2.0, "grad takes a list of Values"),
        (Value(1.0), [2.0], r"with respect to Values, not 2.0 \(float\)"),
    ],
)
def test_bad_arguments_are_named(y, xs, message):
    """One clear error each."""
    with pytest.raises(ValueTypeError, match=message):
        grad(y, xs)
    with pytest.raises(ValueTypeError, match=message):
        hessian(y, xs)


def test_hvp_refuses_a_vector_that_does_not_fit():
    """Its length, and its entries."""
    x = Value(2.0)
    with pytest.raises(ShapeError, match="1 xs, but 2 numbers"):
        hvp(x * x, [x], [1.0, 2.0])
    with pytest.raises(ValueTypeError, match="an entry of v"):
        hvp(x * x, [x], ["1"])
    with pytest.raises(ValueTypeError, match=r"a list of numbers.* not 1; write hvp\(y, \[x\]"):
        hvp(x * x, [x], 1)
    with pytest.raises(ValueTypeError, match=r"hvp takes a list of Values.*write \[x\]"):
        hvp(x * x, x, [1.0])


def test_jacobian_refuses_a_single_value():
    """It differentiates a list."""
    x = Value(2.0)
    with pytest.raises(ValueTypeError, match=r"jacobian takes a list.*write jacobian\(\[y\], "):
        jacobian(x * x, [x])


def test_second_derivatives_of_a_users_row_that_calls_another():
    """Rows may call rows, also when they are evaluated on Values."""
    cube = define_op("cube_d", "x * x * x", ["3 * x * x"], samples=[(1.5,)])
    fifth = define_op("fifth_d", "cube_d(x) * x * x", ["5 * cube_d(x) * x"], samples=[(1.5,)])
    x = Value(2.0)
    assert (cube(x).data, fifth(x).data) == (8.0, 32.0)
    (g,) = grad(fifth(x), [x], create_graph=True)
    assert (g.data, grad(g, [x])) == (80.0, [160.0])


def test_local_derivatives_are_values_or_numbers():
    """A number where the partial is a constant, a Value where it depends on something."""
    x, w = Value(2.0), Value(3.0)
    assert local_derivatives(x * w) == [w, x]
    assert local_derivatives(x + w) == [1.0, 1.0]
    assert local_derivatives(x.exp())[0].data == x.exp().data
    assert list(local_derivatives(engine.mean([x, w, 1.0]))) == [1 / 3, 1 / 3]


def test_relu_and_nan_in_a_graph_of_a_gradient():
    """Tests inside a partial look at the number; the constant branch is a number."""
    x = Value(2.0)
    (g,) = grad(x.relu() * x, [x], create_graph=True)
    assert (g.data, grad(g, [x])) == (4.0, [2.0])


def test_create_graph_inside_no_grad_and_ieee():
    """No recording: constants. Infinite partials go on where they were allowed."""
    x = Value(2.0)
    y = x**3
    with no_grad():
        (g,) = grad(y, [x], create_graph=True)
    assert (g.data, g.is_constant) == (12.0, True)
    z = Value(0.0)
    with ieee():
        (g,) = grad(z.sqrt(), [z], create_graph=True)
    assert g.data == math.inf


def test_a_gradient_ten_thousand_nodes_deep():
    """The sweep in Values does not recurse."""
    x = y = Value(0.5)
    for _ in range(10_000):
        y = y * 0.5 + x
    (g,) = grad(y * y, [x], create_graph=True)
    assert g.data == pytest.approx(gradients(y * y)[x], rel=1e-12)
    assert grad(g, [x])[0] == pytest.approx(8.0, rel=1e-12)


def test_second_derivatives_inside_no_grad():
    """They record what they need there too, and recording stays off afterwards."""
    x = Value(3.0)
    y = x**3
    with no_grad():
        assert hessian(y, [x]) == [[18.0]]
        assert hvp(y, [x], [2.0]) == [36.0]
        assert (x * x).is_constant


def test_the_gradient_of_a_constant_by_itself_is_0_with_and_without_a_graph():
    """The sweep does not enter a constant."""
    k = constant(3.0)
    assert [g.data for g in grad(k, [k], create_graph=True)] == grad(k, [k]) == [0.0]


@pytest.mark.parametrize("row", [row for row in TABLE.values() if row.chosen], ids=str)
def test_what_operations_choose_is_what_the_row_chooses(row):
    """At samples, at kinks, and on a grid around them; to the bit, or it would not be used."""
    grid = product((-2.0, -0.5, 0.0, 0.5, 2.0), repeat=len(row.operands))
    for point in {*row.samples, *row.kinks, *grid}:
        operands = [Value(x) for x in point]
        try:
            n = general(row, *operands)
        except DomainError:
            continue
        if row.name == "clamp" and point[1] > point[2]:
            continue  # bounds in the wrong order are decided as they stand
        for text, recorded in zip(row.chosen, n.partials, strict=True):
            rule = _on_values(text, (*row.operands, "z"), macros=False)
            assert float(rule(*operands, n)) == recorded


def test_what_operations_cannot_choose_is_decided():
    """Bounds in the wrong order, an overflow on the way, and nan."""
    low, high = Value(1.0), Value(-1.0)
    slopes = local_derivatives(clamp(Value(0.0), low, high))
    assert list(map(float, slopes)) == [0.0, 0.0, 1.0]
    x, y = Value(1e308), Value(-1e308)
    assert local_derivatives(maximum(x, y)) == [1.0, 0.0]
    with ieee():
        (slope,) = local_derivatives(relu(Value(math.nan)))
    assert math.isnan(slope.data)


def test_a_partial_that_chooses_is_recorded_as_an_operation():
    """Not as the number that it is here, so that a replay chooses again."""
    x = Value(2.0)
    (g,) = grad(x.abs(), [x], create_graph=True)
    assert (g.data, g.op, g.parents) == (1.0, TABLE["sign"], (x,))


def test_what_is_not_asked_for_is_left_out_of_the_graph():
    """One factor of each product; the other has no gradient, and none is recorded for it."""
    x, w = Value(2.0), Value(3.0)
    y = (x * w + w).exp() * w
    (g,) = grad(y, [x], create_graph=True)
    assert g.data == pytest.approx(9.0 * math.exp(9.0))
    assert grad(g, [x]) == [pytest.approx(27.0 * math.exp(9.0))]
    assert grad(w.exp(), [x], create_graph=True)[0].data == 0.0
