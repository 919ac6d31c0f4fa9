"""The vector rules, entry by entry against the scalar graph."""

import pytest

from engine import topological_order
from nn.textbook import vector_rules
from nn.textbook.matrices import matrix, vector

EXAMPLES = [
    vector_rules.matrix_product,
    vector_rules.linear_regression,
    vector_rules.relu_regression,
    vector_rules.relu_classifier,
    vector_rules.relu_three_layers,
    vector_rules.hidden_layers,
    vector_rules.batch_classifier,
    lambda: vector_rules.relu_classifier(right=1),
    lambda: vector_rules.batch_classifier(mean=False),
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_rule_agrees_entry_by_entry(example):
    """The rule's matrix has the shape and the numbers of the scalar gradients."""
    net, rules = example()
    assert rules
    for rule in rules:
        assert [len(row) for row in rule.by_rule] == [len(row) for row in rule.by_graph]
        assert [x for row in rule.by_rule for x in row] == pytest.approx(
            [x for row in rule.by_graph for x in row], rel=1e-12, abs=1e-15
        )
        assert str(rule).endswith("agrees")
        assert any(x for row in rule.by_graph for x in row)
    assert net.L is net.root


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_leaf_agrees_with_central_differences(example):
    """So the scalar graph itself is right, for each weight, bias and input."""
    net, _ = example()
    for node in topological_order(net.root):
        if node.is_leaf:
            assert net.difference(node.label) == pytest.approx(
                net.gradient(node.label), rel=1e-7, abs=1e-9
            )


def test_a_wrong_rule_is_seen():
    """Forgetting the mask of a dead neuron shows."""
    net, _ = vector_rules.relu_regression()
    assert vector(net, "h")[2] == 0.0
    wrong = vector_rules.VectorRule("b_1", "E19", [[1.0, 2.0]], [[1.0, 0.0]])
    assert wrong.error == 2.0
    assert str(wrong) == "b_1   E19   is off by 2"


def test_a_product_of_matrices():
    """The nodes A_ij are the entries of B C."""
    net, _ = vector_rules.matrix_product(((1.0, 2.0),), ((3.0,), (4.0,)))
    assert matrix(net, "A") == [[11.0]]
    assert net.L.data == 60.5


def test_hidden_layers_of_the_lecture():
    """S0's numbers for ∂L/∂h_1 and ∂L/∂a_1."""
    _, rules = vector_rules.hidden_layers()
    assert rules[1].by_rule[0] == pytest.approx(
        [0.0, -0.09751632366, 0.01625272061, -0.1462744855], rel=1e-9, abs=1e-16
    )
    assert rules[2].by_rule[0] == pytest.approx(
        [0.0, -0.01547436782, 0.001579678382, -0.01211438955], rel=1e-9, abs=1e-16
    )


def test_the_mean_over_a_batch_divides():
    """Every gradient of the mean is a third of that of the sum."""
    mean, _ = vector_rules.batch_classifier()
    total, _ = vector_rules.batch_classifier(mean=False)
    for name in ("W_111", "b_22", "Z1_32"):
        assert 3 * mean.gradient(name) == pytest.approx(total.gradient(name), rel=1e-13)


def test_a_rule_is_what_it_is():
    """Nothing can be put into it afterwards."""
    _, rules = vector_rules.matrix_product()
    with pytest.raises(AttributeError):
        rules[0].by_rule = rules[0].by_graph


def test_the_numbers_are_those_of_the_module():
    """The forward pass of the two linear layers, worked out by hand; its third neuron is dead."""
    net, _ = vector_rules.linear_regression()
    names = ("h_1", "h_2", "h_3", "f_1", "f_2")
    assert net.values(*names) == pytest.approx([0.5, 1.5, -1.9, -1.2, 3.9], rel=1e-14)


def test_each_layer_has_its_index():
    """a_11 of the first, a_21 of the second; the outputs are a vector of their own."""
    net, _ = vector_rules.relu_three_layers()
    inner = [name for name in net.nodes if name[0] in "ahf"]
    assert sorted(inner) == [
        *("a_11", "a_12", "a_13", "a_21", "a_22", "f_1", "f_2"),
        *("h_11", "h_12", "h_13", "h_21", "h_22"),
    ]
