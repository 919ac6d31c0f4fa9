"""Functions of Python's made of machine code."""

import gc
import weakref

from engine.program.llvm.blocks.linking import kit
from engine.program.llvm.machine import calls
from engine.program.llvm.machine.runtime import machine


def test_a_function_outlives_the_table_of_definitions() -> None:
    """At exit tables go first; freeing a function still reads its definition."""
    before = dict(calls._DEFINITIONS)
    function = calls.python_function(kit(machine().shape).enter, "of a test", 0)
    (added,) = [d for key, d in calls._DEFINITIONS.items() if key not in before]
    kept = weakref.ref(added)
    calls._DEFINITIONS.clear()
    calls._DEFINITIONS.update(before)
    del added
    gc.collect()
    assert kept() is not None
    assert function.__name__ == "of a test"
