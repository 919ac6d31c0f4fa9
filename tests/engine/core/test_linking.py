"""Linking: every way to record gives the same layouts."""

import contextvars

import pytest

from engine import Value, no_grad
from engine.core.linking import link, link1, link2, link_products
from engine.table.ops import TABLE

X, Y, Z = Value(2.0, "x"), Value(3.0, "y"), Value(5.0, "z")
ADD, MUL, SUM = TABLE["add"], TABLE["mul"], TABLE["sum"]


def slots(n):
    """List what a node keeps."""
    return n.number, n.grad, n.a, n.b, n.da, n.db, n.op, n.label


@pytest.mark.parametrize(
    ("operands", "partials", "a", "b", "da", "db"),
    [
        ((X, Y), (3.0, 2.0), X, Y, 3.0, 2.0),
        ((X,), (3.0,), X, None, 3.0, None),
        ((X, 7.0), (3.0, 2.0), X, None, 3.0, 7.0),
        ((7.0, X), (3.0, 2.0), X, None, 2.0, (7.0,)),
        ((X, Y, Z), (1.0, 2.0, 3.0), (X, Y, Z), None, (1.0, 2.0, 3.0), None),
        ((X, 7.0, 8.0), (1.0, 2.0, 3.0), (X,), None, (1.0,), (X, 7.0, 8.0)),
        ((X, 7.0, Z), (1.0, 2.0, 3.0), (X, Z), None, (1.0, 3.0), (X, 7.0, Z)),
    ],
)
def test_link_records_any_mixture(operands, partials, a, b, da, db):
    """Whatever is a number among the operands has no partial."""
    y = link(6.0, operands, partials, SUM)
    assert slots(y) == (6.0, 0.0, a, b, da, db, SUM, "")
    assert y.operands == operands


def test_link1_and_link2_are_what_operators_record():
    """A node fresh from either has no label and no gradient."""
    assert slots(link2(6.0, X, Y, 3.0, 2.0, MUL)) == slots(X * Y)
    assert slots(link1(6.0, X, 3.0, MUL, 3.0)) == slots(X * 3.0)
    assert slots(link1(6.0, X, 3.0, MUL, (3.0,))) == slots(3.0 * X)


def test_products_are_what_operators_record():
    """Node by node, for several rows; nothing where a sum overflows or recording is paused."""
    ws, b = [Value(0.5), Value(-1.5)], Value(4.0)
    found = link_products([b, Z], [ws, [X, Y]], [X, Y], MUL, ADD)
    for sum_, expected in zip(found, [b + ws[0] * X + ws[1] * Y, Z + X * X + Y * Y], strict=True):
        while expected.parents:
            *rest, product = slots(sum_)[4:], sum_.b
            assert (sum_.number, rest) == (expected.number, [slots(expected)[4:]])
            assert slots(product) == slots(expected.b)
            sum_, expected = sum_.a, expected.a  # noqa: PLW2901 - down the chain
        assert sum_ is expected
    assert link_products([b], [[Value(1e300)]], [Value(1e300)], MUL, ADD) is None
    with no_grad():
        assert link_products([b], [ws], [X, Y], MUL, ADD) is None


@pytest.mark.parametrize("kind", [link1, link2, link])
def test_nothing_is_recorded_inside_no_grad(kind):
    """The result is a constant with the number."""
    given = {
        link1: (X, 3.0, MUL),
        link2: (X, Y, 3.0, 2.0, MUL),
        link: ((X, Y), (3.0, 2.0), MUL),
    }[kind]
    with no_grad():
        y = kind(6.0, *given)
    assert slots(y) == (6.0, 0.0, None, None, None, None, None, "")
    assert y.is_constant
    assert not kind(6.0, *given).is_constant


def test_a_block_of_another_context_changes_nothing():
    """It is open in the process, but not here."""

    def hold():
        with no_grad():
            yield

    held = hold()
    contextvars.copy_context().run(next, held)
    made = [link1(6.0, X, 3.0, MUL), link2(6.0, X, Y, 3.0, 2.0, MUL)]
    made += link_products([Z], [[X]], [Y], MUL, ADD)
    assert [n.is_constant for n in made] == [False] * 3
