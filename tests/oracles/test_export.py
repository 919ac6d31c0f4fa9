"""Exported graphs give this engine's values and derivatives in the other framework."""

import tempfile
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from program_examples import close
from row_checks import function, own
from strategies import recipes

import engine
from engine import Value, define_op
from engine.export import to_jax, to_onnx, to_torch
from engine.table.ops import TABLE

pytestmark = pytest.mark.oracle

ROWS = [row for row in TABLE.values() if own(row)]


class Found(NamedTuple):
    """What a framework says at a point: values (outputs,), and slopes by params and by x."""

    values: np.ndarray
    by_params: np.ndarray = np.empty(0)
    by_x: np.ndarray = np.empty(0)


def by_jax(outputs, inputs, params):
    """Export to JAX, and evaluate at the numbers of the leaves."""
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    f = to_jax(outputs, inputs, params)
    x = jax.numpy.array([leaf.data for leaf in inputs], dtype=float)
    both = jax.jit(lambda *given: (f(*given), *jax.jacrev(f, (0, 1))(*given)))
    values, by_params, by_x = both(f.params, x)  # one compilation is what takes the time
    return Found(np.array(values), np.array(by_params), np.array(by_x))


def by_torch(outputs, inputs, params):
    """Export to PyTorch, and evaluate at the numbers of the leaves."""
    torch = pytest.importorskip("torch")
    module = to_torch(outputs, inputs, params)
    x = torch.tensor([leaf.data for leaf in inputs], dtype=torch.float64, requires_grad=True)
    values = module(x)
    rows = []
    for value in values:
        wanted = [*module.parameters(), x]
        slopes = torch.autograd.grad(value, wanted, retain_graph=True, allow_unused=True)
        rows.append(
            [torch.zeros_like(w) if s is None else s for w, s in zip(wanted, slopes, strict=True)]
        )
    by_params = np.array([[float(s) for s in row[:-1]] for row in rows])
    by_x = np.array([row[-1].numpy() for row in rows])
    return Found(values.detach().numpy(), by_params.reshape(len(rows), -1), by_x)


def here(outputs, inputs, params):
    """Say what this engine says."""
    found = [engine.gradients(y) for y in outputs]
    by_params, by_x = (
        np.array([[g.get(leaf, 0.0) for leaf in leaves] for g in found])
        for leaves in (params, inputs)
    )
    return Found(np.array([y.data for y in outputs]), by_params, by_x)


def by_onnx(outputs, inputs, params, dtype="float64"):
    """Export to ONNX, and evaluate at the numbers of the leaves, for three samples alike."""
    del params  # they keep their numbers
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    with tempfile.TemporaryDirectory() as folder:
        path = to_onnx(outputs, inputs, f"{folder}/m.onnx", dtype=dtype)
        session = runtime.InferenceSession(path, providers=["CPUExecutionProvider"])
    x = np.array([[leaf.data for leaf in inputs]] * 3, dtype=dtype).reshape(3, len(inputs))
    (values,) = session.run(None, {"x": x})
    assert close(values, values[[0, 0, 0]])
    return Found(values[0])


def assert_same(framework, outputs, inputs, params):
    """Compare values and both Jacobians to 1e-12."""
    found, expected = framework(outputs, inputs, params), here(outputs, inputs, params)
    judged = 1 if framework is by_onnx else 3  # an ONNX model computes values
    for part, true in list(zip(found, expected, strict=True))[:judged]:
        assert part.shape == true.shape or true.size == 0
        assert close(part, true), (part, true)


FRAMEWORKS = pytest.mark.parametrize("framework", [by_jax, by_torch, by_onnx])


@FRAMEWORKS
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_is_the_tables_also_at_kinks(framework, row):
    """Alone, and as lanes of a vector, by inputs and by parameters: value and derivatives."""
    points = [*row.kinks, *row.samples]
    for chosen in (points, points[:1]):
        leaves = [[Value(number, f"x_{k}") for k, number in enumerate(p)] for p in chosen]
        every = [leaf for some in leaves for leaf in some]
        outputs = [function(row)(*some) for some in leaves]
        assert_same(framework, outputs, every[1:], every[:1])


@FRAMEWORKS
@pytest.mark.parametrize("name", ["sigmoid", "softplus", "silu", "gelu", "elu", "tanh", "relu"])
def test_activations_far_out(framework, name):
    """Nothing overflows, and no framework takes a short cut that shows in twelve digits."""
    rest = [1.0] * (len(TABLE[name].operands) - 1)
    for points in ((-21.0, -5.0, 5.0, 21.0), (-1000.0, 1000.0)):  # compared on their own scales
        inputs = [Value(x, "x") for x in points]
        assert_same(framework, [function(TABLE[name])(x, *rest) for x in inputs], inputs, [])


@FRAMEWORKS
@given(recipe=recipes())
@settings(max_examples=25)
def test_random_graphs_agree(framework, recipe):
    """Any graph: the same value, the same gradient by inputs and by parameters."""
    leaves, root = recipe.build()
    reached = set(engine.topological_order(root))
    used = [leaf for leaf in leaves if leaf in reached]
    assert_same(framework, [root], used[::2], used[1::2])


@FRAMEWORKS
def test_rows_of_the_users_own(framework):
    """A defined operation takes its own rule along, and those of the rows that it calls."""
    cube = define_op("export_cube", "t * t * t", ["3 * t * t"], samples=[(1.5,)], operands=["t"])
    gate = define_op(
        "export_gate",
        "x * sigmoid(y) if x > 0 and y < 3 else leaky_relu(x, 0.25) + PI",
        [
            "sigmoid(y) if x > 0 and y < 3 else 0.25",
            "x * sigmoid(y) * (1 - sigmoid(y)) if x > 0 or y > 100 else 0.0",
        ],
        samples=[(1.5, 0.5), (-1.0, 2.0)],
        operands=["x", "y"],
    )
    truth = define_op(
        "export_truth",
        "x * (y > 0) + (y if x else 3.0)",
        ["1.0 if y > 0 else 0.0", "1.0 if x else 0.0"],
        samples=[(1.5, 0.5), (-1.0, -2.0)],
        operands=["x", "y"],
    )
    choice = define_op("export_choice", "0.3 if x > 0 else 0.7", ["0.0"], samples=[(1.0,)])
    x, w, v = Value(0.5, "x"), Value(-0.75, "w"), Value(1.25, "v")
    outputs = [cube(x), gate(x, w), gate(w, x), gate(w, 2.0), gate(v, w), choice(w), choice(x)]
    outputs += [truth(x, w), truth(w, v)]
    assert_same(framework, outputs, [x], [w, v])


@FRAMEWORKS
def test_a_power_of_a_negative_number(framework):
    """A whole exponent asks for no logarithm of the base, nor does a base that is a number."""
    x, y = Value(-2.0, "x"), Value(3.0, "y")
    assert_same(framework, [x**3, x**-1.5 if x.data > 0 else x**-3, 2.0**y, x**0], [x], [y])
    zero = Value(0.0, "x")
    assert_same(framework, [zero**y, (zero + 0.0) ** 0.0, zero**2, zero**3], [zero], [y])


@FRAMEWORKS
def test_settings_keep_their_numbers(framework):
    """A leaf that is neither input nor parameter has the number it had."""
    x, w, c = Value(0.5, "x"), Value(2.0, "w"), Value(-3.0, "c")
    outputs = [w * x + c, w * c, c * x, engine.maximum(c, x * c), (w * x) ** c, (w * x) ** -3]
    assert_same(framework, outputs, [x], [w])


@FRAMEWORKS
def test_layers_whose_weights_lie_anywhere(framework):
    """Rows with biases before, behind or apart, in any order, shared, fixed: all the same."""
    values = [Value(0.1 * k - 0.35, f"p_{k}") for k in range(9)]
    x = [Value(0.5, "x_1"), Value(-0.75, "x_2")]
    for rows, biases in [
        ([(0, 1), (3, 4), (6, 7)], (2, 5, 8)),
        ([(1, 2), (4, 5), (7, 8)], (0, 3, 6)),
        ([(0, 1), (2, 3), (4, 5)], (6, 7, 8)),
        ([(0, 1), (2, 3), (4, 5)], (8, 6, 7)),
        ([(0, 1), (2, 3), (4, 5)], (1, 3, 5)),
        ([(0, 3), (1, 4), (2, 5)], (6, 7, 8)),
        ([(0, 1), (0, 1), (0, 2)], (6, 7, 8)),
        ([(4, 5), (2, 3), (0, 1)], ()),
        ([(0, 1), (3, 4), (6, 7)], ()),
        ([(1, 2), (4, 5), (7, 8)], (8, 8, 8)),
    ]:
        sums = []
        for k, (a, b) in enumerate(rows):
            bias = values[biases[k]] if biases else None
            sums.append(engine.dot([values[a], values[b]], x, bias).tanh())
        used = [v for v in values if any(v in engine.topological_order(y) for y in sums)]
        mixed = [engine.dot([0.5, v], x, 1.0) for v in values[:2]]
        assert_same(framework, [*sums, *mixed], x, used)
    assert_same(framework, sums, x, used[1:])
    assert_same(framework, sums, x, [])
