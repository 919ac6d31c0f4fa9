"""From the recorded graph to a tape: one walk, linear in the graph, no recursion.

A leaf is an *input* (a column of the batch), a *parameter* (what gradients are with respect to), a
*setting* (any other Value: its number is read from the graph at every call), or a *constant*
(`engine.constant`, a detached Value, a plain number: its number is fixed when compiling).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from engine.core.comparisons import compared_above, compared_values
from engine.core.functions import MEAN
from engine.core.node import Node
from engine.program.recording.guards import PRODUCT, Guard, collect, verdict_row
from engine.program.recording.tape import NONE, Rows, Tape
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.table.ops import Op

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
    walker: type[Walk] | None = None,
) -> Captured:
    """Write a recorded graph as a tape.

    Args:
        outputs: The results, in order.
        inputs: Leaves that become columns of the batch.
        wrt: Leaves to differentiate with respect to, each once; inputs may be among them.
        watched: The comparisons that the recording made; None to look for them on the Values of
            the graph.
        walker: The class that walks the graph; None for `Walk`.

    Returns:
        The tape, its live leaves, and the guards.
    """
    columns = {leaf: slot for slot, leaf in enumerate(inputs)}
    parameters = [leaf for leaf in wrt if leaf not in columns]
    numbers = iter(range(-1, -1 - len(parameters), -1))
    targets = [columns[leaf] if leaf in columns else next(numbers) for leaf in wrt]
    walk = (walker or Walk)(inputs, parameters)
    walk.visit(outputs)
    checks_from = len(walk.rows)
    guards = walk.find_guards() if watched is None else walk.reach(list(dict.fromkeys(watched)))
    results = [walk.place[y] for y in outputs]
    if guards:
        results.append(walk.verdict(guards))
    settings = walk.number_uniforms()
    tape = Tape(
        inputs=len(inputs),
        parameters=len(walk.parameters),
        live=len(walk.parameters) + len(settings),
        constants=[x for x in walk.others if isinstance(x, float)],
        rows=walk.rows,
        outputs=[walk.renamed.get(r, r) for r in results],
        differentiated=len(outputs),
        wrt=tuple(targets),
        checks_from=checks_from,
    )
    return Captured(tape, [*walk.parameters, *settings], guards)


class Walk:
    """A depth-first walk that writes each operation after its operands, as eager code ran them.

    Args:
        inputs: Leaves that become columns of the batch.
        parameters: Leaves to differentiate with respect to, the inputs among them left out.

    Attributes:
        place: References to what is written so far, by node.
        rows: What is written so far.
        others: The uniforms after the parameters as the walk met them: settings (Values), and
            constants (floats).
    """

    def __init__(self, inputs: Sequence[Any], parameters: Sequence[Any]) -> None:
        self.inputs, self.columns = len(inputs), inputs
        self.parameters = parameters
        self.rows = Rows()
        self.others: list[Any] = []
        self.known: dict[Any, int] = {}
        self.renamed: dict[int, int] = {}
        self.place: Any = self.leaves()  # a mapping

    def leaves(self) -> Any:
        """Refer to the inputs and the parameters."""
        inputs: dict[Any, int] = {leaf: slot for slot, leaf in enumerate(self.columns)}
        return inputs | {leaf: ~u for u, leaf in enumerate(self.parameters)}

    def visit(self, roots: Iterable[Any]) -> None:  # noqa: PLR0915 - the hot walk, written out
        """Write everything below some nodes that is not written yet."""
        place, rows = self.place, self.rows
        find, code, lists = place.get, rows.code, rows.lists
        write_code, write_first, write_second = (
            rows.codes.append,
            rows.first.append,
            rows.second.append,
        )
        inputs = self.inputs
        slot = inputs + len(rows)
        left = list(roots)  # nodes still to be written; the last one is next
        left.reverse()
        many: tuple[int, ...] | None
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
                        if c is None or d is None or second.op.variadic:
                            push(node)
                            node = second
                            continue
                        # A product that a sum goes on with, as a rule: no need to come back.
                        write_code(code[second.op])
                        write_first(c)
                        write_second(d)
                        place[second] = b = slot
                        slot += 1
                    many = (a, b) if op.variadic else None
                elif first is None:
                    place[node] = self.leaf(node)
                    break
                elif type(first) is tuple:
                    found = tuple(map(find, first))
                    if None in found:
                        push(node)
                        left += [parent for parent in reversed(first) if parent not in place]
                        break
                    many = found if node.db is None else self.references(node)
                else:
                    a, b, many = find(first), NONE, None
                    if a is None:
                        push(node)
                        node = first
                        continue
                    if node.db is not None:
                        a, b = self.references(node)
                    if op.variadic:
                        many = (a,) if b == NONE else (a, b)
                if many is not None:
                    a = b = NONE
                    lists[slot - inputs] = many
                    if op is MEAN:  # a sum, then a division
                        write_code(code[SUM])
                        write_first(NONE)
                        write_second(NONE)
                        op, a, b = DIV, slot, self.constant(float(len(many)))
                        slot += 1
                write_code(code[op])
                write_first(a)
                write_second(b)
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
        end = self.inputs + len(self.rows)
        while fresh := [v for v in dict.fromkeys(self.compared()) if v not in seen]:
            seen.update(fresh)
            self.visit(fresh)
            found += self.reach(collect((v, branch) for v in fresh for branch in v.branches))
        return self.latest(found, end)

    def latest(self, guards: list[Guard], end: int) -> list[Guard]:
        """Drop what a comparison of the same numbers in the same line came out as elsewhere.

        Leaves hold comparisons of other graphs too, earlier ones and later ones: there the same
        was another Value. One of the graph itself, written before ``end``, decides; else the
        latest does.
        """
        if len({(g.relation, g.file, g.line) for g in guards}) == len(guards):
            return guards
        same: dict[Any, int] = {}
        number: dict[Any, int] = {}
        for row, (code, a, b) in enumerate(self.rows):
            key: Any = code, same.get(a, a), same.get(b, b)
            if a == NONE:
                key = code, tuple([same.get(r, r) for r in self.rows.lists[row]])
            slot = self.inputs + row
            first = number.setdefault(key, slot)
            if first != slot:
                same[slot] = first

        def what(side: Any) -> Any:
            place = self.place[side] if isinstance(side, Node) else None
            return side if place is None else (same.get(place, place),)

        found: dict[Any, Guard] = {}
        for own in (False, True):
            for g in guards:
                if not own or self.place[g.left] < end:
                    found[what(g.left), g.relation, what(g.right), g.file, g.line] = g
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

    def row(self, op: Op, args: tuple[int, int]) -> int:
        """Write one row; refer to its result."""
        self.rows.append(op, args)
        return self.inputs + len(self.rows) - 1

    def number_uniforms(self) -> list[Any]:
        """Number the settings before the constants; they came as the walk met them."""
        settings = [x for x in self.others if not isinstance(x, float)]
        if settings:
            first = len(self.parameters)
            constants = [x for x in self.others if isinstance(x, float)]
            order = sorted(
                range(len(self.others)), key=lambda k: isinstance(self.others[k], float)
            )
            self.renamed = {~(first + old): ~(first + new) for new, old in enumerate(order)}
            self.others = [*settings, *constants]
            self.rows.rename([self.renamed[~(first + k)] for k in range(len(order))], ~first)
        return settings
