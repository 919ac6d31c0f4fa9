"""Machine code for flat programs, written as LLVM IR and compiled by llvmlite.

In comes a flat program; out comes a runner. A plan encodes the program (`encoding`) for the block
interpreter (`blocks`) or compiles it to straight lines (`straight`); either is IR text (`writing`)
that is compiled for this computer (`machine`). Open `tiers` first, then `plan`.
"""

from engine.program.llvm.tiers import AUTOMATIC, INTERPRETER, STRAIGHT

__all__ = ["AUTOMATIC", "INTERPRETER", "STRAIGHT"]
