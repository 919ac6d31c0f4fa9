"""Laws that hold for every graph: across files, on random graphs."""

import copy
import math
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, reject, settings
from strategies import Recipe, graphs, recipes

import engine
from engine import (
    DomainError,
    Value,
    ValueTypeError,
    check_gradients,
    grad,
    gradients,
    topological_order,
)

ROOT = Path(engine.__file__).resolve().parent.parent


@given(graphs())
def test_the_fast_sweep_is_the_pure_one_bit_for_bit(graph):
    """`backward` writes into the nodes exactly what `gradients` returns."""
    graph.root.backward()
    found = gradients(graph.root)
    assert {node: node.grad for node in found} == found


@given(graphs())
def test_two_sweeps_double_the_leaves_and_nothing_else(graph):
    """Exactly, also after a third: interior nodes have the gradient of the last sweep."""
    graph.root.backward()
    once = {node: node.grad for node in topological_order(graph.root)}
    graph.root.backward()
    for node, g in once.items():
        assert node.grad == (2 * g if node.is_leaf else g)
    for leaf in graph.leaves:
        assert leaf.grad == 2 * once.get(leaf, 0.0)


@given(graphs())
def test_a_gradient_as_a_graph_has_the_same_numbers(graph):
    """create_graph=True gives Values equal to the floats, to rounding."""
    leaves, root = graph
    numeric = grad(root, leaves)
    try:
        recorded = grad(root, leaves, create_graph=True)
    except DomainError:  # the gradient is finite, but its own derivative is not
        reject()
    size = max(1.0, *(abs(g) for g in gradients(root).values()))
    for value, number in zip(recorded, numeric, strict=True):
        assert value.data == pytest.approx(number, rel=1e-12, abs=1e-12 * size)


@given(recipes())
def test_everything_is_deterministic(recipe):
    """Recorded again, a graph has the same order, numbers and gradients, bit for bit."""
    first, second = recipe.build(), recipe.build()
    rows = [
        [(n.data, n.op, n.partials, g) for n, g in gradients(graph.root).items()]
        for graph in (first, second)
    ]
    assert rows[0] == rows[1]


@given(recipes())
def test_values_compute_what_floats_compute(recipe: Recipe):
    """The same program on plain numbers gives the same number, bit for bit."""
    on_values = recipe.build().root.data
    assert on_values == recipe.run(recipe.numbers)
    with engine.no_grad():
        assert recipe.build().root.data == on_values


@given(graphs())
def test_copies_have_the_same_gradients(graph):
    """Deepcopy and pickle, bit for bit and in the same order."""
    expected = list(gradients(graph.root).values())
    assert list(gradients(copy.deepcopy(graph.root)).values()) == expected
    assert list(gradients(pickle.loads(pickle.dumps(graph.root))).values()) == expected


@given(graphs())
def test_the_gradient_is_linear_in_the_seed(graph):
    """Exactly, for powers of two."""
    assert gradients(graph.root, 4.0) == {n: 4 * g for n, g in gradients(graph.root).items()}


@given(recipes(smooth=True, max_steps=5))
def test_gradients_agree_with_differences(recipe):
    """Where a graph is tame enough for differences to say anything."""
    try:
        table = check_gradients(lambda *xs: recipe.run(xs), *recipe.numbers, tolerance=math.inf)
        halved = check_gradients(
            lambda *xs: recipe.run(xs), *recipe.numbers, tolerance=math.inf, step=5e-4
        )
    except (DomainError, ValueTypeError):  # a neighbour is outside the domain, or x is not used
        reject()
    for row, other in zip(table.rows, halved.rows, strict=True):
        trust = abs(row.numeric - other.numeric) + 1e-8 * max(1.0, abs(row.numeric))
        assert abs(row.analytic - other.numeric) <= 10 * trust, str(table)


def test_the_engine_imports_only_the_standard_library():
    """So that it also runs where nothing can be installed, such as a browser's Python."""
    program = (
        "import sys; before = set(sys.modules); import engine; "
        "print(*sorted({m.partition('.')[0] for m in set(sys.modules) - before}))"
    )
    found = subprocess.run(
        [sys.executable, "-S", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(found.stdout.split()) <= set(sys.stdlib_module_names) | {"engine"}


def test_importing_the_engine_changes_nothing():
    """Neither the collector nor the recursion limit is touched."""
    program = (
        "import gc, sys; before = gc.isenabled(), gc.get_threshold(), sys.getrecursionlimit(); "
        "import engine; "
        "assert before == (gc.isenabled(), gc.get_threshold(), sys.getrecursionlimit())"
    )
    subprocess.run([sys.executable, "-S", "-c", program], cwd=ROOT, check=True)


def test_the_graphs_are_interesting():
    """The strategy reaches what the laws are about (a test of the tester)."""
    seen = set()

    @settings(max_examples=300)  # rare shapes too, in every profile
    @given(graphs())
    def look(graph):
        order = topological_order(graph.root)
        uses = [p for n in order for p in n.parents]
        seen.update(
            {
                "fan-out": len(uses) > len(set(uses)),
                "repeated operand": any(len(set(n.parents)) < len(n.parents) for n in order),
                "dead leaf": any(leaf not in order for leaf in graph.leaves),
                "plain number": any(not isinstance(o, Value) for n in order for o in n.operands),
                "many operands": any(len(n.parents) > 2 for n in order),
                "label inside": any(n.label and not n.is_leaf for n in order),
                "six nodes": len(order) >= 6,
                "kink": any(n.op and n.op.kinks for n in order),
            }.items()
        )

    look()
    assert {name for name, there in seen if there} == {name for name, _ in seen}
