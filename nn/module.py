"""`Module`: whatever has parameters. Lists them, names them, zeroes, saves and loads them.

A model file is JSON that a person can read::

    {
      "format": "everypath parameters",
      "version": 1,
      "model": "MLP of [...]",
      "parameters": {
        "w_111": 0.25,
        ...
      }
    }

It is written whole or not at all, checked when it is read, and never runs code.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from engine.domain import real
from engine.errors import DataError, ValueTypeError
from engine.files import write_atomically
from engine.value import Value

FORMAT = "everypath parameters"
VERSION = 1


class Module:
    """Base of everything with parameters; a subclass keeps them in its attributes.

    An attribute may be a `Value`, another `Module`, or a list, tuple or dict of those. A subclass
    needs to define nothing more than what it computes.

    Example:
        >>> class Line(Module):
        ...     def __init__(self):
        ...         self.slope, self.height = Value(2.0), Value(1.0)
        ...     def __call__(self, x):
        ...         return self.slope * x + self.height
        >>> Line().state_dict()
        {'slope': 2.0, 'height': 1.0}
    """

    def parameters(self) -> list[Value]:
        """List the parameters.

        Returns:
            The Values, in a fixed order.
        """
        return list(self.named_parameters().values())

    def named_parameters(self) -> dict[str, Value]:
        """Name the parameters, by attribute and position: ``"layers[0].w_11"``.

        Returns:
            The Values by name, in the order of `parameters`; one that is shared comes once.
        """
        names: dict[Value, str] = {}
        for attribute, held in vars(self).items():
            for name, parameter in _within(attribute, held):
                names.setdefault(parameter, name)
        return {name: parameter for parameter, name in names.items()}

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0, before the next backward."""
        for p in self.parameters():
            p.grad = 0.0

    def state_dict(self) -> dict[str, float]:
        """Copy the numbers of the parameters.

        Returns:
            A number for each name.

        Example:
            >>> from nn import Neuron, zeros
            >>> Neuron(2, init=zeros()).state_dict()
            {'w_1': 0.0, 'w_2': 0.0, 'b': 0.0}
        """
        return {name: p.data for name, p in self.named_parameters().items()}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Set the parameters to given numbers: all of them, or none if something does not fit.

        Args:
            state: A real number for the name of each parameter.

        Raises:
            DataError: If a name is missing or unknown.
            ValueTypeError: If a number is not one.
        """
        if not isinstance(state, Mapping):
            raise ValueTypeError(
                f"a state is a dict of numbers by parameter name, not {type(state).__name__}; "
                "state_dict() makes one"
            )
        named = self.named_parameters()
        missing = [name for name in named if name not in state]
        unknown = [name for name in state if name not in named]
        if missing or unknown:
            raise DataError(
                f"the state does not fit {_short(self)}: {_listed('missing', missing)}"
                f"{' and ' if missing and unknown else ''}{_listed('unknown', unknown)}; "
                "make the model with the sizes it was saved with"
            )
        numbers = {name: real(state[name], f"parameter {name!r}") for name in named}
        for name, p in named.items():
            p.data = numbers[name]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the parameters to a file of readable JSON; a failure leaves no half-written file.

        Args:
            path: The file; one that exists is replaced.

        Raises:
            DataError: If a parameter is nan or infinite.
            OutputError: If the file cannot be written.
        """
        state = self.state_dict()
        for name, number in state.items():
            if not math.isfinite(number):
                raise DataError(
                    f"parameter {name} is {number!r}, so the model was not saved to {path}; "
                    "training diverged: go back to an earlier state, or lower the learning rate"
                )
        content = {"format": FORMAT, "version": VERSION, "model": repr(self), "parameters": state}
        write_atomically(path, json.dumps(content, indent=2) + "\n")

    def load(self, path: str | os.PathLike[str]) -> Self:
        """Set the parameters to those of a file that `save` wrote.

        Args:
            path: The file.

        Returns:
            The module itself: ``model = MLP(2, [16, 1]).load("model.json")``.

        Raises:
            DataError: If the file cannot be read, is not a model file, is of a later version, or
                does not fit; the parameters are then as they were.
        """
        parameters = _read(Path(path))
        try:
            self.load_state_dict(parameters)
        except (DataError, ValueTypeError) as error:
            raise DataError(f"cannot load {path}: {error}") from None
        return self


def _within(name: str, held: object) -> Iterator[tuple[str, Value]]:
    """Find the parameters in what an attribute holds, each with its name."""
    if isinstance(held, Value):
        if not held.is_constant:
            yield name, held
    elif isinstance(held, Module):
        for inner, parameter in held.named_parameters().items():
            yield f"{name}.{inner}", parameter
    elif isinstance(held, list | tuple):
        for k, item in enumerate(held):
            yield from _within(f"{name}[{k}]", item)
    elif isinstance(held, dict):
        for key, item in held.items():
            yield from _within(f"{name}[{key!r}]", item)


def _short(module: Module) -> str:
    text = repr(module)
    return text if len(text) <= 60 else text[:57] + "..."


def _listed(what: str, names: list[str]) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{what} {shown}"


def _read(path: Path) -> dict[str, Any]:
    """Read the parameters of a model file, or say what is wrong with it."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(
            f"cannot read {path}: {error.strerror}; give a file made by save"
        ) from None
    except ValueError as error:
        raise DataError(
            f"{path} is not readable as JSON ({error}); it is damaged, or not made by save"
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise DataError(f'{path} is not a model file: it has no "format": "{FORMAT}"')
    if content.get("version") != VERSION:
        raise DataError(
            f"{path} has version {content.get('version')!r} of the model file, but this everypath "
            f"reads version {VERSION}; install the everypath that wrote it"
        )
    parameters = content.get("parameters")
    if not isinstance(parameters, dict):
        raise DataError(f'{path} is damaged: it has no "parameters"')
    return parameters
