"""Model files: JSON that a person can read, written whole or not at all, checked when it is read.

::

    {
      "format": "everypath parameters",
      "version": 2,
      "model": "MLP of [...]",
      "architecture": {
        "class": "MLP",
        "inputs": 2,
        "layers": [
          {"neurons": 16, "activation": "relu"},
          {"neurons": 1, "activation": "linear"}
        ],
        "expanded": false
      },
      "parameters": {
        "w_111": 0.25,
        ...
      }
    }

``architecture`` is null where names and numbers cannot say how to build the model: a class or an
activation of the user's own. Version 1 had no architecture; its files are still read. Reading a
file never runs code that is in it.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any, NamedTuple

from engine.arguments import shortened
from engine.errors import DataError
from engine.files import write_atomically

FORMAT = "everypath parameters"
VERSION = 2
"""The version that is written; all versions up to it are read."""


class ModelFile(NamedTuple):
    """What a model file says."""

    model: str
    architecture: Any
    parameters: dict[str, float]


def write_model(path: str | os.PathLike[str], file: ModelFile) -> None:
    """Write a model file; a failure leaves the old file as it was."""
    for name, number in file.parameters.items():
        if not math.isfinite(number):
            raise DataError(
                f"parameter {name} is {number!r}, so the model was not saved to {path}; "
                "training diverged: go back to an earlier state, or lower the learning rate"
            )
    content = {"format": FORMAT, "version": VERSION, **file._asdict()}
    write_atomically(path, json.dumps(content, indent=2) + "\n")


def read_model(path: str | os.PathLike[str]) -> ModelFile:
    """Read a model file; the architecture is as it stands there, not checked yet."""
    content = _json(Path(path))
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise DataError(f'{path} is not a model file: it has no "format": "{FORMAT}"')
    version = content.get("version")
    if type(version) is not int or not 1 <= version <= VERSION:
        raise DataError(
            f"{path} has version {version!r} of the model file, but this everypath reads versions "
            f"1 to {VERSION}; install the everypath that wrote it"
        )
    parameters = content.get("parameters")
    if not isinstance(parameters, dict):
        raise DataError(f'{path} is damaged: it has no "parameters"')
    numbers = {name: _number(path, name, x) for name, x in parameters.items()}
    return ModelFile(str(content.get("model")), content.get("architecture"), numbers)


def _json(path: Path) -> Any:
    """Read a file as JSON, or say what is wrong with it."""
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_unique)
    except OSError as error:
        raise DataError(
            f"cannot read {path}: {error.strerror}; give a file made by save"
        ) from None
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"{path} is not readable as JSON ({error}); it is damaged, or not made by save"
        ) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a dict, and refuse a name that comes twice: one of the two would be lost."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)!r} is there twice")
    return made


def _number(path: object, name: str, x: Any) -> float:
    try:
        number = float(x) if type(x) in {int, float} else math.nan
    except OverflowError:  # a whole number of hundreds of digits
        number = math.inf
    if not math.isfinite(number):
        raise DataError(
            f"cannot load {path}: parameter {name!r} must be a finite number, not "
            f"{shortened(repr(x))}; the file is damaged"
        )
    return number
