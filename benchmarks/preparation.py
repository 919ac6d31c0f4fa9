"""What compiling costs after recording: microseconds and memory per recorded node.

    python benchmarks/preparation.py [--plot preparation.svg] [--tier auto]

Networks, transformers, chains as deep as they are large, and tangles without structure, from a
thousand nodes to a million. Each measurement is a fresh process that records the graph, then
compiles it; of a few compilations the quickest counts. Memory is how much the process's peak grows
while compiling.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

from graphs import Graph, chain, network, tangle, transformer

import engine

SIZES = (1_000, 10_000, 100_000, 1_000_000)
TRANSFORMERS = {
    1_000: {"width": 4, "length": 1},
    10_000: {"width": 16, "length": 1},
    100_000: {"width": 16, "length": 12},
    1_000_000: {"width": 64, "length": 8},
}
KINDS: dict[str, Callable[[int], Graph]] = {
    "network": lambda size: network(round((size / 3) ** 0.5), 1),
    "transformer": lambda size: transformer(1, **TRANSFORMERS[size]),
    "chain": lambda size: chain(size, 1),
    "tangle": lambda size: tangle(size, 1),
}


def peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def once(kind: str, size: int, tier: str) -> dict[str, float]:
    """Measure one graph in this process."""
    small, small_inputs, small_weights = network(4, 1).record()
    engine.compile(small, small_inputs, small_weights, tier=tier)  # what is done once a process
    with engine.recording():
        loss, inputs, weights = KINDS[kind](size).record()
    nodes = len(engine.topological_order(loss))
    before = peak()
    found = []
    for turn in range(2 if size > 300_000 else 5):
        began = time.perf_counter()
        program = engine.compile(loss, inputs, weights, tier=tier)
        seconds = time.perf_counter() - began
        parts = {part: 1e6 * spent / nodes for part, spent in program.seconds.items()}
        found.append({"nodes": nodes, "whole": 1e6 * seconds / nodes} | parts)
        if turn == 0:
            memory = (peak() - before) / nodes
        del program
    return min(found, key=lambda one: one["whole"]) | {"bytes": memory}


def measured(kind: str, size: int, tier: str) -> dict[str, float]:
    """Measure one graph in a fresh process."""
    command = [sys.executable, __file__, "--once", kind, str(size), "--tier", tier]
    written = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    result: dict[str, float] = json.loads(written)
    return result


def draw(found: dict[str, dict[float, float]], path: str) -> None:
    """Draw microseconds per node against the number of nodes."""
    plt = importlib.import_module("matplotlib.pyplot")
    figure, axes = plt.subplots(figsize=(6, 3.6))
    for kind, line in found.items():
        axes.semilogx(list(line), list(line.values()), marker="o", label=kind)
    axes.set_xlabel("nodes of the recorded graph")
    axes.set_ylabel("µs per node to compile it")
    axes.set_ylim(bottom=0)
    axes.grid(which="major", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tier", default="auto")
    parser.add_argument("--plot", help="write a picture of time per node against size")
    parser.add_argument("--once", nargs=2, metavar=("KIND", "SIZE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.once:
        kind, size = options.once
        print(json.dumps(once(kind, int(size), options.tier)))
        return
    print("| graph | nodes | µs per node | capture | passes | schedule | tier | bytes per node |")
    print("|---|---|---|---|---|---|---|---|")
    lines: dict[str, dict[float, float]] = {}
    for kind in KINDS:
        for size in SIZES:
            one = measured(kind, size, options.tier)
            parts = " | ".join(
                f"{one[part]:.2f}" for part in ("whole", "capture", "passes", "schedule", "tier")
            )
            print(f"| {kind} | {one['nodes']:,} | {parts} | {one['bytes']:.0f} |", flush=True)
            lines.setdefault(kind, {})[one["nodes"]] = one["whole"]
    if options.plot:
        draw(lines, options.plot)


if __name__ == "__main__":
    main()
