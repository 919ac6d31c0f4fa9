"""Gradients worked out: routes, factors, rounding."""

import pytest

from engine import (
    DomainError,
    ShapeError,
    StaleGraphError,
    UnknownNameError,
    Value,
    ValueTypeError,
    exp,
    log,
)
from engine.teaching.worked import distinct, worked
from nn.textbook import w131, w212


def test_the_lecture_s_numbers_come_out_of_rounded_values():
    """With two decimals: the paths, their factors, and the half that the lecture printed."""
    routes = worked(w131().root, "w_131", 2).routes(10)
    contributions = [route.contribution for route in routes]
    assert contributions == pytest.approx([-0.00319020856, 0.00478531284] * 2, rel=1e-12)
    assert contributions[0] + contributions[3] == pytest.approx(0.00159510428, rel=1e-12)
    assert worked(w131().root, "w_131", 2).total == pytest.approx(0.00319020856, rel=1e-12)
    values = {round(f.value, 12) for f in distinct(routes)}
    assert values == {-0.46, 0.46, 0.1771, -0.1771, 0.2, 0.3, 0.0979, 2.0}
    kept = worked(w212().root, "w_212", 2).routes(10)[0].contribution
    assert kept == pytest.approx(-0.0651728, rel=1e-12)


def test_rounding_touches_no_node_and_is_exact_without():
    """Full precision is the recorded gradient, before and after a rounded derivation."""
    net = w131()
    before = [node.data for node in net.nodes.values()]
    work = worked(net.root, net["w_131"], digits=2)
    assert work.gradient == pytest.approx(0.003159356764, rel=1e-9)
    assert [node.data for node in net.nodes.values()] == before
    assert worked(net.root, "w_131").total == work.gradient


def test_an_arrow_without_a_formula_is_recomputed_from_rounded_values():
    """Through too many unnamed nodes, the interior starts from the rounded milestone."""
    x = Value(0.333, "x")
    h = x * 1
    h.label = "h"
    y = h
    for _ in range(45):
        y = y.sin()
    again = Value(0.33)
    z = again
    for _ in range(45):
        z = z.sin()
    z.backward()
    (route,) = worked(y, h, 2).routes(3)
    assert route.factors[0].formula is None
    assert route.contribution == pytest.approx(again.grad, rel=1e-12)


def test_every_node_can_be_rounded_too():
    """By nodes, each recorded result is rounded, and each slot is an arrow."""
    x = Value(0.126, "x")
    h = x * 1
    y = h * h
    work = worked(y, "x", 2, by="nodes")
    assert work.total == pytest.approx(2 * 0.13, rel=1e-12)
    slots = [f.slot for route in work.routes(5) for f in route.factors]
    assert sorted(s for s in slots if s is not None) == [0, 1]
    assert {f.inner for route in work.routes(5) for f in route.factors} == {1}


def test_a_value_that_is_rounded_to_zero_is_reported():
    """log(0.00) has no derivative: the error says which, and what to do."""
    x = Value(-7.0, "x")
    p = exp(x)
    p.label = "p"
    with pytest.raises(DomainError, match=r"rounded to 2 digits.*p = .*more digits"):
        worked(log(p), x, 2)
    assert worked(log(p), p, 4).total == pytest.approx(1 / 0.0009, rel=1e-12)


def test_the_largest_routes_are_chosen_where_there_are_more():
    """The limit keeps the largest contributions."""
    x = Value(3.0, "x")
    parts = [x * k for k in (1, 5, 2)]
    for k, part in enumerate(parts):
        part.label = f"p_{k}"
    y = parts[0] + parts[1] + parts[2]
    assert [r.contribution for r in worked(y, x).routes(2)] == [5.0, 2.0]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((3.0, "x"), ValueTypeError),
        ((Value(1.0, "y"), "x"), UnknownNameError),
        ((Value(1.0, "y"), "y", -1), ShapeError),
        ((Value(1.0, "y"), "y", 16), ShapeError),
        ((Value(1.0, "y"), "y", 1.5), ValueTypeError),
        ((Value(1.0, "y"), "y", None, "edges"), UnknownNameError),
    ],
)
def test_bad_arguments_are_refused(arguments, error):
    """A number for y, an unknown name, digits that are none."""
    with pytest.raises(error):
        worked(*arguments)


def test_rounding_needs_the_numbers_that_were_computed_with():
    """Rounded work computes again; from a leaf that has changed it would mix old and new."""
    w = Value(2.0, "w")
    y = (w * w) * w
    assert worked(y, w, 2).total == 12.0
    w.data = 3.0
    with pytest.raises(StaleGraphError, match="changed after it was computed"):
        _ = worked(y, w, 2).total
    assert worked(y, w).total == 12.0


def test_factors_and_routes_are_not_changed():
    """They are looked up in one another, and shared by all that is written of them."""
    x = Value(3.0, "x")
    (route,) = worked(x * 2, x).routes(2)
    assert {route.factors[0]} == set(distinct([route, route]))
    for part, name in ((route, "contribution"), (route.factors[0], "edge")):
        with pytest.raises(AttributeError):
            setattr(part, name, 0)
