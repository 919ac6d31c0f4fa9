"""The step page in a real browser: headless Chromium, driven by Playwright."""

import functools
import re
import shutil
from pathlib import Path

import pytest
from playwright import sync_api
from stepper_pages import large

from engine import Value, WeightedGraph, condense, steps
from engine.labels import number
from nn.textbook import w131
from nn.textbook.story import learn
from viz import stepper

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium")

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HOSTILE = '</script><img src=x onerror="window.hit=1"><script>window.hit=1</script>'


@pytest.fixture(scope="module")
def chromium():
    """Start the browser once."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def show(chromium, tmp_path):
    """Open pages; afterwards nothing may have been fetched, logged or thrown."""
    contexts, complaints = [], []

    def opened(html, *, width=1280, height=800, expect=True, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        file = tmp_path / f"page{len(contexts)}.html"
        file.write_text(html, encoding="utf-8")

        def guard(route):
            if route.request.url == file.as_uri():
                route.continue_()
            else:
                complaints.append(f"fetched {route.request.url}")
                route.abort()

        context.route("**/*", guard)
        page = context.new_page()
        if expect:
            page.on("console", lambda message: complaints.append(message.text))
            page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(file.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@functools.cache
def lecture():
    """Write the page of w_131."""
    return stepper(w131().L, highlight="w_131").html()


@functools.cache
def training():
    """Write a page with three updates."""
    nets = [w131()]
    for _ in range(3):
        nets.append(learn(nets[-1], epochs=1).net)
    return stepper(nets[0].L, highlight="w_131", updates=[net.L for net in nets[1:]]).html(), nets


def part(page, name):
    """Find a part of the page by the end of its id."""
    return page.locator(f'[id$="-{name}"]')


def position(page):
    """Which step the page shows, in which view."""
    return page.eval_on_selector("main", "main => [main.dataset.view, Number(main.dataset.step)]")


def boxes(page):
    """Read the boxes that are drawn: their two lines, by place."""
    return page.eval_on_selector_all(
        ".sheet:not([hidden]) .box",
        """boxes => Object.fromEntries(boxes.map(box =>
            [box.id.split('-n').pop(), [...box.querySelectorAll('text')].map(t => t.textContent)]
        ))""",
    )


def written(page, selector):
    """Read what an element says, on one line, without the spaces that only set it apart."""
    return re.sub(r"\s+", " ", page.locator(selector).first.evaluate("e => e.textContent"))


def test_every_button_does_what_it_says(show):
    """First, back, next, last; at the ends they are disabled."""
    page = show(lecture())
    last = len(steps(condense(w131().L)))
    assert position(page) == ["milestones", 0]
    assert part(page, "first").is_disabled()
    assert part(page, "back").is_disabled()
    part(page, "next").click()
    part(page, "next").click()
    assert position(page)[1] == 2
    part(page, "back").click()
    assert position(page)[1] == 1
    part(page, "last").click()
    assert position(page)[1] == last
    assert part(page, "next").is_disabled()
    assert part(page, "last").is_disabled()
    part(page, "first").click()
    assert position(page)[1] == 0
    assert part(page, "count").text_content() == f"0 / {last}"


def test_the_slider_goes_anywhere(show):
    """And says where it is."""
    page = show(lecture())
    part(page, "slider").fill("17")
    assert position(page)[1] == 17
    assert "step 17 of 27" in part(page, "slider").get_attribute("aria-valuetext")


def test_playing_goes_on_until_it_is_paused(show):
    """Play, pause, and play to the end."""
    page = show(lecture())
    part(page, "play").click()
    assert part(page, "play").text_content() == "Pause"
    sync_api.expect(page.locator("main")).not_to_have_attribute("data-step", "0")
    part(page, "play").click()
    here = position(page)
    page.wait_for_timeout(1300)
    assert position(page) == here
    part(page, "slider").fill("26")
    part(page, "play").click()
    sync_api.expect(page.locator("main")).to_have_attribute("data-step", "27")
    assert part(page, "play").text_content() == "Play"
    part(page, "play").click()  # from the end it begins again
    assert position(page)[1] == 0


def test_the_keyboard_is_enough(show):
    """Arrows, Home, End, space and F steer; every control can be reached and used."""
    page = show(lecture())
    for key, expected in (
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("End", 27),
        ("Home", 0),
    ):
        page.keyboard.press(key)
        assert position(page)[1] == expected
    page.keyboard.press("Space")
    assert part(page, "play").text_content() == "Pause"
    page.keyboard.press("Space")
    assert part(page, "play").text_content() == "Play"
    page.keyboard.press("f")
    assert part(page, "follow").get_attribute("aria-pressed") == "false"
    reached = set()
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.id.split('-').pop()"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or page.evaluate("document.activeElement === document.body")
    assert {"follow", "theme", "stage", "node", "play", "next", "last", "slider"} <= reached
    part(page, "next").focus()
    page.keyboard.press("Enter")
    assert position(page)[1] == 1
    part(page, "slider").focus()
    page.keyboard.press("ArrowRight")
    assert position(page)[1] == 2


@pytest.mark.parametrize("view", ["milestones", "nodes"])
def test_the_boxes_show_what_the_walker_has(show, view):
    """At every step: values that are computed, and the running sums, as the engine adds them."""
    loss = w131().L
    graph = condense(loss) if view == "milestones" else WeightedGraph.of(loss)
    walk = steps(graph).walker()
    page = show(lecture(), reduced_motion="reduce")
    page.locator(f"button[value={view}]").click()
    computed = {k for k, sources in enumerate(graph.sources) if not sources}
    for _ in range(len(walk.steps)):
        page.keyboard.press("ArrowRight")
        step = walk.forward()
        computed.add(step.place)
        seeded = step.phase != "forward"
        found = boxes(page)
        for k, node in enumerate(graph.nodes):
            value = number(node.data) if k in computed else "?"
            gradient = number(walk.gradients[node]) if seeded else "–"
            assert found[str(k)][0].endswith(f" = {value}")
            assert found[str(k)][1] == f"grad {gradient}"


def test_each_addition_is_written_in_symbols_and_numbers(show):
    """The arithmetic of the step, with the sum before and after."""
    told = steps(condense(w131().L))
    page = show(lecture(), reduced_motion="reduce")
    for k in (15, 16, 19, 27):
        part(page, "slider").fill(str(k))
        text = written(page, '[id$="-arithmetic"]')
        assert told[k - 1].additions
        for each in told[k - 1].additions:
            after = number(each.after)
            if "⁻" not in after:
                assert f"was {number(each.before)}→now {after}" in text
        assert f"step {k} of {len(told)}" in part(page, "phase").text_content()
    part(page, "slider").fill("17")
    text = written(page, '[id$="-arithmetic"]')
    assert "∂L/∂a21 += ∂L/∂ŷ1 · ∂ŷ1/∂a21" in text
    assert "= −0.4593 × 0.1769 = −0.08126" in text
    assert "2 of 2 paths summed" in text
    assert "∂ŷ1/∂a21 = ŷ1(1 − ŷ1) = 0.7703(1 − 0.7703) = 0.1769" in text


def test_the_derivation_sums_the_paths(show):
    """Four routes, each multiplied out, and their sum; what has arrived is counted."""
    page = show(lecture())
    part(page, "last").click()
    text = written(page, '[id$="-derivation"]')
    assert "∂L/∂w131 = −0.003159 + 0.004739 − 0.003159 + 0.004739 = 0.003159" in text
    assert "4 of 4 paths" in text
    assert page.locator(".paths li.complete").count() == 4
    part(page, "first").click()
    assert page.locator(".paths li.complete").count() == 0
    assert "0 of 4 paths" in written(page, '[id$="-derivation"]')


def test_a_click_on_a_node_chooses_it(show):
    """Its derivation appears, its paths light up; one path can be shown alone."""
    page = show(lecture(), reduced_motion="reduce")
    part(page, "follow").click()
    page.locator(".sheet:not([hidden]) .box", has_text="h₁₃").click()
    assert page.locator(".box.chosen").count() == 1
    assert "∂L/∂h13" in written(page, '[id$="-derivation"]')
    every = page.locator(".sheet:not([hidden]) .arrow.route").count()
    page.locator(".paths button").first.click()
    alone = page.locator(".sheet:not([hidden]) .arrow.route").count()
    assert (every, alone) == (8, 3)
    part(page, "node").select_option(label="w₂₁₂")
    assert "∂L/∂w212" in written(page, '[id$="-derivation"]')
    page.locator(".sheet:not([hidden]) .box.chosen").click()
    assert page.locator(".box.chosen").count() == 0
    for label in ("L", "y₁"):
        part(page, "node").select_option(label=label)
        assert written(page, '[id$="-derivation"]')


def test_switching_views_keeps_the_place(show):
    """The same node in the same phase, and the same node chosen."""
    page = show(lecture())
    part(page, "slider").fill("17")
    title = written(page, '[id$="-what"]')
    page.locator("button[value=nodes]").click()
    assert position(page)[0] == "nodes"
    assert written(page, '[id$="-what"]') == title
    assert "6 paths" in written(page, '[id$="-derivation"]')
    page.locator("button[value=milestones]").click()
    assert position(page) == ["milestones", 17]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_graph_is_seen(show, scheme):
    """It has a size, it is inside the page, and its pixels are not those of the paper."""
    page = show(lecture(), color_scheme=scheme, reduced_motion="reduce")
    for view in ("milestones", "nodes"):
        page.locator(f"button[value={view}]").click()
        shapes = page.eval_on_selector_all(
            ".sheet:not([hidden]) .box",
            "all => all.map(one => one.getBBox()).map(b => [b.width, b.height])",
        )
        assert shapes
        assert all(width > 20 and height > 20 for width, height in shapes)
        stage = part(page, "stage").bounding_box()
        assert stage["width"] > 400
        colours = page.locator(".sheet:not([hidden]) .box rect").evaluate_all(
            "all => [...new Set(all.map(one => getComputedStyle(one).stroke))]"
        )
        assert len(colours) > 1
        picture = part(page, "stage").screenshot()
        sheet = page.locator(".sheet:not([hidden])")
        sheet.evaluate("sheet => { sheet.style.visibility = 'hidden'; }")
        assert len(part(page, "stage").screenshot()) < 0.5 * len(picture)
        sheet.evaluate("sheet => { sheet.style.visibility = ''; }")


def test_texts_fit_their_boxes(show):
    """No number sticks out, whatever the step."""
    page = show(lecture(), reduced_motion="reduce")
    for k in ("0", "5", "17", "27"):
        part(page, "slider").fill(k)
        over = page.eval_on_selector_all(
            ".sheet:not([hidden]) .box",
            """boxes => boxes.filter(box => {
                const frame = box.querySelector('rect').getBBox();
                const texts = [...box.querySelectorAll('text')];
                return texts.some(text => text.getBBox().width > frame.width);
            }).map(box => box.textContent)""",
        )
        assert over == []


def test_dark_and_light_by_the_system_and_by_the_switch(show):
    """Auto follows the system; the switch overrides it."""
    page = show(lecture(), color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    part(page, "theme").click()
    light = page.evaluate(paper)
    part(page, "theme").click()
    assert (dark, light, page.evaluate(paper)) == (
        "rgb(17, 21, 27)",
        "rgb(255, 255, 255)",
        "rgb(17, 21, 27)",
    )
    part(page, "theme").click()
    assert part(page, "theme").text_content() == "Auto"


def test_without_motion_the_camera_jumps(show):
    """With reduced motion it is there at once; else it glides and arrives."""
    page = show(lecture(), reduced_motion="reduce")
    box = "document.querySelector('.sheet:not([hidden]) svg').getAttribute('viewBox')"
    part(page, "slider").fill("17")
    still = page.evaluate(box)
    page.wait_for_timeout(500)
    assert page.evaluate(box) == still
    moving = show(lecture(), reduced_motion="no-preference")
    part(moving, "slider").fill("17")
    svg = moving.locator(".sheet:not([hidden]) svg")
    sync_api.expect(svg).to_have_attribute("viewBox", still)
    part(page, "follow").click()
    assert page.evaluate(box) != still


@pytest.mark.parametrize("width", [360, 768])
def test_a_narrow_screen_needs_no_sideways_scrolling(show, width):
    """The page is as wide as the screen, and the controls are large enough to touch."""
    page = show(lecture(), width=width, height=740, has_touch=True)
    for k in ("0", "5", "17", "27"):
        part(page, "slider").fill(k)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    size = part(page, "next").bounding_box()
    assert size["height"] >= 40
    assert size["width"] >= 40


def test_the_panels_keep_their_height(show):
    """From step to step nothing jumps."""
    for width in (1280, 360):
        page = show(lecture(), width=width, reduced_motion="reduce")
        heights = set()
        for _ in range(27):
            page.keyboard.press("ArrowRight")
            heights.add(
                tuple(
                    page.eval_on_selector_all(
                        ".stage, .panel, .controls",
                        "all => all.map(one => one.getBoundingClientRect().height)",
                    )
                )
            )
        assert len(heights) == 1


def test_what_happens_is_also_said(show):
    """The live region speaks the step."""
    page = show(lecture())
    part(page, "slider").fill("17")
    assert (
        part(page, "heard")
        .text_content()
        .endswith("a₂₁ receives −0.08126, now −0.1625. a₂₂ receives 0.08126, now 0.1625.")
    )


def test_training_plays(show):
    """Each update shows its loss, its weights and its own numbers."""
    html, nets = training()
    page = show(html)
    last = len(nets) - 1
    assert part(page, "earlier").is_disabled()
    part(page, "later").click()
    assert part(page, "loss").text_content() == f"update 1 of {last}: L = {number(nets[1].L.data)}"
    part(page, "last").click()
    assert boxes(page)["44"][0] == f"L = {number(nets[1].L.data)}"
    part(page, "weights").click()
    row = page.locator("tbody tr", has_text="w131").locator("td").all_text_contents()
    assert row[1:] == [
        number(nets[1]["w_131"].data),
        number(nets[1].gradient("w_131")),
        number(nets[2]["w_131"].data),
    ]
    part(page, "earlier").click()
    part(page, "train").click()
    sync_api.expect(page.locator("main")).to_have_attribute("data-frame", str(last))
    assert part(page, "train").text_content() == "Play updates"
    assert part(page, "later").is_disabled()
    part(page, "update").fill("2")
    assert part(page, "loss").text_content().startswith("update 2 of ")


def test_two_steppers_on_one_page_do_not_clash(show):
    """As in a notebook: each in its frame, each on its own."""
    x = Value(3.0, "x")
    first, second = stepper(x * x, title="one"), stepper(x.sin() * x, title="two")
    page = show(f"<!doctype html><body>{first._repr_html_()}{second._repr_html_()}</body>")
    frames = [page.frame_locator(f'iframe[title="{title}"]') for title in ("one", "two")]
    frames[0].locator('[id$="-next"]').click()
    frames[0].locator('[id$="-next"]').click()
    frames[1].locator('[id$="-last"]').click()
    assert frames[0].locator("main").get_attribute("data-step") == "2"
    assert frames[1].locator("main").get_attribute("data-step") == "3"


def test_hostile_labels_do_nothing(show):
    """They are shown as they are typed."""
    w = Value(2.0, HOSTILE)
    loss = w * w
    loss.label = "<b>L</b>"
    page = show(stepper(loss, title=HOSTILE, highlight=w).html())
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    page.locator("button[value=nodes]").click()
    assert page.evaluate("window.hit") is None
    assert page.locator("h1").text_content() == HOSTILE
    assert page.locator("main img, main b b, main script").count() == 0
    assert "<b>L</b>" in written(page, '[id$="-arithmetic"]') + written(page, '[id$="-what"]')


def test_a_tampered_script_is_blocked(show):
    """The policy knows the script by its hash."""
    html = lecture().replace('"use strict";', '"use strict";window.hit=1;')
    page = show(html, expect=False)
    assert page.evaluate("window.hit") is None
    assert page.eval_on_selector("main", "main => main.dataset.step") is None
    injected = lecture().replace("</body>", "<script>window.hit=1</script></body>")
    assert show(injected, expect=False).evaluate("window.hit") is None


def test_a_large_graph_stays_smooth(show):
    """A step of a graph of 200 nodes takes a few frames at most."""
    page = show(stepper(large(), view="nodes").html())
    taken = page.evaluate("""() => {
        const next = document.querySelector('[id$="-next"]');
        const times = [];
        for (let i = 0; i < 60; i++) {
            const begun = performance.now();
            next.click();
            document.body.getBoundingClientRect();
            times.push(performance.now() - begun);
        }
        return times.sort((a, b) => a - b)[30];
    }""")
    assert taken < 100


def test_the_file_opens_from_disk_by_itself(show, tmp_path):
    """One file, no other beside it."""
    path = stepper(w131().L).save(tmp_path / "w131.html")
    page = show(Path(path).read_text(encoding="utf-8"))
    assert page.title() == "The gradient of L, step by step"
    assert path.stat().st_size < 150_000
