"""The same training in micrograd, PyTorch and everypath: lines of code, time, final loss.

    python benchmarks/training.py
    python benchmarks/training.py --epochs 100 --rounds 5

The work: 100 samples of two moons, a 2-16-16-1 network with relu, hinge loss, gradient descent
with all samples in each step, the same initial weights, float64 throughout. The functions below
are what a user writes; their lines are counted, but for imports and for the lines that give every
library the same weights. Each run is a fresh process, which takes turns with the others; times
are the least of all rounds: of the whole process with start and imports, of the training in it,
and of the same training once more in that process, when all that a library sets up in its first
steps is set up. At the end the losses are compared: they differ by the order in which sums are
added up, and no more.
"""

# ruff: noqa: N803 - X is what everyone calls a table of samples

from __future__ import annotations

import argparse
import inspect
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from nn import MLP, SGD, data, fit

RATE = 0.2
TOLERANCE = 1e-6

Start = Callable[[Any], None]
Run = Callable[[list[list[float]], list[int], int, Start], float]


def micrograd(X: list[list[float]], y: list[int], epochs: int, start: Start) -> float:
    """Train with micrograd."""
    library = import_module("micrograd.nn")  # not counted
    model = library.MLP(2, [16, 16, 1])
    start(model.parameters())  # not counted
    for _ in range(epochs):
        scores = [model(x) for x in X]
        losses = [(1 + -t * s).relu() for t, s in zip(y, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses))
        model.zero_grad()
        loss.backward()
        for p in model.parameters():
            p.data -= RATE * p.grad
    return loss.data


def pytorch(X: list[list[float]], y: list[int], epochs: int, start: Start) -> float:
    """Train with PyTorch."""
    torch = import_module("torch")  # not counted
    linear, relu = torch.nn.Linear, torch.nn.ReLU
    model = torch.nn.Sequential(linear(2, 16), relu(), linear(16, 16), relu(), linear(16, 1))
    model = model.double()
    start(model)  # not counted
    inputs, targets = (torch.tensor(numbers, dtype=torch.float64) for numbers in (X, y))
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    for _ in range(epochs):
        loss = (1 - targets * model(inputs)[:, 0]).relu().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def everypath(X: list[list[float]], y: list[int], epochs: int, start: Start) -> float:
    """Train with everypath, every step recorded anew."""
    model = MLP(2, [16, 16, 1])
    start(model.parameters())  # not counted
    sgd = SGD(model, lr=RATE)
    history = fit(model, X, y, loss="hinge", optimizer=sgd, epochs=epochs)
    return history["loss"][-1]


def everypath_compiled(X: list[list[float]], y: list[int], epochs: int, start: Start) -> float:
    """Train with everypath, recorded once and replayed."""
    model = MLP(2, [16, 16, 1])
    start(model.parameters())  # not counted
    sgd = SGD(model, lr=RATE)
    history = fit(model, X, y, loss="hinge", optimizer=sgd, epochs=epochs, compiled=True)
    return history["loss"][-1]


RUNS: dict[str, tuple[Run, str]] = {
    "micrograd": (micrograd, "micrograd.nn"),
    "PyTorch": (pytorch, "torch"),
    "everypath": (everypath, ""),
    "everypath, compiled": (everypath_compiled, ""),
}
"""What is run, and the module that it needs."""


def lines_of(run: Run) -> int:
    """Count the lines that a user writes: not signature, docstring, import, the same weights."""
    source = inspect.getsource(run).splitlines()
    body = [line.strip() for line in source[2:]]
    return sum(bool(line) and not line.endswith("# not counted") for line in body)


def initial() -> list[list[list[float]]]:
    """Draw the initial weights: for each layer a row for each neuron, the bias last."""
    model = MLP(2, [16, 16, 1], init="he", seed=1)
    return [
        [[p.data for p in neuron.parameters()] for neuron in layer.neurons]
        for layer in model.layers
    ]


def start_scalars(parameters: Iterable[Any]) -> None:
    """Give the initial weights to a network of scalars, whose parameters come in that order."""
    flat = [x for layer in initial() for row in layer for x in row]
    for p, x in zip(parameters, flat, strict=True):
        p.data = x


def start_tensors(model: Any) -> None:
    """Give them to PyTorch's layers."""
    torch = import_module("torch")
    layers = [part for part in model if hasattr(part, "weight")]
    with torch.no_grad():
        for layer, rows in zip(layers, initial(), strict=True):
            table = torch.tensor(rows, dtype=torch.float64)
            layer.weight.copy_(table[:, :-1])
            layer.bias.copy_(table[:, -1])


def measure(name: str, epochs: int) -> None:
    """Run one training in this process; print its loss and its seconds."""
    run, needed = RUNS[name]
    if needed:
        import_module(needed)
    X, y = data.moons(100, noise=0.1, seed=0)
    start = start_tensors if name == "PyTorch" else start_scalars
    times = []
    for _ in range(2):
        began = time.perf_counter()
        loss = run(X, data.signs(y), epochs, start)
        times.append(time.perf_counter() - began)
    print(json.dumps([loss, *times]))


def timed(name: str, epochs: int) -> tuple[float, float, float, float] | None:
    """Train in a fresh process: loss, seconds of the process, of training, of training again."""
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - this file
        [sys.executable, __file__, "--measure", name, "--epochs", str(epochs)],
        capture_output=True,
        text=True,
        check=False,
    )
    whole = time.perf_counter() - began
    if "ModuleNotFoundError" in done.stderr:
        return None
    if done.returncode:
        raise SystemExit(done.stderr)
    loss, first, again = json.loads(done.stdout)
    return loss, whole - again, first, again


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", choices=RUNS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.measure, options.epochs)
        return
    found: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in RUNS}
    for _ in range(options.rounds):
        for name, results in found.items():
            results.extend(filter(None, [timed(name, options.epochs)]))
    print(f"{options.epochs} epochs; the least of {options.rounds} rounds\n")
    print(
        "| library | lines of code | whole process, s | training, s | once more, s | final loss |"
    )
    print("|---|---|---|---|---|---|")
    losses = {}
    for name, results in found.items():
        if not results:
            print(f"| {name} | {lines_of(RUNS[name][0])} | not installed | | | |")
            continue
        losses[name] = results[0][0]
        times = " | ".join(f"{min(r[k] for r in results):.3g}" for k in (1, 2, 3))
        print(f"| {name} | {lines_of(RUNS[name][0])} | {times} | {losses[name]:.10f} |")
    apart = max(losses.values()) - min(losses.values())
    print(f"\nThe losses differ by {apart:.1e} at most.")
    if apart > TOLERANCE:
        raise SystemExit(f"that is more than {TOLERANCE:g}: the runs are not the same training")


if __name__ == "__main__":
    main()
