"""From a row of the derivative table to the Python function that records it.

Calling a row's rules through lambdas would make recording a third slower. Instead each row is
written out once as a specialised function, with its rules in place. ``scripts/generate.py`` writes
them to ``engine/core/arithmetic.py``, which is checked in, so that completion, type checkers and
tracebacks see real code; a test keeps the file equal to the table. A user's own row
(`engine.define_op`) is compiled from the same text when it is defined.
"""

from __future__ import annotations

import ast
from textwrap import indent, wrap
from typing import TYPE_CHECKING

from engine.table.language import calls, expand, parse, rewrite

if TYPE_CHECKING:
    from engine.table.ops import Op


def _node(name: str) -> str:
    """Name the variable of an operand that is a node; the row's own name holds its number."""
    return f"{name}_node"


def _slot(name: str) -> str:
    """Name the variable of a local derivative."""
    return f"d{name}"


def variables(op: Op) -> set[str]:
    """Name the variables that the function of a row adds to its operands."""
    return {made(name) for name in op.operands for made in (_node, _slot)}


def constant_name(op: Op) -> str:
    """Name the module constant that holds a row: ``MUL`` for ``mul``."""
    return op.name.upper()


def function_source(op: Op, example: str = "") -> str:
    """Write the function of a row with a fixed number of operands."""
    row, names = constant_name(op), op.operands
    body = [_docstring(op, example)]
    if len(names) == 1:
        body += [
            f"if isinstance({names[0]}, Node):",
            *_indented([*_take(names[0]), *_compute(op, "N")]),
        ]
    elif len(names) == 2:
        body += _binary_body(op)
    else:
        body += [f"return general({row}, {', '.join(names)})"]
    if len(names) < 3:
        body += [f"return plain({row}, {', '.join(names)})"]
    parameters = [f"{n}: Any{_default(op, n)}" for n in names]
    return _overloads(op) + _define(op.name, parameters, body)


def _binary_body(op: Op) -> list[str]:
    first, second = op.operands
    both = [
        f"if isinstance({second}, Node):",
        *_indented(_take(second)),
        *_indented(_compute(op, "NN")),
        *_coerce(op, second, first),
        *_compute(op, "Nc"),
    ]
    right = [*_take(second), *_coerce(op, first, second), *_compute(op, "cN")]
    return [
        f"if isinstance({first}, Node):",
        *_indented([*_take(first), *both]),
        f"if isinstance({second}, Node):",
        *_indented(right),
    ]


def operator_source(op: Op) -> str:
    """Write the method of a binary operator: ``add(x_node, y_node)`` records ``x + y``.

    Python calls it only with a node on the left, so it need not ask, and half of a training step
    is spent in these few lines.
    """
    first, second = op.operands
    left, right = _node(first), _node(second)
    body = [
        f'"""Record {op.forward}, for a node on the left."""',
        f"{first} = {left}.number",
        f"if isinstance({right}, Node):",
        f"    {second} = {right}.number",
        *_indented(_compute(op, "NN")),
        f"{second} = {right}",
        *_coerce_for_operator(op, second, first),
        *_compute(op, "Nc"),
    ]
    name = operator_name(op)
    typed = f"@overload\ndef {name}({left}: V, {right}: V | float) -> V: ...\n"
    # An array on the right applies the operator to each of its elements.
    typed += f"@overload\ndef {name}({left}: Node, {right}: Any) -> Any: ...\n"
    return typed + _define(name, [f"{left}: Any", f"{right}: Any"], body)


def operator_name(op: Op) -> str:
    """Name the method of a binary operator; ``pow`` is a function of its own besides."""
    return "power" if op.name == "pow" else op.name


def reflected_source(op: Op) -> str:
    """Write the reflected form of a binary operator: ``radd(y, x)`` records ``x + y``."""
    body = [f'"""Record {op.forward}, for a node y on the right of a plain number x."""']
    if op.name == "add":
        body += ["if type(x) is int and x == 0:  # sum() starts with it", "    return y"]
    body += [*_take("y"), *_coerce_for_operator(op, "x", "y"), *_compute(op, "cN")]
    return _define(f"r{op.name}", ["y: Any", "x: Any"], body)


def _take(name: str) -> list[str]:
    return [f"{_node(name)} = {name}", f"{name} = {_node(name)}.number"]


def _coerce(op: Op, name: str, beside: str, function: str = "operand") -> list[str]:
    return [
        f"if type({name}) is not float:",
        f"    {name} = {function}({name}, {constant_name(op)}, {_node(beside)})",
    ]


def _coerce_for_operator(op: Op, name: str, beside: str) -> list[str]:
    lines = _coerce(op, name, beside, "operator_operand")
    return [*lines, f"    if {name} is NotImplemented:", "        return NotImplemented"]


def _compute(op: Op, kinds: str) -> list[str]:
    """Write the lines that compute and link; kinds: N a node, c a plain number, per operand."""
    row, operands = constant_name(op), op.operands
    pairs = list(zip(operands, kinds, strict=True))
    given = ", ".join(_node(name) if kind == "N" else name for name, kind in pairs)
    nodes = ", ".join(_node(name) for name, kind in pairs if kind == "N")
    work, slots, checked = [f"z = {_code(op, op.forward)}"], [], ["z - z"]
    for kind, name, text in zip(kinds, operands, op.partials, strict=True):
        if kind == "c":
            continue
        if _trivial(text):
            slots.append(_code(op, text))
            continue
        slot = _slot(name)
        slots.append(slot)
        work.append(f"{slot} = {_code(op, text)}")
        checked.append(f"{slot} - {slot}")
    trouble = f"    return troubled({row}, {given})"
    if any(_may_raise(text) for text in (op.forward, *op.partials)):
        work = ["try:", *_indented(work), "except ERRORS:", trouble]
    # x - x is 0 for every finite x, and nan, which counts as true, for the others.
    work += [f"if {' or '.join(checked)}:", trouble]
    if kinds == "NN":
        return [*work, f"return link2(z, {nodes}, {', '.join(slots)}, {row})"]
    constant = {"N": "", "Nc": f", {operands[-1]}", "cN": f", ({operands[0]},)"}[kinds]
    return [*work, f"return link1(z, {nodes}, {slots[0]}, {row}{constant})"]


def _trivial(text: str) -> bool:
    return isinstance(parse(text), ast.Name | ast.Constant) or text == "-1.0"


def _may_raise(text: str) -> bool:
    tree = expand(parse(text))
    return any(isinstance(p, ast.Call | ast.Div | ast.Pow) for p in ast.walk(tree))


def _code(op: Op, text: str) -> str:
    """Write a rule with the names that functions and constants have in the generated file."""
    own = {*op.operands, "z"}
    return rewrite(text, lambda name: name if name in own else f"_{name}", {"**": "pow"})


def needed_functions(op: Op) -> set[str]:
    """Name the functions that a row's generated code calls (without their underscore)."""
    texts = (op.forward, *op.partials)
    return set().union(*map(calls, texts), {"pow"} if any("**" in t for t in texts) else ())


# ---------------------------------------------------------------- the shape of the text


def _define(name: str, parameters: list[str], body: list[str]) -> str:
    return f"def {name}({', '.join(parameters)}) -> Any:\n" + "\n".join(_indented(body)) + "\n"


def _default(op: Op, name: str) -> str:
    return f" = {op.defaults[name]!r}" if name in op.defaults else ""


def _overloads(op: Op) -> str:
    """Write the typed faces: numbers give a number, a node anywhere gives a node."""
    lines = []
    for k in range(len(op.operands) + 1):
        kinds = [
            "float" if j < k else "V" if j == k else "V | float" for j in range(len(op.operands))
        ]
        typed = [
            f"{n}: {kind}" + (" = ..." if n in op.defaults and j != k else "")
            for j, (n, kind) in enumerate(zip(op.operands, kinds, strict=True))
        ]
        result = "V" if k < len(op.operands) else "float"
        lines.append(f"@overload\ndef {op.name}({', '.join(typed)}) -> {result}: ...\n")
    return "".join(lines)


def _docstring(op: Op, example: str) -> str:
    several = len(op.partials) > 1
    shown = (
        f"{_plain(p)} ({n})" if several else _plain(p)
        for p, n in zip(op.formulas(), op.operands, strict=True)
    )
    text = [
        f'"""{op.meaning}',
        "",
        f"Domain: {op.domain}.",
        f"Derivative{'s' if several else ''}: {', '.join(shown)}.",
    ]
    for point, partials in op.kinks.items():
        at = ", ".join(f"{n} = {v:g}" for n, v in zip(op.operands, point, strict=True))
        text += [f"At the kink {at}: {', '.join(f'{p:g}' for p in partials)}."]
    text = [part for line in text for part in wrap(line, 90) or [""]]
    if example:
        text += ["", "Example:", *(f"    {line}" for line in example.split("\n"))]
    return "\n".join([*text, '"""'])


def _plain(text: str) -> str:
    return ast.unparse(parse(text)).replace("heaviside(", "step(")


def _indented(lines: list[str]) -> list[str]:
    return [indent(line, "    ") for line in "\n".join(lines).split("\n")]
