"""This computer: its processor, its memory, its threads, and Python's own C functions.

In comes IR; out come addresses of machine code, kept in a cache between runs. Open `runtime`
first.
"""
