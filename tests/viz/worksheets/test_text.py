"""`viz.worksheets.text`: the parts of a page as Markdown and LaTeX."""

from viz.worksheets.text import (
    Formulas,
    Heading,
    Picture,
    Points,
    Sentence,
    Table,
    Title,
    latex,
    markdown,
)

PAGE = [
    Title("The gradient of $w_{131}$"),
    Heading("1. Given"),
    Picture("net.svg", "The network"),
    Table([["x = 1", "y = 2"], ["z = 3"]]),
    Sentence("Of a₁₁ → ŷ₁ keep 50 %: $x_{1}$"),
    Formulas([("y", "= 2x"), ("", "= 4")]),
    Points(["∂L/∂w₁₃₁ = 1.2×10⁻⁷ & more", "the a of paths"]),
]
NAMES = ("w_131", "a_11", "yhat_1", "L", "a")


def test_markdown():
    """Every part has its form, parted by empty lines; short rows are filled up."""
    assert markdown(PAGE).split("\n\n") == [
        "# The gradient of $w_{131}$",
        "## 1. Given",
        "![The network](net.svg)",
        "| | |\n|---|---|\n| $x = 1$ | $y = 2$ |\n| $z = 3$ |  |",
        "Of a₁₁ → ŷ₁ keep 50 %: $x_{1}$",
        "$$\n\\begin{aligned}\ny & = 2x \\\\\n & = 4\n\\end{aligned}\n$$",
        "- ∂L/∂w₁₃₁ = 1.2×10⁻⁷ & more\n- the a of paths\n",
    ]


def test_latex_is_a_document_of_ascii():
    """Names and signs in sentences are set for plain LaTeX; formulas stay as they are."""
    text = latex(PAGE, NAMES)
    assert text.isascii()
    assert text.startswith("\\documentclass")
    assert text.endswith("\\end{document}\n")
    assert "net.svg" not in text
    assert "\\begin{array}{ll}\nx = 1 & y = 2 \\\\\nz = 3 & \n\\end{array}" in text
    assert "\\begin{align*}\ny & = 2x \\\\[3pt]\n & = 4\n\\end{align*}" in text
    assert r"keep 50 \%: $x_{1}$" in text
    derivative = r"\ensuremath{\partial }\ensuremath{L}/\ensuremath{\partial }\ensuremath{w_{131}}"
    power = r"1.2\ensuremath{\times}10\ensuremath{^{-}}\ensuremath{^{7}} \& more"
    assert f"\\item {derivative} = {power}" in text
    assert r"\item the \ensuremath{a} of paths" in text, "a name within a word is none"


def test_latex_without_names():
    """A page with no names in its sentences needs none."""
    assert "\\section*{1. Given}" in latex(PAGE[:2])
