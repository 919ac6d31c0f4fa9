"""Callbacks and early stopping."""

import math

import pytest

from engine import ShapeError, UnknownNameError, ValueTypeError
from nn import MLP, Callback, EarlyStopping, History, data, fit
from nn.learning.callbacks import Hooks, told_to_stop
from nn.learning.history import Epoch

X, Y = [[0.0], [1.0]], [1.0, 3.0]


def history_of(numbers, column="loss"):
    """A model with a history that grows by one of the numbers at a time."""
    model = MLP.from_weights([[[0.0]]])
    history = History(model, "accuracy")
    for k, number in enumerate(numbers, start=1):
        model.parameters()[0].data = float(k)  # so that an epoch's parameters can be told
        row = Epoch(k, 0.0, 0.0, 0.0, 0.0, 0.1, 1.0, 0.0)
        history.rows.append(row._replace(**{column.replace(" ", "_"): number}))
        yield history


def epochs_until_stopped(stopping, numbers, column="loss"):
    """At which epoch it stops; and what weight the model has in the end."""
    for history in history_of(numbers, column):
        stopped = stopping.on_epoch(history)
        if stopped:
            break
    stopping.on_end(history)
    return history.epochs if stopped else None, history.model.parameters()[0].data


def test_patience():
    """It stops when so many epochs in a row brought no new best, and gives the best back."""
    losses = [5.0, 4.0, 4.5, 3.0, 3.0, 3.5, 4.0, 1.0]
    assert epochs_until_stopped(EarlyStopping("loss", 3), losses) == (7, 4.0)
    assert epochs_until_stopped(EarlyStopping("loss", 1), losses) == (3, 2.0)
    assert epochs_until_stopped(EarlyStopping("loss", 4), losses) == (None, 8.0)
    kept = EarlyStopping("loss", 3, restore_best=False)
    assert epochs_until_stopped(kept, losses) == (7, 7.0)


def test_a_change_that_is_too_small():
    """Does not count as better."""
    losses = [5.0, 4.75, 4.5, 4.25, 4.0]
    assert epochs_until_stopped(EarlyStopping("loss", 2, 0.4), losses) == (None, 5.0)
    assert epochs_until_stopped(EarlyStopping("loss", 2, 0.5), losses) == (3, 1.0)
    assert epochs_until_stopped(EarlyStopping("loss", 2, 1.0), losses) == (3, 1.0)


def test_more_is_better_of_a_metric():
    """Unless it is said otherwise."""
    shares = [0.5, 0.75, 0.5, 0.5]
    for column in ("metric", "validation metric"):
        assert epochs_until_stopped(EarlyStopping(column, 2), shares, column) == (4, 2.0)
    errors = EarlyStopping("metric", 2, maximize=False)
    assert epochs_until_stopped(errors, shares, "metric") == (3, 1.0)
    grown = EarlyStopping("loss", 2, maximize=True)
    assert epochs_until_stopped(grown, shares) == (4, 2.0)


def test_what_is_monitored_if_nothing_is_said():
    """The validation loss, or the loss."""
    falling = [5.0, 4.0, 3.0]
    history = None
    watching = EarlyStopping(patience=1)
    for history in history_of(falling, "validation loss"):
        assert not watching.on_epoch(history)
    assert history is not None
    model = MLP(1, [1], seed=0)
    assert fit(model, X, Y, epochs=3, progress=False, callbacks=[EarlyStopping()]).epochs == 3


def test_it_starts_anew_with_every_training():
    """What one training remembered does not stop the next."""
    stopping = EarlyStopping("loss", 2)
    assert epochs_until_stopped(stopping, [1.0, 2.0, 2.0]) == (3, 1.0)
    assert epochs_until_stopped(stopping, [9.0, 8.0, 7.0]) == (None, 3.0)
    untouched = EarlyStopping("loss")
    history = History(MLP.from_weights([[[4.0]]]))
    untouched.on_end(history)
    assert history.model.parameters()[0].data == 4.0


def test_a_column_that_was_not_measured():
    """The measured ones are listed."""
    stopping = EarlyStopping("validation metric")
    model = MLP(1, [1], seed=0)
    with pytest.raises(UnknownNameError, match="'validation metric', which was not measured; mea"):
        fit(model, X, Y, epochs=3, progress=False, callbacks=[stopping])


def test_bad_settings():
    """Refused at once."""
    with pytest.raises(ShapeError, match="the patience of EarlyStopping must be at least 1"):
        EarlyStopping(patience=0)
    with pytest.raises(ValueTypeError, match="min_change must be"):
        EarlyStopping(min_change=math.nan)


def test_functions_and_objects():
    """All are called, in order, also if the first wants to stop."""
    called = []

    def peek(history):
        called.append(("peek", history))
        return True

    class Watch:
        def on_epoch(self, history):
            called.append(("watch", history))
            return "yes"

    class Whole(Callback):
        def on_epoch(self, history):
            called.append(("whole", history))

    hooks = Hooks([peek, Watch(), Whole()])
    history = History(MLP(1, [1]))
    assert told_to_stop(hooks.epoch, history) == "stopped by peek"
    assert called == [("peek", history), ("watch", history), ("whole", history)]
    assert told_to_stop(Hooks([Whole(), Watch()]).epoch, history) == "stopped by Watch"
    assert told_to_stop(hooks.step, history) is None
    assert len(hooks.step) == len(hooks.end) == 1
    hooks.end[0](history)
    assert len(Hooks(peek).epoch) == 1


def test_no_callback():
    """A number is none; a class without on_epoch cannot be made."""
    with pytest.raises(ValueTypeError, match=r"callback 1 is 3 \(int\), but a callback is"):
        Hooks([print, 3])
    with pytest.raises(TypeError, match="abstract"):
        Callback()


def test_early_stopping_leaves_another_model_alone_when_its_first_epoch_is_interrupted():
    """What it remembers of one training is not given to the model of the next."""

    class Impatient:
        def on_epoch(self, history):
            raise AssertionError(history)

        def on_step(self, history):
            raise KeyboardInterrupt(history.steps)

    stopper = EarlyStopping()
    points = data.xor(8, seed=1)
    fit(MLP(2, [3, 1], seed=1), *points, epochs=2, callbacks=stopper, progress=False)
    other = MLP(2, [3, 1], seed=2)
    before = other.state_dict()
    history = fit(other, *points, callbacks=[stopper, Impatient()], progress=False)
    assert history.stopped == "interrupted"
    changed = [name for name, w in other.state_dict().items() if abs(w - before[name]) > 0.02]
    assert not changed  # one step of Adam, and no parameters of the first model


def test_a_class_is_no_callback():
    """It was forgotten to make one."""
    with pytest.raises(ValueTypeError, match=r"callbacks=EarlyStopping\(\.\.\.\)"):
        Hooks(EarlyStopping)
