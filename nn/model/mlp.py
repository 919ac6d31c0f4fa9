"""Networks of layers, as the micrograd lectures have them.

>>> model = MLP(2, [16, 16, 1])
>>> y = model([1.0, -2.0])
>>> y.backward()
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, Self

from engine.arguments import is_list, positive_size
from engine.core.value import Value
from engine.errors import ShapeError, ValueTypeError
from nn.model.activations import ACTIVATIONS, Activation, find_activation
from nn.model.init import Init, find_init, find_source
from nn.model.layers import Layer, Neuron, check_inputs, named_parameter
from nn.model.module import Module, named_once
from nn.names import textbook_name


class MLP(Module):
    """A network of layers, each fed by the one before (a multilayer perceptron).

    Args:
        nin: The number of inputs.
        nouts: The number of neurons of each layer.
        activation: What the hidden layers apply (see `Neuron`).
        output_activation: What the last layer applies; None for linear. Also "softmax".
        init: An initialiser or its name (`nn.model.init`); None draws from uniform(-1, 1).
        seed: Seed of the random numbers; None draws from the module `random`, as micrograd does,
            in the same order: ``random.seed(1337)`` gives the same network here and there.
        expanded: True to record every multiplication and addition as a node.

    Raises:
        ShapeError: If a size is not a positive whole number, or there is no layer.
        UnknownNameError: If there is no such activation or initialiser.

    Example:
        >>> model = MLP(2, [2, 1], seed=1, init="he")
        >>> model
        MLP of [Layer of [ReLUNeuron(2), ReLUNeuron(2)], Layer of [LinearNeuron(2)]], \
drawn from he() with seed 1
        >>> list(model.named_parameters())[:4]
        ['w_111', 'w_112', 'b_11', 'w_121']
    """

    layers: list[Layer]
    _drawn: str = ""  # where the weights of a network that was made with a seed came from

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
        if not is_list(nouts) or not len(nouts):
            raise ShapeError(
                f"nouts must be a list with the size of each layer, not {nouts!r}; "
                "for example MLP(2, [16, 16, 1])"
            )
        sizes = [positive_size(nin, "the number of inputs")]
        sizes += [positive_size(n, f"the size of layer {k}") for k, n in enumerate(nouts, start=1)]
        if activation not in (None, "softmax"):
            find_activation(activation)  # an unknown one is an error also if no layer is hidden
        draw, source = find_init(init), find_source(seed)
        weights = [
            [[draw(source, inputs, outputs) for _ in range(inputs)] for _ in range(outputs)]
            for inputs, outputs in pairwise(sizes)
        ]
        self._assemble(weights, [0.0] * len(nouts), activation, output_activation, expanded)
        if seed is not None:
            self._drawn = f", drawn from {draw!r} with seed {seed!r}"

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
        if not is_list(weights) or not len(weights):
            raise ShapeError("weights must be a list with a matrix for each layer")
        if not is_list(biases) or len(biases) != len(weights):
            raise ShapeError(
                f"biases must be a list with an entry for each of the {len(weights)} layers: "
                f"one bias for each neuron, or one number for all, not {biases!r}"
            )
        activations = [*[activation] * (len(weights) - 1), output_activation]
        self._join(placed_layers(weights, biases, activations, expanded=expanded))

    @classmethod
    def from_layers(cls, layers: Sequence[Layer]) -> Self:
        """Make a network of given layers, each with an activation of its own.

        Args:
            layers: The layers, from the inputs on; the network shares their parameters.

        Returns:
            The network.

        Raises:
            ShapeError: If there is no layer, or one does not fit the one before it.

        Example:
            >>> MLP.from_layers([Layer(2, 2, activation="tanh", seed=1), Layer(2, 1, seed=2)])
            MLP of [Layer of [TanhNeuron(2), TanhNeuron(2)], Layer of [ReLUNeuron(2)]]
        """
        if not is_list(layers) or not len(layers):
            raise ShapeError("layers must be a list with at least one Layer")
        model = cls.__new__(cls)
        model._join(  # noqa: SLF001 - its own
            Layer.from_weights(
                [neuron.w for neuron in layer.neurons],
                [neuron.b for neuron in layer.neurons],
                activation=layer.activation,
                expanded=layer.neurons[0].expanded,
                place=(k,),
            )
            for k, layer in enumerate(layers, start=1)
        )
        return model

    def _join(self, layers: Iterable[Layer]) -> None:
        self.layers = list(layers)
        for before, layer in pairwise(self.layers):
            inputs = len(layer.neurons[0].w)
            if inputs != len(before.neurons):
                k = layer.place[0]
                raise ShapeError(
                    f"layer {k} has rows of {inputs} weights, but layer {k - 1} has "
                    f"{len(before.neurons)} neurons; each weight belongs to one of them"
                )

    def _architecture(self) -> dict[str, Any] | None:
        neurons = [n for layer in self.layers for n in layer.neurons]
        parameters = [p for neuron in neurons for p in (*neuron.w, neuron.b)]
        activations = [activation_name(layer.activation) for layer in self.layers]
        plain = (
            {type(self), *map(type, self.layers), *map(type, neurons)} == {MLP, Layer, Neuron}
            and len(set(parameters)) == len(parameters) == len(self.parameters())
            and not any(p.is_constant for p in parameters)
            and all(activations)
        )
        if not plain:
            return None
        return {
            "class": "MLP",
            "inputs": len(neurons[0].w),
            "layers": [
                {"neurons": len(layer.neurons), "activation": name}
                for layer, name in zip(self.layers, activations, strict=True)
            ],
            "expanded": neurons[0].expanded,
        }

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
        check_inputs(type(self).__name__, len(self.layers[0].neurons[0].w), x)
        if names:
            x = [
                named_parameter(value, textbook_name("x", j)) for j, value in enumerate(x, start=1)
            ]
        for layer in self.layers:
            symbol = "" if not names else "yhat" if layer is self.layers[-1] else "h"
            x = layer.outputs(x, symbol)
        return x[0] if len(x) == 1 else x

    def parameters(self) -> list[Value]:
        """List the parameters, layer by layer and neuron by neuron; a shared one comes once."""
        inner = [p for layer in self.layers for p in layer.parameters()]
        return list(dict.fromkeys((*inner, *self._added(MLP).values())))

    def named_parameters(self) -> dict[str, Value]:
        """Name the parameters: w_131 is the weight of layer 1, neuron 3, from input 1."""
        own = {
            name: p
            for k, layer in enumerate(self.layers, start=1)
            for name, p in layer.named_at((k,), f"layers[{k - 1}].").items()
        }
        return named_once(own | self._added(MLP))

    def __repr__(self) -> str:
        return f"MLP of [{', '.join(map(repr, self.layers))}]{self._drawn}"


def placed_layers(
    weights: Sequence[Any],
    biases: Sequence[Any],
    activations: Sequence[Activation],
    *,
    expanded: bool = False,
) -> Iterator[Layer]:
    """Make the layers of a network, each named after its place."""
    parts = zip(weights, biases, activations, strict=True)
    for k, (matrix, bias, activation) in enumerate(parts, start=1):
        yield Layer.from_weights(
            matrix, bias, activation=activation, expanded=expanded, place=(k,)
        )


def check_is_network(model: object, taker: str) -> None:
    """Refuse what is no `MLP`, and say how it can be exported all the same."""
    if not isinstance(model, MLP):
        raise ValueTypeError(
            f"nn.{taker} takes an MLP, not a {type(model).__name__}; export what yours records: "
            f"engine.{taker} of its outputs for some inputs"
        )


def activation_name(activation: Activation) -> str | None:
    """Name what a layer applies; None for a function of the user's own."""
    if isinstance(activation, str):
        return activation
    return next((name for name, f in ACTIVATIONS.items() if f is activation), None)
