"""A path table says what each path contributes, and whether that is the whole gradient."""

import math

import pytest
from path_examples import ladder, lecture

from engine import (
    ShapeError,
    TooLargeError,
    UnknownNameError,
    Value,
    WeightedGraph,
    condense,
    constant,
    gradients,
    ieee,
    path_table,
)

W131 = """\
∂L/∂w₁₃₁ is the sum over 4 paths
every route: w₁₃₁ → a₁₃ → h₁₃ → … → L
   route     factors, from the root down            contribution  share
1  a₂₂ → ŷ₁  −0.4593 · −0.1769 · 0.3 · 0.09719 · 2      0.004739   30 %
2  a₂₂ → ŷ₂  0.4593 · 0.1769 · 0.3 · 0.09719 · 2        0.004739   30 %
3  a₂₁ → ŷ₁  −0.4593 · 0.1769 · 0.2 · 0.09719 · 2      −0.003159  −20 %
4  a₂₁ → ŷ₂  0.4593 · −0.1769 · 0.2 · 0.09719 · 2      −0.003159  −20 %
sum of all paths: 0.003159356764; it equals the gradient
signs differ: 0.009478 and −0.006319, so 80 % of the contributions cancel"""


@pytest.mark.parametrize("written_out", [False, True])
def test_the_four_routes_of_the_lecture_notes(written_out):
    """The table of w_131, letter for letter, however the softmax is written."""
    net = lecture(written_out)
    assert str(path_table(net["L"], net["w_131"])) == W131
    assert repr(path_table(net["L"], "w_131")) == W131


@pytest.mark.parametrize("written_out", [False, True])
def test_the_six_raw_paths_of_the_lecture_notes(written_out):
    """Contributions as SEEDS C3 has them."""
    net = lecture(written_out)
    table = path_table(net["L"], "w_131", by="nodes")
    assert [row.contribution for row in table.rows] == pytest.approx(
        [
            -0.01375642945,
            0.01059707269,
            0.006151906717,
            0.004739035145,
            -0.003159356764,
            -0.001412871571,
        ],
        rel=1e-9,
    )
    assert table.total == pytest.approx(0.003159356764, rel=1e-9)
    assert table.agrees


def test_two_routes_of_the_output_weight():
    """w_212: both contribute the same, so nothing cancels."""
    net = lecture()
    table = path_table(net["L"], "w_212")
    assert [row.contribution for row in table.rows] == pytest.approx(
        [-0.06518835309] * 2, rel=1e-9
    )
    assert [row.share for row in table.rows] == pytest.approx([-0.5, -0.5])
    assert table.cancellation == pytest.approx(0.0, abs=1e-15)
    assert "cancel" not in str(table)


def test_two_routes_that_cancel_are_flagged():
    """dL/dh_11 is 0 because w_211 = w_221, not because nothing arrives."""
    net = lecture()
    table = path_table(net["L"], "h_11")
    assert abs(table.total) < 1e-16
    assert table.cancels
    assert table.cancellation == pytest.approx(1.0)
    assert "the paths cancel: their absolute contributions add up to 0.1625" in str(table)


def test_below_the_limit_contributions_are_added_up_unlisted():
    """The last line says how many remain and what they add up to."""
    net = lecture()
    table = path_table(net["L"], "w_131", limit=2)
    assert (table.count, len(table.rows), table.remaining) == (4, 2, 2)
    assert table.remaining_total == pytest.approx(-2 * 0.003159356764, rel=1e-9)
    assert "... and 2 more paths with contribution −0.006319 in total" in str(table)
    assert "it equals the gradient" in str(table)
    assert table.total == pytest.approx(gradients(net["L"])[net["w_131"]], rel=1e-12)


def test_astronomically_many_paths():
    """2 ** 1000 of them: the largest are listed, all are added up."""
    x, y = ladder(1000, 0.5, 0.25)
    table = path_table(y, x, by="nodes", limit=3)
    assert table.count == 2**1000
    assert table.total == pytest.approx(0.75**1000, rel=1e-12)
    assert "and about 1.07×10³⁰¹ more paths" in str(table)
    assert "(1,990 more)" in str(table)
    with pytest.raises(TooLargeError, match=r"a table of about 1.07×10³⁰¹ paths is too long"):
        path_table(y, x, by="nodes", limit=None)


def test_no_limit_lists_every_path():
    """More than the usual twenty rows."""
    x, y = ladder(5)
    assert len(path_table(y, x, by="nodes").rows) == 20
    assert len(path_table(y, x, by="nodes", limit=None).rows) == 32


def test_a_limit_of_none_at_all():
    """Only the sum is left; without any row there is no table."""
    net = lecture()
    table = path_table(net["L"], "w_131", limit=0)
    assert table.rows == []
    assert str(table).splitlines()[1] == (
        "... and 4 more paths with contribution 0.003159 in total"
    )
    with pytest.raises(ShapeError, match="limit must not be negative"):
        path_table(net["L"], "w_131", limit=-1)


def test_no_path_says_so():
    """A stranger and a constant have gradient 0, for different reasons."""
    net = lecture()
    assert str(path_table(net["L"], Value(1.0, "q_1"))) == (
        "∂L/∂q₁ = 0: L does not depend on q₁, no path"
    )
    assert str(path_table(net["L"], Value(1.0))).startswith("∂L/∂x = 0")
    table = path_table(net["L"], constant(1.0, "k"))
    assert str(table) == "∂L/∂k = 0: k is a constant, the sweep does not enter it"
    assert (table.count, table.total, table.gradient, table.agrees) == (0, 0.0, 0.0, True)
    assert table.markdown() == "∂L/∂k = 0: k is a constant, the sweep does not enter it\n"
    with pytest.raises(UnknownNameError, match="labelled 'w_13'; did you mean"):
        path_table(net["L"], "w_13")


def test_the_root_itself():
    """One path without a factor."""
    x = Value(2.0, "x")
    text = str(path_table(x, x))
    assert "∂x/∂x is the sum over 1 path\n" in text
    assert "1  x      1                                       1  100 %" in text


def test_shared_labels_are_named_and_told_apart():
    """Two nodes called h: the routes say which, the note says so."""
    x = Value(2.0, "x")
    a, b = x * 3, x * 4
    a.label = b.label = "h"
    text = str(path_table(a * b, x))
    assert "h #1" in text
    assert "h #2" in text
    assert text.endswith("the label 'h' is shared by 2 nodes; # tells them apart")


def test_what_the_root_does_not_depend_on_goes_by_no_name_of_the_graph():
    """A stranger without label is x, unless a node of the graph is."""
    stranger = Value(1.0)
    assert "y does not depend on x," in str(path_table(Value(2.0).exp(), stranger))
    assert "y does not depend on t," in str(path_table(Value(2.0, "x").exp(), stranger))


def test_a_shared_label_off_the_routes_is_not_mentioned():
    """It confuses nobody there."""
    x = Value(2.0, "x")
    y = x * (Value(1.0, "b") + Value(1.0, "b"))
    assert "shared" not in str(path_table(y, x))


def test_repeated_operands_are_told_apart():
    """Both edges of x * x are rows, with the number of the operand."""
    x = Value(3.0, "x")
    assert "(operand 1)" in str(path_table(x * x * 2, x, by="nodes"))
    text = str(path_table(x * x, x, by="nodes"))
    assert "y (operand 2)" in text


def test_one_route_inside_another():
    """What is left of the shorter one between the shared ends is said in words."""
    x = Value(2.0, "x")
    h = x.exp()
    h.label = "h"
    text = str(path_table(h + x, x))
    assert "straight on" in text


def test_weights_that_are_not_the_recorded_ones_are_found_out():
    """Paths that do not add up to the gradient: by how much is said."""
    x = Value(2.0, "x")
    y = x * 3
    table = path_table(WeightedGraph([x, y], [(), (0,)], [(), (3.5,)]), x)
    assert not table.agrees
    assert table.difference == 0.5
    assert "sum of all paths: 3.5; the gradient is 3, so they differ by 0.5" in str(table)


def test_a_condensed_graph_has_the_gradient_of_its_root():
    """What was condensed by hand gives the same table."""
    net = lecture()
    assert str(path_table(condense(net["L"]), "w_131")) == W131


def test_a_gradient_of_zero_paths_of_zero():
    """Contributions of 0 have shares of 0, and nothing to cancel."""
    x = Value(2.0, "x")
    table = path_table(0 * x, x)
    assert (table.rows[0].share, table.cancellation, table.cancels) == (0.0, 0.0, False)


def test_infinite_and_undefined_contributions_are_shown():
    """Under ieee() they are the gradient."""
    x = Value(0.0, "x")
    with ieee():
        y = x.log() - x.log()
    y.label = "y"
    table = path_table(y, x, by="nodes")
    assert math.isnan(table.gradient)
    assert table.agrees
    assert "−∞" in str(table)
    bad = path_table(WeightedGraph([x, y], [(), (0, 0)], [(), (math.nan, 1.0)]), x)
    assert [row.rank for row in bad.rows] == [1, 2]
    assert math.isnan(bad.rows[0].contribution)


def test_markdown_has_the_same_cells():
    """A table with what is special in Markdown escaped."""
    x = Value(3.0, "a|b_*c")
    y = x * x - x
    text = path_table(y, x, by="nodes").markdown()
    assert "a\\|b\\_\\*c" in text
    assert "| --: | :-- | :-- | --: | --: |" in text
    assert "| 1 | ×₁ (operand 1) | 1 · 3 | 3 | 42.9 % |" in text


def test_html_is_escaped():
    """A label cannot smuggle in an element."""
    x = Value(3.0, "<b>&")
    page = path_table(x * x - x, x, by="nodes")._repr_html_()
    assert "&lt;b&gt;&amp;" in page
    assert "<b>" not in page
    assert page.count("<tr>") == 4
    nothing = path_table(x, Value(1.0, "q"))._repr_html_()
    assert nothing == "<p>∂&lt;b&gt;&amp;/∂q = 0: &lt;b&gt;&amp; does not depend on q, no path</p>"


def test_marks_over_letters_take_no_room():
    """q̂ is written with a combining mark; the columns stay below each other."""
    x = Value(3.0, "x")
    q, r = x * 2, x * 3
    q.label, r.label = "qhat_1", "r_1"
    _, _, head, *rows = str(path_table(q * r, x)).splitlines()
    plain = [row.replace("\N{COMBINING CIRCUMFLEX ACCENT}", "") for row in rows[:2]]
    assert plain != rows[:2]
    assert [row.index("9 · 2") for row in plain if "q₁" in row] == [head.index("factors")]


def test_what_cancels_inside_an_arrow_is_rounding():
    """The last bit that one of the two sweeps leaves there is no difference."""
    x = Value(0.1, "x")
    h = x * 0.1 + x * 0.2 - x * 0.3
    h.label = "h"
    y = h * 3.0 + h * 0.7
    table = path_table(y, x)
    assert table.gradient != 0 or table.total != 0
    assert table.agrees


def test_paths_of_a_graph_with_other_weights_do_not_add_up():
    """The difference is measured against the contributions, however small they are."""
    x = Value(1.0, "x")
    y = x * 1e-8
    graph = WeightedGraph.of(y)
    table = path_table(WeightedGraph(graph.nodes, graph.sources, [(), (1.1e-8,)]), x)
    assert not table.agrees
    assert "the gradient is 1×10⁻⁸, so they differ by 1×10⁻⁹" in str(table)
    with pytest.raises(AttributeError):
        table.rows[0].rank = 2


def test_numbers_stand_below_each_other_to_the_right():
    """Ranks, contributions and shares; routes and factors to the left."""
    x = Value(1.0, "x")
    hs = [x * (10.0 * k) for k in range(1, 11)]
    for k, h in enumerate(hs, start=1):
        h.label = f"h_{k}"
    lines = str(path_table(sum(hs), x)).splitlines()[3:13]
    factors, contribution = len("factors, from the root down"), len("contribution")
    assert lines[0] == f" 1  h₁₀    {'1 · 100':{factors}}  {100:{contribution}}  18.2 %"
    assert lines[9] == f"10  h₁     {'1 · 10':{factors}}  {10:{contribution}}  1.82 %"
