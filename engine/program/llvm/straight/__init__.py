"""Straight-line code: a function of its own for one hot program.

In come instructions; out comes IR without an interpreter. Open `straight_line` first.
"""
