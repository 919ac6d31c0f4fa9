"""Check the answers to the exercises at the end of each notebook, against the engine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

from engine import Value, check_by_hand

UNANSWERED = "Not answered yet."


def check(answer: Any, truth: Any, hint: str = "") -> None:
    """Check an answer: a number (three digits are enough), a list of numbers, or a word.

    Args:
        answer: The reader's answer; None if there is none yet.
        truth: What is right.
        hint: What to say if the answer is wrong.

    Raises:
        AssertionError: If the answer is wrong.
    """
    __tracebackhide__ = True  # a reader needs the sentence, not this file
    if answer is None:
        print(UNANSWERED)
        return
    assert _same(answer, truth), f"{answer!r} is not it yet. {hint}".rstrip()
    print("Right.")


def check_gradient(answer: float | None, y: Value, x: Value | str) -> None:
    """Check a gradient that was worked out by hand; say what a wrong one may have left out.

    Args:
        answer: The reader's ∂y/∂x; None if there is none yet.
        y: What is differentiated.
        x: With respect to what: a Value or its label.

    Raises:
        AssertionError: If the answer is wrong.
    """
    __tracebackhide__ = True
    if answer is None:
        print(UNANSWERED)
        return
    found = check_by_hand(y, x, answer)
    assert found.is_right, f"not it yet.\n{found}"
    print("Right.")


def _same(answer: Any, truth: Any) -> bool:
    if hasattr(answer, "tolist"):  # of NumPy, JAX or PyTorch, an array or a number
        answer = answer.tolist()
    if isinstance(truth, (str, bool)):
        return bool(answer == truth)
    if isinstance(truth, Sequence):
        alike = isinstance(answer, Sequence) and len(answer) == len(truth)
        return alike and all(map(_same, answer, truth))
    if isinstance(answer, Value):
        answer = answer.data
    if not isinstance(answer, Real):
        return False
    return math.isclose(answer, truth, rel_tol=1e-3, abs_tol=1e-9)
