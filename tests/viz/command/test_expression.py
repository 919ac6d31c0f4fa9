"""`viz.command.expression`: what a user types becomes a graph, and nothing else happens."""

import math

import pytest

from engine import DomainError, UnknownNameError, ValueTypeError, gradients
from viz.command.expression import read_expression


def number(text, **numbers):
    """Compute a typed expression."""
    return read_expression(text, numbers)[0].data


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x + 2*x - x/4", 5.5),
        ("-x ** 2", -4.0),
        ("+x^3", 8.0),
        ("3·x × x − 2⋅x", 8.0),
        ("2 * 3 * x", 12.0),
        ("tanh(x) + sigmoid(-x)", math.tanh(2) + 1 / (1 + math.exp(2))),
        ("leaky_relu(-x)", -0.02),
        ("leaky_relu(-x, 0.5)", -1.0),
        ("clamp(x, 0, 1)", 1.0),
        ("sum(x, x, 1) + mean(x, 4) + logsumexp(x)", 10.0),
        ("  x\n", 2.0),
    ],
)
def test_expressions_are_computed(text, expected):
    """Operators, functions, defaults and lists mean what they mean in mathematics."""
    assert number(text, x=2.0) == pytest.approx(expected, rel=1e-14)


def test_names_become_labelled_leaves():
    """Each name is one leaf, so that a gradient collects all its uses."""
    y, leaves = read_expression("x*x + w", {"x": 3.0, "w": 1.0})
    assert {k: v.label for k, v in leaves.items()} == {"x": "x", "w": "w"}
    assert gradients(y)[leaves["x"]] == 6.0


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "x.data",
        "x[0]",
        "[x]",
        "lambda: x",
        "x if x else x",
        "x < 1",
        "'text' * x",
        "True * x",
        "f(x)(x)",
        "tanh(x=1)",
        "~x",
        "x // 2",
        "x +",
        "",
        "1 + 2",
        "exp(x, x)",
        "clamp(x)",
        "(" * 90 + "x" + ")" * 300,
        "-" * 250 + "x",
        "+" * 250 + "x",
        "+".join("x" * 250),
        "x\x00",
    ],
)
def test_everything_else_is_refused(text):
    """Whatever is not arithmetic gets one error that says what is."""
    with pytest.raises(ValueTypeError):
        number(text, x=1.0)


def test_unknown_names_are_named():
    """A name without a number and a function that does not exist say so."""
    with pytest.raises(UnknownNameError, match=r"'z' has no number; add z=1\.0"):
        number("x * z", x=1.0)
    with pytest.raises(UnknownNameError, match=r"no function 'tan2'.*'tanh'"):
        number("tan2(x)", x=1.0)


def test_domain_errors_come_through():
    """An expression outside its domain fails as it would in Python code, constants too."""
    with pytest.raises(DomainError, match="log"):
        number("log(x)", x=-1.0)
    with pytest.raises(DomainError):
        number("x + 1/0", x=1.0)
