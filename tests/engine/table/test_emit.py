"""From a row to its function: the file equals the table, the code says what it must."""

import importlib.util
import inspect
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import engine
from engine import Value
from engine.table.emit import (
    constant_name,
    function_source,
    needed_functions,
    reflected_source,
    variables,
)
from engine.table.ops import TABLE

ROOT = Path(engine.__file__).resolve().parent.parent
GENERATE = ROOT / "scripts" / "generate.py"


def generator():
    """Load scripts/generate.py as a module."""
    spec = importlib.util.spec_from_file_location("generate", GENERATE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def _path_as_it_was(monkeypatch):
    """The script puts the repository on the path, so that it runs without being installed."""
    monkeypatch.setattr(sys, "path", list(sys.path))


def test_the_written_file_equals_the_table():
    """A changed row that was not written out is found here."""
    pytest.importorskip("ruff")
    done = subprocess.run([sys.executable, GENERATE, "--check"], check=False)
    assert done.returncode == 0, "run python scripts/generate.py"


def test_generate_writes_and_checks(tmp_path, monkeypatch):
    """Without --check it writes the file; with it a difference is an exit code."""
    pytest.importorskip("ruff")
    module = generator()
    target = tmp_path / "arithmetic.py"
    monkeypatch.setattr(module, "TARGET", target)
    rows = {name: TABLE[name] for name in ("mul", "relu")}
    monkeypatch.setattr(module, "TABLE", rows)
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    assert module.main() == 0
    assert "def relu(x: Any) -> Any:" in target.read_text(encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert module.main() == 0
    rows["relu"] = replace(TABLE["relu"], partials=("1.0",))
    assert module.main() == 1


def test_functions_have_help():
    """What help() shows: meaning, domain, derivatives, kinks, an example."""
    text = inspect.getdoc(engine.relu)
    assert "At the kink x = 0: 0." in text
    assert "Derivative: step(x)." in text
    assert ">>> round(relu(0.5), 12)" in text
    assert "Derivatives: y (x), x (y)." in function_source(TABLE["mul"])
    assert inspect.getdoc(Value.__mul__) == "Record x * y, for a node on the left."


def test_every_partial_that_could_be_infinite_is_checked():
    """A trivial partial is not; any other is, along with the result."""
    code = function_source(TABLE["pow"])
    assert "if z - z or dx - dx or dy - dy:" in code
    assert "if z - z:" in function_source(TABLE["mul"])
    assert "try:" not in function_source(TABLE["mul"])
    assert "try:" in function_source(TABLE["exp"])


def test_functions_of_three_go_the_general_way():
    """They are rare, and every mixture of numbers and nodes would need code of its own."""
    assert "return general(CLAMP, x, low, high)" in function_source(TABLE["clamp"])


def test_reflected_addition_returns_the_operand_for_the_zero_of_sum():
    """Only add does, and only for the int 0."""
    assert "x == 0" in reflected_source(TABLE["add"])
    assert "x == 0" not in reflected_source(TABLE["mul"])


def test_names_that_the_code_uses():
    """Rows, helpers and variables of a function are known, so that users' names can avoid them."""
    assert constant_name(TABLE["mul"]) == "MUL"
    assert needed_functions(TABLE["pow"]) == {"abs", "log", "pow"}
    assert variables(TABLE["mul"]) == {"x_node", "y_node", "dx", "dy"}
