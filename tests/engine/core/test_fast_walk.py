"""The fast walk: the same order as the plain one, and a mark on every node."""

import pytest
from hypothesis import given
from strategies import graphs

import engine
from engine import Value, topological_order
from engine.core.fast_walk import mark


def walked(root):
    """Walk, and check that nothing but the marks is left behind; list the interior nodes."""
    expected = topological_order(root)
    for k, n in enumerate(expected):
        n.grad = float(k + 1)
    zero, leaves, before = float("0"), [], []
    order = mark(root, zero, leaves, before)
    assert all(n.grad is zero for n in expected)
    assert leaves == [n for n in expected if n.is_leaf]
    assert before == [k + 1.0 for k, n in enumerate(expected) if n.is_leaf]
    assert order == [n for n in expected if not n.is_leaf]
    return order


@given(graphs())
def test_the_order_is_that_of_the_plain_walk(graph):
    """Operands before users, first operands first; each node once."""
    if not graph.root.is_leaf:
        walked(graph.root)


X, W = Value(0.5), Value(2.0)


@pytest.mark.parametrize(
    "build",
    [
        lambda h: X * h,
        lambda h: h * X,
        lambda h: h * h,
        lambda h: (X + W) * (h + X),
        lambda h: engine.sum([X, h, X * W, h, W.exp()]),
        lambda h: engine.mean([W, engine.sum([h, W, h * X]), h]) * X,
        lambda h: (h.sin() + (h * W) * (W * X)).tanh() + h,
        lambda h: X + W * (X * h.exp()),
    ],
)
@pytest.mark.parametrize("h", [X, X * W, X.tanh(), engine.sum([X, W, X])])
def test_each_kind_of_node_below_each(build, h):
    """Leaves, one, two and many operands, met before or not."""
    assert walked(build(h))


def test_a_walk_that_fails_leaves_numbers():
    """Where something is no node, whoever was on the way back has a number again."""
    x = Value(1.0)
    inner = engine.sum([x, x.exp(), x * 3])
    inner.a = (*inner.a[:2], 7)
    y = (inner * x).tanh() + x
    with pytest.raises(AttributeError):
        mark(y, float("0"), [], [])
    seen, stack = set(), [y]
    while stack:
        n = stack.pop()
        if isinstance(n, Value) and n not in seen:
            seen.add(n)
            stack += n.parents
    assert len(seen) == 6
    assert {type(n.grad) for n in seen} == {float}
