"""Find places for the labels of links, so that none covers another label, a circle or a line.

The labels between two columns are tried in one vertical line first, which reads best, then each
on its own; where neither works the plain ones are left out. A highlighted link's framed label
may lie over a few plain links, never over a crossing if it can be helped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from viz.network.circles import Disc
from viz.network.edges import Edge
from viz.svg.geometry import Rect

_CLEARANCES = (7.0, 5.0, 3.0, 1.5)
_CLEAR_OF_CIRCLE = 8.0  # room for an arrowhead
# Places along a link as fractions of the way from centre to centre: the middle first, and of two
# as clear the one near the target, where a neuron's weights stand below each other.
_PLACES = sorted((index / 100 for index in range(12, 89, 2)), key=lambda t: (abs(t - 0.5), -t))


@dataclass(frozen=True, slots=True)
class Label:
    """The label of a link at its place."""

    edge: Edge
    rect: Rect


@dataclass(frozen=True, slots=True)
class _Gap:
    """What stands between two columns and has to be kept clear."""

    edges: Sequence[Edge]
    discs: Sequence[Disc]

    def is_free(self, label: Label, clearance: float) -> bool:
        """Tell whether a label covers no circle and no line but its own."""
        room = label.rect.grown(clearance)
        return not self.covers_disc(room) and not any(
            edge is not label.edge and edge.runs_through(room) for edge in self.edges
        )

    def covers_disc(self, room: Rect) -> bool:
        """Tell whether a rectangle reaches into a circle."""
        return any(
            room.meets_disc(disc.x, disc.y, disc.radius + _CLEAR_OF_CIRCLE) for disc in self.discs
        )


def place_labels(edges: Sequence[Edge], discs: Sequence[Disc]) -> tuple[Label, ...]:
    """Place the labels of all links."""
    labels: list[Label] = []
    for columns in sorted({edge.columns for edge in edges}):
        here = [edge for edge in edges if edge.label and edge.columns == columns]
        near = [
            edge for edge in edges if edge.columns[0] < columns[1] and columns[0] < edge.columns[1]
        ]
        around = [disc for disc in discs if columns[0] <= disc.circle.column <= columns[1]]
        labels += _place(here, _Gap(near, around), tuple(labels))
    return tuple(labels)


def _place(edges: Sequence[Edge], gap: _Gap, others: tuple[Label, ...]) -> list[Label]:
    """Place the labels between two columns, with as many of them as fit."""
    framed = [edge for edge in edges if edge.link.style == "highlight"]
    ordinary = [edge for edge in edges if edge.link.style != "highlight"]
    marked = [edge for edge in ordinary if edge.on_route or edge.link.style == "strong"]
    for chosen in (ordinary, marked):
        labels = _in_one_line(chosen, gap, others) or _one_by_one(
            chosen, gap, others, partly=False
        )
        chips = _frames(framed, gap, (*others, *labels))
        if len(labels) == len(chosen) and len(chips) == len(framed):
            return [*labels, *chips]
    chips = _frames(framed, gap, others)
    return [*chips, *_one_by_one(marked, gap, (*others, *chips), partly=True)]


def _in_one_line(edges: Sequence[Edge], gap: _Gap, others: tuple[Label, ...]) -> list[Label]:
    """Place labels at the same fraction of the way, or return none of them."""
    for clearance in _CLEARANCES:
        for t in _PLACES:
            labels: list[Label] = []
            for edge in edges:
                label = _label(edge, t)
                if not gap.is_free(label, clearance) or _meets(label, (*others, *labels)):
                    break
                labels.append(label)
            else:
                return labels
    return []


def _one_by_one(
    edges: Sequence[Edge], gap: _Gap, others: tuple[Label, ...], *, partly: bool
) -> list[Label]:
    """Place each label where it is clearest; if one finds no place, leave out it or all."""
    labels: list[Label] = []
    for edge in edges:
        tries = ((clearance, _label(edge, t)) for clearance in _CLEARANCES for t in _PLACES)
        free = (
            label
            for clearance, label in tries
            if gap.is_free(label, clearance) and not _meets(label, (*others, *labels))
        )
        found = next(free, None)
        if found is not None:
            labels.append(found)
        elif not partly:
            return []
    return labels


def _frames(edges: Sequence[Edge], gap: _Gap, others: tuple[Label, ...]) -> list[Label]:
    """Place framed labels where they hide least."""
    crossings = [
        point
        for one, other in combinations(gap.edges, 2)
        if edges and (point := one.line.crossing(other.line))
    ]
    labels: list[Label] = []
    for edge in edges:
        candidates = [
            (_hidden(label, gap, crossings), index, label)
            for index, t in enumerate(_PLACES)
            if not gap.covers_disc((label := _label(edge, t)).rect.grown(2))
            and not _meets(label, (*others, *labels))
        ]
        if candidates:
            labels.append(min(candidates, key=lambda candidate: candidate[:2])[2])
    return labels


def _hidden(label: Label, gap: _Gap, crossings: Iterable[tuple[float, float]]) -> int:
    """Count what a framed label would hide: crossings most, coloured links, then plain ones."""
    room = label.rect.grown(3)
    return 10 * sum(room.holds(*point) for point in crossings) + sum(
        (5 if edge.on_route else 1)
        for edge in gap.edges
        if edge is not label.edge and edge.runs_through(room)
    )


def _label(edge: Edge, t: float) -> Label:
    """Return the label of a link at a fraction of the way."""
    return Label(edge, Rect.around(*edge.line.at(t), *edge.label_size))


def _meets(label: Label, others: Iterable[Label]) -> bool:
    """Tell whether a label comes too close to others."""
    room = label.rect.grown(2)
    return any(room.meets(other.rect) for other in others)
