"""JAX functions: what JAX's transformations make of them."""

import jax
import numpy as np
import pytest
from program_examples import close, network

import engine
from engine import ShapeError, Value
from engine.export import to_jax

pytestmark = pytest.mark.oracle


@pytest.fixture(autouse=True)
def double_precision():
    """Switch JAX to double precision."""
    jax.config.update("jax_enable_x64", True)


def test_jit_vmap_and_grad_work_together():
    """Over a batch, the values and gradients of a replayed program."""
    inputs, parameters, loss = network(5, dots=True)
    f = to_jax(loss, inputs, parameters)
    batch = np.random.default_rng(0).normal(size=(7, 3))
    one = jax.value_and_grad(f)
    values, gradients = jax.jit(jax.vmap(one, (None, 0)))(f.params, batch)
    program = engine.compile(loss, inputs, parameters, tier="python")
    expected = program.value_and_grad(batch, reduce=None)
    assert close(values, expected[0])
    assert close(gradients, expected[1])


def test_second_derivatives_are_those_of_the_engine():
    """Also through a rule that the text brings along."""
    x, w = Value(0.5, "x"), Value(-1.5, "w")
    y = abs(w * x) ** 3 + engine.hypot(x, w) * engine.leaky_relu(w, 0.1) * engine.clamp(x, -1, 1)
    f = to_jax(y, [x, w])
    found = jax.hessian(f, 1)(f.params, jax.numpy.array([0.5, -1.5]))
    assert close(found, engine.hessian(y, [x, w]))


def test_single_precision_stays_single():
    """The text has no double in it that would make one of the rest."""
    x, w = Value(0.5, "x"), Value(2.0, "w")
    f = to_jax(engine.dot([w, 3.0], [x, x.exp()], 0.5) + abs(x) ** 1.5, [x], [w])
    given = jax.numpy.float32
    out = f(jax.numpy.array([2.0], given), jax.numpy.array([0.5], given))
    assert out.dtype == given


def test_a_list_becomes_an_array():
    """Also a list of one."""
    x = Value(0.5, "x")
    for outputs, expected in (([x * 2.0], [6.0]), ([x * 2.0, x], [6.0, 3.0])):
        f = to_jax(outputs, [x])
        assert f(f.params, jax.numpy.array([3.0])).tolist() == expected


def test_parameters_come_with_names_and_numbers():
    """In the order of wrt; a leaf without a label has its place for a name."""
    x, w, v = Value(0.5, "x"), Value(2.0, "w"), Value(3.0)
    f = to_jax(w * x * v, [x], [v, w])
    assert (f.names, f.numbers) == (("p_0", "w"), (3.0, 2.0))
    assert f.params.tolist() == [3.0, 2.0]
    assert repr(f) == "<JAX function f(params, x) of 2 parameters>"
    assert close(f(f.params, jax.numpy.array([0.5])), 3.0)


def test_arrays_of_other_shapes_are_refused():
    """JAX would take a number from somewhere; a batch is told the way."""
    x, y, w = Value(0.5, "x"), Value(0.5, "y"), Value(2.0, "w")
    f = to_jax(w * x * y, [x, y], [w])
    two = jax.numpy.zeros(2)
    for params, given in ((two, two), (f.params, jax.numpy.zeros(1)), (f.params, f.params[0])):
        with pytest.raises(
            ShapeError, match=r"params of shape \(1,\) and one sample x of shape \(2"
        ):
            f(params, given)
    with pytest.raises(ShapeError, match=r"given \(1,\) and \(5, 2\); .* jax\.vmap"):
        f(f.params, jax.numpy.zeros((5, 2)))
    assert jax.vmap(f, in_axes=(None, 0))(f.params, jax.numpy.zeros((5, 2))).shape == (5,)


def test_the_text_alone_is_the_function():
    """Pasted into a project it needs nothing of this one."""
    inputs, parameters, loss = network(3)
    f = to_jax(loss, inputs, parameters)
    scope = {}
    exec(f.source, scope)  # noqa: S102 - what it is for
    x = jax.numpy.array([0.1, -0.2, 0.3])
    assert float(scope["f"](f.params, x)) == float(f(f.params, x))
    assert "engine" not in f.source
