"""ONNX models: what is in the file, and what onnxruntime computes."""

import math

import numpy as np
import onnx
import onnxruntime as runtime
import pytest
from program_examples import close, network
from row_checks import RANGES

import engine
from engine import OutputError, UnknownNameError, Value, define_op
from engine.export import to_onnx
from nn import MLP

pytestmark = pytest.mark.oracle


def run(path, batch):
    """Run a model on a batch."""
    session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {"x": batch})[0]


def operators(path):
    """List the operators of a model, in order."""
    return [node.op_type for node in onnx.load(path).graph.node]


def test_a_network_is_gemm_and_activations(tmp_path):
    """One product for each layer, with a batch of any size; nothing but numbers inside."""
    model = MLP(2, [16, 16, 1], "tanh", seed=1)
    x = [Value(0.0, "x_1"), Value(0.0, "x_2")]
    path = to_onnx([model(x)], x, tmp_path / "m.onnx")
    assert operators(path) == ["Gemm", "Tanh", "Gemm", "Tanh", "Gemm", "Identity"]
    batch = np.random.default_rng(0).normal(size=(9, 2))
    assert close(run(path, batch), [[model(row).data] for row in batch.tolist()])
    assert run(path, batch[:1]).shape == (1, 1)
    shape = onnx.load(path).graph.input[0].type.tensor_type.shape.dim
    assert (shape[0].dim_param, shape[1].dim_value) == ("batch", 2)
    # Read by onnxruntime from 1.14 on.
    assert (onnx.load(path).opset_import[0].version, onnx.load(path).ir_version) == (18, 9)


@pytest.mark.parametrize("dots", [False, True])
def test_a_loss_gives_the_values_of_the_program(tmp_path, dots):
    """One number for each sample."""
    inputs, parameters, loss = network(4, dots=dots)
    path = to_onnx(loss, inputs, tmp_path / "m.onnx")
    batch = np.random.default_rng(0).normal(size=(9, 3))
    program = engine.compile(loss, inputs, parameters, tier="python")
    assert close(run(path, batch), program.value(batch))
    assert run(path, batch).shape == (9,)


def test_single_precision(tmp_path):
    """All numbers are float32 then, and operators that have only such a kernel are used."""
    x = Value(0.5, "x")
    y = engine.atan(x) + engine.erf(x) + engine.gelu(x) + engine.asin(x) * 2.0
    path = to_onnx(y, [x], tmp_path / "m.onnx", dtype="float32")
    assert {"Atan", "Erf", "Asin"} <= set(operators(path))
    found = run(path, np.array([[0.5]], dtype="float32"))
    assert found.dtype == np.float32
    assert close(found, [y.data], 1e-6)


@pytest.mark.parametrize("name", RANGES)
def test_formulas_are_exact_to_twelve_digits_everywhere(tmp_path, name):
    """What onnxruntime has no kernel for in double precision, over its range and near 0."""
    x = Value(RANGES[name][1] / 2, "x")
    f = getattr(engine, name)
    path = to_onnx(f(x), [x], tmp_path / "m.onnx")
    low, high = RANGES[name]
    points = [*np.linspace(low, high, 401), *(s * 10.0**-k for k in range(13) for s in (1, -1))]
    points = [p for p in map(float, points) if low <= p <= high]
    found = run(path, np.array(points)[:, None])
    for point, y in zip(points, found, strict=True):
        assert y == pytest.approx(f(point), rel=1e-12, abs=1e-300), point


def test_what_onnx_has_is_one_node(tmp_path):
    """Not the formula that the row has for it, and a sum is a node too."""
    x = Value(0.5, "x")
    for y, node in ((x.sigmoid(), "Sigmoid"), (x.relu(), "Relu"), (x.maximum(2.0), "Max")):
        assert operators(to_onnx(y, [x], tmp_path / "m.onnx"))[-2:] == [node, "Squeeze"]


def test_all_quadrants(tmp_path):
    """The angle of a point, and its distance, on the axes too."""
    x, y = Value(0.5, "x"), Value(0.5, "y")
    path = to_onnx([engine.atan2(x, y), engine.hypot(x, y)], [x, y], tmp_path / "m.onnx")
    points = [(a, b) for a in (-2.0, 0.0, 3.0) for b in (-1.0, 0.0, 1e-3, 1e9)]
    found = run(path, np.array(points))
    assert close(found, [[math.atan2(a, b), math.hypot(a, b)] for a, b in points])


def test_a_users_row_is_its_formula(tmp_path):
    """Choices, logic and other rows in it."""
    step = define_op(
        "onnx_step",
        "1.0 if x < 0 and y <= 1 else 2.0 if x >= 3 or y == 2 else silu(x) if x != 1 else -PI "
        "if y else (x > 0) + (x < 0 or y > 1)",
        ["0.0", "0.0"],
        samples=[(-1.0, 0.5)],
        operands=["x", "y"],
    )
    x, y = Value(-1.0, "x"), Value(0.5, "y")
    path = to_onnx(step(x, y), [x, y], tmp_path / "m.onnx")
    points = [(-1.0, 0.5), (-1.0, 2.0), (3.0, 0.0), (1.0, 0.0), (0.25, 0.0), (1.0, 0.5)]
    assert close(run(path, np.array(points)), [step(*point) for point in points])


def test_what_does_not_depend_on_the_inputs_is_repeated(tmp_path):
    """A result that is the same for every sample is there for every sample."""
    x, c = Value(0.5, "x"), Value(2.0, "c")
    path = to_onnx([c.exp(), x, x * c, c], [x], tmp_path / "m.onnx")
    assert close(
        run(path, np.array([[1.0], [3.0]])),
        [
            [math.exp(2.0), 1.0, 2.0, 2.0],
            [math.exp(2.0), 3.0, 6.0, 2.0],
        ],
    )


def test_vectors_of_every_kind(tmp_path):
    """Parts, picks, stacks, sums and dots of inputs and numbers."""
    x = [Value(0.1 * k - 0.2, f"x_{k}") for k in range(6)]
    outputs = [
        engine.sum(x),
        engine.sum([x[0], x[0], x[3]]),
        engine.dot(x[:3], x[3:]),
        engine.dot([x[5], x[1], x[1]], [1.0, 2.0, 3.0], 0.5),
        engine.logsumexp([x[0], 2.0, x[4]]),
        engine.logsumexp([1000.0 * v for v in x]),
        engine.dot([x[0].exp(), x[1]], [x[2], x[3]]),
        *engine.softmax(x[1:4]),
        engine.dot([x[4], x[2]], [3.0, -1.0]),
        engine.sum([x[0].exp(), x[1].sin(), 7.0]),
    ]
    path = to_onnx(outputs, x, tmp_path / "m.onnx")
    assert close(run(path, np.array([[v.data for v in x]])), [[y.data for y in outputs]])


def test_bad_requests(tmp_path):
    """A type nobody knows, a folder that is not there: one sentence, and no file."""
    x = Value(0.5, "x")
    with pytest.raises(UnknownNameError, match="no dtype 'float16'; known are 'float32', 'float6"):
        to_onnx(x * 2.0, [x], tmp_path / "m.onnx", dtype="float16")
    with pytest.raises(OutputError, match="does not exist"):
        to_onnx(x * 2.0, [x], tmp_path / "gone" / "m.onnx")
    assert list(tmp_path.iterdir()) == []
