"""Scalar reverse-mode automatic differentiation that can show its work.

>>> from engine import Value
>>> x = Value(3.0, "x")
>>> y = x * x + 2 * x
>>> y.backward()
>>> x.grad
8.0
"""

from engine.calculus.check import GradientTable, check_gradients
from engine.calculus.custom import define_op
from engine.calculus.derivatives import grad, hessian, hvp, jacobian
from engine.core import arithmetic as _arithmetic
from engine.core.arithmetic import *  # noqa: F403 - its __all__ is written from the table
from engine.core.backward import gradients
from engine.core.domain import ieee
from engine.core.functions import (
    dot,
    log_softmax,
    logsumexp,
    mean,
    softmax,
    sum,  # noqa: A004 - the contract's name
)
from engine.core.graph import Edge, WeightedGraph, edges, topological_order
from engine.core.recording import recording
from engine.core.value import Value, constant, detach, no_grad
from engine.errors import (
    BranchChangedError,
    CompileError,
    DataError,
    DomainError,
    EngineError,
    ExpressionError,
    GradientMismatch,
    MissingExtraError,
    MissingRendererError,
    OutputError,
    RenderError,
    ShapeError,
    StaleGraphError,
    TooLargeError,
    UnknownNameError,
    ValueTypeError,
)
from engine.export import JaxFunction, to_jax, to_onnx, to_torch
from engine.program import Program, compile  # noqa: A004 - the contract's name
from engine.routes.listing import Path, Paths, count_paths, paths
from engine.routes.ranking import top_paths
from engine.routes.reading import condense
from engine.routes.table import PathTable, path_table
from engine.table.ops import TABLE, Op
from engine.teaching.derivation import explain
from engine.teaching.hand_check import check_by_hand
from engine.teaching.steps import Addition, Step, Steps, Walker, steps

__all__ = [
    "TABLE",
    "Addition",
    "BranchChangedError",
    "CompileError",
    "DataError",
    "DomainError",
    "Edge",
    "EngineError",
    "ExpressionError",
    "GradientMismatch",
    "GradientTable",
    "JaxFunction",
    "MissingExtraError",
    "MissingRendererError",
    "Op",
    "OutputError",
    "Path",
    "PathTable",
    "Paths",
    "Program",
    "RenderError",
    "ShapeError",
    "StaleGraphError",
    "Step",
    "Steps",
    "TooLargeError",
    "UnknownNameError",
    "Value",
    "ValueTypeError",
    "Walker",
    "WeightedGraph",
    "check_by_hand",
    "check_gradients",
    "compile",
    "condense",
    "constant",
    "count_paths",
    "define_op",
    "detach",
    "dot",
    "edges",
    "explain",
    "grad",
    "gradients",
    "hessian",
    "hvp",
    "ieee",
    "jacobian",
    "log_softmax",
    "logsumexp",
    "mean",
    "no_grad",
    "path_table",
    "paths",
    "recording",
    "softmax",
    "steps",
    "sum",
    "to_jax",
    "to_onnx",
    "to_torch",
    "top_paths",
    "topological_order",
]
__all__ += _arithmetic.__all__
