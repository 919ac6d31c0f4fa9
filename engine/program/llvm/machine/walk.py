"""The walk from a recorded graph to a tape, in machine code: see `program.recording.capture`.

A large graph does not fit into the cache, and each step of the walk goes somewhere else in
memory. What costs time is how often; machine code looks at a node and at a small table, and at
nothing else.
"""

from __future__ import annotations

import ctypes
import sys
from array import array
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.core.functions import MEAN
from engine.core.node import Node
from engine.errors import CompileError
from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.machine.walk_code import UNMADE, Offsets, write_walk
from engine.program.llvm.machine.walk_table import FIELDS, MISSING
from engine.program.recording.capture import Walk
from engine.program.recording.tape import view
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_INDEX = {name: k for k, name in enumerate(FIELDS)}
_SUM, _DIV = TABLE["sum"], TABLE["div"]
_LISTS = [op for op in TABLE.values() if op.variadic]
ROOM = 1 << 12
"""Rows that are written before they are taken away; and the first size of everything else."""


class NativeWalk(Walk):
    """The same walk with the same results, but in machine code.

    Args:
        inputs: Leaves that become columns of the batch.
        parameters: Leaves to differentiate with respect to, the inputs among them left out.

    Raises:
        CompileError: If there is no machine code here, or Python's objects look different.
    """

    @staticmethod
    def works() -> bool:
        """Tell whether there is machine code here, and Python's objects are as expected."""
        try:
            _functions()
        except CompileError:
            return False
        return True

    def leaves(self) -> Any:
        """Begin the hash table."""
        self._functions = _functions()
        self._frame = np.zeros(len(FIELDS), dtype=np.int64)
        self._arrays: dict[str, Any] = {}
        # For each leaf and each number, as they came, its reference: equal numbers share one.
        self.met = array("i")
        self._ops: list[Any] = [None, *_LISTS]
        codes = {op: k for k, op in enumerate(self._ops)}
        self._ops.append(_DIV)
        self._set(
            none=id(None),
            tuple=id(tuple),
            float=id(float),
            mean=codes[MEAN],
            sum=codes[_SUM],
            div=len(codes),
            known_count=len(self._ops),
            lists_up_to=len(_LISTS),
            need=4,
            row_room=ROOM,
            slot=self.inputs,
            other=~len(self.parameters),
        )
        for name in ("codes", "first", "second"):
            self._make(name, ROOM, np.int32)
        self._make_lists(ROOM)
        self._grow("stack", "stack_room", ROOM)
        self._grow("known", "known_room", ROOM)
        self._arrays["known"][: len(self._ops)] = [id(op) for op in self._ops]
        leaves, parameters = [*self.columns, *self.parameters], len(self.parameters)
        size = 4 * ROOM
        while size < 4 * len(leaves):
            size *= 2
        self._make_table(size)
        pairs = np.empty((len(leaves), 2), dtype=np.int64)
        pairs[:, 0] = np.fromiter(map(id, leaves), np.int64, len(leaves))
        pairs[: self.inputs, 1] = np.arange(self.inputs)
        pairs[self.inputs :, 1] = ~np.arange(parameters)
        self._fill(pairs)
        return _Places(self)

    # ------------------------------------------------------------ working memory

    def _set(self, **words: int) -> None:
        for name, word in words.items():
            self._frame[_INDEX[name]] = word

    def _get(self, name: str) -> int:
        return int(self._frame[_INDEX[name]])

    def _make(self, name: str, size: int, kind: Any) -> Any:
        """Make an array; the frame says where it is."""
        made = self._arrays[name] = np.zeros(size, dtype=kind)
        self._frame[_INDEX[name]] = made.ctypes.data
        return made

    def _make_table(self, size: int) -> None:
        self._make("table", 2 * size, np.int64)
        self._set(mask=size - 1, used=0)

    def _make_lists(self, size: int) -> None:
        self._make("others", size, np.int64)
        self._make("listed", size, np.int32)
        self._make("list_ends", size, np.int32)
        self._set(other_room=size, list_room=size)

    def _grow(self, name: str, room: str, size: int) -> None:
        """Make an array larger; what is in it stays."""
        kept = self._arrays.get(name, np.zeros(0, dtype=np.int64))
        self._make(name, size, np.int64)[: len(kept)] = kept
        self._set(**{room: size})

    def _grow_for(self, name: str, room: str, count: int) -> None:
        """Make an array larger until more than so many go into it."""
        size = self._get(room)
        if count >= size:
            self._grow(name, room, 2 * max(size, count))

    def _fill(self, pairs: Any) -> None:
        self._functions["fill"](self._frame.ctypes.data, pairs.ctypes.data, len(pairs))

    def _make_room(self) -> None:
        """Take away what is written, and make anything larger that is short."""
        self._take()
        need = self._get("need")
        if need >= self._get("list_room"):
            self._make_lists(2 * need)
        self._grow_for("stack", "stack_room", need + self._get("top"))
        self._grow_for("known", "known_room", self._get("known_count") + 2)
        if 2 * self._get("used") >= self._get("mask"):
            old = self._arrays["table"]
            self._make_table(len(old))
            self._fill(old.reshape(-1, 2))

    # ------------------------------------------------------------ walking

    def visit(self, roots: Iterable[Any]) -> None:
        """Write everything below some nodes that is not written yet.

        Raises:
            CompileError: If a node is of a user's own class and was only half made.
        """
        nodes = list(roots)
        nodes.reverse()
        self._grow_for("stack", "stack_room", len(nodes) + self._get("need"))
        self._arrays["stack"][: len(nodes)] = [id(node) for node in nodes]
        self._set(top=len(nodes), slot=self.inputs + len(self.rows))
        while outcome := self._functions["walk"](self._frame.ctypes.data):
            if outcome == UNMADE:
                top = self._get("top") - 1
                kind = type(_objects(self._arrays["stack"][top : top + 1])[0]).__name__
                raise CompileError(
                    f"a {kind} in the graph was made without Value.__init__; call "
                    f"super().__init__(data, label) where {kind} is made"
                )
            self._make_room()
        self._take()

    def _take(self) -> None:
        """Move what was written to the tape's rows."""
        rows, arrays, row = self.rows, self._arrays, self._get("row")
        self.met.extend(self._referred())
        self._ops += _objects(arrays["known"][len(self._ops) : self._get("known_count")])
        begin = len(rows)
        codes = np.array([rows.code[op] if op else 0 for op in self._ops], dtype=np.int32)
        rows.codes.frombytes(codes[arrays["codes"][:row]].tobytes())
        rows.first.frombytes(self._named(arrays["first"][:row]).tobytes())
        rows.second.frombytes(self._named(arrays["second"][:row]).tobytes())
        listed = self._named(arrays["listed"][: self._get("listed_count")]).tolist()
        start = 0
        for at, end in arrays["list_ends"][: self._get("list_count")].reshape(-1, 2).tolist():
            rows.lists[begin + at] = tuple(listed[start:end])
            start = end
        self._set(row=0, other_count=0, listed_count=0, list_count=0)

    def _referred(self) -> Iterator[int]:
        """Refer to the leaves and numbers that were met."""
        given = self._arrays["others"][: self._get("other_count")]
        known = self.known.get
        for word, thing in zip(given, _objects(np.where(given & 1, id(None), given)), strict=True):
            if type(thing) is float:
                found = known(thing or str(thing))
                yield self.constant(thing) if found is None else found
            else:
                yield self.constant(float(word >> 1)) if thing is None else self.leaf(thing)

    def _named(self, references: Any) -> Any:
        """Turn references as the walk wrote them into those of the tape."""
        last = ~len(self.parameters)
        at = np.flatnonzero(references <= last)
        references[at] = view(self.met)[last - references[at]]
        return references

    def find(self, node: Any) -> int | None:
        """Find the reference to a node; None if it is not written."""
        found = int(self._functions["find"](self._frame.ctypes.data, id(node)))
        last = ~len(self.parameters)
        if found <= last:
            return self.met[last - found]
        return None if found == MISSING else found


class _Places:
    """References by node, read from the hash table."""

    def __init__(self, walk: NativeWalk) -> None:
        self.get = walk.find

    def __getitem__(self, node: Any) -> int:
        found = self.get(node)
        if found is None:
            raise KeyError(node)
        return found

    def __contains__(self, node: Any) -> bool:
        return self.get(node) is not None


def _objects(addresses: Any) -> list[Any]:
    """Turn addresses into objects."""
    words: Any = np.ascontiguousarray(addresses)
    return list((ctypes.py_object * len(words)).from_buffer(words)) if words.size else []


@cache
def _functions() -> dict[str, Callable[..., int]]:
    """Compile the walk. Its functions hold the GIL: nothing else happens meanwhile."""
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        raise CompileError("without the GIL the graph may change during a walk")
    loaded = machine().load(write_walk(_offsets()), ["walk", "fill", "find"])
    _KEPT.append(loaded)
    word, address, kind = ctypes.c_int64, ctypes.c_void_p, ctypes.PYFUNCTYPE
    return {
        "walk": kind(word, address)(loaded.addresses["walk"]),
        "fill": kind(None, address, address, word)(loaded.addresses["fill"]),
        "find": kind(word, address, word)(loaded.addresses["find"]),
    }


_KEPT: list[Any] = []


def _offsets() -> Offsets:
    """Find out where things are in Python's objects, by looking."""
    node: Any = object.__new__(Node)
    marks = {name: object() for name in ("a", "b", "db", "op")}
    for name, mark in marks.items():
        setattr(node, name, mark)
    slots = {name: _where(node, Node.__basicsize__, id(mark)) for name, mark in marks.items()}
    short, long = (marks["a"],) * 1003, (marks["b"],) * 1005  # no reference counts
    sizes = {_where(thing, tuple.__basicsize__, len(thing)) for thing in (short, long)}
    kinds = {
        _where(thing, type(thing).__basicsize__, id(type(thing))) for thing in (node, short, 1.5)
    }
    items = _where((marks["a"], marks["b"]), tuple.__basicsize__ + 16, id(marks["a"]))
    if len(sizes) > 1 or len(kinds) > 1:
        raise CompileError("Python's objects are not as expected")
    return Offsets(kinds.pop(), sizes.pop(), items, **slots)


def _where(thing: Any, size: int, word: int) -> int:
    """Find the one place of a word in an object, in bytes."""
    words = (ctypes.c_int64 * (size // 8)).from_address(id(thing))
    found = [8 * k for k, there in enumerate(words) if there == word]
    if len(found) != 1:
        raise CompileError("Python's objects are not as expected")
    return found[0]
