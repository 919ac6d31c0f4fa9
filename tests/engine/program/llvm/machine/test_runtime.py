"""LLVM on this machine: one warning where it cannot work, one compilation where it can."""

import ctypes
import ctypes.util
import dataclasses
import os
import subprocess
import sys

import pytest

import engine
from engine import Value
from engine.errors import CompileError
from engine.program.llvm.blocks.interpreter import write_interpreter
from engine.program.llvm.machine import runtime
from engine.program.llvm.writing.ir import Module, Width


def test_a_machine_that_llvm_cannot_serve_falls_back_with_one_warning(monkeypatch):
    """The automatic tier goes on with NumPy; the forced one says why it cannot."""
    monkeypatch.setattr(runtime, "start", lambda: "no such processor")
    x = Value(2.0)
    with pytest.warns(RuntimeWarning, match="no such processor"):
        program = engine.compile(x * x, [x], [x])
    assert program.tier == "numpy"
    assert program.value([3.0]) == 9.0
    for _ in range(2):  # no second warning, which would be an error here
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
        past.setattr(runtime.llvm, "llvm_version_info", (16, 0, 0))
        assert runtime._start.__wrapped__() == "RuntimeError"  # it got further
    monkeypatch.setattr(runtime.sys.implementation, "name", "pypy")
    assert runtime._start.__wrapped__() == "this is not CPython"


@pytest.mark.parametrize(
    ("features", "lanes", "tile"),
    [
        ({"avx512f": True, "avx": True}, 8, 4),
        ({"avx": True}, 4, 2),
        ({"neon": True}, 2, 4),
        ({}, 2, 2),
    ],
)
def test_the_width_suits_the_processor(features, lanes, tile):
    """As wide as its registers, as high as there are registers."""
    assert runtime.width_for(features) == Width(lanes=lanes, vectors=4, tile=tile)


class Features(dict):
    """What a processor can do, as llvmlite says it."""

    def flatten(self):
        """Name no feature to the compiler, so that its code runs anywhere."""
        return ""


@pytest.mark.parametrize("wide", [True, False])
def test_a_machine_is_as_wide_as_its_processor(monkeypatch, wide):
    """Its narrow code has one vector to a block."""
    monkeypatch.setattr(runtime.llvm, "get_host_cpu_features", lambda: Features(avx512f=wide))
    here = runtime.Machine()
    assert here.width == runtime.width_for({"avx512f": wide})
    assert here.narrow == dataclasses.replace(here.width, vectors=1)


def test_threads_that_come_together_start_one_machine():
    """Of two, one would be freed, and the addresses of its code with it."""
    source = """
import threading, engine
from engine import Value
def job(k):
    x = Value(0.5 + k, "x")
    y = (x * x + k).tanh() * x
    gate.wait()
    made.append(engine.compile(y, [x], [x], tier="llvm").value_and_grad([0.5 + k])[0] - y.data)
made, gate = [], threading.Barrier(8)
threads = [threading.Thread(target=job, args=(k,)) for k in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert len(made) == 8 and max(map(abs, made)) < 1e-12, made
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", source],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("features", [{"avx": True}, {}])
def test_code_for_narrower_processors_compiles_too(features):
    """The interpreter can be written in any width, and LLVM takes it."""
    loaded = runtime.machine().load(write_interpreter(runtime.width_for(features)), quick=True)
    assert {"run", "dot", "group_back_masked"} <= loaded.addresses.keys()
    assert all(loaded.addresses.values())


def test_a_function_is_written_once():
    """Asked again, a machine answers from memory."""
    here = runtime.Machine()
    found = here.address("first", lambda: "define i64 @first() { ret i64 1 }")
    assert here.address("first", pytest.fail) == found
    assert here.address("second", lambda: "define i64 @second() { ret i64 2 }") != found


def test_a_scalar_function_takes_addresses_and_whole_numbers():
    """It reads what an address holds, and gives a whole number or nothing; it is written once."""

    def take(f):
        f.do(f"ret i64 {f.whole('sub', f.field('%held', 0), '%less')}")

    def put(f):
        f.do("store i64 %number, ptr %held, align 8")
        f.do("ret void")

    held = ctypes.c_int64(2**40)
    given = runtime.scalar_function("take_of_a_test", "ptr %held, i64 %less", take, "i64")
    assert given(ctypes.addressof(held), 2**33) == 2**40 - 2**33
    assert runtime.scalar_function("take_of_a_test", "ptr %held, i64 %less", take, "i64") is given
    store = runtime.scalar_function("put_of_a_test", "ptr %held, i64 %number", put)
    assert store(ctypes.addressof(held), 7) is None
    assert held.value == 7


def answering(*numbers):
    """Write a module of functions that give numbers."""
    module = Module(Width(lanes=1))
    for number in numbers:
        module.function(f"give_{number}", "", "i64").do(f"ret i64 {number}")
    module.function("inside", "", "internal i64").do("ret i64 0")
    return module


@pytest.mark.parametrize("quick", [True, False])
def test_functions_of_one_module_are_loaded_together(quick):
    """Each that can be called from outside has its address."""
    loaded = runtime.machine().load(answering(1, 2), quick=quick)
    assert list(loaded.addresses) == ["give_1", "give_2"]
    give = ctypes.CFUNCTYPE(ctypes.c_int64)
    assert [give(at)() for at in loaded.addresses.values()] == [1, 2]


def test_code_of_one_program_is_not_kept_on_disk(monkeypatch, tmp_path):
    """All other code is compiled once, whoever asks."""
    monkeypatch.setenv("EVERYPATH_CACHE", str(tmp_path))
    here = runtime.Machine()
    for quick, files, compiled in ((True, 0, 1), (False, 1, 2), (False, 1, 2), (True, 1, 3)):
        here.load(answering(3), quick=quick)
        assert len(list(tmp_path.iterdir())) == files
        assert here.compiled == compiled


def test_names_follow_from_what_a_function_does():
    """The same for the same, another for anything else."""
    assert runtime.name_of("row", 1) == runtime.name_of("row", 1)
    assert runtime.name_of("row", 1) != runtime.name_of("row", 2)


def test_windows_has_its_functions_in_another_library(monkeypatch):
    """Every function of the C library is looked up there."""
    libc = ctypes.CDLL(ctypes.util.find_library("m"))
    asked = []
    monkeypatch.setattr(ctypes, "CDLL", lambda name: asked.append(name) or libc)
    monkeypatch.setattr(runtime.sys, "platform", "win32")
    runtime.name_c_functions()
    assert asked == ["ucrtbase"]
