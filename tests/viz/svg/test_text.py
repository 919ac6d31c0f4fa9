"""Names set with subscripts, and their widths."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.svg.text import (
    Run,
    number,
    plain,
    shorten,
    tspans,
    typeset,
    width,
    wrap,
)


def styles(text: str, *, prose: bool = False) -> list[tuple[str, str]]:
    """Return each run with a letter per style."""
    return [(run.text, "i" * run.italic + "s" * run.lowered) for run in typeset(text, prose=prose)]


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("w_131", [("w", "i"), ("131", "s")]),
        ("w_1,13,2", [("w", "i"), ("1,13,2", "s")]),
        ("yhat_1", [("ŷ", "i"), ("1", "s")]),
        ("yhat", [("ŷ", "i")]),
        ("ahat_2", [("â", "i"), ("2", "s")]),
        ("x_i", [("x", "i"), ("i", "is")]),
        ("sigma", [("σ", "i")]),
        ("lambda_1", [("λ", "i"), ("1", "s")]),
        ("∂L/∂w_1", [("∂", ""), ("L", "i"), ("/", ""), ("∂", ""), ("w", "i"), ("1", "s")]),
        ("dL/dw_1", [("d", ""), ("L", "i"), ("/", ""), ("d", ""), ("w", "i"), ("1", "s")]),
        ("x_t-1", [("x", "i"), ("t−1", "s")]),
        ("x_hat_1", [("x̂", "i"), ("1", "s")]),
        ("w_{1,13,2} + 1", [("w", "i"), ("1,13,2", "s"), (" + 1", "")]),
        ("w_alpha", [("w", "i"), ("α", "is")]),
        ("∂xhat", [("∂", ""), ("x̂", "i")]),
        ("hidden_size", [("hidden_size", "")]),
        ("loss_2", [("loss", "i"), ("2", "s")]),
        ("that", [("that", "")]),
        ("xhat", [("xhat", "")]),
        ("é_1", [("é_1", "")]),
        ("1.2×10⁻⁷", [("1.2×10⁻⁷", "")]),
        ("0.5", [("0.5", "")]),
        ("", []),
    ],
)
def test_names_are_set(label, expected):
    """A name is italic, its index lowered and upright, and words stay words."""
    assert styles(label) == expected


def test_a_letter_is_a_word_in_a_sentence():
    """The article a is not a variable, a name with an index is."""
    assert styles("a step of w_1", prose=True) == [("a step of ", ""), ("w", "i"), ("1", "s")]
    assert styles("a")[0] == ("a", "i")
    assert styles("That yhat", prose=True) == [("That ", ""), ("ŷ", "i")]
    assert styles("sigma", prose=True) == [("sigma", "")]
    assert styles("by dL/dx", prose=True)[1:] == [
        ("d", ""),
        ("L", "i"),
        ("/", ""),
        ("d", ""),
        ("x", "i"),
    ]


@pytest.mark.parametrize(
    ("typed", "read"),
    [("-0.3", "−0.3"), ("w = -.5", "w = −.5"), ("4-4-2", "4-4-2"), ("-∞", "−∞"), ("x-1", "x-1")],
)
def test_minus_signs(typed, read):
    """A hyphen becomes a minus sign only where it is the sign of a number."""
    assert plain(typed, prose=True) == read


def test_illegal_characters_are_replaced():
    """What XML cannot hold becomes the replacement character, white space one blank."""
    assert plain("a\x00b\ud800\n  c", prose=True) == "a\ufffdb\ufffd c"


@given(st.text(max_size=30))
def test_any_label_gives_well_formed_text(label):
    """Whatever is typed, the elements parse and read as the runs do."""
    line = typeset(label)
    element = ET.fromstring(f"<text>{tspans(line, 12)}</text>")
    assert "".join(element.itertext()) == "".join(run.text for run in line)


def test_widths_are_helveticas():
    """The widths are those of Adobe's metrics, subscripts and slants taken into account."""
    assert width(typeset("2.10"), 1000) == 3 * 556 + 278
    assert width((Run("1", lowered=True),), 1000) == pytest.approx(556 * 0.72, rel=1e-12)
    assert width((Run("−0.3"),), 1000, bold=True) == 584 + 556 + 278 + 556
    assert width((Run("ŷ", italic=True),), 1000) == 500
    assert width((Run("y\u0302"),), 1000) == 500
    assert width((Run("数σ"),), 1000) == 1000 + 600
    assert width((Run("⁻⁷"),), 1000) == round(0.6 * 584) + round(0.6 * 556)
    printable = (Run("".join(map(chr, range(32, 127)))),)
    # The sums of Adobe's widths of ASCII, in Helvetica and in Helvetica-Bold.
    assert width(printable, 1000) == 50058
    assert width(printable, 1000, bold=True) == 52367
    slanted = (Run("L", italic=True), Run("/"))
    assert width(slanted, 1000) == pytest.approx(556 + 278 + 100, rel=1e-12)


def test_no_blank_stands_before_an_ellipsis():
    """A line that is cut behind a word ends with the word and the ellipsis."""
    assert shorten((Run("a long story"),), 10, 42)[0].text == "a long…"


@given(st.text(max_size=40), st.floats(20, 300))
def test_shortened_lines_fit(text, limit):
    """A shortened line fits and ends with an ellipsis, one that fits is left alone."""
    line = typeset(text)
    cut = shorten(line, 12, limit)
    assert width(cut, 12) <= max(limit, 12 + 1.2)
    assert (cut == line) == (width(line, 12) <= limit)
    assert cut == line or cut[-1].text.endswith("…")


def test_wrap_breaks_at_spaces():
    """No line is too wide, no word is lost."""
    text = "The neuron is dead, so no gradient passes and w_1 stays where it is."
    lines = wrap(text, 12, 120)
    assert len(lines) > 2
    assert all(width(line, 12) <= 120 for line in lines)
    assert " ".join("".join(run.text for run in line) for line in lines) == text.replace(
        "w_1", "w1"
    )
    assert wrap("", 12, 100) == ()


def test_subscripts_come_back_to_the_line():
    """The drops of a line add up to nothing once it goes on."""
    element = ET.fromstring(f"<t>{tspans(typeset('a_1 + b_2 ='), 10)}</t>")
    drops = [float(span.get("dy", "0")) for span in element]
    assert drops == [0, 2, -2, 0, 2, -2]


def test_coordinates_are_short():
    """Coordinates lose trailing zeros and a negative zero."""
    assert [number(x) for x in (1.0, 1.5, -0.001, 2.346)] == ["1", "1.5", "0", "2.35"]
