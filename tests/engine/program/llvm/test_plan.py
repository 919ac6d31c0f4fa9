"""Which code runs a program: wide blocks, narrow ones, straight lines once it is hot."""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from program_examples import close, network

import engine
from engine import Value
from engine.program.llvm.blocks.entry import FORWARD
from engine.program.llvm.machine.runtime import machine
from engine.program.llvm.plan import Limits, Plan, aligned


def dotless():
    """Record a little graph without dots: inputs, parameters, result."""
    x, w, v = Value(0.5), Value(1.5), Value(-0.5)
    return [x], [w, v], ((x * w).tanh() * v).sin() / (engine.exp(x) + engine.sqrt(w * w))


def planned(graph, *, per_sample=False, **limits):
    """Make a plan of a graph."""
    inputs, parameters, y = graph
    flat = engine.compile(y, inputs, parameters, tier="python").flat
    return Plan(flat, per_sample=per_sample, limits=Limits(**limits))


def run(plan, batch, live, mode=0):
    """Run a plan: its values and its gradient."""
    flat = plan.flat
    shape = (len(batch), len(flat.wrt)) if mode == "each" else (len(flat.wrt),)
    values, gradient = np.empty(len(batch)), np.empty(shape)
    plan.run(batch, live, values, gradient, 0 if mode == "each" else mode)
    return values, gradient


def wait():
    """Wait until nothing is compiled any more."""
    for thread in threading.enumerate():
        if thread.name == "everypath compiles":
            thread.join()


def test_gradients_of_inputs_and_parameters_come_in_the_order_asked_for():
    """Summed, or for each sample; also of the first input."""
    x, t, w = Value(0.5), Value(0.25), Value(1.5)
    graph = [x, t], [w, t, x], x * t * w
    batch, live = np.array([[2.0, 3.0], [5.0, 7.0]]), np.array([10.0])
    values, each = run(planned(graph, per_sample=True), batch, live, "each")
    assert values.tolist() == [60.0, 350.0]
    assert each.tolist() == [[6.0, 20.0, 30.0], [35.0, 50.0, 70.0]]
    assert run(planned(graph), batch, live)[1].tolist() == [41.0, 70.0, 100.0]


@pytest.mark.parametrize("per_sample", [False, True])
def test_a_hot_program_becomes_straight_lines(per_sample):
    """In the background, once, and with the same results."""
    plan = planned(dotless(), per_sample=per_sample, hot=1000)
    plan.compile_when_hot()
    batch, live = np.random.default_rng(0).normal(size=(92, 1)), np.array([1.5, -0.5])
    mode = "each" if per_sample else 0
    for _ in range(10):
        values, gradient = run(plan, batch, live, mode)
    wait()
    assert plan.straight is None  # 1000 samples, for a call counts as 8
    run(plan, batch, live, mode)
    wait()
    first = plan.straight
    assert first is not None
    found = run(plan, batch, live, mode)
    assert close(found[0], values)
    assert close(found[1], gradient)
    for _ in range(24):
        run(plan, batch, live, mode)
    wait()
    assert plan.straight is first


def test_a_program_is_compiled_by_one_of_the_threads_that_find_it_hot(monkeypatch):
    """However many call it at that time."""
    plan, compiled = planned(dotless(), hot=10), []
    plan.compile_when_hot()
    monkeypatch.setattr(plan, "compile", lambda: compiled.append(1))
    batch, live = np.ones((50, 1)), np.ones(2)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: run(plan, batch, live), range(64)))
    wait()
    assert compiled == [1]


@pytest.mark.parametrize(("dots", "limits"), [(True, {}), (False, {"short": 8}), (False, {})])
def test_dots_and_what_is_long_stay_interpreted(dots, limits):
    """They run well as they are; what has few operands and no dots does not."""
    plan = planned(network(4) if dots else dotless(), hot=0, **limits)
    plan.compile_when_hot()
    run(plan, np.ones((3, plan.flat.inputs)), np.ones(plan.flat.live))
    wait()
    operands = plan.code.others
    assert (plan.straight is None) == (dots or operands > limits.get("short", 400))


def test_operands_up_to_the_limit_are_short():
    """The limit itself is taken."""
    operands = planned(dotless()).code.others
    for short, straight in ((operands, True), (operands - 1, False)):
        plan = planned(dotless(), hot=0, short=short)
        plan.compile_when_hot()
        run(plan, np.ones((3, 1)), np.ones(2))
        wait()
        assert (plan.straight is not None) == straight


@pytest.mark.parametrize("dots", [False, True])
def test_large_programs_run_in_narrower_blocks(dots):
    """So that their memory stays nearer to the processor; the results are the same."""
    graph = network(4) if dots else dotless()
    wide = planned(graph)
    room = wide.code.memory
    assert wide.width == machine().width
    assert wide.narrow is None
    limit = 8 * (room.values + room.adjoints) * wide.width.samples
    rng = np.random.default_rng(0)
    batch, live = rng.normal(size=(77, wide.flat.inputs)), rng.normal(size=wide.flat.live)
    expected = run(wide, batch, live)
    for most, vectors in ((limit, 4), (limit - 1, 2), (limit // 2 - 1, 1), (0, 1)):
        own = {"cache_of_dots" if dots else "cache": most}
        narrow = planned(graph, **own)
        assert narrow.width.vectors == vectors
        for found, other in zip(run(narrow, batch, live), expected, strict=True):
            assert close(found, other)
        assert np.array_equal(run(narrow, batch[:1], live)[0], expected[0][:1])
        assert (narrow.wide is None) == (vectors == 1)


def test_small_batches_run_in_narrow_blocks():
    """Up to one vector of samples; beyond that most of a block is filled."""
    plan, lanes = planned(network(4)), machine().width.lanes
    live = np.ones(plan.flat.live)
    assert (plan.narrow, plan.wide.samples) == (None, machine().width.samples)
    run(plan, np.ones((lanes + 1, 3)), live)
    assert plan.narrow is None
    run(plan, np.ones((lanes, 3)), live)
    assert plan.narrow.samples == lanes


@pytest.mark.parametrize("straight", [False, True])
def test_running_forward_leaves_the_gradient_alone(straight):
    """Whatever array is given for it."""
    plan = planned(dotless())
    if straight:
        plan.compile()
    batch, live = np.ones((5, 1)), np.array([1.5, -0.5])
    values, gradient = run(plan, batch, live)
    untouched = np.full(2, 7.0)
    again = np.empty(5)
    plan.run(batch, live, again, untouched, FORWARD)
    assert np.array_equal(again, values)
    assert untouched.tolist() == [7.0, 7.0]
    assert np.array_equal(run(plan, batch, live)[1], gradient)


@pytest.mark.parametrize(("long", "works"), [(50.0, True), (1e9, False)])
def test_long_runs_let_other_threads_work(long, works):
    """A thread of Python's goes on while machine code runs; short runs are over sooner."""
    plan = planned(network(16), thread=1e9, long=long)
    batch, live = np.ones((100_000, 3)), np.ones(plan.flat.live)
    run(plan, batch, live)
    done, seen = threading.Event(), []

    def work():
        while not done.is_set():
            seen.append(1)
            time.sleep(0)  # gives the others their turn

    values, gradient = np.empty(len(batch)), np.empty(len(plan.flat.wrt))
    interval = sys.getswitchinterval()
    worker = threading.Thread(target=work)
    worker.start()
    try:
        sys.setswitchinterval(5.0)  # nobody is interrupted: either they are let in or not
        before = len(seen)
        plan.run(batch, live, values, gradient, 0)
        after = len(seen)
    finally:
        sys.setswitchinterval(interval)
        done.set()
        worker.join()
    assert (after > before) == works


@pytest.mark.parametrize("per_sample", [False, True])
def test_a_long_batch_is_cut_into_parts(monkeypatch, per_sample):
    """Each writes its own rows; sums are added up, and forward there are none."""
    monkeypatch.setenv("EVERYPATH_THREADS", "2")
    whole = planned(network(4), per_sample=per_sample)
    cut = planned(network(4), per_sample=per_sample, long=0.5, thread=0.5)
    rng, mode = np.random.default_rng(0), "each" if per_sample else 0
    batch, live = rng.normal(size=(200, 3)), rng.normal(size=whole.flat.live)
    expected = run(whole, batch, live, mode)
    for _ in range(3):
        found = run(cut, batch, live, mode)
        assert np.array_equal(found[0], expected[0])
        assert close(found[1], expected[1])
    values, untouched = np.empty(200), np.full((200, 1), 7.0)
    cut.run(batch, live, values, untouched, FORWARD)
    assert np.array_equal(values, expected[0])
    assert (untouched == 7.0).all()


@pytest.mark.parametrize("count", [1, 7, 8, 100])
def test_memory_begins_at_a_cache_line(count):
    """Wherever NumPy takes it from."""
    for _ in range(20):
        array = aligned(count)
        assert array.ctypes.data % 64 == 0
        assert array.tolist() == [0.0] * count
