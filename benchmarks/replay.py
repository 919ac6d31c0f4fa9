"""Compare replay with its peers: the same networks, the same numbers, interleaved.

    python benchmarks/replay.py [--plot replay.png]

A 2-H-H-1 tanh network, squared loss, gradient with respect to every weight, summed over the batch.
What is not installed is left out: JAX, PyTorch, CasADi, ddx-ad, micrograd, gcc. Prints a Markdown
table: the minimum and the median of repeated calls, in microseconds, the peers in turn, so that a
busy moment of the machine meets all of them. CasADi and ddx-ad give one gradient per sample.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import engine
from engine import Value

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 128
ROUNDS, SECONDS = 25, 0.004


def sizes(hidden: int) -> list[tuple[int, bool]]:
    """List the layers: neurons, and whether tanh follows."""
    return [(hidden, True), (hidden, True), (1, False)]


def build(hidden: int, number: Callable[[], Any], inputs: list[Any], tanh: Callable) -> Any:
    """Write the network with any scalars: bias and weights of each neuron in turn."""
    layer = inputs[:2]
    for width, bent in sizes(hidden):
        sums = []
        for _ in range(width):
            total = number()
            for x in layer:
                total = total + number() * x
            sums.append(tanh(total) if bent else total)
        layer = sums
    error = layer[0] - inputs[2]
    return error * error


def ours(hidden: int, samples: Any, weights: Any, tier: str) -> Callable[[], Any]:
    """Replay on one tier."""
    inputs = [Value(0.1 * k, f"x{k}") for k in range(3)]
    parameters = [Value(float(w)) for w in weights]
    rest = iter(parameters)
    loss = build(hidden, lambda: next(rest), inputs, lambda x: x.tanh())
    program = engine.compile(loss, inputs, parameters, tier=tier)
    if len(samples) > 1:
        return lambda: program.value_and_grad(samples, weights)[1]
    bound, sample = program.bind(weights), samples[0].tolist()

    def one() -> Any:
        bound.call(*sample)
        return bound.gradient

    return one


def eager(hidden: int, samples: Any, weights: Any) -> Callable[[], Any]:
    """Record and differentiate sample by sample."""

    def run() -> Any:
        total = np.zeros(len(weights))
        parameters = [Value(float(w)) for w in weights]
        for sample in samples.tolist():
            rest = iter(parameters)
            loss = build(hidden, lambda rest=rest: next(rest), [*map(Value, sample)],
                         lambda x: x.tanh())  # fmt: skip
            found = engine.gradients(loss)
            total += [found[w] for w in parameters]
        return total

    return run


def hand_written(hidden: int, samples: Any, weights: Any) -> Callable[[], Any] | None:
    """Build and call hand_mlp.c."""
    if shutil.which("gcc") is None or len(samples) % 32:
        return None
    folder = Path(tempfile.mkdtemp())
    source = Path(__file__).with_name("hand_mlp.c")
    subprocess.run(  # noqa: S603
        ["gcc", "-O3", "-march=native", "-mprefer-vector-width=512", "-shared", "-fPIC",  # noqa: S607
         f"-DH={hidden}", str(source), "-o", str(folder / "mlp.so")], check=True)  # fmt: skip
    function = ctypes.CDLL(str(folder / "mlp.so")).mlp
    gradient, losses = np.zeros(len(weights)), np.zeros(len(samples))
    sums = np.zeros(len(weights) * 8 + 64)
    arrays = (samples, weights, gradient, losses)
    pointers = [ctypes.c_void_p(a.ctypes.data) for a in arrays]
    end = (ctypes.c_int64(len(samples)), ctypes.c_void_p(sums.ctypes.data))

    def run(_kept: Any = (arrays, sums)) -> Any:
        function(*pointers, *end)
        return gradient

    return run


def layers(hidden: int, weights: Any) -> list[Any]:
    """Cut the weights into matrices whose first column is the bias."""
    cut, start, before = [], 0, 2
    for width, _ in sizes(hidden):
        cut.append(weights[start : start + width * (before + 1)].reshape(width, before + 1))
        start, before = start + width * (before + 1), width
    return cut


def with_jax(hidden: int, samples: Any, weights: Any) -> Callable[[], Any]:
    """JAX's jit of the network written with matrices."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", val=True)
    jnp = jax.numpy

    def loss(matrices: Any, batch: Any) -> Any:
        layer = batch[:, :2]
        for matrix, (_, bent) in zip(matrices, sizes(hidden), strict=True):
            layer = layer @ matrix[:, 1:].T + matrix[:, 0]
            layer = jnp.tanh(layer) if bent else layer
        return jnp.sum((layer[:, 0] - batch[:, 2]) ** 2)

    step = jax.jit(jax.value_and_grad(loss))
    matrices, batch = [jnp.array(m) for m in layers(hidden, weights)], jnp.array(samples)

    def run() -> Any:
        return jax.block_until_ready(step(matrices, batch))[1]

    return run


def with_torch(hidden: int, samples: Any, weights: Any) -> Callable[[], Any]:
    """PyTorch, eager, with matrices."""
    torch = importlib.import_module("torch")
    matrices = [torch.tensor(m, requires_grad=True) for m in layers(hidden, weights)]
    batch = torch.tensor(samples)

    def run() -> Any:
        layer = batch[:, :2]
        for matrix, (_, bent) in zip(matrices, sizes(hidden), strict=True):
            layer = torch.addmm(matrix[:, 0], layer, matrix[:, 1:].T)
            layer = torch.tanh(layer) if bent else layer
        return torch.autograd.grad(((layer[:, 0] - batch[:, 2]) ** 2).sum(), matrices)

    return run


def with_casadi(hidden: int, samples: Any, weights: Any) -> Callable[[], Any]:
    """CasADi's virtual machine through its buffer interface, sample by sample."""
    ca = importlib.import_module("casadi")
    inputs, numbers = ca.SX.sym("x", 3), ca.SX.sym("p", len(weights))
    rest = iter(range(len(weights)))
    loss = build(hidden, lambda: numbers[next(rest)], [inputs[k] for k in range(3)], ca.tanh)
    function = ca.Function("f", [inputs, numbers], [loss, ca.gradient(loss, numbers)])
    buffer, call = function.buffer()
    row, value, gradient = np.zeros(3), np.zeros(1), np.zeros(len(weights))
    buffer.set_arg(0, memoryview(row))
    buffer.set_arg(1, memoryview(weights))
    buffer.set_res(0, memoryview(value))
    buffer.set_res(1, memoryview(gradient))

    def run(_kept: Any = (buffer, function, value)) -> Any:
        total = np.zeros(len(weights))
        for sample in samples:
            row[:] = sample
            call()
            total += gradient
        return total

    return run


def with_ddx(hidden: int, samples: Any, weights: Any) -> Callable[[], Any]:
    """ddx-ad's batch Jacobian."""
    ddx = importlib.import_module("ddx")

    def model() -> Any:
        inputs = [ddx.param(f"x{k}") for k in range(3)]
        count = iter(range(len(weights)))
        return build(hidden, lambda: ddx.var(f"p{next(count)}"), inputs, ddx.tanh)

    function = ddx.equation(model)
    points = np.vstack([np.repeat(weights[:, None], len(samples), 1), samples.T])
    return lambda: function.jacobian(points)


def with_micrograd(hidden: int, samples: Any, weights: Any) -> Callable[[], Any]:
    """Run micrograd, with relu: its release has no tanh."""
    scalar = importlib.import_module("micrograd.engine").Value

    def bend(x: Any) -> Any:
        return x.relu()

    def run() -> Any:
        numbers = [scalar(float(w)) for w in weights]
        for sample in samples.tolist():
            rest = iter(numbers)
            build(hidden, lambda rest=rest: next(rest), [*map(scalar, sample)], bend).backward()
        return [w.grad for w in numbers]

    return run


def measure(calls: dict[str, Callable[[], Any]]) -> dict[str, tuple[float, float]]:
    """Time the calls in turn: minimum and median, in microseconds."""
    repeats = {}
    for name, call in calls.items():
        call()
        began = time.perf_counter()
        call()
        repeats[name] = max(1, int(SECONDS / (time.perf_counter() - began)))
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(ROUNDS):
        for name, call in calls.items():
            if repeats[name] == 1 and turn >= 3:
                continue  # a slow peer is slow enough to be measured three times
            began = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            times[name].append((time.perf_counter() - began) / repeats[name] * 1e6)
    return {name: (min(t), statistics.median(t)) for name, t in times.items()}


def peers(hidden: int, batch: int, *, slow: bool) -> dict[str, Callable[[], Any]]:
    """Prepare everything that is installed, and check that it computes the same gradient."""
    rng = np.random.default_rng(1)
    samples = np.ascontiguousarray(rng.normal(size=(batch, 3)))
    count = sum(m.size for m in layers(hidden, np.zeros(hidden * (hidden + 5) + 1)))
    weights = rng.normal(size=count) / np.sqrt(hidden)
    made: dict[str, Any] = {"hand-written C": hand_written(hidden, samples, weights)}
    for tier in ("llvm", "numpy", "python"):
        if tier == "llvm" or slow:
            made[f"everypath, {tier}"] = ours(hidden, samples, weights, tier)
    every = {"JAX jit, matrices": with_jax, "PyTorch, matrices": with_torch}
    if slow:
        every |= {"ddx-ad": with_ddx, "CasADi": with_casadi, "micrograd (relu)": with_micrograd}
    for name, prepare in every.items():
        try:
            made[name] = prepare(hidden, samples, weights)
        except ImportError:
            print(f"({name} is not installed)", file=sys.stderr)
    if slow:
        made["everypath, eager"] = eager(hidden, samples, weights)
    made = {name: call for name, call in made.items() if call is not None}
    expected = made["everypath, llvm"]()
    for name in ("hand-written C", "everypath, numpy", "CasADi", "everypath, eager"):
        if name in made:
            assert np.allclose(made[name](), expected, rtol=1e-10, atol=1e-10), name
    return made


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plot", help="write a picture of time against graph size")
    options = parser.parse_args()
    random.seed(0)
    print("| network | batch | what | min µs | median µs | × everypath |")
    print("|---|---|---|---|---|---|")
    found: dict[str, dict[int, float]] = {}
    for hidden, batch in ((16, BATCH), (16, 1), (64, BATCH), (128, BATCH)):
        times = measure(peers(hidden, batch, slow=hidden == 16))
        base = times["everypath, llvm"][0]
        for name, (least, median) in times.items():
            print(f"| 2-{hidden}-{hidden}-1 | {batch} | {name} | {least:.1f} | {median:.1f} "
                  f"| {least / base:.2f} |", flush=True)  # fmt: skip
            if batch == BATCH:
                found.setdefault(name, {})[hidden] = least
    if options.plot:
        draw(found, options.plot)


def draw(found: dict[str, dict[int, float]], path: str) -> None:
    """Draw time against the size of the graph."""
    plt = importlib.import_module("matplotlib.pyplot")
    figure, axes = plt.subplots(figsize=(7, 4.5))
    for name, times in found.items():
        if len(times) > 1:
            nodes = [3 * h * h + 12 * h + 6 for h in times]
            axes.loglog(nodes, list(times.values()), "o-", label=name)
    axes.set_xlabel("recorded nodes")
    axes.set_ylabel(f"µs for {BATCH} samples, forward and backward")
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=150)


if __name__ == "__main__":
    main()
