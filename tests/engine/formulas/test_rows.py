"""Reading formulas from the derivative table."""

import math

import pytest

from engine.formulas.rows import output, partial, read
from engine.formulas.tree import ONE, PI, Name, Number, Test, add, evaluate, holds, negative, times
from engine.table.floats import on_floats
from engine.table.ops import TABLE

X, Y, Z = Name("x"), Name("y"), Name("z")
FIXED = [op for op in TABLE.values() if not op.variadic]


def at(**values):
    """Look nodes up by name."""
    return values.__getitem__


def test_the_exponent_is_put_in_as_a_textbook_does():
    """The derivative of x**2 is 2x."""
    assert partial(TABLE["pow"], 0, [X, Number(2.0)], Z) == times(Number(2.0), X)
    assert partial(TABLE["sigmoid"], 0, [X], Z) == times(Z, add(ONE, negative(Z)))


@pytest.mark.parametrize("op", FIXED, ids=lambda op: op.name)
def test_formulas_of_every_row_have_the_value_of_the_row(op):
    """At its samples each row's formulas evaluate to what the row's texts do."""
    names = [Name(o) for o in op.operands]
    for sample in op.samples:
        z = on_floats(op.forward, op.operands)(*sample)
        values = dict(zip(op.operands, sample, strict=True)) | {"z": z}
        assert evaluate(output(op, names), at(**values)) == pytest.approx(z, rel=1e-14)
        for slot, text in enumerate(op.partials):
            wanted = on_floats(text, (*op.operands, "z"))(*sample, z)
            found = evaluate(partial(op, slot, names, Z, exact=True), at(**values))
            assert found == pytest.approx(wanted, rel=1e-13, abs=1e-300)
            if op.name != "clamp":  # what is shown leaves out low > high, one of its samples
                found = evaluate(partial(op, slot, names, Z), at(**values))
                assert found == pytest.approx(wanted, rel=1e-13, abs=1e-300)


@pytest.mark.parametrize(
    ("name", "value", "partials"),
    [
        ("sum", 10.0, [1, 1, 1, 1, 1]),
        ("mean", 2.0, [0.2] * 5),
        ("logsumexp", math.log(sum(map(math.exp, (1, 2, 3, 0, 4)))), None),
        ("dot", 1 * 3 + 2 * 0 + 4, [3, 0, 1, 2, 1]),
    ],
)
def test_operations_of_many_operands_are_written_out(name, value, partials):
    """Sum, mean, logsumexp and dot have formulas too."""
    data = dict(zip("abcde", (1.0, 2.0, 3.0, 0.0, 4.0), strict=True))
    names = [Name(o) for o in data]
    assert evaluate(output(TABLE[name], names), at(**data)) == pytest.approx(value, rel=1e-14)
    values = data | {"z": value}
    found = [evaluate(partial(TABLE[name], k, names, Z), at(**values)) for k in range(5)]
    wanted = partials or [math.exp(x - value) for x in data.values()]
    assert found == pytest.approx(wanted, rel=1e-14)


def test_conditions_are_read_and_decided():
    """Comparisons combine, and a bare number is a condition too, and a condition a number."""
    text = "1 if 0 < x and x < 2 or (y >= 3 and y != 4) else 2"
    formula = read(text, {"x": X, "y": Y})
    for x, y in [(1, 0), (2, 3), (2, 4), (0, 0)]:
        wanted = 1 if 0 < x < 2 or (y >= 3 and y != 4) else 2
        assert evaluate(formula, at(x=x, y=y)) == wanted
    bare = read("1 if x else 2", {"x": X})
    assert [evaluate(bare, at(x=x)) for x in (0.0, 5.0)] == [2.0, 1.0]
    flag = read("2 * (x <= 1)", {"x": X})
    assert [evaluate(flag, at(x=x)) for x in (0.0, 5.0)] == [2.0, 0.0]
    assert not holds(Test("<", (X, X)), at(x=1.0))


def test_the_named_constants_of_the_language_are_written_out():
    """PI is a symbol, and the others are formulas with their value."""
    assert read("PI", {}) is PI
    assert evaluate(read("SQRT1_2 * LN2", {}), at()) == pytest.approx(math.log(2) / math.sqrt(2))
