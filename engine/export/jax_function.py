"""A recorded graph as a JAX function: jit, vmap, grad and sharding work on it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.errors import ShapeError
from engine.export.dialects import JAX
from engine.export.extras import optional
from engine.export.graphs import exported
from engine.export.text import function, source

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class JaxFunction:
    """A pure function ``f(params, x)``, and the text that defines it.

    Attributes:
        source: The text of the function, to be read or pasted into a project.
        inputs: How many entries ``x`` has.
        names: The labels of the parameters, in the order of ``params``.
        numbers: Their numbers when the graph was exported.
    """

    def __init__(
        self, text: str, inputs: int, names: Sequence[str], numbers: Sequence[float]
    ) -> None:
        self.source, self.inputs = text, inputs
        self.names, self.numbers = tuple(names), tuple(numbers)

    @cached_property
    def _function(self) -> Callable[[Any, Any], Any]:
        optional("jax", "jax")
        return function(self.source, "JAX")

    def __call__(self, params: Any, x: Any) -> Any:
        """Evaluate the graph.

        Args:
            params: An array (len(names),).
            x: An array (inputs,), one sample; `jax.vmap` takes a batch of them.

        Returns:
            An array: a scalar, or (outputs,) if a list was exported.

        Raises:
            MissingExtraError: If JAX is not installed.
            ShapeError: If an array has another shape. (JAX itself would not notice all of them.)
        """
        shape = optional("jax.numpy", "jax").shape
        found, expected = (shape(params), shape(x)), ((len(self.names),), (self.inputs,))
        if found != expected:
            raise ShapeError(
                f"this function takes params of shape {expected[0]} and one sample x of shape "
                f"{expected[1]}, but was given {found[0]} and {found[1]}; for a batch of samples "
                "use jax.vmap(f, in_axes=(None, 0))"
            )
        return self._function(params, x)

    @property
    def params(self) -> Any:
        """The parameters as a JAX array (len(names),), in the precision that JAX is set to."""
        return optional("jax.numpy", "jax").array(self.numbers, dtype=float)

    def __repr__(self) -> str:
        return f"<JAX function f(params, x) of {len(self.names)} parameters>"


def to_jax(y: Any, inputs: Sequence[Any], wrt: Sequence[Any] = ()) -> JaxFunction:
    """Turn a recorded graph into a JAX function.

    `jax.jit`, `jax.vmap`, `jax.grad` and sharding work on it as on any function of arrays. Values
    and derivatives are the derivative table's, also at kinks where JAX decides otherwise. For
    results that agree with this engine to 1e-12, switch JAX to double precision first:
    ``jax.config.update("jax_enable_x64", True)``.

    Args:
        y: The result, or a list of results.
        inputs: The leaves that are the entries of ``x``.
        wrt: The leaves that are the entries of ``params``; every other leaf keeps its number.

    Returns:
        The function; ``.source`` is its text, ``.params`` the parameters. The text can be had
        without JAX, which is imported at the first call.

    Raises:
        CompileError: If a leaf is not one or not in the graph, or if the recording compared
            Values: an export has only the side that was taken.
        ValueTypeError: If an argument is not made of Values.

    Example:
        >>> from engine import Value
        >>> w, b, x = Value(3.0, "w"), Value(1.0, "b"), Value(0.0, "x")
        >>> f = to_jax((w * x + b).tanh(), inputs=[x], wrt=[w, b])
        >>> print(f.source)
        import jax
        import jax.numpy as jnp
        <BLANKLINE>
        <BLANKLINE>
        def f(params, x):
            # x: x
            # params: w, b
            s1 = params[0] * x[0] + params[1]
            s2 = jnp.tanh(s1)
            return s2
        <BLANKLINE>
    """
    graph = exported(y, inputs, wrt)
    names = [leaf.label or f"p_{k}" for k, leaf in enumerate(graph.params)]
    numbers = [float(leaf.data) for leaf in graph.params]
    return JaxFunction(source(graph, JAX), len(graph.inputs), names, numbers)
