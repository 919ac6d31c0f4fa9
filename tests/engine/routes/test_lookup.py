"""Nodes are found by label or as themselves, and every node of a graph has a name of its own."""

import pytest

from engine import UnknownNameError, Value, ValueTypeError, WeightedGraph
from engine.routes.lookup import Names, graph_of, node_named, nodes_named


def test_a_node_means_itself_even_below_another_root():
    """What is given as a Value is taken as it is."""
    stranger = Value(1.0)
    assert node_named(Value(2.0), stranger) is stranger


def test_a_label_finds_its_node_in_either_view():
    """A text is looked up in the graph below y, recorded or weighted."""
    x = Value(2.0, "x")
    y = x * x
    assert node_named(y, "x") is x
    assert node_named(WeightedGraph.of(y), "x") is x


def test_several_nodes_at_once_and_a_single_text():
    """A lone text is one label, not a list of letters; a lone Value is taken too."""
    w, x = Value(2.0, "w"), Value(3.0, "xy")
    assert nodes_named(w * x, ["xy", w]) == [x, w]
    assert nodes_named(w * x, "xy") == [x]
    assert nodes_named(w * x, x) == [x]


def test_a_misspelt_label_gets_suggestions():
    """The message names the label and the close ones."""
    y = Value(2.0, "w_131") * Value(3.0, "w_132") * Value(1.0, "bias")
    with pytest.raises(UnknownNameError, match=r"'w_313'; did you mean 'w_132' or 'w_131'"):
        node_named(y, "w_313")


def test_an_unlike_label_gets_the_list_of_labels():
    """All labels are listed, or the first of very many."""
    y = Value(2.0, "b") * Value(3.0, "a")
    with pytest.raises(UnknownNameError, match=r"the labels are 'a', 'b'$"):
        node_named(y, "zzzz")
    wide = sum(Value(1.0, f"k{k:03}") for k in range(30))
    with pytest.raises(UnknownNameError, match=r"'k019' and 10 more$"):
        node_named(wide, "zzzz")


def test_a_graph_without_labels_says_how_to_set_one():
    """An empty text names nothing, also where nodes have no label."""
    for label in ("x", ""):
        with pytest.raises(UnknownNameError, match=r"no node has a label; set one"):
            node_named(Value(2.0) * 3, label)


def test_a_shared_label_is_refused():
    """Which of two nodes is meant can only be said with the Value."""
    y = Value(2.0, "h") * Value(3.0, "h")
    with pytest.raises(UnknownNameError, match=r"2 nodes are labelled 'h'; give the Value"):
        node_named(y, "h")


@pytest.mark.parametrize("x", [3, None, ["x"]])
def test_neither_value_nor_text_is_refused(x):
    """The message shows what was given."""
    with pytest.raises(ValueTypeError, match=r"as a Value or as its label, not as"):
        node_named(Value(2.0), x)


def test_a_root_that_is_no_value_is_refused():
    """A float has no graph."""
    with pytest.raises(ValueTypeError, match=r"y must be a Value.*not 3\.0 \(float\)"):
        graph_of(3.0)


def test_a_weighted_graph_is_taken_as_it_is():
    """No copy is made."""
    graph = WeightedGraph.of(Value(2.0) * 3)
    assert graph_of(graph) is graph


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
