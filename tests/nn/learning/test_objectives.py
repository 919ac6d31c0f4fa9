"""Objectives: recorded and replayed give the same numbers."""

import gc
import subprocess
import sys
from ast import literal_eval
from itertools import groupby
from weakref import ref

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine
from engine import ShapeError, Value, ValueTypeError, softmax
from nn import MLP, Module, binary_cross_entropy, cross_entropy, hinge, mse
from nn.learning.objectives import Recorded, Replayed, check_loss, check_model

NUMBERS = st.floats(-3.0, 3.0)


def own(yhat, target):
    """A loss of one's own."""
    return abs(yhat - target) ** 1.5


TARGETS = {
    mse: (1, st.floats(-3.0, 3.0)),
    binary_cross_entropy: (1, st.floats(0.0, 1.0)),
    hinge: (1, st.sampled_from([1.0, -1.0])),
    own: (1, st.floats(-3.0, 3.0)),
    cross_entropy: (3, st.one_of(st.integers(0, 2), st.just([0.25, 0.5, 0.25]))),
}


@pytest.mark.parametrize("loss", TARGETS)
@given(st.data())
@settings(max_examples=10)
def test_both_kinds_agree_with_the_graph_of_the_mean(loss, data):
    """Loss, outputs and gradient, as engine.gradients has them for the whole batch."""
    outputs, targets = TARGETS[loss]
    X = data.draw(st.lists(st.tuples(NUMBERS, NUMBERS).map(list), min_size=1, max_size=5))
    y = data.draw(st.lists(targets, min_size=len(X), max_size=len(X)))
    model = MLP(2, [4, outputs], "tanh", seed=2)
    yhats = [model(x) for x in X]
    whole = engine.mean([loss(yhat, t) for yhat, t in zip(yhats, y, strict=True)])
    expected = engine.grad(whole, model.parameters())
    numbers = [[a.data for a in yhat] if outputs > 1 else yhat.data for yhat in yhats]
    for kind in (Recorded, Replayed):
        objective = kind(model, loss, model.parameters())
        found = objective.value_and_grad(objective.table(X, y))
        assert found.loss == pytest.approx(whole.data, rel=1e-12, abs=1e-15)
        assert found.gradient == pytest.approx(expected, rel=1e-10, abs=1e-13)
        assert len(found.outputs) == len(numbers)
        for output, number in zip(found.outputs, numbers, strict=True):
            assert output == pytest.approx(number, rel=1e-12)
        alone = objective.value(objective.table(X, y))
        assert alone.loss == pytest.approx(whole.data, rel=1e-12, abs=1e-15)
        assert (alone.outputs, alone.gradient) == (found.outputs, [])


@pytest.mark.parametrize("kind", [Recorded, Replayed])
def test_batches_and_changed_parameters(kind):
    """Chosen rows are those rows; the parameters of the moment count, also when compiled."""
    model = MLP.from_weights([[[2.0]]])
    objective = kind(model, mse, model.parameters(), outputs=False)
    table = objective.table([[1.0], [2.0], [3.0]], [0.0, 0.0, 0.0])
    assert objective.value(objective.chosen(table, [2, 0])).loss == (36.0 + 4.0) / 2
    model.parameters()[0].data = 1.0
    found = objective.value_and_grad(objective.chosen(table, [1]))
    assert (found.loss, found.gradient) == (4.0, [8.0, 4.0])


def test_only_some_parameters():
    """Others are left alone."""
    model = MLP.from_weights([[[2.0]]])
    for kind in (Recorded, Replayed):
        objective = kind(model, mse, model.parameters()[1:])
        assert objective.value_and_grad(objective.table([[1.0]], [0.0])).gradient == [4.0]


def test_a_large_batch_takes_several_graphs():
    """The loss and the gradient are those of one graph, and memory is spared."""
    model = MLP(1, [2, 1], seed=1)
    last = model.parameters()[-1]
    seen = []

    def watched(yhat, target):
        seen.append(last.grad)  # the sweep of every graph changes it
        return mse(yhat, target)

    objective = Recorded(model, watched, model.parameters())
    X, y = [[k / 7] for k in range(7)], [1.0] * 7
    whole = objective.value_and_grad(objective.table(X, y))
    assert seen == [0.0] * 7
    seen.clear()
    objective.most_at_once = 3
    found = objective.value_and_grad(objective.table(X, y))
    assert [len(list(graph)) for _, graph in groupby(seen)] == [3, 3, 1]
    assert found.loss == whole.loss
    assert found.outputs == whole.outputs
    assert found.gradient == pytest.approx(whole.gradient, rel=1e-13)


def test_the_graph_of_a_batch_is_gone_before_the_next():
    """Nothing holds on to it, and the collector is not needed."""
    references = []

    def watched(yhat, target):
        references.append(ref(yhat))
        return mse(yhat, target)

    model = MLP(1, [2, 1], seed=1)
    objective = Recorded(model, watched, model.parameters())
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        objective.value_and_grad(objective.table([[1.0], [2.0]], [1.0, 0.0]))
        assert [reference() for reference in references] == [None, None]
    finally:
        if was_enabled:
            gc.enable()


def test_a_model_that_branches():
    """Both ways are recorded when compiled."""

    class Bent(Module):
        def __init__(self):
            self.left, self.right = Value(2.0), Value(3.0)

        def __call__(self, x):
            side = self.left if x[0] < 0 else self.right
            return side * x[0]

    model = Bent()
    for kind in (Recorded, Replayed):
        objective = kind(model, mse, model.parameters())
        found = objective.value_and_grad(objective.table([[-1.0], [1.0]], [0.0, 0.0]))
        assert found == ((4.0 + 9.0) / 2, [-2.0, 3.0], [2.0, 3.0])


def test_compiled_training_on_the_standard_library_alone():
    """In a Python where NumPy and llvmlite cannot be imported, with the same parameters."""
    program = """
import sys
if {blocked}:
    sys.modules.update(dict.fromkeys(("numpy", "llvmlite", "llvmlite.binding")))
import nn
model = nn.MLP(2, [3, 3], seed=1)
X, y = nn.data.spirals(12)
nn.fit(model, X, y, loss="cross_entropy", epochs=3, batch_size=5, compiled=True, progress=False)
print([p.data.hex() for p in model.parameters()])
"""
    found = [
        list(
            map(
                float.fromhex,
                literal_eval(
                    subprocess.run(
                        [sys.executable, "-c", program.format(blocked=blocked)],
                        capture_output=True,
                        text=True,
                        check=True,
                    ).stdout
                ),
            )
        )
        for blocked in (True, False)
    ]
    assert found[0] == pytest.approx(found[1], rel=1e-9)


def test_a_loss_that_cannot_be_compiled():
    """A class number cannot be a Value; the message says what to do."""

    def own_entropy(logits, target):
        return cross_entropy(logits, target)

    model = MLP(2, [3], seed=1)
    objective = Replayed(model, own_entropy, model.parameters())
    with pytest.raises(
        ValueTypeError, match="the loss cannot be compiled: the target of cross_en"
    ):
        objective.value_and_grad(objective.table([[1.0, 2.0]], [1]))
    recorded = Recorded(model, own_entropy, model.parameters())
    assert len(recorded.value_and_grad(recorded.table([[1.0, 2.0]], [1])).gradient) == 9


def test_no_model():
    """A number, a class, something that cannot be called, or returns no Values."""
    for bad in (3, MLP, lambda x: x, Module()):
        with pytest.raises(ValueTypeError, match="a model is a Module that can be called"):
            check_model(bad, [1.0])

    class Strange(Module):
        def __init__(self, answer):
            self.answer = [answer]

        def __call__(self, _):
            return self.answer[0]

    for bad in (3.0, [], [1.0], (Value(1.0), 2.0), None, "a"):
        with pytest.raises(
            ValueTypeError, match="returns a Value or a list of Values, but Strange"
        ):
            check_model(Strange(bad), [1.0])
    assert check_model(Strange((Value(1.0), Value(2.0))), [1.0]) == 2
    with pytest.raises(ShapeError, match="MLP needs 2 inputs"):
        check_model(MLP(2, [1]), [1.0])


def test_no_loss():
    """It must return a Value."""
    model = MLP(1, [2])
    with pytest.raises(
        ValueTypeError, match=r"a loss returns a Value, .* but <lambda> returned 3"
    ):
        check_loss(lambda yhat, t: 3, model, [1.0], 0)
    with pytest.raises(ValueTypeError, match=r"<lambda> returned .*list"):
        check_loss(lambda yhat, t: softmax(yhat), model, [1.0], 0)
