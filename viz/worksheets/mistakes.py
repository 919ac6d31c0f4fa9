"""Wrong answers to a worksheet, and what each would mean."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from engine.routes.listing import exact_sum
from engine.teaching.hand_check import Claim, HandChecker
from engine.teaching.worked import Route, Worked, distinct

MOST_SENTENCES = 3
"""So many explanations of one wrong number are listed."""


def mistakes(work: Worked, digits: int = 4) -> Iterator[tuple[float, list[str]]]:
    """List wrong answers that students give, and what `engine.check_by_hand` says each means."""
    seen = set()
    checker = HandChecker(work)
    for claim in _claims(work):
        answer = float(f"{claim:.{digits - 1}e}")
        found = checker.check(Claim.of(answer))
        sentences = list(dict.fromkeys(finding.sentence for finding in found.findings))
        if answer not in seen and sentences and not found.is_right:
            seen.add(answer)
            more = len(sentences) - MOST_SENTENCES
            rest = [f"{more} other slip{'s' * (more > 1)}"] if more > 0 else []
            yield answer, sentences[:MOST_SENTENCES] + rest


def _claims(work: Worked) -> Iterator[float]:
    """Make the usual slips.

    They are the wrong sign, only the routes that keep their index (errata E1 and E2), half of it
    all, and each factor that all routes share left out.
    """
    yield -work.total
    routes = work.routes(work.view.count)
    kept = [_indices_kept(route) for route in routes]
    yield exact_sum(r.contribution for r, n in zip(routes, kept, strict=True) if n == max(kept))
    yield work.total / 2.0
    for factor in distinct(routes):
        if all(factor in route.factors for route in routes):
            yield work.total / factor.value


def _indices_kept(route: Route) -> int:
    """Count the arrows of a route between nodes with the same last index, a_21 to yhat_1."""
    return sum(a.label[-1:] == b.label[-1:] for a, b in pairwise(route.nodes))
