"""The lecture's two gradients, told in a terminal: what the network computes and what was printed.

Pure text: `viz.command.cli` prints it and writes the pictures.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine import path_table, paths
from engine.labels import number, typeset
from engine.routes.listing import Path, exact_sum
from engine.routes.reading import Reading, read
from nn.textbook import Network

DIGITS = 10
WIDTH = 96


@dataclass(frozen=True, slots=True)
class Printed:
    """What the lecture notes (S0) print for a weight, whose learning rate is 1."""

    gradient: str
    weight: str
    kept: tuple[tuple[str, str], ...]  # each route by two nodes that only it passes together

    def keeps(self, path: Path) -> bool:
        """Tell whether the notes follow a route."""
        labels = {node.label for node in path.nodes}
        return any(labels.issuperset(pair) for pair in self.kept)


PRINTED = {
    "w_131": Printed("0.001595", "-0.301595", (("a_21", "yhat_1"), ("a_22", "yhat_2"))),
    "w_212": Printed("-0.065", "0.865", (("a_21", "yhat_1"),)),
}
"""The printed figures of S0 ("Multiple Paths" and "Partial Derivatives"; errata E1 and E2)."""


def report(net: Network) -> str:
    """Tell a lecture network's forward pass, gradient, routes, printed figure and update."""
    shown = read(net.L).by("milestones")
    sections = (_forward(net), _backward(net, shown), _comparison(net, shown), _update(net))
    return "\n\n".join("\n".join(lines) for lines in sections)


def omitted(net: Network) -> list[Path]:
    """List the routes from the network's weight that the printed figure leaves out."""
    printed = PRINTED[net.focus]
    return [path for path in paths(net.L, net[net.focus]) if not printed.keeps(path)]


def footnote(net: Network) -> str:
    """Write the sentence below the picture's table."""
    return f"dashed: the routes that the printed {_minus(PRINTED[net.focus].gradient)} leaves out"


def updated(net: Network, count: int, eta: float = 1.0) -> list[Network]:
    """Train the network: update all its weights and biases together, some times over."""
    trained: list[Network] = []
    for _ in range(count):
        parameters = [name for name in net.nodes if name.startswith(("w_", "b_"))]
        net = net.at({name: net.update(name, eta) for name in parameters})
        trained.append(net)
    return trained


def _forward(net: Network) -> list[str]:
    biases = [net[name] for name in net.nodes if name.startswith("b_")]
    shown = ", ".join(f"{typeset(b.label)} = {number(b.data)}" for b in biases)
    lines = [
        "The network of the lecture notes: 4 inputs, 4 sigmoid neurons, 2 softmax outputs,",
        f"squared error; biases {shown}",
        "",
        "Forward",
    ]
    for symbol, size in (("x", 4), ("a_1", 4), ("h_1", 4), ("a_2", 2), ("yhat", 2), ("y", 2)):
        separator = "" if symbol[-1].isdigit() else "_"
        names = [f"{symbol}{separator}{k}" for k in range(1, size + 1)]
        lines.append("  " + "".join(_cell(net[name]) for name in names).rstrip())
    return [*lines, "  " + _cell(net.L).rstrip()]


def _cell(node: Any) -> str:
    """Write a name and its number, as wide as a column; a combining hat takes no width."""
    text = f"{typeset(node.label)} = {number(node.data, DIGITS)}"
    width = sum(not unicodedata.combining(c) for c in text)
    return text + " " * max(2, 22 - width)


def _backward(net: Network, shown: Reading) -> list[str]:
    weight = net[net.focus]
    gradient = number(net.gradient(net.focus), DIGITS)
    return [
        "Backward",
        f"  ∂L/∂{typeset(weight.label)} = {gradient}    "
        f"(central differences: {number(net.difference(net.focus), 8)})",
        "",
        *(f"  {line}" for line in str(path_table(shown, weight)).splitlines()),
    ]


def _comparison(net: Network, shown: Reading) -> list[str]:
    printed = PRINTED[net.focus]
    found = list(paths(shown, net[net.focus]))
    kept = [path for path in found if printed.keeps(path)]
    left_out = [path for path in found if not printed.keeps(path)]
    zero = all(net[name].data == 0 for name in net.nodes if name.startswith("b_"))
    for_zero = "" if zero else " (for biases of 0; here they are not)"
    rounding = " The rest is rounding: the notes go on with values of 2 digits." if zero else ""
    told = [
        f"The notes print {_minus(printed.gradient)}{for_zero}. They follow only "
        f"{_listed(kept)}: {_sum(kept)}.{rounding}",
        "But each softmax output depends on both pre-activations, so there "
        f"{'is' if len(left_out) == 1 else 'are'} also {_listed(left_out)}: "
        f"{_sum(left_out)}.",
        "With two classes and a one-hot target both parts are equal: the printed method gives "
        "half of the gradient.",
    ]
    wrapper = textwrap.TextWrapper(WIDTH, initial_indent="  ", subsequent_indent="  ")
    return ["The printed figure", *map(wrapper.fill, told)]


def _sum(routes: Sequence[Path]) -> str:
    return number(exact_sum(path.contribution for path in routes), DIGITS)


def _listed(routes: Sequence[Path]) -> str:
    """Name routes by the softmax steps in which they differ."""
    steps = []
    for path in routes:
        labels = [node.label for node in path.nodes]
        k = next(i for i, label in enumerate(labels) if label.startswith("yhat_"))
        steps.append(" → ".join(map(typeset, labels[k - 1 : k + 1])))
    return " and ".join(steps)


def _update(net: Network) -> list[str]:
    name = net.focus
    printed, weight, gradient = PRINTED[name], net[name].data, net.gradient(name)
    updated = net.update(name)
    lines = [
        "The update, with learning rate η = 1",
        f"  {typeset(name)} ← {number(weight)} − 1 · {_factor(gradient)} = "
        f"{number(updated, DIGITS)}    (printed: {_minus(printed.weight)})",
        f"  L = {number(net.L.data, 12)} before,",
    ]
    steps = ((updated, "with the whole gradient"), (float(printed.weight), "as printed"))
    lines += [
        f"      {number(net.at({name: value}).L.data, 12)} after the step {how}"
        for value, how in steps
    ]
    return lines


def _factor(x: float) -> str:
    return number(x, DIGITS) if x >= 0 else f"({number(x, DIGITS)})"


def _minus(text: str) -> str:
    return text.replace("-", "−")
