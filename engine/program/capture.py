"""From the recorded graph to a tape: one walk, linear in the graph, no recursion.

A leaf is an *input* (a column of the batch), a *parameter* (what gradients are with respect to), a
*setting* (any other Value: its number is read from the graph at every call), or a *constant*
(`engine.constant`, a detached Value, a plain number: its number is fixed when compiling).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.comparisons import compared_above, compared_values
from engine.functions import MEAN
from engine.node import Node
from engine.ops import TABLE
from engine.program.guards import PRODUCT, Guard, collect, verdict_row
from engine.program.tape import Tape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.ops import Op

SUM, DIV = TABLE["sum"], TABLE["div"]


class Captured(NamedTuple):
    """A tape, and where its live numbers come from.

    Attributes:
        tape: The graph as columns.
        live: The Values whose numbers are the live uniforms: parameters first, then settings.
        guards: The comparisons that the recording made.
    """

    tape: Tape
    live: list[Any]
    guards: list[Guard]


def capture(
    outputs: Sequence[Any],
    inputs: Sequence[Any],
    wrt: Sequence[Any],
    watched: Sequence[Guard] | None = None,
) -> Captured:
    """Write a recorded graph as a tape.

    Args:
        outputs: The results, in order.
        inputs: Leaves that become columns of the batch.
        wrt: Leaves to differentiate with respect to; inputs may be among them.
        watched: The comparisons that the recording made; None to look for them on the Values of
            the graph.

    Returns:
        The tape, its live leaves, and the guards.
    """
    columns = set(inputs)
    walk = _Walk(inputs, [leaf for leaf in wrt if leaf not in columns])
    walk.visit(outputs)
    checks_from = len(walk.ops)
    guards = walk.find_guards() if watched is None else walk.reach(list(dict.fromkeys(watched)))
    results = [walk.place[y] for y in outputs]
    if guards:
        results.append(walk.verdict(guards))
    settings = walk.number_settings()
    rename = walk.renamed
    tape = Tape(
        inputs=len(inputs),
        parameters=len(walk.parameters),
        live=len(walk.parameters) + len(settings),
        constants=[x for x in walk.others if isinstance(x, float)],
        ops=walk.ops,
        args=walk.args,
        outputs=[rename.get(r, r) for r in results],
        differentiated=len(outputs),
        wrt=tuple(walk.place[leaf] for leaf in wrt),
        checks_from=checks_from,
    )
    return Captured(tape, [*walk.parameters, *settings], guards)


class _Walk:
    """A depth-first walk that writes each operation after its operands, as eager code ran them."""

    def __init__(self, inputs: Sequence[Any], parameters: Sequence[Any]) -> None:
        self.inputs, self.columns = len(inputs), inputs
        self.parameters = list(dict.fromkeys(parameters))
        self.place: dict[Any, int] = {leaf: slot for slot, leaf in enumerate(inputs)}
        self.place.update(
            zip(self.parameters, range(-1, -1 - len(self.parameters), -1), strict=True)
        )
        self.others: list[Any] = []  # settings (Values) and constants (floats), as they come
        self.known: dict[Any, int] = {}
        self.renamed: dict[int, int] = {}
        self.ops: list[Op | None] = []
        self.args: list[Any] = []

    def visit(self, roots: Iterable[Any]) -> None:  # noqa: PLR0915 - the hot walk, written out
        """Write everything below some nodes that is not written yet."""
        place = self.place
        find, write_op, write_args = place.get, self.ops.append, self.args.append
        slot = self.inputs + len(self.ops)
        left = list(roots)  # nodes still to be written; the last one is next
        left.reverse()
        push = left.append
        while left:
            node = left.pop()
            if node in place:
                continue
            # A node goes back below its first operand that is not written, until all are. One and
            # two operands are written out: they are most.
            while True:
                first, second, op = node.a, node.b, node.op
                if second is not None:
                    a = find(first)
                    if a is None:
                        push(node)
                        node = first
                        continue
                    b = find(second)
                    if b is None:
                        last = second.b
                        c, d = (find(second.a), find(last)) if last is not None else (None, None)
                        if c is None or d is None or second.op is MEAN:
                            push(node)
                            node = second
                            continue
                        # A product that a sum goes on with, as a rule: no need to come back.
                        write_op(second.op)
                        write_args((c, d))
                        place[second] = b = slot
                        slot += 1
                    args: tuple[int, ...] = (a, b)
                elif first is None:
                    place[node] = self.leaf(node)
                    break
                elif type(first) is tuple:
                    places: tuple[Any, ...] = tuple(map(find, first))
                    if None in places:
                        push(node)
                        left += [parent for parent in reversed(first) if parent not in place]
                        break
                    args = places if node.db is None else self.references(node)
                else:
                    a = find(first)
                    if a is None:
                        push(node)
                        node = first
                        continue
                    args = (a,) if node.db is None else self.references(node)
                if op is MEAN:  # a sum, then a division
                    write_op(SUM)
                    write_args(args)
                    args, op = (slot, self.constant(float(len(args)))), DIV
                    slot += 1
                write_op(op)
                write_args(args)
                place[node] = slot
                slot += 1
                break

    def references(self, node: Any) -> tuple[int, ...]:
        """Refer to all operands of a node, plain numbers among them."""
        place = self.place
        return tuple([self.constant(o) if type(o) is float else place[o] for o in node.operands])

    def leaf(self, node: Any) -> int:
        """Refer to a leaf that is neither an input nor a parameter."""
        return self.constant(node.data) if node.is_constant else self.other(node)

    def constant(self, number: float) -> int:
        """Refer to a constant, the same one for the same number."""
        key = number or str(number)  # 0.0 and -0.0 are different constants
        if key not in self.known:
            self.known[key] = self.other(number)
        return self.known[key]

    def other(self, what: Any) -> int:
        """Give the next uniform after the parameters."""
        self.others.append(what)
        return ~(len(self.parameters) + len(self.others) - 1)

    def find_guards(self) -> list[Guard]:
        """Find the comparisons on the Values of the graph, and on what its leaves hold."""
        found: list[Guard] = []
        seen: set[Any] = set()
        while fresh := [v for v in dict.fromkeys(self.compared()) if v not in seen]:
            seen.update(fresh)
            self.visit(fresh)
            found += self.reach(collect((v, branch) for v in fresh for branch in v.branches))
        return self.latest(found)

    def latest(self, guards: list[Guard]) -> list[Guard]:
        """Drop what a later comparison of the same numbers in the same line came out as.

        Leaves hold comparisons of earlier graphs too: there the same was another Value.
        """
        same: dict[Any, int] = {}
        number: dict[Any, int] = {}
        if guards:
            for slot, row in enumerate(zip(self.ops, self.args, strict=True), self.inputs):
                key = row[0], tuple([same.get(r, r) for r in row[1]])
                same[slot] = number.setdefault(key, slot)

        def what(side: Any) -> Any:
            place = self.place[side] if isinstance(side, Node) else None
            return side if place is None else (same.get(place, place),)

        found = {(what(g.left), g.relation, what(g.right), g.file, g.line): g for g in guards}
        return list(found.values())

    def compared(self) -> Iterator[Any]:
        """Run through the compared Values that concern the graph, as far as it is written."""
        settings = (x for x in self.others if not isinstance(x, float))
        for leaf in (*self.columns, *self.parameters, *settings):
            if leaf.da is not None:  # it holds something
                yield from compared_above(leaf)
        yield from (v for v in compared_values() if v in self.place)

    def reach(self, guards: list[Guard]) -> list[Guard]:
        """Write what some guards compare."""
        sides = [x for guard in guards for x in (guard.left, guard.right)]
        self.visit([x for x in sides if isinstance(x, Node)])
        return guards

    def verdict(self, guards: list[Guard]) -> int:
        """Write the rows that check the guards; refer to the product of their verdicts."""
        product = None
        for guard in guards:
            right = guard.right
            against = self.place[right] if isinstance(right, Node) else self.constant(right)
            one = self.row(verdict_row(guard), (self.place[guard.left], against))
            product = one if product is None else self.row(PRODUCT, (product, one))
        assert product is not None  # there are guards
        return product

    def row(self, op: Op, args: tuple[int, ...]) -> int:
        """Write one row; refer to its result."""
        self.ops.append(op)
        self.args.append(args)
        return self.inputs + len(self.ops) - 1

    def number_settings(self) -> list[Any]:
        """Number the settings before the constants; they came as the walk met them."""
        first = len(self.parameters)
        settings = [x for x in self.others if not isinstance(x, float)]
        if settings:
            constants = [x for x in self.others if isinstance(x, float)]
            order = sorted(
                range(len(self.others)), key=lambda k: isinstance(self.others[k], float)
            )
            self.renamed = {~(first + old): ~(first + new) for new, old in enumerate(order)}
            self.others = [*settings, *constants]
            rename = self.renamed.get
            self.args[:] = [tuple([rename(r, r) for r in refs]) for refs in self.args]
        return settings
