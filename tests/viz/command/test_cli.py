"""`viz.command.cli`: the command, as its user meets it."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from viz.command.cli import main
from viz.command.figures import FIGURES


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def run(capsys, *words):
    """Run a command; returns its exit code, output and errors."""
    try:
        code = main(words)
    except SystemExit as stop:
        code = stop.code
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_main_job(capsys, tmp_path):
    """``everypath w131`` prints the gradient and writes both pictures."""
    code, out, _ = run(capsys, "w131")
    assert code == 0
    assert "0.003159356764" in out
    assert "Wrote w131.svg" in out
    files = {p.name for p in tmp_path.iterdir()}
    assert files == {"w131.svg", "w131-nodes.svg", "w131.html"}
    assert (tmp_path / "w131.svg").read_text("utf-8").count("0.003159") >= 3


def test_biases_and_folder(capsys, tmp_path):
    """The biases and the place of the files can be chosen."""
    (tmp_path / "pictures").mkdir()
    code, out, _ = run(capsys, "w131", "--bias", "0.5", "0.3", "--folder", "pictures")
    assert code == 0
    assert "0.00191370198" in out
    assert (tmp_path / "pictures" / "w131.svg").exists()


def test_negative_numbers_of_every_form(capsys):
    """Also what argparse takes for an option by itself, and the minus sign of everypath."""
    code, plain, _ = run(capsys, "w131", "--bias", "-0.5", "-0.001")
    assert code == 0
    assert run(capsys, "w131", "--bias", "-.5e0", "-1e-3") == (0, plain, "")
    assert run(capsys, "w131", "--bias", "−0.5", "−0.001") == (0, plain, "")
    assert "y = (-x) = 2" in run(capsys, "draw", "(-x)", "x=−2")[1]


def test_updates(capsys, tmp_path):
    """On request the page plays some updates of the weights."""
    plain = run(capsys, "w131")
    size = (tmp_path / "w131.html").stat().st_size
    assert run(capsys, "w131", "--updates", "2")[0] == plain[0] == 0
    assert (tmp_path / "w131.html").stat().st_size > size


def test_step(capsys, tmp_path):
    """A page is written for an expression of one's own."""
    code, out, _ = run(capsys, "step", "x*x + x", "x=3", "-o", "page.html")
    assert code == 0
    assert out == "Wrote page.html\n"
    assert "<script" in (tmp_path / "page.html").read_text("utf-8")


def test_w212(capsys, tmp_path):
    """The other weight of the lecture is a command too."""
    assert run(capsys, "w212")[0] == 0
    assert (tmp_path / "w212.svg").exists()


def test_errata(capsys):
    """``everypath errata`` prints the whole table."""
    code, out, _ = run(capsys, "errata")
    assert code == 0
    assert "−0.1303767062" in out
    assert "E29" in out or "E28" in out


def test_figures(capsys, tmp_path):
    """``everypath figures`` writes each figure and says where."""
    code, out, _ = run(capsys, "figures")
    assert code == 0
    assert out.split() == [f"{figure.name}.svg" for figure in FIGURES]
    assert {p.name for p in tmp_path.iterdir()} == set(out.split())


def test_draw(capsys, tmp_path):
    """An expression is computed, differentiated and drawn."""
    words = ("draw", "tanh(w*x + b)", "w=0.5", "x=2", "b=-1", "-o", "neuron.svg")
    code, out, _ = run(capsys, *words)
    assert code == 0
    assert "y = tanh(w*x + b) = 0\n" in out
    assert "∂y/∂w = 2\n" in out
    assert (tmp_path / "neuron.svg").read_text("utf-8").lstrip().startswith("<")


def test_train(capsys, tmp_path):
    """A toy set is learned; the picture, the model and a film are written on request."""
    words = ("train", "xor", "--epochs", "60", "--hidden", "8", "--lr", "0.1", "--samples", "40")
    code, out, err = run(capsys, *words, "--save", "xor.json", "--animate", "xor.html")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].startswith("xor: 40 samples in 2 classes; MLP 2-8-1, tanh, 33 parameters")
    assert lines[1].startswith("Accuracy 100 % (40 of 40 samples)")
    assert lines[-3:] == [
        "Wrote xor.svg: the decision boundary",
        "      xor.json: the model",
        "      xor.html: the boundary while it was learned",
    ]
    assert "60/60" in err, "the bar goes to standard error"
    assert {p.name for p in tmp_path.iterdir()} == {"xor.svg", "xor.json", "xor.html"}


def test_train_eagerly(capsys, tmp_path):
    """Node by node it is the same network; the picture can be pixels elsewhere."""
    pytest.importorskip("cairosvg")
    (tmp_path / "there").mkdir()
    words = ("train", "moons", "--samples", "10", "--epochs", "2", "--hidden", "2,2")
    code, out, _ = run(capsys, *words, "--eager", "--png", "--folder", "there", "--noise", "0")
    assert code == 0
    assert "MLP 2-2-2-1" in out
    assert "Trained eagerly" in out
    assert (tmp_path / "there" / "moons.png").exists()


def test_worksheet(capsys, tmp_path):
    """A page and its key for each seed, in Markdown or LaTeX."""
    code, out, _ = run(capsys, "worksheet", "w222", "--seed", "1", "2", "--latex")
    assert code == 0
    assert out.split() == [
        "Wrote",
        "w222-1-worksheet.tex",
        "Wrote",
        "w222-1-key.tex",
        "Wrote",
        "w222-2-worksheet.tex",
        "Wrote",
        "w222-2-key.tex",
    ]
    assert run(capsys, "worksheet", "w222", "--digits", "5", "--eta", "0.1")[0] == 0
    assert (tmp_path / "w222-key.svg").exists()
    assert r"0.1 \cdot" in (tmp_path / "w222-key.md").read_text("utf-8")


def test_draw_paths(capsys):
    """On request every path from a name is printed."""
    code, out, _ = run(capsys, "draw", "x*x", "x=3", "--paths", "x")
    assert code == 0
    assert "2 paths" in out


def test_a_result_is_not_called_like_an_operand(capsys):
    """Where a name is y, the result is f: ∂y/∂y = 2 would be wrong, and y ambiguous."""
    code, out, _ = run(capsys, "draw", "2*y", "y=3", "--paths", "y")
    assert code == 0
    assert "f = 2*y = 6\n∂f/∂y = 2\n" in out
    code, out, _ = run(capsys, "draw", "y*f*z", "y=3", "f=1", "z=1")
    assert out.startswith("y_1 = y*f*z = 3\n")


@pytest.mark.parametrize("output", ["strict", "surrogateescape"])
def test_an_output_without_mathematics(monkeypatch, output):
    """In the locale C, or in a pipe on Windows, a letter that is missing is no error."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors=output)
    monkeypatch.setattr(sys, "stdout", stream)
    assert main(["draw", "x*x", "x=3"]) == 0
    assert stream.errors == output
    assert stream.buffer.getvalue().startswith(b"y = x*x = 9\n?y/?x = 6\n")


def test_no_output_at_all(monkeypatch):
    """A process may have none (``>&-``, pythonw)."""
    monkeypatch.setattr(sys, "stdout", None)
    assert main(["draw", "x*x", "x=3"]) == 0


@pytest.mark.parametrize("option", ["--folder", "--save", "--animate"])
def test_a_missing_folder_is_noticed_before_the_training(capsys, option):
    """Else the training would be lost."""
    given = {"--folder": "nowhere", "--save": "nowhere/m.json", "--animate": "nowhere/f.html"}
    code, out, err = run(capsys, "train", "moons", option, given[option])
    assert (code, out) == (1, "")
    assert "the folder nowhere does not exist" in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("w131", "--folder", "nowhere"), 1, "nowhere"),
        (("train", "moon"), 1, "'moons'"),
        (("train", "moons", "--animate", "moons.mp4"), 1, "'.gif'"),
        (("train", "moons", "--lr", "-1"), 1, "lr"),
        (("worksheet", "w132"), 1, "'cross-entropy'"),
        (("worksheet", "w131", "--digits", "1"), 1, "2 to 8"),
        (("step", "x*y", "x=1"), 1, "'y' has no number"),
        (("draw", "x.y", "x=1"), 1, "not arithmetic"),
        (("draw", "x*y", "x=1"), 1, "'y' has no number"),
        (("draw", "x", "x=1", "x=2"), 1, "x is given more than once"),
        (("draw", "x", "x1"), 1, "'x1' is not NAME=NUMBER"),
        (("draw", "x", "x=one"), 1, "'x=one' is not NAME=NUMBER"),
        (("draw", "log(x)", "x=-1"), 1, "x > 0"),
        (("draw", "x", "x=1", "-o", "picture.gif"), 1, ".gif"),
        (("draw", "x", "x=1", "--paths", "z"), 1, "'z'"),
    ],
)
def test_mistakes_get_one_line(capsys, tmp_path, words, code, said):
    """A mistake gets a line on standard error and an exit code, and leaves no file behind."""
    given, _, err = run(capsys, *words)
    assert given == code
    assert said in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_interrupts_are_not_tracebacks(capsys, monkeypatch):
    """Ctrl-C ends the command with the shell's code for it."""

    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("viz.command.cli.report", interrupt)
    assert run(capsys, "w131")[0] == 130


def test_a_closed_pipe_is_not_an_error(tmp_path):
    """``everypath w131 | head -1`` ends quietly."""
    command = f"{sys.executable} -c 'from viz.command.cli import main; main()' w131 | head -1"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        command,
        shell=True,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk always full")
def test_a_full_disk_gets_one_line(tmp_path):
    """``everypath errata > file`` on a full disk says so."""
    command = (
        f"{sys.executable} -c 'from viz.command.cli import main; exit(main())' errata > /dev/full"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        command,
        shell=True,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("everypath: ")
    assert done.stderr.count("\n") == 1
