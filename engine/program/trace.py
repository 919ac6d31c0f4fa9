"""`engine.compile` as a decorator: record a function on its first call, replay it afterwards.

A function may take another way on other numbers (``if x > 0``). Its recording knows every
comparison it made, so a program notices; then the function is recorded again on the sample that
went the other way. Each way is recorded once, and a batch is split between them.
"""

from __future__ import annotations

import functools
import inspect
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from engine.core.comparisons import watched
from engine.core.node import Node
from engine.core.value import Value, constant
from engine.errors import CompileError, TooLargeError, ValueTypeError
from engine.program.building import compile_graph
from engine.program.numbers import added, numpy, read_batch, read_vector, scaled, width
from engine.program.program import NO_COPIES
from engine.program.recording.guards import Guard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from engine.core.comparisons import Branch
    from engine.program.program import Options, Program, Reduce

MOST_WAYS = 256
"""A function that takes more different ways through its code is not worth recording."""


@contextmanager
def watch() -> Iterator[list[Guard]]:
    """Collect the comparisons that this thread or task makes, as guards that keep both sides."""
    seen: list[Guard] = []

    def observe(compared: Node, branch: Branch) -> None:
        seen.append(Guard.of(compared, branch))

    with watched.block(observe):
        yield seen


class Traced:
    """A function that is recorded once for each way through it, and replayed; see `compile`.

    Attributes:
        function: The function itself.
    """

    def __init__(
        self, function: Callable[..., Any], wrt: Sequence[Any] | None, options: Options
    ) -> None:
        functools.update_wrapper(self, function)
        self.function = function
        self._wrt = wrt
        self._options = options
        self._ways: dict[int, list[Program]] = {}  # by the number of arguments
        self._shapes: dict[int, _Shape | None] = {}  # of results, by the same
        self._lock = threading.RLock()

    def __get__(self, instance: object, owner: type | None = None) -> Self:
        """Refuse to be a method: nobody would hand the object over."""
        first = next(iter(inspect.signature(self.function).parameters), "")
        if instance is not None and first == "self":
            raise CompileError(
                f"{self.function.__qualname__} is a method, but a compiled function takes numbers "
                "only; compile it for an object: self.f = engine.compile(self.f) in __init__"
            )
        return self

    def __reduce__(self) -> Any:
        """Refuse to be pickled or copied."""
        raise CompileError(NO_COPIES)

    @property
    def programs(self) -> list[Program]:
        """The programs recorded so far, one for each way, the latest first."""
        return [program for ways in self._ways.values() for program in ways]

    def __call__(self, *arguments: Any) -> Any:
        """Evaluate the function.

        Args:
            *arguments: Numbers; with a Value among them the function itself runs, and records.

        Returns:
            What the function returns, with floats for its Values: one, or a list, a tuple or a
            dictionary of them, or of such.

        Example:
            >>> from engine import compile
            >>> @compile
            ... def both(x, y):
            ...     return {"sum": x + y, "products": (x * y, x * x)}
            >>> both(2.0, 3.0)
            {'sum': 5.0, 'products': (6.0, 4.0)}
        """
        if any(isinstance(x, Node) for x in arguments):
            return self.function(*arguments)
        found = self.value(arguments)
        numbers = iter([found] if isinstance(found, float) else map(float, found))
        return _filled(self._shapes[len(arguments)], numbers)

    def value(self, batch: Any, params: Any = None) -> Any:
        """Evaluate the function on one sample or a batch, as `Program.value` does.

        Several results are columns, in the order in which the function's result holds them.
        """
        return self._run(batch, params, "sum", gradient=False)[0]

    def value_and_grad(
        self, batch: Any, params: Any = None, reduce: Reduce = "sum"
    ) -> tuple[Any, Any]:
        """Evaluate and differentiate the function on one sample or a batch.

        Args:
            batch: One sample, a sequence of the function's arguments, or a batch of them.
            params: As in `Program.value_and_grad`.
            reduce: As in `Program.value_and_grad`.

        Returns:
            What `Program.value_and_grad` returns, with respect to the arguments, or to ``wrt``.

        Example:
            >>> from engine import compile
            >>> @compile
            ... def steep(x):
            ...     return 3 * x if x > 0 else x
            >>> values, gradients = steep.value_and_grad([[2.0], [-2.0]], reduce=None)
            >>> [float(v) for v in values], [float(g[0]) for g in gradients]
            ([6.0, -2.0], [3.0, 1.0])
        """
        return self._run(batch, params, reduce, gradient=True)

    def __repr__(self) -> str:
        name = getattr(self.function, "__qualname__", repr(self.function))
        return f"<compiled {name}, {len(self.programs)} ways recorded>"

    def _run(self, batch: Any, params: Any, reduce: Reduce, *, gradient: bool) -> tuple[Any, Any]:
        """Run on the way recorded last; if it does not fit every sample, split the batch."""
        columns = width(batch)
        ways = self._ways.get(columns)
        if not ways:
            rows, _ = read_batch(batch, columns, arrays=False)
            if not rows:
                raise CompileError(f"{self!r} cannot be recorded on a batch of no samples")
            ways = [self._record(rows[0], params)]
        found = ways[0].attempt(batch, params, reduce, gradient=gradient)
        return found or self._split(batch, params, reduce, gradient=gradient)

    def _split(
        self, batch: Any, params: Any, reduce: Reduce, *, gradient: bool
    ) -> tuple[Any, Any]:
        """Run every sample on the way that fits it, and put the results together."""
        rows, one = read_batch(batch, width(batch), arrays=False)
        parts: list[tuple[list[int], Any, Any]] = []
        rest = list(range(len(rows)))
        ways = list(self._ways[len(rows[0])])
        each: Reduce = None if reduce is None else "sum"
        while rest:
            new = not ways
            program = ways.pop(0) if ways else self._record(rows[rest[0]], params)
            fits = program.verdicts([rows[k] for k in rest], params)
            if new:  # it was recorded on this sample, so it fits, whatever the last digit says
                fits[0] = True
            chosen = [k for k, fit in zip(rest, fits, strict=True) if fit]
            rest = [k for k, fit in zip(rest, fits, strict=True) if not fit]
            if chosen:
                samples = [rows[k] for k in chosen]
                found = program.attempt(samples, params, each, gradient=gradient, trust=True)
                assert found is not None  # it was told to trust
                parts.append((chosen, *found))
        values, gradients = _together(parts, len(rows), summed=reduce is not None)
        if one:
            whole = values[0] if hasattr(values[0], "__len__") else float(values[0])
            return whole, gradients[0] if gradient and reduce is None else gradients
        if reduce == "mean" and gradient:
            gradients = scaled(gradients, 1.0 / len(rows))
        return values, gradients

    @contextmanager
    def _set(self, params: Any) -> Iterator[None]:
        """Let the parameters have the numbers that a call was given, and then their own again."""
        leaves = [] if params is None else list(self._wrt or ())
        numbers = [] if params is None else read_vector(params, len(leaves), arrays=False)
        before = [leaf.data for leaf in leaves]
        try:
            for leaf, number in zip(leaves, numbers, strict=True):
                leaf.data = float(number)
            yield
        finally:
            for leaf, number in zip(leaves, before, strict=True):
                leaf.data = number

    def _record(self, sample: Sequence[float], params: Any) -> Program:
        """Record the function on a sample, and compile what it did."""
        with self._lock:
            if len(self.programs) >= MOST_WAYS:
                raise TooLargeError(
                    f"{self!r}: the comparisons in this function, and the numbers of its "
                    f"arguments, come out in more than {MOST_WAYS} different ways. Use maximum, "
                    "minimum, where or clamp, which choose without a branch"
                )
            names = _names(self.function, len(sample))
            leaves = [Value(x, name) for x, name in zip(sample, names, strict=True)]
            with self._set(params), watch() as guards:
                result = self.function(*leaves)
            outputs: list[Any] = []
            shape = _taken_apart(result, outputs, self)
            y = outputs[0] if shape is None else outputs
            program = compile_graph(y, leaves, self._wrt, self._options, guards)
            if self._shapes.setdefault(len(sample), shape) != shape:
                raise ValueTypeError(
                    f"{self!r} must return the same structure whichever way it takes, but gives "
                    f"{result!r} on {list(sample)}"
                )
            self._ways.setdefault(len(sample), []).insert(0, program)
            return program


class _Shape(NamedTuple):
    """What holds the numbers of a result: its kind, its keys if it is a dictionary, its members.

    A member is a shape, or None for a number.
    """

    kind: Any
    keys: tuple[Any, ...] | None
    members: tuple[_Shape | None, ...]

    def filled(self, numbers: Iterator[float]) -> Any:
        """Put numbers in the places."""
        found = [_filled(member, numbers) for member in self.members]
        if self.keys is not None:
            return dict(zip(self.keys, found, strict=True))
        return self.kind(*found) if hasattr(self.kind, "_fields") else self.kind(found)


def _filled(shape: _Shape | None, numbers: Iterator[float]) -> Any:
    return next(numbers) if shape is None else shape.filled(numbers)


def _taken_apart(result: Any, outputs: list[Any], traced: Traced) -> _Shape | None:
    """Append the Values and numbers of a result to a list; tell what held them."""
    if isinstance(result, Node | int | float):
        outputs.append(result if isinstance(result, Node) else constant(result))
        return None
    keys = tuple(result) if isinstance(result, dict) else None
    members = result.values() if isinstance(result, dict) else result
    if not members or not isinstance(result, dict | list | tuple):
        raise ValueTypeError(
            f"{traced!r} must return a Value, or a list, a tuple or a dictionary of Values, not "
            f"{result!r} ({type(result).__name__})"
        )
    return _Shape(type(result), keys, tuple([_taken_apart(x, outputs, traced) for x in members]))


def _names(function: Callable[..., Any], count: int) -> list[str]:
    """Name the arguments as the function does."""
    names: list[str] = []
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a built-in function
        parameters = {}.values()
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            names += [f"{parameter.name}_{k}" for k in range(count - len(names))]
        elif parameter.kind is not parameter.KEYWORD_ONLY:
            names.append(parameter.name)
    return [*names, *[""] * count][:count]


def _together(
    parts: list[tuple[list[int], Any, Any]], size: int, *, summed: bool
) -> tuple[Any, Any]:
    """Put the results of several programs into the order of the batch, or add them up."""
    places, values, gradients = zip(*parts, strict=True)
    placed = _placed(places, values, size)
    if gradients[0] is None:
        return placed, None
    if not summed:
        return placed, _placed(places, gradients, size)
    return placed, functools.reduce(added, gradients)


def _placed(places: Sequence[list[int]], parts: Sequence[Any], size: int) -> Any:
    result: list[Any] = [None] * size
    for rows, found in zip(places, parts, strict=True):
        for row, one in zip(rows, found, strict=True):
            result[row] = one
    np = numpy()
    return result if np is None else np.array(result)
