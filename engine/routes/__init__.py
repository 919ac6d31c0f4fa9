"""Every path from a leaf to the result: found, counted, ranked, printed.

In comes a recorded graph; out come `Path` objects and tables of them. Open `listing` first.
`views` and `lookup` choose the graph and find nodes by name; `milestones` condenses a graph onto
its named nodes; `ranking` finds the largest paths without the rest; `table` prints.
"""
