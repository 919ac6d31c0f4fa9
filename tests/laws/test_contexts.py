"""Laws of scopes: what one thread or task switches off is on for all others."""

import asyncio
import sys
import threading

import pytest

import engine
import nn
from engine import Value, no_grad


@pytest.fixture
def eager_switching():
    """Let Python change threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def in_threads(run, count=4):
    """Call ``run(k)`` in as many threads at once; give what they returned."""
    found = [None] * count

    def keep(k):
        found[k] = run(k)

    threads = [threading.Thread(target=keep, args=(k,)) for k in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def train(seed):
    """Train a small network; give its losses and its parameters."""
    model = nn.MLP(2, [6, 1], "tanh", seed=seed)
    samples, held_out = nn.data.moons(24, seed=seed), nn.data.moons(12, seed=seed + 50)
    history = nn.fit(
        model,
        *samples,
        validation=held_out,
        epochs=4,
        batch_size=6,
        seed=seed,
        progress=False,
    )
    losses = history["loss"], history["validation loss"], history["gradient norm"]
    return losses, [p.data for p in model.parameters()]


@pytest.mark.usefixtures("eager_switching")
def test_threads_train_as_one_after_the_other():
    """Each measures a validation loss inside no_grad while the others record."""
    alone = [train(seed) for seed in range(4)]
    for _ in range(3):
        assert in_threads(train) == alone
        x = Value(3.0)
        (x * x).backward()
        assert x.grad == 6.0


def test_a_background_thread_records_while_another_does_not():
    """All ways of recording: operators, functions of a list, layers with a node per product."""
    x = Value(3.0)
    layer = nn.Layer(2, 2, expanded=True)
    with no_grad():
        (made,) = in_threads(
            lambda _: [x * x, x * 2, 1 - x, x.clamp(0, 9), engine.sum([x, x]), *layer([x, x])], 1
        )
        assert [y.is_constant for y in made] == [False] * 7
        assert all(y.parents for y in made)
        assert (x * x).is_constant


def test_a_task_records_while_another_does_not():
    """Also while the other waits inside its block; what it makes is constant all the same."""
    x = Value(3.0)

    async def quiet():
        with no_grad():
            await asyncio.sleep(0)
            return x * x

    async def loud():
        made = []
        for _ in range(3):
            made.append(x * x)
            await asyncio.sleep(0)
        return made

    async def both():
        return await asyncio.gather(quiet(), loud())

    still, made = asyncio.run(both())
    assert still.is_constant
    assert [y.parents for y in made] == [(x, x)] * 3


@pytest.mark.usefixtures("eager_switching")
def test_functions_are_recorded_in_several_threads_at_once():
    """Each hears its own comparisons only, so that each is recorded both ways."""

    def run(k):
        @engine.compile(tier="python")
        def f(x):
            return x * (k + 1) if x > k else x - k

        return f.value([[k - 1.0], [k + 1.0], [k - 2.0]]), len(f.programs)

    for k, (values, ways) in enumerate(in_threads(run)):
        assert list(values) == [-1.0, (k + 1.0) ** 2, -2.0]
        assert ways == 2
