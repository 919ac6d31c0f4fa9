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
leaf          None                None     None, or what was    None, or its label
                                           compared above it
one operand   the operand         None     its partial          None, or the number on the right
                                                                (``x * 3``), or a tuple of one: the
                                                                number on the left (``3 / x``)
two operands  the first           second   the first's partial  the second's partial
otherwise     tuple of operands   None     tuple of partials,   None, or all operands in order, the
                                           or of tuples of      plain numbers among them
                                           them, which nodes
                                           may share
============  ==================  =======  ===================  ==================================

`Node.operands`, `Node.parents` and `Node.partials` read any layout.
"""

from __future__ import annotations

from itertools import chain, repeat, starmap
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from engine.core.scopes import Scope
from engine.errors import ValueTypeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from engine.table.ops import Op


class Node:
    """What every `Value` stores; made by operations, never by hand.

    Attributes:
        data: The number.
        grad: The derivative of the last `backward` root with respect to this node; 0.0 at first.
        op: The row of the derivative table that made it; None on a leaf.
    """

    __slots__ = ("__weakref__", "a", "b", "da", "data", "db", "grad", "op")

    is_constant = False  # True for `engine.constant`: the sweep does not enter it

    data: float
    grad: float
    op: Op | None
    a: Any
    b: Any
    da: Any
    db: Any

    @property
    def label(self) -> str:
        """The node's name, ``""`` if it has none. Diagrams and path tables show it."""
        if self.a is None:
            return self.db or ""
        return _labels.get(self, "")

    @label.setter
    def label(self, text: str) -> None:
        if not isinstance(text, str):
            raise ValueTypeError(
                f"a label is a text, not {text!r} ({type(text).__name__}); put str(...) around it"
            )
        if self.a is None:
            self.db = text or None
        elif text:
            _labels[self] = text
        else:
            _labels.pop(self, None)

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


# The labels of results, which few have: a slot for them would take 16 bytes of every node (Python
# rounds sizes up). An entry goes when its node does.
_labels: WeakKeyDictionary[Node, str] = WeakKeyDictionary()

paused = Scope("paused", default=False)
"""Whether operations do without their operands (`engine.no_grad`)."""

_blocks = paused.blocks
_made_when_paused: type[Node] = Node
_new = object.__new__


def _blank_nodes(kind: type[Node]) -> Iterator[Any]:
    # Blank nodes without end. One argument tuple serves them all, so that taking the next one
    # costs two thirds of calling ``object.__new__``.
    return starmap(_new, repeat((kind,)))


_blank = _blank_nodes(Node)


def make_instances_of(kind: type[Node], constant_kind: type[Node]) -> None:
    """Say which classes operations make, recording and not; `engine.core.value` says so once."""
    global _blank, _made_when_paused
    _blank, _made_when_paused = _blank_nodes(kind), constant_kind


def unrecorded(data: float) -> Any:
    """Make the result of an operation that is not recorded: a constant."""
    n = _new(_made_when_paused)
    n.data = data
    n.grad = 0.0
    n.a = n.b = n.da = n.db = n.op = None
    return n


def link1(data: float, a: Any, da: Any, op: Op, constant: object = None) -> Any:
    """Record an operation on one node, or on a tuple of them; see the layouts."""
    if _blocks and paused.setting():
        return unrecorded(data)
    n = next(_blank)
    n.data = data
    n.grad = 0.0
    n.a = a
    n.b = None
    n.da = da
    n.db = constant
    n.op = op
    return n


def link2(data: float, a: Node, b: Node, da: float, db: float, op: Op) -> Any:
    """Record an operation on two nodes."""
    if _blocks and paused.setting():
        return unrecorded(data)
    n = next(_blank)
    n.data = data
    n.grad = 0.0
    n.a = a
    n.b = b
    n.da = da
    n.db = db
    n.op = op
    return n


def link_products(
    totals: Iterable[Any], rows: Iterable[Iterable[Any]], xs: Iterable[Any], mul: Op, add: Op
) -> list[Any] | None:
    """Record total + w1 * x1 + w2 * x2 + ... for each row of w, a node for each operation.

    What the operators would record, in a third of the time: blank nodes come in bulk, and one
    look at each result shows whether every step before it was finite.

    Args:
        totals: The nodes to start from.
        rows: As many rows of nodes.
        xs: As many nodes as each row has.
        mul: The row of x * y.
        add: The row of x + y.

    Returns:
        The last sums; None if one is not finite or recording is paused.
    """
    if _blocks and paused.setting():
        return None
    sums = []
    for start, ws in zip(totals, rows, strict=True):
        total, z = start, start.data
        for w, x, n, s in zip(ws, xs, _blank, _blank):  # noqa: B905 - blank nodes never run out
            n.a = w
            n.b = x
            n.db = weight = w.data
            n.da = number = x.data
            n.data = product = weight * number
            n.grad = 0.0
            n.op = mul
            s.a = total
            s.b = n
            s.da = s.db = 1.0
            s.data = z = z + product
            s.grad = 0.0
            s.op = add
            total = s
        if z - z:
            return None
        sums.append(total)
    return sums


def link(data: float, operands: tuple[Any, ...], partials: tuple[float, ...], op: Op) -> Any:
    """Record an operation on any mixture of nodes and plain numbers.

    Args:
        data: The result.
        operands: All operands in order.
        partials: The local derivative with respect to each operand, plain numbers included.
        op: The row.
    """
    nodes = tuple(o for o in operands if isinstance(o, Node))
    if len(nodes) == len(operands):
        if len(nodes) == 2:
            return link2(data, nodes[0], nodes[1], partials[0], partials[1], op)
        if len(nodes) == 1:
            return link1(data, nodes[0], partials[0], op)
        return link1(data, nodes, partials, op)
    if len(nodes) == 1 and len(operands) == 2:
        if isinstance(operands[0], Node):
            return link1(data, operands[0], partials[0], op, operands[1])
        return link1(data, operands[1], partials[1], op, (operands[0],))
    kept = tuple(d for o, d in zip(operands, partials, strict=True) if isinstance(o, Node))
    return link1(data, nodes, kept, op, operands)
