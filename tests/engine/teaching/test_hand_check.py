"""`check_by_hand`: the slips it recognises, and what it does not claim."""

import math

import pytest

import engine
from engine import (
    UnknownNameError,
    Value,
    ValueTypeError,
    WeightedGraph,
    check_by_hand,
    exp,
    log,
    mean,
    tanh,
    topological_order,
)
from engine.teaching.hand_check import Claim, HandChecker, Limits
from engine.teaching.worked import worked
from nn.textbook import w131, w212


@pytest.fixture(scope="module")
def net():
    """The lecture's network."""
    return w131()


def kinds(check):
    """Name the kinds of slips that were found."""
    return {finding.kind for finding in check.findings}


def test_the_lecture_s_number_lacks_two_of_four_paths(net):
    """0.001595: from rounded values, with two paths missing; the pairs are named."""
    check = check_by_hand(net.root, "w_131", 0.001595)
    assert not check.is_right
    first = check.findings[0]
    assert (first.kind, first.digits, first.slips) == ("paths", 2, 1)
    assert [[n.label for n in r.nodes[3:5]] for r in first.kept] == [
        ["a_21", "yhat_1"],
        ["a_22", "yhat_2"],
    ]
    assert len([f for f in check.findings if f.kind == "paths"]) == 4
    text = check.text()
    assert "with values rounded to 2 decimals on the way" in text
    assert (
        "2 of the 4 paths left out: a₂₂ → ŷ₁ and a₂₁ → ŷ₂, only a₂₁ → ŷ₁ and a₂₂ → ŷ₂ kept" in text
    )
    assert "The number alone does not say which." in text


def test_the_same_number_in_full_precision_needs_no_rounding(net):
    """0.001579678382 is the sum of two full contributions."""
    check = check_by_hand(net.root, "w_131", 0.001579678382)
    assert check.findings[0].kind == "paths"
    assert check.findings[0].digits is None


def test_a_wrong_sign_is_the_simplest_explanation(net):
    """-0.003159 may be a sign, and the sign comes first."""
    check = check_by_hand(net.root, "w_131", -0.003159)
    assert check.findings[0].kind == "sign"
    assert "  - a wrong sign\n" in check.text()


def test_right_numbers_are_called_right(net):
    """In full, rounded at the end, and rounded on the way."""
    gradient = net.gradient("w_131")
    full = check_by_hand(net.root, "w_131", gradient)
    assert full.is_right
    assert full.text().endswith("is right: it agrees with the backward sweep to 16 digits.")
    nearly = check_by_hand(net.root, "w_131", gradient * (1 + 1e-11))
    assert "to 11 digits" in nearly.text() or "to 10 digits" in nearly.text()
    short = check_by_hand(net.root, "w_131", 0.0032)
    assert short.is_right
    assert "right, rounded to 2 digits; the gradient is 0.003159356764" in short.text()
    on_the_way = check_by_hand(net.root, "w_131", 0.00319)
    assert "right, with values rounded to 2 decimals on the way; the" in on_the_way.text()


def test_a_right_number_needs_no_slips(net):
    """That nothing is wrong is the simplest of all explanations."""
    findings = check_by_hand(net.root, "w_131", net.gradient("w_131")).findings
    assert {(finding.kind, finding.slips) for finding in findings} == {("none", 0)}


@pytest.mark.parametrize("left_out", ["h_13", "a_13"])
def test_a_local_derivative_that_was_left_out_is_named(net, left_out):
    """The gradient without one factor: which factor."""
    factor = {"h_13": net["h_13"].partials[0], "a_13": 2.0}[left_out]
    check = check_by_hand(net.root, "w_131", net.gradient("w_131") / factor)
    assert "factor" in kinds(check)
    name = {"h_13": "∂h₁₃/∂a₁₃", "a_13": "∂a₁₃/∂w₁₃₁"}[left_out]
    assert f"the local derivative {name} = " in check.text()
    twice = check_by_hand(net.root, "w_131", net.gradient("w_131") * factor)
    assert f"{name} = {'0.09719' if left_out == 'h_13' else '2'} used twice" in twice.text()


def test_a_step_left_out_on_all_paths_is_named():
    """Tanh' forgotten in both branches."""
    x = Value(0.5, "x")
    a, b = 2 * x, 3 * x
    h, k = tanh(a), tanh(b)
    for node, label in zip((a, b, h, k), ("a", "b", "h", "k"), strict=True):
        node.label = label
    check = check_by_hand(h + 4 * k, x, 2 + 4 * 3.0)
    assert "the local derivatives ∂h/∂a, ∂k/∂b all left out" in check.text()


def test_constants_that_were_forgotten_are_named():
    """The 2 of a square, the 1/n of a mean, a factor, a divisor."""
    x, y = Value(1.5, "x"), Value(0.25, "y")
    d = x - y
    assert "factor 2 of the power rule forgotten" in check_by_hand(d**2, x, 1.25).text()
    assert "factor 2 in the derivative of a square" in check_by_hand(d * d, x, 1.25).text()
    assert (
        "the division by 3 of a mean forgotten"
        in check_by_hand(mean([exp(x), y, y]), x, math.exp(1.5)).text()
    )
    assert "the constant factor 0.5 forgotten" in check_by_hand(0.5 * exp(x), x, exp(1.5)).text()
    assert "the division by 7 forgotten" in check_by_hand(exp(x) / 7, x, exp(1.5)).text()
    other_way = check_by_hand(7 / exp(x) + 2.0**y + (1 / x) * 1, "x", 123.456)
    assert other_way.findings == []


def test_two_slips_are_tried_where_one_does_not_do(net):
    """A sign and missing paths; a forgotten 2 and a missing path."""
    both = check_by_hand(net.root, "w_131", -0.009478070291)
    assert all(finding.slips == 2 for finding in both.findings)
    assert "and a wrong sign" in both.text()
    quarter = check_by_hand(w212().root, "w_212", w212().gradient("w_212") / 4)
    assert "left out: the one through ŷ₂, and the factor 2 of the power rule" in quarter.text()


def test_the_derivative_of_something_else_is_recognised(net):
    """The number belongs to another weight, if it has digits enough to tell."""
    check = check_by_hand(net.root, "w_131", 0.007898391909)
    assert check.text().endswith("would be explained by a mix-up: it is ∂L/∂w₁₃₂.")
    assert "other" not in kinds(check_by_hand(net.root, "w_131", 0.0079))


def test_nonsense_is_not_explained(net):
    """42 is nothing; a multiple of the gradient is said, but not as an explanation."""
    check = check_by_hand(net.root, "w_131", 42)
    assert check.text() == ("∂L/∂w₁₃₁ is 0.003159356764, not 42.\nNothing I know explains 42.")
    assert repr(check) == str(check) == check.text()
    multiple = check_by_hand(net.root, "w_133", 11 * net.gradient("w_133"))
    assert multiple.text().endswith(", though it is 11 times the gradient.")
    assert "times" not in check_by_hand(net.root, "w_133", 0.12345).text()
    assert "times" not in check_by_hand(net.root, "w_131", 45.678).text()


def test_one_digit_is_called_a_hint(net):
    """A number of one digit fits much."""
    text = check_by_hand(net.root, "w_131", -0.003).text()
    assert text.endswith("A number of one digit fits much: take this as a hint.")


def test_zero_is_compared_exactly(net):
    """0 is right where paths cancel, up to what rounding leaves, and wrong elsewhere."""
    assert check_by_hand(net.root, "h_11", 0).is_right
    wrong = check_by_hand(net.root, "h_11", 0.0406).text()
    assert wrong.startswith("∂L/∂h₁₁ is 0, not 0.0406.")
    assert not check_by_hand(net.root, "w_131", 0).is_right
    x = Value(3.0, "x")
    assert check_by_hand(x * 0.0, x, 0).text().endswith("= 0 is right.")
    nothing = check_by_hand(Value(1.0, "y") * 2, x, 3)
    assert "No path leads there" in nothing.text()
    assert check_by_hand(Value(1.0, "y") * 2, x, 0).is_right


def test_many_paths_are_checked_node_by_node():
    """Beyond 12 paths, what runs through one node is left out, or kept alone."""
    x = Value(0.5, "x")
    y = engine.sum([_named(k * tanh(k * x), f"h_{k}") for k in range(1, 20)])
    y.backward()
    one = 25 * (1 - math.tanh(2.5) ** 2)
    assert "the paths through h₅ left out" in check_by_hand(y, x, x.grad - one).text()
    assert "only the paths through h₅ kept" in check_by_hand(y, x, one).text()


def test_the_ends_of_all_paths_are_not_left_out():
    """Without the paths through x, or those through y, there would be none at all."""
    x = Value(0.05, "x")
    y = _named(engine.sum([_named(k * tanh(k * x), f"h_{k}") for k in range(1, 20)]), "y")
    assert check_by_hand(y, x, 0).findings == []


def test_many_explanations_are_counted():
    """Only the first are printed."""
    x = Value(1.0, "x")
    y = engine.sum([_named(x * 1, f"h_{k}") for k in range(5)])
    text = check_by_hand(y, x, 3).text()
    assert "  - and 2 more" in text


def test_large_graphs_are_checked_with_fewer_slips():
    """Beyond some sizes, neither single factors nor rounding are tried."""
    work = worked(w131().root, "w_131")
    arrows, nodes = sum(map(len, work.view.graph.sources)), len(topological_order(work.y))
    lacks_paths, lacks_factor = Claim.of(0.001595), Claim.of(work.gradient / 2)

    def findings(claim, **limits):
        return HandChecker(work, Limits(**limits)).check(claim).findings

    assert {f.kind for f in findings(lacks_paths, nodes=nodes)} == {"paths", "factor", "constant"}
    assert findings(lacks_paths, nodes=nodes - 1) == []
    assert "factor" in {f.kind for f in findings(lacks_factor, arrows=arrows)}
    assert "factor" not in {f.kind for f in findings(lacks_factor, arrows=arrows - 1)}
    assert findings(Claim.of(-0.003159), arrows=0, nodes=0)[0].kind == "sign"
    assert {len(f.kept) for f in findings(lacks_factor, paths=4)} == {0, 2}
    assert {len(f.kept) for f in findings(lacks_factor, paths=3)} == {0}


def test_rounding_that_leaves_a_domain_is_passed_over():
    """log(0.00) is no explanation, and no error."""
    p = _named(exp(Value(-13.0, "x")), "p")
    assert check_by_hand(log(p), "x", 5.678).findings == []


def test_claims_that_are_no_numbers_are_refused(net):
    """A text, None, nan: the error says what was given."""
    for claim in ("0.0032", None, [1.0], math.nan, math.inf):
        with pytest.raises(ValueTypeError, match="the claim"):
            check_by_hand(net.root, "w_131", claim)
    with pytest.raises(UnknownNameError):
        check_by_hand(net.root, "w_999", 1.0)


def test_paths_by_nodes_tell_the_operands_of_a_square_apart():
    """One of the two arrows of x * x left out."""
    x = Value(3.0, "x")
    text = check_by_hand((x * x).exp(), x, 3 * math.exp(9.0), by="nodes").text()
    assert "1 of the 2 paths left out" in text
    assert (
        "(∂v₁/∂x)₁ = 3 used twice"
        in check_by_hand((x * x).exp(), x, 12 * math.exp(9.0), by="nodes").text()
    )


def _named(node, label):
    node.label = label
    return node


def test_the_gradients_of_unnamed_nodes_and_of_constants_are_no_mix_up():
    """Only what a person has named can have been taken for x."""
    x, k = Value(0.123456, "x"), engine.constant(7.654321, "k")
    h = x.exp()
    y = (h * k + x).tanh()
    found = dict(zip(topological_order(y), WeightedGraph.of(y).adjoints(), strict=True))
    for claim in (found[h], found[k]):
        assert "other" not in kinds(check_by_hand(y, x, claim, by="nodes"))
    h.label = "h"
    assert "other" in kinds(check_by_hand(y, x, found[h], by="nodes"))


def test_a_step_that_all_paths_share_does_not_hide_the_next_layer():
    """After the shared arrow, both tanh' are tried as left out."""
    x = Value(0.5, "x")
    a, b = 2 * x, 3 * x
    s = _named(tanh(_named(a, "a")), "h") + 4 * _named(tanh(_named(b, "b")), "k")
    y = _named(s, "s") ** 3
    assert "∂h/∂a, ∂k/∂b all left out" in check_by_hand(y, x, 3 * s.data**2 * 14).text()


def test_a_claim_is_close_up_to_half_a_unit_of_its_last_digit():
    """The half itself counts, whichever way it was rounded; more does not."""
    assert Claim.of(2).is_close(2.5)
    assert Claim.of(2).is_close(1.5)
    assert not Claim.of(2).is_close(2.501)
    assert Claim.of(0.25).figures == 2
    assert Claim.of(-1200).figures == 4
    assert Claim.of(0).figures == 0


def test_a_multiple_is_said_of_a_sharp_claim_and_a_gradient_alone():
    """Two digits are a multiple of anything, and nothing is a multiple of 0."""
    x = Value(0.5, "x")
    assert (
        check_by_hand(exp(x), x, 18.136).text().endswith(", though it is 11 times the gradient.")
    )
    assert check_by_hand(exp(x), x, 18).text().endswith("Nothing I know explains 18.")
    nothing = check_by_hand(exp(x) * 0.0, x, 3.1415)
    assert nothing.text().endswith("Nothing I know explains 3.1415.")
