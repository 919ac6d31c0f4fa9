"""Which tier runs a program: the best one that works here, or the one that was asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engine.errors import CompileError, MissingExtraError, UnknownNameError, known
from engine.program.interpreted.python_tier import PYTHON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.program.instructions import FlatProgram, Runner, Tier

_PLACES: Mapping[str, tuple[str, str]] = {
    "llvm": ("engine.program.llvm", "INTERPRETER"),
    "straight": ("engine.program.llvm", "STRAIGHT"),
    "numpy": ("engine.program.interpreted.numpy_tier", "NUMPY"),
    "python": ("engine.program.interpreted.python_tier", "PYTHON"),
}
_BEST_FIRST = (("engine.program.llvm", "AUTOMATIC"), _PLACES["numpy"])
TIERS = ("auto", *_PLACES)
"""What ``compile(..., tier=...)`` takes."""


def prepare(flat: FlatProgram, name: str) -> tuple[Tier, Runner]:
    """Prepare a program on one of `TIERS`; ``"auto"`` is the fastest that works here."""
    if name not in TIERS:
        raise UnknownNameError(f"there is no tier {name!r}; the tiers are {known(TIERS)}")
    if flat.sweeps is not None:  # exact order
        if name not in {"auto", "python"}:
            raise CompileError(
                f"exact order is kept by the tier 'python' only, not by {name!r}; leave tier out"
            )
        name = "python"
    if name != "auto":
        tier = _load(*_PLACES[name])
        if tier is None:
            raise MissingExtraError(
                f"the tier {name!r} needs NumPy and llvmlite: pip install 'everypath[fast]'"
            )
        return tier, tier.prepare(flat)
    for place in _BEST_FIRST:
        tier = _load(*place)
        if tier is not None:
            try:
                return tier, tier.prepare(flat)
            except CompileError:  # it cannot run here, or cannot take this program
                continue
    return PYTHON, PYTHON.prepare(flat)


_EXTRAS = {"numpy", "llvmlite"}


def _load(module: str, attribute: str) -> Any:
    """Import a tier; None if a package it needs is not installed."""
    try:
        return getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name not in _EXTRAS:
            raise
        return None
