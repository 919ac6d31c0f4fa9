"""Every row of the derivative table against SymPy, as formulas and at its samples."""

import pytest
from row_checks import by_sympy, own, wrong

from engine.table.ops import TABLE

ROWS = [row for row in TABLE.values() if own(row)]


@pytest.mark.oracle
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_partials_are_the_derivatives_of_the_forward_rule(row):
    """SymPy differentiates the forward text and gets the texts of the partials."""
    by_sympy(row)


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["mul", "tanh", "gelu", "logsumexp", "dot", "relu"])
def test_sympy_notices_a_wrong_row(name):
    """A partial that is wrong by one in a thousand does not pass."""
    with pytest.raises(AssertionError, match=name):
        by_sympy(wrong(TABLE[name], 0), symbolically=False)
