"""The textbook's names, written and read: w_131 is layer 1, into neuron 3, from input 1.

Indices of one digit are written together, as the lectures do; if one has two digits, commas keep
them apart: ``w_1,13,2``. What counts as a name at all, `engine.labels` says.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from engine.labels import parse_symbol

_PLACES = {"w": 3, "a": 2, "h": 2, "b": 2, "x": 1, "y": 1, "yhat": 1, "f": 1, "p": 1}
"""How many indices a symbol has: w is (layer, to, from); a, h, b are (layer, neuron).

f and p are the outputs of S2: linear ones, and the shares of their softmax.
"""

_BARE_INDEX = re.compile(r"(?<=[A-Za-z])(?=[0-9])")  # w1 is w_1


def textbook_name(symbol: str, *indices: int) -> str:
    """Write a symbol with its indices.

    Args:
        symbol: The letter, such as ``"w"`` or ``"yhat"``.
        *indices: Whole numbers, counted from 1; none leaves the bare symbol.

    Returns:
        The name that labels the node.

    Example:
        >>> textbook_name("w", 1, 3, 1), textbook_name("w", 1, 13, 2), textbook_name("L")
        ('w_131', 'w_1,13,2', 'L')
    """
    if not indices:
        return symbol
    separator = "," if max(indices) > 9 else ""
    return f"{symbol}_{separator.join(map(str, indices))}"


class Name(NamedTuple):
    """A textbook name, taken apart."""

    symbol: str
    indices: tuple[int, ...]

    @property
    def layer(self) -> int | None:
        """The layer a weight, bias or neuron belongs to; None for inputs, outputs and the loss."""
        return self.indices[0] if _PLACES[self.symbol] > 1 else None


def parse_name(label: str) -> Name | None:
    """Take a label apart, if it is a textbook name.

    One index fewer than usual is a lecture's short form: ``h_2`` is layer 2 of a chain with one
    neuron per layer, and ``x`` or ``yhat`` alone is the only one.

    Example:
        >>> parse_name("w_131"), parse_name("a_1,12"), parse_name("yhat_2")
        (Name(symbol='w', indices=(1, 3, 1)), Name(symbol='a', indices=(1, 12)), \
Name(symbol='yhat', indices=(2,)))
        >>> parse_name("h_2"), parse_name("yhat")
        (Name(symbol='h', indices=(2, 1)), Name(symbol='yhat', indices=(1,)))
        >>> parse_name("momentum") is None
        True
    """
    name = _as_written(label)
    if name is None:
        return None
    symbol, numbers = name
    places = _PLACES[symbol]
    if len(numbers) == 1 or (not numbers and places == 1):
        numbers += (1,) * (places - len(numbers))
    return Name(symbol, numbers) if len(numbers) == places else None


def is_short(label: str) -> bool:
    """Say whether a neuron's name has one index, which is its layer in a chain (``h_2``).

    Example:
        >>> is_short("h_2"), is_short("h_12"), is_short("x_2")
        (True, False, False)
    """
    name = _as_written(label)
    return name is not None and _PLACES[name.symbol] == 2 and len(name.indices) == 1


def _as_written(label: str) -> Name | None:
    """Read a known symbol with as many indices as it has: digit by digit where several belong."""
    found = parse_symbol(_BARE_INDEX.sub("_", label, count=1))
    if found is None:
        return None
    symbol, indices = found.base + "hat" * found.hat, found.indices
    if symbol not in _PLACES or not set(indices) <= set("0123456789,"):
        return None
    together = _PLACES[symbol] > 1 and "," not in indices
    numbers = list(indices) if together else indices.split(",")
    return Name(symbol, tuple(map(int, filter(None, numbers))))
