"""Replay: a recorded graph as a flat program that runs again on new numbers, at machine speed.

In comes a graph with the names of its leaves, or a function; out comes a `Program`. Open
`compiling` first, the entrance, then `instructions`, what a program consists of. A graph goes
through `recording` (a tape) and `passes` (fewer operations) to a tier that runs it: `interpreted`
or `llvm`.
"""

from engine.program.compiling import compile  # noqa: A004 - the contract's name
from engine.program.program import Bound, Program
from engine.program.trace import Traced

__all__ = ["Bound", "Program", "Traced", "compile"]
