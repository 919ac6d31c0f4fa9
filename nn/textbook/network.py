"""`Network`: a worked example whose nodes go by their textbook names.

>>> from nn.textbook import w131
>>> net = w131()
>>> round(net.gradient("w_131"), 12)
0.003159356764
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

from engine.arguments import real
from engine.calculus.check import central_difference
from engine.core.backward import gradients
from engine.core.graph import topological_order
from engine.core.value import Value
from engine.errors import UnknownNameError, known
from engine.program.rerun import rerun
from nn.names import textbook_name


class Network:
    """A recorded example: every labelled node by its name, and what its lecture does with it.

    Args:
        title: What the example shows.
        source: The document and the place in it.
        root: The node that everything leads to, such as the loss.
        focus: The name of the node whose gradient the lecture works out; "" if there is none.
        more: Nodes that the root does not depend on but that have a name.

    Attributes:
        title: As given.
        source: As given.
        root: As given.
        focus: As given.
        nodes: The labelled nodes by name, operands before the nodes that use them.

    Example:
        >>> x = Value(3.0, "x")
        >>> y = x**2
        >>> y.label = "y"
        >>> net = Network("the parabola", "S0", y, focus="x")
        >>> net["y"].data, net.gradient("x"), net.update("x", eta=0.5)
        (9.0, 6.0, 0.0)
    """

    def __init__(
        self, title: str, source: str, root: Value, focus: str = "", more: tuple[Value, ...] = ()
    ) -> None:
        self.title = title
        self.source = source
        self.root = root
        self.focus = focus
        self._more = more
        everything = [n for end in (root, *more) for n in topological_order(end)]
        self.nodes: Mapping[str, Value] = MappingProxyType(
            {node.label: node for node in everything if node.label}
        )

    def __getitem__(self, name: str) -> Value:
        try:
            return self.nodes[name]
        except KeyError:
            raise UnknownNameError(
                f"{self.title} has no node {name!r}; known are {known(self.nodes)}"
            ) from None

    @property
    def L(self) -> Value:  # noqa: N802 - the textbook's name
        """The loss."""
        return self["L"]

    @cached_property
    def gradients(self) -> Mapping[Value, float]:
        """The derivative of the root with respect to every node, by one backward sweep."""
        return MappingProxyType(gradients(self.root))

    def gradient(self, name: str) -> float:
        """Give the derivative of the root with respect to a node.

        Args:
            name: The node's name.

        Returns:
            The derivative; 0 for a node that the root does not depend on.
        """
        return self.gradients.get(self[name], 0.0)

    def update(self, name: str, eta: float = 1.0) -> float:
        """Take one step of gradient descent: w - η ∂L/∂w. The network itself stays as it is.

        Args:
            name: The name of the weight.
            eta: The learning rate η.

        Returns:
            The new number; ``net.at({name: ...})`` is the network with it.
        """
        return self[name].data - real(eta, "eta") * self.gradient(name)

    def at(self, changes: Mapping[str, float]) -> Network:
        """Compute the same example with other numbers in some leaves.

        Args:
            changes: The new number of each leaf to change, by name.

        Returns:
            A new network.

        Raises:
            UnknownNameError: If there is no leaf of that name.

        Example:
            >>> from nn.textbook import w131
            >>> round(w131().at({"w_131": -0.3031593568}).L.data, 9)
            0.10548111
        """
        leaves = {name: node for name, node in self.nodes.items() if node.is_leaf}
        for name in changes:
            if name not in leaves:
                raise UnknownNameError(
                    f"{self.title} has no leaf {name!r}; the leaves are {known(leaves)}"
                )
        ends = (self.root, *self._more)
        below = [node for end in ends for node in topological_order(end)]
        numbers = {n: changes[n.label] for n in below if n.is_leaf and n.label in changes}
        again = rerun(ends, numbers)
        root, *more = (again[end] for end in ends)
        return Network(self.title, self.source, root, self.focus, tuple(more))

    def difference(self, name: str, step: float = 1e-3) -> float:
        """Differentiate the root by a leaf without any calculus: by central differences.

        Args:
            name: The name of the leaf.
            step: The distance of the sample points.

        Returns:
            The derivative, to about ten digits.

        Example:
            >>> from nn.textbook import w131
            >>> net = w131()
            >>> abs(net.difference("w_131") - net.gradient("w_131")) < 1e-11
            True
        """
        return central_difference(
            lambda x: float(self.at({name: x}).root.data), self[name].data, step
        )

    def values(self, *names: str) -> list[float]:
        """List the numbers of some nodes.

        Args:
            *names: Their names.

        Returns:
            The forward values.
        """
        return [self[name].data for name in names]

    def __repr__(self) -> str:
        return f"<Network {self.title}: {len(self.nodes)} named nodes>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        """Show the diagram of the root in a notebook, if `viz` is imported."""
        return self.root._repr_mimebundle_() | {"text/plain": str(self)}

    def __str__(self) -> str:
        lines = [f"{self.title} ({self.source})"]
        width = max(map(len, self.nodes))
        lines += [
            f"  {name:<{width}}  {node.data:>16.10g}  gradient {self.gradient(name):>17.10g}"
            for name, node in self.nodes.items()
        ]
        return "\n".join(lines)


def named(label: str, node: Any) -> Value:
    """Label a node and hand it on."""
    node.label = label
    return node  # type: ignore[no-any-return]


def all_named(nodes: Iterable[Any], symbol: str, *place: int) -> list[Value]:
    """Label the entries of a vector: h_11, h_12, ... for the symbol h and the place 1."""
    return [named(textbook_name(symbol, *place, i), n) for i, n in enumerate(nodes, start=1)]
