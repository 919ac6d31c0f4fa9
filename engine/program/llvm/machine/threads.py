"""Running parts of a batch in several threads, where that wins.

Machine code lets the GIL go, so parts of a batch run at the same time; each part has memory of its
own, and partial gradients are added in the order of the parts, so the same call gives the same
digits every time. Handing work to a thread and back takes up to 100 microseconds, so a part is at
least three times as much of estimated work; and if threads do not win after all, the same parts
run one after the other. ``EVERYPATH_THREADS`` says how many threads at most; 1 for none.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_RETRY = 16
"""The variant that was slower is tried again every so many calls."""


def most() -> int:
    """Read how many threads to use: ``EVERYPATH_THREADS``, or one for each usable processor."""
    wish = os.environ.get("EVERYPATH_THREADS", "")
    if wish.isdecimal() and int(wish):
        return int(wish)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def parts(samples: int, each: float, block: int, enough: float) -> list[slice]:
    """Cut a batch into parts for threads, at multiples of a block; one if they would not pay.

    A sample takes ``each`` microseconds; a part should take ``enough`` of them.

    Example:
        >>> parts(100, 0.001, 32, 300.0)
        [slice(0, 100, None)]
    """
    wanted = min(int(samples * each / enough), samples // block)
    wanted = min(wanted, most()) if wanted > 1 else 1
    if wanted < 2:
        return [slice(0, samples)]
    size = -(-samples // (wanted * block)) * block
    return [slice(start, min(start + size, samples)) for start in range(0, samples, size)]


def in_turn(calls: Sequence[Callable[[], None]]) -> None:
    """Run calls one after the other."""
    for call in calls:
        call()


def together(calls: Sequence[Callable[[], None]]) -> None:
    """Run calls at the same time, the first of them in this thread."""
    waiting = [pool().submit(call) for call in calls[1:]]
    calls[0]()
    for future in waiting:
        future.result()


class Tuner:
    """Two variants of the same work, and which one was quicker lately.

    Another program may need the processors, or the parts of a batch the same cache: then threads
    only wait for one another. So both variants are timed, and the slower one is tried now and
    then.

    Example:
        >>> tuner = Tuner()
        >>> for _ in range(2):
        ...     variant = tuner.choose()
        ...     tuner.record(variant, 2.0 - variant)
        >>> tuner.choose()
        1
    """

    def __init__(self) -> None:
        self._times = [0.0, 0.0]  # not tried yet: as if without end
        self._runs = 0

    def run(self, calls: Sequence[Callable[[], None]], samples: int) -> None:
        """Run calls in turn or together, whichever was quicker for each sample."""
        variant, started = self.choose(), perf_counter()
        (in_turn, together)[variant](calls)
        self.record(variant, (perf_counter() - started) / samples)

    def choose(self) -> int:
        """Choose variant 0 or 1."""
        self._runs += 1
        quicker = self._times[1] < self._times[0]
        return int(quicker != (self._runs % _RETRY == 0))

    def record(self, variant: int, seconds: float) -> None:
        """Remember how long a sample took."""
        self._times[variant] = (self._times[variant] or seconds) / 2 + seconds / 2


@cache
def pool() -> Any:
    """Return the threads that all programs share."""
    return ThreadPoolExecutor(most(), thread_name_prefix="everypath")


# A forked process has none of the threads. (There is no forking on Windows.)
getattr(os, "register_at_fork", lambda **_: None)(after_in_child=pool.cache_clear)
