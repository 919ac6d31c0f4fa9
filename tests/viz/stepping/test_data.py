"""What a step page shows: every number, name and formula is the engine's."""

import pytest
from stepper_pages import Page, shown, small

import engine
from engine import Value, condense, steps
from engine.labels import number
from engine.routes.reading import read
from nn.textbook import w131
from viz import stepper
from viz.stepping.data import Texts, ViewData


@pytest.fixture(scope="module")
def page():
    """The page of w_131."""
    return Page(stepper(w131().L, highlight="w_131").html())


@pytest.mark.parametrize("view", ["milestones", "nodes"])
def test_the_numbers_are_the_engines(page, view):
    """Every contribution and every running sum, with the sums before it."""
    loss = w131().L
    told = steps(condense(loss) if view == "milestones" else loss)
    tables, frame, texts = shown(page, view)
    assert tables["steps"] == [
        [("forward", "seed", "backward").index(step.phase), step.place] for step in told
    ]
    assert [texts[i] for i in frame["data"]] == [number(n.data) for n in told.graph.nodes]
    assert [texts[i] for i in frame["grads"]] == [number(g) for g in told.graph.adjoints()]
    for step in told:
        for each in step.additions:
            written = [texts[i] for i in frame["additions"][step.place][each.slot]]
            assert written == [number(x) for x in (each.contribution, each.before, each.after)]
            assert texts[frame["partials"][step.place][each.slot]] == number(each.partial)


def test_the_paths_are_the_engines(page):
    """The four routes of w_131 with their contributions."""
    tables, frame, texts = shown(page, "milestones")
    k = page.data["chosen"]["milestones"]
    assert texts[tables["names"][k]] == "w₁₃₁"
    assert texts[tables["ways"][k]] == "4 paths"
    assert len(tables["routes"][k]) == 4
    expected = [number(path.contribution) for path in engine.paths(w131().L, "w_131")]
    assert [texts[i] for i in frame["contributions"][k]] == expected


def test_the_sum_of_the_paths_is_counted_as_it_grows(page):
    """After its two additions a_21 holds both of its paths."""
    tables, _, texts = shown(page, "milestones")
    names = [texts[i] for i in tables["names"]]
    a21 = names.index("a₂₁")
    counts = [
        texts[reached]
        for _, k in tables["steps"][14:]
        for source, reached in zip(tables["sources"][k], tables["reached"][k], strict=True)
        if source == a21
    ]
    assert counts == ["1", "2"]


def test_local_derivatives_are_written_as_formulas(page):
    """In symbols and in numbers, from the derivative table."""
    tables, frame, texts = shown(page, "milestones")
    names = [texts[i] for i in tables["names"]]
    yhat, a21 = names.index("ŷ₁"), names.index("a₂₁")
    slot = tables["sources"][yhat].index(a21)
    assert [texts[i] for i in frame["rules"][yhat][slot]] == [
        "ŷ₁(1 − ŷ₁)",
        "0.7703(1 − 0.7703)",
    ]
    assert texts[frame["definitions"][names.index("h₁₃")][0]] == "σ(a₁₃)"


def test_what_is_left_of_many_paths_is_one_number():
    """Beyond six paths the largest are told, and the sum of the others."""
    x = Value(2.0, "x")
    y = x
    for k in range(4):
        y = y + y
        y.label = f"y_{k}"
    page = Page(stepper(y).html())
    tables, frame, texts = shown(page, "nodes")
    assert texts[tables["ways"][0]] == "16 paths"
    assert len(tables["routes"][0]) == 6
    assert texts[frame["rests"][0]] == "10"


def test_a_formula_too_long_to_read_is_left_out():
    """Its number stays."""
    xs = [Value(k / 10, f"x_{k}") for k in range(1, 41)]
    whole, inner = engine.logsumexp(xs), engine.sum([x.sin() for x in xs])
    for loss in (whole, inner * inner):
        loss.label = "L"
        _, frame, _ = shown(Page(stepper(loss).html()), "milestones")
        assert frame["definitions"][-1] == []
        assert len(frame["partials"][-1]) == 40


def test_a_special_case_of_the_table_has_no_formula():
    """At a tie the derivative of maximum is decided, not computed: only its number is shown."""
    x, z = Value(2.0, "x"), Value(2.0, "z")
    _, frame, texts = shown(Page(stepper(engine.maximum(x, z)).html()), "nodes")
    assert frame["rules"][2] == [[], []]
    assert [texts[i] for i in frame["partials"][2]] == ["0.5", "0.5"]


def test_constants_take_no_part():
    """A constant has no addition, and no paths lead from it."""
    page = Page(stepper(small()).html())
    tables, frame, texts = shown(page, "nodes")
    k = [texts[i] for i in tables["names"]].index("k")
    assert tables["kinds"][k] == "constant"
    user = next(n for n, row in enumerate(tables["sources"]) if k in row)
    assert frame["additions"][user][tables["sources"][user].index(k)] == 0


def test_contributions_beyond_the_largest_float():
    """Sums that overflow, and infinities of both signs, are told and do not fail."""
    x = Value(0.0, "x")
    assert stepper(x * 1e308 + x * 1e308).steps
    x = Value(float("inf"), "x")
    with engine.ieee():
        assert stepper(x * x - x * x, "nodes").steps


def test_names_read_from_right_to_left_stay_by_themselves():
    """In a box and in a formula, "= −3" behind such a name stays as it is."""
    x = Value(-3.0, "משקל")
    made = stepper(x * x)
    assert "\u2068משקל\u2069 = −3" in made.page
    assert "\u2068משקל\u2069²" in made.page or "\u2068משקל\u2069 · " in made.page


def test_of_numbers_as_long_the_same_one_is_the_longest():
    """The widths of boxes, and so the bytes of a page, do not depend on the order of a set."""
    frames = [read(Value(1.5 + k / 2, "x").exp()) for k in range(12)]
    values, _ = ViewData(frames, Texts(), operations=True).longest()
    assert values[0] == "6.5"
