"""`viz.film.page`: the film as a page."""

import json
import re

from nn import MLP, data, fit
from viz.film import BoundaryFilm
from viz.svg.theme import DARK, LIGHT

X, Y = data.circles(16)


def film(theme="auto", title="Circles <&>"):
    """Film a short training."""
    found = BoundaryFilm(X, Y, cells=12, title=title, theme=theme)
    fit(
        MLP(2, [3, 1], "tanh", seed=0),
        X,
        Y,
        loss="binary_cross_entropy",
        epochs=3,
        callbacks=[found],
        progress=False,
    )
    return found


def test_every_still_is_there():
    """The page has each still once, the samples once, and what the stills tell."""
    page = film().html()
    assert page.count('<g class="still">') == 3
    assert len(re.findall(r'<circle [^>]*r="4\.6"', page)) == 8 + 1, "samples and legend"
    told = json.loads(
        re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1]
    )
    assert told == [still.told for still in film().stills]
    assert 'max="2" value="2"' in page
    assert "{{" not in page


def test_nothing_in_it_can_act():
    """The title is text, and only this script and this style are allowed."""
    page = film().html()
    assert "<h1" not in page
    assert "Circles &lt;&amp;&gt;" in page
    assert "Circles <&>" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert page.count("<style>") == 1, "a second one would have no hash"
    assert " style=" not in page


def test_themes():
    """A page follows the reader, or keeps the theme that was chosen."""
    assert "prefers-color-scheme:dark" in film().html()
    dark = film("dark").html()
    assert ":root { color-scheme: dark; }" in dark
    assert "prefers-color-scheme" not in dark
    assert f'fill="{DARK.routes[0]}"' in dark
    assert f'fill="{LIGHT.routes[0]}"' not in dark


def test_the_same_film_is_the_same_page():
    """No date, no random ids."""
    assert film().html() == film().html()
