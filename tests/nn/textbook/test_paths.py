"""S0's networks: every number of the lecture, and the routes that it leaves out."""

import math

import pytest

from engine import ShapeError, UnknownNameError, count_paths, paths
from nn.textbook import w121, w131, w212, w222
from nn.textbook.matrices import matrix_gradient, vector, vector_gradient
from nn.textbook.paths import PRINTED_BIAS, W1, W2

DIGITS = {"rel": 1e-9, "abs": 1e-15}  # the expected numbers below have ten digits
EXACT = {"rel": 1e-12, "abs": 1e-15}


def test_the_forward_pass_without_biases():
    """Pre-activations, activations, outputs and loss."""
    net = w131()
    assert vector(net, "a", 1) == pytest.approx([2.9, 1.4, 2.1, 2.3], **EXACT)
    assert vector(net, "h", 1) == pytest.approx(
        [0.9478464369, 0.8021838886, 0.8909031788, 0.908877039], **DIGITS
    )
    assert vector(net, "a", 2) == pytest.approx([1.657401781, 0.4471924303], **DIGITS)
    assert vector(net, "yhat") == pytest.approx([0.7703359891, 0.2296640109], **DIGITS)
    assert net.L.data == pytest.approx(0.1054911158, **DIGITS)


def test_the_forward_pass_with_the_stated_biases():
    """With b = [0.5 0.3], the first pre-activations are 0.5 more."""
    net = w212(PRINTED_BIAS)
    assert vector(net, "a", 1) == pytest.approx([3.4, 1.9, 2.6, 2.8], **EXACT)
    assert vector(net, "h", 1) == pytest.approx(
        [0.9677045353, 0.8698915256, 0.9308615797, 0.9426758241], **DIGITS
    )
    assert vector(net, "a", 2) == pytest.approx([2.043008134, 0.7657511346], **DIGITS)
    assert vector(net, "yhat") == pytest.approx([0.7819824952, 0.2180175048], **DIGITS)
    assert net.L.data == pytest.approx(0.09506326476, **DIGITS)


@pytest.mark.parametrize(
    ("bias", "by_weight"),
    [
        (
            (0.0, 0.0),
            {
                "w_131": 0.003159356764,
                "w_132": 0.007898391909,
                "w_133": 0.004739035145,
                "w_134": 0.004739035145,
                "w_211": -0.1540508332,
                "w_212": -0.1303767062,
                "w_213": -0.1447960046,
                "w_214": -0.1477172458,
            },
        ),
        (
            PRINTED_BIAS,
            {
                "w_131": 0.00191370198,
                "w_132": 0.00478425495,
                "w_133": 0.00287055297,
                "w_134": 0.00287055297,
                "w_211": -0.1438740698,
                "w_212": -0.1293316601,
                "w_213": -0.1383964206,
                "w_214": -0.1401529107,
            },
        ),
    ],
)
def test_the_gradients(bias, by_weight):
    """The weights of the lecture and their neighbours, also by central differences."""
    net = w131(bias)
    for name, expected in by_weight.items():
        assert net.gradient(name) == pytest.approx(expected, **DIGITS)
        assert net.difference(name) == pytest.approx(expected, rel=1e-8)


def test_all_rows_of_the_first_gradient():
    """Neuron 1 learns nothing on this sample; the second row of layer 2 is minus the first."""
    net = w131()
    assert matrix_gradient(net, "w", 1) == [
        pytest.approx([0.0] * 4, abs=1e-16),
        pytest.approx([-0.03094873565, -0.07737183912, -0.04642310347, -0.04642310347], **DIGITS),
        pytest.approx([0.003159356764, 0.007898391909, 0.004739035145, 0.004739035145], **DIGITS),
        pytest.approx([-0.0242287791, -0.06057194775, -0.03634316865, -0.03634316865], **DIGITS),
    ]
    first, second = matrix_gradient(net, "w", 2)
    assert second == pytest.approx([-g for g in first], **EXACT)


def test_local_derivatives():
    """The factors of the lecture's table, and those it omits."""
    net = w131()
    assert vector_gradient(net, "yhat") == pytest.approx([-0.4593280218, 0.4593280218], **DIGITS)
    assert vector_gradient(net, "a", 2) == pytest.approx([-0.1625272061, 0.1625272061], **DIGITS)
    route = next(iter(paths(net.L, net["w_131"])))
    assert route.nodes[0] is net["w_131"]
    for h, expected in ((net["h_13"].data, 0.0971947048), (net["yhat_1"].data, 0.176918453)):
        assert h * (1.0 - h) == pytest.approx(expected, **DIGITS)


@pytest.mark.parametrize(
    ("bias", "expected"),
    [
        (
            (0.0, 0.0),
            {
                ("a_21", "yhat_1"): -0.003159356764,
                ("a_22", "yhat_1"): 0.004739035145,
                ("a_21", "yhat_2"): -0.003159356764,
                ("a_22", "yhat_2"): 0.004739035145,
            },
        ),
        (
            PRINTED_BIAS,
            {
                ("a_21", "yhat_1"): -0.00191370198,
                ("a_22", "yhat_1"): 0.00287055297,
                ("a_21", "yhat_2"): -0.00191370198,
                ("a_22", "yhat_2"): 0.00287055297,
            },
        ),
    ],
)
def test_four_routes(bias, expected):
    """Between named nodes there are four routes, with these contributions; they add up."""
    net = w131(bias)
    routes = list(paths(net.L, net["w_131"]))
    found = {tuple(node.label for node in r.nodes[3:5]): r.contribution for r in routes}
    assert found == pytest.approx(expected, **DIGITS)
    assert sum(found.values()) == pytest.approx(net.gradient("w_131"), **EXACT)


def test_six_raw_paths():
    """With softmax written as exponentials, sum and division, there are six."""
    net = w131()
    found = sorted(path.contribution for path in paths(net.L, net["w_131"], by="nodes"))
    assert found == pytest.approx(
        sorted(
            [
                -0.01375642945,
                0.01059707269,
                -0.003159356764,
                0.006151906717,
                -0.001412871571,
                0.004739035145,
            ]
        ),
        **DIGITS,
    )
    assert sum(found) == pytest.approx(net.gradient("w_131"), **EXACT)


def test_two_equal_routes_of_w212():
    """The kept route and the omitted one are equal, so the lecture has exactly half."""
    net = w212()
    found = [route.contribution for route in paths(net.L, net["w_212"])]
    assert found == pytest.approx([-0.06518835309, -0.06518835309], **DIGITS)
    assert net.update("w_212") == pytest.approx(0.9303767062, **DIGITS)
    assert net.focus == "w_212"


def test_routes_cancel_for_the_first_neuron():
    """w_211 = w_221, so the routes of h_11 through a_21 and a_22 cancel."""
    net = w131()
    assert abs(net.gradient("h_11")) < 1e-16
    found = [route.contribution for route in paths(net.L, net["h_11"])]
    assert max(found) > 0.01
    assert sum(found) == pytest.approx(0.0, abs=1e-16)


def test_shared_biases():
    """The softmax does not change when all its inputs shift, so b_2 has no gradient."""
    net = w131()
    assert net.gradient("b_1") == pytest.approx(-0.02600907899, **DIGITS)
    assert net.gradient("b_2") == pytest.approx(0.0, abs=1e-16)
    shifted = w131(bias=(0.0, 7.0))
    assert vector(shifted, "yhat") == pytest.approx(vector(net, "yhat"), **EXACT)


def test_biases_of_their_own():
    """A list gives each neuron its bias; the shared one's gradient is the sum of theirs."""
    shared, net = w131(), w131(bias=((0.0,) * 4, (0.0, 0.0)))
    assert net.L.data == shared.L.data
    assert sum(vector_gradient(net, "b", 1)) == pytest.approx(shared.gradient("b_1"), **EXACT)
    with pytest.raises(ShapeError, match="layer 2 has 2 neurons, but 3 biases"):
        w131(bias=(0.0, (0.0, 0.0, 0.0)))


@pytest.mark.parametrize(
    ("bias", "loss", "slopes"),
    [
        ((0.0, 0.0), 0.2609285099, (0.004464425149, -0.1842327693)),
        (PRINTED_BIAS, 0.2459229233, (0.002806247159, -0.1896515798)),
    ],
)
def test_cross_entropy_instead(bias, loss, slopes):
    """The same network with -log yhat_1: one output counts, so two routes for w_131."""
    net = w131(bias, loss="cross_entropy")
    assert net.L.data == pytest.approx(loss, **DIGITS)
    assert (net.gradient("w_131"), net.gradient("w_212")) == pytest.approx(slopes, **DIGITS)
    assert count_paths(net.L, net["w_131"]) == 2
    if not any(bias):
        found = sorted(route.contribution for route in paths(net.L, net["w_131"]))
        assert found == pytest.approx([-0.008928850298, 0.01339327545], **DIGITS)


def test_the_loss_after_a_step():
    """The true gradient lowers the loss more than the printed one."""
    net = w131()
    for weight, loss in (
        (net.update("w_131"), 0.105481110009),
        (-0.3015796784, 0.105486118989),
        (-0.301595, 0.105486070464),
    ):
        assert net.at({"w_131": weight}).L.data == pytest.approx(loss, rel=1e-11)
    for weight, loss in (
        (net.update("w_212"), 0.0896215012245),
        (0.865, 0.0973017151862),
        (0.8651883530900868, 0.0972787996131),
    ):
        assert net.at({"w_212": weight}).L.data == pytest.approx(loss, rel=1e-11)


def test_an_unknown_loss():
    """The known ones are listed."""
    with pytest.raises(UnknownNameError, match="'cross_entropy', 'squared_error'"):
        w131(loss="absolute")


def test_rounded_values_give_the_printed_numbers():
    """With two digits for each value, the lecture's arithmetic is right, cross routes apart."""
    yhat, h_13 = round(w131()["yhat_1"].data, 2), round(w131()["h_13"].data, 2)
    share, slope = yhat * (1 - yhat), h_13 * (1 - h_13)
    assert (share, slope) == pytest.approx((0.1771, 0.0979), rel=1e-12)
    one, two = (sign * 0.46 * share * w * slope * 2 for sign, w in ((-1, 0.2), (1, 0.3)))
    assert (one, two) == pytest.approx((-0.00319020856, 0.00478531284), rel=1e-9)
    assert one + two == pytest.approx(0.00159510428, rel=1e-9)


def test_three_paths_from_w121():
    """One through each neuron of layer 2; they add up to the gradient."""
    net = w121()
    found = list(paths(net.L, net["w_121"]))
    assert [route.nodes[3].label for route in found] == ["a_21", "a_22", "a_23"]
    assert sum(r.contribution for r in found) == pytest.approx(net.gradient("w_121"), **EXACT)
    assert net.difference("w_121") == pytest.approx(net.gradient("w_121"), rel=1e-8)


def test_the_forward_pass_of_the_deep_network():
    """Two inputs, two neurons, three neurons, one output; the target is 1."""

    def layer(rows, x, b):
        sums = [sum(w * x_j for w, x_j in zip(row, x, strict=True)) + b for row in rows]
        return [1.0 / (1.0 + math.exp(-a)) for a in sums]

    h1 = layer([[0.5, -0.3], [0.8, 0.4]], [1.0, -0.5], 0.1)
    h2 = layer([[0.3, 0.6], [-0.2, 0.9], [0.7, -0.4]], h1, -0.2)
    (yhat,) = layer([[0.9, -0.6, 0.5]], h2, 0.3)
    expected = [*h1, *h2, yhat, (1.0 - yhat) ** 2]
    names = ("h_11", "h_12", "h_21", "h_22", "h_23", "yhat", "L")
    for net in (w121(), w222()):
        assert net.values(*names) == pytest.approx(expected, rel=1e-13)


def test_one_path_from_w222():
    """Its nodes are those of the lecture's four-line expansion."""
    net = w222()
    (path,) = paths(net.L, net["w_222"])
    assert [n.label for n in path.nodes] == ["w_222", "a_22", "h_22", "a_31", "yhat", "L"]
    assert path.contribution == pytest.approx(net.gradient("w_222"), **EXACT)
    assert (net.focus, net["w_222"].data) == ("w_222", 0.9)


def test_the_matrices_of_the_lecture():
    """The weights are nodes under their own names."""
    net = w131()
    assert [net[f"w_1{i}{j}"].data for i in range(1, 5) for j in range(1, 5)] == [
        w for row in W1 for w in row
    ]
    assert net["w_223"].data == W2[1][2] == 0.3
