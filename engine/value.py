"""`Value`: a number that remembers how it was computed.

>>> from engine import Value
>>> x = Value(2.0, "x")
>>> y = x * x + 3 * x
>>> y.backward()
>>> y.data, x.grad
(10.0, 7.0)

A Value is a `Node` with Python's operators and the elementwise functions as methods; the functions
themselves are written out in `engine.arithmetic`, from the derivative table.
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, SupportsFloat
from weakref import ReferenceType, WeakKeyDictionary, ref

from engine import arithmetic, node
from engine.backward import accumulate
from engine.domain import real
from engine.graph import topological_order
from engine.node import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


class Branch(NamedTuple):
    """A comparison that the recording code made on a Value, and how it came out.

    Replay reads these: on numbers that compare differently, the recorded graph is another one.

    Attributes:
        relation: The comparison: ``<``, ``<=``, ``>`` or ``>=``.
        number: The number on its right.
        outcome: What it gave.
        file: The file of the code that compared.
        line: The line in it.
        reference: If a Value was on the right, a weak reference to it. A strong one would keep
            every loss alive that a training loop compares with the best so far.
    """

    relation: str
    number: float
    outcome: bool
    file: str
    line: int
    reference: ReferenceType[Value] | None = None

    @property
    def other(self) -> Value | float:
        """What was on the right; of a Value that no longer exists, its number."""
        value = self.reference() if self.reference is not None else None
        return self.number if value is None else value


class Value(Node):
    """A number in a computational graph.

    Args:
        data: A real number: int, float, bool, Fraction, or a NumPy scalar.
        label: A name for diagrams and path tables, such as ``"w_131"``.

    Raises:
        ValueTypeError: If ``data`` is not a real number, or ``label`` not a text.

    Example:
        >>> a = Value(2.0, label="a")
        >>> b = (a * a).tanh()
        >>> b.backward()
        >>> round(a.grad, 6)
        0.005364
    """

    __slots__ = ()

    def __init__(self, data: SupportsFloat, label: str = "") -> None:
        self.data = data if type(data) is float else real(data, "the data of a Value")
        self.grad = 0.0
        self.a = self.b = self.da = self.db = self.op = None
        if label != "":
            self.label = label

    def backward(self, seed: float = 1.0) -> None:
        """Compute the gradient of this Value with respect to everything it depends on.

        Interior nodes get the gradient of this sweep, leaves add it to their ``grad``: call it
        twice and the leaves have exactly twice, so set the leaves' ``grad`` to 0 between steps.

        Args:
            seed: The derivative of the final result with respect to this Value.

        Example:
            >>> x = Value(3.0)
            >>> (x * x).backward()
            >>> x.grad
            6.0
        """
        accumulate(self, real(seed, "the seed of backward"))

    # ---------------------------------------------------------------- operators
    __add__ = arithmetic.add
    __radd__ = arithmetic.radd  # other + self
    __sub__ = arithmetic.sub
    __rsub__ = arithmetic.rsub  # other - self
    __mul__ = arithmetic.mul
    __rmul__ = arithmetic.rmul  # other * self
    __truediv__ = arithmetic.div
    __rtruediv__ = arithmetic.rdiv  # other / self
    __pow__ = arithmetic.power
    __rpow__ = arithmetic.rpow  # other ** self
    __neg__ = arithmetic.neg
    __abs__ = arithmetic.abs

    # ---------------------------------------------------------------- functions as methods
    exp = arithmetic.exp
    expm1 = arithmetic.expm1
    log = arithmetic.log
    log1p = arithmetic.log1p
    log2 = arithmetic.log2
    sqrt = arithmetic.sqrt
    cbrt = arithmetic.cbrt
    sin = arithmetic.sin
    cos = arithmetic.cos
    tan = arithmetic.tan
    asin = arithmetic.asin
    acos = arithmetic.acos
    atan = arithmetic.atan
    atan2 = arithmetic.atan2
    hypot = arithmetic.hypot
    sinh = arithmetic.sinh
    cosh = arithmetic.cosh
    tanh = arithmetic.tanh
    asinh = arithmetic.asinh
    acosh = arithmetic.acosh
    atanh = arithmetic.atanh
    sigmoid = arithmetic.sigmoid
    softplus = arithmetic.softplus
    relu = arithmetic.relu
    leaky_relu = arithmetic.leaky_relu
    elu = arithmetic.elu
    gelu = arithmetic.gelu
    silu = arithmetic.silu
    abs = arithmetic.abs
    sign = arithmetic.sign
    erf = arithmetic.erf
    erfc = arithmetic.erfc
    pow = arithmetic.pow
    maximum = arithmetic.maximum
    minimum = arithmetic.minimum
    clamp = arithmetic.clamp

    # ---------------------------------------------------------------- comparisons, on the data
    def __lt__(self, other: Any) -> bool:
        return self._compare("<", other)

    def __le__(self, other: Any) -> bool:
        return self._compare("<=", other)

    def __gt__(self, other: Any) -> bool:
        return self._compare(">", other)

    def __ge__(self, other: Any) -> bool:
        return self._compare(">=", other)

    def _compare(self, relation: str, other: Any) -> bool:
        is_value = isinstance(other, Value)
        number = other.data if is_value else real(other, f"the right of {relation!r}")
        outcome = RELATIONS[relation](self.data, number)
        frame = sys._getframe(2)  # noqa: SLF001 - the line that branched, for replay's report
        place = frame.f_code.co_filename, frame.f_lineno
        branch = Branch(relation, number, outcome, *place, ref(other) if is_value else None)
        _remember(self, branch)
        if self.a is not None or (is_value and other.a is not None):
            _hold([self, other] if is_value else [self])
        if observer is not None:
            observer(self, branch)
        return outcome

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The comparisons made on this Value; of the same one on the same line, the latest."""
        return tuple(_branches.get(self, {}).values())

    def __float__(self) -> float:
        return float(self.data)

    def __repr__(self) -> str:
        name = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.data!r}, grad={self.grad!r}{name})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show a diagram in a notebook, if `viz` is imported."""
        shown = {"text/plain": repr(self)}
        if picture is not None:
            shown |= picture(self)
        return shown

    # ---------------------------------------------------------------- copying
    def __reduce_ex__(self, _: Any) -> tuple[Any, ...]:
        """Pickle the whole graph below as one flat list, so that depth does not matter.

        Leaves keep their identity within one pickle; interior nodes do so below one root.
        """
        if self.is_leaf:
            return _leaf, (type(self), self.data, self.grad, self.label)
        order = topological_order(self)
        place: dict[Node, int] = {n: k for k, n in enumerate(order)}
        return _rebuild, ([_row(n, place) for n in order], _branch_rows(order, place))

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        order = topological_order(self)
        copies: dict[Node, Value] = {n: memo[id(n)] for n in order if id(n) in memo}
        for original in order:
            if original not in copies:
                copies[original] = memo[id(original)] = _copy(original, copies)
        _restore_branches(_branch_rows(order, copies))
        return copies[self]

    def __copy__(self) -> Value:
        return self._shallow(self)

    @staticmethod
    def _shallow(original: Node) -> Value:
        copy: Value = object.__new__(type(original))  # type: ignore[assignment]
        for name in ("data", "grad", "a", "b", "da", "db", "op"):
            setattr(copy, name, getattr(original, name))
        if original.a is None:
            copy.da = None  # what was compared depends on the original
        copy.label = original.label
        return copy


class Constant(Value):
    """A Value that the backward sweep does not enter; made by `constant` and `detach`."""

    __slots__ = ()
    is_constant = True


node.make_instances_of(Value, Constant)

RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "<": float.__lt__, "<=": float.__le__, ">": float.__gt__, ">=": float.__ge__,
}  # fmt: skip
"""The comparisons that branches are made of."""

MOST_BRANCHES = 1000
"""Past this many different comparisons a Value forgets the oldest: it may outlive many graphs."""

observer: Callable[[Value, Branch], None] | None = None
"""Told of every comparison, also of those on Values that no result depends on."""

picture: Callable[[Value], dict[str, str]] | None = None
"""How a Value shows itself in a notebook; `viz` sets it."""


# Beside the nodes, since few are ever compared; an entry goes when its Value does.
_branches: WeakKeyDictionary[Value, dict[Any, Branch]] = WeakKeyDictionary()


def _remember(compared: Value, branch: Branch) -> None:
    """Keep a comparison, instead of an earlier one of the same things on the same line."""
    kept = _branches.setdefault(compared, {})
    right = branch.number if branch.reference is None else branch.reference
    key = (branch.relation, right, branch.file, branch.line)
    kept.pop(key, None)
    kept[key] = branch
    if len(kept) > MOST_BRANCHES:
        del kept[next(iter(kept))]


def compared_values() -> list[Value]:
    """List the living Values that were ever compared; replay looks for its guards among them."""
    return list(_branches)


def compared_above(leaf: Value) -> list[Value]:
    """List the compared Values that a leaf holds; replay looks for its guards there too."""
    return [v for v in tuple(leaf.da or ()) if v in _branches]  # another thread may compare


NEAR = 64
"""A leaf holds a compared Value if it depends on no more Values than this."""


def _hold(compared: list[Value]) -> None:
    """Let the leaves below a comparison hold what was compared, for nothing else may.

    After ``if a - b > 0: y = 2 * a`` the difference is nobody's operand, but a replay of ``y``
    must look at it again. Leaf and difference hold one another then; the collector frees them.
    Large graphs, losses say, are not held: they would pile up at parameters.
    """
    seen, leaves = set(compared), []
    stack = list(compared)
    while stack:
        node = stack.pop()
        if node.a is None:
            leaves.append(node)
            continue
        for parent in node.parents:
            if parent not in seen:
                seen.add(parent)
                stack.append(parent)
                if len(seen) > NEAR:
                    return
    for leaf in leaves:
        if not leaf.is_constant:
            held = leaf.da = leaf.da or {}  # a leaf has no partials: the slot is free
            for one in compared:  # the latest last
                held.pop(one, None)
                held[one] = None
            while len(held) > MOST_BRANCHES:
                del held[next(iter(held))]


# ---------------------------------------------------------------- constants, no_grad, recording


def constant(x: SupportsFloat, label: str = "") -> Value:
    """Make a Value that no gradient flows into.

    Args:
        x: A real number.
        label: A name for diagrams.

    Returns:
        A Value without gradient: `gradients` leaves it out and its ``grad`` stays 0.

    Example:
        >>> k = constant(3.0)
        >>> (k * k).backward()
        >>> k.grad
        0.0
    """
    return Constant(x, label)


def detach(x: Value | float) -> Value:
    """Make a constant with the number and the label of a Value, cut off from its graph.

    Args:
        x: A Value (a plain number is taken too).

    Returns:
        The constant.

    Example:
        >>> x = Value(2.0)
        >>> y = x * detach(x)
        >>> y.backward()
        >>> x.grad
        2.0
    """
    return Constant(x.data, x.label) if isinstance(x, Node) else Constant(x)


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording: results are constants. For the whole process, not one thread.

    Example:
        >>> x = Value(2.0)
        >>> with no_grad():
        ...     y = x * x
        >>> y.parents
        ()
    """
    before = node.pause(True)
    try:
        yield
    finally:
        node.pause(before)


@contextmanager
def recording() -> Iterator[None]:
    """Pause Python's garbage collector while a large graph is recorded, then restore it.

    A recorded graph has no cycles, so reference counts free it; the collector only rescans it
    again and again while it grows. Pausing it makes a training step two to three times as fast.
    The collector belongs to the whole process; it stays off inside nested blocks.

    Example:
        >>> with recording():
        ...     y = sum(Value(k) for k in range(5))
        >>> y.data
        10.0
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


# ---------------------------------------------------------------- flat form, for pickle and copy


def _leaf(kind: type[Value], data: float, grad: float, label: str) -> Value:
    made: Value = object.__new__(kind)
    made.data, made.grad = data, grad
    made.a = made.b = made.da = made.db = made.op = None
    made.label = label
    return made


def _row(n: Node, place: dict[Node, int]) -> Any:
    """Write a node down: a leaf as itself, an interior node with its operands as positions."""
    if n.is_leaf:
        return n
    return (n.op, _replaced(n, place), n.da, n.data, n.grad, n.label)


def _replaced(n: Node, by: dict[Node, Any]) -> tuple[Any, Any, Any]:
    """The operand slots of a node with each node in them replaced."""
    a = tuple(by[p] for p in n.a) if type(n.a) is tuple else by[n.a]
    b = None if n.b is None else by[n.b]
    if type(n.a) is tuple and n.db is not None:
        nodes = iter(a)  # in db, the operands that are nodes come in the order of a
        return a, b, tuple((next(nodes),) if isinstance(o, Node) else o for o in n.db)
    return a, b, n.db


def _restore(slots: tuple[Any, Any, Any], made: list[Value]) -> tuple[Any, Any, Any]:
    a, b, db = slots
    if type(a) is tuple:
        if db is not None:
            db = tuple(made[o[0]] if type(o) is tuple else o for o in db)
        return tuple(made[k] for k in a), None, db
    return made[a], None if b is None else made[b], db


def _branch_rows(order: list[Value], new: Mapping[Any, Any]) -> list[tuple[Any, Branch, Any]]:
    """Write down who was compared with whom; each Value by what stands for it in ``new``."""
    return [
        (new[n], branch._replace(reference=None), new.get(branch.other))
        for n in order for branch in n.branches
    ]  # fmt: skip


def _restore_branches(rows: list[tuple[Value, Branch, Value | None]]) -> None:
    for compared, branch, other in rows:
        _remember(compared, branch if other is None else branch._replace(reference=ref(other)))


def _rebuild(rows: list[Any], branches: Sequence[tuple[int, Branch, int | None]] = ()) -> Value:
    made: list[Value] = []
    for row in rows:
        if isinstance(row, Value):
            made.append(row)
            continue
        op, slots, da, data, grad, label = row
        a, b, db = _restore(slots, made)
        n = _leaf(Value, data, grad, label)
        n.op, n.a, n.b, n.da, n.db = op, a, b, da, db
        made.append(n)
    _restore_branches([(made[n], branch, None if other is None else made[other])
                       for n, branch, other in branches])  # fmt: skip
    return made[-1]


def _copy(original: Node, copies: dict[Node, Value]) -> Value:
    copy = Value._shallow(original)  # noqa: SLF001 - our own class
    if not original.is_leaf:
        a, b, db = _replaced(original, copies)
        if type(a) is tuple and db is not None:
            db = tuple(o[0] if type(o) is tuple else o for o in db)
        copy.a, copy.b, copy.db = a, b, db
    return copy
