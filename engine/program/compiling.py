"""`compile`: the one entrance to replay, for recorded graphs and for functions."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypedDict, Unpack, overload

from engine.core.node import Node
from engine.errors import ValueTypeError
from engine.program.building import compile_graph
from engine.program.passes.passes import PASSES
from engine.program.program import Options, Program
from engine.program.trace import Traced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from engine.core.value import Value


class _Options(TypedDict, total=False):
    tier: str
    passes: Iterable[str]
    exact: bool
    check_finite: bool


@overload
def compile(  # noqa: A001 - the contract's name
    y: Callable[..., Any],
    inputs: None = ...,
    wrt: Sequence[Value] | None = ...,
    **options: Unpack[_Options],
) -> Traced: ...
@overload
def compile(  # noqa: A001 - the contract's name
    y: None = ...,
    inputs: None = ...,
    wrt: Sequence[Value] | None = ...,
    **options: Unpack[_Options],
) -> Callable[[Callable[..., Any]], Traced]: ...
@overload
def compile(  # noqa: A001 - the contract's name
    y: Value | Sequence[Value],
    inputs: Sequence[Value],
    wrt: Sequence[Value] | None = ...,
    **options: Unpack[_Options],
) -> Program: ...
def compile(  # noqa: A001 - the contract's name
    y: Any = None,
    inputs: Sequence[Value] | None = None,
    wrt: Sequence[Value] | None = None,
    *,
    tier: str = "auto",
    passes: Iterable[str] = tuple(PASSES),
    exact: bool = False,
    check_finite: bool = False,
) -> Any:
    """Compile a recorded graph, or a function of Values, to run again on new numbers.

    Leaves that are neither in ``inputs`` nor in ``wrt`` are *settings*: their numbers are read
    from the graph at every call, like those of parameters. Plain numbers, `constant`s and detached
    Values keep the numbers they had.

    Results agree with eager ones to a relative 1e-12 for well-conditioned sums: terms may be added
    in another order, and elementary functions may differ in the last digits. ``exact=True`` keeps
    eager order and is equal to the last bit.

    If the recording compared Values (``if x > 0``, ``max``), the program checks at every call that
    each comparison comes out as it did, and raises `BranchChangedError` with the line if not. That
    goes for every Value that the result depends on, and for others near the leaves (what was
    computed from up to 64 Values, such as ``a - b``). Invisible are comparisons of ``x.data``, and
    of larger graphs that the result does not depend on; the decorator sees those too. Of a leaf
    itself, and of what the result does not depend on, only the latest outcome of a comparison is
    known: compile a result before you record another one on other numbers of the same leaves.

    Args:
        y: The result, or a list of results (gradients are then a Jacobian). Or a function: then
            this is a decorator, the function's arguments are the inputs, and it is recorded at
            its first call and for every other way its comparisons may come out.
        inputs: The leaves that are columns of a batch.
        wrt: The leaves to differentiate with respect to, inputs among them or not; the inputs if
            left out.
        tier: What runs it: ``"auto"``, or ``"llvm"`` (the machine-code interpreter),
            ``"straight"`` (straight-line machine code), ``"numpy"``, ``"python"``.
        passes: The names of the passes to run, see `engine.program.passes.passes`.
        exact: True for results that are bit for bit those of eager code; pure Python only.
        check_finite: True to raise if a result is not finite, naming the first bad node.

    Returns:
        A `Program`; a `Traced` function, if a function was given.

    Raises:
        CompileError: If an input is not a leaf or not in the graph, or a parameter is frozen.
        ValueTypeError: If an argument is not made of Values.
        UnknownNameError: If there is no such tier or pass.
        MissingExtraError: If the tier needs a package that is not installed.

    Example:
        >>> from engine import Value
        >>> w, x = Value(3.0, "w"), Value(2.0, "x")
        >>> program = compile((w * x).tanh(), inputs=[x], wrt=[w])
        >>> values, gradient = program.value_and_grad([[0.0], [0.0]])
        >>> [float(v) for v in values]
        [0.0, 0.0]

        >>> @compile
        ... def cube(x):
        ...     return x * x * x
        >>> cube(2.0)
        8.0
    """
    options = Options(tier, tuple(passes), exact, check_finite)
    if y is None:
        return functools.partial(compile, wrt=wrt, **options._asdict())
    if callable(y) and not isinstance(y, Node):
        return Traced(y, wrt, options)
    if inputs is None:
        raise ValueTypeError(
            "compile needs the leaves that are inputs: compile(y, inputs=[...], wrt=[...])"
        )
    return compile_graph(y, inputs, wrt, options)
