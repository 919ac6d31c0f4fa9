"""The decorator: recording once for each way through a function."""

import copy
import math
import pickle
import threading
from typing import Any, NamedTuple

import numpy as np
import pytest
from program_examples import close

import engine
from engine import Value
from engine.core.comparisons import watched
from engine.errors import CompileError, ShapeError, TooLargeError, ValueTypeError
from engine.program import numbers, program, trace
from engine.program.trace import watch


@pytest.fixture(params=["python", "numpy", "lists"])
def tier(request, monkeypatch):
    """Each tier; ``lists`` is the Python tier where NumPy is not installed."""
    if request.param == "lists":
        for module in (numbers, program, trace):
            monkeypatch.setattr(module, "numpy", lambda: None)
        return "python"
    return request.param


def test_a_function_is_recorded_once(tier):
    """Then it is replayed."""
    calls = []

    @engine.compile(tier=tier)
    def f(x, y):
        calls.append(1)
        return x * y

    assert (f(2.0, 3.0), f(4.0, 5.0), f.value([6.0, 7.0])) == (6.0, 20.0, 42.0)
    assert len(calls) == 1
    assert "2 ways" not in repr(f)
    assert repr(f).endswith("f, 1 ways recorded>")
    assert f.programs[0].source().startswith("inputs      x, y")


def test_every_way_is_recorded_once_and_batches_are_split(tier):
    """Comparisons of temporaries count; results keep the order of the batch."""

    @engine.compile(tier=tier)
    def f(x, y):
        if x * 2 > y:
            return x * y
        return x - y if max(x, y) > 0 else y * y

    def expected(x, y):
        return x * y if x * 2 > y else x - y if max(x, y) > 0 else y * y

    batch = [[3.0, 2.0], [-1.0, 3.0], [-1.0, -1.0], [5.0, 1.0], [-2.0, 4.0]]
    values, gradients = f.value_and_grad(batch, reduce=None)
    assert close(values, [expected(*row) for row in batch])
    assert close(gradients, [[2, 3], [1, -1], [0, -2], [1, 5], [1, -1]])
    assert len(f.programs) == 3
    assert close(f.value_and_grad(batch)[1], [5, 4])
    assert close(f.value_and_grad(batch, reduce="mean")[1], [1, 0.8])
    assert close(f.value(batch), values)
    value, gradient = f.value_and_grad([3.0, 2.0])
    assert (value, list(gradient)) == (6.0, [2.0, 3.0])
    value, gradient = f.value_and_grad([-1.0, 3.0], reduce=None)
    assert (value, list(gradient)) == (-4.0, [1.0, -1.0])
    assert [f(*row) for row in batch] == [expected(*row) for row in batch]
    assert len(f.programs) == 3


def test_parameters_of_a_model_can_be_differentiated(tier):
    """``wrt`` names them; they are read at every call."""
    w, unused, bias = Value(2.0, "w"), Value(9.0), Value(1.0)

    @engine.compile(wrt=[w, unused], tier=tier)
    def f(x):
        return w * x + bias if x > 0 else w

    values, gradient = f.value_and_grad([[1.0], [-1.0], [3.0]])
    assert close(values, [3.0, 2.0, 7.0])
    assert close(gradient, [5.0, 0.0])
    w.data, bias.data = 10.0, 0.0
    assert f(2.0) == 20.0
    assert f.value([2.0], params=[3.0, 0.0]) == 6.0


def test_functions_may_return_lists_and_numbers(tier):
    """A list gives a Jacobian; a number is a constant result."""

    @engine.compile(tier=tier)
    def f(x):
        return [x * x, 1] if x > 0 else [-x, x]

    assert f(3.0) == [9.0, 1.0]
    assert close(f.value([[3.0], [-2.0]]), [[9, 1], [2, -2]])
    assert close(f.value_and_grad([[3.0], [-2.0]], reduce=None)[1], [[[6], [0]], [[-1], [1]]])
    assert close(f.value([-2.0]), [2, -2])
    value, gradient = f.value_and_grad([3.0], reduce=None)
    assert close(value, [9, 1])
    assert close(gradient, [[6], [0]])

    @engine.compile(tier=tier)
    def seven(x):
        return 7 if x is not None else x

    assert seven(1.0) == 7.0
    assert close(seven.value_and_grad([1.0])[1], [0.0])


class Pair(NamedTuple):
    """Two numbers."""

    first: Any
    second: Any


def test_results_keep_their_structure(tier):
    """Tuples, named tuples and dictionaries, one in the other; columns are in their order."""

    @engine.compile(tier=tier)
    def f(x, y):
        pair = Pair(x * y, 2)
        return {"b": (x + y, [x]), "a": pair} if x > 0 else {"b": (x, [y]), "a": pair}

    assert f(2.0, 3.0) == {"b": (5.0, [2.0]), "a": Pair(6.0, 2.0)}
    assert type(f(-2.0, 3.0)["a"]) is Pair
    assert f(-2.0, 3.0) == {"b": (-2.0, [3.0]), "a": (-6.0, 2.0)}
    assert close(f.value([[2.0, 3.0], [-2.0, 3.0]]), [[5, 2, 6, 2], [-2, 3, -6, 2]])
    one = engine.compile(lambda x: (x * x,), tier=tier)
    assert one(3.0) == (9.0,)
    assert close(one.value_and_grad([[3.0]])[1], [[6.0]])


@pytest.mark.parametrize("other", [lambda x: [x], lambda x: {"b": x, "a": x}, lambda x: (x, [x])])
def test_every_way_must_return_the_same_structure(other):
    """Else the results of a batch would not fit together; the first way still works."""
    f = engine.compile(lambda x: {"a": x, "b": x} if x > 0 else other(x), tier="python")
    assert f(1.0) == {"a": 1.0, "b": 1.0}
    with pytest.raises(ValueTypeError, match=r"the same structure .* on \[-1.0\]"):
        f(-1.0)
    assert f(2.0) == {"a": 2.0, "b": 2.0}
    assert len(f.programs) == 1


def test_values_among_the_arguments_record_as_usual():
    """So compiled functions can be used inside other graphs."""

    @engine.compile
    def f(x):
        return x * x

    x = Value(3.0)
    y = f(x)
    assert y.parents == (x, x)


def test_any_number_of_arguments_may_be_taken():
    """Each number of arguments has its own recordings, named after the parameters."""

    @engine.compile(tier="python")
    def total(first, *rest, scale=2.0):
        return engine.sum([first, *rest]) * scale

    assert (total(1.0), total(1.0, 2.0, 3.0)) == (2.0, 12.0)
    assert [x.label for x in total.programs[1].inputs] == ["first", "rest_0", "rest_1"]
    assert engine.compile(engine.exp)(0.0) == 1.0
    nameless = engine.compile(type("F", (), {"__call__": lambda _, x: x, "__signature__": 3})())
    assert nameless(2.0) == 2.0
    assert "F object" in repr(nameless)


def test_nan_takes_the_way_that_comparisons_with_nan_take():
    """Each is false."""

    @engine.compile
    def f(x):
        return x * 2 if x > 0 else x * 3

    values = f.value([[1.0], [math.nan], [-1.0]])
    assert values[0] == 2.0
    assert math.isnan(values[1])
    assert values[2] == -3.0


def test_a_recording_always_serves_the_sample_it_was_made_on(monkeypatch):
    """Also where compiled arithmetic compares differently in the last digit."""

    @engine.compile(tier="python")
    def f(x):
        return x * 2 if x > 0 else x * 3

    f(1.0)
    monkeypatch.setattr(program.Program, "verdicts", lambda _, rows, __=None: [False] * len(rows))
    assert f(-1.0) == -3.0


def test_what_cannot_be_traced_is_said():
    """Endless ways, no samples, no Value."""

    @engine.compile(tier="python", passes=())
    def signs(*xs):
        return engine.sum([x * 2.0 if x > 0 else x for x in xs])

    def row(k, length=9):
        return [1.0 if k >> bit & 1 else -1.0 for bit in range(length)]

    for k in range(255):
        assert signs(*row(k)) == sum(2.0 * x if x > 0 else x for x in row(k))
    assert signs(*row(1, 5)) == -2.0  # another number of arguments is another way
    with pytest.raises(TooLargeError, match=r"the numbers of its arguments.* more than 256 diff"):
        signs(*row(255))
    assert signs(*row(254)) == sum(2.0 * x if x > 0 else x for x in row(254))
    with pytest.raises(CompileError, match="no samples"):
        engine.compile(lambda x: x).value(np.zeros((0, 1)))
    with pytest.raises(ValueTypeError, match=r"must return a Value, or a list, .* not None"):
        engine.compile(lambda _: None)(1.0)
    with pytest.raises(ValueTypeError, match=r"not \[\] \(list\)"):
        engine.compile(lambda x: [x, []])(1.0)
    with pytest.raises(ValueTypeError, match=r"not 'x' \(str\)"):
        engine.compile(lambda _: "x")(1.0)
    with pytest.raises(ValueTypeError, match="'a'"):
        engine.compile(lambda x: x)("a")
    with pytest.raises(ShapeError):
        engine.compile(lambda x, y: x * y).value([[1.0, 2.0], [1.0]])


def test_only_this_threads_comparisons_are_watched():
    """Another thread's are its own business; the observer is put back."""
    x = Value(1.0)
    with watch() as seen:
        thread = threading.Thread(target=lambda: x > 0)
        thread.start()
        thread.join()
        with watch() as inner:
            assert x > 2 or x > 0
        assert x < 5
    assert [guard.relation for guard in seen] == ["<"]
    assert len(inner) == 2
    assert watched.blocks == set()


def test_comparing_with_a_temporary_is_understood(tier):
    """The tracer keeps both sides alive until the guard is compiled."""

    @engine.compile(tier=tier)
    def f(x, y):
        return x * y if x > y * 2 else x + y

    assert close(f.value([[3.0, 1.0], [3.0, 2.0], [0.0, -1.0]]), [3.0, 5.0, 0.0])
    assert len(f.programs) == 2


def test_a_way_is_recorded_at_the_parameters_that_are_given():
    """Not at those that the Values have, which are untouched."""
    w = Value(1.0, "w")
    steep = engine.compile(lambda x: 3 * w * x if w * x > 0 else w * x, wrt=[w])
    assert float(steep.value([2.0], params=[-1.0])) == -2.0
    assert w.data == 1.0


def test_a_method_is_told_how_to_be_compiled():
    """A compiled function takes numbers only, so it cannot be handed the object."""

    class Model:
        @engine.compile
        def square(self, x):
            return x * x

        shared = engine.compile(lambda x: x + 1.0)

        def __init__(self):
            self.cube = engine.compile(self.power)

        def power(self, x):
            return x**3

    with pytest.raises(CompileError, match=r"square is a method.*in __init__"):
        Model().square(2.0)
    assert (Model().shared(2.0), Model().cube(2.0)) == (3.0, 8.0)
    assert isinstance(Model.square, trace.Traced)


@pytest.mark.parametrize("copies", [copy.copy, copy.deepcopy, pickle.dumps])
def test_compiled_things_are_not_copied(copies):
    """They are bound to their Values and this process; the error says what to do instead."""
    f = engine.compile(lambda x: x * x)
    f(2.0)
    for compiled in (f, f.programs[0]):
        with pytest.raises(CompileError, match="compile again"):
            copies(compiled)
