"""How rows are called in JAX and in PyTorch, and how a rule of one's own is written."""

import pytest

import engine
from engine.export.dialects import JAX, TORCH, Rule, places
from engine.table.floats import FLOATS

RULE = Rule("f", ("x", "y"), "x * y", ("y", None))


def test_calls_have_a_place_for_each_operand():
    """Under the framework's own names."""
    assert places(engine.TABLE["clamp"]) == "{0}, {1}, {2}"
    assert (JAX.elementary["atan2"], TORCH.elementary["atan2"]) == (
        "jnp.arctan2({0}, {1})",
        "torch.atan2({0}, {1})",
    )
    assert JAX.native["elu"] == "jax.nn.elu({0}, {1})"
    assert JAX.elementary["erf"] == "jax.scipy.special.erf({0})"
    assert TORCH.elementary["erfc"] == "torch.special.erfc({0})"


@pytest.mark.parametrize("dialect", [JAX, TORCH])
def test_every_elementary_function_has_a_call(dialect):
    """So that every rule can be written."""
    assert set(FLOATS) <= set(dialect.elementary)


def test_what_decides_otherwise_at_kinks_is_not_called():
    """Those rows take the table's own derivatives along."""
    assert not {"abs", "hypot", "leaky_relu", "clamp", "pow"} & set(JAX.native)
    assert not {"hypot", "elu", "maximum", "minimum", "clamp", "pow"} & set(TORCH.native)


def test_a_rule_in_jax():
    """A tangent for each operand that has a derivative, of the shape of the result."""
    assert JAX.rule(RULE) == (
        "@jax.custom_jvp\n"
        "def f(x, y):\n"
        "    return x * y\n"
        "\n\n"
        "f.defjvps(\n"
        "    lambda t, z, x, y:\n"
        "        jnp.broadcast_to((y) * t, z.shape),\n"
        "    None,\n"
        ")\n"
    )
    assert "    lambda t, z, x:\n        (z) * t,\n" in JAX.rule(
        Rule("e", ("x",), "exp(x)", ("z",))
    )


def test_a_rule_in_pytorch():
    """A factor for each operand that has a derivative."""
    text = TORCH.rule(RULE)
    assert "        slope_1 = y\n        return slope_1 * g, None\n" in text
    assert "    def forward(x, y):\n        return x * y\n" in text
