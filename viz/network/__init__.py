"""The network picture of lectures: a circle for each neuron, weights on the links.

In comes a recorded graph or a plain description; out comes SVG. Open `model` first, then
`from_graph` (what a graph says about its network) and `picture`.
"""
