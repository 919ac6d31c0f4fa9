"""Operations of one's own: `define_op`."""

from __future__ import annotations

import linecache
from collections.abc import Iterable
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from engine.arguments import real
from engine.calculus.check import central_difference
from engine.core import arithmetic, domain, linking
from engine.core.domain import plain
from engine.core.node import Node
from engine.errors import GradientMismatch, UnknownNameError, ValueTypeError
from engine.table.emit import constant_name, function_source, needed_functions, variables
from engine.table.floats import FLOATS, namespace, on_floats
from engine.table.language import CONSTANTS, ERRORS, MACROS, names
from engine.table.ops import TABLE, Op, add_row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


_SCOPE: dict[str, Any] = {
    "Any": Any,
    "ERRORS": ERRORS,
    "Node": Node,
    "link1": linking.link1,
    "link2": linking.link2,
    "general": domain.general,
    "operand": domain.operand,
    "plain": plain,
    "troubled": domain.troubled,
    "overload": lambda f: f,
    "V": Node,
}
"""What the written function of a row uses."""

_RESERVED = {"z", "number", "operator_operand", *_SCOPE}
"""Names that an operand cannot have."""


def define_op(
    name: str,
    forward: str,
    partials: Sequence[str],
    *,
    samples: Sequence[Sequence[float]],
    operands: Sequence[str] = ("x",),
    symbol: str = "",
    meaning: str = "",
    latex: str = "",
    domain: str = "operands where its formula is finite",
    tolerance: float = 1e-7,
) -> Callable[..., Any]:
    """Add a row of one's own to the derivative table, checked against central differences.

    The rules are texts in the language of `engine.table.language`: operands by name, ``z`` for the
    output, arithmetic, ``A if TEST else B``, and calls of elementary functions or other rows. From
    then on drawing, paths, explanations, higher derivatives and replay know the operation.

    Args:
        name: The operation's name, a Python identifier.
        forward: The output, for example ``"x * x * x"``.
        partials: The derivative with respect to each operand, for example ``["3 * x * x"]``.
        samples: Points inside the domain and away from kinks, to check the partials at.
        operands: The operands' names, one to three.
        symbol: What a diagram writes in its circle; the name if left out.
        meaning: One line of documentation.
        latex: The output as LaTeX with ``{x}`` where operand x goes.
        domain: Where the operation is defined, in words, for error messages.
        tolerance: The largest error allowed against central differences.

    Returns:
        The function; it takes Values and numbers.

    Raises:
        ValueTypeError: If the row does not hang together: wrong counts, unknown names, rules that
            are no texts, samples that are no numbers.
        UnknownNameError: If the name is one of everypath's own.
        ExpressionError: If a text is outside the language.
        GradientMismatch: If a partial disagrees with central differences at a sample.

    Example:
        >>> from engine import Value
        >>> cube = define_op("cube", "x * x * x", ["3 * x * x"], samples=[(1.5,), (-2.0,)])
        >>> x = Value(2.0)
        >>> y = cube(x)
        >>> y.backward()
        >>> y.data, x.grad
        (8.0, 12.0)
    """
    rules, letters = _listed(partials), _listed(operands)
    texts = {
        "name": name,
        "forward": forward,
        "symbol": symbol,
        "meaning": meaning,
        "latex": latex,
        "domain": domain,
    }
    for what, text in [*texts.items(), *(("partial", rule) for rule in rules)]:
        if not isinstance(text, str):
            raise ValueTypeError(
                f"the {what} of an operation is a text, not {text!r}; put it in quotes, as in "
                'forward="x * x * x"'
            )
    row = Op(
        name,
        symbol=symbol or name,
        forward=forward,
        partials=rules,
        meaning=meaning or f"{name}, defined by the user.",
        latex=latex or _default_latex(name, letters),
        samples=_points(name, samples),
        operands=letters,
        domain=domain,
    )
    _check_shape(row)
    _check_partials(row, real(tolerance, "the tolerance of define_op"))
    add_row(row)
    return _compiled(row)


def _listed(given: Any) -> tuple[Any, ...]:
    """Take one thing that stands in no list for a list of one."""
    return tuple(given) if isinstance(given, Iterable) else (given,)


def _points(name: str, samples: Any) -> tuple[tuple[float, ...], ...]:
    try:
        return tuple(tuple(map(float, sample)) for sample in samples)
    except (TypeError, *ERRORS):
        raise ValueTypeError(
            f"the samples of {name!r} are points with a number for each operand, such as "
            f"samples=[(1.5,), (-2.0,)], not {samples!r}"
        ) from None


def _default_latex(name: str, operands: Sequence[str]) -> str:
    inside = ", ".join(f"{{{o}}}" for o in operands)
    return f"\\operatorname{{{{{name}}}}}({inside})"


def _check_shape(row: Op) -> None:
    _check_names(row)
    if not 1 <= len(row.operands) <= 3 or len(row.partials) != len(row.operands):
        raise ValueTypeError(
            f"{row.name!r} has {len(row.operands)} operands and {len(row.partials)} partials; "
            "give one to three operands, and one partial for each"
        )
    if not row.samples or any(len(s) != len(row.operands) for s in row.samples):
        raise ValueTypeError(f"{row.name!r} needs samples of {len(row.operands)} numbers each")
    try:
        row.latex.format(**dict.fromkeys(row.operands, "x"))
    except (KeyError, IndexError, ValueError, AttributeError):
        raise ValueTypeError(
            f"the latex {row.latex!r} of {row.name!r} may name only its operands in braces, such "
            f"as {{{row.operands[0]}}}; write every other brace twice: \\frac{{{{1}}}}{{{{2}}}}"
        ) from None
    rules = [(row.forward, row.operands)]
    rules += [(text, (*row.operands, "z")) for text in row.partials]
    for text, known in rules:
        unknown = names(text) - set(known)
        if unknown:
            raise ValueTypeError(
                f"{text!r} uses {sorted(unknown)}, but {row.name!r} knows only {list(known)}"
            )
    rows = {name for name, other in TABLE.items() if not other.variadic}
    strange = needed_functions(row) - set(FLOATS) - rows
    if strange:
        raise ValueTypeError(
            f"{row.name!r} calls {sorted(strange)}, which are not functions of the table with a "
            "fixed number of operands"
        )


def _check_names(row: Op) -> None:
    if hasattr(arithmetic, row.name) and TABLE.get(row.name) is None:
        raise UnknownNameError(f"{row.name!r} is a name of everypath's own; choose another")
    taken = {*_RESERVED, *FLOATS, *CONSTANTS, *MACROS, *variables(row), constant_name(row)}
    for name in (row.name, *row.operands):
        if not str(name).isidentifier() or iskeyword(name):
            raise ValueTypeError(
                f"an operation's name and its operands' are Python identifiers, not {name!r}"
            )
        if name in taken:
            raise ValueTypeError(
                f"{row.name!r} cannot use the name {name!r}: the language of the table uses it "
                "itself; choose another"
            )
    if len({row.name, *row.operands}) <= len(row.operands):
        raise ValueTypeError(f"{row.name!r} uses a name twice: {list(row.operands)}")


def _check_partials(row: Op, tolerance: float) -> None:
    f = on_floats(row.forward, row.operands)
    for sample in row.samples:
        try:
            z = f(*sample)
            found = [on_floats(p, (*row.operands, "z"))(*sample, z) for p in row.partials]
            numeric = [
                central_difference(lambda x, k=k: f(*sample[:k], x, *sample[k + 1 :]), sample[k])  # type: ignore[misc]  # noqa: B023 - used at once
                for k in range(len(sample))
            ]
        except (*ERRORS, TypeError) as error:
            raise ValueTypeError(
                f"{row.name!r} cannot be evaluated around its sample {sample}: {error}"
            ) from None
        for name, analytic, difference in zip(row.operands, found, numeric, strict=True):
            if not abs(analytic - difference) <= tolerance * max(1.0, abs(difference)):
                raise GradientMismatch(
                    f"the partial of {row.name!r} with respect to {name} is {analytic!r} at "
                    f"{sample}, but central differences give {difference!r}; check the rule"
                )


def _compiled(row: Op) -> Callable[..., Any]:
    """Compile the row's function from the same text as the built-in ones."""
    known = {f"_{name}": meaning for name, meaning in namespace(FLOATS, on_floats).items()}
    scope: dict[str, Any] = {constant_name(row): row, **known, **_SCOPE}
    source, file = function_source(row), f"<operation {row.name}>"
    # Tracebacks can then show the line.
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), scope)  # noqa: S102 - a text of our own language
    made: Callable[..., Any] = scope[row.name]
    return made
