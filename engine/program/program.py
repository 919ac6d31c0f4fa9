"""`Program`: a compiled graph, that runs again on new numbers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from engine.core.domain import ieee
from engine.core.node import Node
from engine.errors import CompileError, DomainError
from engine.program.instructions import Apply
from engine.program.listing import listing
from engine.program.numbers import finite, numpy, read_batch, read_values, read_vector, scaled
from engine.program.passes.passes import PASSES, run_passes
from engine.program.passes.schedule import schedule
from engine.program.rerun import not_finite, rerun
from engine.program.tiers import prepare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from engine.program.instructions import FlatProgram
    from engine.program.recording.capture import Captured

_REDUCTIONS = ("sum", "mean", None)
Reduce = Literal["sum", "mean"] | None


class Options(NamedTuple):
    """How a graph is compiled; the arguments of `engine.compile` of these names."""

    tier: str = "auto"
    passes: Iterable[str] = tuple(PASSES)
    exact: bool = False
    check_finite: bool = False


class Bound(NamedTuple):
    """A program tied to its arrays, for the quickest calls on one sample (`Program.bind`).

    Attributes:
        call: A function of the inputs as separate floats. It returns the value.
        params: The parameters; every call reads them, so change them in place.
        gradient: Every call writes the gradient here.
    """

    call: Callable[..., float]
    params: Any
    gradient: Any


NO_COPIES = (
    "a compiled program cannot be pickled or copied, for it is bound to this process and to its "
    "Values; pickle or copy the recorded Values, and compile again"
)


class Program:
    """A recorded graph, compiled: it runs forward and backward again on new numbers.

    Made by `engine.compile`. Safe to call from several threads. Outside an operation's domain it
    gives inf and nan, as NumPy does, for that sample alone.

    Attributes:
        flat: The instructions.
        inputs: The leaves that are columns of a batch.
        wrt: The leaves that gradients are with respect to.
        params: The leaves in ``wrt`` that are not inputs: the order of ``params=...`` arrays.
        tier: The name of the tier that runs it.
        runner: The program as that tier has prepared it.
        seconds: How long each part of the preparation took.
    """

    def __init__(
        self,
        captured: Captured,
        outputs: Sequence[Any],
        inputs: Sequence[Any],
        wrt: Sequence[Any],
        options: Options,
        *,
        several: bool,
        capturing: float,
    ) -> None:
        tape = captured.tape
        self.inputs, self.wrt = tuple(inputs), tuple(wrt)
        self.outputs, self.guards = tuple(outputs), captured.guards
        self.params = tuple(captured.live[: tape.parameters])
        self._live = captured.live
        self._several, self._check_finite = several, options.check_finite
        self.recorded = len(tape.rows)
        started = time.perf_counter()
        run_passes(tape, () if options.exact else options.passes)
        passed = time.perf_counter()
        self.flat: FlatProgram = schedule(tape, exact=options.exact)
        scheduled = time.perf_counter()
        chosen, self.runner = prepare(self.flat, options.tier)
        self.tier = chosen.name
        self._arrays = chosen.arrays
        special = several or options.check_finite or self.guards or tape.live > tape.parameters
        self._step = None if special else getattr(self.runner, "step", None)
        self.seconds = {
            "capture": capturing,
            "passes": passed - started,
            "schedule": scheduled - passed,
            "tier": time.perf_counter() - scheduled,
        }

    def __reduce__(self) -> Any:
        """Refuse to be pickled or copied."""
        raise CompileError(NO_COPIES)

    # ------------------------------------------------------------ running

    def value_and_grad(
        self, batch: Any, params: Any = None, reduce: Reduce = "sum"
    ) -> tuple[Any, Any]:
        """Run forward and backward.

        Args:
            batch: One sample, a sequence of as many numbers as there are inputs; or a batch, an
                array (or a sequence of sequences) of shape (batch, inputs).
            params: The parameters, as many numbers as `params`; None to read the Values.
            reduce: Over the samples of a batch, ``"sum"`` or ``"mean"`` of the gradients, or None
                for the gradient of each sample.

        Returns:
            For one sample, the value (a float) and the gradient (len(wrt),). For a batch, the
            values (batch,) and the gradient (len(wrt),), or (batch, len(wrt)) with
            ``reduce=None``. A program of several outputs has another axis, (outputs,), before the
            last one of the gradient and at the end of the values. Arrays where NumPy is
            installed, else lists.

        Raises:
            ShapeError: If ``batch`` or ``params`` has the wrong shape.
            ValueTypeError: If they are not numbers.
            BranchChangedError: If the recording would have taken another branch on a sample.
            DomainError: If the program was compiled with ``check_finite`` and a result is not.

        Example:
            >>> from engine import Value, compile
            >>> w, x = Value(3.0, "w"), Value(0.0, "x")
            >>> program = compile(w * x * x, inputs=[x], wrt=[w])
            >>> value, gradient = program.value_and_grad([2.0])
            >>> float(value), float(gradient[0])
            (12.0, 4.0)
        """
        if self._step is not None and reduce in ("sum", "mean"):
            # A step of training, as a rule: nothing to read, nothing to check.
            quick = self._step(batch, params)
            if quick is not None:
                values, gradients = quick
                if reduce == "mean":
                    gradients *= 1.0 / len(batch)
                return values, gradients
        found = self.attempt(batch, params, reduce, gradient=True)
        if found is None:
            raise self._changed(batch, params)
        return found

    def value(self, batch: Any, params: Any = None) -> Any:
        """Run forward only.

        Args:
            batch: One sample or a batch, as in `value_and_grad`.
            params: The parameters; None to read the Values.

        Returns:
            A float for one sample, (batch,) for a batch; with several outputs (outputs,) and
            (batch, outputs).

        Raises:
            ShapeError: If ``batch`` or ``params`` has the wrong shape.
            ValueTypeError: If they are not numbers.
            BranchChangedError: If the recording would have taken another branch on a sample.
            DomainError: If the program was compiled with ``check_finite`` and a result is not.
        """
        found = self.attempt(batch, params, "sum", gradient=False)
        if found is None:
            raise self._changed(batch, params)
        return found[0]

    def jacobian(self, batch: Any, params: Any = None) -> Any:
        """Differentiate every output, for every sample.

        Args:
            batch: One sample or a batch, as in `value_and_grad`.
            params: The parameters; None to read the Values.

        Returns:
            (outputs, len(wrt)) for one sample, (batch, outputs, len(wrt)) for a batch. A program
            that was compiled from one Value, not from a list, has no axis for outputs.

        Raises:
            ShapeError: If ``batch`` or ``params`` has the wrong shape.
            BranchChangedError: If the recording would have taken another branch on a sample.
        """
        return self.value_and_grad(batch, params, reduce=None)[1]

    def bind(self, params: Any = None) -> Bound:
        """Tie the program to arrays, for the quickest calls on one sample.

        Nothing is checked per call: neither guards (a program with guards cannot be bound) nor
        finite results.

        Args:
            params: A float64 array that calls read from then on; None to make one from the
                Values.

        Returns:
            The function and its arrays.

        Raises:
            CompileError: If the program has several outputs, settings or guards.

        Example:
            >>> from engine import Value, compile
            >>> x, y = Value(3.0), Value(4.0)
            >>> bound = compile(x * y, inputs=[x, y], wrt=[x, y]).bind()
            >>> bound.call(5.0, 6.0), [float(d) for d in bound.gradient]
            (30.0, [6.0, 5.0])
        """
        if self._several or self.guards or len(self._live) > len(self.params):
            raise CompileError(
                "only a program of one output, without guards and without settings (leaves that "
                "are neither inputs nor in wrt) can be bound; call value_and_grad instead"
            )
        given = self._read_live(params)
        gradient: Any = [0.0] * len(self.wrt)
        if self._arrays:
            gradient = numpy().zeros(len(self.wrt))
        single = getattr(self.runner, "single", None)
        call = single and single(given, gradient)
        return Bound(call or self._plain_call(given, gradient), given, gradient)

    def _plain_call(self, live: Any, gradient: Any) -> Callable[..., float]:
        np = numpy() if self._arrays else None

        def call(*sample: float) -> float:
            row: Any = [sample] if np is None else np.array([sample], dtype=float)
            values, (found,) = self.runner.value_and_grad(row, live, False)
            gradient[:] = found
            return float(values[0][0])

        return call

    def attempt(
        self, batch: Any, params: Any, reduce: Reduce, *, gradient: bool, trust: bool = False
    ) -> tuple[Any, Any] | None:
        """Run as `value_and_grad` does; None if a comparison does not come out as recorded.

        ``gradient=False`` is for the values alone, ``trust=True`` for results whatever the
        comparisons say.
        """
        if reduce not in _REDUCTIONS:
            raise CompileError(f"reduce is 'sum', 'mean' or None, not {reduce!r}")
        inputs, one = read_batch(batch, len(self.inputs), arrays=self._arrays)
        live = self._read_live(params)
        per_sample = reduce is None and not one
        if len(inputs) == 0:
            return self._nothing(per_sample)
        gradients = None
        if gradient:
            values, gradients = self.runner.value_and_grad(inputs, live, per_sample)
        else:
            values = self.runner.value(inputs, live)
        if self.guards and not trust and not all(_verdicts(values)):
            return None
        if self._check_finite and not (
            finite(values) and (gradients is None or finite(gradients))
        ):
            raise self._bad(inputs, live)
        if gradient:
            if reduce == "mean":
                gradients = scaled(gradients, 1.0 / len(inputs))
            gradients = self._shaped_gradient(gradients, per_sample)
        return self._shaped_values(values, one), gradients

    def verdicts(self, batch: Any, params: Any = None) -> list[bool]:
        """Tell for each sample of a batch whether every comparison comes out as recorded."""
        inputs, _ = read_batch(batch, len(self.inputs), arrays=self._arrays)
        if not self.guards or len(inputs) == 0:
            return [True] * len(inputs)
        return _verdicts(self.runner.value(inputs, self._read_live(params)))

    # ------------------------------------------------------------ reading and shaping

    def _read_live(self, params: Any) -> Any:
        live, count = self._live, len(self.params)
        if params is None:
            return read_values(live, arrays=self._arrays)
        given = read_vector(params, count, arrays=self._arrays)
        if len(live) == count:
            return given
        settings = read_values(live[count:], arrays=self._arrays)
        return numpy().concatenate([given, settings]) if self._arrays else [*given, *settings]

    def _shaped_values(self, values: Any, one: bool) -> Any:
        np, outputs = numpy(), self.flat.differentiated
        if np is None:
            rows = [row[:outputs] if self._several else row[0] for row in values]
        else:
            table = np.asarray(values)
            rows = table[:, :outputs] if self._several else table[:, 0]
        if not one:
            return rows
        return rows[0] if self._several else float(rows[0])

    def _shaped_gradient(self, gradient: Any, per_sample: bool) -> Any:
        np = numpy()
        if np is not None:
            gradient = np.asarray(gradient)
        if self._several:
            return gradient
        if not per_sample:
            return gradient[0]
        return [sweeps[0] for sweeps in gradient] if np is None else gradient[:, 0]

    def _nothing(self, per_sample: bool) -> tuple[Any, Any]:
        """Answer a batch of no samples."""
        np, outputs, wrt = numpy(), self.flat.differentiated, len(self.wrt)
        inner = (outputs, wrt) if self._several else (wrt,)
        if np is None:
            zeros: Any = [0.0] * wrt
            return [], [] if per_sample else [zeros] * outputs if self._several else zeros
        values = np.zeros((0, outputs) if self._several else (0,))
        return values, np.zeros((0, *inner) if per_sample else inner)

    # ------------------------------------------------------------ checking

    def _changed(self, batch: Any, params: Any) -> Exception:
        """Name the line that would have branched the other way, and the first such sample."""
        inputs, _ = read_batch(batch, len(self.inputs), arrays=self._arrays)
        sample = self.verdicts(inputs, params).index(False)
        numbers = self._numbers(inputs[sample], self._read_live(params))
        compared = [x for g in self.guards for x in (g.left, g.right) if isinstance(x, Node)]
        with ieee():
            twins = rerun(compared, numbers)

        def number(x: Any) -> float:
            return twins[x].data if isinstance(x, Node) else x

        # Where both sides agree to the last digit, compiled arithmetic may differ from eager.
        broken = next((g for g in self.guards if not g.holds(number)), self.guards[0])
        return broken.error(number, sample)

    def _numbers(self, row: Any, live: Any) -> dict[Any, float]:
        """Pair the leaves with the numbers of one sample."""
        leaves = (*self.inputs, *self._live)
        return dict(zip(leaves, [*map(float, row), *map(float, live)], strict=True))

    def _bad(self, inputs: Any, live: Any) -> Exception:
        """Name the first node that is not finite, on the first bad sample."""
        every = self.runner.value_and_grad(inputs, live, True)
        for sample, results in enumerate(zip(*every, strict=True)):
            if not all(map(finite, results)):
                return not_finite(self.outputs, self._numbers(inputs[sample], live), sample)
        return DomainError(
            "the sum of the gradients over the batch overflows; use reduce='mean' "
            "on smaller batches, or scale the loss down"
        )

    # ------------------------------------------------------------ telling

    def source(self) -> str:
        """Write the flat program in readable form, an instruction on a line.

        Example:
            >>> from engine import Value, compile
            >>> w, b, x = Value(3.0, "w"), Value(1.0, "b"), Value(0.0, "x")
            >>> print(compile((w * x + b).tanh(), inputs=[x], wrt=[w, b]).source())
            inputs      x
            parameters  w, b
            s1 = b + w * x
            s2 = tanh(s1)
            return      s2
        """
        return listing(self.flat, [x.label for x in self.inputs], [x.label for x in self._live])

    def report(self) -> str:
        """Say what compiling did: how much work is left, on which tier, prepared in what time."""
        kinds = Counter(
            step.op.name if isinstance(step, Apply) else type(step).__name__.lower()
            for step in self.flat.instructions
        )
        counted = ", ".join(f"{n} {kind}" for kind, n in kinds.most_common())
        describe = getattr(self.runner, "describe", None)
        way = f" ({describe()})" if describe else ""  # which one, if the runner has a choice
        times = ", ".join(f"{part} {1e3 * s:.1f} ms" for part, s in self.seconds.items())
        return (
            f"{self.recorded} recorded operations became {len(self.flat.instructions)} "
            f"instructions ({counted}) on {self.flat.slots} slots; {len(self.guards)} guards; "
            f"tier {self.tier}{way}; prepared in {1e3 * self.preparation:.1f} ms "
            f"({times})"
        )

    @property
    def preparation(self) -> float:
        """The seconds that compiling took."""
        return sum(self.seconds.values())

    def __repr__(self) -> str:
        return (
            f"<Program of {len(self.flat.instructions)} instructions: {len(self.inputs)} inputs, "
            f"{len(self.params)} parameters, {self.flat.differentiated} outputs; "
            f"tier {self.tier}, prepared in {1e3 * self.preparation:.1f} ms>"
        )


def _verdicts(values: Any) -> list[bool]:
    """Read the last output: 1 where every comparison comes out as recorded."""
    if isinstance(values, list):
        return [row[-1] == 1.0 for row in values]
    return (values[:, -1] == 1.0).tolist()  # type: ignore[no-any-return]
