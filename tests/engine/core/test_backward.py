"""The sweep: pure and fast, seeds, depth and breadth, interruptions."""

import math
import sys
import time
from fractions import Fraction

import numpy as np
import pytest

import engine
from engine import DomainError, Value, ValueTypeError, constant, dot, gradients
from engine.core.backward import accumulate
from engine.core.fast_walk import mark
from engine.core.linking import link1

MILLION = 1_000_000


def test_gradients_touch_no_node():
    """The pure sweep leaves every grad as it was."""
    x, y = Value(3.0), Value(4.0)
    z = x * y + x
    x.grad, z.grad = 5.0, 7.0
    assert gradients(z) == {x: 5.0, y: 3.0, z.a: 1.0, z: 1.0}
    assert (x.grad, y.grad, z.grad, z.a.grad) == (5.0, 0.0, 7.0, 0.0)


@pytest.mark.parametrize("seed", [2, 2.0, Fraction(2), np.float64(2)])
def test_a_seed_scales_the_gradient(seed):
    """In both forms of the sweep."""
    x = Value(3.0)
    y = x * x
    assert gradients(y, seed)[x] == 12.0
    y.backward(seed)
    assert (x.grad, y.grad) == (12.0, 2.0)


@pytest.mark.parametrize("seed", ["2", None, 2j])
def test_a_seed_is_a_number(seed):
    """Both forms refuse anything else and change nothing."""
    x = Value(3.0)
    y = x * x
    with pytest.raises(ValueTypeError, match="seed"):
        gradients(y, seed)
    with pytest.raises(ValueTypeError, match="seed"):
        y.backward(seed)
    assert x.grad == 0.0


def test_a_seed_beyond_the_largest_float():
    """An int may be; both forms say so."""
    y = Value(3.0).exp()
    for attempt in (gradients, Value.backward):
        with pytest.raises(DomainError, match="too large for a float"):
            attempt(y, 10**400)


def test_an_array_that_was_assigned_to_grad_is_not_changed():
    """Its sum is a new number."""
    for y in (Value(3.0), Value(3.0).exp()):
        leaf = y.parents[0] if y.parents else y
        leaf.grad = zero = np.array(0.0)
        y.backward()
        assert leaf.grad > 0
        assert zero == 0


def test_backward_from_a_leaf_adds_the_seed():
    """dx/dx = 1, each time; a constant has no gradient."""
    x, k = Value(3.0), constant(3.0)
    x.backward()
    x.backward()
    k.backward()
    assert (x.grad, k.grad) == (2.0, 0.0)
    assert (gradients(x), gradients(k)) == ({x: 1.0}, {})


def test_constants_are_left_out():
    """Also when they stand in a node of many operands, and keep the grad they have."""
    x, k = Value(2.0), constant(3.0)
    k.grad = 0.5
    y = engine.sum([x * k, k, k * k])
    y.backward()
    assert (x.grad, k.grad) == (3.0, 0.5)
    assert k not in gradients(y)


class Interrupt(BaseException):
    """Stands for a KeyboardInterrupt at a moment of our choosing."""


class Explosive(Value):
    """A Value whose grad cannot be changed once it is armed."""

    __slots__ = ("armed", "kept")

    def __setattr__(self, name, value):
        if name == "grad" and getattr(self, "armed", 0):
            self.armed -= 1
            if not self.armed:
                raise Interrupt
        super().__setattr__(name, value)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_interrupted_sweep_restores_the_leaves(at):
    """During the walk, during the sweep, and while the sums are put together."""
    x, bomb, w = Value(2.0), Explosive(3.0), Value(4.0)
    y = x * bomb + w
    x.grad, w.grad = 0.25, 0.5
    bomb.armed = at
    with pytest.raises(Interrupt):
        accumulate(y)
    assert (x.grad, bomb.grad, w.grad) == (0.25, 0.0, 0.5)
    y.backward()
    assert (x.grad, bomb.grad, w.grad) == (3.25, 2.0, 1.5)


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_interrupted_sweep_leaves_numbers(at):
    """The walk keeps its way back in the gradients; nobody finds a node there afterwards."""
    x = Value(2.0)
    wide = engine.sum([x, x * x, x])
    bomb = Explosive.__new__(Explosive)
    for name in ("number", "grad", "a", "b", "da", "db", "op", "label"):
        setattr(bomb, name, getattr(wide * x, name))
    y = (bomb + x).tanh() * x
    x.grad, bomb.armed = 0.25, at
    with pytest.raises(Interrupt):
        accumulate(y)
    assert {type(node.grad) for node in engine.topological_order(y)} == {float}
    assert x.grad == 0.25
    y.backward()
    assert x.grad == 0.25 + gradients(y)[x]


def test_a_grad_that_is_no_number_is_an_error_that_changes_nothing():
    """A habit from other frameworks: grad = None instead of 0."""
    x, w = Value(2.0), Value(4.0)
    x.grad, w.grad = 0.25, None
    with pytest.raises(TypeError):
        (x * w).backward()
    assert (x.grad, w.grad) == (0.25, None)


def test_data_changed_after_recording_does_not_corrupt():
    """Partials are recorded: the gradient is that of the numbers that were computed with."""
    x, w = Value(2.0), Value(3.0)
    y = (x * w).tanh() * x
    before = gradients(y)
    x.data = w.data = 100.0
    assert gradients(y) == before
    y.backward()
    assert (x.grad, w.grad) == (before[x], before[w])


def test_forty_doublings_are_exact():
    """2**40 paths in 40 nodes."""
    x = y = Value(1.0)
    for _ in range(40):
        y = y + y
    y.backward()
    assert (y.data, x.grad, gradients(y)[x]) == (2.0**40, 2.0**40, 2.0**40)


@pytest.mark.slow
def test_a_chain_of_a_million_builds_sweeps_and_is_freed():
    """Nothing recurses, not even freeing; the recursion limit is not touched."""
    limit = sys.getrecursionlimit()
    x = y = Value(1.0)
    with engine.recording():
        for _ in range(MILLION // 2):
            y = (y + x) - 1.0
        y.backward()
    assert x.grad == MILLION // 2 + 1
    del y
    assert sys.getrecursionlimit() == limit


@pytest.mark.slow
def test_a_dot_of_a_million_operands_is_one_node():
    """Its sweep is one pass over the operands."""
    with engine.recording():
        ws = [Value(2.0) for _ in range(MILLION // 2)]
        y = dot(ws, [3.0] * len(ws))
        y.backward()
    assert (y.data, ws[0].grad, ws[-1].grad) == (3.0 * MILLION, 3.0, 3.0)


def sweep_time(n):
    """Time a sweep over one wide node with many interior operands, the best of three."""
    x = Value(1.0)
    y = engine.sum([x * 2.0 for _ in range(n)])
    times = []
    for _ in range(3):
        begin = time.process_time()
        y.backward()
        times.append(time.process_time() - begin)
    return min(times)


def test_a_wide_node_with_interior_operands_is_not_quadratic():
    """Sixteen times the width takes sixteen times the time or so, not 256 times."""
    sweep_time(1000)
    assert sweep_time(64_000) < 80 * sweep_time(4_000)


def test_nested_wide_nodes_go_on_where_they_left():
    """A node of many operands inside another, with leaves before and after."""
    x, y = Value(2.0), Value(3.0)
    inner = engine.sum([x, y * x, x, engine.mean([y, x * x])])
    outer = engine.sum([y, inner, x, inner])
    outer.backward()
    expected = gradients(outer)
    assert (x.grad, y.grad, inner.grad) == (expected[x], expected[y], 2.0)
    assert (x.grad, y.grad) == (1 + 2 * (2 + 3 + 2.0), 1 + 2 * (2 + 0.5))


def test_a_dot_cut_off_hands_on_exact_zeros_but_no_nan_is_lost():
    """A gradient of 0 passes on nothing, or nan where a partial is not finite."""
    w, x, b = Value(2.0), Value(3.0), Value(-10.0)
    dot([w], [x], b).relu().backward()
    assert (w.grad, x.grad, b.grad) == (0.0, 0.0, 0.0)
    with engine.ieee():
        infinite = Value(math.inf)
        y = dot([infinite], [x], Value(1.0)) * 0.0
        y.backward()
    expected = gradients(y)
    assert math.isnan(x.grad)
    assert math.isnan(expected[x])
    assert infinite.grad == expected[infinite] == 0.0


def test_a_second_operand_is_finished_at_once_only_if_all_below_it_is_visited():
    """Of x + x * u, with either operand of the product new, the sweep goes down there first."""
    for product in (lambda x: x * x.tanh(), lambda x: x.tanh() * x, lambda x: x.sin() * x.tanh()):
        x = Value(0.5)
        y = x + product(x)
        y.backward()
        assert x.grad == gradients(y)[x]


def test_a_gradient_that_is_none_is_named():
    """None is how PyTorch empties a gradient."""
    x, y = Value(2.0, "x"), Value(3.0)
    x.grad, y.grad = None, 1.0
    with pytest.raises(ValueTypeError, match="the grad of x is None"):
        (y * x).backward()
    assert (x.grad, y.grad) == (None, 1.0)


def test_an_interruption_between_any_two_lines_leaves_numbers():
    """As a debugger makes it, which stops between lines."""
    x, w = Value(0.5), Value(2.0)
    h = engine.sum([x * w, (x * w).tanh(), x])
    y = (h * x).tanh() * h + h
    files = {f.__code__.co_filename for f in (accumulate, mark)}

    def run(stop_at):
        lines = 0

        def trace(frame, event, _):
            nonlocal lines
            if frame.f_code.co_filename not in files:
                return None
            lines += event == "line"
            if lines == stop_at:
                raise KeyboardInterrupt
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            y.backward()
        except KeyboardInterrupt:
            return True
        finally:
            sys.settrace(before)
        return False

    stop_at = 1
    while run(stop_at):
        assert all(type(n.grad) is float for n in engine.topological_order(y))
        assert (x.grad, w.grad) == (0.0, 0.0)
        stop_at += 1
    assert stop_at > 100
    assert (x.grad, w.grad) == (gradients(y)[x], gradients(y)[w])


def test_partials_may_be_in_tuples_that_nodes_share():
    """As layers record them: inputs, weights and the bias, each in a tuple of its own."""
    w, v, x, y, b = map(Value, (2.0, -1.0, 3.0, 5.0, 0.5))
    inputs, weights = (3.0, 5.0), (2.0, -1.0)
    z = link1(1.5, (w, v, x, y, b), (inputs, weights, (1.0,)), engine.TABLE["dot"])
    assert z.partials == (3.0, 5.0, 2.0, -1.0, 1.0)
    (z * 2.0).backward()
    assert [n.grad for n in (w, v, x, y, b)] == [6.0, 10.0, 4.0, -2.0, 2.0]
    assert gradients(z * 2.0)[v] == 10.0
