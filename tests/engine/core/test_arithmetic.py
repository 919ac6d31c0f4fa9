"""The written functions, every branch: each mixture of Values and numbers, trouble in each."""

import math
from itertools import product

import numpy as np
import pytest

from engine import DomainError, Value, ValueTypeError, ieee
from engine.core import arithmetic
from engine.table.emit import operator_name
from engine.table.floats import on_floats
from engine.table.ops import TABLE

ROWS = [row for row in TABLE.values() if hasattr(arithmetic, row.name)]
OPERATORS = [row for row in ROWS if row.infix]


def calls(row):
    """Give each way to call a row: the function, and a maker of operands from numbers."""
    if row.infix:
        operator = getattr(arithmetic, operator_name(row))
        yield from ((operator, (Value, right)) for right in (Value, float))
        reflected = getattr(arithmetic, f"r{row.name}")
        yield lambda x, y: reflected(y, x), (float, Value)
    if not row.infix or operator_name(row) != row.name:
        f = getattr(arithmetic, row.name)
        for kinds in product((Value, float), repeat=len(row.operands)):
            yield f, kinds


def number(y):
    """Take the number of a result of either kind."""
    return y.data if isinstance(y, Value) else y


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_whatever_an_elementary_function_raises_is_decided_by_one_rule(row, monkeypatch):
    """Each call ends in the same place, which computes the IEEE answer."""

    def refuse(*operands):
        raise ValueError(operands)

    sample = row.samples[-1]  # of the samples the one where most of the rule is used
    expected = on_floats(row.forward, row.operands)(*sample)
    for name in [name for name in vars(arithmetic) if name.startswith("_") and name.islower()]:
        if callable(getattr(arithmetic, name)) and not name.startswith("__"):
            monkeypatch.setattr(arithmetic, name, refuse)
    with ieee():
        for f, kinds in calls(row):
            found = f(*(kind(x) for kind, x in zip(kinds, sample, strict=True)))
            assert number(found) == expected


def test_division_by_zero_in_every_mixture():
    """Python's own division raises, with Values on either side."""
    for f, kinds in calls(TABLE["div"]):
        with pytest.raises(DomainError, match="a divisor that is not 0"):
            f(*(kind(x) for kind, x in zip(kinds, (1.0, 0.0), strict=True)))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_nan_goes_through_every_mixture(row):
    """A nan operand is recorded as it is, on whichever side and beside whatever."""
    for f, kinds in calls(row):
        sample = [math.nan] * len(kinds)
        sample[0] = 1.0 if row.name == "where" else math.nan
        assert math.isnan(number(f(*(kind(x) for kind, x in zip(kinds, sample, strict=True)))))


@pytest.mark.parametrize("row", [r for r in ROWS if len(r.operands) == 2], ids=lambda r: r.name)
def test_other_kinds_of_number_become_floats(row):
    """Ints on either side, as function and as operator."""
    for f, kinds in calls(row):
        y = f(*(Value(1) if kind is Value else 1 for kind in kinds))
        assert type(number(y)) is float
        assert y == number(y) or all(type(o) in {Value, float} for o in y.operands)


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: row.name)
def test_operators_leave_arrays_to_numpy(row):
    """They answer NotImplemented, so that NumPy takes over; a text is an error at once."""
    v, array = Value(2.0), np.array([1.0, 2.0])
    reflected = getattr(arithmetic, f"r{row.name}")
    f = getattr(arithmetic, operator_name(row))
    assert f(v, array) is reflected(v, array) is NotImplemented
    for attempt in (lambda: f(v, "1"), lambda: reflected(v, "1")):
        with pytest.raises(ValueTypeError, match=f"the other operand of '{row.name}'"):
            attempt()


def test_functions_refuse_arrays():
    """What is no operator has no elementwise form: an array is an error, not NotImplemented."""
    for attempt in (
        lambda: arithmetic.pow(Value(2.0), np.array([1.0, 2.0])),
        lambda: arithmetic.pow(np.array([1.0, 2.0]), Value(2.0)),
    ):
        with pytest.raises(ValueTypeError, match="one Value for each number"):
            attempt()
