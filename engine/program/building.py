"""From a recorded graph and the names of its leaves to a `Program`: checks, then capture."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.core.domain import named
from engine.core.node import Node
from engine.core.recording import recording
from engine.errors import CompileError, ValueTypeError
from engine.program.program import Options, Program
from engine.program.recording.capture import capture

if TYPE_CHECKING:
    from engine.program.recording.capture import Captured
    from engine.program.recording.guards import Guard


DEFAULT = Options()


def compile_graph(
    y: Any,
    inputs: Sequence[Any],
    wrt: Sequence[Any] | None = None,
    options: Options = DEFAULT,
    watched: Sequence[Guard] | None = None,
) -> Program:
    """Compile a recorded graph; the arguments are those of `engine.compile`.

    ``watched`` are the comparisons that were made, if the caller watched them; a function that
    was watched need not use all its arguments.
    """
    several = not isinstance(y, Node)
    outputs = _values(y if several else [y], "y")
    columns = _values(inputs, "inputs")
    targets = columns if wrt is None else _values(wrt, "wrt")
    if not outputs:
        raise CompileError("there is nothing to compile: the list of outputs is empty")
    _require_leaves(columns, "inputs")
    _require_leaves(targets, "wrt")
    for leaf in targets:
        if leaf.is_constant:
            raise CompileError(
                f"{named(leaf)} in wrt is frozen: a constant or a detached Value has no gradient. "
                "Leave it out of wrt, or make it a Value"
            )
    started = time.perf_counter()
    with recording():  # many lists are made, and none is garbage
        captured = capture(outputs, columns, targets, watched)
        if watched is None:
            _require_used(captured, columns)
        spent = time.perf_counter() - started
        return Program(
            captured, outputs, columns, targets, options, several=several, capturing=spent
        )


def _values(given: Any, name: str) -> list[Any]:
    if isinstance(given, Node) or not isinstance(given, Sequence):
        raise ValueTypeError(f"{name} is a list of Values, not {given!r} ({type(given).__name__})")
    for x in given:
        if not isinstance(x, Node):
            raise ValueTypeError(f"{name} holds Values, not {x!r} ({type(x).__name__})")
    return list(given)


def _require_leaves(leaves: list[Any], name: str) -> None:
    if len(set(leaves)) < len(leaves):
        leaf, times = Counter(leaves).most_common(1)[0]
        raise CompileError(f"{named(leaf)} is in {name} {times} times; name it once")
    for leaf in leaves:
        if leaf.a is not None:
            raise CompileError(
                f"{named(leaf)} in {name} is a result of {leaf.op.name!r}, not a leaf; give the "
                "leaves it was computed from, or cut the graph there with detach(...) first"
            )


def _require_used(captured: Captured, inputs: list[Any]) -> None:
    tape, rows = captured.tape, captured.tape.rows
    unseen = set(range(-tape.live, tape.inputs)).difference(
        rows.first, rows.second, tape.outputs, *rows.lists.values()
    )
    if unseen:
        first = min(unseen, key=lambda r: (r < 0, abs(r)))
        name, k, leaves = (
            ("wrt", ~first, captured.live) if first < 0 else ("inputs", first, inputs)
        )
        raise CompileError(
            f"{named(leaves[k])}, number {k} of {name}, is not in the graph: the result does "
            "not depend on it. Leave it out, or record the graph with these very Values "
            "(not with copies of them)"
        )
