"""A node of the recorded graph: plain data, no closures.

Every operation makes one `Node` that keeps its result, its operands in order and the local
derivative of the operation with respect to each of them, at the moment it happens. Drawing,
sweeping, counting paths and compiling all read these numbers.

A graph has a million nodes sooner than one thinks, so a node is one object with fixed slots.
Python's garbage collector visits every container; two operand slots instead of a tuple of
operands make recording three times as fast. The four layouts of a node:

============  ==================  =======  ===================  ==================================
node          ``a``               ``b``    ``da``               ``db``
============  ==================  =======  ===================  ==================================
leaf          None                None     None                 None
one operand   the operand         None     its partial          None, or the number on the right
                                                                (``x * 3``), or a tuple of one: the
                                                                number on the left (``3 / x``)
two operands  the first           second   the first's partial  the second's partial
otherwise     tuple of operands   None     tuple of partials,   None, or all operands in order, the
                                           or of tuples of      plain numbers among them
                                           them, which nodes
                                           may share
============  ==================  =======  ===================  ==================================

`Node.operands`, `Node.parents` and `Node.partials` read any layout. Two more slots stand behind
properties that check what is assigned: ``number`` behind `Node.data`, and ``label_text`` behind
`Node.label`, which stays empty until there is a name. Code in a hurry reads the number in its
slot; only code that makes a node writes these two.
"""

from __future__ import annotations

from itertools import chain, count
from typing import TYPE_CHECKING, Any

from engine.arguments import real
from engine.errors import ValueTypeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from engine.table.ops import Op

_stamps = count(1)
_latest = [0]


def latest_assignment() -> int:
    """Number the latest assignment to any ``data``: while it stays, every leaf has its number."""
    return _latest[0]


def assign(nodes: Iterable[Node], numbers: Iterable[float]) -> None:
    """Assign to the ``data`` of many nodes, as an optimiser does at every step."""
    for node, number in zip(nodes, numbers, strict=True):
        node.number = number if type(number) is float else _checked(number, node)
    _latest[0] = next(_stamps)


def _checked(number: Any, node: Node) -> float:
    return real(number, f"the data of {node.label or 'a Value'}")


class Node:
    """What every `Value` stores; made by operations, never by hand.

    Attributes:
        grad: The derivative of the last `backward` root with respect to this node; 0.0 at first.
        op: The row of the derivative table that made it; None on a leaf.
    """

    __slots__ = ("__weakref__", "a", "b", "da", "db", "grad", "label_text", "number", "op")

    is_constant = False  # True for `engine.constant`: the sweep does not enter it

    number: float
    label_text: str
    grad: float
    op: Op | None
    a: Any
    b: Any
    da: Any
    db: Any

    @property
    def data(self) -> float:
        """The number. That of a leaf may be assigned: a real number of any kind."""
        return self.number

    @data.setter
    def data(self, number: float) -> None:
        self.number = number if type(number) is float else _checked(number, self)
        _latest[0] = next(_stamps)  # after the number: who sees the stamp finds that too

    @property
    def label(self) -> str:
        """The node's name, ``""`` if it has none. Diagrams and path tables show it."""
        return getattr(self, "label_text", "")

    @label.setter
    def label(self, text: str) -> None:
        if not isinstance(text, str):
            raise ValueTypeError(
                f"a label is a text, not {text!r} ({type(text).__name__}); put str(...) around it"
            )
        self.label_text = text

    @property
    def parents(self) -> tuple[Any, ...]:
        """The operands that are nodes, in order, repeats kept: ``(x * x).parents == (x, x)``."""
        if self.b is not None:
            return (self.a, self.b)
        if self.a is None:
            return ()
        return self.a if type(self.a) is tuple else (self.a,)

    @property
    def partials(self) -> tuple[float, ...]:
        """The local derivative with respect to each of `parents`, as recorded."""
        if self.b is not None:
            return (self.da, self.db)
        if self.a is None:
            return ()
        if type(self.a) is not tuple:
            return (self.da,)
        return tuple(chain(*self.da)) if type(self.da[0]) is tuple else self.da

    @property
    def operands(self) -> tuple[Any, ...]:
        """All operands in order, plain numbers included: ``(3 / x).operands == (3.0, x)``."""
        if self.b is not None or self.db is None or self.a is None:
            return self.parents
        if type(self.a) is tuple:
            return tuple(self.db)
        if type(self.db) is tuple:
            return (*self.db, self.a)
        return (self.a, self.db)

    @property
    def is_leaf(self) -> bool:
        """True if no operation made this node."""
        return self.a is None
