"""Import what an export needs, or say in one sentence how to install it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from engine.errors import MissingExtraError


def optional(module: str, extra: str) -> Any:
    """Import a module of an optional package.

    Example:
        >>> optional("math", "standard").sqrt(4.0)
        2.0
    """
    package = module.partition(".")[0]
    try:
        import_module(package)
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingExtraError(
            f"this export needs {package}: pip install 'everypath[{extra}]'"
        ) from None
