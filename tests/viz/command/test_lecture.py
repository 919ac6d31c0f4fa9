"""`viz.command.lecture`: the lecture's two gradients, told in a terminal."""

import pytest

from nn.textbook import w131, w212
from viz.command.lecture import footnote, omitted, report, updated


def test_w131_with_the_printed_biases():
    """All that the main job promises is in the text, computed, beside what is printed."""
    text = report(w131())
    for part in (
        "biases b₁ = 0, b₂ = 0\n",
        "a₁₃ = 2.1",
        "ŷ₁ = 0.7703359891",
        "L = 0.1054911158",
        "∂L/∂w₁₃₁ = 0.003159356764    (central differences: 0.0031593568)",
        "sum over 4 paths",
        "print 0.001595",
        "a₂₁ → ŷ₁ and a₂₂ → ŷ₂: 0.001579678382",
        "a₂₂ → ŷ₁ and a₂₁ → ŷ₂: 0.001579678382",
        "= −0.3031593568    (printed: −0.301595)",
        "0.105491115823 before",
        "0.105481110009 after",
        "0.105486070464 after the step as printed",
    ):
        assert part in " ".join(text.split()) or part in text, part


def test_w131_with_the_stated_biases():
    """With b = (0.5, 0.3) the text says that the printed figure belongs to other biases."""
    text = report(w131(bias=(0.5, 0.3)))
    assert "∂L/∂w₁₃₁ = 0.00191370198 " in text
    assert "for biases of 0; here they are not" in text
    assert "for biases of 0; here they are not" in report(w131(bias=(0.5, 0.0)))
    assert "rounding" not in text


def test_w212():
    """The other weight has two routes, of which the notes follow one."""
    text = report(w212())
    assert "∂L/∂w₂₁₂ = −0.1303767062 " in text
    assert "there is also a₂₁ → ŷ₂: −0.06518835309" in " ".join(text.split())
    assert "− 1 · (−0.1303767062) = 0.9303767062    (printed: 0.865)" in text


@pytest.mark.parametrize(("net", "left_out"), [(w131(), 2), (w212(), 1)])
def test_routes_left_out(net, left_out):
    """What the printed figure leaves out is half of the gradient (erratum E1, E2)."""
    routes = omitted(net)
    assert len(routes) == left_out
    half = sum(route.contribution for route in routes)
    assert half == pytest.approx(net.gradient(net.focus) / 2, rel=1e-12)


def test_lines_fit_a_terminal():
    """No line is wider than a terminal of 100 columns."""
    assert max(map(len, report(w131((0.5, 0.3))).splitlines())) <= 100
    assert "printed −0.065 leaves out" in footnote(w212())


def test_updates_train_the_network():
    """Each update is a step of gradient descent in all weights: the loss falls."""
    net = w131()
    first, second = updated(net, 2, eta=0.5)
    for name, node in net.nodes.items():
        if node.is_leaf:
            step = 0.5 * net.gradient(name) if name[0] in "wb" else 0.0
            assert first[name].data == node.data - step
    assert net.L.data > first.L.data > second.L.data
    assert updated(net, 0) == []
