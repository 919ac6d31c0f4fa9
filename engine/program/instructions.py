"""The flat program: what a recorded graph becomes, and what every tier runs.

A graph is a web of objects; a `FlatProgram` is a list of instructions over numbered places.
Forward runs the instructions from first to last, backward from last to first. It holds numbers and
rows of the derivative table only, no Value, so it can be kept, compared, printed and sent on.

**Two kinds of places.**

- A *slot* holds one number per sample. Slots 0, 1, ... are the inputs, in the caller's order; each
  other slot is written by exactly one instruction, before anything reads it.
- A *uniform* is one number, the same for every sample: first the parameters, in order, then the
  settings, then the constants. A parameter has a gradient, summed over the batch; the others have
  none. Parameters and settings (together: the live uniforms) are given at every call, constants
  are known when the program is made.

A *reference* is an int that names either: slot ``k`` is ``k``, uniform ``u`` is ``~u`` (negative).

**Five kinds of instructions**, told apart by their class:

- `Load`: write a uniform to a slot (so that an `Apply` can read it); each uniform once at most.
- `Apply`: one row of the derivative table on slots: ``out = row.forward(operands)``. In backward,
  each operand's gradient grows by ``row.partials[k] * gradient of out``. The row is in the
  instruction: read its texts (`Op.forward`, `Op.partials`, see `engine.table.language`), never
  look its name up, for a user's own rows and the guards' rows are not all in the table.
- `Dot`: ``out = plain[0] + plain[1] + ... + left[0] * right[0] + left[1] * right[1] + ...``.
  ``plain`` are references, ``left`` are references, ``right`` are always slots. The same place
  may occur many times; ``left[i]`` and ``right[i]`` may be the same slot.
- `Group`: many dots over the same slots with uniform weights, a dense layer:
  ``outs[r] = biases[r] + sum over c of weights[r * len(columns) + c] * columns[c]``. All weights
  are parameters, or none is (then only ``columns`` get gradients). ``biases`` holds a uniform for
  each row, or is empty: no row has a bias. A bias may be any uniform. ``outs`` are consecutive.
- `LogSumExp`: ``out = log(sum of exp(operand))``, shifted by the largest so that it cannot
  overflow; the partials are ``exp(operand - out)``. If the largest is infinite, it is the result;
  a nan among the operands gives nan.

**Results.** ``outputs`` are slots, inputs perhaps, and perhaps the same one twice. The first
``differentiated`` of them have gradients, one sweep each; the others (a guard's verdict) are only
read. ``wrt`` are references, none twice: an input's slot, or a parameter. A place that no output
depends on has the gradient 0.

A sweep visits only the instructions that its output depends on: `FlatProgram.sweep` lists them. It
matters: an instruction that the output does not depend on would hand down 0 times its partial,
and that is nan where the partial is infinite. With one output and no guards it is all of them.

**Guards.** If the recording code compared Values, the last output is a slot that holds 1.0 where
every comparison comes out as it did when recorded, and anything else where one does not. It is
computed by ordinary instructions; a tier returns it like any output.

**Tiers.** A tier turns a flat program into a `Runner`. ``python_tier.PYTHON`` and
``numpy_tier.NUMPY`` are two; the package ``engine.program.llvm`` exports ``INTERPRETER`` (name
"llvm"), ``STRAIGHT`` (name "straight") and ``AUTOMATIC`` (starts as the interpreter and moves to
straight-line code where that wins). Arithmetic is IEEE 754: outside a domain the result
is inf or nan, nothing raises, and one sample never touches another. Reductions over the batch may
be in any order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.table.ops import Op


class Load(NamedTuple):
    """Write uniform number ``uniform`` to slot ``out``, for every sample."""

    out: int
    uniform: int

    @property
    def reads(self) -> tuple[int, ...]:
        """The references that it reads, repeats kept."""
        return (~self.uniform,)


class Apply(NamedTuple):
    """Apply a row with a fixed number of operands to slots."""

    out: int
    op: Op
    operands: tuple[int, ...]

    @property
    def reads(self) -> tuple[int, ...]:
        """The references that it reads, repeats kept."""
        return self.operands


class Dot(NamedTuple):
    """Add up plain terms (references), then products ``left[i] * right[i]``; see the module."""

    out: int
    plain: tuple[int, ...]
    left: tuple[int, ...]
    right: tuple[int, ...]

    @property
    def reads(self) -> tuple[int, ...]:
        """The references that it reads, repeats kept."""
        return self.plain + self.left + self.right

    @property
    def dots(self) -> list[Dot]:
        """Itself, so that it can stand where a `Group` may."""
        return [self]


class Group(NamedTuple):
    """Compute a dense layer: ``outs = weights @ columns + biases``; see the module."""

    outs: tuple[int, ...]
    columns: tuple[int, ...]
    weights: tuple[int, ...]
    biases: tuple[int, ...]

    @property
    def reads(self) -> tuple[int, ...]:
        """The references that it reads, repeats kept."""
        return self.columns + tuple([~uniform for uniform in self.weights + self.biases])

    @property
    def dots(self) -> list[Dot]:
        """The rows of the layer, each as a dot.

        Example:
            >>> Group(outs=(2, 3), columns=(0, 1), weights=(0, 1, 2, 3), biases=(4, 5)).dots[1]
            Dot(out=3, plain=(-6,), left=(-3, -4), right=(0, 1))
        """
        width = len(self.columns)
        found = []
        for row, out in enumerate(self.outs):
            weights = tuple([~w for w in self.weights[row * width : (row + 1) * width]])
            bias = tuple([~u for u in self.biases[row : row + 1]])
            found.append(Dot(out, bias, weights, self.columns))
        return found


class LogSumExp(NamedTuple):
    """Compute the logarithm of a sum of exponentials, stably."""

    out: int
    operands: tuple[int, ...]

    @property
    def reads(self) -> tuple[int, ...]:
        """The references that it reads, repeats kept."""
        return self.operands


Instruction = Load | Apply | Dot | Group | LogSumExp


def written(step: Instruction) -> tuple[int, ...]:
    """List the slots that an instruction writes."""
    return step.outs if isinstance(step, Group) else (step.out,)


@dataclass(frozen=True, eq=False)
class FlatProgram:
    """A recorded graph as a list of instructions; the module's text says what they mean.

    Attributes:
        inputs: The number of inputs: slots 0 up to ``inputs``.
        parameters: The number of parameters: uniforms 0 up to ``parameters``.
        live: The number of uniforms given at every call: the parameters, then the settings.
        constants: The constants: uniforms ``live`` and up.
        instructions: In an order in which every slot is written before it is read.
        outputs: The slots of the results.
        differentiated: How many of ``outputs``, from the first on, have gradients.
        wrt: What the gradients are with respect to: references to inputs and parameters, each
            once.
        slots: The number of slots.
        sweeps: None, or for each differentiated output the positions of the instructions in the
            order in which eager `backward` visits them (exact-order mode only).
    """

    inputs: int
    parameters: int
    live: int
    constants: tuple[float, ...]
    instructions: Sequence[Instruction]
    outputs: tuple[int, ...]
    differentiated: int
    wrt: tuple[int, ...]
    slots: int
    sweeps: tuple[tuple[int, ...], ...] | None = None

    def sweep(self, output: int) -> Sequence[int]:
        """List the positions that a backward sweep visits: users before what they use."""
        if self.sweeps is not None:
            return self.sweeps[output]
        last = len(self.instructions) - 1
        if len(self.outputs) == 1:
            return range(last, -1, -1)
        reached = bytearray(self.slots)
        reached[self.outputs[output]] = 1
        visited = []
        for position in range(last, -1, -1):
            step = self.instructions[position]
            if any(reached[slot] for slot in written(step)):
                visited.append(position)
                for reference in step.reads:
                    if reference >= 0:
                        reached[reference] = 1
        return visited

    def active(self) -> bytearray:
        """Mark with 1 the slots that depend on anything in ``wrt``: only they need gradients."""
        # Uniforms are marked too, behind the slots: negative references point there.
        mark = bytearray(self.slots + self.live + len(self.constants))
        for reference in self.wrt:
            mark[reference] = 1
        for step in self.instructions:
            if any(map(mark.__getitem__, step.reads)):
                for slot in written(step):
                    mark[slot] = 1
        return mark[: self.slots]

    def levels(self) -> list[int]:
        """Tell how far each instruction is from the leaves: one above the highest that it reads.

        A load is no work, and on level 0.
        """
        height = [0] * self.slots
        found = []
        for step in self.instructions:
            level = 0
            if not isinstance(step, Load):
                level = 1 + max((height[r] for r in step.reads if r >= 0), default=0)
                for slot in written(step):
                    height[slot] = level
            found.append(level)
        return found


class Runner(Protocol):
    """A prepared program: what `Tier.prepare` returns. Safe to call from several threads.

    A runner that has several ways to run a program may have a method ``describe()`` too: it says
    in a few words which one it takes now, for `Program.report`.

    One that has a quicker call on one sample may have a method ``single(live, gradient)``: a
    function of the inputs as separate floats that returns the value, reads ``live`` and writes
    ``gradient`` at every call; or None. Only asked of a program with one output and no guards.

    One that runs small batches quickly may have a method ``step(inputs, live)``, for a program of
    one output. It is given anything: it returns None unless ``inputs`` is a batch, not empty, and
    both are arrays as above; else the values (batch,) and the summed gradient (len(program.wrt),).

    Arrays are C-contiguous float64 NumPy arrays for the tiers that need NumPy. The Python tier
    takes and returns (nested) lists of floats instead. The caller has checked all shapes.
    """

    def value(self, inputs: Any, live: Any) -> Any:
        """Run forward: (batch, inputs) and (live,) give (batch, outputs), fresh for each call."""

    def value_and_grad(self, inputs: Any, live: Any, per_sample: bool) -> tuple[Any, Any]:
        """Run forward and backward: the same values, and gradients, fresh for each call.

        Summed over the batch they are (differentiated, wrt), else (batch, differentiated, wrt).
        """


class Tier(Protocol):
    """A way to run flat programs.

    Attributes:
        name: What ``compile(..., tier=...)`` and a program's report call it.
        arrays: True if its runners take and return NumPy arrays, False for lists.
    """

    name: str
    arrays: bool

    def prepare(self, flat: FlatProgram) -> Runner:
        """Do all work that does not depend on the numbers; `CompileError` if it cannot."""
