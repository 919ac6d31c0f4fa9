"""`Program`: shapes, reductions, parameters, guards, checks, reports, threads."""

import inspect
import math
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from program_examples import TIERS, close, network

import engine
from engine import Value
from engine.errors import (
    BranchChangedError,
    CompileError,
    DomainError,
    ShapeError,
    ValueTypeError,
)
from engine.program import numbers, program


@pytest.fixture(params=["python", "numpy", "lists"])
def tier(request, monkeypatch):
    """Each tier; ``lists`` is the Python tier where NumPy is not installed."""
    if request.param == "lists":
        monkeypatch.setattr(numbers, "numpy", lambda: None)
        monkeypatch.setattr(program, "numpy", lambda: None)
        return "python"
    return request.param


def product(tier, **options):
    """Compile w * x * y with respect to w and x."""
    w, x, y = Value(3.0, "w"), Value(0.0, "x"), Value(0.0, "y")
    return engine.compile(w * x * y, [x, y], [w, x], tier=tier, **options)


def plain(result):
    """Write arrays as lists."""
    return result.tolist() if isinstance(result, np.ndarray) else result


def test_shapes_of_one_output(tier):
    """One sample, a batch, per sample, the mean; no samples at all."""
    p = product(tier)
    value, gradient = p.value_and_grad([2.0, 5.0])
    assert (type(value), value, plain(gradient)) == (float, 30.0, [10.0, 15.0])
    assert plain(p.value_and_grad([2.0, 5.0], reduce=None)[1]) == [10.0, 15.0]
    batch = [[2.0, 5.0], [1.0, 1.0]]
    values, gradient = p.value_and_grad(batch)
    assert (plain(values), plain(gradient)) == ([30.0, 3.0], [11.0, 18.0])
    assert plain(p.value_and_grad(batch, reduce="mean")[1]) == [5.5, 9.0]
    assert plain(p.value_and_grad(batch, reduce=None)[1]) == [[10.0, 15.0], [1.0, 3.0]]
    assert plain(p.jacobian(batch)) == [[10.0, 15.0], [1.0, 3.0]]
    assert plain(p.value(batch)) == [30.0, 3.0]
    assert p.value((2.0, 5.0)) == 30.0
    assert plain(p.value([])) == []
    assert [plain(r) for r in p.value_and_grad([])] == [[], [0.0, 0.0]]
    assert [plain(r) for r in p.value_and_grad([], reduce=None)] == [[], []]


def test_shapes_of_several_outputs(tier):
    """Another axis for outputs, also for a list of one."""
    x, w = Value(1.0), Value(2.0)
    p = engine.compile([w * x, x], [x], [w, x], tier=tier)
    value, gradient = p.value_and_grad([3.0])
    assert (plain(value), plain(gradient)) == ([6.0, 3.0], [[3.0, 2.0], [0.0, 1.0]])
    values, gradient = p.value_and_grad([[3.0], [5.0]])
    assert (plain(values), plain(gradient)) == (
        [[6.0, 3.0], [10.0, 5.0]],
        [[8.0, 4.0], [0.0, 2.0]],
    )
    assert np.shape(p.jacobian([[3.0], [5.0]])) == (2, 2, 2)
    assert plain(p.value_and_grad([])[1]) == [[0.0, 0.0], [0.0, 0.0]]
    single = engine.compile([w * x], [x], [w], tier=tier)
    assert plain(single.value_and_grad([3.0])[1]) == [[3.0]]


def test_parameters_are_read_at_every_call_or_given(tier):
    """The Values of the model, or an array in the order of ``params``."""
    p = product(tier)
    (w,) = p.params
    w.data = 4
    assert p.value([1.0, 1.0]) == 4.0
    assert p.value([1.0, 1.0], params=[7]) == 7.0
    assert plain(p.value_and_grad([1.0, 2.0], [7.0])[1]) == [2.0, 14.0]
    assert w.data == 4


def test_arguments_that_do_not_fit_are_refused(tier):
    """Shapes, kinds, reductions."""
    p = product(tier)
    for wrong in ([1.0], [[1.0, 2.0, 3.0]], [[1.0, 2.0], [3.0]]):
        with pytest.raises(ShapeError):
            p.value_and_grad(wrong)
    with pytest.raises(ShapeError, match="params must hold 1 numbers"):
        p.value([1.0, 2.0], params=[1.0, 2.0])
    with pytest.raises(ValueTypeError):
        p.value(["a", "b"])
    with pytest.raises(CompileError, match=r"reduce is 'sum', 'mean' or None, not 'max'"):
        p.value_and_grad([1.0, 2.0], reduce="max")


def test_changed_branches_are_reported_with_their_line(tier):
    """Before any wrong number is given; the others of the batch are named fine."""
    x, w = Value(2.0, "x"), Value(3.0, "w")
    y = w * x if x > 1 else w - x
    p = engine.compile(y, [x], [w], tier=tier)
    assert plain(p.value([[2.0], [5.0]])) == [6.0, 15.0]
    assert p.verdicts([[2.0], [0.5], [math.nan]]) == [True, False, False]
    assert p.verdicts([]) == []
    expected = r"test_program\.py:\d+ compared x = 0.5 > 1.0: that was True .* sample 1"
    for call in (p.value, p.value_and_grad, p.jacobian):
        with pytest.raises(BranchChangedError, match=expected):
            call([[2.0], [0.5]])
    assert product(tier).verdicts([[1.0, 2.0]]) == [True]


def test_a_comparison_that_changes_in_the_last_digit_only_names_the_first_guard(monkeypatch):
    """Compiled arithmetic may differ from eager there; it is reported all the same."""
    x = Value(2.0, "x")
    assert x > 1
    p = engine.compile(x * x, [x], tier="python")
    monkeypatch.setattr(p.runner, "value", lambda rows, live: [[4.0, 0.0] for _ in rows])
    with pytest.raises(BranchChangedError, match=r"compared x = 2.0 > 1.0"):
        p.value([2.0])


def test_check_finite_names_the_first_bad_node(tier):
    """By running the sample again eagerly."""
    x, w = Value(2.0, "x"), Value(3.0, "w")
    p = engine.compile(w * x.log(), [x], [w], tier=tier, check_finite=True)
    assert p.value([1.0]) == 0.0
    with pytest.raises(DomainError, match=r"sample 1 of the batch: log\(x\) at x: x = -1.0"):
        p.value_and_grad([[1.0], [-1.0]])
    with pytest.raises(DomainError, match="starts from x = nan"):
        p.value([[math.nan]])
    free = engine.compile(w * x.log(), [x], [w], tier=tier)
    assert math.isnan(free.value([-1.0]))
    with pytest.raises(DomainError, match="the sum of the gradients over the batch overflows"):
        engine.compile(w * x, [x], [w], tier=tier, check_finite=True).value_and_grad(
            [[1.5e308], [1.5e308]], params=[0.5]
        )


def test_options_are_by_default_those_of_compile():
    """Nothing is checked or kept exact unless asked for."""
    parameters = inspect.signature(engine.compile).parameters
    options = program.Options()._asdict()
    assert options == {name: parameters[name].default for name in options}
    assert (options["exact"], options["check_finite"]) == (False, False)


def test_bind_gives_a_call_on_separate_numbers(tier):
    """It reads the parameters' array and writes the gradient's."""
    p = product(tier)
    bound = p.bind()
    assert bound.call(2.0, 5.0) == 30.0
    assert plain(bound.gradient) == [10.0, 15.0]
    bound.params[0] = 1.0
    assert bound.call(2.0, 5.0) == 10.0
    assert p.bind([2.0]).call(1.0, 1.0) == 2.0
    x, k = Value(1.0), Value(2.0)
    for unfit in (engine.compile([x], [x], tier=tier), engine.compile(x * k, [x], tier=tier)):
        with pytest.raises(CompileError, match="can be bound"):
            unfit.bind()


def test_bind_takes_the_tiers_own_call(monkeypatch):
    """If it has a quicker one."""
    p = product("numpy")
    monkeypatch.setattr(type(p.runner), "single", lambda *_: lambda *_: 42.0, raising=False)
    assert p.bind().call(1.0, 2.0) == 42.0


def test_report_repr_and_source_say_what_was_done():
    """Instructions, tier, times."""
    inputs, parameters, loss = network(4)
    p = engine.compile(loss, inputs, parameters, tier="python")
    assert "became 13 instructions (8 tanh, 2 group, 1 dot, 1 sub, 1 mul)" in p.report()
    assert "tier python; prepared in" in p.report()
    assert repr(p).startswith("<Program of 13 instructions: 3 inputs, 37 parameters, 1 outputs")
    assert p.source().splitlines()[0] == "inputs      x_1, x_2, t"
    assert p.preparation == sum(p.seconds.values()) > 0
    plain_program = engine.compile(loss, inputs, parameters, tier="python", passes=())
    assert len(plain_program.flat.instructions) > 60


def test_a_runner_with_a_choice_says_which_way_it_takes():
    """In the report, behind the tier."""
    x = Value(1.0)
    p = engine.compile(x * x, [x], tier="python")
    p.runner = SimpleNamespace(describe=lambda: "on foot")
    assert "tier python (on foot); prepared" in p.report()


@pytest.mark.parametrize("kind", TIERS)
def test_programs_are_safe_from_several_threads(kind):
    """Each call has its own numbers."""
    inputs, parameters, loss = network(3)
    p = engine.compile(loss, inputs, parameters, tier=kind)
    batches = np.random.default_rng(0).normal(size=(4, 20, 3))
    expected = [p.value_and_grad(batch)[1] for batch in batches]
    right = []

    def work(k):
        right.extend(close(p.value_and_grad(batches[k])[1], expected[k]) for _ in range(10))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 40


def test_settings_go_with_given_parameters(tier):
    """They are read from the graph."""
    x, w, k = Value(1.0), Value(2.0), Value(3.0)
    p = engine.compile(x * w * k, [x], [w], tier=tier)
    assert p.value([1.0], params=[5.0]) == 15.0


@pytest.mark.parametrize("kind", ["numpy", "llvm"])
def test_arrays_that_need_no_reading_give_the_same(kind):
    """The short way through a call, for ready arrays, is the long way, which lists take."""
    inputs, parameters, loss = network(3)
    p = engine.compile(loss, inputs, parameters, tier=kind)
    batch = np.random.default_rng(3).normal(size=(5, 3))
    params = np.array([w.data for w in parameters])
    for reduce in ("sum", "mean", None):
        short = p.value_and_grad(batch, params, reduce)
        long = p.value_and_grad(batch.tolist(), params.tolist(), reduce)
        assert [a.shape for a in short] == [a.shape for a in long]
        assert all(map(np.array_equal, short, long))
    values, gradient = p.value_and_grad(np.zeros((0, 3)), params)
    assert (values.shape, gradient.tolist()) == ((0,), [0.0] * len(params))
    with pytest.raises(CompileError, match="'sum', 'mean' or None, not 'total'"):
        p.value_and_grad(batch, params, "total")
    with pytest.raises(ShapeError, match="3 numbers"):
        p.value_and_grad(batch[:, :2].copy(), params)


def test_checks_are_made_on_ready_arrays_too():
    """Guards, finite results and several outputs take the long way."""
    w, x = Value(2.0, "w"), Value(1.0, "x")
    y = w * x if x > 0 else x
    batch, params = np.array([[1.0], [-1.0]]), np.array([2.0])
    with pytest.raises(BranchChangedError):
        engine.compile(y, [x], [w], tier="numpy").value_and_grad(batch, params)
    x = Value(1.0, "x")
    z = engine.compile((w * x).exp(), [x], [w], tier="numpy", check_finite=True)
    with pytest.raises(DomainError):
        z.value_and_grad(np.array([[1e4]]), params)
    several = engine.compile([w * x, x], [x], [w], tier="numpy")
    assert several.value_and_grad(batch, params)[0].shape == (2, 2)
    k = Value(3.0, "k")
    setting = engine.compile(w * x * k, [x], [w], tier="numpy")
    assert setting.value_and_grad(batch, params)[0].tolist() == [6.0, -6.0]
