"""`viz.film.gif`: the film as a GIF."""

import math
from io import BytesIO

import pytest
from PIL import Image, ImageChops

from engine.errors import ValueTypeError
from nn import MLP, data, fit
from viz.film import BoundaryFilm
from viz.svg.theme import DARK


def test_frames():
    """A frame for each still, on the theme's paper, the last one longer; the title stays."""
    X, y = data.xor(12, seed=1)
    film = BoundaryFilm(X, y, cells=10, theme="dark")
    fit(
        MLP(2, [3, 1], "tanh", seed=3),
        X,
        y,
        loss="binary_cross_entropy",
        epochs=3,
        callbacks=[film],
        progress=False,
    )
    content = film.gif(seconds=0.9)
    with Image.open(BytesIO(content)) as picture:
        assert picture.n_frames == 3
        assert picture.info["loop"] == 0
        durations, frames = [], []
        for k in range(3):
            picture.seek(k)
            durations.append(picture.info["duration"])
            frames.append(picture.convert("RGB"))
    assert durations == [300, 300, 2000]
    paper = tuple(bytes.fromhex(DARK.paper[1:]))
    assert {frame.getpixel((2, 2)) for frame in frames} == {paper}
    width, height = frames[0].size
    title = (0, 0, width, height // 14)
    above = [frame.crop(title) for frame in (frames[0], frames[2])]
    extrema = ImageChops.difference(*above).getextrema()
    assert max(high for _, high in extrema) < 40, "but for palettes"
    assert frames[0].tobytes() != frames[2].tobytes()


@pytest.mark.parametrize("seconds", [0, -1, math.inf, math.nan, "6"])
def test_a_film_takes_some_time(seconds):
    """A finite time, and some."""
    X, y = data.xor(4, seed=1)
    film = BoundaryFilm(X, y, cells=4)
    fit(MLP(2, [1], seed=3), X, y, loss="binary_cross_entropy", epochs=1, callbacks=[film])
    with pytest.raises(ValueTypeError, match="seconds"):
        film.gif(seconds=seconds)
