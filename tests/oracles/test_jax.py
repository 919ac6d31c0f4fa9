"""Every row of the derivative table against JAX in float64, to the second derivative."""

from itertools import chain

import pytest
from row_checks import TOLERANCE, assert_close, by_jax, function, jax_says, own, wrong

from engine import Value, gradients, hessian
from engine.table.ops import TABLE

pytestmark = pytest.mark.oracle

ROWS = [row for row in TABLE.values() if own(row)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_values_and_gradients_are_those_of_jax(row):
    """Both agree to 1e-12 at the row's samples."""
    by_jax(row)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_second_derivatives_are_those_of_jax(row):
    """A gradient that was recorded with create_graph differentiates to JAX's Hessian."""
    for sample in row.samples:
        xs = [Value(x) for x in sample]
        found = hessian(function(row)(*xs), xs)
        expected = jax_says(row.name, sample).hessian
        for entry, true in zip(chain(*found), chain(*expected), strict=True):
            assert_close(entry, true, (row.name, sample), TOLERANCE)


@pytest.mark.parametrize("name", ["relu", "maximum", "minimum"])
def test_kinks_are_decided_as_jax_decides_them(name):
    """The subgradients that the table promises to share with JAX are JAX's (not that of abs)."""
    row = TABLE[name]
    for point in row.kinks:
        xs = [Value(x) for x in point]
        found = gradients(function(row)(*xs))
        assert [found[x] for x in xs] == jax_says(name, point).gradient


@pytest.mark.parametrize("name", ["mul", "tanh", "gelu", "logsumexp", "dot", "relu"])
def test_jax_notices_a_wrong_row(name):
    """A partial that is wrong by one in a thousand does not pass."""
    with pytest.raises(AssertionError, match=name):
        by_jax(wrong(TABLE[name], 0))
