"""Replay: a recorded graph as a flat program that runs again on new numbers, at machine speed."""

from engine.program.compiling import compile  # noqa: A004 - the contract's name
from engine.program.program import Bound, Program
from engine.program.trace import Traced

__all__ = ["Bound", "Program", "Traced", "compile"]
