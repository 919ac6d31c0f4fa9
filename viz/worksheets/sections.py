"""The sections of a worksheet, with answers or with blanks.

A page walks through one gradient as the lectures do: the given numbers, the forward pass, the
routes, the local derivatives, the product along each route, the sum, the update of the weight.
Names, formulas and numbers are those of `engine.explain`; the mistakes of the key are those that
`engine.check_by_hand` recognises.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from engine.routes.listing import exact_sum
from engine.teaching.notation import LatexNotation
from engine.teaching.worked import Factor, Route, Worked, distinct, worked
from nn.textbook import Network
from viz.worksheets.mistakes import mistakes
from viz.worksheets.text import Formulas, Heading, Part, Picture, Points, Sentence, Table, Title


class _Notation(LatexNotation):
    """Write numbers as the page asks for: so many decimals, and small ones to so many figures."""

    def __init__(self, work: Worked, digits: int) -> None:
        self._digits = digits
        super().__init__(work)

    def number(self, x: float, digits: int = 0) -> str:
        """Write a number with the decimals of the page, whatever is asked for."""
        del digits
        return super().number(x, self._figures(x))

    def rounded(self, x: float) -> float:
        """Give a number as it is written, which is what a student goes on with."""
        return float(f"{x:.{self._figures(x) - 1}e}")

    def _figures(self, x: float) -> int:
        before_the_point = math.floor(math.log10(abs(x))) + 1 if abs(x) >= 1 else 0
        return self._digits + before_the_point


def _blank(width: int) -> str:
    return rf"\underline{{\hspace{{{width}em}}}}"


class Sections:
    """One page, section by section, with answers if it is the key, else with blanks."""

    def __init__(
        self, net: Network, digits: int, eta: float, seed: int | None, *, key: bool
    ) -> None:
        self._net, self._digits, self._eta, self._seed, self._key = net, digits, eta, seed, key
        self._exact = worked(net.root, net.focus)
        self._work = self._exact.rounded(digits)
        self._write = _Notation(self._work, digits)
        self._routes = self._work.routes(self._work.view.count)
        self._wanted = self._write.derivative(self._work.y, self._work.x)
        # Every number comes from those that the page shows, so that a student finds the same.
        rounded = self._write.rounded
        self._terms = [
            rounded(math.prod(rounded(factor.value) for factor in route.factors))
            for route in self._routes
        ]
        self._total = rounded(exact_sum(self._terms))
        self._x = self._write.name(self._work.x)
        self._y = self._write.name(self._work.y)

    def parts(self, picture: str = "") -> Iterator[Part]:
        """List the parts of the page, with the picture of that file."""
        yield from self._head()
        if picture:
            yield Picture(picture, f"The network: {self._net.title}")
        sections = [self._given, self._forward, self._paths, self._locals, self._products]
        if len(self._routes) > 1:
            sections.append(self._sum)
        if self._net.focus[0] in "wb":
            sections.append(self._update)
        sections.append(self._mistakes if self._key else self._checklist)
        for k, section in enumerate(sections, start=1):
            title, *parts = section()
            yield Heading(f"{k}. {title}")
            yield from parts

    def _answer(self, text: str, width: int = 5) -> str:
        """Give an answer, or the blank for it."""
        return text if self._key else _blank(width)

    def _number(self, x: float) -> str:
        return self._answer(self._write.number(x))

    # ------------------------------------------------------------ sections

    def _head(self) -> Iterator[Part]:
        yield Title(f"{'Answer key' if self._key else 'Worksheet'}: the gradient of ${self._x}$")
        if not self._key:
            yield Sentence(f"Name ${_blank(14)}$ Date ${_blank(7)}$")
        numbers = "their own numbers" if self._seed is None else f"numbers no. {self._seed}"
        yield Sentence(
            f"After the lecture notes ({self._net.source}); {numbers}. Wanted: ${self._wanted}$. "
            f"Round every value of the forward pass to {self._digits} decimals and go on with the "
            f"rounded one; of derivatives and products smaller than 0.1 keep {self._digits} "
            "significant digits."
        )

    def _given(self) -> Iterator[Any]:
        yield "Given"
        leaves = [node for node in self._net.nodes.values() if node.is_leaf]
        leaves.sort(key=lambda node: (_row(node.label), node.label))
        yield Table(
            [
                [f"{self._write.name(node)} = {self._write.number(node.data)}" for node in row]
                for _, row in groupby(leaves, lambda node: _row(node.label))
            ]
        )

    def _forward(self) -> Iterator[Any]:
        yield "Forward pass"
        yield Formulas([self._value(n) for n in self._work.view.graph.nodes if not n.is_leaf])

    def _value(self, node: Any) -> tuple[str, str]:
        formula = self._write.symbols(self._work.formulas.definition(node))
        return self._write.name(node), f"= {formula} = {self._number(self._work.value(node))}"

    def _paths(self) -> Iterator[Any]:
        yield "The routes"
        yield Sentence(
            f"Follow every arrow from ${self._x}$ to ${self._y}$. There "
            f"{'is one route' if len(self._routes) == 1 else f'are {len(self._routes)} routes'}:"
        )
        yield Formulas(
            [
                (self._write.tag(k), self._answer(self._arrows(route), 24))
                for k, route in enumerate(self._routes, start=1)
            ]
        )

    def _arrows(self, route: Route) -> str:
        return self._write.arrow.join(map(self._write.name, route.nodes))

    def _locals(self) -> Iterator[Any]:
        yield "The local derivatives"
        yield Sentence("Each as a formula, then as a number.")
        yield Formulas([self._local(factor) for factor in distinct(self._routes)])

    def _local(self, factor: Factor) -> tuple[str, str]:
        write, formula = self._write, factor.formula
        assert formula is not None  # the textbook's networks are worked out on paper
        steps = [write.symbols(formula), write.figures(formula), write.number(factor.value)]
        shown = list(dict.fromkeys(steps)) if self._key else [_blank(9), _blank(5)]
        return write.derivative(factor.node, factor.source, factor.slot), "= " + " = ".join(shown)

    def _products(self) -> Iterator[Any]:
        yield "Along each route, multiply" if len(self._routes) > 1 else "Multiply them"
        yield Formulas([self._product(k, r) for k, r in enumerate(self._routes, start=1)])

    def _product(self, k: int, route: Route) -> tuple[str, str]:
        write = self._write
        numbers = [
            self._answer(write.factor(factor.value, first=not j), 4)
            for j, factor in enumerate(route.factors)
        ]
        left = write.tag(k) if len(self._routes) > 1 else self._wanted + " ="
        # In braces, else a minus at the beginning is set as if something stood before it.
        return left, f"{{{write.dot.join(numbers)}}} = {self._number(self._terms[k - 1])}"

    def _sum(self) -> Iterator[Any]:
        yield "Over the routes, add"
        terms = [self._write.factor(term, first=not k) for k, term in enumerate(self._terms)]
        added = " + ".join(self._answer(term, 4) for term in terms)
        yield Formulas([(self._wanted, f"= {added} = {self._number(self._total)}")])

    def _update(self) -> Iterator[Any]:
        write, x, eta, gradient = self._write, self._x, self._eta, self._total
        yield "The update"
        yield Sentence(
            rf"One step of gradient descent with the learning rate $\eta = "
            rf"{write.number(eta)}$, and what the gradient says it does to the loss."
        )
        old = self._net[self._net.focus].data
        new = old - eta * gradient
        step = f"{self._answer(write.number(old), 4)} - {write.number(eta)} \\cdot "
        change = -eta * gradient**2
        yield Formulas(
            [
                (
                    rf"{x} - \eta \, {self._wanted}",
                    f"= {step}{self._answer(write.factor(gradient, first=False), 4)} = "
                    f"{self._number(new)}",
                ),
                (rf"-\eta \left({self._wanted}\right)^2", f"= {self._number(change)}"),
            ]
        )
        if self._key:
            before, after = self._net.root.data, self._net.at({self._net.focus: new}).root.data
            yield Sentence(f"The true change of ${self._y}$ is ${write.number(after - before)}$.")

    # ------------------------------------------------------------ mistakes

    def _checklist(self) -> Iterator[Any]:
        yield "Before you hand it in"
        yield Points(_CHECKLIST[len(self._routes) == 1 :])

    def _mistakes(self) -> Iterator[Any]:
        yield "Common mistakes"
        exact = self._write.number(self._net.gradient(self._net.focus))
        yield Sentence(
            f"Without rounding on the way the gradient is ${exact}$; the last digits of a student "
            "may differ. What other answers would mean:"
        )
        yield Points(
            [
                f"${self._write.number(claim)}$: {'; or '.join(sentences)}"
                for claim, sentences in mistakes(self._exact, self._digits)
            ]
        )


_CHECKLIST = (
    "Is every route there? Count the arrows that leave each node on the way: a softmax output "
    "depends on every pre-activation.",
    "Does each route have a factor for each of its arrows, also for the activations?",
    "Is each sign right, and each constant there, such as the 2 of a square?",
)


def _row(label: str) -> tuple[int, str]:
    """Tell where in the table a leaf belongs: inputs, weights, biases, targets; by neuron."""
    return "xaZwby".find(label[0]), label[:-1] if "_" in label else label
