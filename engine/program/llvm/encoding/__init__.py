"""From a scheduled tape to the code words that the block interpreter reads.

In comes a tape; out come tables of words and places in memory. Open `encode` first; everything is
arithmetic on columns.
"""
