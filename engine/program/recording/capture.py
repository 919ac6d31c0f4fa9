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
from engine.errors import CompileError
from engine.program.recording.guards import PRODUCT, Guard, collect, verdict_row
from engine.program.recording.tape import NONE, Rows, Tape, constant_key
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from engine.table.ops import Op

SUM, DIV = TABLE["sum"], TABLE["div"]


class Captured(NamedTuple):
    """A tape, and where its live numbers come from."""

    tape: Tape  # the graph as columns
    # the Values whose numbers are the live uniforms: parameters first, then settings
    live: list[Any]
    guards: list[Guard]  # the comparisons that the recording made


def capture(
    outputs: Sequence[Any],
    inputs: Sequence[Any],
    wrt: Sequence[Any],
    watched: Sequence[Guard] | None = None,
) -> Captured:
    """Write a recorded graph as a tape; ``watched`` are its comparisons, None to look for them."""
    columns = {leaf: slot for slot, leaf in enumerate(inputs)}
    parameters = [leaf for leaf in wrt if leaf not in columns]
    numbers = iter(range(-1, -1 - len(parameters), -1))
    targets = [columns[leaf] if leaf in columns else next(numbers) for leaf in wrt]
    walk = Walk(inputs, parameters)
    try:
        walk.visit(outputs)
        checks_from = len(walk.rows)
        guards = walk.find_guards() if watched is None else walk.reach([*dict.fromkeys(watched)])
    except AttributeError as error:
        if not isinstance(error.obj, Node):
            raise
        kind = type(error.obj).__name__
        raise CompileError(
            f"a {kind} in the graph was made without Value.__init__; call "
            f"super().__init__(data, label) where {kind} is made"
        ) from None
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

    ``place`` refers to what is written so far, by node; ``others`` are the uniforms behind the
    parameters as the walk met them: settings (Values) and constants (floats).
    """

    def __init__(self, inputs: Sequence[Any], parameters: Sequence[Any]) -> None:
        self.inputs, self.columns = len(inputs), inputs
        self.parameters = parameters
        self.rows = Rows()
        self.others: list[Any] = []
        self.known: dict[Any, int] = {}
        self.renamed: dict[int, int] = {}
        self.place: dict[Any, int] = {leaf: slot for slot, leaf in enumerate(inputs)}
        self.place |= {leaf: ~u for u, leaf in enumerate(parameters)}

    def visit(self, roots: Iterable[Any]) -> None:  # noqa: PLR0915 - the hot walk, written out
        """Write everything below some nodes that is not written yet."""
        place, rows, code = self.place, self.rows, self.rows.code
        find: Any = place.get
        first_append, second_append = rows.first.append, rows.second.append
        code_append = rows.codes.append
        slot = self.inputs + len(rows)
        stack = list(roots)  # a node stays below its operands until they are written
        stack.reverse()
        many: tuple[int, ...] | None
        while stack:
            node = stack[-1]
            if node in place:
                stack.pop()
                continue
            first, second, op = node.a, node.b, node.op
            if second is not None:  # two operands, as most have: no tuple is made
                a, b = find(first), find(second)
                if a is None or b is None:
                    if b is None:
                        stack.append(second)
                    if a is None:
                        stack.append(first)
                    continue
                many = (a, b) if op.variadic else None
            elif first is None:
                place[stack.pop()] = self.leaf(node)
                continue
            elif type(first) is not tuple:
                a, b = find(first), NONE
                if a is None:
                    stack.append(first)
                    continue
                if node.db is not None:  # a plain number on either side
                    a, b = self.references(node)
                many = None if not op.variadic else (a,) if b == NONE else (a, b)
            else:
                unwritten = [parent for parent in first if parent not in place]
                if unwritten:
                    unwritten.reverse()
                    stack += unwritten
                    continue
                many = self.references(node)
            if many is not None:
                a = b = NONE
                rows.lists[slot - self.inputs] = many
                if op is MEAN:  # a sum, then a division
                    code_append(code[SUM])
                    first_append(NONE)
                    second_append(NONE)
                    op, a, b = DIV, slot, self.constant(float(len(many)))
                    slot += 1
            code_append(code[op])
            first_append(a)
            second_append(b)
            place[stack.pop()] = slot
            slot += 1

    def references(self, node: Any) -> tuple[int, ...]:
        """Refer to all operands of a node, plain numbers among them."""
        place = self.place
        return tuple([self.constant(o) if type(o) is float else place[o] for o in node.operands])

    def leaf(self, node: Any) -> int:
        """Refer to a leaf that is neither an input nor a parameter."""
        return self.constant(node.number) if node.is_constant else self.other(node)

    def constant(self, number: float) -> int:
        """Refer to a constant, the same one for the same number."""
        key = constant_key(number)
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
        yield from compared_above((*self.columns, *self.parameters, *settings))
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
            constants = [isinstance(x, float) for x in self.others]
            order = sorted(range(len(constants)), key=constants.__getitem__)
            self.renamed = {~(first + old): ~(first + new) for new, old in enumerate(order)}
            self.others = [self.others[k] for k in order]
            self.rows.rename([self.renamed[~(first + k)] for k in range(len(order))], ~first)
        return settings
