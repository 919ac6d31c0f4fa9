"""The tier without dependencies: the program as straight-line Python, compiled once.

Every instruction becomes a statement, every slot a local variable. The statements use `math` and
Python's own arithmetic, which raise outside a domain; when one does, the sample is computed again
by a second version, whose functions give the IEEE 754 answers.

On a program in exact order (see `engine.program.compiling.compile`), values and gradients are
equal to eager ones to the last bit: the same operations on the same numbers in the same order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Any

from engine.program.instructions import Apply, Dot, FlatProgram, Group, Instruction, Load
from engine.program.interpreted.texts import FloatScope, template
from engine.table.floats import reduction, total
from engine.table.language import ERRORS
from engine.table.ops import REDUCTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Numbers = Sequence[float]
    Refs = Sequence[int]


LOGSUMEXP = REDUCTIONS["logsumexp"]

Sample = tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]


@dataclass(frozen=True)
class Limits:
    """What Python's compiler takes at once.

    Attributes:
        operands: Programs with more keep slots in lists and are cut into several functions.
        statements: How many statements such a function has.
        terms: A longer sum is written as several statements: the compiler recurses over one.
    """

    operands: int = 20_000
    statements: int = 1000
    terms: int = 40


LIMITS = Limits()


@dataclass(frozen=True)
class PythonTier:
    """Straight-line Python; needs nothing but the standard library."""

    limits: Limits = LIMITS
    name = "python"
    arrays = False

    def prepare(self, flat: FlatProgram) -> PythonRunner:
        """Write and compile the statements."""
        return PythonRunner(flat, self.limits)


PYTHON = PythonTier()


class PythonRunner:
    """Runs one sample after the other. See `engine.program.instructions.Runner`."""

    def __init__(self, flat: FlatProgram, limits: Limits) -> None:
        self.flat, self._limits = flat, limits
        self._fast = self._compiled(gradient=True, ieee=False)

    @cached_property
    def _fast_value(self) -> Callable[..., Sample]:
        return self._compiled(gradient=False, ieee=False)

    @cached_property
    def _ieee(self) -> Callable[..., Sample]:
        return self._compiled(gradient=True, ieee=True)

    def _compiled(self, *, gradient: bool, ieee: bool) -> Callable[..., Sample]:
        writer = _Writer(self.flat, ieee, self._limits)
        text = writer.write(gradient=gradient)
        scope = FloatScope(writer.scope)
        # A large program is many functions; compiled one by one they take little memory.
        for part in text.split(_CUT):
            exec(compile(part, "<program>", "exec"), scope)  # noqa: S102 - our own text
        run: Callable[..., Sample] = scope["run"]
        return run

    def value(self, inputs: Sequence[Numbers], live: Numbers) -> list[list[float]]:
        """Run forward, on lists."""
        return [list(self._sample(self._fast_value, row, live)[0]) for row in inputs]

    def value_and_grad(
        self, inputs: Sequence[Numbers], live: Numbers, per_sample: bool
    ) -> tuple[list[list[float]], list[Any]]:
        """Run forward and backward, on lists."""
        samples = [self._sample(self._fast, row, live) for row in inputs]
        values = [list(outputs) for outputs, _ in samples]
        if per_sample:
            return values, [[list(sweep) for sweep in sweeps] for _, sweeps in samples]
        sums = [[0.0] * len(self.flat.wrt) for _ in range(self.flat.differentiated)]
        for _, sweeps in samples:
            for k, sweep in enumerate(sweeps):
                sums[k] = [a + b for a, b in zip(sums[k], sweep, strict=True)]
        return values, sums

    def _sample(self, run: Callable[..., Sample], row: Numbers, live: Numbers) -> Sample:
        try:
            return run(row, live)
        except ERRORS:
            return self._ieee(row, live)


def source(
    flat: FlatProgram, *, gradient: bool = True, ieee: bool = False, limits: Limits = LIMITS
) -> str:
    """Write a program as Python: ``run(x, p)`` returns the outputs and a tuple of gradients.

    Example:
        >>> print(source(FlatProgram(1, 0, 0, (), (Dot(1, (), (0,), (0,)),), (1,), 1, (0,), 2)))
        def run(x, p):
            (s0,) = x
            s1 = s0 * s0
            g1 = 1.0
            g0 = s0 * g1
            g0 += s0 * g1
            return (s1,), ((g0,),)
        <BLANKLINE>
    """
    return _Writer(flat, ieee, limits).write(gradient=gradient)


_CUT = "\n# ----\n"


class _Writer:
    """Writes the statements of a program."""

    def __init__(self, flat: FlatProgram, ieee: bool, limits: Limits) -> None:
        self.flat, self.ieee, self.limits = flat, ieee, limits
        self.large = sum(len(step.reads) for step in flat.instructions) > limits.operands
        self.slot, self.grad = ("s[{}]", "g[{}]") if self.large else ("s{}", "g{}")
        self.uniform, self.uniform_grad = ("p[{}]", "q[{}]") if self.large else ("p{}", "q{}")
        self.exact = flat.sweeps is not None
        self.active = flat.active()
        self.loads = {
            step.out: ~step.uniform for step in flat.instructions if isinstance(step, Load)
        }
        self.scope: dict[str, Any] = {
            "_inf": math.inf,
            "_nan": math.nan,
            "_logsumexp": reduction(LOGSUMEXP),
        }
        self.rules: dict[tuple[str, tuple[str, ...]], str] = {}
        self.numbers = count()
        self.touched: set[int] = set()

    def write(self, *, gradient: bool) -> str:
        """Write everything."""
        flat = self.flat
        statements = [line for step in flat.instructions for line in self.forward(step)]
        outputs = _tuple(self.name(slot) for slot in flat.outputs)
        sweeps = []
        for k in range(flat.differentiated if gradient else 0):
            statements += self.sweep(k)
            result = [
                self.gradient_of(r) if self.find(r) in self.touched else "0.0" for r in flat.wrt
            ]
            if flat.differentiated > 1:  # the next sweep uses the same names
                sweeps.append(f"d[{k}]" if self.large else f"d{k}")
                statements.append(f"{sweeps[-1]} = {_tuple(result)}")
            else:
                sweeps.append(_tuple(result))
        return self.assemble(statements, f"return {outputs}, {_tuple(sweeps)}")

    def assemble(self, statements: list[str], last: str) -> str:
        """Make a function of statements, or many of many."""
        if not self.large:
            unpack = [
                self._unpack("s", self.flat.inputs, "x"),
                self._unpack("p", self.flat.live, "p"),
            ]
            return _function("run", "x, p", [*filter(None, unpack), *statements, last])
        size = self.limits.statements
        parts = [statements[k : k + size] for k in range(0, len(statements), size)]
        functions = [_function(f"part{k}", "s, p, g, q, d", part) for k, part in enumerate(parts)]
        run = [
            f"s = [*x, *[0.0] * {self.flat.slots - self.flat.inputs}]",
            f"g = [0.0] * {self.flat.slots}",
            f"q = [0.0] * {self.flat.live}",
            f"d = [()] * {self.flat.differentiated}",
            *(f"part{k}(s, p, g, q, d)" for k in range(len(parts))),
            last,
        ]
        return _CUT.join([*functions, _function("run", "x, p", run)])

    def _unpack(self, letter: str, size: int, whole: str) -> str:
        return f"{_tuple(f'{letter}{k}' for k in range(size))} = {whole}" if size else ""

    # ------------------------------------------------------------ names

    def find(self, reference: int) -> int:
        """See through loads: a loaded uniform is the uniform."""
        return self.loads.get(reference, reference)

    def name(self, reference: int) -> str:
        """Name the number at a reference."""
        reference = self.find(reference)
        if reference >= 0:
            return self.slot.format(reference)
        if ~reference < self.flat.live:
            return self.uniform.format(~reference)
        number = self.flat.constants[~reference - self.flat.live]
        text = repr(abs(number)) if math.isfinite(number) else f"_{abs(number)!r}"
        return f"(-{text})" if math.copysign(1.0, number) < 0 else text

    def gradient_of(self, reference: int) -> str:
        """Name the gradient at a reference."""
        reference = self.find(reference)
        return (
            self.grad.format(reference) if reference >= 0 else self.uniform_grad.format(~reference)
        )

    def rule(self, text: str, operands: tuple[str, ...], names: Sequence[str]) -> str:
        """Write a rule of the table on some names."""
        if not self.ieee or text in _SAFE:
            return template(text, operands).format(**dict(zip(operands, names, strict=True)))
        key = (text, operands)
        if key not in self.rules:
            self.rules[key] = f"_rule{next(self.numbers)}"
            self.scope[self.rules[key]] = total(text, operands)
        return f"{self.rules[key]}({', '.join(names)})"

    # ------------------------------------------------------------ forward

    def forward(self, step: Instruction) -> Iterator[str]:
        """Write the statements of one instruction."""
        if isinstance(step, Apply):
            names = [self.name(k) for k in step.operands]
            yield f"{self.name(step.out)} = {self.rule(step.op.forward, step.op.operands, names)}"
        elif isinstance(step, Dot | Group):
            for dot in step.dots:
                yield from self.sum_up(self.name(dot.out), *dot[1:])
        elif not isinstance(step, Load):
            yield f"{self.name(step.out)} = _logsumexp({_tuple(map(self.name, step.operands))})"

    def sum_up(self, out: str, plain: Refs, left: Refs, right: Refs) -> Iterator[str]:
        """Write a sum of terms and products, in eager order: the bias first."""
        found = [self.name(k) for k in plain]
        found += [f"{self.name(a)} * {self.name(b)}" for a, b in zip(left, right, strict=True)]
        if self.exact and not (len(plain) == 1 and left):
            found.insert(0, "0.0")
        for k in range(0, len(found), self.limits.terms):
            terms = " + ".join(found[k : k + self.limits.terms])
            yield f"{out} = {out} + {terms}" if k else f"{out} = {terms}"

    # ------------------------------------------------------------ backward

    def sweep(self, output: int) -> Iterator[str]:
        """Write the sweep from one output."""
        root = self.find(self.flat.outputs[output])
        self.touched = {root}
        yield f"{self.gradient_of(root)} = 1.0"
        for position in self.flat.sweep(output):
            step = self.flat.instructions[position]
            if isinstance(step, Apply):
                names = [self.name(k) for k in (*step.operands, step.out)]
                known = (*step.op.operands, "z")
                partials = [self.rule(text, known, names) for text in step.op.partials]
                edges = zip(step.operands, partials, strict=True)
                yield from self.hand_down(step.out, edges)
            elif isinstance(step, Dot | Group):
                for dot in reversed(step.dots):
                    yield from self.sweep_sum(*dot)
            elif not isinstance(step, Load):
                (text,), z = LOGSUMEXP.partials, self.name(step.out)
                shares = [self.rule(text, ("x", "z"), (self.name(k), z)) for k in step.operands]
                yield from self.hand_down(step.out, zip(step.operands, shares, strict=True))

    def sweep_sum(self, out: int, plain: Any, left: Any, right: Any) -> Iterator[str]:
        """Write the sweep through a sum of terms and products."""
        factors = [
            *((a, self.name(b)) for a, b in zip(left, right, strict=True)),
            *((b, self.name(a)) for a, b in zip(left, right, strict=True)),
        ]
        yield from self.hand_down(out, [*factors, *((k, "1.0") for k in plain)])

    def hand_down(self, out: int, edges: Iterable[tuple[int, str]]) -> Iterator[str]:
        """Give every operand the node's gradient times its partial."""
        if out not in self.touched:
            return
        upstream = self.gradient_of(out)
        for operand, partial in edges:
            target = self.find(operand)
            if not (self.active[target] if target >= 0 else ~target < self.flat.parameters):
                continue
            product = {"1.0": upstream, "-1.0": f"-{upstream}"}.get(
                partial, f"{partial} * {upstream}"
            )
            gradient = self.gradient_of(target)
            if target in self.touched:
                yield f"{gradient} += {product}"
            else:
                self.touched.add(target)
                # An eager sum starts at 0.0, and 0.0 + -0.0 is 0.0.
                yield f"{gradient} = {'0.0 + ' if self.exact else ''}{product}"


_SAFE = ("x + y", "x - y", "x * y", "-x", "1.0", "-1.0", "0.0", "x", "y", "z")


def _tuple(names: Iterable[str]) -> str:
    written = list(names)
    return f"({written[0]},)" if len(written) == 1 else f"({', '.join(written)})"


def _function(name: str, parameters: str, statements: Iterable[str]) -> str:
    return f"def {name}({parameters}):\n" + "".join(f"    {line}\n" for line in statements)
