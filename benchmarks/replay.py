"""Compare replay with its peers: the same graphs, the same numbers, interleaved.

    OPENBLAS_NUM_THREADS=1 python benchmarks/replay.py [--plot replay.svg] [--only graphs]

Gradient with respect to every weight, summed over a batch. Results are compared before anything is
timed. What is not installed is left out: JAX, PyTorch, CasADi, ddx-ad, micrograd, gcc. Prints
Markdown tables: the minimum and the median of repeated calls, in microseconds, the peers in turn,
so that a busy moment of the machine meets all of them. On a busy machine the threads of NumPy's
BLAS wait for one another, hence one. CasADi and ddx-ad give one gradient per
sample; JAX and PyTorch run the network written with matrices.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from graphs import (
    VALUES,
    Graph,
    casadi_scalars,
    layer_sizes,
    network,
    tangle,
    transformer,
)

import engine
from engine import Value

BATCH = 128
ROUNDS, SECONDS = 40, 0.004
Call = Callable[[], Any]

# ---------------------------------------------------------------- everypath


def replayed(graph: Graph, tier: str = "auto") -> Call:
    """Replay a batch on one tier; straight-line machine code is given time to be compiled."""
    with engine.recording():
        loss, inputs, weights = graph.record()
    program = engine.compile(loss, inputs, weights, tier=tier)
    if tier == "python":
        rows, numbers = graph.samples.tolist(), graph.weights.tolist()
        return lambda: program.value_and_grad(rows, numbers)[1]
    for _ in range(200 if len(inputs) + len(weights) < 2000 else 2):
        program.value_and_grad(graph.samples, graph.weights)
    time.sleep(1)
    return lambda: program.value_and_grad(graph.samples, graph.weights)[1]


def bound(graph: Graph) -> Call:
    """Replay one sample through `Program.bind`."""
    loss, inputs, weights = graph.record()
    made = engine.compile(loss, inputs, weights).bind(graph.weights)
    sample = graph.samples[0].tolist()

    def run() -> Any:
        made.call(*sample)
        return made.gradient

    return run


def eager(graph: Graph, of: Any = VALUES) -> Call:
    """Record and differentiate sample by sample."""

    def run() -> Any:
        weights = [Value(w) for w in graph.weights.tolist()]
        with engine.recording():
            for sample in graph.samples.tolist():
                graph.build(of, [Value(x) for x in sample], weights).backward()
        return [w.grad for w in weights]

    return run


# ---------------------------------------------------------------- peers for any graph


def with_casadi(graph: Graph) -> Call:
    """CasADi's virtual machine through its buffer interface, sample by sample."""
    ca = importlib.import_module("casadi")
    samples, weights = graph.samples, graph.weights
    inputs, numbers = ca.SX.sym("x", samples.shape[1]), ca.SX.sym("p", len(weights))
    loss = graph.build(casadi_scalars(), ca.vertsplit(inputs), ca.vertsplit(numbers))
    function = ca.Function("f", [inputs, numbers], [loss, ca.gradient(loss, numbers)])
    buffer, call = function.buffer()
    row, value, gradient = np.zeros(samples.shape[1]), np.zeros(1), np.zeros(len(weights))
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


def with_ddx(graph: Graph) -> Call:
    """ddx-ad's batch Jacobian."""
    ddx = importlib.import_module("ddx")
    of = VALUES._replace(tanh=ddx.tanh)

    def model() -> Any:
        inputs = [ddx.param(f"x{k}") for k in range(graph.samples.shape[1])]
        weights = [ddx.var(f"p{k}") for k in range(len(graph.weights))]
        return graph.build(of, inputs, weights)

    function = ddx.equation(model)
    points = np.vstack([np.repeat(graph.weights[:, None], BATCH, 1), graph.samples.T])
    points = points[:, : len(graph.samples)].copy()
    return lambda: function.jacobian(points)[1]


def with_micrograd(graph: Graph) -> Call:
    """Run micrograd, with relu for tanh, which its release has not."""
    scalar = importlib.import_module("micrograd.engine").Value
    of = VALUES._replace(tanh=lambda x: x.relu())

    def run() -> Any:
        weights = [scalar(w) for w in graph.weights.tolist()]
        for sample in graph.samples.tolist():
            graph.build(of, [scalar(x) for x in sample], weights).backward()
        return [w.grad for w in weights]

    assert np.allclose(run(), eager(graph, of)()), "micrograd"
    return run


# ---------------------------------------------------------------- peers for networks


def hidden_of(graph: Graph) -> int:
    """Read the width of a network off its name, 2-H-H-1."""
    return int(graph.name.split("-")[1])


def with_c(graph: Graph) -> Call:
    """Build and call hand_mlp.c."""
    samples, weights = graph.samples, graph.weights
    if shutil.which("gcc") is None or len(samples) % 32:
        raise ImportError("gcc, for batches of 32")
    folder = Path(tempfile.mkdtemp())
    source = Path(__file__).with_name("hand_mlp.c")
    subprocess.run(  # noqa: S603
        [  # noqa: S607
            "gcc",
            "-O3",
            "-march=native",
            "-mprefer-vector-width=512",
            "-shared",
            "-fPIC",
            f"-DH={hidden_of(graph)}",
            str(source),
            "-o",
            str(folder / "mlp.so"),
        ],
        check=True,
    )
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


def matrices_of(graph: Graph) -> list[Any]:
    """Cut the weights into matrices whose first column is the bias."""
    cut, start, before = [], 0, 2
    for width, _ in layer_sizes(hidden_of(graph)):
        end = start + width * (before + 1)
        cut.append(graph.weights[start:end].reshape(width, before + 1))
        start, before = end, width
    return cut


def forward(matrices: Any, batch: Any, tanh: Callable[[Any], Any]) -> Any:
    """Compute the summed loss of a network with matrices."""
    layer, (*bent, last) = batch[:, :2], matrices
    for matrix in bent:
        layer = tanh(layer @ matrix[:, 1:].T + matrix[:, 0])
    layer = layer @ last[:, 1:].T + last[:, 0]
    return ((layer[:, 0] - batch[:, 2]) ** 2).sum()


def flat(matrices: Any) -> Any:
    """Write gradients of matrices as one vector."""
    return np.concatenate([np.asarray(m).ravel() for m in matrices])


def with_jax(graph: Graph) -> Call:
    """JAX's jit of the network written with matrices."""
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", val=True)
    step = jax.jit(jax.value_and_grad(lambda m, batch: forward(m, batch, jax.numpy.tanh)))
    matrices = [jax.numpy.array(m) for m in matrices_of(graph)]
    batch = jax.numpy.array(graph.samples)
    return lambda: jax.block_until_ready(step(matrices, batch))[1]


def with_torch(graph: Graph) -> Call:
    """PyTorch, eager, with matrices, on one thread: it is quicker so on networks of this size."""
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    matrices = [torch.tensor(m, requires_grad=True) for m in matrices_of(graph)]
    batch = torch.tensor(graph.samples)
    return lambda: torch.autograd.grad(forward(matrices, batch, torch.tanh), matrices)


# ---------------------------------------------------------------- measuring

GENERAL: dict[str, Callable[[Graph], Call]] = {
    "everypath": replayed,
    "everypath, NumPy": lambda graph: replayed(graph, "numpy"),
    "CasADi": with_casadi,
}
NETWORK = {
    "hand-written C": with_c,
    "JAX jit, matrices": with_jax,
    "PyTorch, matrices": with_torch,
}
SLOW: dict[str, Callable[[Graph], Call]] = {
    "everypath, Python": lambda graph: replayed(graph, "python"),
    "ddx-ad": with_ddx,
    "everypath, eager": eager,
    "micrograd": with_micrograd,
}
SINGLE = {"everypath, bound": bound}


def prepare(graph: Graph, makers: dict[str, Callable[[Graph], Call]]) -> dict[str, Call]:
    """Prepare everything that is installed, and check that it computes the same gradient."""
    made: dict[str, Call] = {}
    expected = None
    for name, maker in makers.items():
        try:
            made[name] = maker(graph)
        except ImportError as missing:
            print(f"({name}: {missing} is missing)", file=sys.stderr)
            continue
        found = made[name]()
        if name == "micrograd":  # another function; it was compared when it was made
            continue
        found = gradient_of(found, len(graph.weights))
        expected = found.copy() if expected is None else expected
        scale = max(1.0, float(np.abs(expected).max()))
        assert np.allclose(found, expected, rtol=1e-9, atol=1e-9 * scale), name
    return made


def gradient_of(found: Any, weights: int) -> Any:
    """Read a gradient, however it is returned: as a vector, in matrices, or for each sample."""
    if isinstance(found, (list, tuple)) and np.ndim(found[0]) == 2:
        return flat(found)
    array = np.asarray(found, dtype=float)
    if array.shape == (weights,):
        return array
    axes = (
        array.reshape(-1, weights) if array.shape[-1] == weights else array.reshape(weights, -1).T
    )
    return axes.sum(axis=0)


def measure(calls: dict[str, Call]) -> dict[str, tuple[float, float]]:
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
            if repeats[name] == 1 and turn >= 8:
                continue  # a slow peer is slow enough to be measured a few times
            began = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            times[name].append((time.perf_counter() - began) / repeats[name] * 1e6)
    return {name: (min(t), statistics.median(t)) for name, t in times.items()}


def row(graph: Graph, makers: dict[str, Callable[[Graph], Call]]) -> None:
    """Measure a graph, and print a line for each peer."""
    times = measure(prepare(graph, makers))
    nodes = len(engine.topological_order(graph.record()[0]))
    least_of_ours, median_of_ours = next(iter(times.values()))
    for name, (least, median) in times.items():
        print(
            f"| {graph.name} ({nodes:,}) | {len(graph.samples)} | {name} | {least:.1f} "
            f"| {median:.1f} | {least / least_of_ours:.2f} | {median / median_of_ours:.2f} |",
            flush=True,
        )


def networks() -> None:
    """Networks, on a batch and on one sample."""
    row(network(16, BATCH), GENERAL | NETWORK | SLOW)
    single = {name: make for name, make in (GENERAL | NETWORK | SLOW).items() if name != "ddx-ad"}
    row(network(16, 1), SINGLE | single)
    row(network(64, BATCH), GENERAL | NETWORK)
    row(network(128, BATCH), GENERAL | NETWORK)


def others() -> None:
    """A training step of a transformer, and graphs without structure."""
    row(transformer(BATCH), GENERAL)
    for size in (100, 1000, 10_000):
        row(tangle(size, BATCH), GENERAL)


# ---------------------------------------------------------------- the plot

LARGEST = {
    "everypath, Python": 60_000,
    "everypath, eager": 250_000,
    "CasADi": 60_000,
    "hand-written C": 60_000,
    "micrograd": 20_000,
    "ddx-ad": 2_000,
}
"""The number of nodes up to which a peer is drawn; beyond, preparing it takes minutes."""
FEW = {"everypath, Python", "everypath, eager", "CasADi", "micrograd"}
"""They take one sample after the other, so a few samples say it all."""
COLOURS = (
    "#0b5cad",
    "#3f9be0",
    "#e69f00",
    "#111111",
    "#d55e00",
    "#cc79a7",
    "#7fbfee",
    "#009e73",
    "#123a63",
    "#8a8a8a",
)


def draw(path: str) -> None:
    """Draw time per sample against the size of a network's graph."""
    found: dict[str, dict[int, float]] = {}
    for hidden in (4, 8, 16, 32, 64, 128, 256, 576):
        nodes = 3 * hidden * hidden + 12 * hidden + 6
        graph = network(hidden, BATCH)
        for name, maker in (GENERAL | NETWORK | SLOW).items():
            if nodes > LARGEST.get(name, 2_000_000):
                continue
            samples = graph.samples[:4] if name in FEW else graph.samples
            try:
                call = maker(graph._replace(samples=samples))
            except ImportError:
                continue
            least = measure({name: call})[name][0] / len(samples)
            found.setdefault(name, {})[nodes] = least
            print(f"{nodes:,} nodes, {name}: {least:.3f} µs per sample", file=sys.stderr)
    plt = importlib.import_module("matplotlib.pyplot")
    figure, axes = plt.subplots(figsize=(8, 5.2))
    colours = dict(zip([*GENERAL, *NETWORK, *SLOW], COLOURS, strict=True))
    for name, times in sorted(found.items(), key=lambda item: -slowness(item[1])):
        ours = name.startswith("everypath")
        axes.loglog(
            list(times),
            list(times.values()),
            marker="o" if ours else "s",
            linestyle="-" if ours else "--",
            linewidth=2.2 if ours else 1.2,
            markersize=5 if ours else 4,
            color=colours[name],
            label="everypath, machine code" if name == "everypath" else name,
        )
    axes.set_xlabel("nodes of the recorded graph (networks 2-H-H-1)")
    axes.set_ylabel(f"µs per sample, forward and backward, batch of {BATCH}")
    axes.grid(which="major", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    figure.savefig(path, bbox_inches="tight", metadata={"Date": None})


def slowness(times: dict[int, float]) -> float:
    """Say how slow a peer is per node, for the order of the legend: that of the lines."""
    return statistics.median(taken / nodes for nodes, taken in times.items())


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plot", help="draw time against graph size, instead of the tables")
    parser.add_argument("--only", choices=["networks", "graphs"])
    options = parser.parse_args()
    if options.plot:
        draw(options.plot)
        return
    print("| graph (nodes) | batch | what | min µs | median µs | × (min) | × (median) |")
    print("|---|---|---|---|---|---|---|")
    if options.only != "graphs":
        networks()
    if options.only != "networks":
        others()


if __name__ == "__main__":
    main()
