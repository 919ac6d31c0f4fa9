"""define_op: a user's own row is checked when it is defined and known everywhere afterwards."""

import inspect
import math
import pickle
import traceback

import pytest

from engine import (
    DomainError,
    GradientMismatch,
    UnknownNameError,
    Value,
    ValueTypeError,
    check_gradients,
    define_op,
    gradients,
    hessian,
)
from engine.errors import EngineError, ExpressionError
from engine.table import ops


@pytest.fixture(autouse=True)
def _table_as_it_was():
    """Rows that a test defines are gone after it."""
    before = dict(ops.rows)
    yield
    ops.rows.clear()
    ops.rows.update(before)


def cube(**changes):
    """Define x cubed, with something changed."""
    row = {
        "name": "cube",
        "forward": "x * x * x",
        "partials": ["3 * x * x"],
        "samples": [(1.5,), (-2.0,)],
    }
    return define_op(**(row | changes))


def test_a_row_of_ones_own_is_like_any_other():
    """Values, numbers, higher derivatives, pickles; its text is filled in where left out."""
    f = cube()
    x = Value(2.0)
    y = f(x)
    assert (y.data, y.partials, f(2)) == (8.0, (12.0,), 8.0)
    assert hessian(y, [x]) == [[12.0]]
    assert pickle.loads(pickle.dumps(y)).op is y.op
    assert (y.op.symbol, y.op.latex) == ("cube", "\\operatorname{{cube}}({x})")
    assert y.op.meaning == "cube, defined by the user."
    assert "Domain: operands where its formula is finite." in f.__doc__
    check_gradients(f, 2.0)


def test_what_is_given_is_kept():
    """Symbol, meaning, LaTeX and domain appear in documentation and messages."""
    f = define_op(
        "lg",
        "log(x) / log(10)",
        ["1 / (x * log(10))"],
        samples=[(2.0,)],
        symbol="lg",
        meaning="The decimal logarithm.",
        latex="\\lg {x}",
        domain="x > 0",
    )
    assert f.__doc__.startswith("The decimal logarithm.")
    with pytest.raises(
        DomainError, match=r"lg\(x\) at x: 0.0 is outside the domain: it needs x > 0"
    ):
        f(Value(0.0))


@pytest.mark.parametrize("operands", [("a", "b"), ("da", "x"), ("first", "second")])
def test_operands_of_any_name(operands):
    """Names that the written code uses for itself do not get in the way."""
    a, b = operands
    f = define_op(
        "area",
        f"{a} * {b} * {b}",
        [f"{b} * {b}", f"2 * {a} * {b}"],
        operands=operands,
        samples=[(1.5, -2.0)],
    )
    x, y = Value(2.0), Value(3.0)
    assert (f(x, y).partials, f(x, 3).partials, f(2, y).partials) == ((9, 12), (9,), (12,))
    assert f(2, 3) == 18.0


def test_three_operands_and_calls_of_other_rows():
    """A row may call rows, also a user's own, also one that is replaced later."""
    cube()
    f = define_op(
        "mix",
        "cube(x) * sigmoid(y) + w",
        ["3 * x * x * sigmoid(y)", "cube(x) * sigmoid(y) * (1 - sigmoid(y))", "1.0"],
        operands=("x", "y", "w"),
        samples=[(1.5, 0.5, 2.0)],
    )
    x = Value(2.0)
    assert f(x, 0.0, 1).data == 5.0
    g = define_op("twice", "2 * cube(x)", ["6 * x * x"], samples=[(1.0,)])
    cube(forward="x * x * x + 1")
    assert (g(2.0), g(Value(2.0)).data, f(2.0, 0.0, 1.0)) == (18.0, 18.0, 5.5)


def test_defining_again_replaces():
    """As when a notebook's cell is run again; recorded nodes keep the rule they were made with."""
    old = cube()(Value(2.0))
    new = cube(forward="x * x", partials=["2 * x"])(Value(2.0))
    assert (old.op.forward, new.op.forward) == ("x * x * x", "x * x")


@pytest.mark.parametrize(
    ("changes", "kind", "message"),
    [
        ({"partials": ["3.003 * x * x"]}, GradientMismatch, "partial of 'cube'.* x is 6.75"),
        ({"partials": ["x - x"]}, GradientMismatch, "central differences give 6.7"),
        ({"name": "mul"}, UnknownNameError, "everypath's own"),
        ({"name": "radd"}, UnknownNameError, "everypath's own"),
        ({"name": "sum"}, UnknownNameError, "everypath's own"),
        ({"name": "two words"}, ValueTypeError, "identifiers, not 'two words'"),
        ({"name": "lambda"}, ValueTypeError, "identifiers, not 'lambda'"),
        ({"name": "Node"}, (ValueTypeError, UnknownNameError), "'Node'"),
        ({"name": "heaviside"}, ValueTypeError, "cannot use the name 'heaviside'"),
        ({"operands": ["z"]}, ValueTypeError, "cannot use the name 'z'"),
        ({"operands": ["PI"]}, ValueTypeError, "cannot use the name 'PI'"),
        ({"operands": ["operand"]}, ValueTypeError, "cannot use the name 'operand'"),
        ({"operands": ["number"]}, ValueTypeError, "cannot use the name 'number'"),
        ({"operands": ["link2"]}, ValueTypeError, "cannot use the name 'link2'"),
        ({"operands": ["CUBE"]}, ValueTypeError, "cannot use the name 'CUBE'"),
        ({"operands": ["x", "dx"], "partials": ["1", "1"]}, ValueTypeError, "the name 'dx'"),
        ({"operands": ["x", "x"], "partials": ["1", "1"]}, ValueTypeError, "a name twice"),
        ({"operands": [3]}, ValueTypeError, "identifiers, not 3"),
        ({"operands": []}, ValueTypeError, "0 operands and 1 partials"),
        ({"partials": []}, ValueTypeError, "1 operands and 0 partials"),
        ({"operands": list("abcd"), "partials": list("abcd")}, ValueTypeError, "one to three"),
        ({"operands": 3}, ValueTypeError, "identifiers, not 3"),
        ({"name": 3}, ValueTypeError, "the name of an operation is a text, not 3"),
        ({"forward": abs}, ValueTypeError, "the forward of an operation is a text, not <built-in"),
        ({"partials": abs}, ValueTypeError, "the partial of an operation is a text"),
        ({"partials": [abs]}, ValueTypeError, "the partial of an operation is a text"),
        ({"symbol": 3}, ValueTypeError, "the symbol of an operation is a text, not 3"),
        ({"tolerance": "1"}, ValueTypeError, "the tolerance of define_op must be a real number"),
        ({"samples": [1]}, ValueTypeError, r"such as samples=\[\(1.5,\), .* not \[1\]"),
        ({"samples": 1}, ValueTypeError, "not 1$"),
        ({"samples": [("a",)]}, ValueTypeError, "points with a number for each"),
        ({"samples": [(10**400,)]}, ValueTypeError, "points with a number for each"),
        ({"samples": []}, ValueTypeError, "samples of 1 numbers each"),
        ({"samples": [(1.0, 2.0)]}, ValueTypeError, "samples of 1 numbers each"),
        ({"forward": "x * q"}, ValueTypeError, r"uses \['q'\], but 'cube' knows only \['x'\]"),
        ({"forward": "z * x"}, ValueTypeError, r"uses \['z'\]"),
        (
            {"forward": "frob(x)"},
            ValueTypeError,
            r"calls \['frob'\], which are not functions of the table",
        ),
        ({"forward": "sum(x)"}, ValueTypeError, r"calls \['sum'\]"),
        ({"forward": "x *"}, ExpressionError, "is not an expression"),
        ({"forward": "x.real"}, ExpressionError, "does not have"),
        ({"forward": "tanh(x, x)"}, ValueTypeError, "cannot be evaluated around its sample"),
        ({"samples": [(0.0,)], "forward": "1 / x"}, ValueTypeError, "cannot be evaluated around"),
    ],
)
def test_a_bad_row_is_refused_and_leaves_nothing_behind(changes, kind, message):
    """One clear error, and the table is as it was."""
    before = dict(ops.TABLE)
    with pytest.raises(EngineError, match=message) as caught:
        cube(**changes)
    assert isinstance(caught.value, kind)
    assert dict(ops.TABLE) == before


def test_a_nan_partial_is_a_mismatch():
    """It is not close to anything."""
    with pytest.raises(GradientMismatch, match="nan"):
        define_op("bad", "x", ["x"], samples=[(math.nan,)])


def test_tracebacks_show_the_line():
    """The written function can be read where it fails."""
    f = define_op("pick", "x", ["1.0"], samples=[(1.0,)])

    class Broken(Value):
        __slots__ = ()
        number = property(lambda self: 1 / 0)

    try:
        f(object.__new__(Broken))
    except ZeroDivisionError:
        shown = traceback.format_exc()
    assert '<operation pick>", line' in shown
    assert "x = x_node.number" in shown
    assert inspect.getsource(f).splitlines()[0] == "def pick(x: Any) -> Any:"


def test_gradients_flow_through():
    """Two uses add up."""
    f = cube()
    x = Value(2.0)
    assert gradients(f(x) * f(x))[x] == 2 * 8.0 * 12.0


@pytest.mark.parametrize("latex", ["{y}^2", "\\frac{x}{2}", "{x", "{}", "{x.y}"])
def test_latex_that_cannot_be_filled_in(latex):
    """It is refused when it is defined, not when a derivation is written."""
    with pytest.raises(ValueTypeError, match="may name only its operands in braces"):
        define_op("badly_set", "x / 2", ["0.5"], samples=[(1.0,)], latex=latex)


def test_no_tolerance_asks_for_the_same_number():
    """What differences get exactly right passes."""
    f = define_op("nothing", "x - x", ["0.0"], samples=[(1.0,), (-2.5,)], tolerance=0)
    assert (f(2.0), f(Value(2.0)).partials) == (0.0, (0.0,))


def test_a_steep_rule_is_judged_by_its_own_size():
    """A central difference is right to so many digits, not to so many decimals."""
    steep = define_op("steep_custom", "1e9 * sin(x)", ["1e9 * cos(x)"], samples=[(0.7,)])
    x = Value(0.0)
    steep(x).backward()
    assert x.grad == 1e9
    with pytest.raises(GradientMismatch):
        define_op("off_custom", "1e9 * sin(x)", ["1.001e9 * cos(x)"], samples=[(0.7,)])
