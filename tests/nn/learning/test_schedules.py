"""Schedules of the learning rate."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import UnknownNameError, ValueTypeError
from nn import cosine, exponential_decay, linear_decay, one_cycle, schedules, step_decay, warmup

TIMES = st.floats(0.0, 200.0)


@given(TIMES)
def test_formulas(t):
    """Each against its formula, at any time."""
    assert schedules.constant()(t) == 1.0
    assert step_decay(30, 0.5)(t) == 0.5 ** (t // 30)
    assert exponential_decay(0.9)(t) == pytest.approx(0.9**t, rel=1e-13)
    assert linear_decay(100, 0.2)(t) == pytest.approx(max(0.2, 1.0 - 0.8 * t / 100), rel=1e-13)
    half = math.cos(math.pi * min(t, 100.0) / 100.0)
    assert cosine(100, 0.1)(t) == pytest.approx(0.1 + 0.9 * (1 + half) / 2, rel=1e-13)


@given(st.floats(0.5, 100.0), st.floats(0.0, 0.9), st.floats(0.0, 1.0))
def test_one_cycle(epochs, start, part):
    """It rises to 1 at the peak, falls to the end, stays there, and is between them elsewhere."""
    schedule = one_cycle(epochs, peak=0.25, start=start, end=0.125)
    assert schedule(0.0) == start
    assert schedule(0.25 * epochs) == 1.0
    assert schedule(epochs) == schedule(3 * epochs) == 0.125
    top, t = 0.25 * epochs, part * epochs
    if t < top:
        assert start <= schedule(t) <= 1.0
        assert schedule(t) <= schedule((t + top) / 2) + 1e-15
    else:
        assert 0.125 <= schedule(t) <= 1.0 + 1e-15


def test_warmup_goes_on_with_another():
    """Its time starts where the rise ends."""
    assert [warmup(4)(t) for t in (0, 1, 2, 4, 100)] == [0.0, 0.25, 0.5, 1.0, 1.0]
    schedule = warmup(2, 0.5, then=lambda time: 10.0 + time)
    assert [schedule(t) for t in (0, 1, 2, 3.5)] == [0.5, 0.75, 10.0, 11.5]


def test_how_they_print():
    """As they are written."""
    texts = [
        "constant()",
        "step_decay(30, 0.1)",
        "exponential_decay(0.95)",
        "linear_decay(10, 0.0)",
        "cosine(10, 0.0)",
        "warmup(4, 0.0)",
        "warmup(4, 0.0, then=cosine(9, 0.5))",
        "one_cycle(10, 0.3, 0.04, 4e-06)",
    ]
    made = [
        schedules.constant(),
        step_decay(),
        exponential_decay(),
        linear_decay(10),
        cosine(10),
        warmup(4),
        warmup(4, then=cosine(9, 0.5)),
        one_cycle(10),
    ]
    assert list(map(repr, made)) == texts


@pytest.mark.parametrize("name", schedules.SCHEDULES)
def test_schedules_by_name(name):
    """Every name gives factors that are fine for the whole training."""
    schedule = schedules.find_schedule(name, 50)
    assert all(0.0 <= schedule(t) <= 1.0 for t in range(51))
    assert repr(schedule).startswith(name)


def test_finding():
    """A function is taken as it is, nothing means constant; the rest is refused."""
    assert schedules.find_schedule(math.exp, 5) is math.exp
    assert repr(schedules.find_schedule(None, 5)) == "constant()"
    assert repr(schedules.find_schedule("cosine", 5)) == "cosine(5, 0.0)"
    with pytest.raises(UnknownNameError, match="unknown schedule 'cos'; known are 'constant', 'c"):
        schedules.find_schedule("cos", 5)
    with pytest.raises(ValueTypeError, match=r"a schedule is a function of the time .* not 0.5"):
        schedules.find_schedule(0.5, 5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: step_decay(0),
        lambda: step_decay(3, -1.0),
        lambda: exponential_decay(-0.5),
        lambda: linear_decay(0),
        lambda: linear_decay(5, -1.0),
        lambda: cosine(0),
        lambda: cosine(5, math.nan),
        lambda: warmup(-1),
        lambda: warmup(1, -1.0),
        lambda: one_cycle(0),
        lambda: one_cycle(5, peak=1.0),
        lambda: one_cycle(5, start=-1.0),
        lambda: one_cycle(5, end=-1.0),
    ],
)
def test_bad_settings(make):
    """Refused when the schedule is made, not while training."""
    with pytest.raises(ValueTypeError, match=r"must be a (finite )?number"):
        make()


@pytest.mark.parametrize("name", list(schedules.SCHEDULES))
def test_what_makes_a_schedule_is_none(name):
    """``schedule=nn.cosine`` would take the time for the number of epochs."""
    with pytest.raises(ValueTypeError, match=f"write schedule=nn.schedules.{name}"):
        schedules.find_schedule(getattr(schedules, name), 10)
