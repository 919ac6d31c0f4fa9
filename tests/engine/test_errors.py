"""The exception tree: one base, and the built-in exception that each also is."""

import pytest

from engine import errors
from engine.errors import EngineError, known

BUILT_IN = {
    "ValueTypeError": TypeError,
    "DomainError": ArithmeticError,
    "ShapeError": ValueError,
    "UnknownNameError": ValueError,
    "ExpressionError": ValueError,
    "GradientMismatch": AssertionError,
    "StaleGraphError": RuntimeError,
    "BranchChangedError": RuntimeError,
    "CompileError": ValueError,
    "TooLargeError": ValueError,
    "RenderError": RuntimeError,
    "MissingRendererError": errors.RenderError,
    "OutputError": OSError,
    "DataError": ValueError,
    "MissingExtraError": ImportError,
}


@pytest.mark.parametrize(("name", "kind"), BUILT_IN.items())
def test_each_error_is_an_engine_error_and_an_ordinary_one(name, kind):
    """One `except EngineError` catches all; ordinary except clauses work too."""
    error = getattr(errors, name)
    assert issubclass(error, EngineError)
    assert issubclass(error, kind)
    assert f" {name} " in errors.__doc__.replace("\n", " ") + " "


def test_every_error_is_in_the_list_above():
    """A new one is drawn in the tree and tested."""
    found = {
        n for n, e in vars(errors).items() if isinstance(e, type) and issubclass(e, EngineError)
    }
    assert found - {"EngineError"} == set(BUILT_IN)


def test_known_names_are_sorted_and_quoted():
    """The end of a message about a misspelt name."""
    assert known(["tanh", "relu"]) == "'relu', 'tanh'"
