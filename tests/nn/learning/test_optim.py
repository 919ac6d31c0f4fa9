"""Optimisers, against their papers' formulas worked out by hand."""

import math

import pytest

from engine import ShapeError, Value, ValueTypeError, constant
from nn import MLP, SGD, Adam, AdamW, Optimizer, mse

GRADIENTS = [[0.5, -2.0], [0.25, 1.0], [-0.75, 3.0], [1.5, 0.125]]


def run(optimizer, parameters):
    """Step along fixed gradients; the numbers after each step."""
    numbers = []
    for gradient in GRADIENTS:
        optimizer.step(gradient)
        numbers.append([p.data for p in parameters])
    return numbers


def pair():
    """Two parameters."""
    return [Value(1.0), Value(-2.0)]


def test_plain_descent():
    """W <- w - η g."""
    ps = pair()
    assert run(SGD(ps, lr=0.5), ps)[0] == [0.75, -1.0]


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_momentum(nesterov, decay):
    """V <- m v + g, then w <- w - η v, or with a look ahead w <- w - η (g + m v)."""
    ps = pair()
    found = run(SGD(ps, lr=0.1, momentum=0.9, nesterov=nesterov, weight_decay=decay), ps)
    for column, start in enumerate((1.0, -2.0)):
        w, v = start, 0.0
        for k, gradient in enumerate(GRADIENTS):
            g = gradient[column] + decay * w
            v = 0.9 * v + g
            w -= 0.1 * (g + 0.9 * v if nesterov else v)
            assert found[k][column] == pytest.approx(w, rel=1e-13)


@pytest.mark.parametrize("kind", [Adam, AdamW])
@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adam(kind, decay):
    """Algorithm 1 of the Adam paper; algorithm 2 of the decoupled one."""
    ps = pair()
    found = run(kind(ps, lr=0.01, betas=(0.8, 0.99), eps=1e-6, weight_decay=decay), ps)
    for column, start in enumerate((1.0, -2.0)):
        w, m, v = start, 0.0, 0.0
        for t, gradient in enumerate(GRADIENTS, start=1):
            g = gradient[column]
            if kind is AdamW:
                w -= 0.01 * decay * w
            else:
                g += decay * w
            m = 0.8 * m + 0.2 * g
            v = 0.99 * v + 0.01 * g * g
            w -= 0.01 * (m / (1 - 0.8**t)) / (math.sqrt(v / (1 - 0.99**t)) + 1e-6)
            assert found[t - 1][column] == pytest.approx(w, rel=1e-12)


@pytest.mark.parametrize(
    ("make", "below"),
    [
        (lambda m: SGD(m, lr=0.05), 0.06),
        (lambda m: SGD(m, lr=0.02, momentum=0.9, nesterov=True), 0.06),
        (lambda m: Adam(m, lr=0.05), 0.06),
        (lambda m: AdamW(m, lr=0.05), 0.06),
    ],
)
def test_each_optimiser_learns(make, below):
    """A small network learns exclusive or, at least most of the way."""
    model = MLP(2, [6, 1], "tanh", seed=3)
    optimizer = make(model)
    points, targets = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0]
    for _ in range(250):
        loss = mse([model(x) for x in points], targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.data < below


def test_the_state_is_in_the_optimiser():
    """Two optimisers of the same parameters do not disturb each other's memory."""
    ps = pair()
    one, other = SGD(ps, momentum=0.9), SGD(ps, momentum=0.9)
    one.step([1.0, 1.0])
    assert (one.velocity, other.velocity) == ([1.0, 1.0], [])
    assert ps[0].grad == 0.0


def test_zero_grad_and_the_rate_between_steps():
    """zero_grad zeroes; assigning lr takes effect at the next step."""
    (p,) = ps = [Value(1.0)]
    p.grad = 3.0
    optimizer = SGD(ps, lr=1.0)
    optimizer.lr = 0.5
    optimizer.step()
    assert p.data == -0.5
    optimizer.zero_grad()
    assert p.grad == 0.0


def test_bad_parameters():
    """None, a number, a result and a constant are no parameters."""
    with pytest.raises(ShapeError, match="at least one parameter"):
        SGD([])
    for bad in (1.0, Value(1.0) * 2, constant(1.0)):
        with pytest.raises(ValueTypeError, match="parameter 0 is"):
            SGD([bad])


def test_bad_numbers():
    """Each setting says what it needs."""
    ps = pair()
    for bad in (-1.0, math.inf, math.nan):
        with pytest.raises(ValueTypeError, match="lr must be a finite number"):
            SGD(ps, lr=bad)
    with pytest.raises(ValueTypeError, match="weight_decay"):
        Adam(ps, weight_decay=-1.0)
    with pytest.raises(ValueTypeError, match="momentum"):
        SGD(ps, momentum=-0.5)
    with pytest.raises(ValueTypeError, match="needs a momentum"):
        SGD(ps, nesterov=True)
    for bad in ((0.9,), (0.9, 1.0), (-0.1, 0.9)):
        with pytest.raises(ValueTypeError, match="betas must be two numbers"):
            Adam(ps, betas=bad)
    with pytest.raises(ShapeError, match="each of the 2 parameters, but was given 1"):
        SGD(ps).step([1.0])


def test_a_rule_of_ones_own():
    """A subclass needs to say only how the numbers change."""

    class Signs(Optimizer):
        def _update(self, data, gradient):
            for p, w, g in zip(self.parameters, data, gradient, strict=True):
                p.data = w - self.lr * math.copysign(1.0, g)

    ps = pair()
    Signs(ps, 0.5, 0.0).step([3.0, -4.0])
    assert [p.data for p in ps] == [0.5, -1.5]
    with pytest.raises(TypeError, match="abstract"):
        Optimizer(ps, 0.5, 0.0)


def test_how_they_print():
    """With their settings."""
    ps = pair()
    assert repr(SGD(ps, lr=0.5)) == "SGD(lr=0.5, momentum=0.0, nesterov=False, weight_decay=0.0)"
    assert repr(AdamW(ps)) == "AdamW(lr=0.001, betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01)"
