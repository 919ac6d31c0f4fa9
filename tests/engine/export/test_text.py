"""What an exported graph looks like, in either framework's words."""

import math
import textwrap

import pytest

import engine
from engine import Value
from engine.export.dialects import JAX, TORCH
from engine.export.graphs import exported
from engine.export.text import number, source
from nn import MLP, squared_error


def text(y, inputs, wrt=(), dialect=JAX):
    """Write a graph, without the imports."""
    written = source(exported(y, inputs, wrt), dialect)
    assert written.startswith(dialect.imports + "\n\n")
    return written.removeprefix(dialect.imports + "\n\n")


def leaves(*names):
    """Make leaves with these labels, all 0.5."""
    return [Value(0.5, name) for name in names]


def expected(lines):
    """Take the indentation away."""
    return textwrap.dedent(lines).lstrip("\n")


def test_a_network_is_a_few_lines():
    """Each layer is one product, each activation one call, whatever the sizes."""
    model, inputs = MLP(2, [16, 16, 1], "tanh", seed=1), leaves("x_1", "x_2")
    lines = """
        def f(params, x):
            # x: x_1, x_2
            # params: w_111, w_112, b_11, ..., b_31
            m1 = params[0:48].reshape(16, 3)
            v1 = m1[:, 0:2] @ x + m1[:, 2]
            v2 = {}.tanh(v1)
            m2 = params[48:320].reshape(16, 17)
            v3 = m2[:, 0:16] @ v2 + m2[:, 16]
            v4 = {}.tanh(v3)
            s1 = params[320:336] @ v4 + params[336]
            return s1
        """
    for dialect, module in ((JAX, "jnp"), (TORCH, "torch")):
        found = text(model(inputs), inputs, model.parameters(), dialect)
        assert found == expected(lines.format(module, module))


def test_a_loss_over_several_outputs_stays_a_few_lines():
    """Softmax and squared error work on vectors too."""
    model = MLP(2, [2], output_activation="softmax", seed=1)
    inputs, targets = leaves("x_1", "x_2"), leaves("t_1", "t_2")
    loss = squared_error(model(inputs), targets)
    assert text(loss, [*inputs, *targets], model.parameters()) == expected("""
        def f(params, x):
            # x: x_1, x_2, t_1, t_2
            # params: w_11, w_12, b_1, w_21, w_22, b_2
            m1 = params[0:6].reshape(2, 3)
            v1 = m1[:, 0:2] @ x[0:2] + m1[:, 2]
            s1 = jax.nn.logsumexp(v1)
            v2 = v1 - s1
            v3 = jnp.exp(v2)
            v4 = x[2:4] - v3
            v5 = v4 ** 2
            s2 = v5[0] + v5[1]
            return s2
        """).replace("w_11, w_12, b_1, w_21, w_22, b_2", "w_111, w_112, b_11, w_121, w_122, b_12")


def test_weights_that_are_numbers_are_a_table():
    """Leaves that are no parameters keep their numbers; a matrix has a row on a line."""
    model, inputs = MLP.from_weights([[[1.0, -2.0], [0.5, math.pi]]], [3.0]), leaves("a", "b")
    assert text(model(inputs), inputs) == expected("""
        def f(params, x):
            # x: a, b
            # params: (none)
            v1 = jnp.array([
                [1.0, -2.0],
                [0.5, 3.141592653589793],
            ], params.dtype) @ x + jnp.array([3.0, 3.0], params.dtype)
            return v1
        """)


def test_weights_from_anywhere_are_gathered():
    """A matrix that is no block of params is an index into it."""
    a, b, c, *inputs = leaves("a", "b", "c", "x_1", "x_2")
    sums = [engine.dot([a, c], inputs).tanh(), engine.dot([b, a], inputs).tanh()]
    assert "params[jnp.array([[0, 2], [1, 0]])] @ x" in text(sums, inputs, [a, b, c])
    found = text(sums, inputs, [a, b, c], TORCH)
    assert "params[torch.tensor([[0, 2], [1, 0]])] @ x" in found


def test_sums_of_scattered_terms():
    """Few terms are written out; many are stacked; a vector is one dot or one sum."""
    x = leaves(*(f"x_{k}" for k in range(10)))
    products = engine.sum([x[0].exp() * x[1].sin(), x[2].cos() * x[3], 7 * x[4]])
    assert "s4 = jnp.hstack" not in text(products, x[:5])
    found = text(products, x[:5])
    assert "s1 * s2 + s3 * x[3] + 7.0 * x[4]" in found
    some = engine.sum([x[0].exp(), x[1].sin(), 2.0])
    assert "s1 + s2 + 2.0" in text(some, x[:2])
    assert "jnp.sum(x)" in text(engine.sum(x), x)
    assert "s1 = x[0] + x[1]" in text(engine.sum(x[:2]), x[:2])
    assert "x[jnp.array([0, 0, 1])]" in text(engine.sum([x[0], x[0], x[1]]), x[:2])
    many = [x[0].exp(), x[0].sin(), x[0].cos(), x[0].tanh(), *x[1:]]
    assert "jnp.sum(jnp.hstack([s1, s2, s3, s4, x[1:10]]))" in text(engine.sum(many), x)
    found = text(engine.dot(many[:5] * 2, [*x, *x][:10]), x)
    assert "jnp.hstack([s1, s2, s3, s4, x[1:2], s1, s2, s3, s4, x[1:2]]) @ x" in found
    mixed = text(engine.logsumexp([x[0], 2.0, x[0].exp()]), x[:1], (), TORCH)
    assert "torch.logsumexp(torch.hstack([x, params.new_tensor([2.0]), s1]), 0)" in mixed


def test_several_outputs_are_a_vector():
    """A list that was exported comes back as one array."""
    x, y = leaves("x", "y")
    found = text([x * y, x + y, constant_like(y)], [x, y])
    assert "return jnp.hstack([s1, s2, x[1:2]])" in found


def constant_like(x):
    """Give back what was given: an output may be an input."""
    return x


def test_the_same_on_many_lanes_is_done_at_once():
    """Lanes of one vector in any order, scalars and numbers beside them."""
    x = leaves("a", "b", "c", "d")
    found = text([x[2] * 2.0, x[0] * 3.0, x[1] * 2.0, x[3] ** 2.0], x)
    assert "v1 = x[0:3] * jnp.array([3.0, 2.0, 2.0], params.dtype)" in found
    assert "return jnp.hstack([v1[2:3], v1[0:2], s1])" in found
    s = (x[0] * x[1]).exp()
    found = text([s * x[2], s * x[3]], x)
    assert "v1 = s2 * x[2:4]" in found


def test_the_same_twice_is_one_statement():
    """A number and a setting may turn out to be the same."""
    x, c = leaves("x", "c")
    found = text([x**c, x**0.5 * 1.0, engine.pow(x, c)], [x])
    assert found.count("**") == 1
    c.data = 3.0
    found = text([x**c, x**3], [x])
    assert "s1 = x[0] ** 3\n" in found
    assert "return jnp.hstack([s1, s1])" in found


def test_a_row_that_a_framework_decides_otherwise_takes_its_rule_along():
    """The text has a function with the table's derivative, once for all calls."""
    (x,) = leaves("x")
    assert text(abs(abs(x) - 1.0), [x]) == expected("""
        @jax.custom_jvp
        def abs_op(x):
            return jnp.abs(x)


        abs_op.defjvps(
            lambda t, z, x:
                (jnp.where(x > 0, 1.0, jnp.where(x < 0, -1.0, jnp.where(x == 0, 0.0, x)))) * t,
        )


        def f(params, x):
            # x: x
            # params: (none)
            s1 = abs_op(x[0])
            s2 = s1 - 1.0
            s3 = abs_op(s2)
            return s3
        """)


def test_powers_stay_powers():
    """A small whole exponent is a whole number, which is multiplied out; others are not."""
    x, y = leaves("x", "y")
    found = text([x**2, x**-3 * y**17, x**0.5, y**-0.5], [x, y])
    for power in ("x[0] ** 2\n", "x[0] ** (-3)\n", "x[1] ** 17.0", "x[0] ** 0.5", "** (-0.5)"):
        assert power in found


def test_no_derivative_is_asked_for_a_number():
    """An operand that is a number has none; another mixture of operands is another function."""
    x, n = leaves("x", "n")
    found = text([engine.pow(x, n), engine.pow(2.0, n), engine.pow(x, 0.25)], [x, n])
    assert "pow_op(x, y):" in found
    assert "pow_op2(x, y):" in found
    assert "pow_op2.defjvps(\n    None,\n    lambda" in found
    assert "x[0] ** 0.25" in found
    found = text([engine.pow(x, n), engine.pow(2.0, n)], [x, n], (), TORCH)
    assert "class pow_op(torch.autograd.Function):" in found
    assert "return slope_1 * g, slope_2 * g\n" in found
    assert "return None, slope_2 * g\n" in found
    assert "pow_op2.apply(params.new_tensor(2.0), x[1])" in found


@pytest.mark.parametrize(
    ("x", "written"),
    [
        (0.1, "0.1"),
        (-0.0, "(-0.0)"),
        (-1e300, "(-1e+300)"),
        (-math.inf, "float('-inf')"),
        (math.nan, "float('nan')"),
    ],
)
def test_numbers_stand_for_themselves(x, written):
    """Signs are in brackets, and what has no literal is written all the same."""
    assert number(x) == written
    assert str(eval(number(x))) == str(x)  # noqa: S307 - what it is for


def test_labels_cannot_break_the_text():
    """A label is somebody's text; what it holds never becomes code."""
    wild = Value(1.0, 'x"""\nimport os\r\0')
    found = text(wild * Value(2.0), [wild])
    assert '# x: x""" import os' in found
    assert "\nimport os" not in found
    plain = Value(1.0)
    assert "# x: x[0]\n" in text(plain * 2.0, [plain])
