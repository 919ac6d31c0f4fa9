"""The language of the derivative table: what it has, what it refuses, what is made of a text."""

import ast
import math

import pytest

from engine.errors import ExpressionError
from engine.table.language import (
    CONSTANTS,
    MACROS,
    calls,
    expand,
    lifted,
    names,
    parse,
    rewrite,
)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("x +", "is not an expression"),
        ("x % 2", "'Mod'"),
        ("x @ y", "'MatMult'"),
        ("~x", "'Invert'"),
        ("x is y", "'Is'"),
        ("[x]", "'List'|\\[x\\]"),
        ("x.real", "x.real"),
        ("lambda: x", "lambda"),
        ("'text'", "'text'.*not a number"),
        ("2j * x", "2j.*not a number"),
        ("0 < x < 1", "join comparisons with `and`"),
        ("f(x=1)", "without keywords|keyword"),
        ("f()()", "may only call functions by name"),
    ],
)
def test_what_is_outside_the_language_is_named(text, fault):
    """One error that shows the text and the part at fault."""
    with pytest.raises(ExpressionError, match=fault):
        parse(text)


def test_parsing_is_done_once():
    """The tree is cached, and expanding it leaves it as it is."""
    tree = parse("heaviside(x ** 2) + 1")
    assert parse("heaviside(x ** 2) + 1") is tree
    expand(tree)
    assert ast.unparse(tree) == "heaviside(x ** 2) + 1"


def test_a_macro_is_written_out_inside_another_and_inside_a_condition():
    """Its operand takes the place of each of its names, and nothing else does."""
    assert ast.unparse(expand(parse("sign(heaviside(y)) if sign(x) > z else x"))) == (
        "(1.0 if (1.0 if y > 0 else 0.0 if y <= 0 else y) > 0 else "
        "-1.0 if (1.0 if y > 0 else 0.0 if y <= 0 else y) < 0 else "
        "0.0 if (1.0 if y > 0 else 0.0 if y <= 0 else y) == 0 else "
        "1.0 if y > 0 else 0.0 if y <= 0 else y) "
        "if (1.0 if x > 0 else -1.0 if x < 0 else 0.0 if x == 0 else x) > z else x"
    )


@pytest.mark.parametrize(
    "text",
    [
        "-(x + y) * 2 - x / 3.5 ** y",
        "x if x < y and y <= 1 or x != 0.5 else exp(log(x), y)",
        "1 if x > 0 else 2 if x >= y else 3 if x == y else 4",
    ],
)
def test_rewriting_without_changes_keeps_everything(text):
    """Each sign of the language comes back as it was."""
    assert rewrite(text) == text


def test_rewriting_renames_and_writes_operators_as_calls():
    """Names of variables and functions alike; chains of conditions as calls on two."""
    calls = {"if": "choose", "and": "both", "or": "either", "/": "divide"}
    written = rewrite(
        "f(x) / 2 if x < 1 and y < 2 and x < 3 or y < 4 else y", "my_{}".format, calls
    )
    assert written == (
        "my_choose(my_either(my_both(my_both(my_x < 1, my_y < 2), my_x < 3), my_y < 4), "
        "my_divide(my_f(my_x), 2), my_y)"
    )


def test_a_condition_counts_as_1_or_0_and_a_number_is_true_unless_it_is_0():
    """Whoever reads the language means the same."""
    assert rewrite("x * (x > 0)") == "x * (1.0 if x > 0 else 0.0)"
    assert rewrite("(x > 0 or x) + 1 if x else y") == (
        "(1.0 if x > 0 or x != 0.0 else 0.0) + 1 if x != 0.0 else y"
    )


def test_names_and_calls_are_told_apart():
    """Functions and constants are no variables."""
    assert names("z * exp(x) + PI if y > 0 else exp") == {"x", "y", "z", "exp"}
    assert calls("log(exp(x)) + sigmoid(x)") == {"log", "exp", "sigmoid"}


def test_macros_at_every_sign():
    """Heaviside and sign decide at 0 and pass nan on."""
    for name, at in (("heaviside", (0.0, 0.0, 1.0)), ("sign", (-1.0, 0.0, 1.0))):
        f = lifted(f"{name}(x)", ("x",))({"number": float})
        assert [f(-2.0), f(0.0), f(2.0)] == list(at)
        assert math.isnan(f(math.nan))
    assert set(MACROS) == {"heaviside", "sign"}


def test_lifted_tests_look_at_numbers_only():
    """Names in a test are turned into numbers, also inside a call, and nothing else is."""
    seen = []

    def number(x):
        seen.append(x)
        return float(x)

    f = lifted("x if exp(x) > y and x != 0 else -x", ("x", "y"))
    assert f({"number": number, "exp": math.exp})("1.5" and 1.5, 2) == 1.5
    assert seen == [1.5, 2, 1.5]


def test_constants_are_those_of_math():
    """The named numbers are what they say."""
    assert CONSTANTS["TWO_OVER_SQRT_PI"] == 2 / math.sqrt(math.pi)
    assert CONSTANTS["INV_SQRT_TAU"] == 1 / math.sqrt(2 * math.pi)
    assert (CONSTANTS["PI"], CONSTANTS["LN2"], CONSTANTS["SQRT1_2"]) == (
        math.pi,
        math.log(2),
        math.sqrt(0.5),
    )
