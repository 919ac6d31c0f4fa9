"""`Value`: a number that remembers how it was computed.

>>> from engine import Value
>>> x = Value(2.0, "x")
>>> y = x * x + 3 * x
>>> y.backward()
>>> y.data, x.grad
(10.0, 7.0)

A Value is a `Node` with Python's operators and the elementwise functions as methods; the functions
themselves are written out in `engine.core.arithmetic`, from the derivative table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, SupportsFloat

from engine.arguments import real
from engine.core import arithmetic, linking
from engine.core.backward import accumulate
from engine.core.comparisons import branches, compare
from engine.core.copying import added, deep_copy, flatten, rebuild, shallow_copy
from engine.core.flattening import blank
from engine.core.node import Node
from engine.displays import display

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from engine.core.comparisons import Branch


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
        self.number = data if type(data) is float else real(data, "the data of a Value")
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

    def __pos__(self) -> Self:
        return self

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
        return compare(self, "<", other)

    def __le__(self, other: Any) -> bool:
        return compare(self, "<=", other)

    def __gt__(self, other: Any) -> bool:
        return compare(self, ">", other)

    def __ge__(self, other: Any) -> bool:
        return compare(self, ">=", other)

    @property
    def branches(self) -> tuple[Branch, ...]:
        """The comparisons made on this Value; of the same one on the same line, the latest."""
        return branches(self)

    def __float__(self) -> float:
        return self.number

    def __format__(self, spec: str) -> str:
        return format(float(self), spec) if spec else str(self)

    def __repr__(self) -> str:
        name = f", label={self.label!r}" if self.label else ""
        return f"Value(data={self.number!r}, grad={self.grad!r}{name})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show a diagram in a notebook, if `viz` is installed."""
        picture = display("Value")
        return {"text/plain": repr(self)} | ({} if picture is None else picture(self))

    # ---------------------------------------------------------------- copying
    def __reduce_ex__(self, _: Any) -> tuple[Any, ...]:
        if self.is_leaf:
            leaf = type(self), self.number, self.grad, self.label
            return blank, leaf, added(self)
        return rebuild, flatten(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Value:
        return deep_copy(self, memo)

    def __copy__(self) -> Value:
        return shallow_copy(self)


class Constant(Value):
    """A Value that the backward sweep does not enter; made by `constant` and `detach`."""

    __slots__ = ()
    is_constant = True


linking.make_instances_of(Value, Constant)

# ---------------------------------------------------------------- constants, no_grad


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
    return Constant(x.number, x.label) if isinstance(x, Node) else Constant(x)


def no_grad() -> AbstractContextManager[None]:
    """Compute without recording: results are constants. For one thread or task, not for others.

    A thread that is started inside the block records; a task does not, for as long as the block
    is open.

    Example:
        >>> x = Value(2.0)
        >>> with no_grad():
        ...     y = x * x
        >>> y.parents
        ()
    """
    return linking.paused.block(setting=True)
