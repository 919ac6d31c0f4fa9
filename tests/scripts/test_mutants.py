"""`scripts/mutants.py`: one token changed at a time, tried against the mirrored tests."""

from pathlib import Path

import pytest
from loading import load

ROOT = Path(__file__).resolve().parents[2]
mutants = load(ROOT / "scripts" / "mutants.py")


def written(source):
    """Write a text in every way that differs in one token."""
    return [found.on(source) for found in mutants.mutations(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a * b", ["a / b", "a + b"]),
        ("f(*a, **b)", []),
        ("a[1:] * -b", ["a[2:] * -b", "a[1:] / -b", "a[1:] + -b", "a[1:] * +b"]),
        ("a <= 9", ["a < 9", "a > 9", "a <= 10"]),
        ("a is not None", ["a is  None", "a is not 0"]),
        ("a not in b", ["a  in b"]),
        ("a in b", ["a not in b"]),
        ("max(a)", ["min(a)"]),
        ("x.max(a), max", []),
        ("a if b else c", ["a if not b else c"]),
        ("[a for a in b if c]", ["[a for a in b if not c]"]),
        ("for a in b: break", ["for a in b: continue"]),
        ("'×', '∂', x + y", ["'×', '∂', x - y"]),
        ('"""One + one."""  # 1 + 1', []),
        ("1.5", []),
    ],
)
def test_mutations(source, expected):
    """Operators, conditions and whole numbers change; names, texts and comments do not."""
    assert written(source) == expected


@pytest.mark.parametrize(
    "source",
    [
        "assert a + b",
        "from a import max",
        "if TYPE_CHECKING:\n    a = 1",
        "def f(x: int | None) -> int | None: ...",
        "x: int | None",
        "@dataclass(frozen=True)\nclass A: ...",
        "@overload\ndef f(a=1): ...",
        "zip(a, b, strict=True)",
        "é: 'ü' | None = b",
    ],
)
def test_what_only_states_is_left_alone(source):
    """Imports, asserts, types, decorators and what is for type checkers stay as they are."""
    assert written(source) == []


def test_the_file_that_mirrors():
    """Each source file has its test file; where none mirrors it, another judges it."""
    assert mutants.test_file(Path("nn/model/mlp.py")) == Path("tests/nn/model/test_mlp.py")
    for place, judge in mutants.JUDGES.items():
        assert (ROOT / place).exists()
        assert (ROOT / judge).exists()
        assert mutants.test_file(Path(place)) == Path(judge)


@pytest.fixture
def small(tmp_path):
    """Write a small project: the tests of `even` are weak, those of `twice` are not."""
    for name, text in {
        "engine/__init__.py": "",
        "engine/twice.py": "def twice(x):\n    return x * 2\n",
        "engine/even.py": "def even(x):\n    return x % 2 == 0\n",
        "tests/engine/test_twice.py": (
            "from engine.twice import twice\n\n\ndef test():\n    assert twice(3) == 6\n"
        ),
        "tests/engine/test_even.py": (
            "from engine.even import even\n\n\ndef test():\n    assert even(0)\n"
        ),
        "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['.']\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_what_lived_is_printed(small, capsys):
    """A run prints the mutations that no test noticed, and leaves the files alone."""
    assert mutants.main(["20", "engine/twice.py"], small) == 0
    assert capsys.readouterr().out == "3 tried, 3 caught, 0 lived\n"
    before = (small / "engine/even.py").read_text("utf-8")
    assert mutants.main(["20", "engine/even.py"], small) == 1
    *lived, summary = capsys.readouterr().out.splitlines()
    assert sorted(lived) == [
        "engine/even.py:2:14 '%' -> '*'  return x % 2 == 0",
        "engine/even.py:2:16 '2' -> '3'  return x % 2 == 0",
    ]
    assert summary == "4 tried, 2 caught, 2 lived"
    assert (small / "engine/even.py").read_text("utf-8") == before


def test_a_file_without_tests_is_named(small, capsys):
    """What no test file mirrors is said, not passed over; the same seed draws the same."""
    (small / "tests/engine/test_even.py").unlink()
    assert mutants.main(["1", "--seed", "3", "engine"], small) == 0
    said = capsys.readouterr().out
    assert said.startswith("engine/even.py: no tests/engine/test_even.py\n")


def test_a_test_that_hangs_has_noticed(small, monkeypatch):
    """A mutation that makes the tests run for ever is caught."""
    monkeypatch.setattr(mutants, "SECONDS", 0.01)
    path = Path("engine/even.py")
    found = mutants.mutations((small / path).read_text("utf-8"))[0]
    assert not mutants.lives(path, found, small)
