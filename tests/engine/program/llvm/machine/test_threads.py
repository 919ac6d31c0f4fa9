"""Parts of a batch in several threads: the same results, and only where that wins."""

import os

import numpy as np
import pytest
from program_examples import close, network

import engine
from engine.program.llvm import plan
from engine.program.llvm.machine import threads


@pytest.fixture
def three(monkeypatch):
    """Let even small batches be cut into three parts."""
    monkeypatch.setattr(threads, "ENOUGH", 0.5)
    monkeypatch.setattr(plan, "_LONG", 0.5)
    monkeypatch.setenv("EVERYPATH_THREADS", "3")
    threads.pool.cache_clear()
    yield
    threads.pool.cache_clear()


@pytest.mark.usefixtures("three")
def test_parts_give_the_results_of_the_whole(monkeypatch):
    """Values and gradients of each sample to the bit, sums up to their order; always the same."""
    inputs, parameters, loss = network(6)
    cut = engine.compile(loss, inputs, parameters)
    batch = np.random.default_rng(0).normal(size=(500, 3))
    values, gradient = cut.value_and_grad(batch)
    again = cut.value_and_grad(batch)[1]
    assert np.array_equal(again, gradient)
    for _ in range(20):  # in threads or one after the other
        assert np.array_equal(cut.value_and_grad(batch)[1], gradient)
    only, each = cut.value(batch), cut.value_and_grad(batch, reduce=None)[1]
    monkeypatch.setenv("EVERYPATH_THREADS", "1")
    whole_values, whole_gradient = cut.value_and_grad(batch)
    assert np.array_equal(values, whole_values)
    assert np.array_equal(only, whole_values)
    assert close(gradient, whole_gradient)
    assert np.array_equal(each, cut.value_and_grad(batch, reduce=None)[1])


@pytest.mark.usefixtures("three")
def test_a_batch_is_cut_between_blocks():
    """Parts are whole blocks but for the last, and together they are the batch."""
    assert threads.parts(100, 1.0, 32) == [slice(0, 64), slice(64, 100)]
    assert threads.parts(96, 1.0, 32) == [slice(0, 32), slice(32, 64), slice(64, 96)]
    assert threads.parts(31, 1.0, 32) == [slice(0, 31)]
    assert threads.parts(96, 0.01, 32) == [slice(0, 96)]


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


def test_the_quicker_of_two_ways_is_taken_and_the_other_tried_again():
    """Both are tried at first; a way that was slow once gets another chance."""
    contest = threads.Contest()
    taken = []
    for turn in range(60):
        way = contest.pick()
        contest.note(way, 1.0 if way == (turn > 30) else 3.0)
        taken.append(way)
    assert taken[:3] == [0, 1, 0]
    assert sum(taken[3:31]) <= 2
    assert sum(taken[40:]) >= 17
