"""Gradient clipping."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine import ValueTypeError
from nn import MLP, clip_norm, clip_value, gradient_norm
from nn.learning.clipping import find_clip

GRADIENTS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8)


@given(GRADIENTS, st.floats(1e-3, 1e3))
@example([2.2250738585e-313, 412.0], 1.0)
def test_the_length_is_at_most_the_limit(gradient, limit):
    """The direction stays; a gradient that is short enough stays as it is."""
    clipped = clip_norm(gradient, limit)
    norm = math.sqrt(math.fsum(g * g for g in gradient))
    assert gradient_norm(gradient) == pytest.approx(norm, rel=1e-12)
    assert gradient_norm(clipped) <= limit * (1 + 1e-12)
    if norm <= limit - 1e-6:
        assert clipped == gradient
    else:
        assert gradient_norm(clipped) >= limit * (1 - 1e-6 / norm) * (1 - 1e-12)
        # The largest has all its digits; a subnormal one would tell little of the factor.
        largest = max(range(len(gradient)), key=lambda k: abs(gradient[k]))
        factor = clipped[largest] / gradient[largest]
        assert clipped == pytest.approx([g * factor for g in gradient], rel=1e-9, abs=1e-300)


@given(GRADIENTS, st.floats(1e-3, 1e3))
def test_every_derivative_is_within_the_limit(gradient, limit):
    """Those within stay, those outside become the limit with their sign."""
    for g, clipped in zip(gradient, clip_value(gradient, limit), strict=True):
        assert clipped == (g if abs(g) <= limit else math.copysign(limit, g))


def test_a_model_gets_the_clipped_gradients():
    """Between backward and step, as PyTorch's functions do."""
    model = MLP.from_weights([[[3.0, 4.0]]])
    (model([3.0, 4.0]) * 10.0).backward()
    assert gradient_norm(model) == math.hypot(30.0, 40.0, 10.0)
    clipped = clip_norm(model, 1.0)
    assert [p.grad for p in model.parameters()] == clipped
    assert gradient_norm(model) == pytest.approx(1.0, rel=1e-6)
    assert clip_value(model, 0.25) == [0.25, 0.25, 10.0 * clipped[2] / 10.0]
    assert [p.grad for p in model.parameters()] == [0.25, 0.25, clipped[2]]


def test_what_fit_takes():
    """A limit, a function, or nothing."""
    assert find_clip(None) is None
    assert find_clip(sorted) is sorted
    clip = find_clip(2)
    assert clip is not None
    assert clip([30.0, -40.0]) == clip_norm([30.0, -40.0], 2.0)


def test_bad_limits():
    """Not positive, no number; and a gradient that is none."""
    for bad in (0.0, -1.0, math.nan, math.inf, "1"):
        for clip in (clip_norm, clip_value):
            with pytest.raises(ValueTypeError, match=r"the limit of a .* must be a"):
                clip([1.0], bad)
        with pytest.raises(ValueTypeError, match="clip, the greatest length of a gradient, must"):
            find_clip(bad)
    with pytest.raises(ValueTypeError, match="a derivative must be a real number, not 'x'"):
        clip_norm(["x"], 1.0)


def test_a_nan_is_not_clipped_away():
    """As in PyTorch; otherwise training would go on with a made-up derivative."""
    assert math.isnan(clip_value([math.nan], 1.0)[0])
