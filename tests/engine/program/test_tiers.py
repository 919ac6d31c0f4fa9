"""Choosing a tier."""

import sys
import types

import pytest

from engine.errors import CompileError, MissingExtraError, UnknownNameError
from engine.program import tiers
from engine.program.instructions import Apply, FlatProgram
from engine.program.interpreted.numpy_tier import NUMPY
from engine.program.interpreted.python_tier import PYTHON
from engine.table.ops import TABLE

FLAT = FlatProgram(1, 0, 0, (), (Apply(1, TABLE["exp"], (0,)),), (1,), 1, (0,), 2)
EXACT = FlatProgram(1, 0, 0, (), FLAT.instructions, (1,), 1, (0,), 2, sweeps=((0,),))


def machine_code(monkeypatch, prepare):
    """Put a tier in the place of the machine-code one."""
    module = types.ModuleType("engine.program.llvm")
    module.AUTOMATIC = types.SimpleNamespace(name="fake", arrays=True, prepare=prepare)
    monkeypatch.setitem(sys.modules, "engine.program.llvm", module)
    return module.AUTOMATIC


def without(monkeypatch, package):
    """Put a module that needs a package in the place of the machine-code tiers."""

    class Broken(types.ModuleType):
        def __getattr__(self, name):
            raise ModuleNotFoundError(f"No module named {package!r}", name=package)

    monkeypatch.setitem(sys.modules, "engine.program.llvm", Broken("engine.program.llvm"))


def test_a_tier_is_found_by_name():
    """Each by its own."""
    assert tiers.prepare(FLAT, "python")[0] is PYTHON
    assert tiers.prepare(FLAT, "numpy")[0] is NUMPY


def test_auto_takes_machine_code_where_it_works(monkeypatch):
    """It comes first."""
    tier = machine_code(monkeypatch, lambda flat: (flat, "runner"))
    assert tiers.prepare(FLAT, "auto") == (tier, (FLAT, "runner"))


def test_auto_goes_on_where_a_tier_cannot_run(monkeypatch):
    """A CPU that llvmlite cannot target; then no NumPy either."""

    def refuse(flat):
        raise CompileError(f"cannot run {flat.slots} slots here")

    machine_code(monkeypatch, refuse)
    assert tiers.prepare(FLAT, "auto")[0] is NUMPY
    monkeypatch.setitem(sys.modules, "numpy", None)
    monkeypatch.delitem(sys.modules, "engine.program.interpreted.numpy_tier")
    assert tiers.prepare(FLAT, "auto")[0] is PYTHON


def test_without_the_extra_packages_python_runs_it(monkeypatch):
    """And a tier that was asked for says what to install."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    monkeypatch.delitem(sys.modules, "engine.program.interpreted.numpy_tier")
    without(monkeypatch, "llvmlite")
    assert tiers.prepare(FLAT, "auto")[0] is PYTHON
    for name in ("numpy", "llvm"):
        with pytest.raises(MissingExtraError, match=rf"'{name}' needs .*everypath\[fast\]"):
            tiers.prepare(FLAT, name)


def test_a_broken_module_is_not_a_missing_package(monkeypatch):
    """Its own error comes through."""
    without(monkeypatch, "no_such")
    for name in ("llvm", "auto"):
        with pytest.raises(ModuleNotFoundError, match="no_such"):
            tiers.prepare(FLAT, name)


def test_unknown_and_unfit_tiers_are_refused():
    """Exact order is Python's alone."""
    with pytest.raises(UnknownNameError, match=r"'gpu'.*'auto', 'llvm'"):
        tiers.prepare(FLAT, "gpu")
    assert tiers.prepare(EXACT, "auto")[0] is PYTHON
    with pytest.raises(CompileError, match="'python' only, not by 'numpy'"):
        tiers.prepare(EXACT, "numpy")
