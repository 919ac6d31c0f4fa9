"""`fit` and `evaluate`: what they take, what they give, and what they refuse."""

import math
import random

import numpy as np
import pytest

from engine import ShapeError, UnknownNameError, Value, ValueTypeError, mean
from engine.errors import DataError
from nn import (
    MLP,
    SGD,
    Adam,
    AdamW,
    Data,
    EarlyStopping,
    Module,
    binary_cross_entropy,
    cosine,
    cross_entropy,
    data,
    evaluate,
    fit,
    hinge,
    mse,
)
from nn import fit as fit_function

MOONS = data.moons(24, seed=1)


def network(outputs=1, activation="tanh"):
    """A small network, always the same."""
    return MLP(2, [5, outputs], activation, seed=1)


def numbers(model):
    """The parameters."""
    return [p.data for p in model.parameters()]


def trained(**options):
    """A short training on the moons: the model and the history."""
    model = network()
    options = {"loss": binary_cross_entropy, "epochs": 6, "progress": False} | options
    return model, fit(model, *MOONS, **options)


def test_the_same_as_a_loop_by_hand():
    """Full batch: the mean of the losses, backward, step."""
    model, history = trained(optimizer=None)
    twin = network()
    optimizer = Adam(twin, lr=0.01)
    for row in history.rows:
        loss = mean([binary_cross_entropy(twin(x), t) for x, t in zip(*MOONS, strict=True)])
        twin.zero_grad()
        loss.backward()
        optimizer.step()
        assert row.loss == pytest.approx(loss.data, rel=1e-13)
    assert numbers(model) == pytest.approx(numbers(twin), rel=1e-12)
    assert history.epochs == history.steps == 6
    assert history.stopped is None
    assert history.model is model


def test_the_same_as_a_loop_over_single_samples():
    """batch_size=1 without shuffling: a step for each sample, in order."""
    model = network()
    X, y = MOONS.X, data.signs(MOONS.y)
    fit(
        model,
        X,
        y,
        loss="hinge",
        optimizer=SGD(model, lr=0.05),
        epochs=2,
        batch_size=1,
        shuffle=False,
        progress=False,
    )
    twin = network()
    optimizer = SGD(twin, lr=0.05)
    for x, t in [*zip(X, y, strict=True)] * 2:
        optimizer.zero_grad()
        hinge(twin(x), t).backward()
        optimizer.step()
    assert numbers(model) == numbers(twin)


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("batch_size", [None, 5, 1, 1000])
def test_a_seed_gives_the_same_to_the_last_bit(compiled, batch_size):
    """Parameters, history and the optimiser's memory; another seed gives another order."""

    def run(seed):
        model = network()
        optimizer = Adam(model, lr=0.05)
        history = fit(
            model,
            *MOONS,
            loss="binary_cross_entropy",
            optimizer=optimizer,
            epochs=3,
            batch_size=batch_size,
            seed=seed,
            compiled=compiled,
            validation=0.25,
            progress=False,
        )
        return numbers(model), optimizer.first, optimizer.second, history["loss"]

    random.seed(4)
    before = random.getstate()
    one = run(0)
    assert random.getstate() == before
    assert run(0) == one
    assert run(1) != one


def test_the_order_of_the_samples():
    """Every epoch takes each once, in an order of its own and of the seed's; or as they are."""

    def orders(**options):
        seen = []
        fit(
            network(),
            MOONS.X,
            [float(k) for k in range(24)],
            epochs=2,
            batch_size=5,
            loss=lambda yhat, t: seen.append(t) or mse(yhat, t),
            progress=False,
            **options,
        )
        del seen[0]  # the loss is tried on the first sample
        return seen[:24], seen[24:]

    straight = list(range(24))
    assert orders(shuffle=False) == (straight, straight)
    first, second = orders(seed=3)
    assert sorted(first) == sorted(second) == straight
    assert straight != first != second
    assert orders(seed=3) == (first, second)
    assert orders(seed=4)[0] != first


def test_a_batch_larger_than_the_data_is_all_of_them():
    """To the last bit."""
    (one, _), (other, _) = trained(batch_size=1000), trained()
    assert numbers(one) == numbers(other)


@pytest.mark.parametrize(
    ("loss", "outputs", "y"),
    [
        (mse, 1, [0.5 * label for label in MOONS.y]),
        ("half_squared_error", 2, [[float(label), 1.0 - label] for label in MOONS.y]),
        ("binary_cross_entropy", 1, MOONS.y),
        ("hinge", 1, data.signs(MOONS.y)),
        (cross_entropy, 2, MOONS.y),
        (cross_entropy, 2, data.one_hot(MOONS.y)),
        (lambda yhat, t: abs(yhat - t), 1, MOONS.y),
    ],
)
@pytest.mark.parametrize("batch_size", [None, 7])
def test_eager_and_compiled_give_the_same(loss, outputs, y, batch_size):
    """The same parameters and history, to the documented tolerance, after many epochs."""
    found = []
    for compiled in (False, True):
        model = network(outputs)
        history = fit(
            model,
            MOONS.X,
            y,
            loss=loss,
            optimizer=AdamW(model, lr=0.02),
            epochs=20,
            batch_size=batch_size,
            compiled=compiled,
            validation=(MOONS.X[:5], y[:5]),
            schedule="cosine",
            clip=1.0,
            progress=False,
        )
        columns = {name: c for name, c in history.columns.items() if name != "seconds"}
        found.append((numbers(model), columns, [p.grad for p in model.parameters()]))
    (eager, eager_columns, eager_grads), (quick, quick_columns, quick_grads) = found
    assert quick == pytest.approx(eager, rel=1e-8, abs=1e-9)
    assert quick_grads == pytest.approx(eager_grads, rel=1e-7, abs=1e-12)
    assert eager_columns.keys() == quick_columns.keys()
    for name, column in eager_columns.items():
        assert quick_columns[name] == pytest.approx(column, rel=1e-8, abs=1e-9)


def test_the_moons_are_learned():
    """2-16-16-1 gets all of the classic set right."""
    X, y = data.moons(100, noise=0.1, seed=0)
    model = MLP(2, [16, 16, 1], init="he", seed=0)
    history = fit(
        model,
        X,
        y,
        loss="binary_cross_entropy",
        optimizer=Adam(model, lr=0.05),
        epochs=100,
        compiled=True,
        progress=False,
    )
    assert history["metric"][-1] == 1.0
    assert history.metric_name == "accuracy"


def test_the_numbers_of_an_epoch():
    """Loss and metric just before each step, averaged over samples; the rest as documented."""
    X, y = [[1.0], [2.0], [3.0]], [1.0, 2.0, 2.0]
    model = MLP.from_weights([[[1.0]]])
    history = fit(
        model,
        X,
        y,
        optimizer=SGD(model, lr=0.5),
        epochs=1,
        batch_size=2,
        shuffle=False,
        metric=lambda yhat, t: abs(yhat - t),
        validation=([[1.0]], [0.0]),
        progress=False,
    )
    (row,) = history.rows
    assert row.loss == pytest.approx((0.0 + 0.0 + 1.0) / 3)  # two right, then one off by 1
    assert row.metric == pytest.approx(1.0 / 3)
    assert row.gradient_norm == pytest.approx((0.0 + math.hypot(6.0, 2.0)) / 2)
    assert numbers(model) == [1.0 - 0.5 * 6.0, -0.5 * 2.0]
    assert row.validation_loss == 9.0  # after the step: (-2 - 1 - 0)²
    assert row.validation_metric == 3.0
    assert (row.learning_rate, history.steps) == (0.5, 2)
    assert row.seconds > 0.0


def test_validation():
    """A part of the samples is not trained on; a pair is; both are measured."""
    model, history = trained(validation=0.25)
    training, aside = MOONS.split(0.25, 0)
    twin = network()
    fit(twin, *training, loss=binary_cross_entropy, epochs=6, progress=False)
    assert numbers(twin) == numbers(model)
    measured = evaluate(model, *aside, loss=binary_cross_entropy)
    last = history.rows[-1]
    assert (last.validation_loss, last.validation_metric) == measured
    for pair in (aside, (aside.X, aside.y), [np.array(aside.X), np.array(aside.y)]):
        other, course = trained(validation=pair)
        assert (
            course.rows[-1].validation_loss
            == evaluate(other, *aside, loss=binary_cross_entropy).loss
        )


def test_the_rate_follows_the_schedule_and_comes_back():
    """At every step; the optimiser has its own rate again afterwards."""
    model = network()
    optimizer = SGD(model, lr=0.5)
    seen = []

    class Rates:
        def on_epoch(self, history):
            """Nothing to do."""

        def on_step(self, _):
            seen.append(optimizer.lr)

    history = fit(
        model,
        *MOONS,
        optimizer=optimizer,
        epochs=3,
        batch_size=12,
        schedule=cosine(3),
        callbacks=[Rates()],
        progress=False,
    )
    assert seen == [0.5 * cosine(3)(t / 2) for t in range(6)]
    assert history["learning rate"] == seen[1::2]
    assert optimizer.lr == 0.5


def test_clipping():
    """The gradient that is stepped with is clipped; the history has its length before that."""
    model = network()
    before = numbers(model)
    history = fit(model, *MOONS, optimizer=SGD(model, lr=1.0), epochs=1, clip=1e-3, progress=False)
    moved = math.dist(numbers(model), before)
    assert moved == pytest.approx(1e-3, rel=1e-4)
    assert history["gradient norm"][0] > 0.01
    assert math.hypot(*(p.grad for p in model.parameters())) == pytest.approx(moved, rel=1e-9)


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("sgd", SGD),
        ("adam", lambda m: Adam(m, lr=0.01)),
        (None, lambda m: Adam(m, lr=0.01)),
        ("adamw", lambda m: AdamW(m, lr=0.01)),
    ],
)
def test_optimisers_by_name(name, same):
    """With rates for small models."""
    twin = network()
    fit(twin, *MOONS, optimizer=same(twin), epochs=2, progress=False)
    model = network()
    fit(model, *MOONS, optimizer=name, epochs=2, progress=False)
    assert numbers(model) == numbers(twin)


@pytest.mark.parametrize("compiled", [False, True])
def test_only_the_parameters_of_the_optimiser_move(compiled):
    """So that a part of a model can be trained."""
    model = network()
    last = model.layers[1].parameters()
    before = numbers(model)
    fit(model, *MOONS, optimizer=SGD(last, lr=0.1), epochs=2, compiled=compiled, progress=False)
    after = numbers(model)
    assert after[: -len(last)] == before[: -len(last)]
    assert all(a != b for a, b in zip(after[-len(last) :], before[-len(last) :], strict=True))


@pytest.mark.parametrize("compiled", [False, True])
def test_any_module(compiled):
    """One that computes as it likes, also with a branch."""

    class Broken(Module):
        """A line with a kink at 0."""

        def __init__(self):
            self.left, self.right = Value(0.1), Value(0.1)

        def __call__(self, x):
            return (self.left if x[0] < 0 else self.right) * x[0]

    model = Broken()
    X = [[k / 4] for k in range(-4, 5)]
    y = [-2.0 * x if x < 0 else 3.0 * x for (x,) in X]
    fit(model, X, y, optimizer=SGD(model, lr=1.0), epochs=200, compiled=compiled, progress=False)
    assert model.state_dict() == pytest.approx({"left": -2.0, "right": 3.0}, rel=1e-9)


def test_the_progress_bar(capsys):
    """On standard error, unless it is turned off."""
    trained(progress=True)
    shown = capsys.readouterr()
    assert "6/6" in shown.err
    assert "accuracy=" in shown.err
    assert shown.out == ""
    trained()
    assert capsys.readouterr().err == ""


def test_early_stopping_gives_the_best_back():
    """The validation loss of the model is that of the best epoch."""
    model, history = trained(
        optimizer=None,
        epochs=200,
        validation=0.25,
        callbacks=EarlyStopping(patience=3),
        schedule=lambda time: 1.0 if time < 20 else 1000.0,
    )
    assert history.epochs < 200
    assert history.stopped == "stopped by EarlyStopping"
    _, aside = MOONS.split(0.25, 0)
    now = evaluate(model, *aside, loss=binary_cross_entropy).loss
    assert now == history.best.validation_loss == min(history["validation loss"])


# ---------------------------------------------------------------- evaluate


@pytest.mark.parametrize("compiled", [False, True])
def test_evaluating(compiled):
    """Loss and metric; the model and its gradients stay as they are."""
    model = MLP.from_weights([[[1.0]]])
    model.parameters()[0].grad = 7.0
    found = evaluate(
        model, [[1.0], [-1.0]], [1, 1], loss="binary_cross_entropy", compiled=compiled
    )
    assert found.loss == pytest.approx((math.log1p(math.exp(-1)) + math.log1p(math.exp(1))) / 2)
    assert found.metric == 0.5
    assert evaluate(model, [[1.0]], [3.0], compiled=compiled) == (4.0, None)
    assert model.parameters()[0].grad == 7.0
    assert numbers(model) == [1.0, 0.0]


def test_evaluating_is_not_compiled_unless_asked_for():
    """A loss of one's own gets each target as it was given."""
    seen = []
    evaluate(network(), *MOONS, loss=lambda yhat, t: seen.append(t) or mse(yhat, t))
    del seen[0]  # the loss is tried on the first sample
    assert seen == MOONS.y


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"loss": "l2"}, UnknownNameError, "unknown loss 'l2'; known are"),
        ({"loss": None}, ValueTypeError, "a loss is a function"),
        ({"metric": "f1"}, UnknownNameError, "unknown metric 'f1'"),
        (
            {"optimizer": "adagrad"},
            UnknownNameError,
            "'adagrad'; known are 'adam', 'adamw', 'sgd'",
        ),
        ({"optimizer": SGD}, ValueTypeError, "an optimiser is made for a model"),
        ({"optimizer": SGD([Value(1.0)])}, ValueTypeError, "made for other parameters"),
        ({"schedule": "up"}, UnknownNameError, "unknown schedule 'up'"),
        ({"schedule": lambda time: -1.0}, ValueTypeError, "the schedule's factor at 0 epochs"),
        ({"epochs": 0}, ShapeError, "epochs must be at least 1, not 0"),
        ({"epochs": 1.5}, ShapeError, "epochs must be a whole number, not 1.5"),
        ({"batch_size": 0}, ShapeError, "batch_size must be at least 1, not 0"),
        ({"batch_size": -3}, ShapeError, "batch_size must be at least 1, not -3"),
        ({"clip": 0}, ValueTypeError, "clip, the greatest length"),
        (
            {"clip": lambda g: g[1:]},
            ShapeError,
            "clip must return a derivative for each of the 21",
        ),
        ({"clip": lambda g: None}, ShapeError, "clip must return .* not None"),
        ({"clip": lambda g: ["a"] * 21}, ValueTypeError, "a clipped derivative must be a real"),
        ({"seed": [1]}, ValueTypeError, "a seed is a number or a text"),
        ({"callbacks": [3]}, ValueTypeError, "callback 0 is 3"),
        ({"validation": 1.0}, ValueTypeError, "validation must be a number between 0 and 1"),
        ({"validation": 0.001}, ShapeError, "0.001 of 24 samples is 0"),
        ({"validation": "some"}, ValueTypeError, r"validation is a pair \(X, y\), or a number"),
        ({"validation": ([[1.0, 2.0]],)}, ValueTypeError, "validation is a pair"),
        (
            {"validation": ([[1.0]], [0])},
            ShapeError,
            "have 1 numbers each, but .* train on have 2",
        ),
        ({"validation": ([[1.0, math.nan]], [0])}, DataError, r"the X of validation\[0\]\[1\]"),
        ({"validation": ([[1.0, 2.0]], [5])}, DataError, r"the y of validation\[0\] is 5"),
    ],
)
def test_bad_arguments(options, error, message):
    """One clear error, before anything is changed."""
    model = network()
    before = numbers(model)
    with pytest.raises(error, match=message):
        fit(model, *MOONS, **{"loss": "binary_cross_entropy", "progress": False} | options)
    assert numbers(model) == before


@pytest.mark.parametrize(
    ("X", "y", "error", "message"),
    [
        ([[1.0, 2.0, 3.0]], [0], ShapeError, "MLP needs 2 inputs.* but was given 3"),
        ([[1.0, 2.0]], [0, 1], ShapeError, "1 samples but 2 targets"),
        ([[1.0, 2.0], [1.0, math.nan]], [0, 1], DataError, r"X\[1\]\[1\] is nan"),
        ([], [], DataError, "X is empty"),
        ([[1.0, 2.0]], [2], DataError, r"y\[0\] is 2"),
    ],
)
def test_bad_data(X, y, error, message):
    """Named by row and column; see also the tests of nn.learning.samples."""
    for function in (fit, evaluate):
        with pytest.raises(error, match=message):
            function(network(), X, y, loss="binary_cross_entropy")


def test_bad_models():
    """Not a module; see also the tests of nn.learning.objectives."""
    with pytest.raises(ValueTypeError, match="a model is a Module"):
        fit(lambda x: x, *MOONS)
    with pytest.raises(ValueTypeError, match="a loss returns a Value"):
        fit(network(), *MOONS, loss=lambda yhat, t: 1.0)
    assert fit_function is fit
    assert isinstance(MOONS, Data)
