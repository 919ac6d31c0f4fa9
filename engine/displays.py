"""Who draws what `engine` and `nn` make: functions of `viz`, found by name when one is asked for.

`viz` imports `engine`, so `engine` cannot import `viz`; and yet a Value shows itself in a
notebook, whether or not somebody wrote ``import viz``. So the names stand here. This is the one
import that no head of a file shows; where `viz` cannot be imported, things show their text only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

DISPLAYS = {"Value": ("viz.drawing", "picture"), "History": ("viz.plots", "loss_curves")}
"""The module and the function that draws each."""


def display(of: str) -> Callable[..., Any] | None:
    """Find the function that draws a Value or a History, if it can be imported."""
    module, name = DISPLAYS[of]
    try:
        found: Callable[..., Any] = getattr(import_module(module), name)
    except ImportError:
        return None
    return found
