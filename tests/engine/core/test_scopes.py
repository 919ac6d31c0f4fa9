"""Scopes: a setting of one thread or task, whatever the order in which blocks end."""

import asyncio
import contextvars
import gc
import threading

import pytest

from engine.core.scopes import Scope


@pytest.fixture
def tone():
    """Make a setting that is 0 outside all blocks."""
    return Scope("tone", 0)


def test_blocks_nest(tone):
    """The innermost counts; after each block it is as before."""
    assert (tone.setting(), len(tone.blocks)) == (0, 0)
    with tone.block(1):
        with tone.block(2):
            assert (tone.setting(), len(tone.blocks)) == (2, 2)
        with tone.block(0):
            assert tone.setting() == 0
        assert (tone.setting(), len(tone.blocks)) == (1, 1)
    assert (tone.setting(), len(tone.blocks)) == (0, 0)


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_a_block_ends_on_every_way_out(tone, error):
    """By an error, by an interruption, by return and break."""

    def leave():
        with tone.block(1):
            return tone.setting()

    with pytest.raises(error), tone.block(1), tone.block(2):
        raise error
    assert leave() == 1
    for _ in range(2):
        with tone.block(3):
            break
    assert (tone.setting(), tone.blocks) == (0, set())


def test_other_threads_are_outside(tone):
    """Also one that is started inside the block; and its own block is its own."""
    seen = []

    def run():
        seen.append(tone.setting())
        with tone.block(2):
            seen.append(tone.setting())

    with tone.block(1):
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        assert tone.setting() == 1
    assert seen == [0, 2]


def test_many_threads_leave_nothing_open(tone):
    """Whatever the order in which they enter and leave."""
    wrong = []

    def run(k):
        for n in range(300):
            with tone.block(k), tone.block(k + n):
                if tone.setting() != k + n:
                    wrong.append(n)
            if tone.setting() != 0:
                wrong.append(n)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (wrong, tone.blocks) == ([], set())


def test_tasks_do_not_meet(tone):
    """Two tasks that take turns inside their blocks."""

    async def run(k):
        seen = []
        for _ in range(3):
            with tone.block(k):
                await asyncio.sleep(0)
                seen.append(tone.setting())
            await asyncio.sleep(0)
            seen.append(tone.setting())
        return seen

    async def both():
        return await asyncio.gather(run(1), run(2))

    assert asyncio.run(both()) == [[1, 0, 1, 0, 1, 0], [2, 0, 2, 0, 2, 0]]
    assert tone.blocks == set()


def test_a_task_leaves_a_block_with_it(tone):
    """It starts inside the block that it was made in, and is outside once that has ended."""

    async def run(gate):
        before = tone.setting()
        await gate.wait()
        return before, tone.setting()

    async def outer():
        gate = asyncio.Event()
        with tone.block(1):
            task = asyncio.create_task(run(gate))
            await asyncio.sleep(0)
        gate.set()
        return await task

    assert asyncio.run(outer()) == (1, 0)


def test_generators_may_end_in_any_order(tone):
    """Each holds its block between two values."""

    def hold(k):
        with tone.block(k):
            yield

    first, second = hold(1), hold(2)
    next(first)
    next(second)
    assert tone.setting() == 2
    first.close()
    assert tone.setting() == 2
    second.close()
    assert (tone.setting(), tone.blocks) == (0, set())


def test_a_block_may_end_in_another_context(tone):
    """As a generator does that the collector closes."""

    def hold():
        with tone.block(1):
            yield

    held = hold()
    elsewhere = contextvars.copy_context()
    elsewhere.run(next, held)
    assert (tone.setting(), elsewhere.run(tone.setting)) == (0, 1)
    with tone.block(2):
        del held
        gc.collect()
        assert (tone.setting(), elsewhere.run(tone.setting)) == (2, 0)
    assert tone.blocks == set()
