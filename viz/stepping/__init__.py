"""One self-contained page that walks the forward pass and the backward sweep, and can train.

In comes a graph; out comes HTML with its data, its pictures and one script. In the source, open
`page` first, then `data`, what the script is told, and `picture`.

>>> from engine import Value
>>> from viz.stepping import stepper
>>> x = Value(3.0, "x")
>>> "<script" in stepper(x * x + x).html()
True
"""

from viz.stepping.page import MAX_NODES, Stepper, stepper

__all__ = ["MAX_NODES", "Stepper", "stepper"]
