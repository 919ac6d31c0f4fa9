"""What is done to a tape before it runs: fewer operations, in a better order.

In come rows of a tape; out come instructions. Open `passes` first: it lists the passes, one file
each. `schedule` comes last: it numbers the slots and writes the instructions.
"""
