"""Printing formulas as text and as LaTeX."""

import re

import pytest

from engine.formulas.rows import output, partial, read
from engine.formulas.text import LatexWriter, TextWriter, Writer, latex_number
from engine.formulas.tree import (
    ONE,
    PI,
    ZERO,
    Call,
    Choice,
    Name,
    Number,
    Power,
    Test,
    add,
    call,
    negative,
    power,
    quotient,
    times,
)
from engine.table.ops import TABLE

W, X, Y, Z = (Name(n) for n in ("w", "x", "y", "z"))
LONG = Name("price")
text, latex = TextWriter(str), LatexWriter(lambda n: n if len(n) == 1 else f"\\text{{{n}}}")
TWO, HALF = Number(2.0), Number(0.5)


@pytest.mark.parametrize(
    ("formula", "as_text", "as_latex"),
    [
        (times(Z, add(ONE, negative(Z))), "z(1 − z)", "z(1 - z)"),
        (times(Number(-2.0), add(Y, negative(Z))), "−2(y − z)", "-2(y - z)"),
        (add(negative(X), ONE), "1 − x", "1 - x"),
        (add(negative(X), negative(Y)), "−x − y", "-x - y"),
        (negative(quotient(Z, Y)), "−z/y", "-\\frac{z}{y}"),
        (quotient(HALF, Z), "1/(2z)", "\\frac{1}{2 z}"),
        (times(HALF, X), "x/2", "\\frac{x}{2}"),
        (times(Number(0.1), X), "0.1x", "0.1 x"),
        (times(Number(1 / 3), X), "x/3", "\\frac{x}{3}"),
        (times(TWO, power(X, HALF)), "2 · x^0.5", "2 x^{0.5}"),
        (
            quotient(LONG, Name("seventy7")),
            "price / seventy7",
            "\\frac{\\text{price}}{\\text{seventy7}}",
        ),
        (
            quotient(LONG, Name("seventy")),
            "price/seventy",
            "\\frac{\\text{price}}{\\text{seventy}}",
        ),
        (times(Name("x1"), X), "x1 · x", "\\text{x1} \\cdot x"),
        (power(add(X, Y), TWO), "(x + y)²", "(x + y)^{2}"),
        (power(X, HALF), "x^0.5", "x^{0.5}"),
        (Power(X, add(Y, negative(ONE))), "x^(y − 1)", "x^{y - 1}"),
        (times(power(add(X, Y), TWO), W), "w(x + y)²", "w(x + y)^{2}"),
        (times(LONG, LONG, X), "price²x", "\\text{price}^{2} \\cdot x"),
        (times(LONG, add(X, ONE)), "price · (x + 1)", "\\text{price} \\cdot (x + 1)"),
        (times(TWO, LONG), "2 · price", "2 \\cdot \\text{price}"),
        (times(call("sin", X), call("exp", Y)), "sin(x) · exp(y)", "\\sin x \\cdot e^{y}"),
        (times(Y, call("sin", add(X, Y))), "y · sin(x + y)", "y \\sin (x + y)"),
        (power(call("exp", X), TWO), "exp(x)²", "(e^{x})^{2}"),
        (power(call("sqrt", X), TWO), "(√x)²", "\\sqrt{x}^{2}"),
        (call("sqrt", add(X, ONE)), "√(x + 1)", "\\sqrt{x + 1}"),
        (call("abs", negative(X)), "|−x|", "\\left|-x\\right|"),
        (call("hypot", add(X, ONE), Y), "hypot(x + 1, y)", "\\sqrt{(x + 1)^2 + y^2}"),
        (times(TWO, call("expm1", X)), "2 · expm1(x)", "2(e^{x} - 1)"),
        (times(W, call("silu", X)), "w · SiLU(x)", "w x \\cdot \\sigma(x)"),
        (call("sin", quotient(X, Y)), "sin(x/y)", "\\sin \\left(\\frac{x}{y}\\right)"),
        (call("heaviside", X), "1(x > 0)", "\\mathbf{1}(x > 0)"),
        (call("heaviside", add(X, negative(Y))), "1(x > y)", "\\mathbf{1}(x > y)"),
        (times(Call("heaviside", (X,)), W), "w · 1(x > 0)", "w \\mathbf{1}(x > 0)"),
        (quotient(ONE, call("sqrt", PI)), "1/√π", "\\frac{1}{\\sqrt{\\pi}}"),
        (times(PI, X), "πx", "\\pi x"),
        (
            times(add(X, ONE), power(add(X, Y), TWO)),
            "(x + 1)(x + y)²",
            "(x + 1)(x + y)^{2}",
        ),
        (times(TWO, call("hypot", X, Y)), "2 · hypot(x, y)", "2 \\sqrt{x^2 + y^2}"),
        (times(X, PI, TWO), "2πx", "2 \\pi x"),
        (times(add(X, ONE), call("sin", X)), "sin(x) · (x + 1)", "\\sin x \\cdot (x + 1)"),
        (add(X, Number(-3.0)), "x − 3", "x - 3"),
    ],
)
def test_formulas_are_written_as_a_textbook_does(formula, as_text, as_latex):
    """Order, precedence, signs and multiplication signs, in both dialects."""
    assert text(formula) == as_text
    assert latex(formula) == as_latex


def test_cases_are_written_with_their_conditions():
    """A choice is "1 if x > 0, else y", or a cases environment."""
    test = Test("and", (Test("≥", (X, ZERO)), Test("≠", (X, TWO))))
    choice = times(W, Choice(test, ONE, Y))
    assert text(choice) == "w(1 if x ≥ 0 and x ≠ 2, else y)"
    assert latex(choice) == (
        "w \\cdot \\left(\\begin{cases} 1 & \\text{if } x \\ge 0 \\land x \\ne 2 \\\\ "
        "y & \\text{otherwise} \\end{cases}\\right)"
    )


def test_numbers_put_in_for_names_never_run_together():
    """2 * 0.5 keeps its sign, and a negative factor gets parentheses."""
    numbers = {"w": "0.5", "x": "−3", "y": "7"}
    figures = TextWriter(numbers.__getitem__)
    assert figures(times(TWO, W)) == "2 · 0.5"
    assert figures(times(W, X, Y)) == "0.5 · (−3) · 7"
    assert figures(add(W, X)) == "0.5 + (−3)"
    assert figures(power(X, TWO)) == "(−3)²"
    assert figures(times(W, add(ONE, negative(W)))) == "0.5(1 − 0.5)"
    in_latex = LatexWriter({k: v.replace("−", "-") for k, v in numbers.items()}.__getitem__)
    assert in_latex(times(TWO, W, X)) == "2 \\cdot 0.5 \\cdot (-3)"


@pytest.mark.parametrize("op", list(TABLE.values()), ids=lambda op: op.name)
def test_every_row_prints_in_balanced_text_and_latex(op):
    """Brackets and braces balance in the formulas of every row."""
    names = [X, Y, W, Z][: op.arity or 4]
    formulas = [output(op, names), *(partial(op, k, names, Z) for k in range(len(names)))]
    for formula in formulas:
        for written in (text(formula), latex(formula)):
            assert written.count("(") == written.count(")")
            assert written.count("{") == written.count("}")
            assert not re.search(r"\^\{[^{}]*\}\^", written)


def test_numbers_in_latex_have_powers_of_ten_and_infinity():
    """The Unicode of a number becomes LaTeX."""
    assert latex_number("−1.2×10⁻⁷") == "-1.2 \\times 10^{-7}"
    assert latex_number("∞") == "\\infty"
    assert latex(Number(2.5e-9)) == "2.5 \\times 10^{-9}"


def test_the_common_writer_leaves_the_marks_to_its_dialects():
    """Each mark that dialects write differently has to be written by them, or there is none."""
    marks = {"joined", "fraction", "raised", "function", "choice"}
    assert Writer.__abstractmethods__ == marks
    with pytest.raises(TypeError, match="abstract"):
        Writer(str)


def test_the_text_of_a_row_prints_as_its_formula():
    """The partial of tanh, read from the table."""
    assert text(read(TABLE["tanh"].partials[0], {"z": Z})) == "1 − z²"
