"""LLVM on this machine: one warning where it cannot work, one compilation where it can."""

import pytest

import engine
from engine import Value
from engine.errors import CompileError
from engine.program.llvm.machine import runtime


def test_a_machine_that_llvm_cannot_serve_falls_back_with_one_warning(monkeypatch):
    """The automatic tier goes on with NumPy; the forced one says why it cannot."""
    monkeypatch.setattr(runtime, "_start", lambda: "no such processor")
    monkeypatch.setattr(runtime, "_warned", False)
    x = Value(2.0)
    with pytest.warns(RuntimeWarning, match="no such processor"):
        program = engine.compile(x * x, [x], [x])
    assert program.tier == "numpy"
    assert program.value([3.0]) == 9.0
    with pytest.raises(CompileError, match="no such processor"):
        engine.compile(x * x, [x], [x], tier="llvm")


def test_trouble_at_the_start_is_kept_as_text(monkeypatch):
    """Whatever LLVM raises becomes the reason."""

    def refuse():
        raise RuntimeError

    monkeypatch.setattr(runtime.llvm, "initialize_native_target", refuse)
    assert runtime._start.__wrapped__() == "RuntimeError"
    with monkeypatch.context() as past:
        past.setattr(runtime.llvm, "llvm_version_info", (15, 0, 7))
        assert runtime._start.__wrapped__().startswith("it is too old")
    monkeypatch.setattr(runtime, "supported", lambda: False)
    assert runtime._start.__wrapped__().startswith("this is not CPython")


@pytest.mark.parametrize(
    ("features", "lanes", "rows"),
    [
        ({"avx512f": True, "avx": True}, 8, 4),
        ({"avx": True}, 4, 2),
        ({"neon": True}, 2, 4),
        ({}, 2, 2),
    ],
)
def test_the_shape_suits_the_processor(features, lanes, rows):
    """As wide as its registers, as high as there are registers."""
    shape = runtime._shape_for(features)
    assert (shape.lanes, shape.rows) == (lanes, rows)


@pytest.mark.parametrize("features", [{"avx": True}, {}])
def test_code_for_narrower_processors_compiles_too(features):
    """The interpreter can be written in any shape, and LLVM takes it."""
    from engine.program.llvm.blocks.interpreter import write_interpreter

    here = runtime.machine()
    text = write_interpreter(runtime._shape_for(features)).text()
    assert len(here._compile(text, here.target)) > 1000


def test_a_function_is_written_once():
    """Asked again, a machine answers from memory."""
    here = runtime.Machine()
    found = here.address("first", lambda: "define i64 @first() { ret i64 1 }")
    assert here.address("first", pytest.fail) == found
    assert here.address("second", lambda: "define i64 @second() { ret i64 2 }") != found


def test_functions_of_one_module_are_loaded_together():
    """Each has its address."""
    text = "define i64 @first() { ret i64 1 }  define i64 @second() { ret i64 2 }"
    loaded = runtime.machine().load(text, ["first", "second"])
    results = [
        runtime.ctypes.CFUNCTYPE(runtime.ctypes.c_int64)(at)() for at in loaded.addresses.values()
    ]
    assert results == [1, 2]


def test_windows_has_its_functions_in_another_library(monkeypatch):
    """Every function of the C library is looked up there."""
    libc = runtime.ctypes.CDLL(runtime.ctypes.util.find_library("m"))
    asked = []
    monkeypatch.setattr(runtime.ctypes, "CDLL", lambda name: asked.append(name) or libc)
    monkeypatch.setattr(runtime.sys, "platform", "win32")
    runtime._name_c_functions()
    assert asked == ["ucrtbase"]
