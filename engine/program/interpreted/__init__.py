"""Programs that run in Python, or in NumPy over a batch.

In come instructions; out come functions of numbers or arrays. Open `python_tier` first; `texts`
reads the rules of the table for both.
"""
