"""Models for other frameworks, and weights from them.

In come models of ours or of PyTorch's; out come the same numbers there or here.
Open `torch` first; `frameworks` hands a model to the exports of `engine`.
"""
