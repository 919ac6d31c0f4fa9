"""Neurons and layers of them, as the micrograd lectures have them.

A neuron's pre-activation is one `engine.dot` node with an edge per weight, input and bias, as a
textbook draws it. ``expanded=True`` gives every multiplication and addition a node of its own;
the numbers are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import engine
from engine.arguments import is_list, positive_size, real
from engine.core.value import Value
from engine.errors import ShapeError, UnknownNameError
from nn.model.activations import Activation, find_activation, spelled
from nn.model.init import Init, find_init, find_source
from nn.model.module import Module, distinct, named_once
from nn.model.preactivations import Preactivations
from nn.names import textbook_name


class Neuron(Module):
    """One neuron: activation(b + w_1 * x_1 + w_2 * x_2 + ...).

    Args:
        nin: The number of inputs.
        nonlin: False for a linear neuron, as in micrograd.
        activation: A name (relu, tanh, sigmoid, softplus, leaky_relu, elu, gelu, silu, linear), a
            function of one Value, or None for linear.
        init: An initialiser or its name (`nn.model.init`); None draws from uniform(-1, 1).
        seed: Seed of the random numbers; None draws from the module `random`, as micrograd does.
        expanded: True to record every multiplication and addition as a node.

    Raises:
        ShapeError: If ``nin`` is not a positive whole number.
        UnknownNameError: If there is no such activation or initialiser.

    Example:
        >>> neuron = Neuron(2, seed=1)
        >>> neuron
        ReLUNeuron(2)
        >>> list(neuron.named_parameters())
        ['w_1', 'w_2', 'b']
    """

    activation: str | Callable[[Any], Any]
    function: Callable[[Any], Any] | None
    expanded: bool
    place: tuple[int, ...]
    w: list[Value]
    b: Value

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: Activation = "relu",
        init: Init | str | None = None,
        seed: float | str | None = None,
        expanded: bool = False,
    ) -> None:
        size = positive_size(nin, "the number of inputs")
        draw, source = find_init(init), find_source(seed)
        weights = [draw(source, size, 1) for _ in range(size)]
        self._assemble(weights, 0.0, activation if nonlin else None, expanded, ())

    @classmethod
    def from_weights(
        cls,
        weights: Sequence[Any],
        bias: Any = 0.0,
        *,
        activation: Activation = "relu",
        expanded: bool = False,
        place: tuple[int, ...] = (),
    ) -> Self:
        """Make a neuron with given weights.

        Args:
            weights: A number (or a Value, which is then shared) for each input.
            bias: A number or a Value.
            activation: As for `Neuron`.
            expanded: As for `Neuron`.
            place: The indices that the names begin with: layer and neuron, counted from 1.

        Returns:
            The neuron.

        Raises:
            ShapeError: If there are no weights.
            ValueTypeError: If a weight is not a real number.

        Example:
            >>> Neuron.from_weights([2.0, -1.0], 0.5)([1.0, 1.0]).data
            1.5
        """
        neuron = cls.__new__(cls)
        neuron._assemble(weights, bias, activation, expanded, place)  # noqa: SLF001 - its own
        return neuron

    def _assemble(
        self,
        weights: Sequence[Any],
        bias: Any,
        activation: Activation,
        expanded: bool,
        place: tuple[int, ...],
    ) -> None:
        if not len(weights):
            raise ShapeError("a neuron needs at least one weight, but the list is empty")
        if activation == "softmax":
            raise UnknownNameError(
                "softmax is no activation of one neuron, since each share depends on all neurons; "
                "give it to a Layer, or as output_activation of an MLP"
            )
        self.activation = "linear" if activation is None else activation
        self.function = find_activation(self.activation)
        learned: object = self.function
        if isinstance(learned, Module):
            self.learned = learned  # its parameters are the neuron's too
        self.expanded = expanded
        self.place = place
        self.w = [
            named_parameter(w, textbook_name("w", *place, j))
            for j, w in enumerate(weights, start=1)
        ]
        self.b = named_parameter(bias, textbook_name("b", *place))

    @property
    def nonlin(self) -> bool:
        """False for a linear neuron."""
        return self.function is not None

    def __call__(self, x: Sequence[Any]) -> Any:
        """Compute the output.

        Args:
            x: As many Values and numbers as the neuron has inputs.

        Returns:
            A Value.

        Raises:
            ShapeError: If there are more or fewer.
        """
        a = self.preactivation(x)
        return a if self.function is None else self.function(a)

    def preactivation(self, x: Sequence[Any]) -> Any:
        """Compute b + w_1 * x_1 + w_2 * x_2 + ..., before the activation.

        Args:
            x: As many Values and numbers as the neuron has inputs.

        Returns:
            A Value.

        Raises:
            ShapeError: If there are more or fewer.
        """
        check_inputs(type(self).__name__, len(self.w), x)
        return engine.dot(self.w, x, self.b, expanded=self.expanded)

    def parameters(self) -> list[Value]:
        """List the weights, then the bias; one that is shared comes once."""
        return distinct((*self.w, self.b, *self._added(Neuron).values()))

    def named_parameters(self) -> dict[str, Value]:
        """Name the parameters: w_1, w_2, ..., b, after the indices of the neuron's place."""
        return named_once(self.named_at(self.place))

    def named_at(self, place: tuple[int, ...], prefix: str = "") -> dict[str, Value]:
        """Name the weights and the bias as those of a neuron at a place, and what was added.

        Args:
            place: The indices that the names begin with.
            prefix: Put before the names of what a subclass added.

        Returns:
            The Values by name.
        """
        names = [textbook_name("w", *place, j) for j in range(1, len(self.w) + 1)]
        names.append(textbook_name("b", *place))
        own = dict(zip(names, (*self.w, self.b), strict=True))
        return own | self._added(Neuron, prefix)

    def __repr__(self) -> str:
        return f"{spelled(self.activation)}Neuron({len(self.w)})"


class Layer(Module):
    """Neurons side by side, all with the same inputs.

    Args:
        nin: The number of inputs.
        nout: The number of neurons.
        nonlin: False for linear neurons, as in micrograd.
        activation: As for `Neuron`; also "softmax", over the whole layer.
        init: As for `Neuron`.
        seed: As for `Neuron`.
        expanded: As for `Neuron`.

    Raises:
        ShapeError: If a size is not a positive whole number.
        UnknownNameError: If there is no such activation or initialiser.

    Example:
        >>> layer = Layer(3, 2, seed=1)
        >>> layer
        Layer of [ReLUNeuron(3), ReLUNeuron(3)]
        >>> list(layer.named_parameters())
        ['w_11', 'w_12', 'w_13', 'b_1', 'w_21', 'w_22', 'w_23', 'b_2']
    """

    activation: str | Callable[[Any], Any]
    place: tuple[int, ...]
    neurons: list[Neuron]
    _is_softmax: bool
    _preactivations: Preactivations

    def __init__(
        self,
        nin: int,
        nout: int,
        nonlin: bool = True,
        *,
        activation: Activation = "relu",
        init: Init | str | None = None,
        seed: float | str | None = None,
        expanded: bool = False,
    ) -> None:
        inputs = positive_size(nin, "the number of inputs")
        outputs = positive_size(nout, "the number of outputs")
        draw, source = find_init(init), find_source(seed)
        rows = [[draw(source, inputs, outputs) for _ in range(inputs)] for _ in range(outputs)]
        self._assemble(rows, 0.0, activation if nonlin else None, expanded, ())

    @classmethod
    def from_weights(
        cls,
        weights: Sequence[Sequence[Any]],
        biases: Any = 0.0,
        *,
        activation: Activation = "relu",
        expanded: bool = False,
        place: tuple[int, ...] = (),
    ) -> Self:
        """Make a layer with given weights.

        Args:
            weights: A row for each neuron, a number (or Value) for each input.
            biases: One for each neuron; a single number is the bias of every neuron.
            activation: As for `Layer`.
            expanded: As for `Layer`.
            place: The index of the layer, which the names begin with.

        Returns:
            The layer.

        Raises:
            ShapeError: If the rows are not equally long, or the biases do not fit them.
            ValueTypeError: If a weight is not a real number.

        Example:
            >>> layer = Layer.from_weights([[1.0, 2.0], [0.0, -1.0]], [0.5, 0.0])
            >>> [h.data for h in layer([1.0, 1.0])]
            [3.5, 0.0]
        """
        layer = cls.__new__(cls)
        layer._assemble(weights, biases, activation, expanded, place)  # noqa: SLF001 - its own
        return layer

    def _assemble(
        self,
        rows: Sequence[Sequence[Any]],
        biases: Any,
        activation: Activation,
        expanded: bool,
        place: tuple[int, ...],
    ) -> None:
        where = "".join(f"layer {k}: " for k in place)
        lengths = row_lengths(rows, where)
        if len(set(lengths)) != 1:
            raise ShapeError(
                f"{where}the rows of the weights have {lengths} numbers; every neuron of a layer "
                "needs one weight for each input"
            )
        bs = list(biases) if is_list(biases) else [biases] * len(lengths)
        if len(bs) != len(lengths):
            raise ShapeError(
                f"{where}there are {len(lengths)} rows of weights but {len(bs)} biases; "
                "every neuron needs one bias"
            )
        self.activation = "linear" if activation is None else activation
        self._is_softmax = activation == "softmax"
        self._preactivations = Preactivations()
        self.place = place
        each = "linear" if self._is_softmax else activation
        self.neurons = [
            Neuron.from_weights(row, b, activation=each, expanded=expanded, place=(*place, i))
            for i, (row, b) in enumerate(zip(rows, bs, strict=True), start=1)
        ]

    def __call__(self, x: Sequence[Any]) -> Any:
        """Compute the outputs.

        Args:
            x: As many Values and numbers as each neuron has inputs.

        Returns:
            A list of Values; a layer of one neuron returns its Value, as micrograd's does.

        Raises:
            ShapeError: If there are more or fewer inputs.
        """
        out = self.outputs(x)
        return out[0] if len(out) == 1 else out

    def outputs(self, x: Sequence[Any], symbol: str = "") -> list[Any]:
        """Compute the outputs as a list, also if there is one.

        Args:
            x: As many Values and numbers as each neuron has inputs.
            symbol: A letter such as ``"h"`` to name the new nodes with: the pre-activations a_1,
                a_2, ... (after the layer's index, if it has one), the outputs h_1, h_2, ...

        Returns:
            A Value for each neuron.

        Raises:
            ShapeError: If there are more or fewer inputs.
        """
        check_inputs(type(self).__name__, len(self.neurons[0].w), x)
        sums = self._preactivations(self.neurons, x)
        if sums is None:
            sums = [neuron.preactivation(x) for neuron in self.neurons]
        out = self._activated(sums)
        if symbol:
            self._label(sums, out, symbol)
        return out

    def _activated(self, sums: list[Any]) -> list[Any]:
        if self._is_softmax:
            return engine.softmax(sums)
        function = self.neurons[0].function
        return sums if function is None else [function(a) for a in sums]

    def _label(self, sums: list[Any], out: list[Any], symbol: str) -> None:
        # The outputs of the network are a vector of their own: yhat_1, not yhat_21.
        place = () if symbol == "yhat" else self.place
        for i, (a, h) in enumerate(zip(sums, out, strict=True), start=1):
            a.label = textbook_name("a", *self.place, i)
            h.label = textbook_name(symbol, *place, i)

    def parameters(self) -> list[Value]:
        """List the parameters, neuron by neuron; one that is shared comes once."""
        inner = [p for neuron in self.neurons for p in neuron.parameters()]
        return list(dict.fromkeys((*inner, *self._added(Layer).values())))

    def named_parameters(self) -> dict[str, Value]:
        """Name the parameters: w_12 is the weight of neuron 1 from input 2."""
        return named_once(self.named_at(self.place))

    def named_at(self, place: tuple[int, ...], prefix: str = "") -> dict[str, Value]:
        """Name the parameters as those of a layer at a place, whatever neurons were put into it.

        Args:
            place: The index that the names begin with.
            prefix: Put before the names of what a subclass added.

        Returns:
            The Values by name.
        """
        own = {
            name: p
            for i, neuron in enumerate(self.neurons, start=1)
            for name, p in neuron.named_at((*place, i), f"{prefix}neurons[{i - 1}].").items()
        }
        return own | self._added(Layer, prefix)

    def __repr__(self) -> str:
        end = " with softmax" if self._is_softmax else ""
        return f"Layer of [{', '.join(map(repr, self.neurons))}]{end}"


def named_parameter(given: Any, name: str) -> Value:
    """Make a named leaf of a number; give a Value without a name that name."""
    if not isinstance(given, Value):
        return Value(real(given, name), name)
    if not given.label:
        given.label = name
    return given


def row_lengths(rows: Any, where: str) -> list[int]:
    """Measure the rows of a layer's weights."""
    if not is_list(rows) or not len(rows) or not all(map(is_list, rows)):
        raise ShapeError(
            f"{where}the weights of a layer must be a list with a row of numbers for each neuron, "
            f"not {rows!r}"
        )
    return [len(row) for row in rows]


def check_inputs(name: str, expected: int, x: Any) -> None:
    """Complain about inputs that do not fit what they are given to."""
    if not hasattr(x, "__len__"):
        raise ShapeError(f"{name} needs a list of {expected} inputs, not {x!r}")
    if len(x) != expected:
        raise ShapeError(
            f"{name} needs {expected} inputs, one for each weight of a neuron, but was given "
            f"{len(x)}"
        )
