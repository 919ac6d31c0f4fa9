"""Rows of the table in the words of a framework."""

import textwrap
from dataclasses import replace

import engine
from engine import Value, define_op
from engine.export.dialects import JAX, TORCH
from engine.export.graphs import exported
from engine.export.rules import Rules
from engine.export.text import source


def test_a_row_from_elsewhere_may_have_any_name():
    """What is no identifier becomes one; two rows never share a function."""
    rules = Rules(JAX)
    rows = [replace(engine.TABLE["abs"], name=name) for name in ("a b", "a_b", "a-b")]
    assert [rules.call(row, (False,)) for row in [*rows, rows[0]]] == [
        "a_b_op({0})",
        "a_b_op2({0})",
        "a_b_op3({0})",
        "a_b_op({0})",
    ]


def test_what_a_framework_has_is_called_and_the_rest_is_written_once():
    """A row with its operands' names and constants; other mixtures of operands are others."""
    rules = Rules(JAX)
    assert rules.call(engine.TABLE["tanh"], (False,)) == "jnp.tanh({0})"
    assert rules.source() == []
    assert rules.call(engine.TABLE["hypot"], (False, False)) == "hypot_op({0}, {1})"
    assert rules.call(engine.TABLE["hypot"], (False, False)) == "hypot_op({0}, {1})"
    assert rules.call(engine.TABLE["hypot"], (False, True)) == "hypot_op2({0}, {1})"
    assert len(rules.source()) == 2
    log2 = rules.written(engine.TABLE["log2"], (False,))
    assert log2.partials == ("1.0 / (x * 0.6931471805599453)",)
    fixed = rules.written(engine.TABLE["where"], (True, False, True))
    assert fixed.partials[::2] == (None, None)
    assert fixed.partials[1] == "jnp.where(condition != 0, 1.0, 0.0)"


def test_choices_between_numbers_keep_the_precision_in_pytorch():
    """And conditions are joined by the operators of arrays."""
    rule = Rules(TORCH).written(engine.TABLE["clamp"], (False,) * 3)
    assert rule.partials[1] == (
        "torch.where((x < low) & (low <= high), torch.full_like(x, 1.0), 0.0)"
    )


def test_a_rule_of_the_users_own_in_pytorch():
    """Operands that are called like something in the rule get another name."""
    define_op("text_cube", "x * x * x", ["3 * x * x"], samples=[(1.5,)])
    ramp = define_op(
        "text_ramp",
        "t if t > 0 and g > 0 or t > 9 else text_cube(g)",
        ["1.0 if t > 0 else 0.0", "0.0 if t > 0 and g > 0 else 3 * g * g"],
        samples=[(0.5, 1.0), (-0.5, 2.0)],
        operands=["t", "g"],
    )
    x, y = Value(0.5, "x"), Value(0.5, "y")
    found = source(exported(ramp(x, y), [x, y]), TORCH)
    assert found.removeprefix("import torch\n\n\n") == textwrap.dedent("""
        class text_cube_op(torch.autograd.Function):
            generate_vmap_rule = True

            @staticmethod
            def forward(x):
                return x * x * x

            @staticmethod
            def setup_context(ctx, inputs, output):
                ctx.save_for_backward(*inputs, output)

            @staticmethod
            def backward(ctx, g):
                x, z = ctx.saved_tensors
                slope_1 = 3 * x * x
                return slope_1 * g


        class text_ramp_op(torch.autograd.Function):
            generate_vmap_rule = True

            @staticmethod
            def forward(t_, g_):
                return torch.where((t_ > 0) & (g_ > 0) | (t_ > 9), t_, text_cube_op.apply(g_))

            @staticmethod
            def setup_context(ctx, inputs, output):
                ctx.save_for_backward(*inputs, output)

            @staticmethod
            def backward(ctx, g):
                t_, g_, z = ctx.saved_tensors
                slope_1 = torch.where(t_ > 0, torch.full_like(t_, 1.0), 0.0)
                slope_2 = torch.where((t_ > 0) & (g_ > 0), 0.0, 3 * g_ * g_)
                return slope_1 * g, slope_2 * g


        def f(params, x):
            # x: x, y
            # params: (none)
            s1 = text_ramp_op.apply(x[0], x[1])
            return s1
        """).lstrip("\n")
