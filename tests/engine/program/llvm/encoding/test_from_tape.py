"""Tables straight from a tape are those of its instructions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from program_examples import network
from strategies import recipes

import engine
from engine.program.llvm.encoding.columns import columns
from engine.program.llvm.encoding.from_tape import from_tape
from engine.program.passes.passes import PASSES


def same_tables(flat):
    """Compare both ways; only the numbers of operations may differ."""
    found, expected = from_tape(flat.instructions), columns(list(flat.instructions))
    assert (found.total, found.most_operands) == (expected.total, expected.most_operands)
    assert set(found.ops) == set(expected.ops)
    for rows, others in zip(found.applied, expected.applied, strict=True):
        assert [found.ops[k] for k in rows[1]] == [expected.ops[k] for k in others[1]]
        assert np.array_equal(np.delete(rows, 1, axis=0), np.delete(others, 1, axis=0))
    for name in found._fields[4:]:
        assert np.array_equal(getattr(found, name), getattr(expected, name)), name


@given(data=st.data())
def test_both_ways_give_the_same_tables(data):
    """On any graph, after any passes, with several outputs."""
    leaves, root = data.draw(recipes(everywhere=True)).build()
    order = engine.topological_order(root)
    used = [x for x in leaves if x in set(order)]
    outputs = data.draw(st.sampled_from([[root], [root, order[len(order) // 2], used[0]]]))
    passes = data.draw(st.sets(st.sampled_from(sorted(PASSES))))
    same_tables(engine.compile(outputs, used[::2], used, tier="python", passes=passes).flat)


@pytest.mark.parametrize("dots", [False, True])
def test_networks_give_the_same_tables(dots):
    """Dense layers, between which other rows stand."""
    inputs, parameters, loss = network(5, dots=dots)
    flat = engine.compile(loss, inputs, parameters, tier="python").flat
    assert len(flat.instructions.layers) == 2
    same_tables(flat)
