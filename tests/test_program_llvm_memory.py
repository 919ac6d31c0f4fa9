"""Where values and slopes are kept."""

import random

import pytest

np = pytest.importorskip("numpy")
pytest.importorskip("llvmlite")

from hypothesis import given  # noqa: E402
from hypothesis import strategies as st  # noqa: E402
from program_examples import close  # noqa: E402

import engine  # noqa: E402
from engine import Value  # noqa: E402
from engine.ops import TABLE  # noqa: E402
from engine.program.llvm import memory  # noqa: E402
from engine.program.llvm.memory import allocate, reads  # noqa: E402

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


def test_partials_say_what_they_read():
    """The result, operands, or nothing."""
    found = {name: reads(TABLE[name]) for name in ("add", "mul", "div", "exp", "neg")}
    assert found["add"] == ((), ())
    assert found["mul"] == ((2,), (1,))
    assert 1 not in found["div"][0]
    assert (found["exp"], found["neg"]) == (((0,),), ((),))


def test_large_programs_use_places_again():
    """A long chain of sums needs a few places, and gives the same as it does eagerly."""
    draw = random.Random(1)  # noqa: S311 - any numbers
    xs = [Value(draw.uniform(-1, 1)) for _ in range(3)]
    ws = [Value(draw.uniform(-1, 1)) for _ in range(2)]
    y = xs[0] * ws[0]
    for k in range(memory.FEW):
        y = (y - xs[k % 3]).tanh() if k % 50 == 0 else abs(y - xs[k % 3])
    y = y * ws[1]
    program = engine.compile(y, xs, [*xs, *ws], tier="llvm")
    found = program._runner._summed.code.memory
    assert found.slopes < 20
    assert found.values < 0.6 * program.flat.slots
    value, gradient = program.value_and_grad([x.data for x in xs])
    y.backward()
    assert close(value, y.data)
    assert close(gradient, [leaf.grad for leaf in (*xs, *ws)])
