"""From a recorded graph to a tape: its operations in order, in columns.

In come Values; out come the rows of a tape and the guards of their comparisons. Open `capture`
first; `tape` is what it writes, `guards` what must hold for the tape to be true.
"""
