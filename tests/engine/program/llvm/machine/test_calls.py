"""Functions of Python's made of machine code."""

import gc
import weakref

from engine.program.llvm.machine import calls
from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.writing.ir import Module, Width


def test_a_python_function_of_machine_code():
    """It has its name and its self, which it keeps alive."""
    module = Module(Width(lanes=1))
    f, address = calls.c_function(module, "add_one")
    number = f.let(f"ptrtoint ptr {address} to i64", "n")
    f.do(f"ret ptr {calls.python_int(f, f.whole('add', number, 1))}")
    loaded = machine().load(module, quick=True)
    function = calls.python_function(loaded.addresses["add_one"], "of a test", 41)
    assert function() == 42
    assert function.__name__ == "of a test"
    assert function.__self__ == 41


def test_a_definition_outlives_the_table_of_definitions():
    """At exit tables go first; freeing a function still reads its definition."""
    kept = weakref.ref(calls.definition(1, "of a test"))
    assert calls.definition(1, "of a test") is kept()
    calls.definition.cache_clear()
    gc.collect()
    assert kept() is not None
