"""Value: operators, constants and no_grad."""

import math
import sys
import threading
from types import ModuleType

import pytest

import engine
from engine import Value, ValueTypeError, constant, detach, no_grad
from engine.displays import DISPLAYS

# ---------------------------------------------------------------- operators


def test_every_operator_is_one_node():
    """Native subtraction and division, on either side; a plain number makes no node."""
    x, y = Value(6.0), Value(3.0)
    made = {
        "add": [x + y, x + 3, 3 + x],
        "sub": [x - y, x - 3, 3 - x],
        "mul": [x * y, x * 3, 3 * x],
        "div": [x / y, x / 3, 3 / x],
        "pow": [x**y, x**3, 3**x],
        "neg": [-x],
        "abs": [abs(x)],
    }
    results = {
        "add": [9, 9, 9],
        "sub": [3, 3, -3],
        "mul": [18, 18, 18],
        "div": [2, 2, 0.5],
        "pow": [216, 216, 729],
        "neg": [-6],
        "abs": [6],
    }
    for name, nodes in made.items():
        assert [n.data for n in nodes] == results[name]
        assert {n.op.name for n in nodes} == {name}
        assert all(p.is_leaf for n in nodes for p in n.parents)


def test_both_sides_of_a_power_differentiate():
    """2 ** x and x ** y, with their logarithms."""
    x, y = Value(2.0), Value(3.0)
    assert (x**y).partials == (12.0, 8.0 * math.log(2.0))
    assert (2**y).partials == (8.0 * math.log(2.0),)


def test_methods_are_the_functions():
    """Every function of one to three operands is also a method, but where."""
    rows = [row for row in engine.TABLE.values() if hasattr(engine.core.arithmetic, row.name)]
    for row in rows:
        if row.name not in {"add", "sub", "mul", "div", "neg", "where"}:
            assert getattr(Value, row.name) is getattr(engine.core.arithmetic, row.name)


def test_values_are_told_apart_by_identity():
    """Equal numbers are different Values, so a Value is a key of a dictionary."""
    a, b = Value(1.0), Value(1.0)
    assert a != b
    assert len({a, b, a}) == 2


def test_a_value_shows_its_numbers():
    """The repr says data and grad, and the label if there is one; float() gives the number."""
    assert repr(Value(2, "w_1")) == "Value(data=2.0, grad=0.0, label='w_1')"
    assert repr(Value(2)) == "Value(data=2.0, grad=0.0)"
    assert float(Value(2)) == 2.0


def test_a_value_is_formatted_as_its_number():
    """By a format as a float is, without one as print shows it."""
    x = Value(2.0, "x")
    assert f"{x:.2f}|{x:>5}|{x:g}" == f"{2.0:.2f}|{2.0:>5}|{2.0:g}"
    assert "%.2f" % x == "2.00"  # noqa: UP031 - that is what is looked at
    assert f"{x}" == f"{x!s}" == repr(x)


def test_notebooks_show_a_picture_if_there_is_one(monkeypatch):
    """The text is always there; viz adds the picture."""
    x = Value(2.0)
    drawn = ModuleType("drawn")
    drawn.picture = lambda v: {"image/svg+xml": f"<{v.data}>"}
    monkeypatch.setitem(DISPLAYS, "Value", ("drawn", "picture"))
    assert x._repr_mimebundle_(include=None) == {"text/plain": repr(x)}
    monkeypatch.setitem(sys.modules, "drawn", drawn)
    assert x._repr_mimebundle_() == {"text/plain": repr(x), "image/svg+xml": "<2.0>"}


# ---------------------------------------------------------------- constants, no_grad


def test_constants_and_detached_values():
    """No gradient enters them; detach keeps number and label and cuts the graph off."""
    x = Value(2.0, "x")
    cut = detach(x * 3)
    named = detach(x)
    y = x * cut + named
    y.backward()
    assert (x.grad, cut.grad, named.grad) == (6.0, 0.0, 0.0)
    assert (cut.parents, named.label, named.is_constant) == ((), "x", True)
    assert detach(3).data == 3.0
    with pytest.raises(ValueTypeError):
        constant("3")


def test_no_grad_nests_and_is_exception_safe():
    """Inside, results are constants; afterwards recording is as it was before."""
    x = Value(2.0)
    with no_grad():
        with no_grad():
            inner = x * x
        again = engine.sum([x, x])
        with pytest.raises(ZeroDivisionError), no_grad():
            raise ZeroDivisionError
        still = x.clamp(0.0, 1.0)
    for y in (inner, again, still):
        assert (y.parents, y.is_constant, y.op) == ((), True, None)
    assert (x * x).parents == (x, x)
    with pytest.raises(ZeroDivisionError), no_grad():
        raise ZeroDivisionError
    assert (x * x).parents == (x, x)


def test_ieee_belongs_to_one_thread():
    """The switch is a context variable, so other threads keep raising."""
    seen = []

    def attempt():
        try:
            Value(0.0).log()
        except engine.DomainError:
            seen.append("raised")

    with engine.ieee():
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join()
    assert seen == ["raised"]


# ---------------------------------------------------------------- following along


def lecture(kind):
    """Compute the expression of the micrograd README."""
    a, b = kind(-4.0), kind(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    return g.data, a.grad, b.grad


def test_the_lecture_can_be_followed():
    """The numbers that the micrograd README prints."""
    g, a, b = lecture(Value)
    assert (f"{g:.4f}", f"{a:.4f}", f"{b:.4f}") == ("24.7041", "138.8338", "645.5773")


def test_the_numbers_are_those_of_micrograd():
    """The package itself, on the same expression."""
    micrograd = pytest.importorskip("micrograd.engine")
    assert lecture(Value) == pytest.approx(lecture(micrograd.Value), rel=1e-14)


def test_a_plus_sign_changes_nothing():
    """Formulas written in columns have them."""
    x = Value(2.0)
    assert +x is x
