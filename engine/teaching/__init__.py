"""A gradient explained: derivations, hand work checked, the sweep step by step.

In comes a graph as it was read, or a claim about it; out comes what a teacher would write. Open
`worked` first (a gradient worked out), then `written` (part by part, in a `notation`: text or
LaTeX), `derivation` (`explain`), `hand_check` (`check_by_hand`) and `steps`.
"""
