"""Rules of the derivative table in machine code: numbers as tests, functions, other rows."""

import pytest
from program_examples import close

import engine
from engine import Value
from engine.core import arithmetic
from engine.program.llvm.writing.ir import Module, Width
from engine.program.llvm.writing.lower_expression import Lowering, call
from engine.table.ops import TABLE


def lowered(write):
    """Write one function on a vector; return the text of its module."""
    module = Module(Width(lanes=2))
    f = module.function("f", "<2 x double> %x", "<2 x double>")
    f.do(f"ret <2 x double> {write(f)}")
    return module.text()


def test_a_number_as_a_test_is_true_unless_it_is_zero():
    """As in Python, nan counts as true."""
    text = lowered(lambda f: Lowering(f, {"x": "%x"}).rule("2.0 if x else 3.0"))
    assert "fcmp une <2 x double> %x" in text


def test_a_row_that_calls_another_row_computes_what_that_row_computes():
    """A row that is no elementary function is written out by its own text."""
    inner = lowered(lambda f: call(f, "relu", ["%x"]))
    assert "fcmp" in inner
    assert inner == lowered(lambda f: Lowering(f, {"x": "%x"}).rule(TABLE["relu"].forward))


@pytest.mark.parametrize("name", ["sin", "erf", "cbrt"])
def test_one_sample_calls_the_library_directly(name):
    """Straight-line code gives the number and gradient of eager code."""
    x = Value(0.5)
    y = getattr(arithmetic, name)(x)
    bound = engine.compile(y, [x], [x], tier="llvm").bind()
    assert close(bound.call(0.5), y.data)
    assert close(bound.gradient, [engine.gradients(y)[x]])
