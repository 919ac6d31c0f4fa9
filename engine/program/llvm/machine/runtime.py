"""LLVM on this machine: its processor, compiling IR, and the addresses of what was compiled."""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import sys
import threading
import warnings
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import llvmlite
import llvmlite.binding as llvm

from engine.errors import CompileError
from engine.program.llvm.machine.cache import cached
from engine.program.llvm.machine.calls import c_api_addresses
from engine.program.llvm.writing.ir import Module, Width
from engine.program.llvm.writing.vector_math import LIBRARY

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.program.llvm.writing.ir import Function

_OLDEST = (16,)
"""The first LLVM whose pointers are opaque, as our code has them."""


class Machine:
    """This computer's processor, and a place where compiled code lives for good.

    Attributes:
        width: How wide block code is that suits the processor.
        narrow: The same with one vector to a block, for small batches and for large programs.
        compiled: How many modules were compiled here, not found in the cache.
    """

    def __init__(self) -> None:
        if sys.implementation.name != "cpython":
            raise CompileError("this is not CPython")
        if llvm.llvm_version_info < _OLDEST:
            raise CompileError("it is too old: pip install --upgrade llvmlite")
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        self._cpu = llvm.get_host_cpu_name()
        features = llvm.get_host_cpu_features()
        self._features = features.flatten()
        if features.get("avx512f"):
            # Wide registers where they exist; LLVM avoids them on some processors by default.
            self._features += ",-prefer-256-bit"
        self.width = width_for(features)
        self.narrow = replace(self.width, vectors=1)
        self._target, self._quick = self._target_machine(2), self._target_machine(1)
        self._lock = threading.Lock()
        self._addresses: dict[str, int] = {}
        self._shared = self._engine()
        self.compiled = 0
        name_c_functions()

    def _target_machine(self, effort: int) -> Any:
        target = llvm.Target.from_default_triple()
        return target.create_target_machine(
            cpu=self._cpu, features=self._features, opt=effort, jit=True
        )

    def _engine(self) -> Any:
        return llvm.create_mcjit_compiler(llvm.parse_assembly(""), self._target_machine(2))

    def address(self, name: str, write: Callable[[], str]) -> int:
        """Find the address of a function that stays for good; its module is written when new."""
        with self._lock:
            found = self._addresses.get(name)
            if found is None:
                self._insert(self._shared, self._cached(write()))
                found = self._addresses[name] = self._shared.get_function_address(name)
            return found

    def load(self, module: Module, *, quick: bool = False) -> Loaded:
        """Compile a module, or take it from the cache; the code is freed with what is returned.

        ``quick`` is for code of one program: compiled with less effort, and not kept on disk.
        """
        engine, text = self._engine(), module.text()
        self._insert(engine, self._compile(text, self._quick) if quick else self._cached(text))
        return Loaded(engine, {name: engine.get_function_address(name) for name in module.names()})

    def _cached(self, text: str) -> bytes:
        versions = (llvmlite.__version__, repr(llvm.llvm_version_info))
        what = (text, *versions, self._cpu, self._features, sys.platform)
        return cached(what, lambda: self._compile(text, self._target))

    @staticmethod
    def _insert(engine: Any, content: bytes) -> None:
        engine.add_object_file(llvm.ObjectFileRef.from_data(content))
        engine.finalize_object()

    def _compile(self, text: str, target: Any) -> bytes:
        self.compiled += 1
        module = llvm.parse_assembly(text)
        module.verify()
        return bytes(target.emit_object(module))


class Loaded(NamedTuple):
    """Compiled code.

    Attributes:
        engine: Keeps it in memory.
        addresses: Where its functions are.
    """

    engine: Any
    addresses: dict[str, int]


def width_for(features: Any) -> Width:
    """Choose a width by the features of a processor: as wide as its registers."""
    if features.get("avx512f"):
        return Width(lanes=8, vectors=4, tile=4)
    if features.get("avx"):
        return Width(lanes=4, vectors=4, tile=2)
    if features.get("neon"):
        return Width(lanes=2, vectors=4, tile=4)
    return Width(lanes=2, vectors=4, tile=2)


def name_c_functions() -> None:
    """Tell LLVM where the C library's functions are, as ``c_sin`` and so on, and Python's own."""
    if sys.platform == "win32":
        library = ctypes.CDLL("ucrtbase")
    else:
        library = ctypes.CDLL(ctypes.util.find_library("m"))
    for name in LIBRARY:
        address = ctypes.cast(getattr(library, name), ctypes.c_void_p).value
        llvm.add_symbol(f"c_{name}", address)
    for name, address in c_api_addresses().items():
        llvm.add_symbol(name, address)


def start() -> Machine | str:
    """Start LLVM once; what went wrong, if it cannot work here."""
    with _starting:  # of two machines one would be freed, and its code with it
        return _start()


_starting = threading.Lock()


@cache
def _start() -> Machine | str:
    try:
        return Machine()
    except Exception as error:  # noqa: BLE001 - LLVM raises whatever it likes
        return str(error) or type(error).__name__


def machine() -> Machine:
    """Return this computer's `Machine`, always the same one.

    Raises:
        CompileError: If llvmlite cannot make code for this processor; the first time there is a
            warning too.
    """
    found = start()
    if isinstance(found, Machine):
        return found
    message = (
        f"llvmlite {llvmlite.__version__} cannot make machine code here ({found}); programs run "
        "on the NumPy tier, which gives the same results"
    )
    _warn_once(message)
    raise CompileError(message)


@cache
def _warn_once(message: str) -> None:
    warnings.warn(message, RuntimeWarning, stacklevel=3)


@cache
def scalar_function(
    name: str, arguments: str, write: Callable[[Function], None], result: str = "void"
) -> Callable[..., Any]:
    """Compile a function of addresses and whole numbers, without vectors, once and for good."""

    def text() -> str:
        module = Module(Width(lanes=1, vectors=1))
        write(module.function(name, arguments, result))
        return module.text()

    kinds: dict[str, Any] = {"ptr": ctypes.c_void_p, "i64": ctypes.c_int64, "void": None}
    taken = [kinds[argument.split()[0]] for argument in arguments.split(", ")]
    return ctypes.CFUNCTYPE(kinds[result], *taken)(machine().address(name, text))


def name_of(*parts: object) -> str:
    """Make a function's name from all that decides what it does."""
    return "f_" + hashlib.sha256(repr(parts).encode()).hexdigest()[:24]
