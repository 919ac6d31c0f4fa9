"""How JAX and PyTorch write what the statements and the derivative table say.

A row of the table becomes a call of the framework's own function where that function has the
row's value *and* the row's derivative everywhere, also at kinks; `native` lists those. Every other
row, and every row of the user's own, becomes a small function with the table's partials as its
derivative rule (`jax.custom_jvp`, `torch.autograd.Function`).

Where JAX 0.10 and PyTorch 2.13 differ from the table: at 0, JAX takes 1 as the derivative of abs
and of leaky_relu; at a bound, it takes 1/2 for clip; by the base, it has nan for ``0 ** 0``; for
hypot at the origin it takes 1/2, where PyTorch has nan. The table takes 0, the slope, 1, 0 and 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.program.interpreted.texts import NUMPY_NAMES
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from engine.table.ops import Op

INFIX = {
    "add": "{0} + {1}",
    "sub": "{0} - {1}",
    "mul": "{0} * {1}",
    "div": "{0} / {1}",
    "neg": "-{0}",
}


@dataclass(frozen=True)
class Rule:
    """A row as a function with its own derivative rule, ready to be written.

    Attributes:
        name: What the function is called.
        operands: The names of its operands.
        forward: The output, in those names.
        partials: For each operand the derivative, in those names and ``z``; None for an operand
            that is always a number.
    """

    name: str
    operands: tuple[str, ...]
    forward: str
    partials: tuple[str | None, ...]


@dataclass(frozen=True)
class Dialect:
    """How one framework is written.

    Attributes:
        imports: The first lines.
        module: What holds the functions of arrays that both frameworks call alike.
        elementary: How the elementary functions of the table's language are called.
        native: How rows are called that the framework has, with the table's derivatives.
        number: A number where an array is needed.
        numbers: Numbers, or lists of them, as an array.
        indices: Indices, or lists of them, as an array.
        constants: A choice between two numbers; ``{first}`` is the first operand of the rule.
        logsumexp: The logarithm of the sum of the exponentials of a vector.
        rule: Writes a row as a function with its own derivative rule.
        call: How that function is called.
    """

    imports: str
    module: str
    elementary: Mapping[str, str]
    native: Mapping[str, str]
    number: str
    numbers: str
    indices: str
    constants: str
    logsumexp: str
    rule: Callable[[Rule], str]
    call: str


def _jax_rule(rule: Rule) -> str:
    given = ", ".join(rule.operands)
    lines = [f"@jax.custom_jvp\ndef {rule.name}({given}):\n    return {rule.forward}\n\n\n"]
    lines.append(f"{rule.name}.defjvps(\n")
    for partial in rule.partials:
        tangent = "None" if partial is None else f"({partial}) * t"
        if partial is not None and len(rule.operands) > 1:  # a scalar beside a vector
            tangent = f"jnp.broadcast_to({tangent}, z.shape)"
        head = "" if partial is None else f"lambda t, z, {given}:\n        "
        lines.append(f"    {head}{tangent},\n")
    return "".join([*lines, ")\n"])


def _torch_rule(rule: Rule) -> str:
    given = ", ".join(rule.operands)
    slopes = [(f"slope_{k}", text) for k, text in enumerate(rule.partials, start=1)]
    returned = ", ".join("None" if text is None else f"{name} * g" for name, text in slopes)
    lines = [f"        {name} = {text}\n" for name, text in slopes if text is not None]
    return (
        f"class {rule.name}(torch.autograd.Function):\n"
        "    generate_vmap_rule = True\n\n"
        f"    @staticmethod\n    def forward({given}):\n        return {rule.forward}\n\n"
        "    @staticmethod\n    def setup_context(ctx, inputs, output):\n"
        "        ctx.save_for_backward(*inputs, output)\n\n"
        "    @staticmethod\n    def backward(ctx, g):\n"
        f"        {given}, z = ctx.saved_tensors\n{''.join(lines)}        return {returned}\n"
    )


def _calls(prefix: str, names: Iterable[str], **renamed: str) -> dict[str, str]:
    """Write calls of functions that are called alike, or as said, in a framework's module."""
    return {
        name: f"{prefix}.{theirs}({places(TABLE[name])})"
        for name, theirs in [*zip(names, names, strict=True), *renamed.items()]
    }


def places(op: Op) -> str:
    """Write a place for each operand of a row: ``{0}, {1}``."""
    return ", ".join(f"{{{k}}}" for k in range(len(op.operands)))


_SHARED = (
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "sinh",
    "cosh",
    "tanh",
)
_JAX = _calls("jnp", (*_SHARED, "cbrt"), **NUMPY_NAMES) | _calls(
    "jax.scipy.special", ("erf", "erfc")
)
_TORCH = _calls("torch", (*_SHARED, *NUMPY_NAMES, "abs")) | _calls(
    "torch.special", ("erf", "erfc")
)

JAX = Dialect(
    imports="import jax\nimport jax.numpy as jnp\n",
    module="jnp",
    elementary=_JAX | _calls("jnp", ("abs", "hypot"), pow="power"),
    native=INFIX
    | _JAX
    | _calls("jax.nn", ("sigmoid", "softplus", "relu", "silu", "elu"))
    | _calls("jnp", ("sign", "maximum", "minimum"))
    | {"gelu": "jax.nn.gelu({0}, approximate=False)", "where": "jnp.where({0} != 0, {1}, {2})"},
    number="{0}",
    numbers="jnp.array({0}, params.dtype)",
    indices="jnp.array({0})",
    constants="jnp.where({0}, {1}, {2})",
    logsumexp="jax.nn.logsumexp({0})",
    rule=_jax_rule,
    call="{name}({operands})",
)

TORCH = Dialect(
    imports="import torch\n",
    module="torch",
    elementary=_TORCH
    | _calls("torch", ("hypot", "pow"))
    | {"cbrt": "torch.sign({0}) * torch.abs({0}) ** (1.0 / 3.0)"},
    native=INFIX
    | _TORCH
    | _calls("torch", ("sigmoid", "relu", "sign"))
    | _calls("torch.nn.functional", ("gelu", "silu"))
    # PyTorch's softplus is x from 20 on, unless told otherwise: wrong in the tenth digit.
    | {"softplus": "torch.nn.functional.softplus({0}, threshold=40.0)"},
    number="params.new_tensor({0})",
    numbers="params.new_tensor({0})",
    indices="torch.tensor({0})",
    # Of two plain numbers PyTorch would make a float32.
    constants="torch.where({0}, torch.full_like({first}, {1}), {2})",
    logsumexp="torch.logsumexp({0}, 0)",
    rule=_torch_rule,
    call="{name}.apply({operands})",
)
