"""The errata of the lecture notes that have a number, each settled by computing it.

Only the printed figures are typed in. What the printed formula gives, what the engine gives and
what central differences give are computed when `errata` is called. A row without a figure in the
document has None there; a quantity that is no derivative has no central difference.

>>> rows = errata()
>>> print(rows[0])
E1 ∂L/∂w_131: printed 0.001595, engine 0.003159356764, differences 0.003159356764 -> wrong
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import engine
from engine.calculus.check import central_difference
from engine.core.value import Value
from nn.textbook.calculus import exp_of_exp_of_square, quotient
from nn.textbook.graphs import relu_layer, sigmoid_of_dot, softplus, tensor_derivative
from nn.textbook.matrices import vector, vector_leaves
from nn.textbook.network import Network, named
from nn.textbook.paths import PRINTED_BIAS, w131, w212
from nn.textbook.recurrent import printed_mask, recurrent_weight
from nn.textbook.softmax import own_route, softmax_jacobian
from nn.textbook.vector_rules import batch_classifier

TOLERANCE = 1e-7
"""Two computed numbers that are closer than this, relative to max(1, size), are the same."""


@dataclass(frozen=True)
class Erratum:
    """One number that a document prints, or that its printed formula gives, and the true one.

    Attributes:
        number: Which erratum it belongs to, such as ``"E1"``.
        where: The document and the place.
        quantity: What the number is.
        printed: The figure or the formula as printed.
        figure: The printed figure; None if the document prints only a formula.
        by_formula: What the printed formula gives; None if it gives nothing that is a number.
        engine: What the engine gives.
        differences: What central differences give; None for what is no derivative.
        why: What went wrong.
    """

    number: str
    where: str
    quantity: str
    printed: str
    figure: float | None
    by_formula: float | None
    engine: float
    differences: float | None
    why: str

    @property
    def verdict(self) -> str:
        """``"wrong"``, ``"wrong formula"`` (beside a right figure) or ``"right"``, by the numbers.

        A figure is worked out with rounded numbers, so beside a wrong formula it counts as right
        if it is nearer to the truth than to the formula, and alone if it is within 1 % of it.
        """
        formula_wrong = self.by_formula is not None and not _close(self.by_formula, self.engine)
        if self.figure is None:
            return "wrong" if formula_wrong else "right"
        off = abs(self.figure - self.engine)
        allowed = 0.01 * abs(self.engine)
        if formula_wrong:
            assert self.by_formula is not None
            allowed = abs(self.figure - self.by_formula)
        if off > allowed:
            return "wrong"
        return "wrong formula" if formula_wrong else "right"

    @property
    def confirmed(self) -> bool:
        """True if central differences give what the engine gives, where they apply."""
        return self.differences is None or _close(self.differences, self.engine)

    def __str__(self) -> str:
        if self.figure is not None:
            printed = f"{self.figure:.10g}"
        elif self.by_formula is not None:
            printed = f"{self.printed} = {self.by_formula:.10g}"
        else:
            printed = self.printed
        checked = "" if self.differences is None else f", differences {self.differences:.10g}"
        return (
            f"{self.number} {self.quantity}: printed {printed}, "
            f"engine {self.engine:.10g}{checked} -> {self.verdict}"
        )


def _close(a: float, b: float) -> bool:
    return abs(a - b) <= TOLERANCE * max(1.0, abs(b))


def errata() -> list[Erratum]:
    """Compute every erratum that has a number.

    Returns:
        The rows, in the order of their numbers.

    Example:
        >>> all(row.confirmed and row.verdict != "right" for row in errata())
        True
    """
    return [
        *_missing_routes(),
        *_forward_values(),
        *_update_sign(),
        *_chain_of_exponentials(),
        *_wrong_variable(),
        *_softmax_signs(),
        *_relu_notes(),
        *_softmax_jacobian(),
        *_batch_mean(),
        *_slides(),
    ]


def _missing_routes() -> Iterator[Erratum]:
    net, end = w131(), w212()
    a_21, a_22 = own_route(net, 1), own_route(net, 2)
    w_213, w_223, h_13, x_1 = net.values("w_213", "w_223", "h_13", "x_1")
    two = (a_21 * w_213 + a_22 * w_223) * h_13 * (1.0 - h_13) * x_1
    why = "the routes a_22 -> yhat_1 and a_21 -> yhat_2 are left out: exactly half"
    where = "S0, Multiple Paths, items 4-8"
    yield from _step("E1", where, net, "w_131", ("0.001595", "-0.301595"), two, why)
    one = own_route(end, 1) * end["h_12"].data
    why = "the route a_21 -> yhat_2 is left out: exactly half"
    where = "S0, Partial Derivatives, item 4 and part 3"
    yield from _step("E2", where, end, "w_212", ("-0.065", "0.865"), one, why)


def _step(
    number: str,
    where: str,
    net: Network,
    name: str,
    printed: tuple[str, str],
    by_formula: float,
    why: str,
) -> Iterator[Erratum]:
    """Give the derivative by a weight, and the weight after a step along it."""
    w, (derivative, after) = net[name].data, printed
    for quantity, figure, formula, true, difference in (
        (f"∂L/∂{name}", derivative, by_formula, net.gradient(name), net.difference(name)),
        (f"{name} after η = 1", after, w - by_formula, net.update(name), w - net.difference(name)),
    ):
        yield Erratum(
            number, where, quantity, figure, float(figure), formula, true, difference, why
        )


def _derivative(
    number: str,
    where: str,
    net: Network,
    name: str,
    printed: str,
    by_formula: float,
    why: str,
    quantity: str = "",
) -> Erratum:
    """Give a derivative for which the document prints a formula and no figure."""
    quantity = quantity or f"∂L/∂{name}"
    true, difference = net.gradient(name), net.difference(name)
    return Erratum(number, where, quantity, printed, None, by_formula, true, difference, why)


def _forward_values() -> Iterator[Erratum]:
    stated, net = w212(PRINTED_BIAS), w212()
    where = "S0, Partial Derivatives, part 1 item 2a and part 3 item 2a"
    why = "b = [0.5 0.3] is stated, but the values are those of b = [0 0]"
    names = ("a_11", "a_12", "a_13", "a_14", "a_21", "a_22", "yhat_1", "yhat_2")
    figures = ("2.9", "1.4", "2.1", "2.3", "1.66", "0.45", "0.77", "0.23")
    for name, figure in zip(names, figures, strict=True):
        quantity, by_formula = f"{name} with b = [0.5 0.3]", net[name].data
        true = stated[name].data
        yield Erratum("E3", where, quantity, figure, float(figure), by_formula, true, None, why)
    where, printed = "S0, Partial Derivatives, part 3 item 2e", "(1-0.77)² + (1-0.23)² = 0.1058"
    as_printed = (1.0 - 0.77) ** 2 + (1.0 - 0.23) ** 2
    why = "the second target is 0: (1-0.77)² + (0-0.23)² = 0.1058"
    yield Erratum("E4", where, "L", printed, 0.1058, as_printed, net.L.data, None, why)


def _update_sign() -> Iterator[Erratum]:
    net = w131(bias=(0.0, (0.0, 0.0)))
    names = ("b_21", "b_22")
    slopes = {name: net.difference(name) for name in names}
    down = net.at({name: net.update(name) for name in names}).L.data
    up = net.at({name: net.update(name, eta=-1.0) for name in names}).L.data
    measured = net.at({name: net[name].data - slopes[name] for name in names}).L.data
    where, quantity = "S0, the algorithm, item 3b-vi", "L after one update of b_21 and b_22"
    why = "a step of descent subtracts; adding makes the loss grow"
    yield Erratum("E5", where, quantity, "b_i = b_i + η Δb_i", None, up, down, measured, why)


def _chain_of_exponentials() -> Iterator[Erratum]:
    for x in (1.0, 0.5):
        net = exp_of_exp_of_square(x)
        inner = math.exp(x**2)
        where, printed = "S0, Revisiting Basic Calculus, items 2h-j", "2x e^(x²) e^(x²)"
        by_formula, quantity = 2.0 * x * inner * inner, f"dy/dx at x = {x:g}"
        why = "the chain is e^(e^(x²)), so it is 2x e^(x²) e^(e^(x²))"
        yield _derivative("E7", where, net, "x", printed, by_formula, why, quantity)


def _wrong_variable() -> Iterator[Erratum]:
    net = w212()
    outputs, y = vector_leaves("yhat", vector(net, "yhat")), vector_leaves("y", vector(net, "y"))
    loss = named("L", engine.sum([(a - b) ** 2 for a, b in zip(y, outputs, strict=True)]))
    where, printed = "S0, Partial Derivatives, item 5b", "∂/∂y_1 [(y_1 - yhat_1)² + ...]"
    last = Network("the squared error", where, loss)
    by_formula, true = last.gradient("y_1"), net.gradient("yhat_1")
    difference = last.difference("yhat_1")
    why = "the derivative is by yhat_1; by y_1 it has the other sign"
    yield Erratum("E8", where, "∂L/∂yhat_1", printed, None, by_formula, true, difference, why)


def _softmax_signs() -> Iterator[Erratum]:
    ratio = quotient(3.0)
    g, h = ratio.values("g", "h")
    printed, by_formula = "g' (1/h) (g/h²) h'", 6.0 * (1.0 / h) * (g / h**2) * 1.0
    why, quantity = "a minus sign is lost: g'/h - g h'/h²", "d(g/h)/dx, g = x², h = x, x = 3"
    yield _derivative("E13", "S1, item 4a", ratio, "x", printed, by_formula, why, quantity)
    net = w131(bias=(0.0, (0.0, 0.0)), loss="cross_entropy")
    for i, name in enumerate(("yhat_1", "yhat_2"), start=1):
        right = float(i == 1)
        # A bias enters its pre-activation with the factor 1, so it measures ∂L/∂a.
        quantity, printed = f"∂L/∂a_2{i}, class 1 right", "-(1_(l=i) yhat_i)"
        by_formula = 0.0 - right * _share(net, name)
        true, difference = net.gradient(f"a_2{i}"), net.difference(f"b_2{i}")
        where, why = "S1, items 5-9", "a minus sign is lost: -(1_(l=i) - yhat_i)"
        yield Erratum("E14", where, quantity, printed, None, by_formula, true, difference, why)


def _share(net: Network, name: str) -> float:
    """The cross-entropy does not depend on the second share, so its graph has only the first."""
    first = net["yhat_1"].data
    return first if name == "yhat_1" else 1.0 - first


def scalar_relu(x: float, layers: tuple[tuple[float, float], ...], y: float) -> Network:
    """Build one neuron after another, relu on all but the last, with half the squared error.

    S2's handwritten pages in their scalar form: h_1 = relu(w_1 x + b_1), ..., f = w_n h + b_n.
    """
    h = Value(x, "x")
    for k, (weight, bias) in enumerate(layers, start=1):
        a = Value(weight, f"w_{k}") * h + Value(bias, f"b_{k}")
        h = named("f", a) if k == len(layers) else named(f"h_{k}", engine.relu(a))
    loss = named("L", 0.5 * (Value(y, "y") - h) ** 2)
    return Network("one neuron per layer", "S2, handwritten", loss)


def _relu_notes() -> Iterator[Erratum]:
    net = scalar_relu(2.0, ((1.0, 0.5), (3.0, 1.0)), 2.0)
    f, y, w_2, h_1 = net.values("f", "y", "w_2", "h_1")
    printed, by_formula = "1(h > 0) W_2^T ∂L/∂f", (h_1 > 0) * w_2 * (f - y)
    why = "the rule is that of b_1, as in (30)-(31)"
    yield _derivative("E16", "S2 (19)-(20)", net, "b_2", printed, by_formula, why)
    where, why = "S2, margin note", "it is the derivative of f by b_2 that is 1"
    yield Erratum("E18", where, "f", "f = W2 h + b2 = 1", 1.0, None, f, None, why)
    dead = scalar_relu(2.0, ((-1.0, 0.5), (3.0, 1.0)), 2.0)
    f, y, w_2, x = dead.values("f", "y", "w_2", "x")
    why = "the mask 1(h > 0) is missing; this neuron is dead"
    where = "S2, handwritten, and the lines of NumPy"
    by_formula = (f - y) * w_2
    yield _derivative("E19", where, dead, "w_1", "(f - y) w_2^T x^T", by_formula * x, why)
    yield _derivative("E19", where, dead, "b_1", "(f - y) w_2^T", by_formula, why)
    three = scalar_relu(2.0, ((1.0, 0.5), (2.0, -1.0), (3.0, 1.0)), 2.0)
    f, y, w_3 = three.values("f", "y", "w_3")
    where, why = "S2, handwritten, three layers", "that is ∂L/∂h_2; the factor h_1^T is missing"
    yield _derivative("E20", where, three, "w_2", "∂L/∂f w_3^T", (f - y) * w_3, why)


def _softmax_jacobian() -> Iterator[Erratum]:
    net = w131(bias=(0.0, (0.0, 0.0)), loss="cross_entropy")
    jacobian = softmax_jacobian(net.values("a_21", "a_22"))
    # The printed entries: as they are on the diagonal, with the wrong sign beside it.
    printed = [[abs(entry) for entry in row] for row in jacobian]
    d_yhat = -1.0 / net["yhat_1"].data
    where, printed_rule = "S3, the softmax Jacobian", "A_j A_k for j ≠ k"
    why = "beside the diagonal it is -A_j A_k"
    by_formula, measured = d_yhat * printed[0][1], net.difference("b_22")
    true = net.gradient("a_22")
    yield Erratum("E21", where, "∂L/∂Z_22", printed_rule, None, by_formula, true, measured, why)
    by_formula, true = sum(row[0] for row in printed), sum(row[0] for row in jacobian)
    sums = "the shares add up to 1, so every column adds up to 0"
    quantity = "the sum of column 1"
    yield Erratum("E21", where, quantity, printed_rule, None, by_formula, true, None, sums)
    w_213, w_223, h_13, x_1 = net.values("w_213", "w_223", "h_13", "x_1")
    d_h_13 = d_yhat * (printed[0][0] * w_213 + printed[0][1] * w_223)
    by_formula, quantity = d_h_13 * h_13 * (1.0 - h_13) * x_1, "∂L/∂w_131 with cross-entropy"
    yield _derivative("E21", where, net, "w_131", printed_rule, by_formula, why, quantity)
    where, why = "S3, after the Jacobian", "they add up: to sum_j y_j A_k = A_k"
    quantity, printed_rule = "the cross term of ∂L/∂Z_22", "all the cross terms cancel"
    true = d_yhat * jacobian[0][1]
    yield Erratum("E22", where, quantity, printed_rule, 0.0, None, true, measured, why)


def _batch_mean() -> Iterator[Erratum]:
    net, _ = batch_classifier()
    of_sum, _ = batch_classifier(mean=False)
    where, quantity = "S3, the final rules", "∂L/∂W2_11, L the mean over 3 samples"
    by_formula, why = of_sum.gradient("W_211"), "the factor 1/N of the mean is missing"
    yield _derivative("E24", where, net, "W_211", "A1^T (A2 - y)", by_formula, why, quantity)


def _slides() -> Iterator[Erratum]:
    net = softplus(1.0)
    by_formula, why, quantity = math.e * net.gradient("x"), "it is exp(x) dy/db", "dy/dx at x = 1"
    yield _derivative("E26", "S4, slide 8", net, "x", "exp(x) dy/dx", by_formula, why, quantity)
    logistic = sigmoid_of_dot()
    share = math.exp(-logistic["e"].data) / (1.0 + math.exp(-logistic["e"].data)) ** 2
    where, printed = "S4, slide 10", "-exp(-w'x) / (1 + exp(-w'x))² x"
    why = "the minus of dy/da and that of c = -e cancel"
    for j in (1, 2):
        name, by_formula = f"w_{j}", -share * logistic[f"x_{j}"].data
        quantity = f"∂y/∂{name}"
        yield _derivative("E26c", where, logistic, name, printed, by_formula, why, quantity)
    recurrent = recurrent_weight()
    where, printed = "S4, figure after slide 11", "mask 1(r_t >= 0)"
    why = "the mask is 1(W_rec r_t > 0)"
    for name, by_formula in zip(("w_11", "w_12"), printed_mask(recurrent)[0], strict=False):
        quantity = f"∂L/∂{name} of W_rec"
        yield _derivative("E27", where, recurrent, name, printed, by_formula, why, quantity)
    layer = relu_layer()
    w_row, x = layer.values("w_11", "w_12", "w_13"), layer.values("x_1", "x_2", "x_3")
    first_two = sum(w * x_j for w, x_j in zip(w_row[:2], x[:2], strict=True))
    where, printed = "S4, slide 15", "sum for j = 1 to h of w_1j x_j"
    why = "the sum runs over the m inputs, not the h outputs"
    c_1 = layer["c_1"].data
    yield Erratum("E28", where, "c_1", printed, None, first_two, c_1, None, why)
    slope = central_difference(lambda w: layer.at({"w_13": w})["c_1"].data, w_row[2])
    true = tensor_derivative()[0][0][2]
    yield Erratum("E28", where, "∂c_1/∂w_13", printed, None, 0.0, true, slope, why)
