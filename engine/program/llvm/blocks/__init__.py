"""The block interpreter: handlers that work on a block of samples at a time.

In come code words; out comes IR of the functions that obey them. Open `interpreter` first.
"""
