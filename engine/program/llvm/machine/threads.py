"""Running parts of a batch in several threads, where that wins.

Machine code lets the GIL go, so parts of a batch run at the same time; each part has memory of its
own, and partial gradients are added in the order of the parts, so the same call gives the same
digits every time. Handing work to a thread and back takes up to 100 microseconds, so a part is at
least `ENOUGH` of estimated work; and if threads do not win after all, the same parts run one after
the other. ``EVERYPATH_THREADS`` says how many threads at most; 1 for none.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

ENOUGH = 300.0
"""Microseconds of work that are worth a thread."""

_RETRY = 16
"""The way that was slower is tried again every so many calls."""


def most() -> int:
    """Read how many threads to use at most.

    Returns:
        ``EVERYPATH_THREADS``, or as many as this process has processors.
    """
    wish = os.environ.get("EVERYPATH_THREADS", "")
    if wish.isdecimal() and int(wish):
        return int(wish)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def parts(samples: int, each: float, block: int) -> list[slice]:
    """Cut a batch into parts for threads.

    Args:
        samples: The size of the batch.
        each: The work of a sample in microseconds.
        block: Parts but the last are multiples of so many samples.

    Returns:
        The parts; one if threads would not pay.

    Example:
        >>> parts(100, 0.001, 32)
        [slice(0, 100, None)]
    """
    wanted = min(most(), int(samples * each / ENOUGH), samples // block)
    if wanted < 2:
        return [slice(0, samples)]
    size = -(-samples // (wanted * block)) * block
    return [slice(start, min(start + size, samples)) for start in range(0, samples, size)]


class Contest:
    """Two ways to do the same work, and which one was quicker lately.

    Another program may need the processors, or the parts of a batch the same cache: then threads
    only wait for one another. So both ways are timed, and the slower one is tried now and then.

    Example:
        >>> contest = Contest()
        >>> for _ in range(2):
        ...     way = contest.pick()
        ...     contest.note(way, 2.0 - way)
        >>> contest.pick()
        1
    """

    def __init__(self) -> None:
        self._paces = [0.0, 0.0]  # not tried yet: as if without end
        self._turn = 0

    def pick(self) -> int:
        """Choose a way.

        Returns:
            0 or 1.
        """
        self._turn += 1
        quicker = self._paces[1] < self._paces[0]
        return int(quicker != (self._turn % _RETRY == 0))

    def note(self, way: int, pace: float) -> None:
        """Remember how it went.

        Args:
            way: 0 or 1.
            pace: Seconds for a sample.
        """
        self._paces[way] = (self._paces[way] or pace) / 2 + pace / 2


@cache
def pool() -> Any:
    """Return the threads that all programs share."""
    return ThreadPoolExecutor(most(), thread_name_prefix="everypath")


# A forked process has none of the threads. (There is no forking on Windows.)
getattr(os, "register_at_fork", lambda **_: None)(after_in_child=pool.cache_clear)
