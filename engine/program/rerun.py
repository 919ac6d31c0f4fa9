"""Run a recorded graph again on other numbers, eagerly: for reports, where speed is no matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.backward import gradients
from engine.core.domain import general, ieee, named
from engine.core.functions import reduce_operands
from engine.core.graph import topological_order
from engine.core.node import Node
from engine.core.value import Value, constant
from engine.errors import DomainError
from engine.table.ops import Reduction

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class _All:
    """A root above several nodes."""

    def __init__(self, nodes: Iterable[Any]) -> None:
        self.parents = tuple(nodes)
        self.partials = (0.0,) * len(self.parents)


def _below(roots: Iterable[Any]) -> list[Any]:
    above: Any = _All(roots)
    return topological_order(above)[:-1]


def rerun(roots: Iterable[Any], numbers: Mapping[Any, float]) -> dict[Any, Value]:
    """Record the graph below some nodes once more, on new numbers for leaves: a twin for each.

    Example:
        >>> x = Value(2.0)
        >>> y = x * x + 1
        >>> rerun([y], {x: 3.0})[y].data
        10.0
    """
    made: dict[Any, Value] = {}
    for node in _below(roots):
        if node.is_leaf:
            number = numbers.get(node, node.data)
            twin = constant(number) if node.is_constant else Value(number)
        else:
            operands = [made[o] if isinstance(o, Node) else o for o in node.operands]
            apply = reduce_operands if isinstance(node.op, Reduction) else general
            twin = apply(node.op, *operands)
        if node.label:
            twin.label = node.label
        made[node] = twin
    return made


def not_finite(roots: Iterable[Any], numbers: Mapping[Any, float], sample: int) -> DomainError:
    """Name the first node where a result or a gradient stopped being finite."""
    outputs = list(roots)
    where = f"sample {sample} of the batch"
    for leaf, number in numbers.items():
        if number - number != 0:
            return DomainError(
                f"{where} starts from {leaf.label or 'a leaf'} = {number!r}; give finite numbers"
            )
    try:
        twins = rerun(outputs, numbers)
    except DomainError as error:
        return DomainError(f"{where}: {error}")
    with ieee():
        for y in outputs:
            for node, gradient in gradients(twins[y]).items():
                if gradient - gradient != 0:
                    return DomainError(
                        f"{where}: the gradient with respect to {named(node)} is {gradient!r}, "
                        "though every value and every local derivative is finite; their product "
                        "overflows. Scale the numbers down"
                    )
    return DomainError(
        f"{where}: the compiled result is not finite, but the eager one is: a number near the "
        "largest float. Scale the numbers down"
    )
