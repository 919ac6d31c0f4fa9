"""Rank paths: the largest terms of the sum that is the gradient, without listing the others.

Ranking the best paths of an acyclic graph is dynamic programming over k-best lists (D. Eppstein,
"k-best enumeration", 2014). Here the lists grow only on demand: the second best route of a node
is worked out when somebody asks for it (the recursive enumeration of V. M. Jiménez and A. Marzal,
1999, without the recursion: each new route asks for at most one route of each node along it).
"""

from __future__ import annotations

import math
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple

from engine.arguments import whole
from engine.core.recording import recording
from engine.routes.listing import Path, Paths
from engine.routes.reading import By, View, view


def top_paths(y: Any, x: Any, k: int, by: By = "milestones") -> list[Path]:
    """Find the ``k`` paths from ``x`` to ``y`` with the largest absolute contributions.

    The cost is one step for each edge between ``x`` and ``y``, and then, for each further path,
    one per node along it (times the logarithm of how many edges leave that node). A product that
    is too small or too large for a float is still ranked right.

    Args:
        y: The root, or a `WeightedGraph`.
        x: The Value that the paths start from, or its label.
        k: How many paths to find.
        by: "milestones" for routes through named nodes, "nodes" for every recorded node.

    Returns:
        The paths, largest first; all of them if there are fewer. Equals come in an order that is
        the same in every run. A path that is not a number counts as infinitely large.

    Raises:
        UnknownNameError: If ``by`` or a label is not known.
        ValueTypeError: If ``k`` is not a whole number.
        ShapeError: If ``k`` is negative.

    Example:
        >>> from engine import Value
        >>> x = Value(3.0, "x")
        >>> y = x * x + 100 * x - x
        >>> [path.contribution for path in top_paths(y, x, 2, by="nodes")]
        [100.0, 3.0]
    """
    return largest(view(y, x, by), whole(k, "k"))


def largest(view: View, k: int) -> list[Path]:
    """Find the ``k`` paths of a view with the largest absolute contributions (see `top_paths`)."""
    if view.start is None or k == 0:
        return []
    with recording():  # no collector while the many small tuples are made
        ranking = _Ranking(view)
        while len(ranking.routes[view.start]) < k and ranking.grow(view.start):
            continue
        return [ranking.path(rank) for rank in range(len(ranking.routes[view.start]))]


def all_or_largest(view: View, most: int) -> list[Path]:
    """List all paths in the order of the graph; the largest if there are more than ``most``."""
    return list(Paths(view, None)) if view.count <= most else largest(view, most)


Cost = tuple[float, float]
"""Minus the exponent and minus the mantissa of a magnitude: the largest magnitude is the least
cost. The exponent is a whole number of any size, so a product neither overflows nor underflows."""

ONE: Cost = (-1.0, -0.5)
ZERO: Cost = (math.inf, 0.0)
BEYOND: Cost = (-math.inf, 0.0)  # infinite, or not a number


def times(cost: Cost, weight: float) -> Cost:
    """Multiply a magnitude by the magnitude of a weight.

    Rounding is that of a float product, so a larger factor never gives a smaller product; that is
    what the ranking rests on.
    """
    if cost is BEYOND or not math.isfinite(weight):
        return BEYOND
    mantissa, exponent = math.frexp(weight)
    product = cost[1] * abs(mantissa)
    if not product:
        return ZERO
    if product > -0.5:
        return cost[0] - exponent + 1, product * 2
    return cost[0] - exponent, product


class _Route(NamedTuple):
    """A way from a node to the root: the edge to a user of it, and then that user's own route."""

    cost: Cost
    user: int
    slot: int
    rank: int  # which of the user's routes


class _Ranking:
    """For each node between ``x`` and the root, its best routes to the root, as far as known."""

    def __init__(self, view: View) -> None:
        self._view = view
        size = len(view.graph)
        self.routes: list[list[_Route]] = [[] for _ in range(size)]
        self._users: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        self._candidates: dict[int, list[_Route]] = {}
        self._complete = {size - 1}
        self._find_best()

    def _find_best(self) -> None:
        """Give every node its best route: one step for each edge, users first."""
        graph, between, users = self._view.graph, self._view.between, self._users
        size = len(graph)
        costs: list[Cost | None] = [None] * size
        steps = [(-1, -1)] * size
        costs[-1] = ONE
        for user in range(size - 1, -1, -1):
            cost = costs[user]
            if cost is None:
                continue
            self.routes[user].append(_Route(cost, *steps[user], 0))
            sources, weights = graph.sources[user], graph.weights[user]
            for slot in range(len(sources) - 1, -1, -1):
                source = sources[slot]
                if between[source]:
                    step = (user, slot)
                    users[source].append(step)
                    found, best = times(cost, weights[slot]), costs[source]
                    if best is None or found <= best:  # the first of equals, as in the heap
                        costs[source], steps[source] = found, step

    def grow(self, node: int) -> bool:
        """Find the next best route of a node; False if there are no more.

        Its last route went by some user, whose next best route is the one candidate not yet
        known; that user may have to ask one of its own users, and so on up.
        """
        chain = [node]
        while chain[-1] not in self._complete:
            last = self.routes[chain[-1]][-1]
            if last.rank + 1 < len(self.routes[last.user]):
                break
            chain.append(last.user)
        for asked in reversed(chain):
            self._append_next(asked)
        return node not in self._complete

    def _append_next(self, node: int) -> None:
        if node in self._complete:
            return
        candidates = self._candidates_of(node)
        last = self.routes[node][-1]
        if last.rank + 1 < len(self.routes[last.user]):
            heappush(candidates, self._by(last.user, last.slot, last.rank + 1))
        if candidates:
            self.routes[node].append(heappop(candidates))
        else:
            self._complete.add(node)

    def _candidates_of(self, node: int) -> list[_Route]:
        """Take the heap of a node's next routes: at first the best one by each other edge."""
        if node not in self._candidates:
            best = self.routes[node][0]
            others = [self._by(user, slot, 0) for user, slot in self._users[node]]
            self._candidates[node] = [route for route in others if route != best]
            heapify(self._candidates[node])
        return self._candidates[node]

    def _by(self, user: int, slot: int, rank: int) -> _Route:
        weight = self._view.graph.weights[user][slot]
        return _Route(times(self.routes[user][rank].cost, weight), user, slot, rank)

    def path(self, rank: int) -> Path:
        """Spell out a route of ``x``."""
        assert self._view.start is not None
        places, slots = [self._view.start], []
        route = self.routes[self._view.start][rank]
        while route.user >= 0:
            places.append(route.user)
            slots.append(route.slot)
            route = self.routes[route.user][route.rank]
        contribution = 1.0
        for place, slot in zip(places[:0:-1], slots[::-1], strict=True):  # as the sweep multiplies
            contribution *= self._view.graph.weights[place][slot]
        return Path(self._view, tuple(places), tuple(slots), contribution)
