"""The exceptions of everypath: one small tree, so that ``except EngineError`` catches them all.

::

    EngineError
    ├── ValueTypeError         (TypeError)        not a real number, a Value or a text
    ├── DomainError            (ArithmeticError)  an operation outside its domain, or an overflow
    ├── ShapeError             (ValueError)       lengths or sizes that do not fit
    ├── UnknownNameError       (ValueError)       a name nobody knows; the message lists the known
    ├── ExpressionError        (ValueError)       a formula outside the language it is written in
    ├── GradientMismatch       (AssertionError)   central differences disagree with a gradient
    ├── StaleGraphError        (RuntimeError)     a leaf changed after the graph was recorded
    ├── BranchChangedError     (RuntimeError)     a replay would have taken the other branch
    ├── CompileError           (ValueError)       a graph or an argument that replay cannot take
    ├── TooLargeError          (ValueError)       more nodes or paths than was allowed
    ├── RenderError            (RuntimeError)     a picture could not be made
    │   └── MissingRendererError
    ├── OutputError            (OSError)          a file that cannot be written
    ├── DataError              (ValueError)       a data file or a model file that cannot be read
    └── MissingExtraError      (ImportError)      an optional package is not installed

Each also derives from the built-in exception in brackets, so ordinary ``except`` clauses work.
A message names the operation, the operand with its label, its value, what was expected, and what
to do about it.
"""

from collections.abc import Iterable


class EngineError(Exception):
    """Base of every error that everypath raises on purpose."""


class ValueTypeError(EngineError, TypeError):
    """Something that is not a real number, a Value or a text was given where one is needed."""


class DomainError(EngineError, ArithmeticError):
    """An operation was applied outside its domain, or its result overflowed."""


class ShapeError(EngineError, ValueError):
    """Two lengths or sizes do not fit each other, or a size is not positive."""


class UnknownNameError(EngineError, ValueError):
    """A name (of an activation, a node, a loss, ...) is not known."""


class ExpressionError(EngineError, ValueError):
    """A formula is not in the language of the derivative table."""


class GradientMismatch(EngineError, AssertionError):  # noqa: N818 - the contract's name
    """An analytic gradient disagrees with central differences."""


class StaleGraphError(EngineError, RuntimeError):
    """A leaf was changed after the graph was recorded, so the graph no longer describes it."""


class BranchChangedError(EngineError, RuntimeError):
    """A replay met numbers on which the recorded code would have taken another branch."""


class CompileError(EngineError, ValueError):
    """A graph cannot be compiled as asked, or a program was called with what does not fit it."""


class TooLargeError(EngineError, ValueError):
    """A graph or a listing is larger than the limit that was set for it."""


class RenderError(EngineError, RuntimeError):
    """A renderer failed, or took too long."""


class MissingRendererError(RenderError):
    """No renderer for diagrams is installed."""


class OutputError(EngineError, OSError):
    """A file cannot be written."""


class DataError(EngineError, ValueError):
    """A data file or a model file is damaged, foreign, or does not fit."""


class MissingExtraError(EngineError, ImportError):
    """An optional package is needed and not installed."""


def known(names: Iterable[str]) -> str:
    """Write a list of known names for the end of an error message.

    Example:
        >>> known({"tanh", "relu"})
        "'relu', 'tanh'"
    """
    return ", ".join(repr(name) for name in sorted(names))
