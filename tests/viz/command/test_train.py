"""`viz.command.train`: small networks learn toy sets."""

import pytest

from engine.errors import ShapeError, UnknownNameError
from nn import data
from viz.command.train import TOYS, announced, toy, train_toy


def trained(name, **options):
    """Train quietly on few samples."""
    given = {"hidden": [8], "epochs": 60, "progress": False}
    samples = toy(name, 40, None, 0)
    return train_toy(name, samples, **(given | options))


def test_the_classic_moons():
    """A 2-16-16-1 network gets every moon right, as promised; compiled or not it is the same."""
    run = train_toy("moons", toy("moons", None, None, 0), progress=False)
    assert run.right == len(run.data.y) == 100
    assert run.model([0.0, 1.2]).data < 0 < run.model([1.0, -0.6]).data
    assert [len(layer.neurons) for layer in run.model.layers] == [16, 16, 1]
    report = run.report().splitlines()
    assert report[0].startswith("Accuracy 100 % (100 of 100 samples), all of them right after ")
    assert report[1].endswith("after 100 epochs")
    assert report[2].startswith("Trained compiled in ")
    last_wrong = int(report[0].rpartition(" ")[2])
    assert run.history["metric"][last_wrong - 1] < 1.0
    assert set(run.history["metric"][last_wrong:]) == {1.0}
    assert run.title == "Moons after 100 epochs"


def test_eager_and_compiled_agree():
    """The numbers are the same to nine digits."""
    eager, compiled = trained("xor", compiled=False, epochs=10), trained("xor", epochs=10)
    assert eager.loss == pytest.approx(compiled.loss, rel=1e-9)
    assert "Trained eagerly" in eager.report()


@pytest.mark.parametrize("name", TOYS)
def test_every_set_can_be_learned(name):
    """Most samples of every set are right after a short training."""
    run = trained(name, epochs=80, lr=0.1)
    assert run.right > 0.8 * len(run.data.y)
    outputs = 3 if name in {"spirals", "blobs"} else 1
    assert len(run.model.layers[-1].neurons) == outputs


def test_a_training_that_is_stopped_says_so():
    """The report tells who stopped it, and nothing of a perfection that was not reached."""

    def enough(history):
        return history.epochs == 2

    report = trained("circles", callbacks=[enough]).report()
    assert "2 epochs (stopped by enough)" in report
    assert "all of them" not in report


def test_sets():
    """A set is drawn as usual, or as asked; targets that are no classes are no toy set."""
    assert toy("moons", None, None, 3).X == data.moons(seed=3).X
    assert toy("moons", 10, 0.0, 3).X == data.moons(10, 0.0, 3).X
    with pytest.raises(UnknownNameError, match="'spirals'"):
        toy("regression", None, None, 0)
    with pytest.raises(ShapeError, match="at least 2"):
        toy("moons", 1, None, 0)


def test_announced():
    """The number of parameters is that of the network."""
    run = trained("spirals", hidden=[5, 4], epochs=1)
    said = announced("spirals", run.data, [5, 4], 0.05)
    assert "40 samples in 3 classes; MLP 2-5-4-3" in said
    assert f"{len(run.model.parameters())} parameters" in said
