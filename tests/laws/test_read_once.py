"""Whatever shows a graph reads it once: one walk, one condensing, one sweep of each graph."""

import sys
from collections import Counter

import pytest

import engine
import viz
from engine.core.graph import WeightedGraph, topological_order
from engine.routes.milestones import condensed
from engine.routes.reading import Names, View
from nn.textbook import w131, w212

ONCE = {
    topological_order.__code__: "walk",
    condensed.__code__: "condense",
    WeightedGraph.adjoints.__code__: "sweep",
    View.count.func.__code__: "count",
    View.between.func.__code__: "mark",
    Names.__init__.__code__: "name",
}
"""What must not be done twice for the same graph, or for the same node of it."""

READERS = {
    "count_paths": engine.count_paths,
    "paths": lambda y, x: list(engine.paths(y, x)),
    "top_paths": lambda y, x: engine.top_paths(y, x, 3),
    "path_table": lambda y, x: str(engine.path_table(y, x)),
    "path_table by nodes": lambda y, x: str(engine.path_table(y, x, by="nodes")),
    "explain": lambda y, x: engine.explain(y, x).latex(),
    "explain with digits": lambda y, x: str(engine.explain(y, x, 2)),
    "check_by_hand": lambda y, x: str(engine.check_by_hand(y, x, 0.001595)),
    "steps": lambda y, _: str(engine.steps(y)),
    "draw": lambda y, _: viz.draw(y),
    "draw the nodes": lambda y, x: viz.draw(y, "nodes", highlight=x, only=x),
    "draw paths": lambda y, x: viz.draw(y, highlight=x).source,
    "draw the network": lambda y, x: viz.draw(y, "network", highlight=x),
    "stepper": lambda y, x: viz.stepper(y, highlight=x),
}


def work_of(reader, y, x):
    """Count how often each thing was done, apart for each graph that it was done to."""
    done, alive = Counter(), []

    def watch(frame, event, _):
        if event == "call" and frame.f_code in ONCE:
            to = frame.f_locals[frame.f_code.co_varnames[0]]
            alive.append(to)  # so that no other graph gets its id
            done[ONCE[frame.f_code], id(to)] += 1

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        reader(y, x)
    finally:
        sys.setprofile(before)
    return done


@pytest.mark.parametrize("name", sorted(READERS))
@pytest.mark.parametrize("net", [w131(), w212()], ids=["w131", "w212"])
def test_nothing_is_asked_of_a_graph_twice(name, net):
    """Nor is the recorded graph walked again, or condensed again."""
    done = work_of(READERS[name], net.root, net.focus)
    assert max(done.values()) == 1
    walked = [to for what, to in done if what == "walk"]
    assert walked == [id(net.root)]
    assert sum(what == "condense" for what, _ in done) <= 1
