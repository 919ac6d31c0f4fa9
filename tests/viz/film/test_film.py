"""`viz.film.film`: a decision boundary is filmed while it is learned."""

import sys

import pytest

from engine.errors import MissingExtraError, ShapeError, UnknownNameError
from nn import MLP, data, fit
from viz.boundary.plane import Plane
from viz.film import BoundaryFilm, animate_boundary

X, Y = data.xor(20, seed=2)


def filmed(epochs=5, **options):
    """Film a short training."""
    film = BoundaryFilm(X, Y, cells=12, **options)
    again(film, epochs)
    return film


def again(film, epochs, seed=1):
    """Train a fresh model before the camera."""
    model = MLP(2, [4, 1], "tanh", seed=seed)
    return fit(
        model, X, Y, loss="binary_cross_entropy", epochs=epochs, callbacks=[film], progress=False
    )


def test_stills_of_the_first_every_so_many_and_the_last_epoch():
    """No epoch comes twice."""
    assert [still.epoch for still in filmed(5, every=2).stills] == [1, 2, 4, 5]
    assert [still.epoch for still in filmed(4, every=2).stills] == [1, 2, 4]
    assert [still.epoch for still in filmed(3).stills] == [1, 2, 3]


def test_a_still_is_what_the_model_said_then():
    """The margins are those of the model at that time, the loss that of the epoch."""
    film = BoundaryFilm(X, Y, cells=12)
    history = again(film, 4)
    assert [still.loss for still in film.stills] == history["loss"]
    plane, last = Plane(history.model, X, Y, cells=12), film.stills[-1].surface
    score = history.model([plane.xs[3], plane.ys[2]]).data
    assert last.margins[1][2][3] == pytest.approx(score, rel=1e-12)
    assert film.stills[0].surface.margins != last.margins


def test_another_training_is_another_film():
    """The stills of an earlier training, of another model, are dropped."""
    film = filmed(5)
    again(film, 2, seed=8)
    assert [still.epoch for still in film.stills] == [1, 2]


def test_files(tmp_path):
    """A film is a page, or a GIF, by its suffix; the same film is the same file."""
    film = filmed(3)
    page = film.save(tmp_path / "film.html").read_text("utf-8")
    assert page == film.html()
    assert film._repr_html_().startswith('<iframe title="Decision boundary"')
    assert repr(film) == "<BoundaryFilm of 3 stills>"
    with pytest.raises(UnknownNameError, match=r"film\.mp4.*'\.gif', '\.htm', '\.html'"):
        film.save(tmp_path / "film.mp4")
    pytest.importorskip("matplotlib")
    assert film.save(tmp_path / "film.gif").read_bytes() == film.gif()


def test_nothing_was_filmed():
    """A film that was not yet used says what to do."""
    with pytest.raises(ShapeError, match="callbacks="):
        BoundaryFilm(X, Y).html()
    film = BoundaryFilm(X, Y)
    film.on_end(again(lambda _: None, 1))
    assert repr(film) == "<BoundaryFilm of 0 stills>"


def test_a_gif_without_matplotlib_is_refused_at_once(monkeypatch):
    """The check comes before a long training, and names the command."""
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert BoundaryFilm.check("film.html").name == "film.html"
    with pytest.raises(MissingExtraError, match="pip install"):
        BoundaryFilm.check("film.gif")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"every": 0}, ShapeError),
        ({"cells": 1.5}, ShapeError),
        ({"theme": "blue"}, UnknownNameError),
    ],
)
def test_bad_options(options, error):
    """They are refused when the film is made."""
    with pytest.raises(error):
        BoundaryFilm(X, Y, **options)


def test_animate_boundary():
    """One call trains and films; other callbacks are called as well."""
    seen = []
    model = MLP(2, [4, 1], "tanh", seed=1)
    film = animate_boundary(
        model,
        X,
        Y,
        every=2,
        title="XOR",
        loss="binary_cross_entropy",
        epochs=4,
        callbacks=[lambda history: seen.append(history.epochs)],
        progress=False,
    )
    assert [still.epoch for still in film.stills] == [1, 2, 4]
    assert seen == [1, 2, 3, 4]
    assert film.title == "XOR"
