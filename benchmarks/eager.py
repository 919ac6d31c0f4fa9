"""Eager speed: the training step of micrograd's demo, against micrograd, in one run.

    python benchmarks/eager.py              print the table
    python benchmarks/eager.py --del-loss   the same steps, each graph dropped before the next
    python benchmarks/eager.py --rounds 9

The work: a 2-16-16-1 network with relu, 100 samples of two moons, hinge loss and an L2 penalty,
forward and backward (no optimiser step). Every variant starts from the same weights, and their
losses and gradients are compared before anything is timed. Each timing is a fresh process (the
garbage that one library leaves would be collected on another's time), four steps to warm up and
six timed; the variants take turns, round by round, so that a slow moment of the machine hits all
of them. The table gives medians and minima of all steps. Times with Python's garbage collector on
and off are separate rows, since most of micrograd's time is the collector's.

As in every script with a variable `loss`, and in micrograd's demo, a graph lives until the loss of
the next step replaces it; the collector then walks two graphs. With ``--del-loss`` each is dropped
before the next is recorded.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import random
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from micrograd.engine import Value as MicrogradValue
from micrograd.nn import MLP as MicrogradMLP

from engine import Value, recording
from nn import MLP

Step = Callable[[], tuple[Any, list[float]]]


def dataset(samples: int = 100) -> tuple[list[list[float]], list[int]]:
    """Make two moons with a little noise, labelled -1 and 1."""
    draw = random.Random(1337)
    points, labels = [], []
    for k in range(samples):
        angle, label = math.pi * draw.random(), 2 * (k % 2) - 1
        x, y = math.cos(angle), math.sin(angle)
        moon = [x, y] if label < 0 else [1.0 - x, 0.5 - y]
        points.append([c + draw.gauss(0.0, 0.1) for c in moon])
        labels.append(label)
    return points, labels


def training_step(model: Any, kind: Any, points: list[list[float]], labels: list[int]) -> Step:
    """Make one step of the demo: hinge loss, L2 penalty, backward; returns loss and gradient."""

    def step() -> tuple[Any, list[float]]:
        scores = [model(list(map(kind, point))) for point in points]
        losses = [(1 + -label * score).relu() for label, score in zip(labels, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses))
        loss = loss + 1e-4 * sum(p * p for p in model.parameters())
        model.zero_grad()
        loss.backward()
        return loss, [p.grad for p in model.parameters()]

    return step


def with_weights(model: Any, weights: list[float]) -> Any:
    """Give a model these weights."""
    for p, w in zip(model.parameters(), weights, strict=True):
        p.data = w
    return model


def variants() -> dict[str, tuple[Step, bool, bool]]:
    """Name the variants: the step, whether the collector runs, whether it is in recording()."""
    random.seed(1337)
    points, labels = dataset()
    peer = MicrogradMLP(2, [16, 16, 1])
    weights = [p.data for p in peer.parameters()]
    dots = with_weights(MLP(2, [16, 16, 1]), weights)
    nodes = with_weights(MLP(2, [16, 16, 1], expanded=True), weights)
    theirs = training_step(peer, MicrogradValue, points, labels)
    ours = training_step(dots, Value, points, labels)
    expanded = training_step(nodes, Value, points, labels)
    return {
        "micrograd": (theirs, True, False),
        "everypath, one node per operation": (expanded, True, False),
        "everypath, one node per operation, in recording()": (expanded, True, True),
        "everypath, dot neurons (default)": (ours, True, False),
        "everypath, dot neurons, in recording()": (ours, True, True),
        "micrograd, collector off": (theirs, False, False),
        "everypath, one node per operation, collector off": (expanded, False, False),
        "everypath, dot neurons, collector off": (ours, False, False),
    }


def check(steps: dict[str, tuple[Step, bool, bool]]) -> None:
    """Compare every variant's loss and gradient with micrograd's."""
    loss, gradient = steps["micrograd"][0]()
    for name, (step, _, _) in steps.items():
        other_loss, other = step()
        worst = max(abs(a - b) for a, b in zip(gradient, other, strict=True))
        if abs(loss.data - other_loss.data) > 1e-12 or worst > 1e-12:
            raise SystemExit(f"{name} computes something else: {other_loss} for {loss}, {worst}")


def time_variant(
    name: str, del_loss: bool = False, steps: int = 6, warm_up: int = 4
) -> list[float]:
    """Time some steps of one variant, in this process; seconds each."""
    step, collector, paused = variants()[name]
    if not collector:
        gc.disable()
    times = []
    for k in range(warm_up + steps):
        start = time.process_time()
        with recording() if paused else nullcontext():
            loss, _ = step()
            if del_loss:
                del loss
        if k >= warm_up:
            times.append(time.process_time() - start)
        if not collector:
            gc.collect()  # between the timings, so that micrograd's cycles do not pile up
    return times


def measure(rounds: int, del_loss: bool = False) -> dict[str, list[float]]:
    """Time every variant once per round, each in a process of its own; seconds per step."""
    steps = variants()
    check(steps)
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name in steps:
            command = [sys.executable, __file__, "--variant", name, *["--del-loss"] * del_loss]
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
            times[name] += json.loads(done.stdout)
    return times


def bytes_per_node(count: int = 200_000) -> float:
    """Measure what one binary node takes, its result included."""
    x, y = Value(1.5), Value(2.5)
    tracemalloc.start()
    nodes = [x * y for _ in range(count)]
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (size - nodes.__sizeof__()) / count


def growth() -> list[tuple[str, int, float]]:
    """Time a deep chain and a wide dot at growing sizes; seconds per operand."""
    from engine import dot  # noqa: PLC0415 - beside its only use

    rows = []
    for size in (10_000, 100_000, 1_000_000):
        start = time.process_time()
        with recording():
            x = y = Value(1.0)
            for _ in range(size):
                y = y + x
            y.backward()
        rows.append(("chain of additions", size, (time.process_time() - start) / size))
        leaves = [Value(1.0) for _ in range(size)]
        start = time.process_time()
        with recording():
            dot(leaves, leaves, Value(0.0)).backward()
        rows.append(("one dot", size, (time.process_time() - start) / size))
    return rows


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=6, help="how often each variant is timed")
    parser.add_argument("--del-loss", action="store_true", help="drop each graph after its step")
    parser.add_argument("--variant", help="time this one variant and print its seconds as JSON")
    arguments = parser.parse_args()
    if arguments.variant:
        print(json.dumps(time_variant(arguments.variant, arguments.del_loss)))
        return
    times = measure(arguments.rounds, arguments.del_loss)
    base = {True: times["micrograd"], False: times["micrograd, collector off"]}
    print("| variant | median ms | min ms | times faster (medians) | (minima) |")
    print("|---|---|---|---|---|")
    for name, seconds in times.items():
        peer = base["collector off" not in name]
        median, least = statistics.median(seconds), min(seconds)
        print(
            f"| {name} | {median * 1e3:.1f} | {least * 1e3:.1f} "
            f"| {statistics.median(peer) / median:.1f} | {min(peer) / least:.1f} |"
        )
    print(f"\nmemory: {bytes_per_node():.0f} bytes per binary node, its result included")
    print("\n| graph | size | ns per operand, forward and backward |\n|---|---|---|")
    for name, size, seconds_each in growth():
        print(f"| {name} | {size:,} | {seconds_each * 1e9:.0f} |")


if __name__ == "__main__":
    main()
