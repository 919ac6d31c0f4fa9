"""The step page as a file: structure, policy, size, numbers, and pictures; no browser needed."""

import re
from base64 import b64encode
from hashlib import sha256

import pytest
from stepper_pages import Page, large, shown, small

import engine
from engine import (
    OutputError,
    ShapeError,
    TooLargeError,
    UnknownNameError,
    Value,
    ValueTypeError,
    condense,
)
from engine.labels import number
from nn.textbook import w131
from nn.textbook.story import learn
from viz import Stepper, stepper

HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(1)">{{data}}&amp;'


@pytest.fixture(scope="module")
def page():
    """The page of w_131."""
    return Page(stepper(w131().L, highlight="w_131").html())


def test_the_policy_allows_this_script_and_this_style_and_nothing_else(page):
    """The hashes are those of the text in the page."""
    allowed = {
        directive: [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"]
        for directive, text in (("script-src", page.script), ("style-src", page.style))
    }
    none = {directive: ["'none'"] for directive in ("default-src", "base-uri", "form-action")}
    assert page.policy == none | allowed


def test_nothing_is_fetched_and_nothing_is_inline(page):
    """No address, no handler, no style attribute: the policy would refuse them."""
    for _, attributes in page.elements:
        assert not {"src", "href", "style", "xlink:href"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]
    outside = re.sub(r"http://www\.w3\.org/2000/svg", "", page.html)
    assert "http:" not in outside
    assert "https:" not in outside
    assert "innerHTML" not in page.script


def test_every_id_is_the_only_one_and_has_the_prefix(page):
    """So two pages in one document do not clash."""
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    (prefix,) = {a["data-prefix"] for _, a in page.elements if "data-prefix" in a}
    assert len(ids) == len(set(ids))
    assert re.fullmatch(r"s[0-9a-f]{6}-", prefix)
    assert all(name.startswith(prefix) for name in ids)
    for _, attributes in page.elements:
        for reference in (attributes.get("for"), attributes.get("aria-labelledby")):
            assert reference is None or reference in ids


def test_every_control_is_a_real_one_with_a_name(page):
    """Buttons are buttons; what has no text has a label."""
    controls = [(t, a) for t, a in page.elements if t in {"button", "input", "select"}]
    labelled = {a["for"] for t, a in page.elements if t == "label"}
    assert sum(tag == "button" for tag, _ in controls) >= 8
    for tag, attributes in controls:
        if tag == "button":
            assert attributes["type"] == "button"
        else:
            assert "aria-label" in attributes or attributes["id"] in labelled
    assert any(a.get("aria-live") == "polite" for _, a in page.elements)


def test_the_page_of_w131_is_light(page):
    """Both views and everything told: under 150 kB."""
    assert len(page.html.encode()) < 150_000


def test_a_graph_of_200_nodes_is_not_heavy():
    """Under 600 kB."""
    assert len(stepper(large()).html().encode()) < 600_000


def test_the_same_graph_gives_the_same_page():
    """No id and no number changes from run to run."""
    assert stepper(w131().L).html() == stepper(w131().L).html()


def test_hostile_labels_stay_text():
    """A label ends neither the script nor the style nor an attribute, and fills no place."""
    page = Page(stepper(small(HOSTILE), title=HOSTILE).html())
    assert [tag for tag, _ in page.elements].count("script") == 2
    assert "img" not in [tag for tag, _ in page.elements]
    assert (
        page.data["root"]
        == '</script><script>alert(1)</script><img src=x onerror="alert(1)">{{data}}&amp;'
    )
    names = page.data["texts"]
    assert any(text.startswith("</script><script>") for text in names)
    assert len(page.pictures) == 2
    assert (
        "<"
        not in page.html[page.html.index('application/json"') :]
        .split(">", 1)[1]
        .split("</script>")[0]
    )


def test_updates_are_told_as_frames():
    """The loss falls; weights, gradients and every number of each update are there."""
    nets = [w131()]
    for _ in range(2):
        nets.append(learn(nets[-1], epochs=1).net)
    page = Page(stepper(nets[0].L, updates=[net.L for net in nets[1:]]).html())
    updates = page.data["updates"]
    assert [update["loss"] for update in updates] == [net.L.data for net in nets]
    assert updates[0]["loss"] > updates[1]["loss"] > updates[2]["loss"]
    weights = {name: (value, gradient) for name, value, gradient in updates[1]["weights"]}
    assert weights["w₁₃₁"] == (
        number(nets[1]["w_131"].data),
        number(nets[1].gradient("w_131")),
    )
    assert "x₁" not in weights
    for view in ("milestones", "nodes"):
        assert len(page.data["views"][view]["frames"]) == 3
    _, frame, texts = shown(page, "nodes", 2)
    assert texts[frame["data"][-1]] == number(nets[2].L.data)


def test_a_training_that_diverges_is_valid_json():
    """JSON knows no infinity: a browser would show a dead page."""

    def cube(number):
        with engine.ieee():
            return Value(number, "x") ** 3

    later = [cube(number) for number in (1e200, float("nan"))]
    told = Page(stepper(cube(2.0), updates=later).html()).data["updates"]
    assert [each["loss"] for each in told] == [8.0, None, None]
    assert [each["text"] for each in told] == ["8", "∞", "nan"]


def test_a_page_without_updates_has_none(page):
    """Then there is no training to show."""
    assert page.data["updates"] == []


def test_another_graph_is_no_update():
    """The message says which and why."""
    with pytest.raises(ShapeError, match="update 1 has another graph"):
        stepper(w131().L, updates=[small()])
    x = Value(1.0, "x")
    with pytest.raises(ShapeError, match="record the same computation"):
        stepper(x.sin(), updates=[x.cos()])


def test_a_graph_that_was_given_is_the_only_view():
    """A condensed graph is stepped through as it is."""
    page = Page(stepper(condense(w131().L), view="nodes", highlight="w_131").html())
    assert list(page.data["views"]) == ["milestones"]
    assert page.data["view"] == "milestones"


def test_an_unnamed_node_that_is_asked_for_is_a_milestone():
    """Else the page could not show its paths there."""
    loss = small()
    inner = loss.parents[0]
    page = Page(stepper(loss, view="nodes", highlight=inner).html())
    assert page.data["view"] == "nodes"
    assert min(page.data["chosen"].values()) >= 0
    elsewhere = Page(stepper(loss, highlight=Value(1.0)).html())
    assert set(elsewhere.data["chosen"].values()) == {-1}


def test_too_large_a_view_is_left_out_and_too_large_a_graph_refused():
    """First the nodes go, then the page."""
    assert list(stepper(w131().L, "nodes", max_nodes=50).steps) == ["milestones"]
    with pytest.raises(TooLargeError, match="45 nodes, at most 10"):
        stepper(w131().L, max_nodes=10)


def test_what_is_not_known_is_refused():
    """A view, a label, a result that is none."""
    with pytest.raises(UnknownNameError, match="'milestones', 'nodes'"):
        stepper(small(), view="network")
    with pytest.raises(UnknownNameError, match="'w_9'"):
        stepper(small(), highlight="w_9")
    with pytest.raises(ValueTypeError, match=r"3\.0"):
        stepper(3.0)


def test_saving_writes_the_page(tmp_path):
    """Whole, as UTF-8, and only as .html."""
    made = stepper(small())
    path = made.save(tmp_path / "page.html")
    assert path.read_text(encoding="utf-8") == made.html() == made.page
    with pytest.raises(UnknownNameError, match=r"\.html"):
        made.save(tmp_path / "page.svg")
    with pytest.raises(OutputError, match="does not exist"):
        made.save(tmp_path / "no" / "page.html")
    assert [each.name for each in tmp_path.iterdir()] == ["page.html"]


def test_a_notebook_shows_it_in_a_frame_of_its_own():
    """The frame is sandboxed, and what it holds is the page."""
    made = stepper(small(HOSTILE), title=HOSTILE)
    frame = Page(made._repr_html_())
    ((tag, attributes),) = frame.elements
    assert tag == "iframe"
    assert attributes["sandbox"] == "allow-scripts"
    assert attributes["srcdoc"] == made.html()
    assert attributes["title"] == HOSTILE
    assert isinstance(made, Stepper)
    assert repr(stepper(small())).startswith("<Stepper 'The gradient of L, step by step': ")


def test_the_parts_are_plain_files():
    """Page, style and script lie in the package and come into the wheel."""
    from importlib.resources import files

    names = {each.name for each in files("viz.stepping").iterdir()}
    assert {"page.html", "style.css", "script.js"} <= names


def test_a_title_that_no_file_can_hold_is_cleaned():
    """A lone surrogate is replaced, as in a label."""
    assert stepper(Value(2.0, "x").exp(), title="a\ud800\nb").title == "a\ufffd b"
