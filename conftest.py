"""What a run of the tests leaves out: files that need something which is not installed.

A file says by standing in the table below what it needs, not by skipping itself while it is
imported. The end of a run names what was left out, and why. ``--complete`` refuses to run when
anything is missing: that is how a change lands.
"""

import importlib.util
import shutil
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent

NEEDS = {
    "numpy": (
        "engine/program/interpreted/numpy_tier.py",
        "engine/program/llvm",
        "tests/engine/core/test_arithmetic.py",
        "tests/engine/core/test_backward.py",
        "tests/engine/core/test_comparisons.py",
        "tests/engine/core/test_domain.py",
        "tests/engine/core/test_functions.py",
        "tests/engine/core/test_node.py",
        "tests/engine/export/test_jax_function.py",
        "tests/engine/export/test_onnx_model.py",
        "tests/engine/export/test_torch_module.py",
        "tests/engine/program",
        "tests/laws/test_replay.py",
        "tests/machine_programs.py",
        "tests/nn/exchange/test_frameworks.py",
        "tests/nn/learning/test_fit.py",
        "tests/nn/learning/test_samples.py",
        "tests/nn/model/test_layers.py",
        "tests/oracles/test_export.py",
        "tests/program_examples.py",
    ),
    "llvmlite": ("engine/program/llvm", "tests/engine/program/llvm"),
    "mpmath": ("tests/engine/program/llvm/writing/test_vector_math.py",),
    "matplotlib": ("tests/viz/film/test_gif.py", "tests/viz/plots", "viz/plots"),
    "jax": ("tests/engine/export/test_jax_function.py", "tests/oracles/test_jax.py"),
    "torch": (
        "tests/engine/export/test_torch_module.py",
        "tests/nn/exchange/test_torch.py",
        "tests/oracles/test_torch_optim.py",
    ),
    "onnx": ("tests/engine/export/test_onnx_model.py",),
    "onnxruntime": ("tests/engine/export/test_onnx_model.py",),
    "sympy": ("tests/oracles/test_sympy.py",),
    "playwright": ("tests/browser",),
    "chromium": ("tests/browser",),
    "nbclient": ("tests/test_notebooks.py",),
    "nbformat": ("tests/test_notebooks.py",),
    "ipykernel": ("tests/test_notebooks.py",),
    # Single tests skip themselves.
    "cairosvg": (),
    "micrograd": (),
    "ruff": (),
}
"""Package or program -> the folders and files that cannot be imported without it."""


@cache
def missing() -> list[str]:
    """List what the table names and this machine does not have."""
    return [
        name
        for name in NEEDS
        if importlib.util.find_spec(name) is None and shutil.which(name) is None
    ]


@cache
def left_out() -> dict[Path, list[str]]:
    """Map each place that is left out to what it needs."""
    places: dict[Path, list[str]] = {}
    for name in missing():
        for place in NEEDS[name]:
            places.setdefault(ROOT / place, []).append(name)
    return places


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--complete``."""
    parser.addoption(
        "--complete", action="store_true", help="refuse to run if any test would be left out"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Refuse an incomplete run where a complete one is asked for."""
    if config.getoption("complete") and missing():
        raise pytest.UsageError(f"--complete: not installed: {', '.join(missing())}")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave out what cannot be imported."""
    places = (collection_path, *collection_path.parents)
    return True if any(place in left_out() for place in places) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, also in a quiet run."""
    if left_out():
        terminalreporter.section("left out")
    for place, names in left_out().items():
        terminalreporter.line(f"{place.relative_to(ROOT)}: needs {', '.join(names)}")
