"""The networks and worked examples of the lecture notes, node by node, under their own names.

The documents: S0 (the long lecture: light and full mathematics), S1 (its softmax derivation once
more), S2 ("Some Notes on Backpropagation"), S3 (handwritten notes on softmax with cross-entropy)
and S4 (the eighth lecture of a course on neural networks).

==================  ==============================================================================
`paths`             S0's networks: `w131` (four routes), `w212` (two), `w121` (three), `w222` (one)
`calculus`          the calculus recap and the chain rule
`softmax`           softmax as a logistic, with cross-entropy, its Jacobian
`vector_rules`      ∂L/∂W = δ x^T and its kin beside the scalar graph, entry by entry
`graphs`            computational graphs: softplus, σ(w·x), relu(Wx + b), the tensor derivative
`recurrent`         the recurrent weight
`story`             "talk to the layer" in ten steps, and the learning algorithm
`errata`            every misprint that has a number, settled by computing it
==================  ==============================================================================

>>> from nn.textbook import w131
>>> net = w131()
>>> net["a_13"].data, round(net.gradient("w_131"), 12)
(2.1, 0.003159356764)
"""

from nn.textbook import calculus, graphs, recurrent, softmax, story, vector_rules
from nn.textbook.errata import Erratum, errata
from nn.textbook.network import Network
from nn.textbook.paths import w121, w131, w212, w222

__all__ = ["Erratum", "Network", "errata", "w121", "w131", "w212", "w222"]
__all__ += ["calculus", "graphs", "recurrent", "softmax", "story", "vector_rules"]
