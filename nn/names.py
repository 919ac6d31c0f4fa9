"""The textbook's names: w_131 is the weight of layer 1 into neuron 3 from input 1.

Indices of one digit are written together, as the lectures do; if one has two digits, commas keep
them apart: ``w_1,13,2``.
"""

from __future__ import annotations


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
