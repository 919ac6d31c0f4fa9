"""The k largest paths are found without listing the others, whatever the size of the numbers."""

import math
import time

import pytest
from path_examples import ladder, lecture

from engine import (
    ShapeError,
    Value,
    ValueTypeError,
    WeightedGraph,
    dot,
    ieee,
    paths,
    relu,
    top_paths,
)
from engine.routes.ranking import BEYOND, ONE, ZERO, times


def sizes(found):
    """The absolute contributions."""
    return [abs(path.contribution) for path in found]


def test_the_routes_of_the_lecture_notes():
    """The two through a_22 are larger than the two through a_21."""
    net = lecture(written_out=True)
    found = top_paths(net["L"], net["w_131"], 10)
    assert sizes(found) == pytest.approx([0.004739035145] * 2 + [0.003159356764] * 2, rel=1e-9)
    assert [path.names[3] for path in found] == ["a₂₂", "a₂₂", "a₂₁", "a₂₁"]
    raw = top_paths(net["L"], net["w_131"], 3, by="nodes")
    assert sizes(raw) == pytest.approx([0.01375642945, 0.01059707269, 0.006151906717], rel=1e-9)


def test_best_of_two_to_the_thousand():
    """One step down among 1,000 rungs costs a factor of two; among 100, all singles are next."""
    x, y = ladder(1000, 1.0, 0.5)
    assert sizes(top_paths(y, x, 3, by="nodes")) == [1.0, 0.5, 0.5]
    x, y = ladder(100, 1.0, 0.5)
    found = top_paths(y, x, 102, by="nodes")
    assert sizes(found) == [1.0] + [0.5] * 100 + [0.25]
    assert len({path.places for path in found}) == 102


def test_ranking_survives_underflow_and_overflow():
    """Products of 400 factors of 1e-3, or 1e3, are 0 and inf as floats, yet ranked right."""
    for factor in (1e-3, 1e3):
        x = a = b = Value(0.0, "x")
        for _ in range(400):
            a, b = a * factor, b * factor
        y = 2.0 * a + b * 3.0
        first, second = top_paths(y, x, 2, by="nodes")
        assert first.partials[-2:] == (3.0, 1.0)
        assert second.partials[-2:] == (2.0, 1.0)
        assert first.contribution == second.contribution == (0.0 if factor < 1 else math.inf)


def test_paths_of_contribution_zero_come_last():
    """A dead relu has a path, which contributes nothing."""
    x = Value(1.0, "x")
    found = top_paths(relu(-1 * x) + 0.5 * x, x, 5, by="nodes")
    assert [path.contribution for path in found] == [0.5, 0.0]


def test_what_is_not_finite_comes_first():
    """An infinite or undefined partial cannot be hidden by finite ones."""
    x = Value(0.0, "x")
    with ieee():
        y = x.log() * 1.0 + 5 * x
    found = top_paths(y, x, 5, by="nodes")
    assert [path.contribution for path in found] == [math.inf, 5.0]
    graph = WeightedGraph([x, y], [(), (0, 0, 0)], [(), (2.0, math.nan, 0.0)])
    assert [path.slots for path in top_paths(graph, x, 3)] == [(1,), (0,), (2,)]


def test_equals_come_in_the_order_of_the_operands():
    """Ties have one order, the same in every run."""
    x = Value(1.0, "x")
    y = dot([x, x, x], [1.0, 1.0, 1.0])
    for _ in range(3):
        assert [path.slots for path in top_paths(y, x, 3, "nodes")] == [(0,), (1,), (2,)]


def test_no_path_and_no_edge():
    """A stranger has none; the root itself has one."""
    y = Value(1.0, "x").exp()
    assert top_paths(y, Value(1.0), 3) == []
    assert [path.contribution for path in top_paths(y, y, 3)] == [1.0]
    assert top_paths(y, "x", 0) == []


@pytest.mark.parametrize(("k", "error"), [(1.5, ValueTypeError), (-1, ShapeError)])
def test_k_is_a_whole_number(k, error):
    """The message names k."""
    with pytest.raises(error, match="k must "):
        top_paths(Value(1.0), Value(1.0), k)


def mlp(*widths):
    """Build layers of tanh neurons with weights of all signs; the input nodes and the output."""
    inputs = layer = [Value(0.3 * k - 0.5, f"x_{k}") for k in range(widths[0])]
    seed = 1
    for width in widths[1:]:
        neurons = []
        for _ in range(width):
            ws = []
            for _ in layer:
                seed = seed * 16807 % 2147483647
                ws.append(Value(seed / 2147483647 - 0.5))
            neurons.append(dot(ws, layer).tanh())
        layer = neurons
    return inputs, layer[0]


def test_the_best_ten_of_a_wide_network_are_quick():
    """4-64-64-64-1 has 262,144 paths from an input; ten are found without listing them."""
    (x, *_), y = mlp(4, 64, 64, 64, 1)
    start = time.process_time()
    found = top_paths(y, x, 10, by="nodes")
    assert time.process_time() - start < 1
    assert len(found) == 10
    assert sizes(found) == sorted(sizes(found), reverse=True)


def test_the_best_of_a_network_are_those_of_the_whole_list():
    """3-7-7-1: 49 paths, all sorted."""
    (x, *_), y = mlp(3, 7, 7, 1)
    whole = sorted(sizes(paths(y, x, by="nodes", limit=None)), reverse=True)
    for k in (1, 10, 49, 60):
        assert sizes(top_paths(y, x, k, by="nodes")) == whole[:k]


def test_a_long_chain_needs_no_recursion():
    """100,000 nodes and two routes."""
    x = Value(1.0, "x")
    y = x
    for _ in range(50_000):
        y = y * 1.0
    y = y + 0.5 * x
    assert [len(path) for path in top_paths(y, x, 5, by="nodes")] == [50_002, 3]


def test_magnitudes_multiply_without_leaving_the_range():
    """Exponents are whole numbers; zero and infinity stay what they are."""
    tiny = ONE
    for _ in range(100):
        tiny = times(tiny, -5e-324)
    assert ONE < times(ONE, 0.999) < tiny < ZERO
    assert times(tiny, 0.0) == ZERO == times(ZERO, 7.0)
    assert times(ZERO, math.inf) is BEYOND is times(BEYOND, 0.0)
    assert BEYOND < times(ONE, 1e308) < ONE
    assert times(times(ONE, 0.75), 0.75) == times(ONE, 0.5625)
    assert times(times(ONE, 3.0), 0.1) == times(ONE, 3.0 * 0.1)
