"""The networks and worked examples of the lecture notes, node by node, under their own names.

The documents: S0 (the long lecture: light and full mathematics), S1 (its softmax derivation once
more), S2 ("Some Notes on Backpropagation"), S3 (handwritten notes on softmax with cross-entropy)
and S4 (the eighth lecture of a course on neural networks).
"""

from nn.textbook.network import Network
from nn.textbook.paths import w131, w212

__all__ = ["Network", "w131", "w212"]
