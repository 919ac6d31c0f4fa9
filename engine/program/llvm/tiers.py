"""The tier "llvm": block interpreter code for a program, and calling it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from engine.expressions import calls
from engine.ops import TABLE
from engine.program.llvm.encode import Code, Key, encode
from engine.program.llvm.entry import FORWARD, RELEASE, python_function, write_enter
from engine.program.llvm.handlers import write_row, write_row_back
from engine.program.llvm.interpreter import FIELDS, write_interpreter
from engine.program.llvm.ir import Module
from engine.program.llvm.per_sample import with_slots_for_parameters
from engine.program.llvm.runtime import Machine, machine, name_of
from engine.program.llvm.straight_line import TOO_LARGE, terms, write_single
from engine.program.llvm.vector_math import LIBRARY, OWN

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from engine.ops import Op
    from engine.program.instructions import FlatProgram

    Array = NDArray[np.float64]
    Enter = Callable[[Array, Array, Array, Array, int, int], int]

_CORE = ["enter", "load", "dot", "group", "logsumexp", "zero", "seed", "logsumexp_back",
         *[f"{name}{masked}"
           for name in ("load_back", "dot_back", "group_back", "group_back_fresh")
           for masked in ("", "_masked")]]  # fmt: skip


@cache
def _core() -> dict[str, int]:
    """Compile the interpreter; the addresses of its functions."""
    here = machine()
    return dict(zip(_CORE, here.addresses(_CORE, lambda: _write_core(here).text()),
                    strict=True))  # fmt: skip


def _write_core(here: Machine) -> Module:
    module = write_interpreter(here.shape)
    write_enter(module)
    return module


def _handler(key: Key, masked: str) -> int:
    """Find the address of a handler."""
    if key[0] == "row":
        return _row(key[1])
    if key[0] == "row_back":
        return _row_back(*key[1:])
    core = _core()
    return core.get(key[0] + masked) or core[key[0]]


@cache
def _row(op: Op) -> int:
    here = machine()
    name = name_of("forward", *_meaning(op))

    def write() -> str:
        module = Module(here.shape)
        write_row(module, name, op)
        return module.text()

    return here.address(name, write)


@cache
def _row_back(op: Op, modes: tuple[int, ...]) -> int:
    here = machine()
    name = name_of("backward", modes, *_meaning(op))

    def write() -> str:
        module = Module(here.shape)
        write_row_back(module, name, op, modes)
        return module.text()

    return here.address(name, write)


def _meaning(op: Op) -> list[object]:
    """List all that decides what a row computes: its texts, and those of the rows it calls."""
    seen, left = [], [op]
    while left:
        row = left.pop()
        if row not in seen:
            seen.append(row)
            called = sorted(set().union(*map(calls, (row.forward, *row.partials))))
            left += [TABLE[name] for name in called
                     if name in TABLE and name not in OWN and name not in LIBRARY]  # fmt: skip
    return [(row.name, row.operands, row.forward, row.partials) for row in seen]


def _aligned(count: int) -> Array:
    """Make an array that begins at a cache line."""
    raw = np.zeros(count + 8)
    skip = (-raw.ctypes.data % 64) // 8
    return raw[skip : skip + count]


def _words(numbers: list[int]) -> NDArray[np.int32]:
    return np.array(numbers, dtype=np.int32)


_INDEX = {name: k for k, name in enumerate(FIELDS)}


class _Plan:
    """A program encoded one way: gradients summed over the samples, or one for each."""

    def __init__(self, flat: FlatProgram, *, per_sample: bool) -> None:
        here: Machine = machine()
        self.lanes, self.samples = here.shape.lanes, here.shape.samples
        wanted = [r for r in dict.fromkeys(flat.wrt) if r >= 0]
        targets = [flat.wrt.index(r) for r in wanted]
        if per_sample:
            flat, wanted = with_slots_for_parameters(flat)
            targets = list(range(len(wanted)))
        self.flat = flat
        self.code: Code = encode(flat, wanted, summed=not per_sample)
        position = {r: k for k, r in enumerate(flat.wrt)}
        code = self.code
        places = code.summed + len(wanted)
        self.sums = places + -places % here.shape.lanes
        packed_targets = [position[~u] for u in code.packed[: code.summed].tolist()]
        self.kept: dict[str, NDArray[Any]] = {
            "handlers": np.array([_handler(k, "") for k in code.handlers], dtype=np.int64),
            "masked_handlers": np.array(
                [_handler(k, "_masked") for k in code.handlers], dtype=np.int64
            ),
            "forward": code.forward,
            "gather": code.packed,
            "outputs": _words(list(flat.outputs)),
            "wrt_slots": _words(wanted),
            "targets": _words(targets if per_sample else packed_targets + targets),
        }
        ends = [[w.ctypes.data, w.ctypes.data + w.nbytes] for w in code.backward]
        self.kept["sweeps"] = np.array(ends, dtype=np.int64)
        fields = {name: array.ctypes.data for name, array in self.kept.items()}
        fields |= {
            "forward_end": fields["forward"] + self.kept["forward"].nbytes,
            "sweep_count": flat.differentiated,
            "gather_count": len(code.packed),
            "live_count": flat.live,
            "inputs": flat.inputs,
            "output_count": len(flat.outputs),
            "packed_count": code.summed,
            "wrt_slot_count": len(wanted),
            "wrt_count": len(flat.wrt),
            "per_sample": int(per_sample),
            "sums_each": self.sums,
        }
        self.template = np.array([fields.get(name, 0) for name in FIELDS], dtype=np.int64)
        self.words = len(code.forward)
        self._memory: list[Any] = []
        self._free: list[Enter] = []

    def run(self, inputs: Array, live: Array, results: Array, gradient: Array, mode: int) -> None:
        """Run a batch in memory of its own: calls may overlap."""
        batch = len(inputs)
        if batch * self.words > _LONG:
            mode += RELEASE
        try:
            enter = self._free.pop()
        except IndexError:
            enter = self._new_frame()
        enter(inputs, live, results, gradient, batch, mode)
        self._free.append(enter)

    def _new_frame(self) -> Enter:
        """Make working memory for one call at a time."""
        words, flat = self.template.copy(), self.flat
        sums = self.sums * max(1, flat.differentiated)
        arrays = {
            "values": _aligned(flat.slots * self.samples),
            "slopes": _aligned(flat.slots * self.samples),
            "uniforms": _aligned(len(self.code.packed)),
            "sums": _aligned(sums * self.lanes),
            "totals": _aligned(self.sums),
            "given": np.concatenate([np.zeros(flat.live), flat.constants]),
        }
        for name, array in arrays.items():
            words[_INDEX[name]] = array.ctypes.data
        self._memory.append((words, arrays))
        return python_function(_core()["enter"], "enter", words.ctypes.data)


_LONG = 1_000_000
"""Samples times words of code from which on a run lets other threads work meanwhile."""


class BlockRunner:
    """Runs a program on the block interpreter. See `engine.program.instructions.Runner`."""

    def __init__(self, flat: FlatProgram) -> None:
        self.flat = flat
        self._outputs = len(flat.outputs)
        self._shape = (flat.differentiated, len(flat.wrt))
        self._summed = _Plan(flat, per_sample=False)
        self._per_sample: _Plan | None = None

    def value(self, inputs: Array, live: Array) -> Array:
        """Run forward."""
        results = np.empty((len(inputs), self._outputs))
        self._summed.run(inputs, live, results, results, FORWARD)
        return results

    def value_and_grad(self, inputs: Array, live: Array, per_sample: bool) -> tuple[Array, Array]:
        """Run forward and backward."""
        batch = len(inputs)
        results = np.empty((batch, self._outputs))
        if not per_sample:
            gradient = np.empty(self._shape)
            self._summed.run(inputs, live, results, gradient, 0)
            return results, gradient
        if self._per_sample is None:
            self._per_sample = _Plan(self.flat, per_sample=True)
        gradient = np.empty((batch, *self._shape))
        self._per_sample.run(inputs, live, results, gradient, 0)
        return results, gradient

    def single(self, live: Array, gradient: Array) -> Callable[..., float] | None:
        """Compile a program of moderate size to straight-line code."""
        flat, here = self.flat, machine()
        if terms(flat) > TOO_LARGE:
            return None
        text = write_single(flat, "single", here.shape.lanes).text()
        name = name_of(text)
        address = here.address(name, lambda: text.replace("@single(", f"@{name}("))
        words = np.array([live.ctypes.data, gradient.ctypes.data], dtype=np.int64)
        call = python_function(address, "call", words.ctypes.data)
        _BOUND[call] = (words, live, gradient)
        return call


_BOUND: WeakKeyDictionary[Callable[..., float], object] = WeakKeyDictionary()
"""The arrays that a function reads and writes live as long as the function."""


class BlockTier:
    """The block interpreter."""

    arrays = True

    def __init__(self, name: str) -> None:
        self.name = name

    def prepare(self, flat: FlatProgram) -> BlockRunner:
        """Encode a program.

        Args:
            flat: The program.

        Returns:
            Its runner.

        Raises:
            CompileError: If llvmlite cannot make code for this processor.
        """
        return BlockRunner(flat)


INTERPRETER = BlockTier("llvm")
AUTOMATIC = INTERPRETER
STRAIGHT = BlockTier("straight")
