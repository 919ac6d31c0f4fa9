"""Places for things that live for a while."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.program.llvm.encoding.allocation import allocate

LIVES = st.lists(
    st.tuples(st.integers(-1, 30), st.integers(0, 12), st.integers(1, 3)), max_size=40
)


@given(LIVES, st.integers(0, 5))
def test_no_two_share_a_place_while_they_live(lives, base):
    """Whatever is born and dies, of any size; all between the base and the end."""
    born, ages, sizes = np.array(lives, dtype=int).reshape(-1, 3).T
    dies = born + ages
    at, room = allocate(born, dies, sizes, base)
    for now in range(-1, 45):
        alive = np.flatnonzero((born <= now) & (now <= dies))
        taken = [place for k in alive for place in range(at[k], at[k] + sizes[k])]
        assert len(set(taken)) == len(taken)
        assert all(base <= place < room for place in taken)


def test_what_follows_takes_the_place_of_what_was():
    """Only of its own size."""
    at, room = allocate(np.arange(4), np.arange(4), np.array([1, 2, 1, 2]), 7)
    assert (at.tolist(), room) == ([7, 8, 7, 8], 10)


def test_who_dies_when_another_is_born_has_its_place_still():
    """However many do at the same time: an instruction may read what it takes the place of."""
    now = np.repeat(np.arange(50), 20)
    at, room = allocate(now, now + 1, np.ones(1000, dtype=int), 0)
    for one in range(0, 980, 20):
        assert len(set(at[one : one + 40].tolist())) == 40
    assert room == 40
