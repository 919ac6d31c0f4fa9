"""Formulas of the arrows between milestones: right, readable, and with names put back."""

import pytest
from hypothesis import given, settings
from strategies import graphs

import engine
from engine import (
    Value,
    WeightedGraph,
    condense,
    exp,
    log,
    logsumexp,
    maximum,
    relu,
    softmax,
    tanh,
)
from engine.formulas.arrows import Limits, LocalFormulas, fold, local, recorded
from engine.formulas.text import TextWriter
from engine.formulas.tree import Name, Number, add, evaluate, power, quotient, times
from engine.labels import typeset


def formulas(y, **limits):
    """Write every arrow of the milestone view."""
    graph = condense(y)
    local_formulas = LocalFormulas(WeightedGraph.of(y), graph.nodes, Limits(**limits))
    writer = TextWriter(lambda node: typeset(node.label) or "?")
    found = {}
    for node, _, source, partial in graph.edges():
        formula = local_formulas.derivative(node, source)
        number = local_formulas.number(node, source, recorded)
        assert number == pytest.approx(partial, rel=1e-12, abs=1e-300)
        text = None if formula is None else writer(formula)
        found[typeset(node.label), typeset(source.label)] = text
    return found


def named(value, label):
    """Give a node a label."""
    value.label = label
    return value


def leaves(*labels):
    """Make leaves with different numbers."""
    return [Value(0.5 + 0.25 * k, label) for k, label in enumerate(labels)]


def test_a_softmax_written_out_gets_the_textbook_derivative():
    """With exp, sum and division, and with the function, it is y(1 - y) and -y1 y2."""
    a = leaves("a_1", "a_2")
    exps = [exp(x) for x in a]
    total = exps[0] + exps[1]
    written_out = [named(e / total, f"yhat_{k}") for k, e in enumerate(exps, 1)]
    at_once = [named(s, f"yhat_{k}") for k, s in enumerate(softmax(a), 1)]
    for ys in (written_out, at_once):
        found = formulas(named(ys[0] ** 2 + ys[1] ** 2, "L"))
        assert found["ŷ₁", "a₁"] == "ŷ₁(1 − ŷ₁)"
        assert found["ŷ₁", "a₂"] in {"−ŷ₁ŷ₂", "−ŷ₂ŷ₁"}
        assert found["L", "ŷ₁"] == "2ŷ₁"


def test_cross_entropy_has_the_softmax_in_its_derivative():
    """log(sum of exp) - a2: the softmax minus one."""
    a = leaves("a_1", "a_2")
    found = formulas(named(logsumexp(a) - a[1], "L"))
    assert found["L", "a₁"] == "exp(a₁) / (exp(a₁) + exp(a₂))"
    assert found["L", "a₂"] == "exp(a₂) / (exp(a₁) + exp(a₂)) − 1"


def test_unnamed_steps_are_differentiated_symbolically():
    """Chain rule, product rule, squares by multiplication, in the textbook's order."""
    x, w, b, y = leaves("x", "w", "b", "y")
    assert formulas(tanh(x * w + b))["", "w"] == "x(1 − tanh(xw + b)²)"
    assert formulas(x**2 * y + exp(x * y))["", "x"] == "2xy + y · exp(xy)"
    d = y - w
    assert formulas(named(d * d, "L"))["L", "w"] == "−2(y − w)"
    assert formulas(named(x * exp(x * 2), "n"))["n", "x"] == "exp(2x) · (1 + 2x)"
    assert formulas(relu(-x * w))["", "x"] == "−w · 1(−xw > 0)"
    assert formulas(named(exp(x**y) / 2, "n"))["n", "x"] == "yn · x^(y − 1)"


def test_a_special_case_of_the_table_has_no_formula():
    """At the tie of a maximum the indicator would be wrong; nothing is shown instead."""
    x, y = Value(1.0, "x"), Value(1.0, "y")
    assert formulas(maximum(x, y)) == {("", "x"): None, ("", "y"): None}


def test_what_is_too_long_has_no_formula_but_a_number():
    """Too many inner paths, one too long, an interior too large, a formula too large."""
    x = Value(0.5, "x")
    doubled, deep, deeper = x, x, x
    for _ in range(5):
        doubled = doubled + doubled
    for _ in range(50):
        deep = deep.tanh()
    for _ in range(2_100):
        deeper = deeper.sin()
    for y in (doubled, deep, deeper):
        assert formulas(y) == {("", "x"): None}
    graph = LocalFormulas(WeightedGraph.of(doubled), {doubled})
    assert graph.count_inner_paths(doubled, x) == 32
    wide = engine.sum([x, *leaves(*(f"y_{k}" for k in range(45)))]).tanh().tanh()
    wide_graph = LocalFormulas(WeightedGraph.of(wide), {wide})
    assert not wide_graph.is_in_names(wide_graph.definition(wide))
    assert wide_graph.derivative(wide, x) is None


def test_one_slot_is_one_arrow():
    """In the view of all nodes, x * x has two arrows, each with its own formula."""
    x = Value(3.0, "x")
    y = x * x
    graph = LocalFormulas(WeightedGraph.of(y), {y, x})
    assert [graph.derivative(y, x, slot) for slot in (0, 1)] == [Name(x), Name(x)]
    assert graph.number(y, x, lambda _: 5.0, 1) == 5.0
    z = engine.hypot(x, 4.0)
    at_the_kink = LocalFormulas(WeightedGraph.of(z), {z, x})
    assert at_the_kink.number(z, x, lambda _: 0.0, 0) == 0.0
    assert local(x**3, 0) == times(Number(3.0), power(Name(x), Number(2.0)))


def test_milestones_that_share_an_interior_are_not_searched_without_end():
    """At most so many definitions are tried; the formula is right even if one is not found."""
    a = leaves("a_1", "a_2", "a_3")
    ys = [named(s, f"yhat_{k}") for k, s in enumerate(softmax(a), 1)]
    loss = named(engine.sum(ys), "L")
    assert formulas(loss, definitions=2)["ŷ₃", "a₁"] == "−ŷ₃ŷ₁"
    found = formulas(loss, definitions=1)
    assert found["ŷ₃", "a₁"] == "−ŷ₃ · exp(a₁) / (exp(a₁) + exp(a₂) + exp(a₃))"


@pytest.mark.parametrize(
    ("limit", "enough"), [("paths", 3), ("length", 4), ("interior", 5), ("size", 2)]
)
def test_what_is_too_long_is_not_written(limit, enough):
    """Just long enough is; with one less there is no formula, and no formula too long inside."""
    x = Value(0.5, "x")
    y = named((x.sin() + x.cos() + x.exp()).tanh(), "y")
    assert formulas(y, **{limit: enough})["y", "x"] is not None
    assert formulas(y, **{limit: enough - 1})["y", "x"] is None


def test_unnamed_users_of_an_interior_are_climbed():
    """A milestone further up counts as sharing; one without a label gives no name."""
    x = Value(0.5, "x")
    e = exp(x)
    m = named(e / (1 + e), "m")
    n = named(((2 * e) / (1 + e)).tanh(), "n")
    assert formulas(m * n)["m", "x"] == "m(1 − m)"
    assert formulas(log(1 + e) + m)["m", "x"] == "m(1 − m)"


def test_names_are_put_back_inside_everything():
    """Sums, products, powers and calls are searched for definitions."""
    x, s, z = Name("x"), Name("s"), Name("z")
    known = [(quotient(x, s), z)]
    inner = quotient(x, s)
    assert fold(add(inner, s), known) == add(z, s)
    assert fold(power(add(inner, s), Number(2.0)), known) == power(add(z, s), Number(2.0))
    assert fold(power(inner, s), known) == power(z, s)
    called = fold(engine.formulas.tree.call("sin", inner), known)
    assert called == engine.formulas.tree.call("sin", z)


def test_a_definition_must_be_in_a_formula_as_often_as_it_is_long():
    """A square is in a cube, but not in the number itself."""
    x, z = Name("x"), Name("z")
    square = [(power(x, Number(2.0)), z)]
    assert fold(x, square) == x
    assert fold(power(x, Number(3.0)), square) == times(z, x)


@settings(max_examples=40)
@given(graphs())
def test_every_formula_has_the_value_of_its_arrow(graph):
    """On random graphs each formula that is shown equals the recorded derivative."""
    for k, leaf in enumerate(graph.leaves):
        leaf.label = f"x_{k}"
    view = condense(graph.root)
    local_formulas = LocalFormulas(WeightedGraph.of(graph.root), view.nodes)
    for node, _, source, partial in view.edges():
        formula = local_formulas.derivative(node, source)
        scale = abs(partial) + 1e-9
        if formula is not None:
            assert evaluate(formula, recorded) == pytest.approx(
                partial, rel=1e-8, abs=1e-8 * scale
            )
