"""Growth of the path functions with the size of the graph, in edge reads and in time.

    python benchmarks/paths.py                 1,000 to 1,000,000 nodes
    python benchmarks/paths.py --largest 200000

Three shapes of graph: a ladder of diamonds (the number of paths doubles with every rung), a
deep chain with a short cut from the input to every link, and a softmax of n named outputs on n
named logits. An edge read is one operand taken from a row of the graph; their number does not
depend on the machine. Linear work shows as a constant number of reads per edge.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import engine
from engine import Value, WeightedGraph, recording
from engine.routes.listing import approximately


class Row(tuple[int, ...]):
    """The operands of a node, counting how many of them are read."""

    __slots__ = ()
    reads = 0

    def __iter__(self) -> Iterator[int]:
        Row.reads += len(self)
        return super().__iter__()

    def __getitem__(self, slot: Any) -> Any:
        Row.reads += 1
        return super().__getitem__(slot)


def ladder(nodes: int) -> tuple[Value, Value]:
    """Make diamonds on top of each other: three nodes each."""
    x = y = Value(1.0, "x")
    for _ in range(nodes // 3):
        y = y * 0.625 + y * 0.375
    return x, y


def chain(nodes: int) -> tuple[Value, Value]:
    """Make a chain of two nodes per link, with a short cut from x into every link."""
    x = y = Value(1.0, "x")
    for _ in range(nodes // 2):
        y = y * 0.5 + x
    return x, y


def softmax(nodes: int) -> tuple[Value, Value]:
    """Make a softmax of named outputs on named logits, three nodes per output, and their sum."""
    logits = [Value(k / nodes, f"a_{k}") for k in range(nodes // 3)]
    shares = engine.softmax(logits)
    for k, share in enumerate(shares):
        share.label = f"yhat_{k}"
    return logits[0], engine.dot(shares, [float(k) for k in range(len(shares))])


Task = Callable[[Any, Value], object]
TASKS: dict[str, Task] = {
    "count_paths": lambda y, x: engine.count_paths(y, x, by="nodes"),
    "condense": lambda y, _: engine.condense(y),
    "first 10 of paths": lambda y, x: list(islice(engine.paths(y, x, by="nodes"), 10)),
    "top_paths, k = 10": lambda y, x: engine.top_paths(y, x, 10, by="nodes"),
    "condense and path_table": lambda y, x: str(engine.path_table(engine.condense(y), x)),
}


def measure(shape: str, build: Callable[[int], tuple[Value, Value]], nodes: int) -> None:
    """Print a row for each task: from the recorded root in seconds, on counting rows in reads."""
    with recording():
        x, y = build(nodes)
        graph = WeightedGraph.of(y)
        edges = sum(map(len, graph.sources))
        counting = WeightedGraph(graph.nodes, map(Row, graph.sources), graph.weights)
    found = approximately(engine.count_paths(graph, x))
    for name, task in TASKS.items():
        Row.reads = 0
        task(counting, x)
        reads = Row.reads
        start = time.process_time()
        task(y, x)
        seconds = time.process_time() - start
        print(
            f"| {shape} | {len(graph):,} | {edges:,} | {found} | {name} "
            f"| {reads / edges:.2f} | {seconds:.3f} |",
            flush=True,
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--largest", type=int, default=1_000_000, help="the most nodes")
    largest = parser.parse_args().largest
    print("| graph | nodes | edges | from x to y | task | edge reads per edge | seconds |")
    print("|---|---|---|---|---|---|---|")
    for nodes in (1_000, 10_000, 100_000, 1_000_000):
        if nodes <= largest:
            measure("ladder", ladder, nodes)
            measure("chain", chain, nodes)
        if nodes <= min(largest, 3_000):  # a softmax of n outputs has n * n condensed edges
            measure("softmax", softmax, nodes)
    measure("softmax of 1,000", softmax, 3_000)


if __name__ == "__main__":
    main()
