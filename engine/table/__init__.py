"""The derivative table: one row for each operation, and the language that rows are written in.

In come rules as short texts; out come `Op` rows, functions of floats, and source text. Open `ops`
first, it is the table; then `language` (what a rule may say, and the `Reader` from which whoever
needs a rule derives), `floats` (rules as functions of floats) and `emit` (rules written out as
Python, for `engine.core.arithmetic`).
"""
