"""`check_by_hand`: what a number that was worked out by hand may have left out.

The usual slips are tried, one at a time and then two: a wrong sign, paths that are missing, a
local derivative left out or used twice, a constant factor forgotten, the derivative of something
else, and each of them also with values rounded on the way. What fits is reported as a possible
explanation, never as what happened: other slips may give the same number.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from engine.arguments import real
from engine.core.node import Node
from engine.errors import DomainError, StaleGraphError, ValueTypeError
from engine.labels import number
from engine.routes.listing import distinguished, exact_sum
from engine.routes.table import ROUNDING
from engine.teaching.notation import Notation
from engine.teaching.worked import Route, Worked, worked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from engine.routes.reading import By, Reading


@dataclass(frozen=True)
class Limits:
    """How much is tried before an explanation is given up.

    Attributes:
        paths: Up to so many paths, every choice of missing ones is tried; beyond, whole nodes are.
        arrows: Up to so many arrows, each is tried as left out and as used twice.
        nodes: Up to so many recorded nodes, rounding on the way is tried.
        decimals: What people round to on the way.
    """

    paths: int = 12
    arrows: int = 5_000
    nodes: int = 2_000
    decimals: tuple[int, ...] = (4, 3, 2)


_LIMITS = Limits()

MOST_LISTED = 8
"""So many explanations are printed; then their number."""

SHARP = 3
"""A claim of fewer significant digits is not compared with the gradients of other nodes."""

FULL = 1e-9
"""A claim this close to a number, relatively, is that number."""


@dataclass(frozen=True)
class Finding:
    """One possible explanation of a claim.

    Attributes:
        kind: "none" (no slip), "sign", "paths", "factor", "twice", "constant" or "other".
        sentence: What would explain the claim, to be read after "would be explained by".
        value: The number that this slip gives.
        slips: How many slips it takes, rounding not counted.
        digits: Decimals to which values were rounded on the way; None for full precision.
        kept: For missing paths, the paths that were kept.
        missing: For missing paths, the others.
    """

    kind: str
    sentence: str
    value: float
    slips: int = 1
    digits: int | None = None
    kept: tuple[Route, ...] = ()
    missing: tuple[Route, ...] = ()


@dataclass(frozen=True)
class Claim:
    """A number that somebody worked out, and the unit of the last digit it is written with."""

    number: float
    unit: float

    @classmethod
    def of(cls, claim: Any) -> Claim:
        """Take a finite number as it was typed."""
        number = real(claim, "the claim")
        if not math.isfinite(number):
            raise ValueTypeError(f"the claim must be a finite number, not {number!r}")
        typed = Decimal(repr(claim if type(claim) is int else number))
        return cls(number, 10.0 ** int(typed.as_tuple().exponent))

    @property
    def figures(self) -> int:
        """How many significant digits it is written with."""
        if not self.number:
            return 0
        return 1 + math.floor(math.log10(abs(self.number) / self.unit) + 1e-9)

    def is_close(self, value: float, scale: float = 0.0) -> bool:
        """Tell whether it is a value, up to the digits that it is written with."""
        if self.number == 0:
            return abs(value) <= ROUNDING * scale
        tolerance = max(self.unit / 2 * (1 + FULL), FULL * abs(self.number))
        return abs(value - self.number) <= tolerance


class HandCheck:
    """What `check_by_hand` found; prints itself.

    Attributes:
        claim: The number that was checked.
        gradient: The gradient.
        findings: The simplest explanations, all of the same simplicity; empty if there is none.
    """

    def __init__(self, work: Worked, claim: Claim, findings: list[Finding]) -> None:
        self.claim = claim.number
        self.gradient = work.gradient
        self.findings = findings
        self._claimed = claim
        self._has_paths = work.view.count > 0
        notation = Notation(work)
        self._wanted = notation.derivative(work.y, work.x)
        is_rounding = abs(work.gradient) <= ROUNDING * work.view.magnitude
        self._gradient = "0" if is_rounding else notation.number(work.gradient, 10)

    @property
    def is_right(self) -> bool:
        """True if the claim is the gradient, perhaps rounded."""
        return any(finding.kind == "none" for finding in self.findings)

    def text(self) -> str:
        """Write the result as plain text."""
        claim = number(self.claim, 10)
        if self.is_right:
            return f"{self._wanted} = {claim} is right{self._how_right()}."
        lines = [f"{self._wanted} is {self._gradient}, not {claim}."]
        if not self._has_paths:
            lines.append("No path leads there: the one does not depend on the other.")
        if not self.findings:
            return "\n".join([*lines, f"Nothing I know explains {claim}{self._ratio()}."])
        digits = self.findings[0].digits
        rounding = "" if digits is None else f", {_rounding(digits)},"
        if len(self.findings) == 1:
            lines.append(f"{claim} would be explained{rounding} by {self.findings[0].sentence}.")
        else:
            lines.append(f"{claim} would be explained{rounding} by any one of these:")
            lines += [f"  - {finding.sentence}" for finding in self.findings[:MOST_LISTED]]
            more = len(self.findings) - MOST_LISTED
            lines += [f"  - and {more:,} more"] if more > 0 else []
            lines.append("The number alone does not say which.")
        if self._claimed.figures == 1:
            lines.append("A number of one digit fits much: take this as a hint.")
        return "\n".join(lines)

    def _how_right(self) -> str:
        error = abs(self.claim - self.gradient)
        if self.claim == 0:
            return "" if error == 0 else ": what the sweep leaves there is rounding"
        if error <= FULL * abs(self.gradient):
            shared = 16.0 if error == 0 else -math.log10(error / abs(self.gradient))
            return f": it agrees with the backward sweep to {min(16, int(shared))} digits"
        figures, decimals = self._claimed.figures, self.findings[0].digits
        at_the_end = f"rounded to {figures} digit{'s' * (figures != 1)}"
        rounding = at_the_end if decimals is None else _rounding(decimals)
        return f", {rounding}; the gradient is {self._gradient}"

    def _ratio(self) -> str:
        """Say if the claim is a simple multiple of the gradient, which is no explanation yet."""
        if not self.gradient or self._claimed.figures < SHARP:
            return ""
        ratio = Fraction(self.claim / self.gradient).limit_denominator(12)
        if abs(ratio) > 12 or not self._claimed.is_close(float(ratio) * self.gradient):
            return ""
        return f", though it is {ratio} times the gradient"

    def __str__(self) -> str:
        return self.text()

    __repr__ = __str__


def check_by_hand(y: Any, x: Any, claim: Any, by: By = "milestones") -> HandCheck:
    """Check a gradient that was worked out by hand, and look for what it left out.

    The simplest explanations are given: those with the fewest slips, and among them those that
    need no rounding on the way. All choices of missing paths are tried if there are at most 12
    paths; else the paths through one node at a time. A claim is taken to be rounded to the digits
    it is written with.

    Args:
        y: The Value that is differentiated.
        x: With respect to what: a Value, or the label of one below ``y``.
        claim: The number.
        by: "milestones" for paths through named nodes, "nodes" for every recorded node.

    Returns:
        What was found: print it.

    Raises:
        UnknownNameError: If a label or ``by`` is not known.
        ValueTypeError: If ``claim`` is not a finite real number, or ``y`` not a Value.

    Example:
        >>> from engine import Value
        >>> x, w = Value(3.0, "x"), Value(2.0, "w")
        >>> check_by_hand((w * x) ** 2, "w", 36)
        ∂f/∂w = 36 is right: it agrees with the backward sweep to 16 digits.
        >>> check_by_hand((w * x) ** 2, "w", -36)
        ∂f/∂w is 36, not −36.
        −36 would be explained by a wrong sign.
    """
    claimed = Claim.of(claim)
    return HandChecker(worked(y, x, by=by)).check(claimed)


class HandChecker:
    """One gradient, worked out once for all the claims about it."""

    def __init__(self, work: Worked, limits: Limits = _LIMITS) -> None:
        self._work = work
        self._tried = [_Slips(work, limits)]
        if len(work.exact.reading.recorded.graph) <= limits.nodes:
            for digits in limits.decimals:
                # A value may be rounded to 0; a leaf may have changed.
                with suppress(DomainError, StaleGraphError):
                    self._tried.append(_Slips(work.rounded(digits), limits))

    def check(self, claim: Claim) -> HandCheck:
        """Find the simplest explanations of a claim."""
        magnitude = self._work.view.magnitude
        found = [
            finding
            for slips in self._tried
            for finding in slips.all(claim.figures)
            if claim.is_close(finding.value, magnitude)
        ]
        best = min(map(_simplicity, found), default=())
        return HandCheck(self._work, claim, [each for each in found if _simplicity(each) == best])


def _simplicity(finding: Finding) -> tuple[int, bool, int]:
    return finding.slips, finding.digits is not None, -(finding.digits or 0)


def _rounding(digits: int) -> str:
    return f"with values rounded to {digits} decimals on the way"


class _Slips:
    """The numbers that usual slips would give."""

    def __init__(self, work: Worked, limits: Limits) -> None:
        self._work = work
        self._limits = limits
        self._write = Notation(work)
        self._total = work.total

    def all(self, figures: int) -> Iterator[Finding]:
        """Give every finding: no slip, one slip, two; for a claim of so many figures."""
        digits = self._work.digits
        yield Finding("none", "nothing", self._total, slips=0, digits=digits)
        for finding in self._of_slips(figures):
            yield replace(finding, digits=digits)

    def _of_slips(self, figures: int) -> Iterator[Finding]:
        if self._work.view.count == 0:
            yield from self._others(figures)
            return
        constants = list(self._constants())
        single = [*self._missing(), *self._factors(), *self._layers(), *constants]
        yield Finding("sign", "a wrong sign", -self._total)
        yield from single
        yield from self._others(figures)
        for finding in single:
            sentence = f"{finding.sentence}, and a wrong sign"
            yield replace(finding, sentence=sentence, value=-finding.value, slips=2)
        for finding in self._missing():
            for constant in constants:
                sentence = f"{finding.sentence}, and {constant.sentence}"
                value = finding.value * (constant.value / self._total) if self._total else 0.0
                yield replace(finding, sentence=sentence, value=value, slips=2)

    # ------------------------------------------------------------ missing paths

    @cached_property
    def _routes(self) -> list[Route]:
        few = self._work.view.count <= self._limits.paths
        return self._work.routes(self._limits.paths) if few else []

    def _missing(self) -> Iterator[Finding]:
        if not self._routes:
            yield from self._missing_through_nodes()
            return
        choices = [
            kept
            for n in range(len(self._routes) - 1, 0, -1)
            for kept in combinations(self._routes, n)
        ]
        # Work by hand tends to follow an index, a_21 to yhat_1: such choices come first.
        for kept in sorted(choices, key=lambda kept: -sum(map(_keeps_its_index, kept))):
            missing = tuple(r for r in self._routes if r not in kept)
            value = exact_sum(route.contribution for route in kept)
            sentence = f"{len(missing)} of the {len(self._routes)} paths left out"
            if len(missing) <= len(kept):
                sentence += f": {self._listed(missing)}"
            if len(kept) < len(missing) or len(kept) == len(missing) > 1:
                sentence += f", only {self._listed(kept)} kept"
            yield Finding("paths", sentence, value, kept=kept, missing=missing)

    def _listed(self, routes: tuple[Route, ...]) -> str:
        names = [self._middles[id(route)] for route in routes]
        return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    @cached_property
    def _middles(self) -> dict[int, str]:
        """The names of the paths, found once: thousands of choices are made of them."""
        arrow = self._write.arrow
        names = [[self._write.name(node) for node in route.nodes] for route in self._routes]
        return {
            id(route): f"the one through {apart[0]}" if len(apart) == 1 else arrow.join(apart)
            for route, apart in zip(self._routes, distinguished(names), strict=True)
        }

    def _missing_through_nodes(self) -> Iterator[Finding]:
        nodes, adjoints = self._work.view.graph.nodes, self._work.view.reading.adjoints
        for k, tangent in self._tangents.items():
            if nodes[k] is self._work.x or nodes[k] is self._work.y:
                continue
            through, name = adjoints[k] * tangent, self._write.name(nodes[k])
            sentence = f"the paths through {name} left out"
            yield Finding("paths", sentence, self._total - through)
            yield Finding("paths", f"only the paths through {name} kept", through)

    @cached_property
    def _tangents(self) -> dict[int, float]:
        """The derivative with respect to x of every node that depends on it."""
        start = self._work.view.start
        assert start is not None
        return self._work.view.reading.tangents(start)

    # ------------------------------------------------------------ factors

    def _factors(self) -> Iterator[Finding]:
        """Leave out one local derivative, or use it twice."""
        graph, tangents = self._work.view.graph, self._tangents
        adjoints = self._work.view.reading.adjoints
        if sum(map(len, graph.sources)) > self._limits.arrows:
            return
        for k in tangents:
            sources, weights = graph.sources[k], graph.weights[k]
            for slot, (source, weight) in enumerate(zip(sources, weights, strict=True)):
                if source not in tangents or weight == 1:
                    continue
                without = adjoints[k] * tangents[source]
                others = self._total - weight * without
                at = slot if sources.count(source) > 1 else None
                name = self._write.derivative(graph.nodes[k], graph.nodes[source], at)
                named = f"the local derivative {name} = {number(weight)}"
                yield Finding("factor", f"{named} left out", others + without)
                yield Finding("twice", f"{named} used twice", others + weight**2 * without)

    def _layers(self) -> Iterator[Finding]:
        """Leave out the same step on all paths, such as the derivative of a whole softmax."""
        lengths = {len(route.factors) for route in self._routes}
        if len(self._routes) < 2 or len(lengths) != 1:
            return
        for j in range(lengths.pop()):
            dropped = [route.factors[j] for route in self._routes]
            names = dict.fromkeys(self._write.derivative(f.node, f.source) for f in dropped)
            if len(names) == 1:  # one arrow that all share: `_factors` has it
                continue
            products = [
                math.prod(f.value for i, f in enumerate(route.factors) if i != j)
                for route in self._routes
            ]
            sentence = f"the local derivatives {', '.join(names)} all left out"
            yield Finding("factor", sentence, exact_sum(products))

    def _constants(self) -> Iterator[Finding]:
        """Forget a constant: the 2 of a square, the 1/n of a mean, a plain number in a product."""
        found: dict[float, str] = {}
        on_paths: set[Any] = {self._work.x}
        for node in self._recorded.graph.nodes:
            if on_paths.isdisjoint(node.parents):
                continue
            on_paths.add(node)
            for factor, sentence in _constant_factors(node):
                found.setdefault(factor, sentence)
        for factor, sentence in found.items():
            yield Finding("constant", sentence, self._total / factor)

    def _others(self, figures: int) -> Iterator[Finding]:
        """Take the derivative with respect to something else."""
        nodes, shown = self._recorded.graph.nodes, self._work.view.graph.index
        differentiable = sum(not node.is_constant for node in nodes)
        # With fewer digits than that, some gradient or other is near by chance.
        if figures < max(SHARP, 1 + math.log10(max(1, differentiable))):
            return
        for node, gradient in zip(nodes, self._recorded.adjoints, strict=True):
            if node.label and not node.is_constant and node is not self._work.x and node in shown:
                name = self._write.derivative(self._work.y, node)
                yield Finding("other", f"a mix-up: it is {name}", gradient)

    @property
    def _recorded(self) -> Reading:
        return self._work.exact.reading.recorded


def _constant_factors(node: Any) -> Iterator[tuple[float, str]]:
    """List the constant factors that an operation brings into a derivative."""
    name, operands = node.op.name, node.operands
    numbers = [o for o in operands if not isinstance(o, Node)]
    if name == "mul" and operands[0] is operands[1]:
        yield 2.0, "the factor 2 in the derivative of a square forgotten"
    elif name == "mean":
        yield 1.0 / len(operands), f"the division by {len(operands)} of a mean forgotten"
    elif name in {"pow", "mul", "div"} and numbers and numbers[0] not in {0.0, 1.0}:
        factor = numbers[0]
        if name == "pow" and operands[1] is factor:
            yield factor, f"the factor {factor:g} of the power rule forgotten"
        elif name == "mul":
            yield factor, f"the constant factor {factor:g} forgotten"
        elif name == "div" and operands[1] is factor:
            yield 1.0 / factor, f"the division by {factor:g} forgotten"


def _keeps_its_index(route: Route) -> int:
    """Count the arrows of a path between nodes whose labels end in the same index."""
    labels = [node.label for node in route.nodes]
    return sum(a[-1:] == b[-1:] != "" for a, b in pairwise(labels))
