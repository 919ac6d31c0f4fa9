"""What is done to a tape before it runs: fewer operations, in a better order.

In come rows of a tape; out come instructions. Open `passes` first; `powers` and `schedule` are
passes with files of their own.
"""
