"""`engine.labels`: names and numbers as a textbook prints them."""

import math
import re
import unicodedata
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ValueTypeError
from engine.labels import GREEK, Symbol, number, one_line, parse_symbol, to_latex, typeset


@pytest.mark.parametrize(
    ("label", "unicode", "latex"),
    [
        ("w_131", "w₁₃₁", "w_{131}"),
        ("w_1,13,2", "w₁,₁₃,₂", "w_{1,13,2}"),
        ("w_{1,13,2}", "w₁,₁₃,₂", "w_{1,13,2}"),
        ("yhat", "ŷ", r"\hat{y}"),
        ("yhat_1", "ŷ₁", r"\hat{y}_{1}"),
        ("y_hat_1", "ŷ₁", r"\hat{y}_{1}"),
        ("xhat", "x̂", r"\hat{x}"),
        ("what_1", "ŵ₁", r"\hat{w}_{1}"),
        ("thetahat_i", "θ̂ᵢ", r"\hat{\theta}_{i}"),
        ("a_21", "a₂₁", "a_{21}"),
        ("L", "L", "L"),
        ("alpha", "α", r"\alpha"),
        ("eta_0", "η₀", r"\eta_{0}"),
        ("Delta_3", "Δ₃", r"\Delta_{3}"),
        ("λ", "λ", r"\lambda"),
        ("β_i", "βᵢ", r"\beta_{i}"),
        ("x_beta", "xᵦ", r"x_{\beta}"),
        ("x_β", "xᵦ", r"x_{\beta}"),
        ("w_ij", "wᵢⱼ", "w_{ij}"),
        ("h_1j", "h₁ⱼ", "h_{1j}"),
        ("x_t-1", "xₜ₋₁", "x_{t-1}"),
        ("x_max", "xₘₐₓ", r"x_{\mathrm{max}}"),
        ("loss_1", "loss₁", r"\mathrm{loss}_{1}"),
    ],
)
def test_names_are_set(label, unicode, latex):
    """A name gets its subscripts, its hat and its Greek letter, in Unicode and in LaTeX."""
    assert typeset(label) == unicode
    assert to_latex(label) == latex


@pytest.mark.parametrize(
    ("label", "latex"),
    [
        ("dL", r"\mathrm{dL}"),
        ("that", r"\mathrm{that}"),
        ("yhathat", r"\mathrm{yhathat}"),
        ("w_Q", "w_{Q}"),
        ("w_iQ", "w_{iQ}"),
        ("x_alpha", r"x_{\alpha}"),
        ("x_train", r"x_{\mathrm{train}}"),
        ("hidden_size", r"\text{hidden}\_\text{size}"),
        ("model_hat", r"\text{model}\_\text{hat}"),
        ("w_1_2", r"\text{w}\_\text{1}\_\text{2}"),
        ("w_{1", r"\text{w}\_\{\text{1}"),
        ("x_αj", r"\text{x}\_\alpha \text{j}"),
        ("é_1", r"\text{é}\_\text{1}"),
        ("a + b", r"\text{a + b}"),
        ("", ""),
    ],
)
def test_the_rest_stays_as_typed(label, latex):
    """What cannot be set as a whole is not set at all in Unicode; LaTeX can set a little more."""
    assert typeset(label) == label
    assert to_latex(label) == latex


def test_every_greek_letter_is_the_one_of_its_name():
    """The table agrees with Unicode's own names."""
    for name, letter in GREEK.items():
        size = "SMALL" if name.islower() else "CAPITAL"
        spelling = "LAMDA" if name.lower() == "lambda" else name.upper()
        assert letter == unicodedata.lookup(f"GREEK {size} LETTER {spelling}")
        assert typeset(name) == letter == typeset(letter)
        assert to_latex(name) == "\\" + name == to_latex(letter)


def test_special_characters_are_no_commands():
    """Each character with a meaning in LaTeX is set as itself, outside every text command."""
    assert to_latex(r"\input{x}") == r"\backslash \text{input}\{\text{x}\}"
    assert to_latex("%&#$_^~") == r"\%\&\#\$\_\hat{\ }{\sim}"
    assert to_latex("<script>") == r"{<}\text{script}{>}"


@given(st.text())
def test_latex_is_always_balanced(label):
    """Whatever a label holds, its braces match and every command in it is one of ours."""
    latex = to_latex(label)
    depth = 0
    for brace in re.findall(r"(?<!\\)[{}]", latex):
        depth += 1 if brace == "{" else -1
        assert depth >= 0
    assert depth == 0
    commands = set(re.findall(r"\\([A-Za-z]+)", latex))
    assert commands <= {"text", "mathrm", "hat", "backslash", "sim", *GREEK}
    assert not re.search(r"(?<!\\)[%&#$]", latex)


@given(st.text())
def test_typeset_gives_one_printable_line_once_and_for_all(label):
    """Nothing typed can break a line or reach a terminal as a command, and setting is final."""
    result = typeset(label)
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in result)
    assert result == result.strip()
    assert typeset(result) == result


def test_one_line():
    """White space becomes single spaces; what cannot be printed becomes U+FFFD."""
    assert one_line(" a\r\n\tb\x85\u2029c ") == "a b c"
    assert one_line("a\x00\x1b[0m\x9b\ud800\uffff") == "a\ufffd\ufffd[0m\ufffd\ufffd\ufffd"
    assert one_line("λ🙂 \u202e") == "λ🙂 \u202e"
    assert (one_line(" \n\u2003"), one_line("")) == ("\ufffd", "")


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (2.0, "2"),
        (0.1 + 0.2, "0.3"),
        (-0.4593280218, "−0.4593"),
        (0.003159356764, "0.003159"),
        (0.99999, "1"),
        (9999.5, "10000"),
        (12345.678, "12346"),
        (999949.4, "999949"),
        (999999.7, "1×10⁶"),
        (-1234567, "−1.235×10⁶"),
        (1e-4, "0.0001"),
        (9.99999e-5, "0.0001"),
        (9.9e-5, "9.9×10⁻⁵"),
        (5e-324, "4.941×10⁻³²⁴"),
        (10**400, "1×10⁴⁰⁰"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "nan"),
    ],
)
def test_numbers_are_written_as_a_person_does(x, text):
    """No trailing zeros, no negative zero, a true minus sign, powers of ten at both ends."""
    assert number(x) == text


def test_digits_of_a_number():
    """Digits can be chosen; plain notation reaches as far as the digits do."""
    assert [number(math.pi, digits) for digits in (1, 2, 3)] == ["3", "3.1", "3.14"]
    assert number(12345678, 8) == "12345678"
    with pytest.raises(ValueTypeError, match="digits=0"):
        number(1.0, 0)


@given(st.floats(allow_nan=False, allow_infinity=False), st.integers(1, 20))
def test_numbers_can_be_read_back(x, digits):
    """What is written is the number, rounded to its digits and no worse."""
    text = number(x, digits)
    mantissa, _, power = text.replace("−", "-").partition("×10")
    exponent = unicodedata.normalize("NFKC", power).replace("−", "-") or "0"
    read = Fraction(mantissa) * Fraction(10) ** int(exponent)
    assert abs(read - Fraction(x)) <= abs(Fraction(x)) * Fraction(10) ** (1 - digits) / 2
    assert "." not in mantissa or mantissa[-1] not in "0."


@pytest.mark.parametrize(
    ("label", "symbol"),
    [
        ("w_131", Symbol("w", False, "131")),
        ("w_{1,13,2}", Symbol("w", False, "1,13,2")),
        ("y_hat", Symbol("y", True, "")),
        ("what", Symbol("what", False, "")),
        ("loss_1", Symbol("loss", False, "1")),
        ("losshat_1", Symbol("losshat", False, "1")),
        ("loss_hat", None),
        ("hidden_size", None),
        ("w1", None),
    ],
)
def test_names_are_taken_apart(label, symbol):
    """Base, hat and indices; a word of several letters wears no hat and has only numbers."""
    assert parse_symbol(label) == symbol
