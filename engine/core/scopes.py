"""Settings that hold inside a ``with`` block, for the thread or the task that entered it.

A thread starts outside all blocks; a task starts where it was made, and leaves a block with it.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


class _Block(Generic[T]):
    """One ``with`` block: its setting, and the block that is around it."""

    __slots__ = ("around", "setting")

    def __init__(self, setting: T, around: _Block[T] | None) -> None:
        self.setting = setting
        self.around = around


class Scope(Generic[T]):
    """A setting with a default.

    Attributes:
        blocks: The blocks that are open in the whole process. Where it is empty the setting is
            the default everywhere: code in a hurry looks here first, since asking the context
            costs a tenth of an operation. The set itself is always the same.
    """

    def __init__(self, name: str, default: T) -> None:
        self.default = default
        self.blocks: set[_Block[T]] = set()
        self._latest: ContextVar[_Block[T] | None] = ContextVar(name, default=None)

    def setting(self) -> T:
        """Give what holds here: the setting of the innermost open block, or the default."""
        block = self._innermost()
        return self.default if block is None else block.setting

    @contextmanager
    def block(self, setting: T) -> Iterator[None]:
        """Open a block; it ends on every way out, in whatever order and context blocks end."""
        block = _Block(setting, self._innermost())
        try:
            self.blocks.add(block)
            self._latest.set(block)
            yield
        finally:
            self.blocks.discard(block)
            self._latest.set(self._innermost())

    def _innermost(self) -> _Block[T] | None:
        """Find the innermost block of this context that is still open."""
        block = self._latest.get()
        while block is not None and block not in self.blocks:
            block = block.around
        return block
