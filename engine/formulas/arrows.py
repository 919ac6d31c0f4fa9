"""The formula of every arrow: how a milestone depends on the next ones, symbolically.

Between two milestones there may be unnamed nodes: the exponentials and their sum in a softmax.
The derivative along such an arrow is the sum over its inner paths of the products of local
derivatives, and so is its formula. Where the milestones' own definitions turn up in it, their
names are put back: exp(a) / (exp(a) + exp(b)) is ŷ₁ again, and the derivative of a softmax reads
ŷ₁(1 − ŷ₁). Every formula is evaluated and compared with the recorded number before it is shown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from engine.core.graph import WeightedGraph, depth_first
from engine.core.node import Node
from engine.formulas import tree
from engine.formulas.rows import output, partial
from engine.formulas.tree import Call, Formula, Name, Number, Power, Product, Sum


@dataclass(frozen=True)
class Limits:
    """How much a reader of formulas can take.

    Attributes:
        paths: Products in the sum that a derivative along an arrow is.
        length: Local derivatives in such a product.
        interior: Unnamed nodes between two named ones.
        size: Names, numbers and functions in a formula that is put into another one.
        definitions: Milestones with a shared interior that are tried for names to put back.
    """

    paths: int = 12
    length: int = 40
    interior: int = 2_000
    size: int = 40
    definitions: int = 64


Values: TypeAlias = Callable[[Any], float]


def recorded(node: Any) -> float:
    """Give the number of a node as it was recorded."""
    return float(node.data)


class LocalFormulas:
    """The formulas of a graph in the names of some of its nodes.

    Example:
        >>> from engine import Value
        >>> from engine.formulas.text import TextWriter
        >>> x = Value(0.5, "x")
        >>> y = (x * x).exp()
        >>> formula = LocalFormulas(WeightedGraph.of(y), {y}).derivative(y, x)
        >>> TextWriter(lambda node: node.label)(formula)
        '2x · exp(x²)'
    """

    def __init__(
        self, graph: WeightedGraph, named: Collection[Any], limits: Limits | None = None
    ) -> None:
        self._graph, self._limits = graph, limits or Limits()
        self._named = frozenset(named)
        self._formulas: dict[Any, Formula] = {}
        self._derivatives: dict[tuple[Any, Any, int | None], Formula | None] = {}
        self._last: tuple[Any, list[Any]] = (None, [])

    # ------------------------------------------------------------ formulas

    def definition(self, node: Any) -> Formula:
        """Write what a node is computed as, down to named nodes and to what would be too long."""
        self._prepare(node)
        return self._output(node)

    def derivative(self, node: Any, source: Any, slot: int | None = None) -> Formula | None:
        """Write the derivative along an arrow: by one slot, or over all inner paths.

        It is None if it would be too long, or if the rows decide a special case here that no
        formula shows: the subgradient at a kink. It is worked out once.
        """
        arrow = node, source, slot
        if arrow not in self._derivatives:
            self._derivatives[arrow] = self._derivative(*arrow)
        return self._derivatives[arrow]

    def _derivative(self, node: Any, source: Any, slot: int | None) -> Formula | None:
        if slot is not None:
            paths: list[tuple[int, ...]] = [(slot,)]
            formula = local(node, slot)
        else:
            paths = self._inner_paths(node, source)
            if not paths:
                return None
            self._prepare(node)
            products = [tree.times(*self._factors(node, path)) for path in paths]
            formula = self._with_names_put_back(node, tree.add(*products))
        return formula if self._is_right(node, paths, formula) else None

    def count_inner_paths(self, node: Any, source: Any) -> int:
        """Count the paths from one named node to the next that meet no other."""
        return self._ways(node, source)[node]

    def is_in_names(self, formula: Formula) -> bool:
        """Tell whether a formula is written in named nodes alone."""
        names = (part for part in tree.pieces(formula) if isinstance(part, Name))
        return not any(self._is_interior(name.node) for name in names)

    def _prepare(self, node: Any) -> None:
        """Write the formulas of the unnamed nodes below a node, from the lowest up."""
        interior = self._interior(node)
        for inner in interior if len(interior) <= self._limits.interior else ():
            if inner not in self._formulas:
                formula = self._output(inner)
                self._formulas[inner] = (
                    formula if tree.size(formula) <= self._limits.size else Name(inner)
                )

    def _of(self, operand: Any) -> Formula:
        if not isinstance(operand, Node):
            return Number(operand)
        return self._formulas.get(operand) or Name(operand)

    def _output(self, node: Any) -> Formula:
        return output(node.op, [self._of(o) for o in node.operands])

    def _factors(self, node: Any, path: Sequence[int]) -> list[Formula]:
        """Write the local derivatives along an inner path, given as the slots it takes."""
        found = []
        for slot in path:
            # A root without a label has no name that a reader knows.
            z = self._of(node) if node.label or node not in self._named else self._output(node)
            operands = [self._of(o) for o in node.operands]
            found.append(partial(node.op, _operand_slot(node, slot), operands, z))
            node = node.parents[slot]
        return found[::-1]  # what is nearest to the variable first: 2xy, not 2yx

    def _is_right(self, node: Any, paths: Sequence[Sequence[int]], formula: Formula) -> bool:
        """Compare a formula with the recorded derivative."""
        if not self.is_in_names(formula):
            return False
        products = [math.prod(_along(node, path)) for path in paths]
        size_of_terms = sum(map(abs, products))
        found = tree.evaluate(formula, recorded)
        return math.isclose(found, sum(products), rel_tol=1e-9, abs_tol=1e-12 * size_of_terms)

    # ------------------------------------------------------------ the interior

    def _is_interior(self, node: Any) -> bool:
        return node not in self._named and not node.is_leaf

    def _interior(self, node: Any) -> list[Any]:
        """List the unnamed nodes between a node and the next named ones, operands first."""
        if self._last[0] is not node:
            order = depth_first(node, lambda n: filter(self._is_interior, n.parents))
            self._last = node, order[:-1]
        return self._last[1]

    def _ways(self, node: Any, source: Any) -> dict[Any, int]:
        ways = {source: 1}
        for inner in (*self._interior(node), node):
            ways[inner] = sum(ways.get(parent, 0) for parent in inner.parents)
        return ways

    def _inner_paths(self, node: Any, source: Any) -> list[tuple[int, ...]]:
        """List the inner paths from a node down to ``source``, each as the slots it takes.

        None at all if they are too many, or one is too long, for a formula.
        """
        if len(self._interior(node)) > self._limits.interior:
            return []
        ways = self._ways(node, source)
        if ways[node] > self._limits.paths:
            return []
        found: list[tuple[int, ...]] = []
        stack: list[tuple[Any, tuple[int, ...]]] = [(node, ())]
        while stack:
            here, path = stack.pop()
            if here is source:
                found.append(path)
                continue
            if len(path) == self._limits.length:
                return []
            onward = [(p, (*path, slot)) for slot, p in enumerate(here.parents) if ways.get(p)]
            stack.extend(reversed(onward))
        return found

    # ------------------------------------------------------------ putting names back

    def _with_names_put_back(self, node: Any, formula: Formula) -> Formula:
        """Write milestones by name where their definitions turn up, if no function is left."""
        if any(isinstance(part, Call) for part in tree.pieces(formula)):
            definitions = [(self.definition(m), Name(m)) for m in self._sharing(node)]
            shorter = fold(formula, [(d, name) for d, name in definitions if tree.size(d) > 1])
            if not any(isinstance(part, Call) for part in tree.pieces(shorter)):
                formula = shorter
        return tree.factored(formula)

    def _sharing(self, node: Any) -> list[Any]:
        """List the labelled milestones that are computed from the same unnamed nodes."""
        found = [node] if node.label else []
        queue = list(self._interior(node))
        seen = {node, *queue}
        for inner in queue:  # grows while it is read
            for user in self._users[inner]:
                if user in seen:
                    continue
                seen.add(user)
                if user not in self._named:
                    queue.append(user)
                elif user.label:
                    found.append(user)
            if len(found) >= self._limits.definitions:
                break
        return found

    @cached_property
    def _users(self) -> dict[Any, list[Any]]:
        """The nodes that each unnamed node is an operand of."""
        users: dict[Any, list[Any]] = {}
        for node in self._graph.nodes:
            for parent in filter(self._is_interior, node.parents):
                users.setdefault(parent, []).append(node)
        return users

    # ------------------------------------------------------------ numbers

    def number(self, node: Any, source: Any, value: Values, slot: int | None = None) -> float:
        """Compute a derivative from other numbers than the recorded ones, by the rows alone."""
        if slot is not None:
            return tree.evaluate(local(node, slot, exact=True), value)
        values: dict[Any, float] = {}

        def current(n: Any) -> float:
            return values[n] if n in values else value(n)

        def partials(inner: Any) -> list[float]:
            slots = range(len(inner.parents))
            return [tree.evaluate(local(inner, slot, exact=True), current) for slot in slots]

        for inner in self._interior(node):
            values[inner] = tree.evaluate(output(inner.op, _names(inner)), current)
        return self._sweep(node, source, partials)

    def magnitude(self, node: Any, source: Any) -> float:
        """Add up the absolute products of the recorded derivatives along all inner paths."""
        return self._sweep(node, source, lambda inner: map(abs, inner.partials))

    def _sweep(self, node: Any, source: Any, partials: Callable[[Any], Iterable[float]]) -> float:
        """Sweep backward over the interior between two named nodes."""
        adjoints = {node: 1.0, source: 0.0}
        for inner in (node, *reversed(self._interior(node))):
            for parent, d in zip(inner.parents, partials(inner), strict=True):
                adjoints[parent] = adjoints.get(parent, 0.0) + d * adjoints[inner]
        return adjoints[source]


def local(node: Any, slot: int, *, exact: bool = False) -> Formula:
    """Write the local derivative of a node with respect to one of its parents, in their names."""
    return partial(node.op, _operand_slot(node, slot), _names(node), Name(node), exact=exact)


def fold(formula: Formula, definitions: Sequence[tuple[Formula, Formula]]) -> Formula:
    """Put names in for their definitions, wherever these are part of a formula.

    Example:
        >>> x, s, z = Name("x"), Name("s"), Name("z")
        >>> formula = tree.times(x, tree.power(s, Number(-2.0)))
        >>> fold(formula, [(tree.quotient(x, s), z)]) == tree.quotient(z, s)
        True
    """
    formula = _rebuilt(formula, definitions)
    for definition, name in definitions:
        while _divides(definition, formula):
            formula = tree.times(tree.quotient(formula, definition), name)
    return formula


def _rebuilt(formula: Formula, definitions: Sequence[tuple[Formula, Formula]]) -> Formula:
    def inside(part: Formula) -> Formula:
        return fold(part, definitions)

    match formula:
        case Sum(terms=parts):
            return tree.add(*map(inside, parts))
        case Product(coefficient=coefficient, factors=bases):
            raised = (tree.power(inside(base), Number(e)) for base, e in bases)
            return tree.times(Number(coefficient), *raised)
        case Power(base=base, exponent=exponent):
            return tree.power(inside(base), inside(exponent))
        case Call(name=name, arguments=arguments):
            return tree.call(name, *map(inside, arguments))
    return formula


def _divides(definition: Formula, formula: Formula) -> bool:
    """Tell whether every factor of a definition is in a formula, at least as often."""
    exponents = dict(tree.factors(formula)[1])
    wanted = tree.factors(definition)[1]
    return bool(wanted) and all(exponents.get(base, 0.0) / e >= 1 for base, e in wanted)


def _names(node: Any) -> list[Formula]:
    return [Name(o) if isinstance(o, Node) else Number(o) for o in node.operands]


def _operand_slot(node: Any, slot: int) -> int:
    """Find among all operands the parent number ``slot``: plain numbers are no parents."""
    places = [k for k, o in enumerate(node.operands) if isinstance(o, Node)]
    return places[slot]


def _along(node: Any, path: Sequence[int]) -> Iterator[float]:
    for slot in path:
        yield node.partials[slot]
        node = node.parents[slot]
