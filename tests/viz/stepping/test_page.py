"""The step page as a file: structure, policy, size, numbers, and pictures; no browser needed."""

import re
from base64 import b64encode
from hashlib import sha256
from xml.etree import ElementTree as ET

import pytest
from stepper_pages import Page, large

import engine
from engine import (
    OutputError,
    ShapeError,
    TooLargeError,
    UnknownNameError,
    Value,
    ValueTypeError,
    condense,
    constant,
    steps,
)
from engine.labels import number
from nn.textbook import w131
from nn.textbook.story import learn
from viz import Stepper, stepper

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(1)">{{data}}&amp;'


@pytest.fixture(scope="module")
def page():
    """The page of w_131."""
    return Page(stepper(w131().L, highlight="w_131").html())


def small(label="L"):
    """Give a small result with an unnamed node, a constant and a number."""
    w, x = Value(0.5, "w"), Value(2.0, "x")
    loss = (w * x * constant(3.0, "k")).tanh() + w
    loss.label = label
    return loss


def shown(page, view, frame=0):
    """Give the tables of a view with the texts put in for their numbers."""
    return page.data["views"][view], page.data["views"][view]["frames"][frame], page.data["texts"]


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


@pytest.mark.parametrize("view", ["milestones", "nodes"])
def test_the_numbers_are_the_engines(page, view):
    """Every contribution and every running sum, with the sums before it."""
    loss = w131().L
    told = steps(condense(loss) if view == "milestones" else loss)
    tables, frame, texts = shown(page, view)
    assert tables["steps"] == [
        [("forward", "seed", "backward").index(step.phase), step.place] for step in told
    ]
    assert [texts[i] for i in frame["data"]] == [number(n.data) for n in told.graph.nodes]
    assert [texts[i] for i in frame["grads"]] == [number(g) for g in told.graph.adjoints()]
    for step in told:
        for each in step.additions:
            written = [texts[i] for i in frame["additions"][step.place][each.slot]]
            assert written == [number(x) for x in (each.contribution, each.before, each.after)]
            assert texts[frame["partials"][step.place][each.slot]] == number(each.partial)


def test_the_paths_are_the_engines(page):
    """The four routes of w_131 with their contributions."""
    tables, frame, texts = shown(page, "milestones")
    k = page.data["chosen"]["milestones"]
    assert texts[tables["names"][k]] == "w₁₃₁"
    assert texts[tables["ways"][k]] == "4 paths"
    assert len(tables["routes"][k]) == 4
    expected = [number(path.contribution) for path in engine.paths(w131().L, "w_131")]
    assert [texts[i] for i in frame["contributions"][k]] == expected


def test_the_sum_of_the_paths_is_counted_as_it_grows(page):
    """After its two additions a_21 holds both of its paths."""
    tables, _, texts = shown(page, "milestones")
    names = [texts[i] for i in tables["names"]]
    a21 = names.index("a₂₁")
    counts = [
        texts[reached]
        for _, k in tables["steps"][14:]
        for source, reached in zip(tables["sources"][k], tables["reached"][k], strict=True)
        if source == a21
    ]
    assert counts == ["1", "2"]


def test_local_derivatives_are_written_as_formulas(page):
    """In symbols and in numbers, from the derivative table."""
    tables, frame, texts = shown(page, "milestones")
    names = [texts[i] for i in tables["names"]]
    yhat, a21 = names.index("ŷ₁"), names.index("a₂₁")
    slot = tables["sources"][yhat].index(a21)
    assert [texts[i] for i in frame["rules"][yhat][slot]] == [
        "ŷ₁(1 − ŷ₁)",
        "0.7703(1 − 0.7703)",
    ]
    assert texts[frame["definitions"][names.index("h₁₃")][0]] == "σ(a₁₃)"


def test_what_is_left_of_many_paths_is_one_number():
    """Beyond six paths the largest are told, and the sum of the others."""
    x = Value(2.0, "x")
    y = x
    for k in range(4):
        y = y + y
        y.label = f"y_{k}"
    page = Page(stepper(y).html())
    tables, frame, texts = shown(page, "nodes")
    assert texts[tables["ways"][0]] == "16 paths"
    assert len(tables["routes"][0]) == 6
    assert texts[frame["rests"][0]] == "10"


def test_a_formula_too_long_to_read_is_left_out():
    """Its number stays."""
    xs = [Value(k / 10, f"x_{k}") for k in range(1, 41)]
    whole, inner = engine.logsumexp(xs), engine.sum([x.sin() for x in xs])
    for loss in (whole, inner * inner):
        loss.label = "L"
        _, frame, _ = shown(Page(stepper(loss).html()), "milestones")
        assert frame["definitions"][-1] == []
        assert len(frame["partials"][-1]) == 40


def test_a_special_case_of_the_table_has_no_formula():
    """At a tie the derivative of maximum is decided, not computed: only its number is shown."""
    x, z = Value(2.0, "x"), Value(2.0, "z")
    _, frame, texts = shown(Page(stepper(engine.maximum(x, z)).html()), "nodes")
    assert frame["rules"][2] == [[], []]
    assert [texts[i] for i in frame["partials"][2]] == ["0.5", "0.5"]


def test_the_pictures_are_well_formed_and_complete(page):
    """A box for each node, a line for each edge, all with ids."""
    for svg, (view, graph) in zip(
        page.pictures,
        {"m": condense(w131().L), "n": engine.WeightedGraph.of(w131().L)}.items(),
        strict=True,
    ):
        classes = [g.get("class").split()[0] for g in svg.iter(f"{SVG}g") if g.get("class")]
        assert classes.count("box") == len(graph)
        assert classes.count("arrow") >= len(list(graph.edges()))
        assert classes.count("operation") == (sum(map(bool, graph.sources)) if view == "n" else 0)
        assert svg.get("aria-label")
        left, top, width, height = map(float, svg.get("viewBox").split())
        assert (left, top) == (0, 0)
        x, y = map(float, re.findall(r"-?[\d.]+", svg[0].get("transform")))
        for box in svg.iter(f"{SVG}rect"):
            at = {name: float(box.get(name)) for name in ("x", "y", "width", "height")}
            assert 0 <= at["x"] + x < at["x"] + x + at["width"] <= width
            assert 0 <= at["y"] + y < at["y"] + y + at["height"] <= height


def test_the_picture_shows_the_result_without_a_script(page):
    """The boxes hold the final numbers from the start."""
    texts = {text.text for svg in page.pictures for text in svg.iter(f"{SVG}text")}
    assert {"L = 0.1055", "grad 0.003159", "a₁₃ = 2.1"} <= texts


def test_constants_take_no_part():
    """A constant has no addition, and no paths lead from it."""
    page = Page(stepper(small()).html())
    tables, frame, texts = shown(page, "nodes")
    k = [texts[i] for i in tables["names"]].index("k")
    assert tables["kinds"][k] == "constant"
    user = next(n for n, row in enumerate(tables["sources"]) if k in row)
    assert frame["additions"][user][tables["sources"][user].index(k)] == 0


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


def test_contributions_beyond_the_largest_float():
    """Sums that overflow, and infinities of both signs, are told and do not fail."""
    x = Value(0.0, "x")
    assert stepper(x * 1e308 + x * 1e308).steps
    x = Value(float("inf"), "x")
    with engine.ieee():
        assert stepper(x * x - x * x, "nodes").steps


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


def test_pictures_of_strange_names_are_well_formed():
    """Whatever a node is called, the SVG can be parsed."""
    for label in ("a & b", '"', "<b>", "\x01", "x\ny", "名前", "long " * 30):
        (svg, *_) = Page(stepper(small(label)).html()).pictures
        assert ET.tostring(svg)


def test_names_read_from_right_to_left_stay_by_themselves():
    """In a box and in a formula, "= −3" behind such a name stays as it is."""
    x = Value(-3.0, "משקל")
    made = stepper(x * x)
    assert "\u2068משקל\u2069 = −3" in made.page
    assert "\u2068משקל\u2069²" in made.page or "\u2068משקל\u2069 · " in made.page


def test_a_title_that_no_file_can_hold_is_cleaned():
    """A lone surrogate is replaced, as in a label."""
    assert stepper(Value(2.0, "x").exp(), title="a\ud800\nb").title == "a\ufffd b"
