"""Replay gives what eager code gives: every tier, every pass, random graphs."""

import itertools
import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from program_examples import close, eager, network
from strategies import graphs, numbers, recipes

import engine
from engine import Value
from engine.core import arithmetic
from engine.errors import CompileError, MissingExtraError
from engine.program.passes.passes import PASSES

ALL_TIERS = ("python", "numpy", "llvm", "straight")


@cache
def obstacle(tier):
    """Say why this machine runs no machine code at all, or nothing."""
    x = Value(1.0)
    try:
        engine.compile(x + 1.0, [x], tier=tier)
    except (MissingExtraError, CompileError) as error:
        return str(error)
    return ""


def compiled(y, inputs, wrt, tier, **options):
    """Compile, or skip where this machine cannot run the tier."""
    if tier not in {"python", "numpy"} and obstacle(tier):
        pytest.skip(obstacle(tier))
    return engine.compile(y, inputs, wrt, tier=tier, **options)


@pytest.mark.parametrize("tier", ALL_TIERS)
@given(data=st.data())
def test_replay_equals_eager_on_random_graphs(tier, data):
    """Values and gradients of a batch are the eager ones of each sample, for any graph."""
    recipe = data.draw(recipes(everywhere=True))
    leaves, root = recipe.build()
    used = [x for x in leaves if x in set(engine.topological_order(root))]
    inputs, wrt = used[::2], used
    program = compiled(root, inputs, wrt, tier)
    row = st.lists(numbers(), min_size=len(inputs), max_size=len(inputs))
    batch = np.array(data.draw(st.lists(row, min_size=1, max_size=5)))
    values, gradients = eager(inputs, wrt, [root], batch)
    found, slopes = program.value_and_grad(batch, reduce=None)
    assert close(found, values[:, 0])
    assert close(slopes, gradients[:, 0])
    found, slopes = program.value_and_grad(batch)
    assert close(slopes, gradients[:, 0].sum(axis=0))
    assert close(program.value(batch), values[:, 0])


@given(graphs())
def test_exact_order_is_bit_for_bit_eager(graph):
    """``exact=True`` equals eager code to the last bit, partial domains included."""
    leaves, root = graph
    order = set(engine.topological_order(root))
    used = [x for x in leaves if x in order]
    program = engine.compile(root, used, used, exact=True)
    value, gradient = program.value_and_grad([x.data for x in used])
    expected = engine.gradients(root)
    assert value == root.data
    assert [g.hex() for g in map(float, gradient)] == [expected[x].hex() for x in used]


@given(data=st.data())
def test_exact_order_is_bit_for_bit_eager_on_other_numbers(data):
    """A batch, per sample; two outputs, one of which the other may depend on."""
    leaves, root = data.draw(recipes(everywhere=True)).build()
    order = engine.topological_order(root)
    used = [x for x in leaves if x in set(order)]
    outputs = [root, order[len(order) // 2]]
    program = engine.compile(outputs, used, used, exact=True)
    row = st.lists(numbers(), min_size=len(used), max_size=len(used))
    batch = np.array(data.draw(st.lists(row, min_size=1, max_size=3)))
    found = program.value_and_grad(batch, reduce=None)
    for got, expected in zip(found, eager(used, used, outputs, batch), strict=True):
        assert list(map(float.hex, got.ravel())) == list(map(float.hex, expected.ravel()))


def test_exact_order_keeps_the_sign_of_zero():
    """A dot begins with its bias, which may be -0.0; a sum with 0.0, and so does an empty dot."""
    x = Value(1.0)
    for y in (engine.dot([x], [x * 0.0], x), engine.sum([x]), engine.dot([], [], x)):
        program = engine.compile(y, [x], [x], exact=True)
        ((expected,),), _ = eager([x], [x], [y], np.array([[-0.0]]))
        assert float(program.value([-0.0])).hex() == float(expected).hex()


@given(graph=graphs(), names=st.sets(st.sampled_from(sorted(PASSES))))
def test_every_choice_of_passes_computes_the_same(graph, names):
    """A pass changes how a program looks, never what it gives."""
    leaves, root = graph
    order = set(engine.topological_order(root))
    used = [x for x in leaves if x in order]
    program = engine.compile(root, used, used, tier="python", passes=names)
    value, gradient = program.value_and_grad([x.data for x in used])
    expected = engine.gradients(root)
    assert close(value, root.data)
    assert close(gradient, [expected[x] for x in used])


@pytest.mark.parametrize("tier", ALL_TIERS)
@pytest.mark.parametrize("dots", [False, True])
def test_networks_give_eager_gradients(tier, dots):
    """A network, scalar or with dot nodes, over batches of any size, repeated."""
    inputs, parameters, loss = network(5, dots=dots)
    program = compiled(loss, inputs, parameters, tier)
    rng = np.random.default_rng(0)
    for size in (1, 2, 7, 33, 1, 64):
        batch = rng.normal(size=(size, 3))
        values, gradients = eager(inputs, parameters, [loss], batch)
        found, gradient = program.value_and_grad(batch)
        assert close(found, values[:, 0])
        assert close(gradient, gradients[:, 0].sum(axis=0))
        assert close(program.value_and_grad(batch, reduce="mean")[1], gradient / size)
        assert close(program.value_and_grad(batch, reduce=None)[1], gradients[:, 0])


@pytest.mark.parametrize("tier", ALL_TIERS)
def test_several_outputs_give_a_jacobian(tier):
    """Each output has its own sweep; what one does not depend on cannot spoil it with nan."""
    x, w = Value(2.0, "x"), Value(3.0, "w")
    outputs = [w * x, 1.0 / x, x, engine.logsumexp([x, w, 1.0])]
    program = compiled(outputs, [x], [w, x], tier)
    batch = [[2.0], [0.0], [-1.0]]
    values, gradients = eager([x], [w, x], outputs, batch)
    found, jacobian = program.value_and_grad(batch, reduce=None)
    assert close(found, values)
    assert close(jacobian, gradients)
    assert close(program.jacobian(batch), jacobian)
    assert close(program.value_and_grad(batch[:1])[1], gradients[0])
    assert close(program.jacobian(batch[0]), gradients[0])


@pytest.mark.parametrize("tier", ALL_TIERS)
def test_second_derivatives_compile_too(tier):
    """A gradient recorded with create_graph is a graph like any other."""
    x, y = Value(0.5, "x"), Value(1.5, "y")
    root = (x * y).tanh() * engine.exp(x) + engine.log_softmax([x, y, x * y])[0]
    first = engine.grad(root, [x, y], create_graph=True)
    program = compiled(first, [x, y], [x, y], tier)
    assert close(program.jacobian([0.5, 1.5]), engine.hessian(root, [x, y]))


CHOICES = {
    "relu": lambda x, y: engine.relu(x * y) * x,
    "leaky_relu": lambda x, y: engine.leaky_relu(x, y) * x,
    "elu": lambda x, y: engine.elu(x, y) * x,
    "abs": lambda x, y: abs(x * y) * x,
    "maximum": lambda x, y: engine.maximum(x, y) * x * y,
    "minimum": lambda x, y: engine.minimum(x, y) * x * y,
    "clamp": lambda x, y: engine.clamp(x, y, y + 1.0) * y * x,
    "where": lambda x, y: engine.where(engine.relu(x), x * y, y * y) * x,
    "hypot": lambda x, y: engine.hypot(x, y) * x,
    "pow": lambda x, y: (x * x) ** (y * y + 2.5) * x,
}


@pytest.mark.parametrize("name", CHOICES)
def test_second_derivatives_hold_beyond_the_kink(name):
    """What was recorded on one side, or at the kink itself, replays right on every other."""
    points = [(-1.5, 0.4), (0.4, -1.2), (0.0, 0.0), (2.0, 2.0), (0.75, 0.5), (-0.25, 0.0)]
    for recorded in points:
        x, y = Value(recorded[0]), Value(recorded[1])
        first = engine.grad(CHOICES[name](x, y), [x, y], create_graph=True)
        program = engine.compile(first, [x, y], [x, y], tier="python")
        for point in points:
            a, b = Value(point[0]), Value(point[1])
            root = CHOICES[name](a, b)
            assert close(program.value(list(point)), engine.grad(root, [a, b]))
            assert close(program.jacobian(list(point)), engine.hessian(root, [a, b]))


@pytest.mark.parametrize("tier", ALL_TIERS)
def test_nan_in_one_sample_stays_there(tier):
    """The other samples of the batch have the values and gradients that they have alone."""
    inputs, parameters, loss = network(4)
    program = compiled(loss, inputs, parameters, tier)
    batch = np.random.default_rng(1).normal(size=(35, 3))
    clean, slopes = program.value_and_grad(batch, reduce=None)
    for bad in (math.nan, math.inf):
        batch[17, 2] = bad
        values, gradients = program.value_and_grad(batch, reduce=None)
        others = np.arange(35) != 17
        assert not np.isfinite(values[17])
        assert np.array_equal(values[others], clean[others])
        assert np.array_equal(gradients[others], slopes[others])


@pytest.mark.parametrize("tier", ALL_TIERS)
@pytest.mark.parametrize("op", [op for op in engine.TABLE.values() if not op.variadic], ids=repr)
def test_every_row_of_the_table_replays(tier, op):
    """Each operation, on its samples, at its kinks, and far outside its domain."""
    leaves = [Value(x, name) for x, name in zip(op.samples[0], op.operands, strict=True)]
    root = getattr(arithmetic, op.name)(*leaves)
    program = compiled(root, leaves, leaves, tier)
    far = itertools.product(
        (0.0, -0.0, -1.0, 1e300, -1e300, math.inf, -math.inf, math.nan), repeat=len(leaves)
    )
    batch = [*op.samples, *op.kinks]
    values, gradients = eager(leaves, leaves, [root], batch)
    found, slopes = program.value_and_grad(batch, reduce=None)
    assert close(found, values[:, 0])
    assert close(slopes, gradients[:, 0])
    edge = list(itertools.islice(far, 64))
    assert close(program.value(edge), eager(leaves, leaves, [root], edge)[0][:, 0])


@pytest.mark.parametrize("tier", ALL_TIERS)
def test_conditions_as_numbers_and_numbers_as_conditions_mean_the_same_everywhere(tier):
    """A condition counts as 1 or 0, a number is true unless it is 0, whoever reads the row."""
    step = engine.define_op(
        "replay_step",
        "x * (y > 0 and x) + (2.0 if y else 3.0)",
        ["1.0 if y > 0 else 0.0", "0.0"],
        samples=[(1.5, 0.5), (-1.5, -0.5)],
        operands=["x", "y"],
    )
    leaves = [Value(1.5, "x"), Value(0.5, "y")]
    batch = [(1.5, 0.5), (1.5, -0.5), (-1.5, 0.0), (0.0, 2.0)]
    expected = [3.5, 2.0, 3.0, 2.0]
    assert [step(*point) for point in batch] == expected
    assert compiled(step(*leaves), leaves, leaves, tier).value(batch) == pytest.approx(expected)
