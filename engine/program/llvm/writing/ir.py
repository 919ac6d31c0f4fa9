"""A small builder of LLVM IR text: for vectors of one width, with names that can be read.

Everything here is text in, text out; nothing imports llvmlite. All vectors of a module have one
`Width`. With one lane the vector type is plain ``double``, so the same code writes scalar IR.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partialmethod, wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass(frozen=True)
class Width:
    """How wide machine code works.

    Attributes:
        lanes: Doubles in a vector register; 1 for scalar code.
        vectors: Vectors in a block: one instruction works on ``lanes * vectors`` samples.
        tile: The rows and the columns of a register tile in dense layers: 4 where there are 32
            vector registers, 2 where there are 16.
    """

    lanes: int = 8
    vectors: int = 4
    tile: int = 4

    @property
    def samples(self) -> int:
        """The samples in a block."""
        return self.lanes * self.vectors

    @property
    def vector(self) -> str:
        """The type of a vector of numbers."""
        return self._of("double")

    @property
    def bits(self) -> str:
        """The type of a vector of whole numbers as wide as doubles."""
        return self._of("i64")

    @property
    def mask(self) -> str:
        """The type of a vector of truth values."""
        return self._of("i1")

    @property
    def suffix(self) -> str:
        """What the names of overloaded intrinsics end in."""
        return "f64" if self.lanes == 1 else f"v{self.lanes}f64"

    def _of(self, scalar: str) -> str:
        return scalar if self.lanes == 1 else f"<{self.lanes} x {scalar}>"

    def spread(self, scalar: str, written: str) -> str:
        """Write a constant vector with the same number in every lane.

        Example:
            >>> Width(lanes=2).spread("i64", "7")
            '<i64 7, i64 7>'
        """
        if self.lanes == 1:
            return written
        return "<" + ", ".join([f"{scalar} {written}"] * self.lanes) + ">"

    def number(self, x: float) -> str:
        """Write a constant to the last bit.

        Example:
            >>> Width(lanes=1).number(1.0)
            '0x3FF0000000000000'
        """
        bits = struct.unpack("<Q", struct.pack("<d", x))[0]
        return self.spread("double", f"0x{bits:016X}")

    def whole(self, n: int) -> str:
        """Write a constant vector of whole numbers."""
        return self.spread("i64", str(n))


def over_blocks(write: Callable[..., str]) -> Callable[..., Any]:
    """Let a method that writes one line for vectors take blocks too: tuples of vectors.

    The lines of a block's vectors follow each other closely, and do not depend on each other, so
    the processor works on all of them at once.
    """

    @wraps(write)
    def on_blocks(f: Function, *given: Any) -> Any:
        width = next((len(x) for x in given if isinstance(x, tuple)), 0)
        if not width:
            return write(f, *given)
        rows = [x if isinstance(x, tuple) else (x,) * width for x in given]
        return tuple([write(f, *row) for row in zip(*rows, strict=True)])

    return on_blocks


class Module:
    """The functions of one IR module, and what they call."""

    def __init__(self, width: Width) -> None:
        self.width = width
        self._declared: dict[str, None] = {}
        self._written: dict[str, list[str]] = {}

    def declare(self, line: str) -> None:
        """Declare a function of another module, once."""
        self._declared[f"declare {line}"] = None

    def function(self, name: str, arguments: str, result: str = "void") -> Function:
        """Begin a function; its arguments are types and names, as in IR."""
        attributes = '"prefer-vector-width"="512" "no-trapping-math"="true" nounwind'
        lines = [f"define {result} @{name}({arguments}) {attributes} {{", "entry:"]
        self._written[name] = lines
        return Function(self, lines)

    def has(self, name: str) -> bool:
        """Tell whether a function of that name was begun."""
        return name in self._written

    def names(self) -> list[str]:
        """List the functions that can be called from outside."""
        return [name for name, lines in self._written.items() if "define internal" not in lines[0]]

    def text(self) -> str:
        """Return the module as IR text."""
        bodies = ["\n".join([*lines, "}"]) for lines in self._written.values()]
        return "\n\n".join(["\n".join(self._declared), *bodies, ""])


class Function:
    """Writes the body of a function, one line after the other."""

    def __init__(self, module: Module, lines: list[str]) -> None:
        self.module, self.width = module, module.width
        self._lines, self._count, self._block = lines, 0, "entry"

    # ------------------------------------------------------------ lines and blocks

    def do(self, line: str) -> None:
        """Write a line that gives nothing."""
        self._lines.append(f"  {line}")

    def let(self, expression: str, name: str = "t") -> str:
        """Write a line that gives something, and return the name it got: ``name`` and a number."""
        self._count += 1
        full = f"%{name}.{self._count}"
        self._lines.append(f"  {full} = {expression}")
        return full

    def call(self, function: str, kinds: Sequence[str], *operands: str) -> str:
        """Call a function of another module, such as ``"double @sin"``, and declare it."""
        self.module.declare(f"{function}({', '.join(kinds)})")
        given = ", ".join(f"{kind} {x}" for kind, x in zip(kinds, operands, strict=True))
        line = f"call {function}({given})"
        if not function.startswith("void"):
            return self.let(line, "found")
        self.do(line)
        return ""

    def label(self, name: str) -> str:
        """Make a new label."""
        self._count += 1
        return f"{name}.{self._count}"

    def begin(self, label: str) -> None:
        """Begin a block."""
        self._lines.append(f"{label}:")
        self._block = label

    def jump(self, label: str) -> None:
        """Go on at another block."""
        self.do(f"br label %{label}")

    def loop(
        self,
        count: str,
        body: Callable[[str, list[str]], Sequence[str]],
        carried: Sequence[str] = (),
        *,
        step: int = 1,
        kind: str = "",
    ) -> list[str]:
        """Write a loop that counts up from 0, and return the values it carried.

        The body is given the counter and the carried values, and returns those of the next round.
        They are vectors unless ``kind`` names another type.
        """
        kind = kind or self.width.vector
        head, inside, after = self.label("head"), self.label("body"), self.label("after")
        before = self._block
        counter, *held = (f"%{self.label('i')}" for _ in range(1 + len(carried)))
        self.jump(head)
        self.begin(head)
        hole = len(self._lines)
        more = self.let(f"icmp slt i64 {counter}, {count}", "more")
        self.do(f"br i1 {more}, label %{inside}, label %{after}")
        self.begin(inside)
        following = body(counter, held)
        moved = self.let(f"add i64 {counter}, {step}", "next")
        latch = self._block
        self.jump(head)
        choices = [f"  {counter} = phi i64 [ 0, %{before} ], [ {moved}, %{latch} ]"]
        choices += [
            f"  {now} = phi {kind} [ {first}, %{before} ], [ {then}, %{latch} ]"
            for now, first, then in zip(held, carried, following, strict=True)
        ]
        self._lines[hole:hole] = choices
        self.begin(after)
        return held

    def each(self, count: str, body: Callable[[str], None], *, step: int = 1) -> None:
        """Write a loop that carries nothing."""

        def once(i: str, _: list[str]) -> list[str]:
            body(i)
            return []

        self.loop(count, once, step=step)

    def tiles(self, count: str, size: int, body: Callable[[int, str], None]) -> None:
        """Write a loop in steps of a power of two, then one for what is left.

        The body is given how many there are in a step, and the number of the first.
        """
        whole = self.whole("and", count, -size)
        self.each(whole, lambda i: body(size, i), step=size)
        left = self.whole("sub", count, whole)
        self.each(left, lambda i: body(1, self.whole("add", i, whole)))

    def when(
        self, condition: str, body: Callable[[], None], other: Callable[[], None] | None = None
    ) -> None:
        """Write a block that runs only if an i1 is true, and perhaps one that runs else."""
        after = self.label("after")
        blocks = {self.label("then"): body, self.label("else") if other else after: other}
        first, second = blocks
        self.do(f"br i1 {condition}, label %{first}, label %{second}")
        for label, write in blocks.items():
            if write:
                self.begin(label)
                write()
                self.jump(after)
        self.begin(after)

    # ------------------------------------------------------------ whole numbers and addresses

    def whole(self, operation: str, a: str | int, b: str | int) -> str:
        """Compute on two i64."""
        return self.let(f"{operation} i64 {a}, {b}", "n")

    def at(self, base: str, index: str | int, kind: str = "double") -> str:
        """Compute the address of an element."""
        return self.let(f"getelementptr {kind}, ptr {base}, i64 {index}", "p")

    def select(self, condition: str, a: str | int, b: str | int, kind: str = "i64") -> str:
        """Take a where an i1 is true, else b."""
        return self.let(f"select i1 {condition}, {kind} {a}, {kind} {b}", "n")

    def integer(self, base: str, index: str | int) -> str:
        """Read a 32-bit whole number from an array, as an i64."""
        short = self.let(f"load i32, ptr {self.at(base, index, 'i32')}, align 4", "word")
        return self.let(f"sext i32 {short} to i64", "n")

    def field(self, base: str, index: int, kind: str = "i64") -> str:
        """Read an element of an array of 64-bit words."""
        return self.let(f"load {kind}, ptr {self.at(base, index, 'i64')}, align 8", "field")

    # ------------------------------------------------------------ numbers

    def number(self, x: float) -> str:
        """Write a constant."""
        return self.width.number(x)

    def load(self, pointer: str, vector: int = 0) -> str:
        """Read a vector: the ``vector``-th from a pointer on."""
        if vector:
            pointer = self.at(pointer, vector * self.width.lanes)
        return self.let(f"load {self.width.vector}, ptr {pointer}, align 8", "v")

    def store(self, value: str, pointer: str, vector: int = 0) -> None:
        """Write a vector."""
        if vector:
            pointer = self.at(pointer, vector * self.width.lanes)
        self.do(f"store {self.width.vector} {value}, ptr {pointer}, align 8")

    def load_double(self, pointer: str) -> str:
        """Read one double."""
        return self.let(f"load double, ptr {pointer}, align 8", "x")

    def store_double(self, value: str, pointer: str) -> None:
        """Write one double."""
        self.do(f"store double {value}, ptr {pointer}, align 8")

    def spread(self, scalar: str, kind: str = "double") -> str:
        """Put a scalar into every lane of a vector."""
        width = self.width
        of = f"<{width.lanes} x {kind}>"
        first = self.let(f"insertelement {of} undef, {kind} {scalar}, i32 0", "one")
        return self.let(
            f"shufflevector {of} {first}, {of} undef, <{width.lanes} x i32> zeroinitializer", "all"
        )

    def shuffle(self, a: str, b: str, picks: Sequence[int]) -> str:
        """Pick lanes of two vectors, those of the second one behind those of the first."""
        kind, chosen = self.width.vector, ", ".join(f"i32 {k}" for k in picks)
        return self.let(
            f"shufflevector {kind} {a}, {kind} {b}, <{len(picks)} x i32> <{chosen}>", "v"
        )

    @over_blocks
    def arithmetic(self, operation: str, a: str, b: str) -> str:
        """Compute on two vectors; ``operation`` is ``fadd`` and so on."""
        return self.let(f"{operation} {self.width.vector} {a}, {b}", "v")

    add = partialmethod(arithmetic, "fadd")
    sub = partialmethod(arithmetic, "fsub")
    mul = partialmethod(arithmetic, "fmul")
    div = partialmethod(arithmetic, "fdiv")

    @over_blocks
    def neg(self, a: str) -> str:
        """Compute -a."""
        return self.let(f"fneg {self.width.vector} {a}", "v")

    def fma(self, a: Any, b: Any, c: Any) -> Any:
        """Compute a * b + c, in one rounding where the processor can."""
        return self.intrinsic("fmuladd", a, b, c)

    @over_blocks
    def intrinsic(self, name: str, *operands: str) -> str:
        """Call an intrinsic that works lane by lane."""
        width = self.width
        function = f"{width.vector} @llvm.{name}.{width.suffix}"
        return self.call(function, [width.vector] * len(operands), *operands)

    @over_blocks
    def compare(self, how: str, a: str, b: str) -> str:
        """Compare lane by lane; ``how`` is one of IR's conditions, such as ``olt``."""
        return self.let(f"fcmp {how} {self.width.vector} {a}, {b}", "is")

    @over_blocks
    def choose(self, condition: str, a: str, b: str) -> str:
        """Take a where a condition is true, else b."""
        width = self.width
        return self.let(
            f"select {width.mask} {condition}, {width.vector} {a}, {width.vector} {b}", "v"
        )

    @over_blocks
    def bits(self, operation: str, a: str, b: str) -> str:
        """Compute on two vectors of whole numbers."""
        return self.let(f"{operation} {self.width.bits} {a}, {b}", "b")

    @over_blocks
    def to_bits(self, a: str) -> str:
        """Read the bits of doubles as whole numbers."""
        return self.let(f"bitcast {self.width.vector} {a} to {self.width.bits}", "b")

    @over_blocks
    def from_bits(self, a: str) -> str:
        """Read whole numbers as the bits of doubles."""
        return self.let(f"bitcast {self.width.bits} {a} to {self.width.vector}", "v")

    @over_blocks
    def to_numbers(self, a: str) -> str:
        """Convert whole numbers to doubles."""
        return self.let(f"sitofp {self.width.bits} {a} to {self.width.vector}", "v")

    @over_blocks
    def logic(self, operation: str, a: str, b: str) -> str:
        """Compute on two masks; ``operation`` is ``and`` or ``or``."""
        return self.let(f"{operation} {self.width.mask} {a}, {b}", "is")
