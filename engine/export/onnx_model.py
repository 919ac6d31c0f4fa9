"""A recorded graph as an ONNX model, checked, with any number of samples at once."""

from __future__ import annotations

import os
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import UnknownNameError, known
from engine.export.arrays import Dense, Elementwise, LogSum, NumberMatrix, Sum
from engine.export.extras import optional
from engine.export.graphs import exported
from engine.export.onnx_rules import FORMULAS, OPERATORS, SINGLE
from engine.export.operands import Number, Numbers, Part, Pick, Scalar, Stack
from engine.files import write_atomically
from engine.table.language import CONSTANTS, Reader, expand, parse
from engine.table.ops import TABLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.export.arrays import ArrayProgram, Statement
    from engine.export.operands import Operand
    from engine.table.ops import Op

OPSET, IR_VERSION = 18, 9
"""Read by onnxruntime from 1.14 (2023) on."""

DTYPES = ("float64", "float32")


def to_onnx(
    y: Any,
    inputs: Sequence[Any],
    path: str | os.PathLike[str],
    *,
    dtype: Literal["float64", "float32"] = "float64",
) -> Path:
    """Write a recorded graph as an ONNX model, which computes values, not gradients.

    The model has one input ``x`` (batch, inputs) and one output ``y`` (batch,). All leaves that
    are not inputs keep the numbers they have. Operations without an operator of their own, and
    those for which onnxruntime has no kernel in double precision, are written as formulas of
    others; they agree with this engine to 1e-12 too.

    Args:
        y: The result, or a list of results; then the output is (batch, results).
        inputs: The leaves that are the columns of ``x``.
        path: The file; one that exists is replaced.
        dtype: The type of all numbers, ``"float64"`` or ``"float32"``.

    Returns:
        The path. ``onnx.checker`` has checked the model before it was written.

    Raises:
        MissingExtraError: If onnx is not installed.
        CompileError: If a leaf is not one or not in the graph, or if the recording compared
            Values: an export has only the side that was taken.
        ValueTypeError: If an argument is not made of Values.
        UnknownNameError: If there is no such type.
        OutputError: If the file cannot be written.

    Example:
        >>> import pytest; onnx = pytest.importorskip("onnx")
        >>> import tempfile
        >>> from engine import Value
        >>> w, x = Value(3.0, "w"), Value(0.0, "x")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     model = onnx.load(to_onnx((w * x).tanh(), [x], f"{folder}/m.onnx"))
        >>> [node.op_type for node in model.graph.node]
        ['Gather', 'Mul', 'Tanh', 'Squeeze']
    """
    if dtype not in DTYPES:
        raise UnknownNameError(f"there is no dtype {dtype!r}; known are {known(DTYPES)}")
    onnx = optional("onnx", "onnx")
    graph = exported(y, inputs, (), frozen=True)
    outputs = len(y) if isinstance(y, list | tuple) else None
    model = _Builder(onnx, dtype).model(graph.program, len(graph.inputs), outputs)
    onnx.checker.check_model(model, full_check=True)
    return write_atomically(path, model.SerializeToString())


class _Builder:
    """Writes nodes. Every array is a matrix: a row for each sample (or one for all), then lanes.

    The same node on the same operands is written once.
    """

    def __init__(self, onnx: Any, dtype: str) -> None:
        self.helper, self.numpy = optional("onnx.helper", "onnx"), optional("numpy", "onnx")
        self.tensor = optional("onnx.numpy_helper", "onnx").from_array
        self.dtype, self.double = dtype, dtype == "float64"
        self.kind = onnx.TensorProto.DOUBLE if self.double else onnx.TensorProto.FLOAT
        self.single = onnx.TensorProto.FLOAT
        self.operators = OPERATORS if self.double else {**OPERATORS, **SINGLE}
        self.nodes: dict[Any, Any] = {}
        self.initializers: dict[Any, Any] = {}
        self.arrays = {"x": "x"}  # what the program's names are called here
        self.each = {"x"}  # the arrays that have a row for each sample

    def model(self, program: ArrayProgram, inputs: int, outputs: int | None) -> Any:
        """Write a program as a model; ``outputs`` is None for a single result."""
        for statement in program.statements:
            self.arrays[statement.name] = self.statement(statement)
        result = self.for_each(self.operand(program.result))
        if outputs is None:
            self.node("Squeeze", result, self.integers([1]), output="y")
        else:
            self.node("Identity", result, output="y")
        info = self.helper.make_tensor_value_info
        graph = self.helper.make_graph(
            list(self.nodes.values()),
            "everypath",
            [info("x", self.kind, ["batch", inputs])],
            [info("y", self.kind, ["batch"] if outputs is None else ["batch", outputs])],
            list(self.initializers.values()),
        )
        opset = self.helper.make_opsetid("", OPSET)
        return self.helper.make_model(
            graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="everypath"
        )

    # ------------------------------------------------------------ nodes and constants

    def node(self, operator: str, *operands: str, output: str = "", **attributes: int) -> str:
        """Write a node; the name of its output."""
        key = (operator, operands, tuple(attributes.items()))
        if key not in self.nodes:
            name = output or f"{operator.lower()}_{len(self.nodes)}"
            self.nodes[key] = self.helper.make_node(operator, operands, [name], **attributes)
            if not self.each.isdisjoint(operands):
                self.each.add(name)
        found: str = self.nodes[key].output[0]
        return found

    def constant(self, array: Any) -> str:
        """Keep an array of numbers in the model; its name."""
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.initializers:
            name = f"constant_{len(self.initializers)}"
            self.initializers[key] = self.tensor(array, name)
        found: str = self.initializers[key].name
        return found

    def numbers(self, values: Any) -> str:
        """Keep numbers, as a matrix."""
        return self.constant(self.numpy.array(values, self.dtype, ndmin=2))

    def integers(self, values: Sequence[int]) -> str:
        """Keep indices."""
        return self.constant(self.numpy.array(values, "int64"))

    def for_each(self, name: str) -> str:
        """Repeat what is the same for all samples, a row for each."""
        if name in self.each:
            return name
        samples = self.node("Shape", "x", start=0, end=1)
        shape = self.node("Concat", samples, self.integers([1]), axis=0)
        repeated = self.node("Expand", name, shape)
        self.each.add(repeated)
        return repeated

    # ------------------------------------------------------------ statements

    def operand(self, operand: Operand) -> str:
        """Write what a statement reads."""
        match operand:
            case Number(values) | Numbers(values):
                return self.numbers(values)
            case Scalar(name, None) | Part(name, _, _, True):
                return self.arrays[name]
            case Part(name, start, stop, _):
                ends = [self.integers([k]) for k in (start, stop, 1)]
                return self.node("Slice", self.arrays[name], *ends)
            case Scalar(name, int(lane)):
                return self.node("Gather", self.arrays[name], self.integers([lane]), axis=1)
            case Pick(name, lanes):
                return self.node("Gather", self.arrays[name], self.integers(lanes), axis=1)
            case _:
                assert isinstance(operand, Stack)  # columns are of parameters; here are none
                every = [self.for_each(self.operand(piece)) for piece in operand.pieces]
                return self.node("Concat", *every, axis=1) if len(every) > 1 else every[0]

    def statement(self, statement: Statement) -> str:
        """Write one statement; the name of what it makes."""
        match statement:
            case Elementwise(_, op, operands, _):
                return self.row(op, [self.operand(operand) for operand in operands])
            case Dense(_, NumberMatrix(rows), vector, biases):
                given = [self.operand(vector), self.numbers(rows)]
                given += [] if biases is None else [self.operand(biases)]
                return self.node("Gemm", *given, transB=1)
            case LogSum(_, vector):
                given = [self.operand(vector), self.integers([1])]
                return self.node("ReduceLogSumExp", *given, keepdims=1)
            case Sum(_, (Number() as bias,), ((Numbers() as weights, vector),)):  # a neuron alone
                given = [self.operand(each) for each in (vector, weights, bias)]
                return self.node("Gemm", *given, transB=1)
            case _:
                assert isinstance(statement, Sum)  # views are of parameters; here are none
                parts = [self.product(left, right) for left, right in statement.products]
                parts += [self.total(term) for term in statement.terms]
                return reduce(lambda x, y: self.node("Add", x, y), parts)

    def product(self, left: Operand, right: Operand) -> str:
        """Write a product of scalars, or the dot of two vectors."""
        if isinstance(left, Numbers):
            return self.node("Gemm", self.operand(right), self.operand(left), transB=1)
        both = self.node("Mul", self.operand(left), self.operand(right))
        return both if isinstance(left, Number | Scalar) else self.added(both)

    def total(self, term: Operand) -> str:
        """Write a term of a sum."""
        written = self.operand(term)
        return written if isinstance(term, Number | Scalar) else self.added(written)

    def added(self, vector: str) -> str:
        """Add up lanes."""
        return self.node("ReduceSum", vector, self.integers([1]), keepdims=1)

    # ------------------------------------------------------------ rules

    def row(self, op: Op, operands: Sequence[str]) -> str:
        """Write a row of the derivative table on arrays."""
        if op.name in self.operators or op.name in FORMULAS:
            return self.call(op.name, operands)
        return self.expression(op.forward, dict(zip(op.operands, operands, strict=True)))

    def call(self, name: str, operands: Sequence[str]) -> str:
        """Write a call of a function by its name."""
        if name in self.operators:
            return self.node(self.operators[name], *operands)
        if name == "atan32":
            narrow = self.node("Atan", self.node("Cast", *operands, to=self.single))
            return self.node("Cast", narrow, to=self.kind)
        if name in FORMULAS:
            return self.expression(FORMULAS[name], dict(zip(("x", "y"), operands, strict=False)))
        return self.row(TABLE[name], operands)

    def expression(self, text: str, names: Mapping[str, str]) -> str:
        """Write an expression of the table's language."""
        return _Expression(self, names).value(expand(parse(text)))


class _Expression(Reader[str, str]):
    """Writes the nodes of an expression; what is read becomes the name of an array."""

    def __init__(self, builder: _Builder, names: Mapping[str, str]) -> None:
        self.builder, self.names = builder, names

    def number(self, value: float) -> str:
        return self.builder.numbers(value)

    def name(self, name: str) -> str:
        return self.builder.numbers(CONSTANTS[name]) if name in CONSTANTS else self.names[name]

    def negative(self, x: str) -> str:
        return self.builder.node("Neg", x)

    def arithmetic(self, sign: str, x: str, y: str) -> str:
        return self.builder.node(_OPERATORS[sign], x, y)

    def call(self, name: str, operands: Sequence[str]) -> str:
        return self.builder.call(name, operands)

    def choice(self, test: str, yes: str, no: str) -> str:
        return self.builder.node("Where", test, yes, no)

    def comparison(self, sign: str, x: str, y: str) -> str:
        if sign == "!=":
            return self.builder.node("Not", self.comparison("==", x, y))
        return self.builder.node(_OPERATORS[sign], x, y)

    def logic(self, word: str, tests: Sequence[str]) -> str:
        return reduce(lambda x, y: self.builder.node(word.capitalize(), x, y), tests)


_OPERATORS = {
    "+": "Add",
    "-": "Sub",
    "*": "Mul",
    "/": "Div",
    "**": "Pow",
    "<": "Less",
    "<=": "LessOrEqual",
    ">": "Greater",
    ">=": "GreaterOrEqual",
    "==": "Equal",
}
