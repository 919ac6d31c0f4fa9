"""Functions of Python's made of machine code."""

import gc
import weakref

import pytest

pytest.importorskip("llvmlite")

from engine.program.llvm import entry
from engine.program.llvm.linking import kit
from engine.program.llvm.runtime import machine


def test_a_function_outlives_the_table_of_definitions() -> None:
    """At exit tables go first; freeing a function still reads its definition."""
    before = dict(entry._DEFINITIONS)
    function = entry.python_function(kit(machine().shape).enter, "of a test", 0)
    (added,) = [d for key, d in entry._DEFINITIONS.items() if key not in before]
    kept = weakref.ref(added)
    entry._DEFINITIONS.clear()
    entry._DEFINITIONS.update(before)
    del added
    gc.collect()
    assert kept() is not None
    assert function.__name__ == "of a test"
