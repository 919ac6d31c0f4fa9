"""Eager re-runs for reports."""

import math

import pytest

import engine
from engine import Value, constant
from engine.errors import DomainError
from engine.program.rerun import not_finite, rerun


def test_every_kind_of_node_is_recorded_again():
    """With labels, constants, settings; on the same numbers it is the same."""
    x, k, w = Value(2.0, "x"), constant(3.0, "k"), Value(0.5)
    y = engine.dot([x, k], [w, 2.0], x) + engine.dot([x], [k])
    y = y * engine.logsumexp([x, w, 1.0]) - engine.mean([x, y]) / engine.sum([x, w]) + 3 / x
    y.label = "y"
    twins = rerun([y, x], {})
    assert twins[y].data == y.data
    assert (twins[y].label, twins[x].label, twins[w].label) == ("y", "x", "")
    assert twins[k].is_constant
    assert engine.gradients(twins[y])[twins[x]] == engine.gradients(y)[x]
    assert rerun([y], {x: 3.0})[x].data == 3.0


def test_outside_the_domain_it_raises_like_eager_code():
    """And gives the IEEE answer where eager code does."""
    x = Value(2.0, "x")
    y = x.log()
    with pytest.raises(DomainError, match=r"log\(x\) at x: x = -1.0"):
        rerun([y], {x: -1.0})
    with engine.ieee():
        assert math.isnan(rerun([y], {x: -1.0})[y].data)


def test_not_finite_names_what_is_wrong():
    """A leaf, an operation, a gradient, or nothing that eager code sees."""
    x = Value(2.0, "x")
    y = x.log()
    with engine.ieee():
        steep = (x * 1e200) * 1e200
    assert "sample 4 of the batch starts from x = nan" in str(not_finite([y], {x: math.nan}, 4))
    assert "a leaf = inf" in str(not_finite([y], {Value(1.0): math.inf}, 4))
    assert "sample 4 of the batch: log(x) at x: x = 0.0" in str(not_finite([y], {x: 0.0}, 4))
    assert "gradient with respect to x = 1e-300 is inf" in str(not_finite([steep], {x: 1e-300}, 0))
    assert "near the largest float" in str(not_finite([y], {x: 1.0}, 0))
