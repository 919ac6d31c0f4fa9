"""The documents' figures, redrawn: their networks and computational graphs, paths in colour.

The figures of the lecture notes exist only as gaps in the text that is left of them. Each is drawn
here from the network that `nn.textbook` builds, with the routes of the weight that the document
speaks of; the numbers in it are computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nn.textbook import (
    Network,
    calculus,
    graphs,
    recurrent,
    softmax,
    story,
    vector_rules,
    w121,
    w131,
    w212,
    w222,
)
from viz.command.lecture import footnote, omitted
from viz.drawing import View, draw
from viz.formats import Drawing


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the documents, drawn as `viz.draw` does."""

    name: str  # of its file, without the ending
    build: Callable[[], Network]
    view: View = "network"
    only: bool = False  # draw just what lies between the weight and the result

    def draw(self) -> Drawing:
        """Draw the figure, the routes of its weight in colour."""
        net = self.build()
        options: dict[str, Any] = {"highlight": net.focus}
        if self.only:
            options["only"] = net.focus
        if self.build in (w131, w212):
            options |= {"omitted": omitted(net), "footnote": footnote(net)}
        return draw(net.root, self.view, **options)


def _network_of(example: Callable[[], tuple[Network, Any]]) -> Callable[[], Network]:
    return lambda: example()[0]


FIGURES = (
    Figure("chain_rule_exp_of_square", calculus.exp_of_square, "nodes"),
    Figure("chain_rule_exp_of_exp_of_square", calculus.exp_of_exp_of_square, "nodes"),
    Figure("chain_rule_reciprocal", calculus.reciprocal_of_exp_of_square, "nodes"),
    Figure("chain_network", calculus.chain_network),
    Figure("three_paths_w121", w121),
    Figure("one_path_w222", w222),
    Figure("w212", w212),
    Figure("w131", w131),
    Figure("three_layers", story.three_layers),
    Figure("softmax_as_logistic", softmax.logistic_of_two, "nodes"),
    Figure("softmax_cross_entropy", softmax.softmax_cross_entropy, "milestones"),
    Figure("softmax_every_knob", softmax.every_knob, "milestones"),
    Figure("linear_two_layers", _network_of(vector_rules.linear_regression)),
    Figure("relu_regression", _network_of(vector_rules.relu_regression)),
    Figure("relu_classifier", _network_of(vector_rules.relu_classifier)),
    Figure("relu_three_layers", _network_of(vector_rules.relu_three_layers)),
    Figure("batch", _network_of(vector_rules.batch_classifier), "milestones", only=True),
    Figure("matrix_product", _network_of(vector_rules.matrix_product), "milestones", only=True),
    Figure("graph_dot_product", graphs.dot_product, "nodes"),
    Figure("graph_softplus", graphs.softplus, "nodes"),
    Figure("graph_sigmoid_of_dot", graphs.sigmoid_of_dot, "nodes"),
    Figure("graph_relu_layer", graphs.relu_layer, "milestones"),
    Figure("recurrent_weight", recurrent.recurrent_weight, "milestones", only=True),
)
"""The figures of S0 to S4, in the order of the documents."""


def write_figures(folder: str | Path) -> Iterator[Path]:
    """Write every figure as SVG."""
    for figure in FIGURES:
        yield Path(figure.draw().save(Path(folder) / f"{figure.name}.svg"))
