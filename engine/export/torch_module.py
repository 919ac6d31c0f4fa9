"""A recorded graph as a PyTorch module, its parameters under their own names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.errors import ShapeError
from engine.export.dialects import TORCH
from engine.export.extras import optional
from engine.export.graphs import exported
from engine.export.text import function, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def to_torch(y: Any, inputs: Sequence[Any], wrt: Sequence[Any] = ()) -> Any:
    """Turn a recorded graph into a PyTorch module.

    The module is double precision. Each Value in ``wrt`` is a `torch.nn.Parameter` under its label
    (with ``_`` where PyTorch does not take the label), so that ``module.w_131.grad`` is what
    ``w_131.grad`` is here. Values and derivatives are the derivative table's, also at kinks where
    PyTorch decides otherwise. A network of `nn` becomes a plain `torch.nn.Sequential` by
    `nn.to_torch`.

    Args:
        y: The result, or a list of results.
        inputs: The leaves that are the entries of ``x``.
        wrt: The leaves that become parameters; every other leaf keeps its number.

    Returns:
        A `torch.nn.Module`: called with a double tensor (inputs,) or (batch, inputs) it returns a
        tensor () or (batch,), with (outputs,) behind it if a list was exported; other shapes are
        a `ShapeError`. Its ``source`` is the text of a function ``f(params, x)`` that does the
        work.

    Raises:
        MissingExtraError: If PyTorch is not installed.
        CompileError: If a leaf is not one or not in the graph, or if the recording compared
            Values: an export has only the side that was taken.
        ValueTypeError: If an argument is not made of Values.

    Example:
        >>> import pytest; torch = pytest.importorskip("torch")
        >>> from engine import Value
        >>> w, x = Value(3.0, "w"), Value(0.0, "x")
        >>> module = to_torch((w * x).tanh(), inputs=[x], wrt=[w])
        >>> module(torch.tensor([0.5], dtype=torch.float64)).backward()
        >>> module.w.data.item(), round(module.w.grad.item(), 4)
        (3.0, 0.0904)
    """
    torch = optional("torch", "torch")
    graph = exported(y, inputs, wrt)
    text = source(graph, TORCH)
    module = _module_class(torch)(function(text, "PyTorch"), text, len(graph.inputs))
    for name, leaf in zip(_names(module, graph.params), graph.params, strict=True):
        number = torch.tensor(float(leaf.data), dtype=torch.float64)
        module.register_parameter(name, torch.nn.Parameter(number))
    return module


def _module_class(torch: Any) -> Any:
    """Make the class, once PyTorch is there to derive from."""

    class GraphModule(torch.nn.Module):  # type: ignore[misc]  # PyTorch is optional, so untyped
        """A recorded graph of everypath."""

        def __init__(self, function: Callable[[Any, Any], Any], text: str, inputs: int) -> None:
            super().__init__()
            self.function, self.source, self.inputs = function, text, inputs

        def forward(self, x: Any) -> Any:
            if x.dim() not in {1, 2} or x.shape[-1] != self.inputs:
                raise ShapeError(
                    f"this module takes one sample of shape ({self.inputs},) or a batch of shape "
                    f"(batch, {self.inputs}), but was given {tuple(x.shape)}"
                )
            numbers = list(self.parameters())
            params = torch.stack(numbers) if numbers else x.new_empty(0)
            if x.dim() == 1:
                return self.function(params, x)
            return torch.vmap(self.function, (None, 0))(params, x)

    return GraphModule


def _names(module: Any, leaves: Iterable[Any]) -> list[str]:
    """Name the parameters by their labels, where PyTorch takes them."""
    names: list[str] = []
    for k, leaf in enumerate(leaves):
        name = leaf.label.replace(".", "_") or f"p_{k}"
        while name in names or hasattr(module, name):
            name += "_"
        names.append(name)
    return names
