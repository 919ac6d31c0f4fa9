"""Handlers are found by what they compute, not by their names."""

import numpy as np
import pytest

import engine
from engine import Value
from engine.program.llvm.blocks.linking import Interpreter, interpreter
from engine.program.llvm.machine.runtime import machine
from engine.table.ops import TABLE


def test_a_row_of_ones_own_compiles_and_so_does_its_redefinition():
    """Machine code follows the texts of a row, not its name."""
    for power in (2, 3):
        text = "*".join(["x"] * power)
        op = engine.define_op(
            f"raised_llvm_{power}", text, [f"{power}.0 * {text} / x"], samples=[(1.5,)]
        )
        x = Value(3.0)
        program = engine.compile(op(x), [x], [x], tier="llvm")
        value, gradient = program.value_and_grad([2.0])
        assert (value, gradient[0]) == (2.0**power, power * 2.0 ** (power - 1))


def test_a_row_has_one_handler_for_each_of_its_uses():
    """Forward, and backward by what operands need; found again, and another in another width."""
    here = machine()
    wide, narrow, row = interpreter(here.width), interpreter(here.narrow), TABLE["mul"]
    keys = [
        ("row", row),
        ("row", TABLE["add"]),
        ("row_back", row, (1, 2)),
        ("row_back", row, (2, 1)),
    ]
    found = [made.handler(key) for made in (wide, narrow) for key in keys]
    assert len(set(found)) == len(found)
    assert [wide.handler(key) for key in keys] == found[: len(keys)]
    assert interpreter(here.width) is wide


@pytest.mark.parametrize("name", ["dot_back", "load_back", "group_back", "group_back_fresh_added"])
def test_handlers_that_add_over_samples_have_a_masked_twin(name):
    """All others are the same for blocks that are full and that are not."""
    made = interpreter(machine().width)
    assert made.handler((name,), "_masked") != made.handler((name,))
    assert made.handler(("dot",), "_masked") == made.handler(("dot",))


def test_rows_that_call_rows_follow_them():
    """A row that is defined again under its name gives other code to those that call it."""
    x = Value(0.5)
    for factor in (2.0, 3.0):
        engine.define_op("inner_llvm", f"{factor} * x", [f"{factor}"], samples=[(1.5,)])
        outer = engine.define_op(
            f"outer_llvm_{factor:.0f}",
            "inner_llvm(x) * x",
            [f"{2 * factor} * x"],
            samples=[(1.5,)],
        )
        value, gradient = engine.compile(outer(x), [x], [x], tier="llvm").value_and_grad([0.5])
        assert np.allclose((value, gradient[0]), (factor * 0.25, factor))


def test_a_row_is_not_compiled_again_for_what_it_does_not_call():
    """Another row that is defined meanwhile changes nothing for it."""
    narrow = machine().narrow
    before = Interpreter(narrow).handler(("row", TABLE["silu"]))
    engine.define_op("unrelated_llvm", "x * x", ["2.0 * x"], samples=[(1.5,)])
    assert Interpreter(narrow).handler(("row", TABLE["silu"])) == before


def test_a_row_that_is_called_on_two_ways_is_followed_once():
    """Its own texts decide once what the code is, however many rows call it."""
    engine.define_op("shared_llvm", "3.0 * x", ["3.0"], samples=[(1.5,)])
    engine.define_op("left_llvm", "shared_llvm(x) + x", ["4.0"], samples=[(1.5,)])
    engine.define_op("right_llvm", "shared_llvm(x) * x", ["6.0 * x"], samples=[(1.5,)])
    both = engine.define_op(
        "both_llvm", "left_llvm(x) + right_llvm(x)", ["4.0 + 6.0 * x"], samples=[(1.5,)]
    )
    x = Value(2.0)
    value, gradient = engine.compile(both(x), [x], [x], tier="llvm").value_and_grad([1.0])
    assert (value, gradient[0]) == (7.0, 10.0)
