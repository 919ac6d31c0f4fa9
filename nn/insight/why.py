"""Ask why a weight moves: along which paths the loss pulls at it, and how far each moves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import engine
from engine.arguments import positive, real
from engine.core.value import Value
from engine.errors import UnknownNameError, known
from engine.labels import number, typeset
from engine.routes.table import PathTable
from nn.learning.losses import Loss, find_loss, mse
from nn.learning.objectives import check_loss, check_model
from nn.model.mlp import MLP
from nn.model.module import Module


@dataclass(frozen=True)
class Movement:
    """What one sample does to one weight in a step of plain gradient descent.

    Attributes:
        name: The name of the weight.
        before: The weight.
        lr: The learning rate η.
        table: The paths from the weight to the loss; they add up to the derivative.
    """

    name: str
    before: float
    lr: float
    table: PathTable

    @property
    def step(self) -> float:
        """How far the weight moves: -η times the derivative."""
        return 0.0 - self.lr * self.table.total

    @property
    def steps(self) -> list[float]:
        """How far each path of the table moves it; together they are the step."""
        return [0.0 - self.lr * row.contribution for row in self.table.rows]

    def __str__(self) -> str:
        w, after = typeset(self.name), self.before + self.step
        lines = [
            str(self.table),
            f"a step of gradient descent with η = {number(self.lr)} moves {w} by "
            f"{number(self.step)}, from {number(self.before)} to {number(after)}",
        ]
        if len(self.steps) > 1 and self.steps[0]:
            lines.append(f"path 1 alone moves it by {number(self.steps[0])}")
        return "\n".join(lines)

    __repr__ = __str__


def why(
    model: Module,
    x: Any,
    target: Any,
    parameter: Any,
    *,
    loss: Loss | str = mse,
    lr: float = 0.1,
) -> Movement:
    """Show which paths move a weight, for one sample.

    The paths run through the named nodes: those of an `MLP` get the textbook's names, in other
    models whatever has a label.

    Args:
        model: The model.
        x: The numbers of the sample.
        target: Its target.
        parameter: The name of the weight, such as ``"w_131"`` (see ``named_parameters``), or the
            weight itself.
        loss: The loss, or its name.
        lr: The learning rate η.

    Returns:
        The paths with their contributions, and the step; prints itself.

    Raises:
        UnknownNameError: If the model has no such parameter, or there is no such loss.
        ValueTypeError: If something is of the wrong kind.
        ShapeError: If the sample does not fit the model.

    Example:
        >>> model = MLP.from_weights([[[1.0], [2.0]], [[3.0, -1.0]]])
        >>> print(why(model, [1.0], 0.0, "w_111"))
        ∂L/∂w₁₁₁ is the sum over 1 path
           route                      factors, from the root down  contribution  share
        1  w₁₁₁ → a₁₁ → h₁₁ → ŷ₁ → L  2 · 3 · 1 · 1                           6  100 %
        sum of all paths: 6; it equals the gradient
        a step of gradient descent with η = 0.1 moves w₁₁₁ by −0.6, from 1 to 0.4
    """
    measure, rate = find_loss(loss), positive(lr, "lr")
    numbers = [real(x_j, f"x[{j}]") for j, x_j in enumerate(x)]
    check_model(model, numbers)
    check_loss(measure, model, numbers, target)
    named = model.named_parameters()
    names = {value: name for name, value in named.items()}
    weight = named.get(parameter) if isinstance(parameter, str) else parameter
    if not isinstance(weight, Value) or weight not in names:
        raise UnknownNameError(
            f"the model has no parameter {parameter!r}; it has {len(named)}, such as "
            f"{known(list(named)[:3])}"
        )
    assert callable(model)  # it was checked
    yhat = model(numbers, names=True) if isinstance(model, MLP) else model(numbers)
    result = measure(yhat, target)
    result.label = result.label or "L"
    return Movement(names[weight], weight.data, rate, engine.path_table(result, weight))
