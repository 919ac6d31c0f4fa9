"""Neurons, layers and networks of them, as the micrograd lectures have them.

>>> from nn import MLP
>>> model = MLP(2, [16, 16, 1])
>>> y = model([1.0, -2.0])
>>> y.backward()

A neuron's pre-activation is one `engine.dot` node with an edge per weight, input and bias, as a
textbook draws it. ``expanded=True`` gives every multiplication and addition a node of its own;
the numbers are the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import engine
from engine.domain import real
from engine.errors import ShapeError, UnknownNameError, ValueTypeError, known
from engine.functions import DOT
from engine.node import link1
from engine.value import Value
from nn.init import Init, find_init, find_source
from nn.module import Module
from nn.names import textbook_name

Activation = str | Callable[[Any], Any] | None

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "relu": engine.relu, "tanh": engine.tanh, "sigmoid": engine.sigmoid,
    "softplus": engine.softplus, "leaky_relu": engine.leaky_relu, "gelu": engine.gelu,
    "silu": engine.silu,
}  # fmt: skip
"""The activations of one neuron by name; "linear" is none at all, "softmax" needs a whole layer."""

_SPELLINGS = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "gelu": "GELU", "silu": "SiLU"}


class Neuron(Module):
    """One neuron: activation(b + w_1 * x_1 + w_2 * x_2 + ...).

    Args:
        nin: The number of inputs.
        nonlin: False for a linear neuron, as in micrograd.
        activation: A name (relu, tanh, sigmoid, softplus, leaky_relu, gelu, silu, linear), a
            function of one Value, or None for linear.
        init: An initialiser or its name (`nn.init`); None draws from uniform(-1, 1).
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
        size = _size(nin, "the number of inputs")
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
        self.function = _find_activation(self.activation)
        self.expanded = expanded
        self.place = place
        self.w = [_named(w, textbook_name("w", *place, j)) for j, w in enumerate(weights, start=1)]
        self.b = _named(bias, textbook_name("b", *place))

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
        _check_inputs(self, len(self.w), x)
        if not self.expanded:
            return engine.dot(self.w, x, self.b)
        a: Any = self.b
        for w, x_j in zip(self.w, x, strict=True):
            a = a + w * x_j
        return a

    def parameters(self) -> list[Value]:
        """List the weights, then the bias."""
        return [*self.w, self.b]

    def named_parameters(self) -> dict[str, Value]:
        """Name the parameters: w_1, w_2, ..., b, after the indices of the neuron's place."""
        names = [textbook_name("w", *self.place, j) for j in range(1, len(self.w) + 1)]
        names.append(textbook_name("b", *self.place))
        return dict(zip(names, self.parameters(), strict=True))

    def __repr__(self) -> str:
        return f"{_spelled(self.activation)}Neuron({len(self.w)})"


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
        inputs, outputs = _size(nin, "the number of inputs"), _size(nout, "the number of outputs")
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
        lengths = _row_lengths(rows, where)
        if len(set(lengths)) != 1:
            raise ShapeError(
                f"{where}the rows of the weights have {lengths} numbers; every neuron of a layer "
                "needs one weight for each input"
            )
        bs = list(biases) if _is_list(biases) else [biases] * len(lengths)
        if len(bs) != len(lengths):
            raise ShapeError(
                f"{where}there are {len(lengths)} rows of weights but {len(bs)} biases; "
                "every neuron needs one bias"
            )
        self.activation = "linear" if activation is None else activation
        self._is_softmax = activation == "softmax"
        self.place = place
        self.neurons = [
            Neuron.from_weights(
                row,
                b,
                activation="linear" if self._is_softmax else activation,
                expanded=expanded,
                place=(*place, i),
            )
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
        _check_inputs(self, len(self.neurons[0].w), x)
        sums = None if self.neurons[0].expanded else _dots(self.neurons, x)
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
        """List the parameters, neuron by neuron."""
        return [p for neuron in self.neurons for p in neuron.parameters()]

    def named_parameters(self) -> dict[str, Value]:
        """Name the parameters: w_12 is the weight of neuron 1 from input 2."""
        return {
            name: p for neuron in self.neurons for name, p in neuron.named_parameters().items()
        }

    def __repr__(self) -> str:
        end = " with softmax" if self._is_softmax else ""
        return f"Layer of [{', '.join(map(repr, self.neurons))}]{end}"


class MLP(Module):
    """A network of layers, each fed by the one before (a multilayer perceptron).

    Args:
        nin: The number of inputs.
        nouts: The number of neurons of each layer.
        activation: What the hidden layers apply (see `Neuron`).
        output_activation: What the last layer applies; None for linear. Also "softmax".
        init: An initialiser or its name (`nn.init`); None draws from uniform(-1, 1).
        seed: Seed of the random numbers; None draws from the module `random`, as micrograd does,
            in the same order: ``random.seed(1337)`` gives the same network here and there.
        expanded: True to record every multiplication and addition as a node.

    Raises:
        ShapeError: If a size is not a positive whole number, or there is no layer.
        UnknownNameError: If there is no such activation or initialiser.

    Example:
        >>> model = MLP(2, [3, 1], seed=1)
        >>> model
        MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(3)]]
        >>> list(model.named_parameters())[:4]
        ['w_111', 'w_112', 'b_11', 'w_121']
    """

    def __init__(
        self,
        nin: int,
        nouts: Sequence[int],
        activation: Activation = "relu",
        output_activation: Activation = None,
        *,
        init: Init | str | None = None,
        seed: float | str | None = None,
        expanded: bool = False,
    ) -> None:
        if not _is_list(nouts) or not len(nouts):
            raise ShapeError(
                f"nouts must be a list with the size of each layer, not {nouts!r}; "
                "for example MLP(2, [16, 16, 1])"
            )
        sizes = [_size(nin, "the number of inputs")]
        sizes += [_size(n, f"the size of layer {k}") for k, n in enumerate(nouts, start=1)]
        draw, source = find_init(init), find_source(seed)
        weights = [
            [[draw(source, inputs, outputs) for _ in range(inputs)] for _ in range(outputs)]
            for inputs, outputs in zip(sizes, sizes[1:], strict=False)
        ]
        self._assemble(weights, [0.0] * len(nouts), activation, output_activation, expanded)

    @classmethod
    def from_weights(
        cls,
        weights: Sequence[Sequence[Sequence[Any]]],
        biases: Sequence[Any] | None = None,
        activation: Activation = "relu",
        output_activation: Activation = None,
        *,
        expanded: bool = False,
    ) -> Self:
        """Make a network with given weights.

        Args:
            weights: A matrix for each layer: a row for each neuron, a number for each input.
            biases: For each layer a list with one for each neuron, or a number for all of them;
                None for zeros.
            activation: As for `MLP`.
            output_activation: As for `MLP`.
            expanded: As for `MLP`.

        Returns:
            The network.

        Raises:
            ShapeError: If the sizes do not fit each other; the message names the layer.
            ValueTypeError: If a weight is not a real number.

        Example:
            >>> model = MLP.from_weights([[[1.0, -1.0], [0.5, 0.5]], [[2.0, 1.0]]], [[0, 0], [1]])
            >>> model([3.0, 1.0]).data
            7.0
        """
        model = cls.__new__(cls)
        given = [0.0] * len(weights) if biases is None else biases
        model._assemble(weights, given, activation, output_activation, expanded)  # noqa: SLF001 - its own
        return model

    def _assemble(
        self,
        weights: Sequence[Sequence[Sequence[Any]]],
        biases: Sequence[Any],
        activation: Activation,
        output_activation: Activation,
        expanded: bool,
    ) -> None:
        if not _is_list(weights) or not len(weights):
            raise ShapeError("weights must be a list with a matrix for each layer")
        if not _is_list(biases) or len(biases) != len(weights):
            raise ShapeError(
                f"biases must be a list with an entry for each of the {len(weights)} layers: "
                f"one bias for each neuron, or one number for all, not {biases!r}"
            )
        self.layers = [
            Layer.from_weights(
                matrix,
                biases[k - 1],
                activation=activation if k < len(weights) else output_activation,
                expanded=expanded,
                place=(k,),
            )
            for k, matrix in enumerate(weights, start=1)
        ]
        for before, layer in zip(self.layers, self.layers[1:], strict=False):
            inputs = len(layer.neurons[0].w)
            if inputs != len(before.neurons):
                k = layer.place[0]
                raise ShapeError(
                    f"layer {k} has rows of {inputs} weights, but layer {k - 1} has "
                    f"{len(before.neurons)} neurons; each weight belongs to one of them"
                )

    def __call__(self, x: Sequence[Any], names: bool = False) -> Any:
        """Compute the outputs.

        Args:
            x: As many Values and numbers as the network has inputs.
            names: True to label the nodes as a textbook does: inputs x_1, pre-activations a_13,
                activations h_13, outputs yhat_1. It costs time, so it is for looking, not for
                training. A number among the inputs becomes a Value, so that it can have a name;
                a Value with a label keeps it.

        Returns:
            A list of Values; a network with one output returns that Value.

        Raises:
            ShapeError: If there are more or fewer inputs.

        Example:
            >>> y = MLP(2, [3, 1], seed=1)([1.0, 2.0], names=True)
            >>> y.label, y.parents[0].label
            ('yhat_1', 'w_211')
        """
        _check_inputs(self, len(self.layers[0].neurons[0].w), x)
        if names:
            x = [_named(value, textbook_name("x", j)) for j, value in enumerate(x, start=1)]
        for layer in self.layers:
            symbol = "" if not names else "yhat" if layer is self.layers[-1] else "h"
            x = layer.outputs(x, symbol)
        return x[0] if len(x) == 1 else x

    def parameters(self) -> list[Value]:
        """List the parameters, layer by layer and neuron by neuron."""
        return [p for layer in self.layers for p in layer.parameters()]

    def named_parameters(self) -> dict[str, Value]:
        """Name the parameters: w_131 is the weight of layer 1, neuron 3, from input 1."""
        return {name: p for layer in self.layers for name, p in layer.named_parameters().items()}

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]"


def _dots(neurons: list[Neuron], x: Sequence[Any]) -> list[Any] | None:
    """Record the `engine.dot` of every neuron with the same inputs, twice as fast as one by one.

    Half of the time of a training step is spent here, so the inputs are read once for the whole
    layer. Returns None where anything is unusual; then `engine.dot` does it, or says what is wrong.
    """
    if set(map(type, x)) == {Value}:
        inputs, numbers = tuple(x), [value.data for value in x]
    elif set(map(type, x)) <= {float, int}:
        inputs, numbers = (), [float(number) for number in x]
    else:
        return None
    sums = []
    for neuron in neurons:
        ws, b = neuron.w, neuron.b
        weights = [w.data for w in ws]
        z = b.data
        for weight, number in zip(weights, numbers):  # noqa: B905 - hot, and the lengths agree
            z += weight * number
        if z - z:  # an overflow, or a nan
            return None
        if inputs:
            a = link1(z, (*ws, *inputs, b), (*numbers, *weights, 1.0), DOT)
        else:
            a = link1(z, (*ws, b), (*numbers, 1.0), DOT, (*ws, *numbers, b))
        sums.append(a)
    return sums


def _named(given: Any, name: str) -> Value:
    if not isinstance(given, Value):
        return Value(real(given, name), name)
    if not given.label:
        given.label = name
    return given


def _find_activation(activation: str | Callable[[Any], Any]) -> Callable[[Any], Any] | None:
    if callable(activation):
        return activation
    if not isinstance(activation, str):
        raise ValueTypeError(
            f"an activation is a name or a function, not {activation!r} "
            f"({type(activation).__name__}); known names are {known([*ACTIVATIONS, 'linear'])}"
        )
    if activation == "linear":
        return None
    if activation not in ACTIVATIONS:
        raise UnknownNameError(
            f"unknown activation {activation!r}; known are {known([*ACTIVATIONS, 'linear'])}, "
            "and 'softmax' for a whole layer; or give a function of one Value"
        )
    return ACTIVATIONS[activation]


def _spelled(activation: str | Callable[[Any], Any]) -> str:
    name = activation if isinstance(activation, str) else getattr(activation, "__name__", "Own")
    return _SPELLINGS.get(name, name[:1].upper() + name[1:])


def _size(n: object, what: str) -> int:
    if isinstance(n, bool) or not hasattr(n, "__index__"):
        raise ShapeError(f"{what} must be a whole number, not {n!r} ({type(n).__name__})")
    size = int(n.__index__())
    if size < 1:
        raise ShapeError(f"{what} must be at least 1, not {size}")
    return size


def _is_list(given: object) -> bool:
    """True for what holds one thing for each neuron or layer: a list, a tuple, an array."""
    return (
        hasattr(given, "__len__") and hasattr(given, "__getitem__") and not isinstance(given, str)
    )


def _row_lengths(rows: Sequence[Sequence[Any]], where: str) -> list[int]:
    if not _is_list(rows) or not len(rows) or not all(map(_is_list, rows)):
        raise ShapeError(
            f"{where}the weights of a layer must be a list with a row of numbers for each neuron, "
            f"not {rows!r}"
        )
    return [len(row) for row in rows]


def _check_inputs(module: Module, expected: int, x: Sequence[Any]) -> None:
    """Complain about inputs that do not fit, in the words of the module they were given to."""
    if not hasattr(x, "__len__"):
        raise ShapeError(f"{type(module).__name__} needs a list of {expected} inputs, not {x!r}")
    if len(x) != expected:
        raise ShapeError(
            f"{type(module).__name__} needs {expected} inputs, one for each weight of a neuron, "
            f"but was given {len(x)}"
        )
