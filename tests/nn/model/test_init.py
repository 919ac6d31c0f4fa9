"""Starting weights."""

import math
import random
import statistics

import pytest

from engine import UnknownNameError, ValueTypeError
from nn.model.init import INITS, Init, find_init, find_source, he, normal, uniform, xavier, zeros


def draws(init, fan_in=10, fan_out=30, count=4000):
    """Draw many weights from a seeded source."""
    source = find_source(7)
    return [init(source, fan_in, fan_out) for _ in range(count)]


def test_uniform_stays_between_its_bounds_and_fills_them():
    """An even distribution has the mean of its bounds and their distance over sqrt(12)."""
    found = draws(uniform(-2.0, 4.0))
    assert -2.0 <= min(found) < -1.9
    assert 3.9 < max(found) <= 4.0
    assert statistics.mean(found) == pytest.approx(1.0, abs=0.1)


def test_normal_has_its_mean_and_deviation():
    """The drawn weights have about the given mean and deviation."""
    found = draws(normal(3.0, 0.5))
    assert statistics.mean(found) == pytest.approx(3.0, abs=0.05)
    assert statistics.stdev(found) == pytest.approx(0.5, abs=0.05)


def test_xavier_stays_within_glorots_bound():
    """The bound is sqrt(6 / (inputs + outputs))."""
    bound = math.sqrt(6.0 / 40.0)
    found = draws(xavier())
    assert 0.98 * bound < max(map(abs, found)) <= bound


def test_he_has_the_deviation_of_its_paper():
    """The deviation is sqrt(2 / inputs), whatever the outputs."""
    found = draws(he())
    assert statistics.mean(found) == pytest.approx(0.0, abs=0.03)
    assert statistics.stdev(found) == pytest.approx(math.sqrt(0.2), abs=0.02)


def test_zeros_are_zero():
    """Every weight is 0."""
    assert set(draws(zeros(), count=5)) == {0.0}


@pytest.mark.parametrize("name", INITS)
def test_an_initialiser_prints_as_the_code_that_makes_it(name):
    """The representation evaluates to the same initialiser."""
    init = find_init(name)
    again = eval(repr(init), dict(INITS))  # noqa: S307 - our own text
    assert repr(again) == repr(init)
    assert again(random.Random(1), 3, 3) == init(random.Random(1), 3, 3)


def test_the_default_is_micrograds():
    """None draws from uniform(-1, 1)."""
    assert repr(find_init(None)) == "uniform(-1.0, 1.0)"


def test_an_initialiser_is_taken_as_it_is():
    """A user's own Init is used."""
    own = Init("own", lambda source, fan_in, fan_out: float(fan_in))
    assert find_init(own) is own
    assert repr(own) == "own"


def test_an_unknown_initialiser_lists_the_known():
    """The message names what was given and what there is."""
    with pytest.raises(UnknownNameError, match=r"'glorot'.*'he', 'normal', .*'xavier', 'zeros'"):
        find_init("glorot")


def test_something_else_is_no_initialiser():
    """A number is refused with a way out."""
    with pytest.raises(ValueTypeError, match=r"not 0.5 \(float\).*init='he'"):
        find_init(0.5)


def test_bounds_must_be_numbers():
    """A text bound is refused when the initialiser is made, not when it draws."""
    with pytest.raises(ValueTypeError, match="low"):
        uniform("a")


def test_without_a_seed_the_module_random_is_the_source():
    """`random.seed` decides, as in micrograd."""
    assert find_source(None) is random
    assert find_source(3).uniform(0, 1) == find_source(3).uniform(0, 1)
