"""Every path from a leaf to the result: found, counted, ranked, printed.

In comes a Value, or the graph below it; out come `Path` objects and tables of them. Open `listing`
first, then `reading`: the one place where a graph is walked, its nodes are found and named, and
the view is chosen. `milestones` condenses a graph onto some of its nodes; `ranking` finds the
largest paths without the rest; `table` prints.
"""
