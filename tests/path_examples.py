"""Graphs whose paths are known: the lecture notes' network, ladders; brute force to compare."""

import math

import engine
from engine import Value, WeightedGraph, sigmoid, softmax

X = (2, 5, 3, 3)
W1 = ((0.1, 0.3, 0.8, -0.4), (-0.3, -0.2, 0.5, 0.5), (-0.3, 0, 0.5, 0.4), (0.2, 0.5, -0.9, 0.7))
W2 = ((0.5, 0.8, 0.2, 0.4), (0.5, 0.2, 0.3, -0.5))


def lecture(written_out=False):
    """Build the network of S0 (b = 0); ``written_out`` has softmax as exp, sum and division."""
    net = {}

    def name(node, label):
        node.label = label
        net[label] = node
        return node

    x = [name(Value(v), f"x_{j}") for j, v in enumerate(X, 1)]
    w1 = [[name(Value(v), f"w_1{i}{j}") for j, v in enumerate(r, 1)] for i, r in enumerate(W1, 1)]
    w2 = [[name(Value(v), f"w_2{i}{j}") for j, v in enumerate(r, 1)] for i, r in enumerate(W2, 1)]
    a1 = [name(engine.dot(row, x), f"a_1{i}") for i, row in enumerate(w1, 1)]
    h1 = [name(sigmoid(a), f"h_1{i}") for i, a in enumerate(a1, 1)]
    a2 = [name(engine.dot(row, h1), f"a_2{i}") for i, row in enumerate(w2, 1)]
    if written_out:
        powers = [a.exp() for a in a2]
        total = powers[0] + powers[1]
        shares = [p / total for p in powers]
    else:
        shares = softmax(a2)
    yhat = [name(s, f"yhat_{i}") for i, s in enumerate(shares, 1)]
    name(engine.sum([(t - s) ** 2 for t, s in zip((1, 0), yhat, strict=True)]), "L")
    return net


def ladder(rungs, up=1.0, down=1.0):
    """Build a chain of diamonds: every rung doubles the number of paths from x to y."""
    x = y = Value(1.0, "x")
    for _ in range(rungs):
        y = y * up + y * down
    return x, y


def every_path(graph: WeightedGraph, x):
    """List (places, contribution) of all paths by the plainest recursion, to compare with."""
    start = graph.index.get(x)

    def back(place):
        if place == start:
            return [((place,), ())]
        rows = zip(graph.sources[place], graph.weights[place], strict=True)
        return [
            ((*route, place), (*factors, weight))
            for source, weight in rows
            for route, factors in back(source)
        ]

    return [(route, math.prod(factors)) for route, factors in back(len(graph) - 1)]
