"""LLVM's language: text of modules, functions and vector mathematics.

In come rules of the derivative table; out comes IR text. Open `ir` first.
"""
