"""`viz.worksheet`: a page with blanks, and its key."""

import shutil
import subprocess

import pytest

from engine import Value
from engine.errors import OutputError, ShapeError, UnknownNameError, ValueTypeError
from engine.labels import number as written
from engine.labels import typeset
from nn.textbook import calculus, w131
from nn.textbook.network import Network
from viz.worksheets.page import worksheet, write_worksheet


def test_a_network_of_ones_own():
    """Any network with a focus makes a worksheet."""
    assert "e^{" in worksheet(calculus.exp_of_square()).markdown(key=True)


def test_pictures_show_no_more_than_the_page():
    """The student's picture has the given numbers; the key's has values and routes."""
    sheet = worksheet("w131")
    blank, solved = sheet.picture().svg(), sheet.picture(key=True).svg()
    assert "0.8" in blank
    assert "0.891" not in blank
    assert "0.891" in solved
    assert "0.003159" in solved
    logits = worksheet("softmax").picture().network.circles[0]
    assert logits.parts == (("a_1", "1"),), "a pre-activation that is given stays"


def test_what_has_no_circle_is_drawn_as_milestones():
    """The node whose gradient is asked for is in the picture; the student's has no answers."""
    u = Value(2.0, "u")
    v = u.exp()
    v.label = "v"
    for sheet in (worksheet("cross-entropy"), worksheet(Network("my own", "S0", v, "u"))):
        blank, solved = sheet.picture(), sheet.picture(key=True)
        boxes = {box.title: box for box in blank.diagram.boxes}
        focus = sheet.net[sheet.net.focus]
        assert boxes[typeset(focus.label)].rows == (f"data {written(focus.data)}",)
        told = [box.rows for box in blank.diagram.boxes if box.kind in {"inner", "output"}]
        assert told
        assert not any(told)
        assert written(sheet.net.root.data) not in blank.svg()
        assert written(sheet.net.gradient(sheet.net.focus)) in solved.diagram.title
        assert blank.title == solved.title == f"The network: {sheet.net.title}"


def test_files(tmp_path):
    """A worksheet and its key are written, with a picture each; LaTeX without."""
    sheet = worksheet("w212", seed=4)
    names = [path.name for path in write_worksheet(sheet, "w212", tmp_path)]
    assert names == [
        "w212-4-worksheet.md",
        "w212-4-worksheet.svg",
        "w212-4-key.md",
        "w212-4-key.svg",
    ]
    assert "](w212-4-key.svg)" in (tmp_path / "w212-4-key.md").read_text("utf-8")
    names = [p.name for p in write_worksheet(worksheet("w212"), "w212", tmp_path, latex=True)]
    assert names == ["w212-worksheet.tex", "w212-key.tex"]
    with pytest.raises(OutputError, match="nowhere"):
        list(write_worksheet(sheet, "w212", tmp_path / "nowhere"))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("name", ["w131", "w111", "logistic"])
def test_plain_latex_compiles_the_pages(tmp_path, name):
    """Both pages go through pdflatex, and no line sticks out."""
    for file in write_worksheet(worksheet(name, seed=2), name, tmp_path, latex=True):
        done = subprocess.run(
            [shutil.which("pdflatex"), "-interaction=nonstopmode", "-halt-on-error", file.name],
            cwd=tmp_path,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-2000:]
        assert b"Overfull" not in done.stdout


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        (("w132",), UnknownNameError, "'w131'"),
        (("w131", -1), ShapeError, "seed"),
        (("w131", 1.5), ValueTypeError, "seed"),
        (("w131", None, 1), ShapeError, "from 2 to 8"),
        (("w131", None, "4"), ValueTypeError, "digits"),
        (("w131", None, 4, "fast"), ValueTypeError, "eta"),
        ((Network("a leaf", "S0", w131().L),), ValueTypeError, "no focus"),
    ],
)
def test_bad_requests(given, error, said):
    """Each names what is wrong and what would be right."""
    with pytest.raises(error, match=said):
        worksheet(*given)
