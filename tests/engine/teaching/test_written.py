"""A derivation as it is written down: text, Markdown, LaTeX."""

import re

import pytest

import engine
from engine import Value, constant, exp, explain, leaky_relu, maximum, sin
from engine.errors import StaleGraphError
from nn.textbook import w131

HOSTILE = "a_b^{$%&~\\}#"


def check_latex(text):
    r"""Check that braces, environments and \\left \\right balance, and nothing is Unicode."""
    text = re.sub(r"\\[\\{}$%&#_]", " ", text)
    depth = 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    environments = re.findall(r"\\(begin|end)\{(\w+\*?)\}", text)
    open_ones = []
    for kind, name in environments:
        if kind == "begin":
            open_ones.append(name)
        else:
            assert open_ones.pop() == name
    assert not open_ones
    assert text.count("\\left") - text.count("\\leftarrow") == text.count("\\right")
    assert text.count("$") % 2 == 0
    assert not re.search(r"\}\^\{[^{}]*\}\^", text)
    assert text.isascii()


def derivations():
    """Give derivations of all kinds."""
    net = w131()
    x, w = Value(0.5, "x"), Value(2.0, "hidden_size")
    evil, h = Value(1.5, HOSTILE), Value(0.5, "h")
    h2 = (h * evil).tanh()
    h2.label = "h"
    mixed = h2**2 * w**2 / evil + leaky_relu(w * h) + maximum(w, evil) + sin(h) ** 2 * abs(h)
    chain = x
    for _ in range(70):
        chain = chain.tanh()
    return [
        *(explain(net.root, "w_131", digits) for digits in (None, 2)),
        explain(net.root, "w_131", by="nodes"),
        explain(net.root, "h_11"),
        explain(mixed, h),
        explain(mixed, evil),
        explain(mixed, w, by="nodes"),
        explain(chain, x),
        explain(chain, x, by="nodes"),
        explain(x * w, evil),
        explain(x, x),
        explain(x * x, x, by="nodes"),
        explain(x * constant(2.0, "k"), "k"),
        explain(1e-9 * x, x),
    ]


@pytest.mark.parametrize("derivation", derivations(), ids=lambda _: "")
def test_latex_and_markdown_are_well_formed(derivation):
    """Everything balances, and each environment closes."""
    check_latex(derivation.latex())
    parts = re.split(r"\$\$", derivation.markdown())
    assert len(parts) % 2 == 1
    for formula in parts[1::2]:
        check_latex(formula)
    assert derivation.latex().startswith("\\begin{align*}")


def test_the_derivation_of_w131_reads_as_on_the_board():
    """Symbols line, numbers line, products, sum, cancellation, full digits."""
    text = explain(w131().root, "w_131").text()
    for line in (
        "Wanted: ∂L/∂w₁₃₁",
        "L depends on w₁₃₁ along 4 paths:",
        "(1) w₁₃₁ → a₁₃ → h₁₃ → a₂₁ → ŷ₁ → L",
        "h₁₃ = σ(a₁₃) = 0.8909",
        "ŷ₁  = exp(a₂₁) / (exp(a₂₁) + exp(a₂₂)) = 0.7703",
        "∂L/∂ŷ₁     = −2(y₁ − ŷ₁)",
        "= −2(1 − 0.7703) = −0.4593",
        "∂ŷ₁/∂a₂₁   = ŷ₁(1 − ŷ₁)",
        "= 0.7703(1 − 0.7703) = 0.1769",
        "∂a₂₁/∂h₁₃  = w₂₁₃ = 0.2",
        "(1) ∂L/∂ŷ₁ · ∂ŷ₁/∂a₂₁ · ∂a₂₁/∂h₁₃ · ∂h₁₃/∂a₁₃ · ∂a₁₃/∂w₁₃₁",
        "= −0.4593 · 0.1769 · 0.2 · 0.09719 · 2 = −0.003159",
        "∂L/∂w₁₃₁ = −0.003159 + 0.004739 − 0.003159 + 0.004739 = 0.003159",
        "The paths partly cancel: without their signs they add up to 0.0158, with",
        "With more digits, as the backward sweep adds it up: 0.003159356764.",
    ):
        assert line in text


def test_rounded_values_give_the_lecture_s_printed_numbers():
    """-0.46, 0.1771, 0.0979, and how much rounding costs."""
    text = explain(w131().root, "w_131", digits=2).text()
    for line in (
        "from values rounded to 2 decimals",
        "= −2(1 − 0.77) = −0.46",
        "= 0.77(1 − 0.77) = 0.1771",
        "= 0.89(1 − 0.89) = 0.0979",
        "= −0.46 · 0.1771 · 0.2 · 0.0979 · 2 = −0.00319",
        "= 0.46 · 0.1771 · 0.3 · 0.0979 · 2 = 0.004785",
        "Without rounding it is 0.003159356764; rounding has changed it by 0.98 percent.",
    ):
        assert line in text
    assert "rounded to 1 decimal\n" in explain(w131().root, "w_131", digits=1).text()


def test_cancellation_is_said_with_what_rounding_leaves():
    """The four paths of h_11 cancel; exact zeros cancel without a rest."""
    assert "is left by rounding" in explain(w131().root, "h_11").text()
    x = Value(3.0, "x")
    a, b = x * 2, x * -2
    a.label, b.label = "a", "b"
    text = explain(a + b, x).text()
    assert "The paths cancel: without their signs they add up to 4." in text
    rounded = explain(a + b, x, digits=1).text()
    assert rounded.endswith("Without rounding it is 0.")


def test_no_path_and_constants_and_the_node_itself_are_said():
    """A gradient of 0 or 1 that needs no derivation gets one sentence."""
    x, z, k = Value(3.0, "x"), Value(1.0, "z"), constant(2.0, "k")
    y = x * k
    assert "No path leads from z to f: changing z does not change f." in explain(y, z).text()
    assert "k is a constant, which gradients do not enter." in explain(y, k).text()
    assert "∂x/∂x = 1" in explain(x, x).text()


def test_what_is_left_out_is_counted():
    """Many paths, many local derivatives, long products and long formulas."""
    x = Value(0.5, "x")
    chain = x
    for _ in range(70):
        chain = chain.tanh()
    text = explain(chain, x, by="nodes").text()
    assert "(and 10 more)" in text
    assert " · ⋯ · " in text
    assert " → ⋯ → " in text
    assert "the product along a path through unnamed nodes" in explain(chain, x).text()
    doubled = x
    for _ in range(10):
        doubled = doubled + doubled
    assert "the sum over 1,024 paths through unnamed nodes" in explain(doubled, x).text()
    many = explain(doubled, x, by="nodes", limit=3).text()
    assert "along 1,024 paths; the 3 largest are worked out here:" in many
    assert "= 1 + 1 + 1 + 1021" in many
    assert "the last number is that of the other 1,021 paths" in many


def test_a_decided_special_case_is_said():
    """A tie of maximum has a derivative that no formula gives."""
    x, y = Value(1.0, "x"), Value(1.0, "y")
    text = explain(maximum(x, y), x).text()
    assert "∂f/∂x = 0.5   (a special case that the derivative table decides)" in text


def test_values_too_long_to_write_are_given_as_numbers():
    """A sum of twenty terms is not written out."""
    xs = [Value(1.0, f"x_{k}") for k in range(20)]
    y = exp(engine.sum(xs) / 20)
    y.label = "y"
    assert "\n  y = 2.718" in explain(y, "x_3").text()


def test_rounding_on_a_graph_whose_leaves_were_changed():
    """The recorded numbers and the new ones are not mixed: the derivative is neither's."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    y = (w * x + w.exp()) * w
    assert explain(y, w, digits=3).gradient == pytest.approx(explain(y, w).gradient, abs=1e-2)
    w.data = 0.1
    with pytest.raises(StaleGraphError, match="were changed"):
        explain(y, w, digits=3)
    assert explain(y, w).gradient == engine.gradients(y)[w]
    a = Value(3.0, "a")
    square = a * a
    a.data = 4.0
    assert not engine.check_by_hand(square, a, 8).is_right
    assert engine.check_by_hand(square, a, 6).is_right


def test_two_paths_are_added_and_a_single_one_is_multiplied():
    """With two there is a sum; with one of two arrows, its way and one product."""
    x = Value(3.0, "x")
    two = explain(x * x, x, by="nodes").text()
    assert "f depends on x along 2 paths:" in two
    assert "Along each path, multiply:" in two
    assert "Over the paths, add:\n  ∂f/∂x = 3 + 3 = 6" in two
    h = x * 2
    h.label = "h"
    one = explain(h.exp(), x).text()
    assert "f depends on x along one path:\n  x → h → f\n" in one
    assert "Multiply them:\n  ∂f/∂x = ∂f/∂h · ∂h/∂x\n        = 403.4 · 2 = 806.9" in one
    assert "Over the paths" not in one
    assert "along one path.\n" in explain(x * 2, x).text()


def test_a_long_product_keeps_both_ends():
    """Twelve factors are all written; of more, the first six and the last six."""
    x = y = Value(0.5, "x")
    for _ in range(11):
        y = y.tanh()
    assert "⋯" not in explain(y.tanh(), x, by="nodes").text().split("Multiply them:")[1]
    text = explain(y.tanh().tanh(), x, by="nodes").text()
    assert "  x → v₁ → v₂ → v₃ → v₄ → v₅ → ⋯ → v₈ → v₉ → v₁₀ → v₁₁ → v₁₂ → f\n" in text
    product = text.split("Multiply them:\n  ∂f/∂x = ")[1].splitlines()[0]
    assert product.split(" · ")[5:8] == ["∂v₈/∂v₇", "⋯", "∂v₆/∂v₅"]
    assert len(product.split(" · ")) == 13


def test_a_definition_of_sixteen_names_is_written_and_a_longer_one_is_not():
    """The limit itself is still written."""
    names = [Value(1.0, f"{letter}_{k}") for letter in "wx" for k in range(8)]
    y = engine.dot(names[:8], names[8:])
    assert "f = w₀x₀ + w₁x₁" in explain(y, "w_1").text()
    assert "  f = 9\n" in explain(engine.dot(names[:8], names[8:], Value(1.0, "b")), "w_1").text()


def test_one_arrow_among_others_that_needs_an_index_is_enough_to_explain_it():
    """The derivative of exp needs none, those of a square do."""
    x = Value(0.5, "x")
    assert "which operand is meant" in explain((x * x).exp(), x, by="nodes").text()
    assert "which operand is meant" not in explain((x * 2).exp(), x, by="nodes").text()
