"""What type checkers see of the public interface; checked by mypy, never run."""

from typing import assert_type

import engine
from engine import Value

x = Value(2.0, "x")
assert_type(x.data, float)
assert_type(x.grad, float)
assert_type(x + 1, Value)
assert_type(x * x, Value)
assert_type(x.tanh(), Value)
assert_type(engine.exp(x), Value)
assert_type(engine.exp(1.0), float)
assert_type(engine.maximum(x, 0.0), Value)
assert_type(engine.maximum(1.0, 2.0), float)
assert_type(x > 1.0, bool)
assert_type(engine.grad(x, [x]), list[float])
assert_type(engine.grad(x, [x], create_graph=True), list[Value])
assert_type(engine.topological_order(x), list[Value])
