"""Guards: what they hold, and how their errors read."""

import pytest

from engine import Value
from engine.errors import BranchChangedError
from engine.program.recording.guards import Guard, collect, verdict_row
from engine.table.floats import on_floats


def test_collect_keeps_each_comparison_once():
    """Two identical comparisons on one line are one guard."""
    x = Value(1.0, "x")
    for _ in range(2):
        assert x > 0
    assert x >= 0.5
    guards = collect([(x, b) for b in x.branches] * 2)
    assert [(g.relation, g.right, g.outcome) for g in guards] == [
        (">", 0.0, True),
        (">=", 0.5, True),
    ]


@pytest.mark.parametrize("relation", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("outcome", [True, False])
def test_verdict_row_agrees_with_the_guard(relation, outcome):
    """On every side of the comparison, on a tie, and on nan."""
    guard = Guard("left", relation, "right", outcome, "f.py", 1)
    row = verdict_row(guard)
    verdict = on_floats(row.forward, row.operands)
    for left in (-1.0, 0.0, 1.0, float("nan")):
        number = {"left": left, "right": 0.0}.get
        assert verdict(left, 0.0) == float(guard.holds(number))


def test_the_error_names_line_sides_and_sample():
    """A label and its number, a plain number as itself."""
    x = Value(1.0, "x")
    guard = Guard(x, ">", 0.0, True, "model.py", 12)
    error = guard.error({x: -2.0, 0.0: 0.0}.get, 3)
    assert isinstance(error, BranchChangedError)
    assert str(error).startswith(
        "model.py:12 compared x = -2.0 > 0.0: that was True when the graph was recorded and is "
        "False for sample 3"
    )
