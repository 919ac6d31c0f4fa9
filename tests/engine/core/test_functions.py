"""Functions of a whole list: one node, an edge for each operand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import numbers

import engine
from engine import (
    ShapeError,
    Value,
    ValueTypeError,
    dot,
    gradients,
    log_softmax,
    logsumexp,
    mean,
    softmax,
)
from engine import sum as add_up

LISTS = (add_up, mean, logsumexp)
lists = st.lists(numbers(), min_size=1, max_size=6)


@pytest.mark.parametrize("f", LISTS)
def test_one_node_with_an_edge_for_each_operand(f):
    """Repeats kept, plain numbers among the operands."""
    x, y = Value(1.0), Value(2.0)
    z = f([x, y, 3, x])
    assert z.operands == (x, y, 3.0, x)
    assert z.parents == (x, y, x)
    assert z.op.name == f.__name__


@pytest.mark.parametrize("f", [*LISTS, softmax, log_softmax])
def test_an_empty_list_is_refused(f):
    """Nothing has no mean."""
    with pytest.raises(ShapeError, match="needs at least one value, but the list is empty"):
        f([])


@given(lists)
def test_numbers_give_numbers_and_the_same_ones(xs):
    """Floats in, float out, to the last bit what Values give."""
    for f in LISTS:
        assert type(f(xs)) is float
        assert f([Value(x) for x in xs]).data == f(xs)
        assert f(iter(xs)) == f(xs)
    assert [s.data for s in softmax(map(Value, xs))] == softmax(xs)
    assert [s.data for s in log_softmax(map(Value, xs))] == log_softmax(xs)


@given(lists)
def test_values_are_those_of_the_formulas(xs):
    """Against math.fsum."""
    assert add_up(xs) == pytest.approx(math.fsum(xs), rel=1e-12, abs=1e-12)
    assert mean(xs) == pytest.approx(math.fsum(xs) / len(xs), rel=1e-12, abs=1e-12)
    total = math.fsum(map(math.exp, xs))
    assert logsumexp(xs) == pytest.approx(math.log(total), rel=1e-12, abs=1e-12)
    assert softmax(xs) == pytest.approx([math.exp(x) / total for x in xs], rel=1e-12)
    assert math.fsum(softmax(xs)) == pytest.approx(1.0, rel=1e-12)


@given(lists)
def test_softmax_has_the_textbook_jacobian(xs):
    """share_i * ([i = j] - share_j), through the shared logsumexp."""
    leaves = [Value(x) for x in xs]
    shares = softmax(leaves)
    for i, share in enumerate(shares):
        found = gradients(share)
        for j, x in enumerate(leaves):
            expected = share.data * ((i == j) - shares[j].data)
            assert found.get(x, 0.0) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def loop(ws, xs, bias):
    """Write the sum as a student would."""
    z = bias
    for w, x in zip(ws, xs, strict=True):
        z = z + w * x
    return z


@given(st.lists(st.tuples(numbers(), numbers()), max_size=6), numbers(), st.booleans())
def test_dot_is_the_loop_to_the_last_bit(pairs, bias, all_values):
    """Value and gradients, with Values throughout and in mixtures."""
    ws = [Value(w) for w, _ in pairs]
    xs = [Value(x) if all_values else x for _, x in pairs]
    b = Value(bias)
    fused, written = dot(ws, xs, b), loop(ws, xs, b)
    assert fused.data == written.data
    found, expected = gradients(fused), gradients(written)
    assert [found[leaf] for leaf in (*ws, b)] == [expected[leaf] for leaf in (*ws, b)]


def test_dot_in_every_mixture():
    """With and without a bias, numbers alone, nothing at all."""
    w, x, b = Value(2.0), Value(3.0), Value(1.0)
    assert dot([w], [x], b).parents == (w, x, b)
    assert dot([w], [x]).parents == (w, x)
    assert dot([w], [3.0], 1.0).operands == (w, 3.0, 1.0)
    assert dot([w, 2], [4, x], b).partials == (4.0, 2.0, 1.0)
    assert dot([w], [w]).partials == (2.0, 2.0)
    assert dot([2, 3], [4, 5], 1) == 24.0
    assert (dot([], [], b).op.name, dot([], [], b).parents) == ("sum", (b,))
    assert (dot([], []), dot((), (), 2)) == (0.0, 2.0)


def test_dot_names_the_lengths_that_do_not_fit():
    """And a bad entry by its place."""
    with pytest.raises(ShapeError, match="2 ws and 1 xs"):
        dot([1.0, Value(2.0)], [3.0])
    with pytest.raises(ValueTypeError, match="operand 1 of 'dot'"):
        dot([Value(1.0), "2"], [3.0, 4.0])


def test_the_builtin_sum_leaves_no_zero_node():
    """It begins with the int 0, which adds nothing; one value is returned as it is."""
    x, y = Value(1.0), Value(2.0)
    assert sum([x]) is x
    assert sum([x, y]).operands == (x, y)
    assert (0.0 + x).operands == (0.0, x)
    assert (False + x).op is not None


def test_overflow_is_found_at_once_in_the_fast_way_too():
    """The shortcut for Values throughout decides as the general one."""
    w = Value(1e200, "w")
    with pytest.raises(engine.DomainError, match=r"dot of 3 operands overflowed.*w = 1e\+200"):
        dot([w], [w], Value(0.0))
    with engine.ieee():
        assert dot([w], [w], Value(0.0)).data == math.inf


def by_operators(ws, xs, bias):
    """Write the loop out."""
    total = bias
    for w, x in zip(ws, xs, strict=True):
        total = w * x if total is None else total + w * x
    return total


@pytest.mark.parametrize("bias", [None, 0.25, Value(0.5, "b")])
@pytest.mark.parametrize("numbers", [0, 1, 3])
def test_an_expanded_dot_is_what_the_operators_record(bias, numbers):
    """The same nodes in the same order, the same numbers and partials, to the last bit."""
    ws = [Value(0.1 * k - 0.3, f"w_{k}") for k in range(3)]
    xs = [0.7, 1.1, 1.3][:numbers] + [Value(1.7 + k) for k in range(3 - numbers)]
    one, other = dot(ws, xs, bias, expanded=True), by_operators(ws, xs, bias)
    first, second = engine.topological_order(one), engine.topological_order(other)
    assert [n.op for n in first] == [n.op for n in second]
    assert [n.data for n in first] == [n.data for n in second]
    assert [n.partials for n in first] == [n.partials for n in second]
    for p, q in zip(first, second, strict=True):
        assert p is q or not p.is_leaf
        assert [first.index(o) for o in p.parents] == [second.index(o) for o in q.parents]


def test_an_expanded_dot_is_checked_like_any_other():
    """Overflow is found where it happens, bad entries are named, a pause is respected."""
    w, b = Value(1e200, "w"), Value(0.0)
    with pytest.raises(engine.DomainError, match=r"mul\(x, y\) .* overflows"):
        dot([w], [w], b, expanded=True)
    with engine.ieee():
        assert dot([w], [w], b, expanded=True).data == math.inf
    with pytest.raises(ValueTypeError, match="operand 1 of 'dot'"):
        dot([Value(1.0), "2"], [3.0, 4.0], expanded=True)
    with engine.no_grad():
        assert dot([b], [b], b, expanded=True).parents == ()
    assert dot([2, 3], [4, 5], 1, expanded=True) == 24.0
    assert dot([], [], b, expanded=True).data == 0.0
