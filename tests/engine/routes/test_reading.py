"""A graph is read once: its nodes found and named, its view, and what lies between x and y."""

import pytest
from path_examples import ladder, lecture

import engine
from engine import UnknownNameError, Value, ValueTypeError, WeightedGraph, condense, constant
from engine.routes.reading import FormulaNames, Names, read, view


def test_the_two_ways_of_looking():
    """Milestones merge the paths that nodes keep apart."""
    net = lecture(written_out=True)
    assert view(net["L"], net["w_131"]).count == 4
    assert view(net["L"], "w_131", by="nodes").count == 6
    assert view(net["L"], "w_212").count == 2


def test_x_is_made_a_milestone():
    """A node without a label can be looked from as well."""
    x = Value(2.0, "x")
    h = x * 3
    seen = view(h.exp() + h, h)
    assert seen.graph.nodes[seen.start] is h
    assert seen.count == 1


def test_a_weighted_graph_is_taken_as_it_is():
    """``by`` changes nothing then."""
    net = lecture()
    graph = condense(net["L"])
    assert view(graph, "w_131", by="nodes").graph is graph
    assert view(graph, "w_131").gradient == view(net["L"], "w_131").gradient


def test_what_was_condensed_away_is_not_taken_for_independent():
    """A gradient of 0 would be wrong, so it is an error; a stranger or a constant is none."""
    x = Value(2.0, "x")
    h = x * 3
    graph = condense(h.exp())
    with pytest.raises(UnknownNameError, match=r"is not one of the 2 nodes of this condensed"):
        view(graph, h)
    assert view(graph, Value(1.0)).count == 0
    assert view(condense(x * constant(1.0, "k")), constant(2.0)).count == 0


def test_no_path_from_strangers_and_constants():
    """Count, total and gradient are 0."""
    k = constant(2.0, "k")
    y = Value(3.0) * k
    for x in (Value(1.0), k):
        seen = view(y, x, by="nodes")
        assert seen.start is None
        assert (seen.count, seen.total, seen.magnitude, seen.gradient) == (0, 0, 0, 0)
        assert not any(seen.between)


def test_the_root_itself_is_one_path():
    """Of no edges, with contribution 1."""
    y = Value(3.0, "x").exp()
    seen = view(y, y)
    assert (seen.count, seen.total, seen.gradient) == (1, 1.0, 1.0)


def test_totals_without_listing():
    """The sum, and the sum of absolute values, of 2 ** 50 contributions."""
    x, y = ladder(50, 1.0, -0.5)
    seen = view(y, x, by="nodes")
    assert seen.count == 2**50
    assert seen.total == 0.5**50 == seen.gradient
    assert seen.magnitude == 1.5**50


def test_between_marks_what_depends_on_x():
    """Other operands are not on the way."""
    x, w = Value(1.0), Value(2.0)
    graph = WeightedGraph.of(w.exp() * x + w)
    assert list(read(graph).view(x).between) == [0, 0, 1, 1, 1]


def test_by_must_be_known():
    """The message lists what is known."""
    with pytest.raises(UnknownNameError, match=r"by='edges'.*'milestones', 'nodes'"):
        view(Value(1.0), Value(1.0), by="edges")


def test_a_node_means_itself_even_below_another_root():
    """What is given as a Value is taken as it is."""
    stranger = Value(1.0)
    assert read(Value(2.0)).find(stranger) is stranger


def test_a_label_finds_its_node_in_either_view():
    """A text is looked up in the graph below y, recorded or weighted."""
    x = Value(2.0, "x")
    y = x * x
    assert read(y).find("x") is x
    assert read(WeightedGraph.of(y)).find("x") is x


def test_a_misspelt_label_gets_suggestions():
    """The message names the label and the close ones."""
    y = Value(2.0, "w_131") * Value(3.0, "w_132") * Value(1.0, "bias")
    with pytest.raises(UnknownNameError, match=r"'w_313'; did you mean 'w_132' or 'w_131'"):
        read(y).find("w_313")


def test_an_unlike_label_gets_the_list_of_labels():
    """All labels are listed, or the first of very many."""
    y = Value(2.0, "b") * Value(3.0, "a")
    with pytest.raises(UnknownNameError, match=r"the labels are 'a', 'b'$"):
        read(y).find("zzzz")
    wide = sum(Value(1.0, f"k{k:03}") for k in range(30))
    with pytest.raises(UnknownNameError, match=r"'k019' and 10 more$"):
        read(wide).find("zzzz")


def test_a_graph_without_labels_says_how_to_set_one():
    """An empty text names nothing, also where nodes have no label."""
    for label in ("x", ""):
        with pytest.raises(UnknownNameError, match=r"no node has a label; set one"):
            read(Value(2.0) * 3).find(label)


def test_a_shared_label_is_refused():
    """Which of two nodes is meant can only be said with the Value."""
    y = Value(2.0, "h") * Value(3.0, "h")
    with pytest.raises(UnknownNameError, match=r"2 nodes are labelled 'h'; give the Value"):
        read(y).find("h")


@pytest.mark.parametrize("x", [3, None, ["x"]])
def test_neither_value_nor_text_is_refused(x):
    """The message shows what was given."""
    with pytest.raises(ValueTypeError, match=r"as a Value or as its label, not as"):
        read(Value(2.0)).find(x)


def test_a_root_that_is_no_value_is_refused():
    """A float has no graph."""
    with pytest.raises(ValueTypeError, match=r"y must be a Value.*not 3\.0 \(float\)"):
        read(3.0)


def test_a_weighted_graph_is_not_copied():
    """No copy is made."""
    graph = WeightedGraph.of(Value(2.0) * 3)
    assert read(graph).graph is graph


def test_names_are_typeset_and_distinct():
    """Shared labels get the position, nodes without label their operation, leaves a v."""
    h1, h2, leaf = Value(1.0, "h"), Value(2.0, "h"), Value(3.0)
    names = Names(WeightedGraph.of((h1 * h2 + leaf).exp()))
    assert [names[k] for k in range(6)] == ["h #0", "h #1", "×₂", "v₃", "+₄", "y"]
    assert names.shared == {"h": 2}


def names_of(y):
    """List what the nodes below y are called."""
    names = Names(WeightedGraph.of(y))
    return [names[k] for k in range(len(WeightedGraph.of(y)))]


@pytest.mark.parametrize("label", ["y", " y"])
def test_the_root_is_called_y_only_if_that_is_free(label):
    """A node that is printed as y keeps that name for itself."""
    assert names_of(Value(2.0, label).exp()) == ["y", "exp₁"]


def test_labels_that_look_the_same_are_told_apart():
    """What counts is how a label is printed."""
    y = Value(2.0, "w_1") * Value(3.0, "w_{1}")
    assert names_of(y) == ["w₁ #0", "w₁ #1", "y"]
    assert Names(WeightedGraph.of(y)).shared == {"w_1": 2, "w_{1}": 2}


def test_a_name_that_a_label_has_taken_gets_its_position():
    """A node without label gives way, as often as it must."""
    assert names_of(Value(5.0) * Value(2.0, "v_0")) == ["v₀ #0", "v₀", "y"]
    y = Value(5.0) * Value(2.0, "v_0") * Value(1.0, "v₀ #0")
    assert names_of(y) == ["v₀ #0 #0", "v₀", "×₂", "v₀ #0", "y"]
    h = Value(1.0, "h") * Value(2.0, "h") * Value(3.0, "h #0")
    assert names_of(h) == ["h #0 #0", "h #1", "×₂", "h #0", "y"]


def test_a_symbol_that_ends_in_a_digit_is_not_run_together_with_the_position():
    """log₂ at position 5 and log at 25 would both be log₂₅."""
    y = Value(2.0) * Value(5.0) + Value(3.0).log2()
    for _ in range(18):
        y = y + 1
    names = names_of(y.log() + 1)
    assert names[4] == "log₂ #4"
    assert names[24] == "log₂₄"


def test_labels_that_only_one_node_has_are_not_shared():
    """The others are counted."""
    y = Value(1.0, "h") * Value(2.0, "h") * Value(3.0, "w")
    assert read(y).names.shared == {"h": 2}


def test_three_suggestions_are_enough():
    """The closest of many."""
    y = sum(Value(1.0, f"w_12{k}") for k in range(6))
    with pytest.raises(UnknownNameError) as caught:
        read(y).find("w_12")
    assert str(caught.value).count(" or ") == 2


def test_tangents_are_of_what_depends_on_a_node():
    """Of nothing else; its own is 1."""
    x, w = Value(3.0, "x"), Value(2.0, "w")
    y = (x * x) * w + w
    reading = read(y)
    place = reading.graph.index
    assert reading.tangents(place[x]) == {place[x]: 1.0, 1: 6.0, 3: 12.0, 4: 12.0}
    assert reading.tangents(place[w]) == {place[w]: 1.0, 3: 9.0, 4: 10.0}
    assert reading.counts == [2, 1, 2, 1, 1]


def test_a_reading_is_read_once():
    """It is taken as it is; a view of it has no other view."""
    x = Value(3.0, "x")
    reading = read(x * x + x)
    assert read(reading) is reading
    assert reading.recorded is reading
    shown = reading.by("milestones")
    assert shown.recorded is reading
    assert shown.by("nodes") is shown
    assert shown.condensed([]).recorded is reading
    assert view(shown, "x").count == 1


def formula_names(y, x, by="nodes"):
    """Name the nodes of y as formulas do."""
    seen = view(y, x, by)
    names = FormulaNames(seen, str.strip, "{}@{}".format)
    return names, [names[node] for node in seen.graph.nodes]


def test_names_in_formulas():
    """F and x where there is no label; a number for another leaf; v with its position."""
    x, other = Value(3.0), Value(2.0)
    names, found = formula_names((x * x).exp() * other, x)
    assert found == ["x", "v_1", "v_2", None, "f"]
    assert names.shared == {}


def test_names_in_formulas_give_way_to_labels():
    """The next letter that is free; a position where labels are written alike."""
    x, h, h_again = Value(3.0), Value(2.0, "h"), Value(5.0, " h")
    names, found = formula_names(x * h * h_again * Value(1.0, "f") * Value(1.0, "x"), x)
    assert [found[0], found[-1]] == ["t", "F"]
    assert [found[1], found[3]] == ["h@1", " h@3"]
    assert names.shared == {"h": 2}
    taken = engine.sum([Value(1.0, letter) for letter in "xtuX"])
    stranger = Value(1.0)
    names, _ = formula_names(taken, stranger)
    assert names[stranger] == "v_0"
    named = Value(1.0, "h")
    names, _ = formula_names(Value(1.0, "h") * h, named)
    assert names[named] == "h"
