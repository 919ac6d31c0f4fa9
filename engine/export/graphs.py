"""What every export starts from: a recorded graph as statements on arrays, and its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.core.node import Node
from engine.errors import CompileError
from engine.export.arrays import vectorise
from engine.program.building import compile_graph
from engine.program.passes import passes
from engine.program.program import Options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.export.arrays import ArrayProgram


PASSES = tuple(name for name in passes.PASSES if name != "powers")
"""A power stays one: every framework has powers of its own."""


class Exported(NamedTuple):
    """A graph, ready to be written down.

    Attributes:
        program: The statements.
        inputs: The leaves that are ``x``, in order.
        params: The leaves that are ``params``, in order.
    """

    program: ArrayProgram
    inputs: tuple[Any, ...]
    params: tuple[Any, ...]


def exported(
    y: Any, inputs: Sequence[Any], wrt: Sequence[Any] = (), *, frozen: bool = False
) -> Exported:
    """Turn a recorded graph into statements on arrays."""
    compiled = compile_graph(y, inputs, wrt, Options(passes=PASSES))
    if compiled.guards:
        guard = compiled.guards[0]
        raise CompileError(
            f"{guard.file}:{guard.line} compared Values while the graph was recorded; an exported "
            "graph has only the side that was taken, and nobody to notice when the other one is "
            "due. Use maximum, minimum, where or clamp there, or compare .data if the branch "
            "does not matter"
        )
    flat = compiled.flat
    live = [float(leaf.data) for leaf in compiled._live]  # noqa: SLF001 - this package's own
    kept = 0 if frozen else flat.parameters
    numbers = [*live[kept:], *flat.constants]
    program = vectorise(flat, kept, numbers, several=not isinstance(y, Node))
    return Exported(program, compiled.inputs, compiled.params)
