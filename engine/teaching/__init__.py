"""A gradient explained: derivations, hand work checked, the sweep step by step.

In comes a recorded graph, or a claim about it; out comes what a teacher would write. Open `worked`
first (a gradient worked out), then `board` (how it is written down), `derivation` (`explain`),
`hand_check` (`check_by_hand`) and `steps`.
"""
