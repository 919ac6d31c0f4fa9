"""Places for things that live for a while: who is born takes the place of somebody who died.

Births and deaths are sorted by time. Walking through them is a loop that cannot be arithmetic on
arrays, and that in Python takes as long as all the rest of an encoding; so it is machine code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.program.llvm.encoding.segments import stable_order
from engine.program.llvm.machine.runtime import scalar_function

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.program.llvm.writing.ir import Function


def allocate(born: Any, dies: Any, sizes: Any, base: int) -> tuple[NDArray[np.int32], int]:
    """Give things places that no other thing has while they live.

    Example:
        >>> one, two, three = (0, 2), (1, 5), (3, 4)  # three lives after one
        >>> born, dies = np.array([one, two, three]).T
        >>> places, room = allocate(born, dies, np.ones(3, dtype=int), 10)
        >>> places.tolist(), room
        ([10, 11, 10], 12)
    """
    count = len(born)
    times = np.concatenate([born, dies]).astype(np.int64, copy=False)
    times <<= 1
    times[count:] += 1  # at the same time, births come first
    events, sizes = (numbers.astype(np.int32) for numbers in (stable_order(times), sizes))
    places, links = np.empty((2, count), dtype=np.int32)
    free = np.full(1 + sizes.max(initial=0), -1, dtype=np.int32)
    arrays = (events, sizes, places, links, free)
    walk = scalar_function("allocate", _ARGUMENTS, _write, "i64")
    return places, walk(*(array.ctypes.data for array in arrays), count, base)


_ARGUMENTS = "ptr %events, ptr %sizes, ptr %places, ptr %links, ptr %free, i64 %count, i64 %base"


def _write(f: Function) -> None:
    """Write: those that died form a list for each size, through links; the next to be born pops.

    An event below the count is the birth of that thing, one above it a death.
    """

    def choose(condition: str, a: str, b: str | int) -> str:
        return f.let(f"select i1 {condition}, i64 {a}, i64 {b}", "n")

    def put(base: str, index: str, number: str) -> None:
        word = f.let(f"trunc i64 {number} to i32", "word")
        f.do(f"store i32 {word}, ptr {f.at(base, index, 'i32')}, align 4")

    def event(k: str, held: list[str]) -> list[str]:
        happens = f.integer("%events", k)
        dies = f.let(f"icmp sge i64 {happens}, %count", "dies")
        thing = choose(dies, f.whole("sub", happens, "%count"), happens)
        size = f.integer("%sizes", thing)
        head = f.integer("%free", size)
        some = f.let(f"icmp sge i64 {head}, 0", "some")
        old = choose(some, head, thing)  # without any: its own, which is there to be read
        place = choose(some, f.integer("%places", old), held[0])
        following = choose(some, f.integer("%links", old), -1)
        put("%free", size, choose(dies, thing, following))
        put("%links", thing, choose(dies, head, 0))
        put("%places", thing, choose(dies, f.integer("%places", thing), place))
        taken = choose(some, "0", size)
        return [f.whole("add", held[0], choose(dies, "0", taken))]

    (room,) = f.loop(f.whole("shl", "%count", 1), event, ["%base"], kind="i64")
    f.do(f"ret i64 {room}")
