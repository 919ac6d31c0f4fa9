"""check_gradients: the table, the tolerance, and wrong gradients."""

import math

import pytest
from hypothesis import assume, given
from strategies import recipes

import engine
from engine import DomainError, GradientMismatch, Value, ValueTypeError, check_gradients, detach
from engine.calculus.check import central_difference


@pytest.mark.parametrize("x", [0.0, 0.5, -3.0, 1e3])
def test_central_differences_are_of_fourth_order(x):
    """Exact for polynomials up to the fourth degree, but for rounding."""
    found = central_difference(lambda t: t**4 - t, x)
    assert found == pytest.approx(4 * x**3 - 1, rel=1e-10, abs=1e-10)


def test_the_table_prints():
    """Operand, analytic, numeric, error; labels where there are some."""
    table = check_gradients(lambda x, y: x * y.exp(), Value(2.0, "x_long_name"), 0.5)
    lines = str(table).split("\n")
    assert lines[0].split() == ["operand", "analytic", "numeric", "error"]
    assert [line.split()[0] for line in lines[1:]] == ["x_long_name", "operand"]
    assert repr(table) == str(table)
    assert len({len(line) for line in lines}) == 1
    assert table.rows[0].analytic == math.exp(0.5)
    assert all(row.error < 1e-9 for row in table.rows)


def test_a_wrong_gradient_is_reported_with_the_table():
    """Here a detach makes one of two uses invisible to the sweep."""
    with pytest.raises(GradientMismatch, match=r"disagrees(.|\n)*operand 0 .*6.0*.*<- wrong") as e:
        check_gradients(lambda x, w: x * detach(x) + w, 3.0, 1.0)
    assert str(e.value).count("<- wrong") == 1


def test_the_tolerance_and_the_step_count():
    """A kink beside the point is seen by a wide step only."""
    check_gradients(lambda x: x.relu(), 0.01)
    with pytest.raises(GradientMismatch):
        check_gradients(lambda x: x.relu(), 0.01, step=0.1)
    check_gradients(lambda x: x.relu(), 0.01, step=0.1, tolerance=1.0)


@pytest.mark.parametrize("step", [0, -1e-3, math.nan, math.inf, "1", None])
def test_a_step_is_a_number_above_0(step):
    """Anything else is refused by name."""
    with pytest.raises(ValueTypeError, match="step"):
        check_gradients(engine.exp, 1.0, step=step)


@pytest.mark.parametrize("tolerance", [-1, math.nan, "1"])
def test_a_tolerance_is_a_number(tolerance):
    """With nan, everything would pass."""
    with pytest.raises(ValueTypeError, match="tolerance"):
        check_gradients(engine.exp, 1.0, tolerance=tolerance)


def test_a_step_out_of_the_domain_is_said_to_be_one():
    """The point that log does not take is none that was given."""
    with pytest.raises(DomainError, match=r"from x = 1e-05 to -0.0009.*a smaller step.*needs x"):
        check_gradients(engine.log, Value(1e-5, "x"))
    check_gradients(engine.log, 1e-5, step=1e-8)
    with pytest.raises(DomainError, match=r"^log\(x\) at x: -1.0"):
        check_gradients(engine.log, -1.0)


def test_nan_is_wrong():
    """A gradient that is nan agrees with nothing."""
    with pytest.raises(GradientMismatch, match="nan"):
        check_gradients(lambda x: x * 1.0, math.nan)


def test_nothing_to_check_is_an_error():
    """No point, no Value, no number."""
    with pytest.raises(ValueTypeError, match="needs a point"):
        check_gradients(lambda: Value(1.0))
    with pytest.raises(ValueTypeError, match=r"returns a Value, not 2.0"):
        check_gradients(lambda x: 2.0, 1.0)
    with pytest.raises(ValueTypeError, match="a coordinate must be a real number"):
        check_gradients(lambda x: x, "1")


def test_the_function_is_not_recorded_while_it_is_sampled():
    """Sampling leaves no graph and no gradient behind."""
    x = Value(2.0)
    check_gradients(lambda v: v * v, x)
    assert (x.grad, x.data) == (0.0, 2.0)
    assert engine.gradients(x * x)[x] == 4.0


@given(recipes(smooth=True, everywhere=True, max_steps=6))
def test_random_smooth_graphs_pass(recipe):
    """The sweep agrees with differences wherever these can be trusted."""
    try:
        table = check_gradients(lambda *xs: recipe.run(xs), *recipe.numbers, tolerance=math.inf)
    except (DomainError, ValueTypeError):
        assume(False)
    steep = max(abs(row.analytic) for row in table.rows)
    assume(steep < 100)
    size = max(1.0, *(abs(v) for v in map(float, recipe.results(recipe.numbers))))
    assert all(row.error < 1e-5 * size**2 for row in table.rows), str(table)


def test_a_function_that_differentiates():
    """What the function computes from gradients is differentiated too."""
    check_gradients(lambda x: engine.grad(x**3, [x], create_graph=True)[0], 2.0)


def test_columns_are_as_wide_as_their_heading():
    """Names that are shorter leave the table as it is."""
    table = check_gradients(lambda x: x * x, Value(3.0, "x"))
    heading, row = str(table).splitlines()
    assert heading.startswith("operand                analytic")
    assert row.startswith("x                             6 ")


def test_no_tolerance_takes_the_same_number():
    """Differences of a line through the origin are exact."""
    (row,) = check_gradients(lambda x: 1.0 * x, 0.0, tolerance=0.0).rows
    assert row.error == 0.0
