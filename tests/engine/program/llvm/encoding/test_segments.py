"""Sorting and laying out words, all at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.program.llvm.encoding.segments import Segments, stable_order


@pytest.mark.parametrize("size", [0, 10, 5000])
@pytest.mark.parametrize("scale", [1, 2**55])
def test_equal_keys_stay_in_their_order(size, scale):
    """Few keys and many, small ones and those that leave no room for a position."""
    keys = np.random.default_rng(size).integers(-20, 20, size) * scale
    assert np.array_equal(stable_order(keys), np.argsort(keys, kind="stable"))


@given(
    st.lists(st.lists(st.lists(st.integers(0, 9), max_size=3), min_size=4, max_size=4), max_size=4)
)
def test_parts_follow_each_other_in_every_segment(parts):
    """Whether a part has one row in a segment, several or none."""
    code, expected = Segments(4), [[] for _ in range(4)]
    for part in parts:
        owners = [k for k, rows in enumerate(part) for _ in rows]
        numbers = [number for rows in part for number in rows]
        code.part(owners, np.array(numbers), 7)
        for k, rows in enumerate(part):
            expected[k] += [word for number in rows for word in (number, 7)]
    starts, words = code.lists()
    found = [words[starts[k] : starts[k + 1]].tolist() for k in range(4)]
    assert found == expected
