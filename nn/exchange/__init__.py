"""Models for other frameworks, and weights from them.

In come models of ours or of PyTorch's; out come the same numbers there or here.
"""
