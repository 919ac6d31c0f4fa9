"""The house: rooms of few files, each with its map and its tests, as CONTRIBUTING shows them."""

import ast
import importlib
import re
import tomllib
from pathlib import Path

import pytest
from loading import load

import conftest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("engine", "nn", "viz")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
ROOMS = sorted({path.parent for path in SOURCES if path.parent.parent != ROOT})

CONTRACTS = {
    contract["containers"][0]: contract["layers"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
    if "containers" in contract
}
"""Container -> its layers, from top to bottom, as the layering check has them."""

CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PUBLIC = {"_replace", "_asdict", "_fields", "_make"}
"""What named tuples offer to everyone."""

CORE = [
    "engine/table/ops.py",
    "engine/core/node.py",
    "engine/core/graph.py",
    "engine/core/backward.py",
    "engine/core/value.py",
    "engine/core/functions.py",
]


def short(path):
    """Write a path relative to the root."""
    return path.relative_to(ROOT).as_posix()


def with_text(paths, pattern):
    """List the lines that hold a pattern."""
    return [
        f"{short(path)}:{number}"
        for path in paths
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_a_room_holds_few_files():
    """A folder is taken in at one look: 14 files, 8 at the top of `engine`; and its map."""
    for folder in {path.parent for path in SOURCES}:
        files = [path.stem for path in folder.glob("*.py") if path.stem != "__init__"]
        assert len(files) <= (8 if folder == ROOT / "engine" else 14), (short(folder), files)
        assert (folder / "__init__.py").exists(), short(folder)


@pytest.mark.parametrize("room", ROOMS, ids=short)
def test_a_room_has_a_map(room):
    """A room says in ten lines what it holds, and names a file of its own to open first."""
    text = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8")))
    told = re.split(r"^(?:>>>|==)", text, maxsplit=1, flags=re.MULTILINE)[0]
    assert len(told.strip().splitlines()) <= 10
    names = {path.stem for path in room.iterdir() if not path.stem.startswith("_")}
    assert names & set(re.findall(r"`(\w+)`", text)), f"one of {sorted(names)}"


@pytest.mark.parametrize("container", CONTRACTS)
def test_contributing_shows_what_the_layering_check_enforces(container):
    """A table for each container: its rooms or files, in the layers of the check."""
    heading = rf"^`{re.escape(container)}`[,:].*\n\n((?:\|.*\n)+)"
    table = re.search(heading, CONTRIBUTING, re.MULTILINE)
    assert table, f"CONTRIBUTING has no table of {container}"
    rows = re.findall(r"^\| (\d+) \| `(\w+)` \| .+ \|$", table[1], re.MULTILINE)
    shown = {}
    for layer, name in rows:
        shown.setdefault(int(layer), set()).add(name)
    layers = [set(layer.split(" | ")) for layer in CONTRACTS[container]]
    assert [shown[layer] for layer in sorted(shown, reverse=True)] == layers


def test_contributing_lists_the_core_in_the_order_of_its_layers():
    """What a student reads in one sitting: the files, in an order in which nothing looks ahead."""
    (listed,) = re.findall(
        r"^The core reads in one sitting.*?\n\n", CONTRIBUTING, re.MULTILINE | re.DOTALL
    )
    assert re.findall(r"`([\w/]+\.py)`", listed) == CORE
    order = [name for layer in reversed(CONTRACTS["engine.core"]) for name in layer.split(" | ")]
    places = [order.index(Path(path).stem) for path in CORE[1:]]
    assert places == sorted(places)


def test_the_core_is_short():
    """The core reads in one sitting."""
    lines = {path: len((ROOT / path).read_text("utf-8").splitlines()) for path in CORE}
    assert sum(lines.values()) <= 1300, lines


def test_the_formatter_lays_out_everything_but_the_table():
    """Only the rows of the table are laid out by hand."""
    found = with_text(SOURCES + TESTS, r"fmt: (?:skip|off)")
    assert {line.partition(":")[0] for line in found} <= {"engine/table/ops.py"}


@pytest.mark.parametrize(("paths", "most"), [(SOURCES, 79), (TESTS, 40)], ids=["source", "tests"])
def test_few_checks_are_silenced(paths, most):
    """A silenced line is an exception, and exceptions are few."""
    found = with_text(paths, r"#\s*(?:noqa|type:\s*ignore|pragma: no cover)")
    assert len(found) <= most, found


def private(name):
    """Say whether a name is nobody else's business."""
    return name.startswith("_") and not name.endswith("_") and name not in PUBLIC


def private_reads(path):
    """List where a test reads what is private, by a dot, by an import or by patching."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Attribute(value=ast.Name("self" | "cls")):
                pass
            case ast.Attribute(attr=name) if private(name):
                yield f"{short(path)}:{node.lineno} .{name}"
            case ast.ImportFrom(names=names):
                for alias in names:
                    if private(alias.name):
                        yield f"{short(path)}:{node.lineno} import {alias.name}"
            case ast.Call(
                func=ast.Attribute(attr="setattr" | "setitem" | "delattr"),
                args=[_, ast.Constant(str(name)), *_],
            ) if private(name):
                yield f"{short(path)}:{node.lineno} patches {name}"


def test_tests_read_what_is_public():
    """A test of something private breaks when nothing that matters changed."""
    found = [read for path in TESTS for read in private_reads(path)]
    assert len(found) <= 15, found


def test_tests_mirror_the_source():
    """Each source file has its test file, and each test file its source file."""
    test_file = load(ROOT / "scripts" / "mutants.py").test_file
    expected = {
        test_file(path.relative_to(ROOT)): short(path)
        for path in SOURCES
        if path.name != "__init__.py"
    }
    assert [name for path, name in expected.items() if not (ROOT / path).exists()] == []
    mirrors = {short(path) for path in TESTS if path.parts[len(ROOT.parts) + 1] in PACKAGES}
    assert mirrors - {path.as_posix() for path in expected} == set()


def test_what_needs_an_extra_is_there():
    """The table of what is left out without an extra names folders and files that exist."""
    for places in conftest.NEEDS.values():
        for place in places:
            assert (ROOT / place).exists(), place


def exists(name):
    """Say whether a dotted name leads to something."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:length]))
        except ImportError:
            continue
        for part in parts[length:]:
            found = getattr(found, part, None)
        return found is not None
    return False


def test_names_in_texts_are_there():
    """Docstrings and pages send nobody to a name or a file that is not there."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "benchmarks" / "README.md"]
    for path in [*SOURCES, *pages]:
        text = path.read_text("utf-8")
        for name in re.findall(r"`((?:engine|nn|viz)(?:\.\w+)+)`", text):
            assert exists(name), f"{short(path)}: {name}"
        for name in re.findall(r"\b(?:engine|nn|viz|tests|scripts|benchmarks)/[\w/]+\.py\b", text):
            assert (ROOT / name).exists(), f"{short(path)}: {name}"
