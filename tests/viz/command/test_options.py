"""`viz.command.options`: the words of the command line."""

import pytest

from viz.command.options import parse


def refusal(capsys, *words):
    """What is said of words that cannot be read, and the exit code."""
    with pytest.raises(SystemExit) as caught:
        parse(words)
    said = capsys.readouterr()
    return caught.value.code, said.out, said.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--help"),
        (("w132",), "invalid choice"),
        (("w131", "--bias", "a", "0"), "'a' is not a number"),
        (("w131", "--bias", "nan", "0"), "'nan' is not a number"),
        (("w131", "--bias", "0", "-1e999"), "'-1e999' is not a number"),
        (("train", "moons", "--hidden", "16,0"), "'0' is not a whole number above 0"),
        (("train", "moons", "--epochs", "0"), "'0' is not a whole number above 0"),
        (("train", "moons", "--eager", "--compiled"), "not allowed with"),
        (("worksheet", "w131", "--seed", "x"), "'x' is not a whole number"),
        (("worksheet", "w131", "--eta", "nan"), "'nan' is not a number"),
        (("w131", "--updates", "-1"), "--updates"),
        (("w131", "--updates", "51"), "up to 50"),
        (("draw", "-x", "x=2"), 'in parentheses: "(-x)"'),
        (("draw", "x", "x=1", "--wide"), "unrecognized arguments: --wide\nsee"),
    ],
)
def test_words_that_cannot_be_read(capsys, words, said):
    """They get one line on standard error, which points to the help."""
    code, out, err = refusal(capsys, *words)
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("everypath")
    assert err.endswith(" --help\n")


@pytest.mark.parametrize(
    "words", [(), ("w131",), ("w212",), ("draw",), ("train",), ("worksheet",)]
)
def test_help(capsys, words):
    """Every command explains itself."""
    code, out, _ = refusal(capsys, *words, "--help")
    assert code == 0
    assert out.startswith(" ".join(["usage: everypath", *words]))


def test_defaults():
    """What is left out is as the help says."""
    lecture, training = parse(["w131"]), parse(["train", "xor"])
    assert (lecture.command, lecture.bias, lecture.updates) == ("w131", [0.0, 0.0], 0)
    assert (training.compiled, training.epochs, training.hidden) == (True, 100, (16, 16))
    assert (training.lr, training.seed, training.samples, training.noise) == (0.05, 0, None, None)
    sheet = parse(["worksheet", "w131"])
    assert (sheet.seed, sheet.digits, sheet.eta, sheet.latex) == ([None], 4, 1.0, False)


def test_numbers():
    """A number may be negative in any notation; a whole one has its limits."""
    assert parse(["w131", "--bias", "-1e-3", "−2."]).bias == [-0.001, -2.0]
    assert parse(["w131", "--bias", "-.5e+1", "-3."]).bias == [-5.0, -3.0]
    assert parse(["w131", "--updates", "50"]).updates == 50
    assert parse(["train", "xor", "--hidden", "1, 12", "--seed", "0"]).hidden == (1, 12)
    assert not parse(["train", "xor", "--eager"]).compiled
    assert parse(["worksheet", "w131", "--seed", "0", "2"]).seed == [0, 2]
    assert parse(["draw", "x", "x=-1e5"]).numbers == ["x=-1e5"]
