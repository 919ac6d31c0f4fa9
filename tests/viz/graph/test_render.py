"""`viz.graph.render`: choosing and running a renderer, and what is done to its SVG."""

import stat
import sys
import time
import xml.etree.ElementTree as ET

import pytest

from engine import MissingRendererError, RenderError, UnknownNameError
from viz.graph.render import (
    ENVIRONMENT_VARIABLE,
    Program,
    render,
    resolve,
)
from viz.svg.escape import clean, escape_label, escape_record, escape_tooltip

SVG = "{http://www.w3.org/2000/svg}"
GRAPH = 'digraph { rankdir=LR; a [shape=Mrecord fontname=Helvetica label="x₁|2"]; a -> b -> c }'

HOSTILE = [
    "<script>alert(1)</script>",
    "a & b &amp; &lt;",
    "say \"hi\" 'x'",
    r"C:\new\table \N \G \L \n",
    "a\nb\r\nc",
    "a\tb",
    "{a|b}<p>c}",
    "abc\\",
    "<b>x</b>",
    "a\x00b",
    "a\x01b\x1b[0m",
    "a\ud800b",
    "/* x */ # y",
    'x"]; evil [label="y',
    "&#x3c;script&#x3e; &bogus;",
    "λ" * 10_000,
    "]]>",
    "\u202eabc",
    "  lead",
    "\uffff",
    "--><svg onload=alert(1)>",
    "ŷ₁ 🙂 日本",
]


@pytest.fixture(autouse=True)
def _no_choice_of_the_users(monkeypatch):
    monkeypatch.delenv(ENVIRONMENT_VARIABLE, raising=False)


@pytest.fixture
def nothing_installed(monkeypatch, tmp_path):
    """No program is found: not beside this Python, not on the PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda *_: str(tmp_path))
    return tmp_path


def parsed(svg):
    """Parse an SVG, which fails if it is not well-formed."""
    return ET.fromstring(svg)


def program(folder, name, script):
    """Write a program that stands in for a renderer."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\nimport sys\n{script}\n")
    path.chmod(0o755)
    return path


# ------------------------------------------------------------------ choosing
def test_graphviz_pure_comes_first(nothing_installed):
    """The renderer of everypath's own comes before the system's."""
    program(nothing_installed, "dot", "")
    assert resolve().name == "dot"
    own = program(nothing_installed, "graphviz-pure", "")
    assert resolve() == Program("graphviz-pure", str(own))


def test_it_is_found_beside_python(monkeypatch, tmp_path):
    """A Jupyter kernel's PATH may lack the environment that it runs in."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert resolve().name == "graphviz-pure"


def test_an_argument_comes_before_the_environment(nothing_installed, monkeypatch):
    """Argument, then environment variable, then what is installed."""
    program(nothing_installed, "graphviz-pure", "")
    program(nothing_installed, "dot", "")
    mine = program(nothing_installed, "mine", "")
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "dot")
    assert resolve().name == "dot"
    assert resolve("graphviz-pure").name == "graphviz-pure"
    assert resolve(str(mine)) == resolve(mine) == Program("mine", str(mine))


@pytest.mark.usefixtures("nothing_installed")
def test_without_any_renderer_both_installs_are_named():
    """The message says how to get one, and what works without."""
    with pytest.raises(MissingRendererError) as caught:
        render(GRAPH)
    for part in ("no renderer", "pip install graphviz-pure", "apt install graphviz", ".mmd"):
        assert part in str(caught.value)


def test_a_renderer_that_is_asked_for_must_be_there(nothing_installed, monkeypatch):
    """A missing one is named, and where it was asked for; no other takes its place."""
    program(nothing_installed, "dot", "")
    with pytest.raises(MissingRendererError, match="there is no renderer 'graphviz-pure'; inst"):
        resolve("graphviz-pure")
    monkeypatch.setenv(ENVIRONMENT_VARIABLE, "typo")
    with pytest.raises(MissingRendererError, match=f"'typo' .from .* {ENVIRONMENT_VARIABLE}"):
        resolve()


def test_a_renderer_of_ones_own():
    """Any object that draws will do."""

    class Mine:
        name = "mine"

        def draw(self, source, fmt, timeout):
            return f"{source} {fmt} {timeout}".encode()

    mine = Mine()
    assert resolve(mine) is mine
    assert render("g", "plain", renderer=mine, timeout=3) == "g plain 3"
    assert render("g", "png", renderer=mine) == b"g png 20.0"
    with pytest.raises(RenderError, match="output of mine is not well-formed XML"):
        render("g", renderer=mine)


# ------------------------------------------------------------------ drawing
def test_svg_is_the_same_in_every_run_and_names_no_version():
    """The text is well-formed, repeats to the byte and has no comment."""
    svg = render(GRAPH)
    assert svg == render(GRAPH)
    assert "<!--" not in svg
    assert "ns0:" not in svg
    root = parsed(svg)
    assert root.tag == f"{SVG}svg"
    assert len(root.findall(f".//{SVG}g[@class='node']")) == 3
    assert len(root.findall(f".//{SVG}g[@class='edge']")) == 2


def test_other_formats():
    """Pictures are bytes, descriptions are text, and what is not known lists what is."""
    assert render(GRAPH, "png").startswith(b"\x89PNG")
    assert render(GRAPH, "plain").startswith("graph ")
    with pytest.raises(UnknownNameError, match=r"fmt='gif'.*'pdf', 'plain', 'png', 'svg'"):
        render(GRAPH, "gif")
    with pytest.raises(RenderError, match=r"graphviz-pure could not draw this as pdf: .*pdf"):
        render(GRAPH, "pdf")


@pytest.mark.parametrize("label", HOSTILE, ids=lambda label: ascii(label)[:24])
def test_hostile_labels_come_back_as_text(label):
    """In a record, on an edge and in a tooltip, a label is text and nothing else."""
    text = clean(label)
    svg = render(
        f'digraph {{ a [shape=Mrecord label="{escape_record(text)}|z"]; '
        f'a -> b [label="{escape_label(text)}" tooltip="{escape_tooltip(text)}"] }}'
    )
    root = parsed(svg)
    texts = [element.text for element in root.iter(f"{SVG}text")]
    assert sorted(texts) == sorted([text, "z", "b", text])
    titles = [link.get("{http://www.w3.org/1999/xlink}title") for link in root.iter(f"{SVG}a")]
    assert set(titles) == {text}
    allowed = {"svg", "g", "title", "polygon", "path", "polyline", "ellipse", "text", "a"}
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= allowed
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not any(name.startswith("on") or name.endswith("href") for name in attributes)


def test_syntax_errors_carry_the_renderers_words():
    """What the renderer says of the text reaches the user, without its warnings."""
    with pytest.raises(RenderError, match=r"syntax error in line 1.*exit code 1") as caught:
        render('digraph { a [label="ŷ"] -> ')
    assert "Warning" not in str(caught.value)


# ------------------------------------------------------------------ failing
def test_a_renderer_that_hangs_is_stopped(tmp_path):
    """It is killed after the timeout, with advice, and no other is tried."""
    sleeper = program(tmp_path, "sleeper", "import time; time.sleep(60)")
    start = time.monotonic()
    with pytest.raises(RenderError, match=r"sleeper was stopped: .* 0\.2 s; draw less.*timeout="):
        render(GRAPH, renderer=str(sleeper), timeout=0.2)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("script", "message"),
    [
        (
            "sys.exit('Warning: small\\nError: no layout')",
            r"as svg: Error: no layout \(exit code 1",
        ),
        ("sys.exit(3)", r"it gave no reason \(exit code 3\)"),
        ("sys.stderr.write('Warning: odd')", r"Warning: odd \(exit code 0\)"),
        ("sys.exit('x' * 5000)", "x{1000}… "),
        ("sys.stdout.write('<svg><g></svg>')", "is not well-formed XML: mismatched tag"),
        ("sys.stdout.write('<html/>')", "is not SVG: its root element is 'html'"),
    ],
)
def test_a_renderer_that_fails(tmp_path, script, message):
    """An exit code, silence and nonsense are one clear error each."""
    broken = program(tmp_path, "broken", script)
    with pytest.raises(RenderError, match=message):
        render(GRAPH, renderer=str(broken))


def test_a_renderer_that_does_not_start(tmp_path):
    """A file that is no program is named with the reason."""
    path = tmp_path / "broken"
    path.write_bytes(b"\x7fELF nonsense")
    path.chmod(stat.S_IRWXU)
    with pytest.raises(RenderError, match=f"broken at {path} does not start: .*; choose another"):
        render(GRAPH, renderer=str(path))


def test_text_that_was_not_cleaned():
    """A lone surrogate is named before anything runs."""
    with pytest.raises(RenderError, match=r"'\\ud800', which is no character; clean labels"):
        render('digraph { "\ud800" }')
