"""`Module`: whatever has parameters. Lists them, names them, zeroes, saves and loads them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Self

from engine.arguments import real, shortened
from engine.core.value import Value
from engine.errors import DataError, ValueTypeError
from nn.model.model_files import ModelFile, read_model, write_model


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
        return named_once(self._added(Module))

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
                f"the state does not fit {shortened(repr(self))}: {_listed('missing', missing)}"
                f"{' and ' if missing and unknown else ''}{_listed('unknown', unknown)}; "
                "make the model with the sizes it was saved with"
            )
        numbers = {name: real(state[name], f"parameter {name!r}") for name in named}
        for name, p in named.items():
            p.data = numbers[name]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file of readable JSON; a failure leaves no half-written file.

        The file holds the parameters, to the last bit, and for an `MLP` also the architecture, so
        that `nn.load` can build it again. It looks like this (see `nn.model.model_files`)::

            {"format": "everypath parameters", "version": 2, "model": "MLP of [...]",
             "architecture": {...}, "parameters": {"w_111": 0.25, ...}}

        Args:
            path: The file; one that exists is replaced.

        Raises:
            DataError: If a parameter is nan or infinite.
            OutputError: If the file cannot be written.
        """
        write_model(path, ModelFile(repr(self), self._architecture(), self.state_dict()))

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
        parameters = read_model(path).parameters
        try:
            self.load_state_dict(parameters)
        except DataError as error:
            raise DataError(f"cannot load {path}: {error}") from None
        return self

    def _added(self, of: type[Module], prefix: str = "") -> dict[str, Value]:
        """Name the parameters in attributes that a class does not declare, but a subclass adds."""
        own = of.__annotations__.keys()
        if vars(self).keys() <= own:
            return {}
        return {
            name: parameter
            for attribute, held in vars(self).items()
            if attribute not in own
            for name, parameter in _within(prefix + attribute, held)
        }

    def _architecture(self) -> dict[str, Any] | None:
        """Describe in JSON how to build the module again; None if that is not known."""
        return None


def distinct(parameters: Iterable[Value]) -> list[Value]:
    """List parameters once each, without constants: nothing trains those."""
    return [p for p in dict.fromkeys(parameters) if not p.is_constant]


def named_once(parameters: Mapping[str, Value]) -> dict[str, Value]:
    """Keep the first name of each parameter, and no constants, as `distinct` does."""
    names: dict[Value, str] = {}
    for name, parameter in parameters.items():
        names.setdefault(parameter, name)
    return {name: p for p, name in names.items() if not p.is_constant}


def _within(name: str, held: object) -> Iterator[tuple[str, Value]]:
    """Find the parameters in what an attribute holds, each with its name.

    A result that was kept to look at, ``self.h = ...``, is none.
    """
    if isinstance(held, Value):
        if held.is_leaf and not held.is_constant:
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


def _listed(what: str, names: list[str]) -> str:
    if not names:
        return ""
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{what} {shown}"
