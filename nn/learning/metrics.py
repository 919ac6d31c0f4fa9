"""Metrics: what people look at while the loss is what falls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.arguments import named_one, real
from engine.errors import ValueTypeError, known
from nn.learning.losses import Loss, cross_entropy
from nn.learning.samples import sides_of

Metric = Callable[[Any, Any], float]
"""Takes the outputs for one sample, a number or a list, and its target; the mean is reported."""


class Accuracy:
    """The share of right answers.

    Several outputs answer with the place of the largest. One output answers yes or no: it is
    above its threshold or not, which is 0 for `binary_cross_entropy` and `hinge` (both take
    scores). For other losses it is halfway between the two kinds of targets, 0 and 1 or -1 and 1;
    of other targets, halfway between the least and the greatest.

    Example:
        >>> from nn import hinge
        >>> right = Accuracy(hinge, [1, -1])
        >>> right(0.3, 1), right(0.3, -1), right([0.1, 2.0, 0.3], 1)
        (1.0, 0.0, 1.0)
    """

    __name__ = "accuracy"

    def __init__(self, loss: Loss, targets: Sequence[Any]) -> None:
        numbers = [t for t in map(_single, targets) if not isinstance(t, list)]
        middle = _middle(numbers)
        sides = sides_of(loss)
        self.by_side = sides is not None
        self.output_threshold = middle if sides is None else 0.0
        self.target_threshold = middle if sides is None else sides.middle

    def __call__(self, yhat: Any, target: Any) -> float:
        """Tell whether an answer is right: 1.0 or 0.0, or the share of right ones."""
        yhat, target = _single(yhat), _single(target)
        if not isinstance(yhat, list):
            return float(self._side(yhat, target))
        if isinstance(target, list):
            if self.by_side:  # several yes-or-no answers
                pairs = zip(yhat, target, strict=True)
                return sum(self._side(a, t) for a, t in pairs) / len(yhat)
            target = target.index(max(target))
        return float(yhat.index(max(yhat)) == target)

    def _side(self, output: float, target: float) -> bool:
        return (output > self.output_threshold) == (target > self.target_threshold)


def _single(answer: Any) -> Any:
    """Take a list of one for that one: a model of one output may return either."""
    return answer[0] if isinstance(answer, list) and len(answer) == 1 else answer


def _middle(targets: Sequence[float]) -> float:
    if set(targets) <= {0, 1}:  # also if all of these samples are on one side
        return 0.5
    return 0.0 if set(targets) <= {-1, 1} else (min(targets) + max(targets)) / 2


def mean_metric(metric: Metric, outputs: Sequence[Any], targets: Sequence[Any]) -> float:
    """Average a metric over samples."""
    total = 0.0
    for yhat, target in zip(outputs, targets, strict=True):
        found = metric(yhat, target)
        total += found if type(found) is float else real(found, "what a metric returns")
    return total / len(outputs)


METRICS: dict[str, Callable[[Loss, Sequence[Any]], Metric]] = {"accuracy": Accuracy}
"""The metrics by name; each is made for a loss and the targets."""


class Named(NamedTuple):
    """A metric and what it is called."""

    name: str
    measure: Metric


def find_metric(metric: Metric | str | None, loss: Loss, targets: Sequence[Any]) -> Named | None:
    """Choose what to report beside the loss; None if it does not classify and nothing is named."""
    if metric is None:
        if loss is not cross_entropy and sides_of(loss) is None:
            return None
        metric = "accuracy"
    if callable(metric):
        return Named(getattr(metric, "__name__", "metric"), metric)
    if not isinstance(metric, str):
        raise ValueTypeError(
            f"a metric is a function of the outputs and the target of one sample, or one of "
            f"{known(METRICS)}, not {metric!r} ({type(metric).__name__})"
        )
    advice = ", or give a function of the outputs and the target of one sample"
    return Named(metric, named_one(metric, METRICS, "metric", advice)(loss, targets))
