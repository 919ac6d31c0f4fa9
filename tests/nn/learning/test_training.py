"""When a training is stopped, interrupted, or goes wrong."""

import math
import signal
import subprocess
import sys

import pytest

from engine import DomainError, Value
from nn import MLP, SGD, Adam, Callback, DivergedError, EarlyStopping, Module, Optimizer, fit

X, Y = [[1.0], [2.0], [3.0], [4.0]], [2.0, 4.0, 6.0, 8.0]


def line():
    """A line through the origin."""
    return MLP.from_weights([[[0.0]]])


def numbers(model):
    """The parameters."""
    return [p.data for p in model.parameters()]


class Interrupting(Callback):
    """Press Ctrl-C at some step or epoch."""

    def __init__(self, step=0, epoch=0):
        self.step, self.epoch = step, epoch
        self.ended = 0

    def on_step(self, history):
        """Perhaps press it."""
        if history.steps == self.step:
            raise KeyboardInterrupt

    def on_epoch(self, history):
        """Perhaps press it."""
        if history.epochs == self.epoch:
            raise KeyboardInterrupt

    def on_end(self, history):
        """Remember that it was called."""
        assert history.stopped == "interrupted"
        self.ended += 1


@pytest.mark.parametrize("progress", [False, True])
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize(("kind", "epochs", "steps"), [({"epoch": 2}, 2, 8), ({"step": 7}, 1, 7)])
def test_an_interruption_keeps_what_was_learned(kind, epochs, steps, compiled, progress):
    """The history so far, the parameters so far, the optimiser's own rate."""
    model, twin = line(), line()
    interrupting = Interrupting(**kind)
    optimizer = SGD(model, lr=0.01)
    history = fit(
        model,
        X,
        Y,
        optimizer=optimizer,
        epochs=9,
        batch_size=1,
        shuffle=False,
        schedule="cosine",
        callbacks=[interrupting],
        compiled=compiled,
        progress=progress,
    )
    assert history.stopped == "interrupted"
    assert (history.epochs, history.steps) == (epochs, steps)
    assert "interrupted" in repr(history)
    assert interrupting.ended == 1
    assert optimizer.lr == 0.01
    seen = []
    watch = Interrupting(step=steps)
    fit(
        twin,
        X,
        Y,
        optimizer=SGD(twin, lr=0.01),
        epochs=9,
        batch_size=1,
        shuffle=False,
        schedule="cosine",
        compiled=compiled,
        progress=False,
        callbacks=[watch, lambda history: seen.append(numbers(twin))],
    )
    assert numbers(model) == numbers(twin)
    assert len(seen) == (steps - 1) // 4


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_itself():
    """The signal, sent to a training that runs."""
    program = """
import signal
import nn
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have turned it off
model = nn.MLP(2, [8, 1], seed=1)
history = nn.fit(model, *nn.data.moons(), epochs=10**4, progress=False,
                 callbacks=lambda history: print("epoch", flush=True))
print("stopped:", history.stopped, history.epochs > 0)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout.readline() == "epoch\n"
        child.send_signal(signal.SIGINT)
        lines = child.stdout.read().splitlines()
    assert lines[-1] == "stopped: interrupted True"
    assert child.returncode == 0


def test_an_interruption_in_the_middle_of_a_step_undoes_it():
    """No parameter has moved while another has not."""

    class Slow(Optimizer):
        def _update(self, *_):
            self.parameters[0].data = 99.0
            raise KeyboardInterrupt

    model = line()
    history = fit(model, X, Y, optimizer=Slow(model, 0.1, 0.0), progress=False)
    assert (history.stopped, history.epochs, history.steps) == ("interrupted", 0, 0)
    assert numbers(model) == [0.0, 0.0]


def test_another_error_is_passed_on():
    """With the rate back and the step undone."""

    class Failing(Optimizer):
        def _update(self, *_):
            self.parameters[0].data = 99.0
            raise RuntimeError("no")

    model = line()
    optimizer = Failing(model, 0.1, 0.0)
    with pytest.raises(RuntimeError, match="no"):
        fit(model, X, Y, optimizer=optimizer, schedule=lambda time: 0.5, progress=False)
    assert numbers(model) == [0.0, 0.0]
    assert optimizer.lr == 0.1


def test_stopping_within_an_epoch():
    """The epoch is in the history with the steps that were made."""

    class Enough(Callback):
        def on_epoch(self, history):
            """Nothing to do."""

        def on_step(self, history):
            return history.steps == 6

    history = fit(line(), X, Y, batch_size=1, callbacks=[Enough()], progress=False)
    assert history.stopped == "stopped by Enough"
    assert (history.epochs, history.steps) == (2, 6)


@pytest.mark.parametrize("compiled", [False, True])
def test_a_rate_that_is_too_high(compiled):
    """One clear error; the parameters are the last whose loss was finite."""
    model = line()
    with pytest.raises(
        DivergedError,
        match=r"training diverged in epoch \d+, after \d+ steps"
        r".*Lower the learning rate \(it is 10\)",
    ) as caught:
        fit(
            model,
            X,
            Y,
            optimizer=SGD(model, lr=10.0),
            epochs=1000,
            compiled=compiled,
            progress=False,
        )
    history = caught.value.history
    assert history.stopped == "diverged"
    assert isinstance(caught.value, DomainError)
    assert 0 < history.epochs < 1000
    assert all(map(math.isfinite, [*numbers(model), *history["loss"]]))
    assert history.steps == history.epochs  # the last of them is undone
    assert numbers(model) != [0.0, 0.0]


def test_a_gradient_that_overflows():
    """The loss is finite, but the step would not be."""

    class Steep(Module):
        def __init__(self):
            self.w = Value(1.0)

        def __call__(self, x):
            return (self.w * 1e-200) * x[0] * 1e200

    model = Steep()
    with pytest.raises(DivergedError, match="epoch 1, after 0 steps: the gradient is not finite"):
        fit(model, [[1.0]], [0.0], clip=lambda g: [math.inf], progress=False)
    assert numbers(model) == [1.0]


def test_a_parameter_that_overflows():
    """Also in the last step."""
    model = line()
    with pytest.raises(DivergedError, match="epoch 1, after 0 steps: a parameter is no longer"):
        fit(model, X, Y, optimizer=SGD(model, lr=1e308), epochs=1, progress=False)
    assert numbers(model) == [0.0, 0.0]


@pytest.mark.parametrize("compiled", [False, True])
def test_validation_that_overflows(compiled):
    """Is a divergence too."""
    model = line()
    with pytest.raises(DivergedError, match="epoch 1, after 1 steps"):
        fit(
            model,
            X,
            Y,
            validation=([[1e200]], [0.0]),
            optimizer=SGD(model, lr=0.01),
            compiled=compiled,
            progress=False,
        )
    assert numbers(model) == [0.0, 0.0]


def test_a_model_that_has_nan():
    """Is said before the first step."""
    model = line()
    model.parameters()[0].data = math.nan
    with pytest.raises(DivergedError, match="epoch 1, after 0 steps: the loss is nan"):
        fit(model, X, Y, optimizer=Adam(model), progress=False)


def test_early_stopping_after_an_interruption():
    """The best parameters are given back then too."""
    model = line()
    kept = []
    history = fit(
        model,
        X,
        Y,
        optimizer=SGD(model, lr=0.02),
        progress=False,
        schedule=lambda time: 1.0 if time < 3 else 10.0,
        callbacks=[
            EarlyStopping("loss", 50),
            lambda history: kept.append(numbers(model)),
            Interrupting(epoch=8),
        ],
    )
    assert history.stopped == "interrupted"
    assert numbers(model) == kept[history.best.epoch - 1]
    assert history.best.epoch < 8


def test_a_row_has_what_was_asked_for():
    """Without validation and metric there is None; the account of a step begins with its loss."""
    history = fit(line(), [[1.0]], [3.0], optimizer="sgd", epochs=1, account=True, progress=False)
    (row,), (step,) = history.rows, history.accounting
    assert (row.loss, row.metric, row.validation_loss, row.validation_metric) == (9.0, *[None] * 3)
    moved = 0.06  # of the weight and the bias, each along a derivative of -6
    assert (step.loss, step.epoch, step.step) == (9.0, 1, 1)
    assert step.predicted == pytest.approx(2 * -6.0 * moved)
    assert step.actual == pytest.approx((3.0 - 2 * moved) ** 2 - 9.0)


def test_the_loss_of_an_epoch_is_that_of_a_sample():
    """However many batches it came in, and how large each was."""
    model = line()
    still = SGD(model, lr=0.0)
    settings = {"batch_size": 2, "epochs": 1, "progress": False}
    history = fit(model, [[1.0]] * 3, [3.0] * 3, optimizer=still, **settings)
    assert history["loss"] == [9.0]


def test_the_time_of_a_schedule():
    """It moves on with every step; a last batch that is not full is a step too."""
    for batch_size, expected in ((1, [0, 0.25, 0.5, 0.75]), (2, [0, 0.5]), (3, [0, 0.5])):
        times = []
        fit(
            line(),
            X,
            Y,
            epochs=2,
            batch_size=batch_size,
            progress=False,
            schedule=lambda time, times=times: times.append(time) or 1.0,
        )
        assert times == [*expected, *(1 + time for time in expected)]
