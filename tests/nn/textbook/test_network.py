"""The object that holds a worked example."""

import pytest

from engine import DomainError, UnknownNameError, Value, logsumexp, mean
from nn.textbook import Network, w131
from nn.textbook.network import named


def example():
    """A small network with an operation of every shape."""
    x, y = Value(0.5, "x"), Value(2.0, "y")
    a = named("a", mean([x, y, x * 3.0]))
    b = named("b", logsumexp([a, 2.0 / y]) + x.maximum(0.0) + x.sigmoid())
    side = named("side", x - 1.0)
    return Network("an example", "ours", b, "x", (side,))


def test_nodes_by_name():
    """Labelled nodes are found, in topological order, also beside the root."""
    net = example()
    assert list(net.nodes) == ["x", "y", "a", "b", "side"]
    assert net["b"] is net.root
    assert net.values("x", "side") == [0.5, -0.5]
    assert repr(net) == "<Network an example: 5 named nodes>"


def test_an_unknown_name_lists_the_known():
    """The message says which network and which names."""
    with pytest.raises(UnknownNameError, match="an example has no node 'z'; known are 'a', 'b'"):
        example()["z"]
    with pytest.raises(UnknownNameError, match="no node 'L'"):
        _ = example().L


def test_gradients_touch_no_node():
    """They are computed beside the nodes; a node that the root does not use has 0."""
    net = example()
    assert net.gradient("b") == 1.0
    assert net.gradient("side") == 0.0
    assert net["x"].grad == 0.0


def test_the_same_example_with_other_numbers():
    """Every operation is applied again; the first network stays as it was."""
    net = example()
    other = net.at({"x": -0.25})
    assert other["a"].data == (-0.25 + 2.0 - 0.75) / 3
    assert other["side"].data == -1.25
    assert net["x"].data == 0.5
    assert other.at({"x": 0.5}).root.data == net.root.data
    assert other.root.op is net.root.op
    assert (other.title, other.source, other.focus) == ("an example", "ours", "x")


def test_only_leaves_can_be_changed():
    """An interior node and a misspelt name are refused."""
    with pytest.raises(UnknownNameError, match="no leaf 'a'; the leaves are 'x', 'y'"):
        example().at({"a": 1.0})
    with pytest.raises(DomainError):
        example().at({"y": 0.0})


@pytest.mark.parametrize("name", ["x", "y"])
def test_differences_agree_with_the_sweep(name):
    """Central differences on the recorded graph know nothing of derivatives."""
    net = example()
    assert net.difference(name) == pytest.approx(net.gradient(name), rel=1e-9)


def test_a_step_of_descent():
    """Update gives w - η g and changes nothing."""
    net = w131()
    assert net.update("w_131", eta=2.0) == -0.3 - 2.0 * net.gradient("w_131")
    assert net["w_131"].data == -0.3


def test_it_shows_itself_in_a_notebook():
    """As text, and beside it as whatever picture a Value shows."""
    net = w131()
    shown = net._repr_mimebundle_()
    assert shown["text/plain"] == str(net)
    assert shown.keys() == net.root._repr_mimebundle_().keys()


def test_it_prints_as_a_table():
    """Each node with its value and gradient."""
    lines = str(w131()).splitlines()
    assert lines[0] == "the gradient of w_131 (S0, Multiple Paths)"
    assert any(line.split() == ["a_13", "2.1", "gradient", "0.001579678382"] for line in lines)
