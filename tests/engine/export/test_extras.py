"""Packages that only an export needs."""

import sys

import pytest

from engine import MissingExtraError, Value
from engine.export import to_jax, to_onnx, to_torch
from engine.export.extras import optional


@pytest.fixture
def nothing_installed(monkeypatch):
    """Hide the packages."""
    for name in ("jax", "jax.numpy", "torch", "onnx"):
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.usefixtures("nothing_installed")
def test_a_missing_package_is_one_sentence(tmp_path):
    """The message names the package and the command."""
    x = Value(0.5, "x")
    f = to_jax(x * 2.0, [x])
    assert "x[0] * 2.0" in f.source
    for call, name in [
        (lambda: f([], [1.0]), "jax"),
        (lambda: f.params, "jax"),
        (lambda: to_torch(x * 2.0, [x]), "torch"),
        (lambda: to_onnx(x * 2.0, [x], tmp_path / "m.onnx"), "onnx"),
    ]:
        with pytest.raises(MissingExtraError) as caught:
            call()
        expected = f"this export needs {name}: pip install 'everypath[{name}]'"
        assert str(caught.value) == expected
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_is_broken_is_not_missing(tmp_path, monkeypatch):
    """A package that lacks another says so itself."""
    (tmp_path / "half_a_package.py").write_text("import what_it_needs_and_has_not")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="what_it_needs") as caught:
        optional("half_a_package", "jax")
    assert not isinstance(caught.value, MissingExtraError)
