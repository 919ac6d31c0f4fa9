"""Rectangles, lines and what they hit: the little geometry that a diagram's layout needs.

The y axis points down, as on a screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import hypot

_PARALLEL = 1e-9


@dataclass(frozen=True, slots=True)
class Rect:
    """An upright rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @staticmethod
    def around(x: float, y: float, width: float, height: float) -> Rect:
        """Return the rectangle of a given size about a centre."""
        return Rect(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    @staticmethod
    def hull(rects: Iterable[Rect]) -> Rect:
        """Return the smallest rectangle that holds all of some rectangles (at least one)."""
        every = list(rects)
        return Rect(
            min(rect.left for rect in every),
            min(rect.top for rect in every),
            max(rect.right for rect in every),
            max(rect.bottom for rect in every),
        )

    @property
    def width(self) -> float:
        """Return the extent in x."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Return the extent in y."""
        return self.bottom - self.top

    @property
    def x(self) -> float:
        """Return the centre's x."""
        return (self.left + self.right) / 2

    @property
    def y(self) -> float:
        """Return the centre's y."""
        return (self.top + self.bottom) / 2

    def grown(self, margin: float) -> Rect:
        """Return the rectangle with a margin on all four sides."""
        return Rect(
            self.left - margin, self.top - margin, self.right + margin, self.bottom + margin
        )

    def meets(self, other: Rect) -> bool:
        """Tell whether two rectangles share more than a border."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )

    def holds(self, x: float, y: float) -> bool:
        """Tell whether a point lies in the rectangle or on its border."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def meets_disc(self, x: float, y: float, radius: float) -> bool:
        """Tell whether a disc reaches into the rectangle."""
        away_x = max(self.left - x, 0.0, x - self.right)
        away_y = max(self.top - y, 0.0, y - self.bottom)
        return hypot(away_x, away_y) < radius


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight stroke."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def length(self) -> float:
        """Return the distance between the ends."""
        return hypot(self.x1 - self.x0, self.y1 - self.y0)

    def at(self, t: float) -> tuple[float, float]:
        """Return the point a fraction t of the way along."""
        return self.x0 + t * (self.x1 - self.x0), self.y0 + t * (self.y1 - self.y0)

    def part(self, start: float, end: float) -> Segment:
        """Return the piece between two fractions of the way."""
        return Segment(*self.at(start), *self.at(end))

    def shifted(self, offset: float) -> Segment:
        """Return the parallel stroke a distance to the right of the direction of travel."""
        across_x = -(self.y1 - self.y0) / self.length * offset
        across_y = (self.x1 - self.x0) / self.length * offset
        return Segment(
            self.x0 + across_x, self.y0 + across_y, self.x1 + across_x, self.y1 + across_y
        )

    def away(self, x: float, y: float) -> float:
        """Return how far a point is from the nearest point of a stroke."""
        along = (x - self.x0) * (self.x1 - self.x0) + (y - self.y0) * (self.y1 - self.y0)
        near_x, near_y = self.at(min(max(along / self.length**2, 0.0), 1.0))
        return hypot(x - near_x, y - near_y)

    def inside(self, rect: Rect) -> tuple[float, float] | None:
        """Return between which fractions of the way a stroke runs through a rectangle, or None.

        By Y.-D. Liang and B. A. Barsky, "A new concept and method for line clipping", ACM
        Transactions on Graphics 3 (1984).
        """
        start, end = 0.0, 1.0
        for origin, step, low, high in (
            (self.x0, self.x1 - self.x0, rect.left, rect.right),
            (self.y0, self.y1 - self.y0, rect.top, rect.bottom),
        ):
            if abs(step) < _PARALLEL:
                if not low <= origin <= high:
                    return None
                continue
            near, far = sorted(((low - origin) / step, (high - origin) / step))
            start, end = max(start, near), min(end, far)
            if start > end:
                return None
        return start, end

    def crossing(self, other: Segment) -> tuple[float, float] | None:
        """Return the point where two strokes cross, if they do within their length."""
        ux, uy = self.x1 - self.x0, self.y1 - self.y0
        vx, vy = other.x1 - other.x0, other.y1 - other.y0
        cross = ux * vy - uy * vx
        if abs(cross) < _PARALLEL:
            return None
        wx, wy = other.x0 - self.x0, other.y0 - self.y0
        t, s = (wx * vy - wy * vx) / cross, (wx * uy - wy * ux) / cross
        return self.at(t) if 0 <= t <= 1 and 0 <= s <= 1 else None
