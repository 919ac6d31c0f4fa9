"""What a network is: modules, neurons, layers, their weights, and the files that keep them.

In come sizes and seeds; out come models that are functions of Values. Open `module` first, then
`layers` and `mlp`.
"""
