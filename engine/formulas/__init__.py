"""Formulas: read from rows of the derivative table, simplified, and written as text or LaTeX.

In come rows and nodes; out comes notation. Open `tree` first, what a formula is; `rows` reads
rules, `text` writes, `arrows` writes the local derivatives that stand on the arrows of a graph.
"""
