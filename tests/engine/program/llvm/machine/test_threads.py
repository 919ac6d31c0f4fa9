"""Parts of a batch in several threads: the same results, and only where that wins."""

import os
import threading

import numpy as np
import pytest
from program_examples import close, network

import engine
from engine.program.llvm.machine import threads
from engine.program.llvm.plan import Limits
from engine.program.llvm.tiers import BlockTier

EAGER = Limits(long=0.5, thread=0.5)
"""Even small batches are cut into parts."""


@pytest.fixture
def three(monkeypatch):
    """Use three threads."""
    monkeypatch.setenv("EVERYPATH_THREADS", "3")
    threads.pool.cache_clear()
    yield
    threads.pool.cache_clear()


class Table(np.ndarray):
    """A subclass that cuts otherwise."""

    def __getitem__(self, _):
        raise AssertionError


@pytest.mark.usefixtures("three")
def test_parts_give_the_results_of_the_whole(monkeypatch):
    """Values and gradients of each sample to the bit, sums up to their order; always the same."""
    inputs, parameters, loss = network(6)
    flat = engine.compile(loss, inputs, parameters, tier="python").flat
    cut = BlockTier("llvm", "hot", EAGER).prepare(flat)
    batch = np.random.default_rng(0).normal(size=(500, 3))
    live = np.array([p.data for p in parameters])
    values, gradient = cut.value_and_grad(batch, live, per_sample=False)
    for _ in range(20):  # in threads or one after the other
        again = cut.value_and_grad(batch, live, per_sample=False)[1]
        assert np.array_equal(again, gradient)
    only, each = cut.value(batch, live), cut.value_and_grad(batch, live, per_sample=True)[1]
    assert np.array_equal(cut.step(batch.view(Table), live)[1], gradient[0])
    monkeypatch.setenv("EVERYPATH_THREADS", "1")
    whole_values, whole_gradient = cut.value_and_grad(batch, live, per_sample=False)
    assert np.array_equal(values, whole_values)
    assert np.array_equal(only, whole_values)
    assert close(gradient, whole_gradient)
    assert np.array_equal(each, cut.value_and_grad(batch, live, per_sample=True)[1])


@pytest.mark.usefixtures("three")
def test_a_batch_is_cut_between_blocks():
    """Parts are whole blocks but for the last, and together they are the batch."""
    assert threads.parts(100, 1.0, 32, 0.5) == [slice(0, 64), slice(64, 100)]
    assert threads.parts(96, 1.0, 32, 0.5) == [slice(0, 32), slice(32, 64), slice(64, 96)]
    assert threads.parts(320, 1.0, 32, 0.5) == [slice(0, 128), slice(128, 256), slice(256, 320)]
    assert threads.parts(31, 1.0, 32, 0.5) == [slice(0, 31)]
    assert threads.parts(64, 1.0, 32, 32.0) == [slice(0, 32), slice(32, 64)]
    assert threads.parts(64, 1.0, 32, 33.0) == [slice(0, 64)]


def test_little_work_is_not_cut(monkeypatch):
    """Without so much as a question how many threads there are."""
    monkeypatch.setattr(threads, "most", pytest.fail)
    assert threads.parts(96, 0.01, 32, 0.5) == [slice(0, 96)]


@pytest.mark.parametrize("setting", ["", "0", "many", "-1"])
def test_without_a_setting_every_processor_is_used(monkeypatch, setting):
    """As many threads as this process may use processors, however Python can tell."""
    monkeypatch.setenv("EVERYPATH_THREADS", setting)
    expected = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert threads.most() == expected
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert threads.most() == os.cpu_count()
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert threads.most() == 1


def test_the_quicker_variant_is_taken_and_the_other_tried_again():
    """Both are tried at first; one that was slow once gets another chance."""
    tuner = threads.Tuner()
    taken = []
    for run in range(60):
        variant = tuner.choose()
        tuner.record(variant, 1.0 if variant == (run > 30) else 3.0)
        taken.append(variant)
    assert taken[:3] == [0, 1, 0]
    assert [run for run in range(3, 31) if taken[run]] == [15]
    assert sum(taken[40:]) >= 17


def test_what_a_run_took_is_the_mean_of_it_and_all_before():
    """The latest counts for a half; so one slow run does not decide for ever."""
    tuner = threads.Tuner()
    for variant, seconds in ((0, 4.0), (1, 6.0), (0, 7.0)):
        tuner.record(variant, seconds)
    assert tuner.choose() == 0  # 5.5 against 6
    tuner.record(0, 6.75)  # 6.125
    assert tuner.choose() == 1


def test_what_is_timed_is_the_calls_alone(monkeypatch):
    """For each sample: larger batches are no slower."""
    clock = [100.0]
    monkeypatch.setattr(threads, "perf_counter", lambda: clock[0])

    def wait(seconds):
        clock[0] += seconds

    tuner = threads.Tuner()
    tuner.run([lambda: wait(6.0)], 1)
    tuner.run([lambda: wait(8.0)], 2)
    assert tuner.choose() == 1  # 4 seconds for a sample, not 6


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("samples", [1, 100])
def test_calls_run_in_turn_or_together(samples):
    """All of them, whichever way; together means in other threads too."""
    tuner, seen = threads.Tuner(), []
    gate = threading.Barrier(3, timeout=20)

    def call():
        seen.append(threading.current_thread().name.split("_")[0])

    def meeting():
        gate.wait()  # three at a time, or never
        call()

    tuner.run([call] * 3, samples)
    assert seen == [threading.current_thread().name] * 3
    tuner.run([meeting] * 3, samples)
    assert sorted(seen[3:]) == sorted([threading.current_thread().name, *["everypath"] * 2])


@pytest.mark.usefixtures("three")
def test_trouble_in_a_thread_is_not_lost():
    """It comes out of the call."""

    def trouble():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        threads.together([list, trouble])
