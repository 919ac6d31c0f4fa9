"""Gradient accounting: the law of small steps, and the table."""

import pytest

from nn import MLP, SGD, Adam, binary_cross_entropy, data, fit, mse
from nn.learning.accounting import Accounting, Step

X, Y = data.xor(16, seed=2)


def trained(optimizer, **options):
    """A short training with accounts."""
    model = MLP(2, [5, 1], "tanh", seed=4)
    history = fit(
        model,
        X,
        Y,
        loss=binary_cross_entropy,
        optimizer=optimizer(model),
        account=True,
        progress=False,
        **options,
    )
    return history, history.accounting


@pytest.mark.parametrize("compiled", [False, True])
def test_plain_descent_is_predicted_by_the_squared_gradient(compiled):
    """-lr |g|², and the loss after a step is the loss before the next."""
    history, accounting = trained(lambda m: SGD(m, lr=0.1), epochs=10, compiled=compiled)
    assert len(accounting) == 10
    for step in accounting:
        assert step.predicted == pytest.approx(-0.1 * step.squared_norm, rel=1e-9)
        assert step.actual < 0.0
    for row, step, following in zip(history.rows, accounting, accounting[1:], strict=False):
        assert step.loss == row.loss
        assert step.loss + step.actual == pytest.approx(following.loss, rel=1e-12)
    assert [step.step for step in accounting] == list(range(1, 11))


def test_the_prediction_becomes_exact_as_the_step_becomes_small():
    """What is left over is of second order: a tenth of the step leaves a hundredth of it."""
    errors = []
    for lr in (1e-2, 1e-3, 1e-4):
        _, accounting = trained(lambda m, lr=lr: SGD(m, lr=lr), epochs=1)
        errors.append(accounting[0].actual - accounting[0].predicted)
    assert errors[0] / errors[1] == pytest.approx(100.0, rel=0.1)
    assert errors[1] / errors[2] == pytest.approx(100.0, rel=0.1)


def test_other_optimisers_batches_and_clipping():
    """The prediction is the gradient times the step that was made, on the batch of that step."""
    history, accounting = trained(
        lambda m: Adam(m, lr=1e-4), epochs=2, batch_size=5, clip=1e-3, seed=1
    )
    assert len(accounting) == history.steps == 8
    assert [step.epoch for step in accounting] == [1] * 4 + [2] * 4
    for step in accounting:
        assert step.actual == pytest.approx(step.predicted, rel=0.05)


def test_nobody_asked():
    """Then there are no accounts."""
    model = MLP(2, [1], seed=0)
    assert fit(model, X, Y, loss=mse, epochs=1, progress=False).accounting is None


def test_the_table():
    """Evenly thinned; a step that was predicted to change nothing has no ratio."""
    accounting = Accounting()
    assert repr(accounting) == "step  loss  predicted  actual  actual/predicted"
    for k in range(1, 101):
        accounting.rows.append(Step(1, k, 1.0 / k, -0.1 * (k > 1), -0.05, 1.0, 0.1))
    lines = repr(accounting).splitlines()
    assert len(lines) == 11
    assert lines[1].split() == ["1", "1", "-0", "-0.05", "-"]
    assert lines[-1].split() == ["100", "0.01", "-0.1", "-0.05", "0.5"]
