"""Machine code for flat programs, written as LLVM IR and compiled by llvmlite."""

from engine.program.llvm.tiers import AUTOMATIC, INTERPRETER, STRAIGHT

__all__ = ["AUTOMATIC", "INTERPRETER", "STRAIGHT"]
