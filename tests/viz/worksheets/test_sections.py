"""`viz.worksheets.sections`: what stands on a page, and on its key."""

import math
import re

import pytest

from engine import Value
from engine.labels import number as written
from nn.textbook.network import Network
from viz.worksheets.page import WORKSHEETS, worksheet

BLANK = r"\underline"


def shape(text):
    """What a page and its key share: the titles of the sections but the last."""
    return re.findall(r"^## \d.*$", text, re.MULTILINE)[:-1]


def test_the_lecture_with_its_own_numbers():
    """The key of w_131 has the four contributions, the sum and the update of the lecture."""
    key = worksheet("w131").markdown(key=True)
    for part in (
        "# Answer key: the gradient of $w_{131}$",
        "their own numbers",
        r"a_{13} & = w_{131} x_{1} + w_{132} x_{2} + w_{133} x_{3} + w_{134} x_{4} + b_{1} = 2.1",
        r"a_{21} & = w_{211} h_{11} + w_{212} h_{12} + w_{213} h_{13} + w_{214} h_{14} + b_{2}"
        " = 1.6574",
        r"(2)\quad & w_{131} \to a_{13} \to h_{13} \to a_{22} \to \hat{y}_{1} \to L",
        r"= -\hat{y}_{1} \hat{y}_{2} = -0.7703 \cdot 0.2297 = -0.1769",
        r"(2)\quad & {-0.4594 \cdot (-0.1769) \cdot 0.3 \cdot 0.0972 \cdot 2} = 0.00474",
        r"= -0.00316 + 0.00474 + (-0.00316) + 0.00474 = 0.00316",
        r"= -0.3 - 1 \cdot 0.00316 = -0.3032",
        r"The true change of $L$ is $-1.001 \times 10^{-5}$.",
        "the gradient is $0.003159$",
        "$0.00158$: 2 of the 4 paths left out",
        "$-0.003159$: a wrong sign",
    ):
        assert part in key, part
    assert BLANK not in key


@pytest.mark.parametrize("name", WORKSHEETS)
def test_every_worksheet_has_blanks_where_its_key_has_numbers(name):
    """Page and key have the same sections; the page shows no computed number."""
    sheet = worksheet(name, seed=11)
    page, key = sheet.markdown(), sheet.markdown(key=True)
    assert shape(page) == shape(key)
    assert BLANK not in key
    given = {f"{abs(node.data):g}" for node in sheet.net.nodes.values() if node.is_leaf}

    def computed(text):
        body = re.split("Before you hand it in|Common mistakes", text[text.index("## 2.") :])[0]
        formulas = " ".join(re.findall(r"\$+(.*?)\$+", body, re.DOTALL))
        return set(re.findall(r"(?<![_{\w(])\d+\.\d+", formulas)) - given

    assert computed(page) == set()
    assert len(computed(key)) > 3
    assert page.count(BLANK) > 5
    formula, figure = r"= \underline{\hspace{9em}}", r"= \underline{\hspace{5em}}"
    assert f"{formula} {figure}" in page, "a local derivative is a formula, then a number"


def test_given_numbers_stand_in_rows():
    """Inputs come first, then the weights neuron by neuron, biases, targets."""
    table = worksheet("w131").markdown().split("## 2.")[0]
    rows = [line for line in table.splitlines() if line.startswith("| $")]
    assert rows[0] == "| $x_{1} = 2$ | $x_{2} = 5$ | $x_{3} = 3$ | $x_{4} = 3$ |"
    assert rows[1].startswith("| $w_{111} = 0.1$ | $w_{112} = 0.3$")
    assert rows[-2:] == [
        "| $b_{1} = 0$ | $b_{2} = 0$ |  |  |",
        "| $y_{1} = 1$ | $y_{2} = 0$ |  |  |",
    ]


def test_one_route_is_not_added_up_and_inputs_are_not_updated():
    """The sections are those that the gradient needs."""
    assert len(shape(worksheet("w131").markdown())) == 7
    assert "## 5. Along each route, multiply\n" in worksheet("w131").markdown()
    assert "## 5. Multiply them\n" in worksheet("w222").markdown()
    assert "Over the routes" not in worksheet("w222").markdown()
    assert "Is every route there" not in worksheet("w222").markdown()
    assert "The update" in worksheet("w222").markdown()
    assert "The update" not in worksheet("logistic").markdown()


def test_digits_and_learning_rate():
    """More decimals give longer numbers; the learning rate enters the update."""
    key = worksheet("w222", digits=6, eta=0.5).markdown(key=True)
    assert "a_{11} & = w_{111} x_{1} + w_{112} x_{2} + b_{1} = 0.75" in key
    assert r"h_{11} & = \sigma(a_{11}) = 0.679179" in key
    assert r"= 0.9 - 0.5 \cdot " in key


def test_large_numbers_have_the_decimals_of_the_page():
    """Digits before the point are not counted: 4 decimals of 109.2 are 7 figures."""
    u = Value(1.9, "u")
    v = u.exp()
    v.label = "v"
    y = v**2
    y.label = "y"
    key = worksheet(Network("my own", "S0", y, "u")).markdown(key=True)
    e = round(math.exp(1.9), 4)
    assert key.count(f"= {2 * e * e:.4f}") == 1
    assert f"= {2 * e:.4f}" in key
    assert f"{2 * e * e:.5f}" not in key


@pytest.mark.parametrize("eta", [1.0, 0.5])
def test_the_update_takes_a_step_against_the_gradient(eta):
    """The new weight is w - eta g, and the gradient promises the change -eta g^2."""
    sheet = worksheet("w222", digits=8, eta=eta)
    gradient = sheet.net.gradient("w_222")
    update = sheet.markdown(key=True).split("The update")[1].split("## ")[0]
    lines = re.findall(r"^.* & .*= (.*?)(?: \\\\)?$", update, re.MULTILINE)
    new, change = map(value, lines)
    assert new == pytest.approx(sheet.net["w_222"].data - eta * gradient, rel=1e-6)
    assert change == pytest.approx(-eta * gradient**2, rel=1e-6)


@pytest.mark.parametrize("name", WORKSHEETS)
@pytest.mark.parametrize("seed", [None, 3, 5, 8, 21])
def test_the_printed_numbers_multiply_and_add_up(name, seed):
    """Who follows the page's rule for rounding finds every digit of the key."""
    key = worksheet(name, seed).markdown(key=True)
    found = re.findall(r"\{(-?\d\S* \\cdot .*)\} = (.*?)(?: \\\\)?$", key, re.MULTILINE)
    products = [(list(map(value, left.split(r" \cdot "))), right) for left, right in found]
    assert len(products) == len(re.findall(r"^.*\\to .*$", key, re.MULTILINE))
    for factors, right in products:
        assert number(math.prod(factors)) == right
    sums = re.findall(r"& = (-?\d\S* \+ .*) = (.*)$", key, re.MULTILINE)
    assert len(sums) == (len(products) > 1)
    for left, right in sums:
        assert number(sum(map(value, left.split(" + ")))) == right


def value(text):
    """Read a number as a page writes it."""
    plain = re.sub(r" \\times 10\^\{(.*?)\}", r"e\1", text.strip("()")).replace(r"\left(", "")
    return float(plain.replace(r"\right", "").strip("() "))


def number(x):
    """Write a number as a page of four decimals does, by itself."""
    digits = 4 + (math.floor(math.log10(abs(x))) + 1 if abs(x) >= 1 else 0)
    return written(x, digits).replace("−", "-")
