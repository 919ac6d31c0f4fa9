"""Read the textbook's names: ``w_131`` is layer 1, to neuron 3, from input 1.

Diagrams group and place nodes by these names; :func:`nn.names.textbook_name` writes them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = re.compile(r"([^\W\d_]+)(?:_?(\d+(?:,\d+)*))?", re.ASCII)
_PLACES = {"w": 3, "a": 2, "h": 2, "b": 2, "x": 1, "y": 1, "yhat": 1, "f": 1, "p": 1}
"""How many indices a symbol has: w is (layer, to, from); a, h, b are (layer, neuron).

f and p are the outputs of S2: linear ones, and the shares of their softmax.
"""


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

    Args:
        label: A node's label.

    Returns:
        The symbol and its indices, or None.

    Example:
        >>> parse_name("w_131"), parse_name("a_1,12"), parse_name("yhat_2")
        (Name(symbol='w', indices=(1, 3, 1)), Name(symbol='a', indices=(1, 12)), \
Name(symbol='yhat', indices=(2,)))
        >>> parse_name("h_2"), parse_name("yhat")
        (Name(symbol='h', indices=(2, 1)), Name(symbol='yhat', indices=(1,)))
        >>> parse_name("momentum") is None
        True
    """
    match = _NAME.fullmatch(label)
    if not match or match[1] not in _PLACES:
        return None
    symbol, index = match[1], match[2]
    places = _PLACES[symbol]
    numbers = _split(index, places)
    if len(numbers) == 1 or (not numbers and places == 1):
        numbers += (1,) * (places - len(numbers))
    return Name(symbol, numbers) if len(numbers) == places else None


def is_short(label: str) -> bool:
    """Say whether a neuron's name has one index, which is its layer in a chain (``h_2``).

    Example:
        >>> is_short("h_2"), is_short("h_12"), is_short("x_2")
        (True, False, False)
    """
    match = _NAME.fullmatch(label)
    return bool(
        match
        and _PLACES.get(match[1]) == 2
        and match[2]
        and match[2].isdigit()
        and len(match[2]) == 1
    )


def _split(index: str | None, places: int) -> tuple[int, ...]:
    """Split an index into whole numbers: at commas, else digit by digit where several belong."""
    if index is None:
        return ()
    if "," in index:
        return tuple(map(int, index.split(",")))
    return (int(index),) if places == 1 else tuple(map(int, index))
