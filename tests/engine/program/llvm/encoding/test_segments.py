"""Sorting and laying out words, all at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.program.llvm.encoding.segments import Segments, runs, stable_order


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


def test_runs_share_a_segment_between_what_is_kept_free():
    """The same key without a break is one run; what has none is alone, and has no header yet."""
    segment, code = runs(np.array([4, 4, -1, -1, 2, 4]), np.array([0, 0, 70, 0, 90]), 2, 1)
    assert segment.tolist() == [2, 2, 3, 4, 5, 6]
    for at in (0, 1, 3, 4, 7):
        code.part([at], 5, 0)
    assert code.words().tolist() == [5, 2, 5, 2, 90, 3, 2, 5, 2, 5, 2, 70, 3, 1, 90, 3, 1, 5, 2]
