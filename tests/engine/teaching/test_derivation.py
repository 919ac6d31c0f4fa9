"""`explain`: what it returns, and what it refuses."""

import pytest

from engine import ShapeError, UnknownNameError, Value, ValueTypeError, explain
from nn.textbook import w131


def test_a_derivation_holds_its_numbers():
    """Routes, factors, count and gradient can be used in programs."""
    net = w131()
    derivation = explain(net.root, "w_131", limit=3)
    assert derivation.y is net.root
    assert derivation.x is net["w_131"]
    assert derivation.count == 4
    assert derivation.gradient == pytest.approx(net.gradient("w_131"), rel=1e-12)
    assert len(derivation.routes) == 3
    assert derivation.routes[0].nodes[0] is net["w_131"]
    assert derivation.factors[0].node is net.root
    assert {f.node.label for f in derivation.factors} >= {"L", "yhat_1", "a_13"}


def test_a_derivation_shows_itself():
    """In a REPL as text, in a notebook as Markdown, in a document as LaTeX."""
    x = Value(3.0, "x")
    derivation = explain(x**2, x)
    assert str(derivation) == repr(derivation) == derivation.text()
    assert derivation._repr_markdown_() == derivation.markdown()
    assert derivation._repr_latex_() == derivation.latex()
    assert (
        "\\frac{\\partial f}{\\partial x} & = 2 x \\\\\n & = 2 \\cdot 3 = 6" in derivation.latex()
    )
    assert "$$\n\\begin{aligned}" in derivation.markdown()


def test_bad_arguments_are_refused():
    """A misspelt name lists the known ones; limits are whole and not negative."""
    net = w131()
    with pytest.raises(UnknownNameError, match="did you mean 'w_131'"):
        explain(net.root, "w_1311")
    with pytest.raises(ShapeError, match="limit"):
        explain(net.root, "w_131", limit=-1)
    with pytest.raises(ValueTypeError, match="limit"):
        explain(net.root, "w_131", limit=1.5)
    assert len(explain(net.root, "w_131", limit=0).routes) == 1


def test_the_second_derivative_can_be_explained():
    """A gradient that is a graph is derived like any other."""
    from engine import grad

    x = Value(2.0, "x")
    (derivative,) = grad(x**3, [x], create_graph=True)
    assert "= 12" in explain(derivative, x).text()
