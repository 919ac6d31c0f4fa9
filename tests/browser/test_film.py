"""The film's page in a real browser: headless Chromium, driven by Playwright."""

import shutil

import pytest
from playwright import sync_api

from nn import MLP, data, fit
from viz.film import BoundaryFilm

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium")


@pytest.fixture(scope="module")
def film():
    """Film four epochs."""
    X, y = data.xor(16, seed=2)
    found = BoundaryFilm(X, y, cells=12)
    fit(
        MLP(2, [4, 1], "tanh", seed=1),
        X,
        y,
        loss="binary_cross_entropy",
        epochs=4,
        callbacks=[found],
        progress=False,
    )
    return found


@pytest.fixture(scope="module")
def page(film, tmp_path_factory):
    """Open the page; nothing may be logged, thrown or fetched."""
    file = film.save(tmp_path_factory.mktemp("film") / "film.html")
    complaints = []
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 760, "height": 700})
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("request", lambda request: complaints.append(request.url))
        opened.goto(file.as_uri())
        yield opened
        browser.close()
    assert complaints == [file.as_uri()]


def shown(page):
    """Which stills can be seen, and what is told about them."""
    visible = page.evaluate(
        "[...document.querySelectorAll('.still')].map((s) => getComputedStyle(s).visibility)"
    )
    places = [k for k, state in enumerate(visible) if state == "visible"]
    return places, page.text_content("#told")


def test_it_opens_at_the_last_still(page, film):
    """The last still is seen, alone."""
    assert shown(page) == ([3], film.stills[3].told)


def test_slider_and_keys(page, film):
    """Slider and arrow keys choose a still; the ends are the ends."""
    page.locator("#slider").fill("1")
    assert shown(page) == ([1], film.stills[1].told)
    page.locator("#slider").blur()
    for key, place in (
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("End", 3),
        ("ArrowRight", 3),
    ):
        page.keyboard.press(key)
        assert shown(page)[0] == [place], key
    assert page.get_attribute("#slider", "aria-valuetext") == film.stills[3].told


def test_play(page):
    """From the end the film starts again, and stops at the end; it can be paused."""
    page.keyboard.press("End")
    page.click("#play")
    assert page.text_content("#play") == "Pause"
    assert shown(page)[0] == [0]
    page.click("#play")
    assert page.text_content("#play") == "Play"
    assert page.get_attribute("#play", "aria-pressed") == "false"


def test_it_fits_the_page(page):
    """Nothing sticks out, and the picture has a size."""
    width, inner = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= inner
    box = page.locator("main > svg").bounding_box()
    assert box["width"] > 300
    assert box["height"] > 300
