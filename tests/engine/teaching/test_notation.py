"""Names, numbers and derivatives as a derivation writes them: in text and in LaTeX."""

import pytest

import engine
from engine import Value, explain, tanh
from engine.teaching.notation import LatexNotation, Notation
from engine.teaching.worked import worked


def test_names_are_found_for_what_has_none():
    """The root is f, x is x, inner nodes are numbered, taken letters are avoided."""
    f, x = Value(2.0, "f"), Value(3.0)
    text = explain(f * x, x).text()
    assert "∂F/∂x = f = 2" in text
    taken = [Value(1.0, c) for c in "fFyY"]
    assert "∂v₅/∂x" in explain(engine.sum([*taken, x]), x).text()
    assert "v₁ = x² = 9" in explain((x**2).exp(), x, by="nodes").text()
    unnamed = Value(0.25)
    assert "∂F/∂f = 0.25\n" in explain(f * unnamed, f).text() + "\n"


def test_shared_labels_are_told_apart():
    """Two nodes labelled h carry their positions, and a remark says so."""
    h = Value(0.5, "h")
    other = tanh(h)
    other.label = "h"
    derivation = explain(other * other, h)
    assert "2 nodes are labelled h; a raised number tells them apart." in derivation.text()
    assert "∂h⁽¹⁾/∂h⁽⁰⁾" in derivation.text()
    assert "{h^{(1)}}" in derivation.latex()


def test_labels_that_are_written_alike_are_told_apart():
    """What counts is how each notation writes them: w_Q, w_{Q} differ as typed, not in LaTeX."""
    derivation = explain(Value(2.0, "w_1") * Value(3.0, "w_{1}"), "w_1")
    assert "f = w₁⁽⁰⁾w₁⁽¹⁾ = 6" in derivation.text()
    assert "2 nodes are labelled w₁; a raised number tells them apart." in derivation.text()
    derivation = explain(Value(2.0, "w_Q") * Value(3.0, "w_{Q}"), "w_Q")
    assert "f = w_Q · w_{Q} = 6" in derivation.text()
    assert "{w_{Q}^{(0)}}" in derivation.latex()


def test_a_node_without_label_gives_way_to_a_label():
    """Its position tells it from a node that is labelled as it would be called."""
    c = Value(2.0, "c")
    y = (c.exp() + 1).tanh()
    y.label = "v_2"
    assert "c → v₁ → v₂⁽²⁾ → v₂" in explain(y, c, by="nodes").text()
    x, taken = Value(0.5, "x"), [Value(1.0, c) for c in ("f ", "F ", "y ", "Y ", "v_5")]
    assert "∂v₆/∂x" in explain(engine.sum([*taken, x]), x).text()
    taken[-1].label = "v_6"
    assert "∂v₆⁽⁶⁾/∂x" in explain(engine.sum([*taken, x]), x).text()


def test_the_two_arrows_of_a_square_are_told_apart():
    """X * x by nodes: the first and the second operand."""
    derivation = explain(Value(3.0, "x") ** 1 * 1, "x")
    assert "index at a derivative" not in derivation.text()
    x = Value(3.0, "x")
    square = explain(x * x, x, by="nodes")
    assert "(1) (∂f/∂x)₁ = 3" in square.text()
    assert "which operand is meant" in square.text()
    assert "\\left(\\frac{\\partial f}{\\partial x}\\right)_{2}" in square.latex()


def test_a_shared_label_of_a_node_that_y_does_not_depend_on():
    """Such a node has no position to be told apart by."""
    x, twin, other = Value(1.0, "w"), Value(2.0, "w"), Value(3.0, "w")
    text = explain(x * twin, other).text()
    assert "No path leads from w to f" in text
    assert "{\\partial w}" in explain(x * twin, other).latex()


@pytest.mark.parametrize("label", [" ", "\n\t"])
def test_a_label_of_white_space(label):
    """It shows as what cannot be printed."""
    a, b = Value(3.0, label), Value(2.0, "b")
    derivation = explain(a * b + a.exp(), b)
    assert "∂f/∂b = \ufffd" in derivation.text()
    assert "\ufffd" in derivation.latex()


def test_a_negative_factor_stands_in_brackets_unless_it_is_the_first():
    """In text and in LaTeX; a positive one never does."""
    x = Value(3.0, "x")
    for notation, minus in ((Notation, "−"), (LatexNotation, "-")):
        write = notation(worked(x * x, x))
        assert write.factor(-0.5, first=True) == f"{minus}0.5"
        assert write.factor(-0.5, first=False) == f"({minus}0.5)"
        assert write.factor(0.5, first=False) == "0.5"
